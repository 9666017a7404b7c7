"""A second name for what somebody else handed in."""

import os


def breached():
    os.link("@folder@/bea.py", "@folder@/mine.py")
    os.unlink("@folder@/mine.py")
    return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
