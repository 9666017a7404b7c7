"""How fast descents are, side by side: ``python -m benchmarks.descent``.

Every optimizer walks a surface with two coordinates: here, with PyTorch, optax and Keras where a
Python has them (``--python /path/to/python``, as often as wanted); then one of them walks from
65,536 starts at once. All compute in float64, on one thread, and take turns, so that a busy machine
is busy for each. What counts is the processor's time, the median over the turns. Every way must
end where ours does.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from rich.console import Console
from rich.table import Table

from adamedu import surfaces
from adamedu.optimizers import LADDER
from benchmarks import walkers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamedu.core.recurrence import Recurrence
    from adamedu.core.surface import Surface

    Ask = Callable[[Mapping[str, Any]], dict[str, Any]]

LOOPS: Final = [way for way in walkers.WAYS if not way.endswith("map")]
MAPS: Final = [way for way in walkers.WAYS if way.endswith("map")]
AGREE: Final = 0.9
"""At least this share of the ends is the same: from some starts the place of eps decides."""

_ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


class Walker:
    """A process that walks when it is asked to."""

    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603  (our own text)
            [python, walkers.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **_ONE_THREAD},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def __call__(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a walk took and where it ended, or what is missing."""
        assert self.process.stdin  # noqa: S101  (for mypy: both are pipes)
        assert self.process.stdout  # noqa: S101
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{asked['way']} with {asked['optimizer']} ended its process")
        found: dict[str, Any] = json.loads(line)
        return found


def request(
    optimizer: Recurrence[..., Any], surface: Surface, steps: int, side: int
) -> dict[str, Any]:
    """Return what every way is asked for."""
    settings = {**optimizer.hyperparameters, "lr": surface.rates[optimizer.name] / 10}
    return {
        "optimizer": optimizer.name,
        "settings": settings,
        "surface": surface.name,
        "names": surface.names,
        "loss": str(surface.expression),
        "slopes": [str(slope) for slope in surface.slopes],
        "start": surface.start,
        "domain": surface.domain,
        "steps": steps,
        "side": side,
    }


def measured(
    ways: Sequence[str], asked: Mapping[str, Any], started: Sequence[Ask], turns: int
) -> dict[str, float]:
    """Return each way's seconds of processor time for one walk: the median of its turns.

    Each way walks in the first of the processes that has what it needs; one that none has is left
    out.

    Raises
    ------
    RuntimeError
        When a way ends elsewhere than the first.
    """
    walking = {}
    for way in ways:
        able = (one for one in started if "missing" not in one({**asked, "way": way}))
        if walker := next(able, None):
            walking[way] = walker
    seconds: dict[str, list[float]] = {way: [] for way in walking}
    ends: dict[str, Any] = {}
    for _ in range(turns):
        for way, walker in walking.items():
            found = walker({**asked, "way": way})
            seconds[way].append(found["seconds"])
            ends[way] = found["end"]
    ours = np.array(next(iter(ends.values())))
    for way, end in ends.items():
        if np.isclose(end, ours, rtol=0, atol=1e-3).mean() < AGREE:
            raise RuntimeError(f"{way} with {asked['optimizer']} ends elsewhere: {end}, not {ours}")
    return {way: statistics.median(taken) for way, taken in seconds.items()}


def table(found: Mapping[str, Mapping[str, float]], steps: int) -> Table:
    """Set steps per second side by side, by optimizer and way, with the ratio of ours to each."""
    shown = Table("steps per second")
    ours, *others = dict.fromkeys(way for row in found.values() for way in row)
    for way in (ours, *others):
        shown.add_column(way, justify="right")
    for optimizer, row in found.items():
        rest = (
            f"{steps / row[way]:,.0f}  ({row[way] / row[ours]:.2g} x)" if way in row else ""
            for way in others
        )
        shown.add_row(optimizer, f"{steps / row[ours]:,.0f}", *rest)
    return shown


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.descent", description=__doc__)
    parser.add_argument("--python", action="append", default=[], help="which may have the others")
    parser.add_argument("--steps", type=int, default=1000, help="of one run")
    parser.add_argument("--turns", type=int, default=7, help="of each way")
    parser.add_argument("--side", type=int, default=256, help="of the map of starts")
    chosen = parser.parse_args(arguments)
    console = Console(width=150)
    with ExitStack() as stack:
        pythons = dict.fromkeys([sys.executable, *chosen.python])
        started = [stack.enter_context(Walker(python)) for python in pythons]
        for title, ways, surface, steps in (
            ("One run on the ravine", LOOPS, surfaces.ravine, chosen.steps),
            (f"{chosen.side**2:,} starts on the double well", MAPS, surfaces.double_well, 200),
        ):
            found = {
                step.name: measured(
                    ways, request(step, surface, steps, chosen.side), started, chosen.turns
                )
                for step in LADDER
            }
            console.print(f"{title}, {steps:,} steps", table(found, steps), sep="\n")


if __name__ == "__main__":
    main()
