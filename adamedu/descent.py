"""Walk downhill: `descend` runs an optimizer on a surface and returns the `Trace` of the walk.

Many starts and many hyperparameter values go in one call: optimizers act element by element, so a
batch of runs is one array. An optimizer that mixes its coordinates (a norm, a sum) needs a call per
run.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import numpy as np

from adamedu.landscape import Surface
from adamedu.recurrence import REQUIRED, Recurrence, RecurrenceError, recurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

LIMIT: Final = 1e12
"""A parameter or a loss beyond this is a divergence."""


SHORT: Final = 4
"""A point with more coordinates than this isn't written out."""


class DescentError(ValueError):
    """A descent that can't be run as it was asked for."""


@runtime_checkable
class Objective(Protocol):
    """What can be descended: a loss and its gradient, at parameters of the start's shape."""

    def __call__(self, theta: Any, /) -> Any:
        """Return the losses, shape (...) for parameters of shape (..., d)."""

    def gradient(self, theta: Any, /) -> Any:
        """Return the gradients, of the parameters' shape."""


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """The record of one descent, or of many at once. All arrays are read-only.

    The first axis counts steps, then come one axis per swept hyperparameter, the starts' own axes,
    and the coordinates. From the step at which a run diverged, its values are NaN.

    Attributes
    ----------
    optimizer : Recurrence
        What made the steps.
    surface : callable or None
        What was descended; None where the gradients were given.
    hyperparameters : mapping of str to number or ndarray
        All of them, defaults too; an array where one was swept or scheduled.
    swept : tuple of str
        The hyperparameters of which several values were run, in the order of the axes.
    theta : ndarray, shape (steps + 1, ..., d)
        The parameters, ``theta[0]`` being the start.
    losses : ndarray, shape (steps + 1, ...)
        The loss at each of them; NaN where the gradients were given.
    gradients : ndarray, shape (steps, ..., d)
        ``gradients[t - 1]`` is the gradient that update t was made with.

    Examples
    --------
    >>> from adamedu import adam, descend, surfaces
    >>> trace = descend(adam, surfaces.ravine, steps=50, lr=0.5)
    >>> trace["m_hat"].shape
    (50, 2)
    """

    optimizer: Recurrence[..., Any]
    surface: Objective | None
    hyperparameters: Mapping[str, Any]
    swept: tuple[str, ...]
    theta: NDArray[Any]
    losses: NDArray[Any]
    gradients: NDArray[Any]
    _settings: Sequence[Mapping[str, Any]]
    _diverged: NDArray[np.intp]

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a named value of every update: ``trace["m_hat"]``."""
        try:
            return self.values[name]
        except KeyError:
            msg = f"{self.optimizer.name} has no value {name!r}; it has {', '.join(self.values)}"
            raise DescentError(msg) from None

    def __repr__(self) -> str:
        where = _name(self.surface) if self.surface is not None else "given gradients"
        parts = [f"{self.steps} step{'' if self.steps == 1 else 's'}"]
        finished = self._diverged > self.steps
        if finished.ndim:
            parts.append(f"{finished.size} runs of shape {finished.shape}")
        if finished.any() and self.surface is not None:
            first, *_, last = np.sort(np.repeat(self.losses[-1][finished], 2))
            if finished.ndim:
                parts.append(f"final loss {first:.4g} to {last:.4g}")
            else:
                parts.append(f"loss {self.losses[0]:.4g} -> {last:.4g}")
        if finished.ndim == 0 and finished and self.theta[0].size <= SHORT:
            parts.append(f"ends at {_point(self.theta[-1])}")
        if finished.ndim and not finished.all():
            parts.append(f"{np.count_nonzero(~finished)} diverged")
        elif not finished.all():
            parts.append(f"diverged at step {self.diverged_at}")
        return f"<{self.optimizer.name} on {where}: {', '.join(parts)}>"

    @property
    def steps(self) -> int:
        """The number of updates."""
        return len(self.gradients)

    def run(self, *index: int) -> Trace:
        """Return one run of many as a trace of its own.

        Parameters
        ----------
        *index : int
            One number for each axis of runs: swept hyperparameters first, then the starts' axes.

        Examples
        --------
        >>> from adamedu import descend, gd, surfaces
        >>> traces = descend(gd, surfaces.ravine, sweep={"lr": [0.1, 0.9]})
        >>> traces.run(1)
        <gd on ravine: 100 steps, loss 10.3 -> 2.605e-08, ends at (-0.0007217, 5.093e-10)>
        """
        if len(index) != self._diverged.ndim:
            raise DescentError(
                f"the runs have shape {self._diverged.shape}: give one number for each"
            )
        own = {
            n: self.hyperparameters[n][i].item() for n, i in zip(self.swept, index, strict=False)
        }
        at: Any = (slice(None), *index)
        return replace(
            self,
            hyperparameters=MappingProxyType({**self.hyperparameters, **own}),
            swept=(),
            theta=self.theta[at],
            losses=self.losses[at],
            gradients=self.gradients[at],
            _settings=[{**setting, **own} for setting in self._settings],
            _diverged=self._diverged[index],
        )

    @property
    def diverged_at(self) -> Any:
        """The first step whose parameters or loss aren't finite or are beyond 1e12.

        For one run an int or None; for many a masked array of int, masked where a run finished.

        >>> from adamedu import descend, gd, surfaces
        >>> trace = descend(gd, surfaces.ravine, start=(1.0, 1.0), lr=6.0)
        >>> trace
        <gd on ravine: 100 steps, diverged at step 6>
        """
        finished = self._diverged > self.steps
        if finished.ndim:
            return np.ma.masked_array(self._diverged, finished)
        return None if finished else int(self._diverged)

    @functools.cached_property
    def values(self) -> Mapping[str, NDArray[Any]]:
        """Every named line and state of every update, in source order, shape (steps, ..., d).

        They are found by making the recorded steps again, when they are first asked for. A function
        whose lines can't be read has its state alone.
        """
        step = self.optimizer
        try:
            names = tuple(line.name for line in step.lines)
        except RecurrenceError:
            names = ()
        recorded = {
            name: np.empty_like(self.gradients) for name in dict.fromkeys(names + step.state)
        }
        state = _zeros(self.theta[0], step)
        with np.errstate(all="ignore"):
            for t, settings in enumerate(self._settings, 1):
                arguments = (self.theta[t - 1].copy(), self.gradients[t - 1].copy(), t, *state)
                named = step.values(*arguments, **settings) if names else {}
                _, *state = _results(step, step(*arguments, **settings))
                for name, value in (dict(zip(step.state, state, strict=True)) | named).items():
                    recorded[name][t - 1] = value
        for array in recorded.values():
            _seal(array, self._diverged)
        return MappingProxyType(recorded)


def descend(  # noqa: PLR0913  (all but two are by name)
    optimizer: Callable[..., Any],
    surface: Objective | ArrayLike,
    *,
    steps: int | None = None,
    start: ArrayLike | None = None,
    sweep: Mapping[str, Sequence[float]] | None = None,
    project: ArrayLike | None = None,
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
    step = recurrence(optimizer)
    objective, given = _objective(surface)
    steps = _steps(steps, given)
    theta = _start(start, objective, given)
    swept = {name: _swept(name, values) for name, values in (sweep or {}).items()}
    runs = (*map(len, swept.values()), *theta.shape[:-1])
    theta = np.broadcast_to(theta, (*runs, *theta.shape[-1:]))
    chosen = _chosen(step, hyperparameters, swept)
    settings = _settings(chosen, tuple(swept), steps, theta.shape)
    box = None if project is None else _box(project, theta.shape)

    path = np.empty((steps + 1, *theta.shape), theta.dtype)
    path[0] = theta
    slopes = np.empty((steps, *theta.shape), theta.dtype)
    losses = np.full((steps + 1, *runs), np.nan, theta.dtype)
    if given is not None:
        one = (1,) * (slopes.ndim - given.ndim)
        slopes[...] = given.reshape(steps, *one, *given.shape[1:])

    def gradient(t: int, theta: NDArray[Any]) -> NDArray[Any]:
        if objective is None:
            return np.copy(slopes[t - 1])
        slope = _fitting(objective.gradient(theta), theta.shape, f"{_name(objective)}'s gradient")
        slopes[t - 1] = slope
        return slope

    with np.errstate(all="ignore"):
        _walk(step, gradient, settings, box, path)
        if isinstance(objective, Surface):
            losses[...] = objective(path)
        elif objective is not None:
            for k, point in enumerate(path):
                losses[k] = _fitting(objective(point), runs, f"{_name(objective)}'s loss")
        far = ~(np.abs(path) <= LIMIT).reshape(*losses.shape, -1).all(-1)
        if objective is not None:
            far |= ~(np.abs(losses) <= LIMIT)
    diverged = np.where(far.any(0), far.argmax(0), steps + 1)
    for array in (path, slopes, losses):
        _seal(array, diverged)
    return Trace(
        optimizer=step,
        surface=objective,
        hyperparameters=MappingProxyType(chosen),
        swept=tuple(swept),
        theta=path,
        losses=losses,
        gradients=slopes,
        _settings=settings,
        _diverged=diverged,
    )


def _walk(
    step: Recurrence[..., Any],
    gradient: Callable[[int, NDArray[Any]], NDArray[Any]],
    settings: Sequence[Mapping[str, Any]],
    box: tuple[NDArray[Any], NDArray[Any]] | None,
    path: NDArray[Any],
) -> None:
    """Make the steps from ``path[0]``, recording copies: a step in place can't change the past."""
    theta = path[0].copy()
    state: Sequence[Any] = _zeros(theta, step)
    for t, setting in enumerate(settings, 1):
        g = gradient(t, theta)
        theta, *state = _results(step, step(theta, g, t, *state, **setting))
        theta = _fitting(theta, g.shape, f"the theta that {step.name} returns")
        theta = theta.astype(path.dtype, copy=False)
        if box is not None:
            theta = np.minimum(np.maximum(theta, box[0]), box[1])
        path[t] = theta
        if t == 1:
            for name, value in zip(step.state, state, strict=True):
                _broadcastable(np.shape(value), g.shape, f"the {name} that {step.name} returns")


