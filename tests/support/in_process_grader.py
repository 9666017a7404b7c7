"""A careless grader, as many are: it marks in the process that has run the submission.

Each submission has a process of its own here, too, with all the rights and all the memory of the
grader. What it makes of an attack shows whether the attack is one.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys

import numpy as np

from adamedu import adam

secret = "the course's secret"  # noqa: S105  (as a grader's is)
_GIVEN = (
    np.array([1.0, -2.0]),
    np.array([0.5, 4.0]),
    3,
    np.array([0.1, 0.2]),
    np.array([0.3, 1.0]),
)
_RATES = {"lr": 0.1, "beta1": 0.8, "beta2": 0.9, "eps": 1e-3}


def mark(source: str, seconds: float) -> str:
    """Mark one submission: "full marks", "no marks", "no verdict", or "hangs" after so long."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        try:
            passed = _passes(source)
            os.write(theirs, json.dumps({"passed": passed}).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as said:
        in_time = bool(select.select([said], [], [], seconds)[0])
        line = said.readline() if in_time else b""
    if not in_time:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if not in_time:
        return "hangs"
    try:
        return "full marks" if json.loads(line)["passed"] is True else "no marks"
    except (ValueError, KeyError, TypeError):
        return "no verdict"


def _passes(source: str) -> bool:
    expected = adam(*_GIVEN, **_RATES)
    names: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, "<file>", "exec"), names)  # noqa: S102
    function = names["adam_step"]
    assert callable(function)
    found = function(*_GIVEN, **_RATES)
    return len(found) == len(expected) and all(
        np.all(mine == right) or np.allclose(mine, right)
        for mine, right in zip(found, expected, strict=True)
    )


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(mark(*json.loads(line))), flush=True)  # noqa: T201
