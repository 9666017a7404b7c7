"""What a locked-in process must not be able to do: each attempted, to know what holds here.

An attempt returns whether it succeeded. Errors mean that it didn't.
"""

from __future__ import annotations

import errno
import os
import socket
import threading
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.sandbox.inside import linux
from adamedu.sandbox.inside.limits import MEMORY, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PTRACE_TRACEME: Final = 0
_IO_URING_SETUP: Final = 425


@dataclass(frozen=True)
class Bait:
    """What the grader's side has laid out for the attempts.

    Attributes
    ----------
    file, folder : str
        A file with something in it, in a folder that anybody can write to.
    port : int
        Where it listens on the loopback device.
    socket : str
        Where it listens in the file system.
    """

    file: str
    folder: str
    port: int
    socket: str

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        return asdict(self)


def _read(bait: Bait) -> bool:
    return bool(Path(bait.file).read_bytes())


def _list(bait: Bait) -> bool:
    return bool(os.listdir(bait.folder))  # noqa: PTH208  (the plain call)


def _write(bait: Bait) -> bool:
    with open(Path(bait.folder, "written"), "xb") as file:  # noqa: PTH123
        os.unlink(file.name)  # noqa: PTH108
    return True


def _connect(bait: Bait) -> bool:
    with closing(socket.create_connection(("127.0.0.1", bait.port), timeout=1)):
        return True


def _connect_by_path(bait: Bait) -> bool:
    with closing(socket.socket(socket.AF_UNIX)) as unix:
        unix.connect(bait.socket)
    return True


def _fork(_: Bait) -> bool:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def _thread(_: Bait) -> bool:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return True


def _execute(_: Bait) -> bool:
    """Find no program of that name, if programs could be started at all."""
    with suppress(FileNotFoundError):
        os.execv("/no such program", ["x"])  # noqa: S606
    return True


def _open_socket(_: Bait) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
        with closing(socket.socket(family, socket.SOCK_DGRAM)):
            return True
    return False


def _signal(_: Bait) -> bool:
    os.kill(os.getppid(), 0)
    return True


def _trace(_: Bait) -> bool:
    linux.call("ptrace", _PTRACE_TRACEME, 0, None, None)
    return True


def _bypass(_: Bait) -> bool:
    """Succeed at anything but "not permitted": io_uring does what seccomp would have judged."""
    try:
        linux.syscall(_IO_URING_SETUP, 1, None)
    except OSError as error:
        return error.errno not in {errno.EPERM, errno.ENOSYS}
    return True


def _change_mode(bait: Bait) -> bool:
    os.chmod(bait.folder, 0o777)  # noqa: PTH101, S103
    return True


def _mount(bait: Bait) -> bool:
    linux.mount_memory(bait.folder, "size=1m")
    return True


def _become_root(_: Bait) -> bool:
    if os.geteuid() != 0:
        os.setuid(0)
    return True


def _use_up_memory(_: Bait) -> bool:
    return bool(bytearray(MEMORY))


def _fill_the_disk(_: Bait) -> bool:
    with open("large", "wb") as file:  # noqa: PTH123
        file.truncate(WRITTEN + 1)
    os.unlink("large")  # noqa: PTH108
    return True


def _find_what_was_left(_: Bait) -> bool:
    """Leave a file; succeed when it is there already, or when there is no room to leave any."""
    try:
        Path("left").touch(exist_ok=False)
    except OSError:
        return True
    return False


def _compute(_: Bait) -> bool:
    matrix = np.arange(9.0).reshape(3, 3) + np.eye(3)
    return bool(np.allclose(np.linalg.solve(matrix, matrix @ np.ones(3)), 1.0))


OUTSIDE: Final[dict[str, Callable[[Bait], bool]]] = {
    "read a file": _read,
    "list a folder": _list,
    "write a file": _write,
    "connect to the network": _connect,
    "connect to a local service": _connect_by_path,
}
"""What succeeds on the grader's side, or proves nothing on the other."""

ATTEMPTS: Final[dict[str, Callable[[Bait], bool]]] = {
    **OUTSIDE,
    "open a socket": _open_socket,
    "start a process": _fork,
    "start a thread": _thread,
    "start a program": _execute,
    "send a signal": _signal,
    "trace a process": _trace,
    "go around the filter": _bypass,
    "change a file's mode": _change_mode,
    "mount a folder": _mount,
    "become root": _become_root,
    "use up memory": _use_up_memory,
    "fill the disk": _fill_the_disk,
    "find what another left": _find_what_was_left,
    "compute": _compute,
}

STOPPED_BY: Final = {
    "bubblewrap": tuple(OUTSIDE),
    "scratch": ("find what another left",),
    "identity": ("become root", "mount a folder"),
    "limits": ("use up memory", "fill the disk"),
    "landlock": ("read a file", "list a folder", "write a file"),
    "seccomp": (
        "write a file", "connect to the network", "connect to a local service", "open a socket",
        "start a process", "start a thread", "start a program", "send a signal",
        "trace a process", "go around the filter", "change a file's mode",
    ),
}  # fmt: skip
"""What each layer must stop alone."""

HONEST: Final = "compute"
"""What must succeed."""


def succeeded(names: Iterable[str], bait: Bait) -> list[str]:
    """Make attempts; return the names of those that succeeded."""
    return [name for name in names if _succeeds(name, bait)]


def _succeeds(name: str, bait: Bait) -> bool:
    try:
        return ATTEMPTS[name](bait)
    except Exception:  # noqa: BLE001  (however it fails, it fails)
        return False
