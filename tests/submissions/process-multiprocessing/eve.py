"""A pool of processes."""

import multiprocessing


def breached():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.map(abs, [-42]) == [42]


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
