"""Threads from the library."""

from concurrent.futures import ThreadPoolExecutor


def breached():
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(abs, range(-8, 0))) == list(range(8, 0, -1))


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
