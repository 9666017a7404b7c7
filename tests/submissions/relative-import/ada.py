from helpers import sqrt

@adam_step@
