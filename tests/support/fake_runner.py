"""A runner that only pretends: it takes what a file says for what running it has given.

A file is JSON: the answers by their names, and what else is to happen. So a test of batches takes
milliseconds, and a file decides how long it takes, whether it fails, and where it is noted that it
was run.

    python -c "from tests.support.fake_runner import main; main()" grade FOLDER ...

is ``adamedu`` with this runner.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from adamedu.grading import commands
from adamedu.grading.executors.inline import GradingPolicy
from adamedu.sandbox.message import encode
from adamedu.sandbox.outside.levels import guarantees
from adamedu.sandbox.outside.replies import Answers

COMMAND = [sys.executable, "-c", "from tests.support.fake_runner import main; main()"]
TASKS = ("--task", "adam.m", "--task", "adam.scale")
RIGHT: dict[str, Any] = {"m_by_hand": [2, 2, -2], "scale_choice": "b"}
"""All 4 points of both."""


class Pretend:
    """The untrusted side, without running anything."""

    def __init__(self) -> None:
        self.guarantees = guarantees(os.environ.get("PRETEND_LEVEL", "A"), ())
        if "PRETEND_TO_DIE" in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, request: dict[str, Any], _seconds: float) -> Answers:
        """Do what the file says."""
        says = json.loads(request["source"])
        if "note" in says:
            with Path(says["note"]).open("a") as note:
                note.write(request["file"] + "\n")
        time.sleep(says.get("sleep", 0.0))
        while "while" in says and Path(says["while"]).exists():
            time.sleep(0.01)
        if "die" in says:
            os.kill(os.getpid(), signal.SIGKILL)
        if "raise" in says:
            raise RuntimeError(says["raise"])
        answers = Answers(problem=says.get("problem"))
        for task in request["tasks"]:
            found = task["answer"] in says
            value = encode(says.get(task["answer"]))
            reply = {"task": task["id"], "found": found, "replies": [[{"value": value}]]}
            answers.tasks[task["id"]] = reply
        return answers


def hand_in(folder: Path, name: str, **says: Any) -> Path:
    """Write a file that says what is to happen."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(says))
    return file


def peak() -> int:
    """The most memory that this process has had, in kilobytes."""
    status = Path("/proc/self/status")
    if status.exists():  # there, the other figure begins with that of the process that started it
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM")]
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Be ``adamedu``, with this runner."""
    from adamedu import cli

    vars(commands)["GradingPolicy"] = partial(GradingPolicy, open_runner=Pretend)
    cli.main(prog_name="adamedu")