def _results(step: Recurrence[..., Any], returned: Any) -> Sequence[Any]:
    """Check that a step returned theta and its state."""
    if not step.state:
        return (returned,)
    got = type(returned).__name__
    if isinstance(returned, tuple | list):
        if len(returned) == len(step.returned):
            return returned
        got = f"{len(returned)} values"
    wanted = ", ".join(step.returned)
    raise DescentError(
        f"{step.name} should return {wanted} ({len(step.returned)} values); it returned {got}. "
        f"What follows t is state, what follows * is a hyperparameter"
    )


def _fitting(value: Any, shape: tuple[int, ...], what: str) -> NDArray[Any]:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise DescentError(f"{what} should be numbers; it is {type(value).__name__}")
    if array.shape != shape:
        raise DescentError(f"{what} should have shape {shape}; it has {array.shape}")
    return array


def _broadcastable(shape: tuple[int, ...], to: tuple[int, ...], what: str) -> None:
    try:
        fits = np.broadcast_shapes(shape, to) == to
    except ValueError:
        fits = False
    if not fits:
        raise DescentError(f"{what} has shape {shape}, which doesn't fit parameters of shape {to}")


def _zeros(theta: NDArray[Any], step: Recurrence[..., Any]) -> list[NDArray[Any]]:
    return [np.zeros_like(theta) for _ in step.state]


