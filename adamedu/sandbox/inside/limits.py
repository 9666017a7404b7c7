"""What one submission may use up: memory, processor time, what it writes."""

from __future__ import annotations

import math
import sys
from typing import Final

if sys.platform != "win32":
    import resource

MEMORY: Final = 1 << 30
"""Bytes of address space, the libraries' own included: some 300 MB with all that is preloaded."""
WRITTEN: Final = 32_000_000
"""Bytes in one file."""
_OPEN_FILES: Final = 64


def limits(seconds: float) -> dict[str, int]:
    """Return the limits of a process that may work for so many seconds, by their usual names."""
    return {
        "RLIMIT_AS": MEMORY,
        "RLIMIT_CPU": math.ceil(seconds) + 1,
        "RLIMIT_FSIZE": WRITTEN,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_CORE": 0,
    }


def impose(allowed: dict[str, int]) -> None:
    """Put limits in force, for this process and for good.

    Raises
    ------
    OSError, ValueError, AttributeError
        Where the system refuses one or doesn't know it.
    """
    for name, most in allowed.items():
        resource.setrlimit(getattr(resource, name), (most, most))


def impose_what_holds(seconds: float) -> None:
    """Put in force what this system has of the limits: on Windows none, on macOS not on memory."""
    if sys.platform == "win32":
        return
    for name, most in limits(seconds).items():
        try:
            impose({name: most})
        except (OSError, ValueError):
            continue
