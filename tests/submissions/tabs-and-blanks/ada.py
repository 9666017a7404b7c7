@adam_step@

def other():
	x = 1
        return x
