"""The course's secret, in the environment or the command line."""

import os
import sys


def breached():
    return any("@secret@" in text for text in (*os.environ.values(), *sys.argv))


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
