"""It sleeps."""

import time


def adam_step(*given, **rates):
    time.sleep(1000)
