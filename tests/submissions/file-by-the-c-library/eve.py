"""The same, past Python."""

import ctypes


def breached():
    libc = ctypes.CDLL(None)
    return libc.open(b"@folder@/bea.py", 0) >= 0


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
