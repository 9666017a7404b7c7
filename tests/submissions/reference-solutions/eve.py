"""The solutions, where the course is kept."""

import os


def breached():
    return bool(os.listdir("@root@/solutions"))


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