def _seal(array: NDArray[Any], diverged: NDArray[np.intp]) -> None:
    """Hide what follows a divergence, and make the array read-only."""
    if diverged.min(initial=len(array)) < len(array):
        counts = np.arange(len(array)).reshape(-1, *(1,) * diverged.ndim)
        array[counts >= diverged] = np.nan
    array.flags.writeable = False


def _point(theta: NDArray[Any]) -> str:
    return f"({', '.join(f'{value:.4g}' for value in np.atleast_1d(theta))})"


def _name(objective: Any) -> str:
    return str(
        getattr(objective, "name", None) or getattr(objective, "__name__", type(objective).__name__)
    )


def _objective(surface: Any) -> tuple[Objective | None, NDArray[Any] | None]:
    """Tell a surface from a list of gradients."""
    if isinstance(surface, Objective):
        return surface, None
    if callable(surface):
        raise DescentError(
            f"{_name(surface)} has no gradient: decorate it with @surface(start=…, domain=…)"
        )
    gradients = _numbers(surface, "the gradients")
    if gradients.ndim == 0 or len(gradients) == 0:
        raise DescentError("the gradients should be a list, one per step")
    return None, gradients.astype(float) if gradients.dtype.kind in "iu" else gradients


def _numbers(values: Any, what: str) -> NDArray[Any]:
    """Make an array of finite real numbers."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise DescentError(f"{what} should be an array: {error}") from error
    if array.dtype.kind not in "fiu":
        raise DescentError(f"{what} should be numbers, not {array.dtype}")
    if not np.isfinite(array).all():
        raise DescentError(f"{what} should be finite, not {array}")
    return array


def _steps(steps: Any, gradients: NDArray[Any] | None) -> int:
    if steps is None:
        return 100 if gradients is None else len(gradients)
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 0:
        raise DescentError(f"steps should be a whole number, 0 or more, not {steps!r}")
    if gradients is not None and steps != len(gradients):
        raise DescentError(f"{len(gradients)} gradients make {len(gradients)} steps, not {steps}")
    return int(steps)


def _start(start: Any, objective: Objective | None, gradients: NDArray[Any] | None) -> NDArray[Any]:
    shape = () if gradients is None else gradients.shape[1:]
    if start is None:
        start = getattr(objective, "start", None) if gradients is None else np.zeros(shape)
    if start is None:
        raise DescentError(f"{_name(objective)} has no start of its own: give start=…")
    theta = _numbers(start, "the parameters")
    if theta.dtype.kind != "f":
        raise DescentError(
            "the parameters must be floats, for steps are fractions: write 1.0, not 1"
        )
    if theta.ndim < len(shape):
        theta = np.broadcast_to(theta, shape)
    _broadcastable(shape, theta.shape, "each gradient")
    return theta


def _swept(name: str, values: Any) -> NDArray[Any]:
    array = _numbers(values, f"the sweep over {name}")
    if array.ndim != 1 or len(array) == 0:
        raise DescentError(f"the sweep over {name} should be a list of numbers")
    return array.astype(float)


def _box(project: Any, shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    try:
        box = np.asarray(project, float)
    except (TypeError, ValueError):
        box = np.empty(0)
    if box.shape not in {(2,), (*shape[-1:], 2)} or not (box[..., 0] <= box[..., 1]).all():
        raise DescentError(
            "project should be (lowest, highest), for all coordinates or for each; "
            f"it is {project!r}"
        )
    return box[..., 0], box[..., 1]


def _chosen(
    step: Recurrence[..., Any], given: Mapping[str, Any], swept: Mapping[str, NDArray[Any]]
) -> dict[str, Any]:
    """Collect every hyperparameter's value, in the order of the signature."""
    known = step.hyperparameters
    for name in (*given, *swept):
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise DescentError(
                f"{step.name} has no hyperparameter {name!r}; it has {', '.join(known) or 'none'}"
                + (f". Did you mean {near[0]}?" if near else "")
            )
        if name in given and name in swept:
            raise DescentError(f"{name} is both given and swept: choose one")
    values = {**known, **{name: _setting(name, value) for name, value in given.items()}, **swept}
    missing = [name for name, value in values.items() if value is REQUIRED]
    if missing:
        raise DescentError(f"{step.name} needs a value for {', '.join(missing)}: {missing[0]}=…")
    return values


