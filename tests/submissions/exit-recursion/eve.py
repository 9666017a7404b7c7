"""Recursion without a bottom."""

def adam_step(*given, **rates):
    return adam_step(*given, **rates)
