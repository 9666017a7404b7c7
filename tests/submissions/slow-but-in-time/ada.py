import time

time.sleep(0.5)
@adam_step@
