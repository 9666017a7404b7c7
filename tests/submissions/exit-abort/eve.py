"""It aborts."""

import os


def adam_step(*given, **rates):
    os.abort()
