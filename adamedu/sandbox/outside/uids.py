"""Whom a submission runs as: where the grader is root, a user who owns nothing."""

from __future__ import annotations

import itertools
import os
from typing import Final

_FIRST: Final = 60_578
_COUNT: Final = 600  # to 61177: numbers that no system gives to a person or a service
_slots = itertools.count()


def is_ours(owner: int) -> bool:
    """Whether a file's owner is who grades here, or whom submissions run as."""
    if not hasattr(os, "geteuid"):
        return True
    return owner == os.geteuid() or (os.geteuid() == 0 and 0 <= owner - _FIRST < _COUNT)


def unprivileged() -> int | None:
    """Return the number of a user that no other sandbox of this process uses; None unless root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    return _FIRST + (os.getpid() + next(_slots)) % _COUNT
