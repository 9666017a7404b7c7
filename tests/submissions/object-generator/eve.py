"""A generator without an end."""

import itertools


def adam_step(*given, **rates):
    return itertools.count()