def _setting(name: str, value: Any) -> Any:
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiub":
        raise DescentError(
            f"{name} should be a number, or an array with one per step; it is {value!r}"
        )
    return array.item() if array.ndim == 0 else array


def _settings(
    chosen: Mapping[str, Any], swept: tuple[str, ...], steps: int, shape: tuple[int, ...]
) -> list[dict[str, Any]]:
    """List the hyperparameters of every step, as the optimizer takes them."""
    constant = dict(chosen)
    for axis, name in enumerate(swept):
        constant[name] = chosen[name].reshape(-1, *(1,) * (len(shape) - axis - 1))
    schedules = {name: v for name, v in chosen.items() if np.ndim(v) and name not in swept}
    for name, values in schedules.items():
        if len(values) not in {1, steps}:
            raise DescentError(
                f"{name} has {len(values)} values for {steps} steps: give one number, or one per "
                f"step; for one per coordinate write {name}=[[…]]"
            )
        _broadcastable(values.shape[1:], shape, f"{name} at one step")
    rows = {name: np.broadcast_to(v, (steps, *v.shape[1:])) for name, v in schedules.items()}
    # Python's floats leave float32 parameters as they are, NumPy's don't.
    lists = {name: row.tolist() if row.ndim == 1 else list(row) for name, row in rows.items()}
    if not lists:
        return [constant] * steps
    return [
        constant | dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)
    ]
