"""Memory mapped past Python's own allocator."""

import mmap


def breached():
    return len(mmap.mmap(-1, 3_000_000_000)) > 0


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
