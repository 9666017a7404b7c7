"""A service of this machine, by its abstract name."""

import socket


def breached():
    with socket.socket(socket.AF_UNIX) as unix:
        unix.connect("\0@abstract@")
    return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
