"""The trusted side of running: a fresh process per submission, a time limit, strict replies.

The process holds none of our optimizers. It is a boundary for data, not for a hostile submission:
`guarantees` says so, and every report carries it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from adamedu.sandbox.message import plain

_SANDBOX = Path(__file__).resolve().parent
_START = """
import sys, types
for name, path in (("adamedu", []), ("adamedu.sandbox", [sys.argv[1]])):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = path
from adamedu.sandbox import runner, stand_in
stand_in.install()
runner.main()
"""
_MAX_REPLY: Final = 32_000_000
_MAX_ERRORS: Final = 50
_MAX_TEXT: Final = 500
_ADDRESS: Final = re.compile(r" at 0x[0-9A-Fa-f]+")
_ENVIRONMENT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL")


@dataclass
class Answers:
    """What came back from the untrusted side, still to be judged.

    Attributes
    ----------
    problem : str or None
        Why nothing could be run, in the author's terms.
    errors : list of dict
        What went wrong while the submission was loaded.
    tasks : dict
        Per task id its reply; a task that was not reached is missing.
    stopped : str or None
        Why the process ended before it was done.
    """

    problem: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    stopped: str | None = None


def guarantees() -> dict[str, Any]:
    """Say what holds while a submission runs on this machine, for the report.

    >>> guarantees()["isolated"]
    False
    """
    return {
        "level": "D",
        "isolated": False,
        "says": "not isolated: each submission ran in a fresh process with a time limit, which "
        "could read files and use the network",
    }


def run(request: dict[str, Any], seconds: float) -> Answers:
    """Run one submission in a process of its own.

    Parameters
    ----------
    request : dict
        As in `adamedu.sandbox.runner`; ``message`` and ``seconds`` are added here.
    seconds : float
        The limit per cell and per script; the whole process gets three times as long.
    """
    line = json.dumps({"message": 1, "seconds": seconds, **request}) + "\n"
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment |= {"MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    with (
        tempfile.TemporaryDirectory(prefix="adamedu-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as output,
    ):
        environment |= {"HOME": folder, "MPLCONFIGDIR": folder}
        process = subprocess.Popen(  # noqa: S603  (our own interpreter and text)
            [sys.executable, "-P", "-s", "-c", _START, str(_SANDBOX)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        late = None
        try:
            process.communicate(line.encode(), timeout=3 * seconds)
        except subprocess.TimeoutExpired:
            late = f"it was stopped after {3 * seconds:g} s in all"
        finally:
            _end(process)
        output.seek(0)
        answers = read_replies(output.read(_MAX_REPLY + 1))
    answers.stopped = late or answers.stopped
    return answers


def read_replies(raw: bytes) -> Answers:
    r"""Read the lines of a reply, trusting none of them: what isn't in the format is left out.

    >>> read_replies(b'{"task": "adam.m", "found": false}\nnot json').tasks
    {'adam.m': {'task': 'adam.m', 'found': False}}
    """
    answers = Answers(stopped="its process ended before all was answered")
    parsed = False
    for line in raw[:_MAX_REPLY].splitlines():
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(reply, dict):
            continue
        task = reply.get("task")
        if isinstance(task, str):
            answers.tasks.setdefault(task, reply)
        elif "problem" in reply and not parsed:
            parsed = True
            answers.problem = _read_text(reply["problem"])
        elif isinstance(errors := reply.get("errors"), list):
            answers.errors = [read_error(error) for error in errors[:_MAX_ERRORS]]
        elif reply.get("done") is True:
            answers.stopped = None
    if len(raw) > _MAX_REPLY:
        answers.stopped = "its answers were too large to be read to the end"
    return answers


def read_error(error: object) -> dict[str, str | None]:
    """Read an error as the untrusted side describes it: three texts that can be shown."""
    given = error if isinstance(error, dict) else {}
    return {key: _read_text(given.get(key)) for key in ("type", "text", "where")}


def _read_text(value: object) -> str | None:
    """Read a text; addresses in memory are left out, so that the same run says the same."""
    return _ADDRESS.sub("", plain(value, _MAX_TEXT)) if isinstance(value, str) else None


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
