"""It reads at address 0."""

import ctypes


def adam_step(*given, **rates):
    ctypes.string_at(0)
