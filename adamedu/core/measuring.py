"""Measure what lessons claim: when and where a descent settles, its best rate, what noise does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core.descent import DescentError, Trace, descend

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from adamedu.core.descent import Objective

RATES: Final = np.geomspace(0.001, 100, 101)
"""The learning rates that `tune` tries: twenty to each power of ten."""
RATES.flags.writeable = False


def settles_at(trace: Trace, below: float) -> Any:
    """Return the first step from which the loss stays below a value, up to the end of the trace.

    Parameters
    ----------
    trace : Trace
        One run, or many.
    below : float
        The loss to stay below.

    Returns
    -------
    int, None or masked array of int
        For one run its step, None if it doesn't settle; for many an array, masked where a run
        doesn't.

    Raises
    ------
    DescentError
        When the trace has no losses, for its gradients were given, or the ends' alone.

    Examples
    --------
    >>> from adamedu import gd, surfaces
    >>> settles_at(descend(gd, surfaces.ravine, lr=0.9), below=0.1)
    20
    """
    _of_trace(trace, "settles_at")
    _number(below, "below")
    if trace.surface is None:
        raise DescentError("a trace of given gradients has no losses that could settle")
    if not trace.recorded:
        raise DescentError("only the ends of this descent were recorded (record=False)")
    above = ~(trace.losses < below)
    step = np.where(above.any(0), len(above) - above[::-1].argmax(0), 0)
    never = above[-1]
    if never.ndim:
        return np.ma.masked_array(step, never)
    return None if never else int(step)


def destinations(trace: Trace, *, within: float = 0.05) -> Any:
    """Return at which minimum each run ends, as a position in its surface's ``minima``.

    Parameters
    ----------
    trace : Trace
        One run, or many.
    within : float, optional
        How near to a minimum the last parameters must be to have arrived, as a distance.

    Returns
    -------
    int, None or masked array of int
        For one run the position (0 is the global minimum), None if it is at none of them; for many
        an array, of the shape of the runs, masked where a run is at none.

    Raises
    ------
    DescentError
        When the trace has no surface, or one whose minima aren't known.

    Examples
    --------
    >>> from adamedu import gd, surfaces
    >>> starts = [[-2.0], [1.0], [6.0]]
    >>> destinations(descend(gd, surfaces.hills, start=starts, lr=0.3)).tolist()
    [1, 0, 4]
    """
    _of_trace(trace, "destinations")
    _number(within, "within")
    minima = np.array(getattr(trace.surface, "minima", ()))
    if not len(minima):
        raise DescentError("destinations needs a trace on a surface whose minima are known")
    away = np.linalg.norm(trace.theta[-1][..., np.newaxis, :] - minima, axis=-1)
    nearest, lost = away.argmin(-1), ~(away.min(-1) <= within)
    if nearest.ndim:
        return np.ma.masked_array(nearest, lost)
    return None if lost else int(nearest)


@dataclass(frozen=True)
class Tuned:
    """What a search over learning rates found.

    Attributes
    ----------
    steps : int or None
        How many steps the best rate needs; None if it doesn't get there with any.
    lr : float or None
        That rate, the smallest where several are equally good.
    forgiving : (float, float) or None
        The smallest and the largest rate that need at most twice as many.
    """

    steps: int | None
    lr: float | None
    forgiving: tuple[float, float] | None


def tune(
    optimizer: Callable[..., Any],
    surface: Objective,
    *,
    below: float,
    steps: int = 1000,
    rates: ArrayLike = RATES,
    **hyperparameters: Any,
) -> Tuned:
    """Find the learning rate with which an optimizer settles first.

    Parameters
    ----------
    optimizer : callable
        What to tune.
    surface : Surface or other callable with a gradient
        What to descend, from its start.
    below : float
        The loss to stay below; see `settles_at`.
    steps : int, optional
        How long each run is.
    rates : array_like of float, optional
        The rates to try; the same for each optimizer make a fair comparison.
    **hyperparameters
        As `descend` takes them.

    Examples
    --------
    >>> from adamedu import gd, surfaces
    >>> tune(gd, surfaces.ridge, below=0.1, rates=[0.05, 0.1, 0.15, 0.2])
    Tuned(steps=115, lr=0.15, forgiving=(0.1, 0.15))
    """
    _number(below, "below")
    rates = np.asarray(rates)
    trace = descend(optimizer, surface, steps=steps, sweep={"lr": list(rates)}, **hyperparameters)
    settled = settles_at(trace, below)
    if settled.mask.all():
        return Tuned(None, None, None)
    best = int(settled.argmin())
    near = rates[(settled <= 2 * settled[best]).filled(fill_value=False)]
    return Tuned(int(settled[best]), float(rates[best]), (float(near.min()), float(near.max())))


def _of_trace(trace: object, who: str) -> None:
    if not hasattr(trace, "surface"):
        raise DescentError(f"{who} takes what descend returns, not a {type(trace).__name__}")


def _number(value: object, name: str) -> None:
    is_number = isinstance(value, float | int | np.number) and not isinstance(value, bool)
    if not is_number or math.isnan(value):  # type: ignore[arg-type]
        raise DescentError(f"{name} should be a number, not {value!r}")
