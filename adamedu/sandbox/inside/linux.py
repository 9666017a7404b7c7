"""The calls of the Linux kernel that Python has no function for, through ctypes."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import signal
import struct
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_MODE_FILTER: Final = 2
_CAPABILITY_VERSION: Final = 0x20080522
_CLONE_NEWNS: Final = 0x20000
_MS_NOSUID: Final = 2
_MS_NODEV: Final = 4
_MS_NOEXEC: Final = 8
_MS_BIND: Final = 0x1000
_MS_RECURSIVE: Final = 0x4000
_MS_PRIVATE: Final = 0x40000
_MINE: Final = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
_NONE: Final = bytes(24)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@functools.cache
def _python() -> ctypes.PyDLL:
    """Return the same, called with Python's lock held: who forks in between needs it."""
    return ctypes.PyDLL(None)


def call(name: str, *arguments: Any) -> int:
    """Call a function of the C library.

    Raises
    ------
    OSError
        When it returns -1.
    """
    result: int = getattr(_libc(), name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def syscall(number: int, *arguments: Any) -> int:
    """Make a system call by its number; raise OSError when it fails."""
    return call("syscall", ctypes.c_long(number), *arguments)


def fork() -> int:
    """Fork a process of one thread, without what Python then does about others in the child.

    That is half of what a child costs that does little: it writes to some 200 pages of memory.
    """
    child: int = _python().fork()
    if child == -1:
        raise OSError(errno.EAGAIN, "no process can be started")
    return child


def die_with(parent: int) -> None:
    """Have this process killed when its parent ends; end at once if it already has."""
    call("prctl", _PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def gain_no_privileges() -> None:
    """Let no program that is started give this process or its children more rights than they have.

    Without it, only root may put filters and rules in force.
    """
    call("prctl", _PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0)


def drop_capabilities() -> None:
    """Give up every special right, for good."""
    call("capset", _MINE, _NONE)


def become(uid: int) -> None:
    """Go from root to an unprivileged user and group, with no way back."""
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


class Program(ctypes.Structure):
    """A program of eight-byte BPF instructions."""

    _fields_ = (("length", ctypes.c_ushort), ("first", ctypes.c_char_p))

    @classmethod
    def of(cls, instructions: bytes) -> Program:
        """Prepare one."""
        return cls(len(instructions) // 8, instructions)


def filter_calls(program: Program) -> None:
    """Put a program in front of all further system calls, for good."""
    call("prctl", _PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program), 0, 0)


def separate_mounts() -> None:
    """Give this process a view of the file system of its own: what it mounts, others don't see."""
    call("unshare", _CLONE_NEWNS)
    call("mount", None, b"/", None, ctypes.c_ulong(_MS_RECURSIVE | _MS_PRIVATE), None)


def mount_memory(folder: str, options: str) -> None:
    """Mount an empty folder that is kept in memory."""
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    call("mount", b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options.encode())


def mount_again(source: str, target: str) -> None:
    """Show a file or a folder at a second place."""
    flags = ctypes.c_ulong(_MS_BIND | _MS_RECURSIVE)
    call("mount", os.fsencode(source), os.fsencode(target), None, flags, None)
