"""It removes what somebody else handed in."""

import os


def breached():
    os.rename("@folder@/bea.py", "@folder@/gone.py")
    os.rename("@folder@/gone.py", "@folder@/bea.py")
    return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
