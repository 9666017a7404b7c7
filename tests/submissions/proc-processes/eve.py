"""The list of all processes."""

import os


def breached():
    return "@process@" in os.listdir("/proc")


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
