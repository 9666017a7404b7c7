"""Let through the system calls of `syscalls`, and no other (seccomp, with a BPF program).

What isn't allowed fails with "operation not permitted", so that an honest notebook gets a Python
exception with a line number. Calls in another processor's numbering (32 bits, x32) kill: the table
says nothing about them.
"""

from __future__ import annotations

import errno
import os
import platform
import struct
from typing import Final

from adamedu.sandbox.inside import linux
from adamedu.sandbox.inside.syscalls import NUMBERS, WRITING

MACHINES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Per kind of processor, its column in the table and the kernel's mark of its numbering."""

_LOAD: Final = 0x20
_IF_EQUAL: Final = 0x15
_IF_AT_LEAST: Final = 0x35
_IF_ANY_BIT: Final = 0x45
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_FAIL: Final = 0x00050000
_KILL: Final = 0x80000000
_NUMBER_AT: Final = 0
_MACHINE_AT: Final = 4
_X32: Final = 0x40000000
_FCNTL: Final = (0, 1, 2, 3, 4, 1030)  # duplicate, and read or set a descriptor's flags
_FLAGS_AT: Final = {"open": 1, "openat": 2}
_CHANGES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

Instruction = tuple[int, int, int, int]


class UnknownMachineError(OSError):
    """A kind of processor whose system calls aren't in the table."""


def program(machine: str, *, may_write: bool) -> bytes:
    """Write the program for a kind of processor.

    Parameters
    ----------
    machine : str
        As `platform.machine` names it.
    may_write : bool
        Whether files may be opened for writing, made and removed, where nothing else forbids it.
    """
    if machine not in MACHINES:
        raise UnknownMachineError(errno.ENOSYS, f"the system calls of {machine} aren't known")
    column, mark = MACHINES[machine]
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        *_unless(_IF_EQUAL, mark, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    if machine == "x86_64":
        steps += _when(_IF_AT_LEAST, _X32, [_end(_KILL)])
    for name, numbers in NUMBERS.items():
        number = numbers[column]
        if number is not None:
            steps += _when(_IF_EQUAL, number, _answer(name, may_write=may_write))
    steps.append(_end(_FAIL | errno.EPERM))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def prepared(*, may_write: bool) -> linux.Program:
    """Prepare the program for this machine, for `linux.filter_calls`."""
    return linux.Program.of(program(platform.machine(), may_write=may_write))


def _answer(name: str, *, may_write: bool) -> list[Instruction]:
    """Return what to do about a call, once it is known which it is."""
    if name in _SPECIAL:
        return _SPECIAL[name]
    if not may_write and name in WRITING:
        return [_end(_FAIL | errno.EROFS)]
    if not may_write and name in _FLAGS_AT:
        refused = _when(_IF_ANY_BIT, _CHANGES, [_end(_FAIL | errno.EROFS)])
        return [_argument(_FLAGS_AT[name]), *refused, _end(_ALLOW)]
    return [_end(_ALLOW)]


def _argument(number: int) -> Instruction:
    """Load an argument's lower half: those that are judged are C ints, the kernel reads no more."""
    return (_LOAD, 0, 0, 16 + 8 * number)


def _allow_if(value: int) -> list[Instruction]:
    return _when(_IF_EQUAL, value, [_end(_ALLOW)])


def _when(test: int, value: int, then: list[Instruction]) -> list[Instruction]:
    return [(test, 0, len(then), value), *then]


def _unless(test: int, value: int, action: int) -> list[Instruction]:
    return [(test, 1, 0, value), _end(action)]


def _end(action: int) -> Instruction:
    return (_RETURN, 0, 0, action)


_SPECIAL: Final = {
    # The C library then falls back to calls that can be judged by their arguments.
    "clone3": [_end(_FAIL | errno.ENOSYS)],
    "openat2": [_end(_FAIL | errno.ENOSYS)],
    # Python asks whether a file is a terminal.
    "ioctl": [_end(_FAIL | errno.ENOTTY)],
    # No locks, leases or signals.
    "fcntl": [
        _argument(1),
        *(step for command in _FCNTL for step in _allow_if(command)),
        _end(_FAIL | errno.EPERM),
    ],
    # Its own limits only.
    "prlimit64": [_argument(0), *_allow_if(0), _end(_FAIL | errno.EPERM)],
}
