"""A fork bomb's first step."""

import os


def breached():
    child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[0] == child


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
