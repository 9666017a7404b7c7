"""What the untrusted side may read: Python, its libraries, and the few open files of this package.

The package itself is closed wherever it is installed, and so is every folder of libraries that
this Python doesn't use: another copy of the package may be there.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adamedu.sandbox.inside.stub_package import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYSTEM: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/urandom")
_LIBRARIES: Final = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class View:
    """A part of the file system.

    Attributes
    ----------
    roots : tuple of str
        What is readable, with all that is beneath.
    closed : tuple of str
        Folders beneath the roots that are not.
    files : tuple of str
        What is readable nevertheless.
    """

    roots: tuple[str, ...]
    closed: tuple[str, ...]
    files: tuple[str, ...]

    def open_paths(self) -> Iterator[str]:
        """Yield the largest files and folders that hold nothing closed."""
        for root in self.roots:
            yield from self._open_beneath(os.path.realpath(root))
        yield from self.files

    def _open_beneath(self, path: str) -> Iterator[str]:
        if path in self.closed:
            return
        if not any(folder.startswith(f"{path}/") for folder in self.closed):
            yield path
            return
        with os.scandir(path) as entries:
            inside = [entry.path for entry in entries if not entry.is_symlink()]
        for entry in inside:
            yield from self._open_beneath(entry)


def interpreter() -> str:
    """Return the program that runs Python, without the virtual environment around it."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def libraries() -> list[str]:
    """Return the folders from which this Python imports what is installed."""
    return [path for path in sys.path if Path(path).name in _LIBRARIES and Path(path).is_dir()]


def view() -> View:
    """Return what this Python needs, without the package."""
    prefixes = {Path(sys.base_prefix).resolve(), Path(sys.base_exec_prefix).resolve()}
    own = [str(prefix / lib) for prefix in sorted(prefixes) for lib in ("lib", "lib64")]
    standard = sysconfig.get_path("stdlib")
    used = [os.path.realpath(path) for path in libraries()]
    roots = dict.fromkeys([*_SYSTEM, *own, standard, interpreter(), *used])
    present = tuple(root for root in roots if Path(root).exists())
    package = Path(__file__).resolve().parent.parent
    unused = {
        str(folder)
        for root in present
        for name in _LIBRARIES
        for pattern in (f"python3*/{name}", name)
        for folder in Path(root).resolve().glob(pattern)
        if str(folder) not in used
    }
    closed = {str(package), *(f"{path}/{package.name}" for path in used), *unused}
    return View(
        present, tuple(sorted(c for c in closed if Path(c).is_dir())), tuple(_files(package))
    )


def _files(package: Path) -> Iterator[str]:
    yield str(package / "sandbox")
    for name in sorted(OPEN):
        source = package / f"{name}.py"
        for path in (source, Path(importlib.util.cache_from_source(str(source)))):
            if path.exists():
                yield str(path)
