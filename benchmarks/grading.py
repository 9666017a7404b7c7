"""How fast submissions are graded, side by side: ``python -m benchmarks.grading``.

The same submissions, half of them wrong, half of them notebooks, are graded by adamedu at each
level that this machine offers, by a bare fork that judges nothing, in a Jupyter kernel for each,
and by nbgrader and Otter-Grader where a Python has them (``--python /path/to/python``). Each way
runs alone, one submission after the other; what is slow gets fewer of them. Starting up isn't
counted, but in the last line: one file, from the shell. The ratios are those of processor time,
that is per core, and hold on a busy machine, too.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

import adamedu
from adamedu.content.catalogue import task
from adamedu.grading.exams import prepare
from adamedu.grading.probes import seed_for
from adamedu.sandbox.message import decode
from adamedu.sandbox.outside.doctor import examine
from benchmarks import contenders
from benchmarks.generated import TASK, handed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = 4
SECRET: Final = "a course's"  # noqa: S105  (nobody's)
PEERS: Final = ("kernel", "nbgrader", "otter-grader")
_HEAVY: Final = ("sympy", "matplotlib", "nbformat")
_NEEDS: Final = {"kernel": "nbclient", "nbgrader": "nbgrader", "otter-grader": "otter"}


@dataclass(frozen=True)
class Measured:
    """What one way took.

    Attributes
    ----------
    way : str
        ``"A"`` to ``"D"`` for adamedu's levels, or one of the others.
    seconds : list of float
        Per submission.
    processor : float
        Seconds of processor time per submission, of all processes together.
    megabytes : float
        The peak memory of the largest process.
    """

    way: str
    seconds: list[float]
    processor: float
    megabytes: float


def order_in(folder: Path, count: int) -> dict[str, Any]:
    """Write so many submissions into a folder; return what every way is told."""
    submissions: list[dict[str, Any]] = []
    for one in handed_in(count, SEED):
        file = folder / one.name
        file.write_text(one.text, encoding="utf-8")
        submissions.append({"file": str(file), "code": one.code, "mistake": one.mistake})
    calls = base64.b64encode(pickle.dumps(list(calls_of(submissions[0]["file"])))).decode()
    return {"submissions": submissions, "calls": calls, "task": TASK, "secret": SECRET,
            "folder": str(folder)}  # fmt: skip


def calls_of(file: str) -> Iterator[tuple[list[Any], dict[str, Any], Any]]:
    """Yield the calls that the grader makes for one file, each with what is right."""
    exam = prepare(task(TASK), seed_for(SECRET, Path(file).stem, TASK))
    scripts: Any = exam.scripts()
    for [call] in scripts:
        args = [decode(value) for value in call["args"]]
        yield args, call["kwargs"], adamedu.adam(*args, **call["kwargs"])


def measured(way: str, order: dict[str, Any], python: str = sys.executable) -> Measured:
    """Measure one way; what it takes to start is found with one submission, and subtracted."""
    short = _run(way, {**order, "submissions": order["submissions"][:1]}, python)
    whole = _run(way, order, python)
    more = len(order["submissions"]) - 1
    processor = (whole["processor"] - short["processor"]) / more
    return Measured(way, whole["seconds"], processor, whole["megabytes"])


def _run(way: str, order: dict[str, Any], python: str) -> dict[str, Any]:
    command = ["-m", contenders.__name__] if way in "ABCD" else [contenders.__file__]
    path = f"{Path(python).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with tempfile.TemporaryDirectory(dir=order["folder"]) as folder:
        file = Path(folder, "order.json")
        file.write_text(json.dumps({**order, "folder": folder}))
        done = subprocess.run(  # noqa: S603  (our own text)
            [python, *command, way, str(file)],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PATH": path},
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def has(python: str, module: str) -> bool:
    """Whether a Python can import a module."""
    command = [python, "-c", f"import {module}"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def from_the_shell(file: str, times: int) -> tuple[float, list[str]]:
    """Measure ``adamedu grade FILE``, the whole process; find what heavy it imports.

    Returns
    -------
    seconds : float
        The median.
    imported : list of str
        Which of SymPy, Matplotlib and nbformat were loaded.
    """
    call = "from adamedu.cli import main; main(prog_name='adamedu')"

    def run(*options: str) -> str:
        command = [sys.executable, *options, "-c", call, "grade", file]
        return subprocess.run(command, check=True, capture_output=True, text=True).stderr  # noqa: S603

    loaded = {line.rpartition("|")[2].strip() for line in run("-X", "importtime").splitlines()}
    seconds = contenders.timed(lambda _: run(), [{}] * times)
    return statistics.median(seconds), [name for name in _HEAVY if name in loaded]


def table(found: list[Measured]) -> Table:
    """Set what was found side by side, with the ratios of processor time."""
    shown = Table("graded by", "submissions")
    # What runs inside bubblewrap isn't in the system's account of its starter.
    processor = {one.way: one.processor for one in found if one.way != "A"}
    against = [way for way in ("bare fork", *PEERS) if way in processor]
    for title in ("per second", "median", "processor", "peak memory", *against):
        shown.add_column(title, justify="right", no_wrap=True)
    for one in found:
        shown.add_row(
            f"adamedu, {one.way}" if one.way in "ABCD" else one.way,
            str(len(one.seconds)),
            f"{len(one.seconds) / sum(one.seconds):.1f}",
            f"{1000 * statistics.median(one.seconds):.1f} ms",
            f"{1000 * processor[one.way]:.1f} ms" if one.way in processor else "unknown",
            f"{one.megabytes:.0f} MB",
            *(
                f"{float(f'{processor[way] / processor[one.way]:.2g}'):g} x"
                for way in against
                if one.way in processor
            ),
        )
    return shown


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="which may have nbgrader, otter")
    parser.add_argument("--count", type=int, default=300, help="submissions in all")
    parser.add_argument("--few", type=int, default=10, help="submissions for what is slow")
    chosen = parser.parse_args(arguments)
    console = Console(width=150)
    with tempfile.TemporaryDirectory() as name:
        order = order_in(Path(name), chosen.count)
        few = {**order, "submissions": order["submissions"][: chosen.few]}
        levels = [level for level in "ABC" if examine(level).holds]
        found = [measured(level, order) for level in (*levels, "bare fork")]
        found.append(measured("D", few))
        for way in PEERS:
            python = next((p for p in (sys.executable, chosen.python) if has(p, _NEEDS[way])), None)
            if python is None:
                console.print(f"{way} isn't installed")
            else:
                found.append(measured(way, few, python))
        console.print(table(found))
        seconds, heavy = from_the_shell(order["submissions"][0]["file"], 5)
    imports = " and ".join(heavy) or f"none of {', '.join(_HEAVY)}"
    console.print(
        f"adamedu grade one.py from the shell: {1000 * seconds:.0f} ms; imports {imports}"
    )


if __name__ == "__main__":
    main()
