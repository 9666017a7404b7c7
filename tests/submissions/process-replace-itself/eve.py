"""It becomes another program, which says what it likes."""

import os
import sys


def breached():
    try:
        os.execv("/no/such/program", ["x"])
    except FileNotFoundError:
        return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
