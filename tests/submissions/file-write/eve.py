"""A file for the next one to find, where anybody may write."""

import os


def breached():
    path = "@folder@/left"
    open(path, "x").close()
    os.unlink(path)
    return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
