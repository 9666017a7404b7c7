"""What the untrusted side may read: Python, its libraries, and two folders of this package.

The package itself is closed wherever it is installed, and so is every folder of libraries that
this Python doesn't use: another copy of the package may be there.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Final

from adamedu.sandbox.inside.view import View

_SYSTEM: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
OPEN: Final = ("core", "sandbox/inside", "sandbox/message.py")
_LIBRARIES: Final = ("site-packages", "dist-packages")


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
    package = Path(__file__).resolve().parents[2]
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
        roots=present,
        closed=tuple(sorted(c for c in closed if Path(c).is_dir())),
        files=tuple(str(package / name) for name in OPEN),
    )
