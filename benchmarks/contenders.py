"""One way to grade, measured in a process of its own: ``python contenders.py WAY ORDER``.

The order is a file of JSON: the submissions, the calls to make (pickled, so that every way makes
the same), and a folder to work in. Printed are the seconds of each submission, the processor's
seconds in all, and the peak memory of the largest process, in JSON. Nothing is imported but what
the way itself needs, so that any Python which has it can run this file.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "adam_step"
_CHECKS = """
import base64, pickle
import numpy as np
calls = pickle.loads(base64.b64decode({calls!r}))
for args, kwargs, expected in calls:
    for got, right in zip(adam_step(*args, **kwargs), expected, strict=True):
        assert np.allclose(got, right)
"""


def adamedu_at(level: str, order: dict[str, Any]) -> list[float]:
    """Grade with adamedu: read the file, run it at a level, judge it, name its mistake."""
    from adamedu.content.catalogue import task
    from adamedu.grading.grader import Settings, perform, prepare
    from adamedu.grading.submissions import find
    from adamedu.sandbox.outside.sandbox import Sandbox

    with Sandbox(level) as sandbox:
        settings = Settings(tasks=(task(order["task"]),), secret=order["secret"])

        def grade(one: dict[str, Any]) -> None:
            [submission] = find(Path(one["file"]))
            [result] = perform(prepare(submission, settings), sandbox.run).tasks
            named = {mistake.id for mistake in result.mistakes}
            right = one["mistake"] is None
            require(result.status == "passed" if right else one["mistake"] in named)

        return timed(grade, order["submissions"])


def bare_fork(order: dict[str, Any]) -> list[float]:
    """Fork, run the source, make the calls, end: no sandbox, and nothing is judged."""
    import numpy as np

    calls = pickle.loads(base64.b64decode(order["calls"]))  # noqa: S301  (made by the benchmark)

    def run(one: dict[str, Any]) -> None:
        child = os.fork()
        if child == 0:
            names: dict[str, Any] = {"__name__": "__main__"}
            with np.errstate(all="ignore"):
                exec(compile(one["code"], "<file>", "exec"), names)  # noqa: S102
                for args, kwargs, _ in calls:
                    with suppress(Exception):
                        names[NAME](*args, **kwargs)
            os._exit(0)
        os.waitpid(child, 0)

    return timed(run, order["submissions"])


def kernel(order: dict[str, Any]) -> list[float]:
    """Start a Jupyter kernel for each submission, as nbclient does, and run the checks in it."""
    import nbformat
    from nbclient import NotebookClient

    def run(one: dict[str, Any]) -> None:
        cells: list[tuple[str, dict[str, Any]]] = [(one["code"], {}), (checks(order), {})]
        notebook = nbformat.from_dict(json.loads(with_cells(cells)))  # type: ignore[no-untyped-call]
        NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()

    return timed(run, order["submissions"])


def nbgrader(order: dict[str, Any]) -> list[float]:
    """Have nbgrader autograde each submission: a blank is released, then each is handed in."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    root = Path(order["folder"], "nbgrader")
    settings = Config()
    settings.CourseDirectory.root = str(root)
    settings.CourseDirectory.course_id = "course"
    api = NbGraderAPI(config=settings)

    def hand_in(folder: Path, answer: str) -> None:
        folder.mkdir(parents=True)
        marks = {"grade_id": "answer", "solution": True, "grade": False, "locked": False}
        tests = {"grade_id": "tests", "solution": False, "grade": True, "locked": True, "points": 8}
        cells = [(answer, marks), (checks(order), tests)]
        notebook = with_cells([(text, {"nbgrader": {"schema_version": 3, "task": False, **meta}})
                               for text, meta in cells])  # fmt: skip
        (folder / "adam.ipynb").write_text(notebook)

    hand_in(root / "source/adam", f"def {NAME}():\n    ### BEGIN SOLUTION\n    ### END SOLUTION")
    require(api.generate_assignment("adam")["success"])

    def grade(one: dict[str, Any]) -> None:
        require(api.autograde("adam", Path(one["file"]).stem, force=True)["success"])

    for one in order["submissions"]:
        hand_in(root / "submitted" / Path(one["file"]).stem / "adam", one["code"])
    seconds = timed(grade, order["submissions"])
    with api.gradebook as book:
        for one in order["submissions"]:
            marks = book.find_submission("adam", Path(one["file"]).stem).score
            require(marks == 0 or one["mistake"] is None)
    return seconds


def otter(order: dict[str, Any]) -> list[float]:
    """Have Otter-Grader grade each submission, as its own ``otter run`` does."""
    from otter.api import grade_submission  # type: ignore[import-not-found,unused-ignore]

    root = Path(order["folder"], "otter")
    (root / "tests").mkdir(parents=True)
    suite = {"code": as_doctest(checks(order)), "hidden": False, "locked": False}
    test = {"name": "q1", "points": 8, "suites": [{"cases": [suite], "type": "doctest"}]}
    (root / "tests/q1.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
    generate = [sys.executable, "-m", "otter", "generate", "-t", "tests", "-o", "autograder.zip",
                "--no-environment"]  # fmt: skip
    subprocess.run(generate, cwd=root, check=True, capture_output=True)  # noqa: S603
    for one in order["submissions"]:
        file = root / f"{Path(one['file']).stem}.ipynb"
        file.write_text(with_cells([(one["code"], {})]))

    def grade(one: dict[str, Any]) -> None:
        file = root / f"{Path(one['file']).stem}.ipynb"
        found = grade_submission(str(file), str(root / "autograder.zip"), quiet=True)
        require(found.total == 0 or one["mistake"] is None)

    return timed(grade, order["submissions"])


def timed(
    grade: Callable[[dict[str, Any]], object], submissions: list[dict[str, Any]]
) -> list[float]:
    """Measure how long each takes, once all is warm."""
    grade(submissions[0])
    seconds = []
    for one in submissions:
        start = time.perf_counter()
        grade(one)
        seconds.append(time.perf_counter() - start)
    return seconds


def require(truth: object) -> None:
    """Refuse to measure what doesn't do its work."""
    if not truth:
        raise RuntimeError("it doesn't grade as it should")


def checks(order: dict[str, Any]) -> str:
    """Write the checks that a teacher would: the same calls, compared with what is right."""
    return _CHECKS.format(calls=order["calls"])


def as_doctest(text: str) -> str:
    """Write statements as a doctest."""
    lines = text.strip().splitlines()
    return "\n".join(("... " if line.startswith(" ") else ">>> ") + line for line in lines)


def with_cells(cells: list[tuple[str, dict[str, Any]]]) -> str:
    """Write a notebook."""
    kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "execution_count": None, "id": f"cell-{number}",
                 "metadata": metadata, "outputs": [], "source": text}
                for number, (text, metadata) in enumerate(cells)
            ],
            "metadata": {"kernelspec": kernelspec},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )  # fmt: skip


def main(way: str, file: str) -> None:
    """Measure one way, and print what was found."""
    order = json.loads(Path(file).read_text())
    ways: dict[str, Callable[[dict[str, Any]], list[float]]] = {
        "bare fork": bare_fork, "kernel": kernel, "nbgrader": nbgrader, "otter-grader": otter,
    }  # fmt: skip
    said, quiet = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    seconds = ways[way](order) if way in ways else adamedu_at(way, order)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    found = {
        "seconds": seconds,
        "processor": sum(one.ru_utime + one.ru_stime for one in used),
        "megabytes": max(one.ru_maxrss for one in used) / 1024,
    }
    os.write(said, json.dumps(found).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
