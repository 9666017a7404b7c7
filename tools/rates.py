"""Find a good learning rate for each optimizer on each surface: ``python -m tools.rates``.

It writes ``adamedu/core/rates.json``. A rate is good if a descent of 200 steps from the surface's
start stays inside its domain and ends within 1 % of the start's height above a minimum; where no
rate gets there, within 2 %, 4 %, … It must also be calm, where any is: its path doesn't hang on the
last digits. Of those that need at most twice as many steps as the fastest, the gentlest is taken.

Lessons speak of what one sees at these rates, so a rate that is written down stays while it is
good.
"""

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import numpy as np

import adamedu.core
from adamedu.core import surfaces
from adamedu.core.descent import descend
from adamedu.files import write_whole
from adamedu.optimizers import LADDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from adamedu.core.recurrence import Recurrence
    from adamedu.core.surface import Surface

FILE: Final = Path(adamedu.core.__file__).with_name("rates.json")
STEPS: Final = 200
SHARES: Final = [0.01 * 2**n for n in range(7)]
_DIGITS: Final = (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
TRIED: Final = [float(f"{digits}e{power}") for power in range(-4, 1) for digits in _DIGITS]
_NUDGE: Final = 1e-12
_CALM: Final = 1e6
"""How many times farther apart two paths may be in the end than at the start."""


class Sweep:
    """What descents at several rates come to.

    Parameters
    ----------
    optimizer : Recurrence
        What descends.
    surface : Surface
        What it descends, from its start.
    rates : list of float
        The rates.
    """

    def __init__(
        self, optimizer: Recurrence[..., Any], surface: Surface, rates: Iterable[float]
    ) -> None:
        self.rates = np.array(list(rates))
        path, nudged = (
            descend(
                optimizer,
                surface,
                steps=STEPS,
                start=[x * nudge for x in surface.start],
                sweep={"lr": list(self.rates)},
            )
            for nudge in (1, 1 + _NUDGE)
        )
        low, high = np.transpose(surface.domain)
        self.inside = ((low <= path.theta) & (path.theta <= high)).all((0, 2))
        apart = np.linalg.norm(nudged.theta - path.theta, axis=-1)
        self.calm = apart.max(0) < _CALM * apart[0]
        minima = np.array(surface.minima)
        ends = np.where(self.inside[:, None], path.theta[-1], surface.start)
        nearest = np.linalg.norm(ends[:, None] - minima, axis=-1).argmin(-1)
        lowest = surface(minima)[nearest]
        self.share = (path.losses - lowest) / (surface(surface.start) - lowest)

    def good(self, share: float) -> NDArray[np.bool_]:
        """Say of each rate whether its path stays inside, ends within a share, and is calm."""
        good: NDArray[np.bool_] = self.inside & (self.share[-1] < share)
        calm: NDArray[np.bool_] = good & self.calm
        return calm if calm.any() else good

    def steps(self, share: float) -> NDArray[np.float64]:
        """Return how many steps each rate needs, infinitely many if it isn't good."""
        above = ~(self.share < share)
        return np.where(self.good(share), STEPS + 1 - above[::-1].argmax(0), np.inf)

    def gentlest(self, share: float) -> float:
        """Return the gentlest good rate of those that need at most twice the fewest steps."""
        steps = self.steps(share)
        return float(self.rates[steps <= 2 * steps.min()].min())


def rate(optimizer: Recurrence[..., Any], surface: Surface) -> float:
    """Return the rate of an optimizer on a surface: the one that it has, if that is good."""
    written = surface.rates.get(optimizer.name)
    sweep = Sweep(optimizer, surface, TRIED if written is None else [*TRIED, written])
    missed = takewhile(lambda share: not sweep.good(share).any(), SHARES)
    share = SHARES[min(len(list(missed)), len(SHARES) - 1)]
    if written is not None and sweep.good(share)[-1]:
        return written
    return sweep.gentlest(share)


def found() -> dict[str, dict[str, float]]:
    """Return the rates of every optimizer by surface."""
    return {
        name: {optimizer.name: rate(optimizer, surface) for optimizer in LADDER}
        for name, surface in surfaces.ALL.items()
    }


def main() -> None:
    """Write the file, and say what is new in it."""
    rates = found()
    for name, row in rates.items():
        for optimizer, lr in row.items():
            was = surfaces.ALL[name].rates.get(optimizer)
            if lr != was:
                click.echo(f"{name}: {optimizer} {was or 'none'} -> {lr:g}")
    write_whole(FILE, f"{json.dumps(rates, indent=1)}\n".encode())


if __name__ == "__main__":
    main()
