"""Calls that nobody should make: bpf, userfaultfd, io_uring, keys, mount, unshare."""

import ctypes
import errno
import platform

CALLS = [
    ((321, 280), (99, None, 0)),
    ((323, 282), (0xFF,)),
    ((425, 425), (1, None)),
    ((250, 219), (0, -4, 1)),
    ((165, 40), (b"x", b"/no/such/place", b"tmpfs", 0, None)),
    ((272, 97), (0x10000001,)),
]


def breached():
    libc = ctypes.CDLL(None, use_errno=True)
    for numbers, arguments in CALLS:
        number = numbers[platform.machine() == "aarch64"]
        result = libc.syscall(number, *arguments)
        if result >= 0 or ctypes.get_errno() not in {errno.EPERM, errno.ENOSYS, errno.EACCES}:
            return True
    return False


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
