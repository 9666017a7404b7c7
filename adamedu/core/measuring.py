"""Measure what lessons claim: when and where a descent settles, its best rate, what noise does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core.descent import DescentError, Trace, descend
from adamedu.core.errors import ArgumentError, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

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


class LeastSquares:
    """The mean squared error of a linear model, whose slope may come from a few rows at a time.

    ``theta`` holds one weight per column. The loss is always that of all rows. With ``batch``, each
    call of `gradient` draws that many rows afresh, so its slopes are noisy: right on average. All
    runs of one descent share the rows of a step. For the same rows again, make a new one.

    Parameters
    ----------
    inputs : array_like of float, shape (n, d)
        One row per example, one column per weight.
    targets : array_like of float, shape (n,)
        What the model should say.
    batch : int, optional
        How many different rows each gradient is measured on; all of them unless told.
    seed : int, optional
        What decides which.

    Attributes
    ----------
    start : ndarray of float, shape (d,)
        Zeros.
    best : float
        The lowest loss that there is.

    Raises
    ------
    ArgumentError
        When the data don't fit each other, aren't finite, or have fewer rows than the batch.

    Examples
    --------
    >>> fit = LeastSquares([[1.0], [1.0]], [1.0, 3.0])
    >>> float(fit([0.0])), fit.gradient([0.0]).tolist(), fit.best
    (5.0, [-4.0], 1.0)
    """

    def __init__(
        self, inputs: ArrayLike, targets: ArrayLike, *, batch: int | None = None, seed: int = 0
    ) -> None:
        self.inputs, self.targets = np.asarray(inputs, float), np.asarray(targets, float)
        if self.inputs.ndim != 2 or self.targets.shape != self.inputs.shape[:1]:  # noqa: PLR2004
            raise ArgumentError(
                f"inputs of shape (n, d) need targets of shape (n,); they have shapes "
                f"{self.inputs.shape} and {self.targets.shape}"
            )
        if not (np.isfinite(self.inputs).all() and np.isfinite(self.targets).all()):
            raise ArgumentError("the inputs and the targets should be finite")
        if batch is not None and not is_whole(batch, 1, len(self.targets)):
            raise ArgumentError(
                f"batch should be 1 to {len(self.targets)}, the rows; it is {batch!r}"
            )
        self.batch = batch
        self.start = np.zeros(self.inputs.shape[1])
        self.best = float(self(np.linalg.lstsq(self.inputs, self.targets)[0]))
        self._rng = np.random.default_rng(seed)

    def __call__(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the losses of all rows, shape (...) for parameters of shape (..., d)."""
        errors = np.asarray(theta) @ self.inputs.T - self.targets
        return np.asarray((errors**2).mean(-1))

    def gradient(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the gradients, of the parameters' shape, measured on the next rows."""
        rows: Any = slice(None)
        if self.batch is not None:
            rows = self._rng.choice(len(self.targets), self.batch, replace=False)
        inputs = self.inputs[rows]
        errors = np.asarray(theta) @ inputs.T - self.targets[rows]
        return np.asarray(2 * errors @ inputs / len(inputs))
