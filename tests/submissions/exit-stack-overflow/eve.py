"""Recursion without a bottom, with Python's guard taken away."""

import sys

sys.setrecursionlimit(10**9)


def adam_step(*given, **rates):
    return adam_step(*given, **rates)
