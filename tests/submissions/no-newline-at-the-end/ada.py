@adam_step@

if True:
	x = 1