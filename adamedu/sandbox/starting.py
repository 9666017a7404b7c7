"""How a process of the untrusted side is started: by which command, in which environment."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from adamedu.sandbox.view import interpreter, libraries

_BOOT: Final = str(Path(__file__).resolve().parent / "boot.py")
_KEPT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP") if os.name == "nt" else ()
_ONE_THREAD: Final = ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMEXPR")


def python(do: str, **order: Any) -> list[str]:
    """Write the command that has `boot` hand over to a module."""
    # Neither this folder's modules nor the user's own, nor what an installation adds to the path.
    options = ("-P", "-s", "-S")
    text = json.dumps({"do": do, "libraries": libraries(), **order})
    return [interpreter(), *options, _BOOT, text]


def environment(home: str) -> dict[str, str]:
    """Return all that a process learns of the environment; the same run says the same."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    quiet = {
        "HOME": home,
        "TMPDIR": home,
        "MPLCONFIGDIR": home,
        "MPLBACKEND": "Agg",
        "LANG": "C.UTF-8",
    }
    alike = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    at_once = {"LD_BIND_NOW": "1"}  # or each child would bind what it calls
    threads = {f"{name}_NUM_THREADS": "1" for name in _ONE_THREAD}
    return {**kept, **quiet, **alike, **at_once, **threads}
