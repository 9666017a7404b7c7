"""Walk downhill: `descend` runs an optimizer on a surface and returns the `Trace` of the walk.

Many starts and many hyperparameter values go in one call: optimizers act element by element, so a
batch of runs is one array. An optimizer that mixes its coordinates (a norm, a sum) needs a call per
run. Large batches are walked in blocks, each through all of its steps while it is in the cache.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core.arguments import DescentError, Objective, Plan, fits, read
from adamedu.core.surface import Surface, name_of
from adamedu.core.trace import Trace, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from adamedu.core.recurrence import Recurrence

__all__ = ["LIMIT", "DescentError", "Objective", "Trace", "descend"]

LIMIT: Final = 1e12
"""A parameter or a loss beyond this is a divergence."""

BLOCK: Final = 16384
"""About how many numbers the parameters of a block have: a few such arrays fit in the cache."""

SPAN: Final = 8
"""Of how many steps a descent that isn't recorded keeps the parameters at once."""


def descend(  # noqa: PLR0913  (all but two are by name)
    optimizer: Callable[..., Any],
    surface: Objective | ArrayLike,
    *,
    steps: int | None = None,
    start: ArrayLike | None = None,
    sweep: Mapping[str, Sequence[float]] | None = None,
    project: ArrayLike | None = None,
    seed: int = 0,
    record: bool = True,
    **hyperparameters: Any,
) -> Trace:
    """Run an optimizer and return the `Trace` of it.

    Parameters
    ----------
    optimizer : callable
        One of the ladder, or a step function with the same signature:
        ``step(theta, g, t, *state, **hyperparameters)``.
    surface : Surface or other callable with a gradient, or array_like of float
        What to descend. An array is a list of gradients, one per step, in place of a surface.
    steps : int, optional
        How many updates to make: 100, or as many as gradients are given.
    start : array_like of float, shape (..., d), optional
        One start or many. The surface's own start, or zeros where gradients are given.
    sweep : mapping of str to list of float, optional
        Hyperparameters of which all values are run, in all combinations. Each adds a leading axis
        to the runs, in order.
    project : array_like of float, shape (d, 2) or (2,), optional
        The lowest and the highest value, per coordinate or for all; each step is clipped to it.
    seed : int, optional
        Chooses the noise of a surface that has any; all runs meet the same.
    record : bool, optional
        Whether the trace holds every step, or the first and the last parameters and losses alone:
        for so many runs that all of their steps would fill the memory.
    **hyperparameters
        Numbers. An array has one value per step along its first axis (or one for all): shape
        (steps,) is a schedule, shape (1, d) has a value per coordinate.

    Raises
    ------
    DescentError
        When the arguments don't fit each other, or when the optimizer or the surface returns
        something that doesn't fit.
    RecurrenceError
        When the optimizer isn't a step function.

    Examples
    --------
    >>> from adamedu import descend, gd, surfaces
    >>> descend(gd, surfaces.ravine, steps=50, start=(-8.0, 1.0), lr=0.5)
    <gd on ravine: 50 steps, loss 4.2 -> 0.01895, ends at (-0.6156, 0)>
    >>> descend(gd, surfaces.ravine, sweep={"lr": [0.1, 0.5, 0.9]}).theta.shape
    (101, 3, 2)
    >>> descend(gd, [4.0, -2.0], start=1.0, lr=0.5).theta
    array([ 1., -1.,  0.])
    """
    __tracebackhide__ = True
    plan = read(optimizer, surface, steps, start, sweep, project, seed, hyperparameters)
    counts = range(plan.steps + 1) if record else (0, plan.steps)
    path = _room(len(counts), plan, plan.theta.shape)
    slopes = _room(plan.steps if record else 0, plan, plan.theta.shape)
    losses = np.full((len(counts), *plan.runs), np.nan, plan.theta.dtype)
    diverged = np.empty(plan.runs, np.intp)
    with np.errstate(all="ignore"):
        for block in _blocks(plan):
            walk = _Walk(plan, block)
            at = (slice(None), *block)
            if record:
                first = walk.on(path[at], slopes[at], losses[at])
            else:
                first = walk.to_the_end(path[at], losses[at])
            diverged[block] = first
    for array in (path, losses):
        seal(array, counts, diverged)
    seal(slopes, range(len(slopes)), diverged)
    return Trace(
        optimizer=plan.step,
        surface=plan.objective,
        hyperparameters=MappingProxyType(dict(plan.chosen)),
        swept=plan.swept,
        theta=path,
        losses=losses,
        gradients=slopes,
        _settings=plan.settings,
        _diverged=diverged,
    )


