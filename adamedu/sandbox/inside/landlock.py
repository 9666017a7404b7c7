"""Let a process open the files that are listed, and no others (Landlock)."""

from __future__ import annotations

import ctypes
import os
import stat
from typing import TYPE_CHECKING, Final

from adamedu.sandbox.inside import linux

if TYPE_CHECKING:
    from collections.abc import Iterable

# The same numbers on every kind of processor.
_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_ASK_VERSION: Final = 1
_PATH_BENEATH: Final = 1

_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_FOLDER: Final = 1 << 3
_REFER: Final = 1 << 13
_TRUNCATE: Final = 1 << 14
_EXECUTE: Final = 1 << 0
_FOR_FILES: Final = _WRITE_FILE | _READ_FILE | _TRUNCATE
_KINDS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many kinds of access to files each version knows; later versions add none."""
_MAKE_SPECIAL: Final = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
"""Devices, sockets, pipes and symbolic links."""


def version() -> int:
    """Return the version that the kernel offers; raise OSError where there is none."""
    return linux.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)


def ruleset(readable: Iterable[str], writable: Iterable[str] = ()) -> int:
    """Make a set of rules; return its descriptor.

    Parameters
    ----------
    readable : iterable of str
        Files and folders that can be read, with all that is beneath; what isn't there is left out.
    writable : iterable of str
        Folders in which files can be made, changed and removed, too.
    """
    known = version()
    everything = (1 << _KINDS[min(known, max(_KINDS))]) - 1
    network = 0b11 if known >= 4 else 0  # noqa: PLR2004  (bind and connect, since version 4)
    outside = 0b11 if known >= 6 else 0  # noqa: PLR2004  (abstract sockets and signals, since 6)
    handled = (ctypes.c_uint64 * 3)(everything, network, outside)
    size = ctypes.c_size_t(8 if not network else 16 if not outside else 24)
    rules = linux.syscall(_CREATE_RULESET, ctypes.byref(handled), size, 0)
    for path in readable:
        _allow(rules, path, _READ_FILE | _READ_FOLDER)
    for path in writable:
        _allow(rules, path, everything & ~(_EXECUTE | _MAKE_SPECIAL | 1 << 15))
    return rules


def restrict(rules: int) -> None:
    """Put a set of rules in force, for this process and for good; its descriptor is closed."""
    linux.syscall(_RESTRICT_SELF, rules, 0)
    os.close(rules)


def _allow(rules: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            access &= _FOR_FILES
        rule = access.to_bytes(8, "little") + place.to_bytes(4, "little")
        linux.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
