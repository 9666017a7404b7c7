"""System calls with the bit that says x32."""

import ctypes
import os


def breached():
    return ctypes.CDLL(None).syscall(0x40000000 + 39) == os.getpid()


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
