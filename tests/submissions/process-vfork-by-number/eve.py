"""A process by the number of the system call."""

import ctypes
import os
import platform
import signal


def breached():
    number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
    child = ctypes.CDLL(None).syscall(number, signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return child > 0 and os.waitpid(child, 0)[0] == child


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
