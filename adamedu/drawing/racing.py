"""The race: every optimizer on one surface, each at a rate at which it does well there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamedu import surfaces
from adamedu.descent import descend
from adamedu.drawing.figures import paths_and_losses
from adamedu.optimizers import LADDER
from adamedu.recurrence import recurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

    from adamedu.drawing.pictures import Picture
    from adamedu.landscape import Surface
    from adamedu.recurrence import Recurrence


def race(
    optimizers: Sequence[Callable[..., Any]] = LADDER,
    surface: Surface = surfaces.ravine,
    *,
    steps: int = 100,
    start: ArrayLike | None = None,
) -> Picture:
    """Let optimizers race from one start, and draw their paths and losses.

    Parameters
    ----------
    optimizers : list of callable, optional
        The runners: the whole ladder unless told. Your own step functions may run too.
    surface : Surface, optional
        Where they run. Its ``rates`` set the learning rates; an optimizer that isn't among them
        runs at its own default.
    steps : int, optional
        How many steps each may take.
    start : array_like of float, shape (d,), optional
        The surface's own start unless told.

    Examples
    --------
    >>> from adamedu import adam, gd
    >>> print(race([gd, adam], steps=30))
    Race on the ravine. From (-9, 2.5) in 30 steps, gradient descent ends at (-0.5315, 0.003095),
    loss 0.01413; Adam ends at (0.3663, 0.3869), loss 0.1564.
    """
    runners = [recurrence(optimizer) for optimizer in optimizers]
    traces = [
        descend(runner, surface, steps=steps, start=start, **_rate(runner, surface))
        for runner in runners
    ]
    return paths_and_losses(surface, *traces, title=f"Race on the {surface.name.replace('_', ' ')}")


def _rate(runner: Recurrence[..., Any], surface: Surface) -> dict[str, Any]:
    return {"lr": surface.rates[runner.name]} if runner.name in surface.rates else {}
