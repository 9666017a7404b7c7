"""Each call takes just less than the limit."""

import time

@right@
def adam_step(*given, **rates):
    time.sleep(0.3)
    return right(*given, **rates)
