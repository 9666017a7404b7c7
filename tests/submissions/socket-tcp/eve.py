"""A connection over TCP."""

import socket


def breached():
    return socket.create_connection(("127.0.0.1", @port@), timeout=1).fileno() > 0


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