def _room(count: int, plan: Plan, shape: tuple[int, ...]) -> NDArray[Any]:
    """Make room for so many parameters, each coordinate in a piece of memory of its own.

    That is where a surface's function reads them fastest.
    """
    if len(shape) == len(plan.runs):
        return np.empty((count, *shape), plan.theta.dtype)
    *runs, coordinates = shape
    return np.moveaxis(np.empty((count, coordinates, *runs), plan.theta.dtype), 1, -1)


def _blocks(plan: Plan) -> Iterator[tuple[slice, ...]]:
    """Cut the runs along the first axis of the starts, if they are many."""
    axis = len(plan.swept)
    if plan.theta.size <= BLOCK or len(plan.runs) == axis:
        yield ()
        return
    length = plan.runs[axis]
    width = max(1, BLOCK * length // plan.theta.size)
    for first in range(0, length, width):
        yield (*(slice(None),) * axis, slice(first, first + width))


class _Walk:
    """The walk of a block of runs; it goes on from where it is."""

    def __init__(self, plan: Plan, block: tuple[slice, ...]) -> None:
        self.plan = plan
        self.block = block
        self.theta = _room(1, plan, plan.theta[block].shape)[0, ...]
        self.theta[...] = plan.theta[block]
        self.state: Sequence[Any] = [np.zeros_like(self.theta) for _ in plan.step.state]
        self.t = 0
        arrays = any(
            np.ndim(value) for settings in plan.settings[:1] for value in settings.values()
        )
        self._same_settings = not block or not arrays

    def on(
        self, path: NDArray[Any], slopes: NDArray[Any], losses: NDArray[Any]
    ) -> NDArray[np.intp]:
        """Make as many steps as there is room for; record them, and where they begin.

        They are copies: a step in place can't change the past.

        Returns
        -------
        ndarray of int
            After how many steps each run had diverged, one more than all if it didn't.
        """
        __tracebackhide__ = True
        first, step = self.t, self.plan.step.function
        path[0] = self.theta
        for k in range(len(slopes)):
            self.t += 1
            g = slopes[k] = self._gradient()
            path[k + 1] = self._after(step(self.theta, g, self.t, *self.state, **self._settings()))
        self._lose(path, losses)
        never = np.full(losses.shape[1:], self.plan.steps + 1)
        if _near(path) and (self.plan.objective is None or _near(losses)):
            return never
        far = ~(np.abs(path) <= LIMIT).all(tuple(range(losses.ndim, path.ndim)))
        if self.plan.objective is not None:
            far |= ~(np.abs(losses) <= LIMIT)
        return np.where(far.any(0), first + far.argmax(0), never)

    def to_the_end(self, path: NDArray[Any], losses: NDArray[Any]) -> NDArray[np.intp]:
        """Make all steps, and record the first and the last parameters and losses."""
        __tracebackhide__ = True
        steps = self.plan.steps
        span = min(SPAN, steps)
        points = _room(span + 1, self.plan, self.theta.shape)
        slopes = _room(span, self.plan, self.theta.shape)
        values = np.full((span + 1, *losses.shape[1:]), np.nan, losses.dtype)
        diverged = np.full(losses.shape[1:], steps + 1)
        for first in range(0, max(steps, 1), SPAN):
            count = min(span, steps - first)
            when = self.on(points[: count + 1], slopes[:count], values[: count + 1])
            diverged = np.minimum(diverged, when)
            if first == 0:
                path[0], losses[0] = points[0], values[0]
            path[1], losses[1] = points[count], values[count]
        return diverged

    def _settings(self) -> Mapping[str, Any]:
        settings = self.plan.settings[self.t - 1]
        if self._same_settings:
            return settings
        return {name: self._part(value) for name, value in settings.items()}

    def _gradient(self) -> NDArray[Any]:
        objective, added = self.plan.objective, self.plan.added
        if objective is None:
            given = self._part(added[self.t - 1])  # type: ignore[index]
            return np.array(np.broadcast_to(given, self.theta.shape))
        slope: NDArray[Any] = objective.gradient(self.theta)
        if not _alike(slope, self.theta):
            slope = _fitting(slope, self.theta.shape, f"{name_of(objective)}'s gradient")
        return slope if added is None else slope + added[self.t - 1]

    def _after(self, returned: Any) -> NDArray[Any]:
        """Take what a step returned as the new parameters and state."""
        step, shape = self.plan.step, self.theta.shape
        theta: NDArray[Any]
        theta, *self.state = _results(step, returned)
        if not _alike(theta, self.theta):
            theta = _fitting(theta, shape, f"the theta that {step.name} returns")
            theta = theta.astype(self.theta.dtype, copy=False)
        if self.t == 1:
            for name, value in zip(step.state, self.state, strict=True):
                fits(np.shape(value), shape, f"the {name} that {step.name} returns")
        if self.plan.box is not None:
            theta = np.minimum(np.maximum(theta, self.plan.box[0]), self.plan.box[1])
        self.theta = theta
        return theta

    def _part(self, value: Any) -> Any:
        """Return the block's part of a value that is broadcast to the parameters."""
        axis = np.ndim(value) - self.theta.ndim + len(self.block) - 1
        if not self.block or axis < 0 or value.shape[axis] == 1:
            return value
        return value[(*(slice(None),) * axis, self.block[-1])]

    def _lose(self, path: NDArray[Any], losses: NDArray[Any]) -> None:
        objective = self.plan.objective
        if isinstance(objective, Surface):
            losses[...] = objective(path)
        elif objective is not None:
            for k, point in enumerate(path):
                losses[k] = _fitting(
                    objective(point), losses.shape[1:], f"{name_of(objective)}'s loss"
                )


def _near(values: NDArray[Any]) -> bool:
    """Whether all of them are finite and within the limit, without room for a copy of them."""
    return bool(values.max(initial=0) <= LIMIT and values.min(initial=0) >= -LIMIT)


def _alike(value: Any, theta: NDArray[Any]) -> bool:
    """Whether a value is what it mostly is: an array of the parameters' shape and dtype."""
    return type(value) is np.ndarray and value.shape == theta.shape and value.dtype == theta.dtype


def _results(step: Recurrence[..., Any], returned: Any) -> Sequence[Any]:
    """Check that a step returned theta and its state."""
    count = len(step.state)
    if not count:
        return (returned,)
    got = type(returned).__name__
    if isinstance(returned, tuple | list):
        if len(returned) == count + 1:
            return returned
        got = f"{len(returned)} values"
    wanted = ", ".join(step.returned)
    raise DescentError(
        f"{step.name} should return {wanted} ({count + 1} values); it returned {got}. "
        f"What follows t is state, what follows * is a hyperparameter"
    )


def _fitting(value: Any, shape: tuple[int, ...], what: str) -> NDArray[Any]:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise DescentError(f"{what} should be numbers; it is {type(value).__name__}")
    if array.shape != shape:
        raise DescentError(f"{what} should have shape {shape}; it has {array.shape}")
    return array
