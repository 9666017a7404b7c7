@adam_step@
rate = float(input('rate? '))
