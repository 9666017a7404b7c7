"""A command of the shell."""

import os


def breached():
    return os.system("exit 3") >> 8 == 3


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
