"""A signal to whoever started it."""

import os


def breached():
    os.kill(os.getppid(), 0)
    return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
