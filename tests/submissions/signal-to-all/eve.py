"""A signal to all that it may reach."""

import os


def breached():
    os.killpg(0, 0)
    return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
