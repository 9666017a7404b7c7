"""How a process of the untrusted side is started, in which environment, and how it is ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from adamedu.optimizers import LADDER
from adamedu.sandbox.outside.visible_paths import interpreter, libraries

_BOOT: Final = str(Path(__file__).resolve().parents[1] / "inside" / "bootstrap.py")
_KEPT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP") if os.name == "nt" else ()
_ONE_THREAD: Final = ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMEXPR")


def python(do: str, **order: Any) -> list[str]:
    """Write the command that has `boot` hand over to a module."""
    # Neither this folder's modules nor the user's own, nor what an installation adds to the path.
    options = ("-P", "-s", "-S")
    reference = ["LADDER", *(optimizer.name for optimizer in LADDER)]
    text = json.dumps({"do": do, "libraries": libraries(), "reference": reference, **order})
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


def start(command: list[str], home: str, cwd: str, **streams: Any) -> subprocess.Popen[bytes]:
    """Start a process that no key pressed in the terminal reaches.

    Parameters
    ----------
    command : list of str
        What to start.
    home, cwd : str
        The folder that it takes for the user's own and for temporary files; where it starts.
    **streams
        Its standard input, output and errors, as in `subprocess.Popen`.

    Raises
    ------
    OSError
        When it can't be started.
    """
    return subprocess.Popen(  # noqa: S603  (our own programs)
        command, cwd=cwd, env=environment(home), start_new_session=True, **streams
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
