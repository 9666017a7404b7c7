"""A datagram."""

import socket


def breached():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        return udp.sendto(b"x", ("127.0.0.1", @port@)) == 1


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
