"""The names of all who handed something in."""

import os


def breached():
    return "bea.py" in os.listdir("@folder@")


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
