"""Sockets of every family that Python knows; one is enough."""

import socket


def breached():
    for family in socket.AddressFamily:
        for kind in socket.SocketKind:
            try:
                socket.socket(family, kind).close()
            except OSError:
                continue
            return True
    return False


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
