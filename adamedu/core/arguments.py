"""A plan: what a descent is asked for, read, checked and completed.

Errors speak of the arguments of `adamedu.core.descent.descend`, which are read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from adamedu.core.errors import ArgumentError, is_whole, nearest, there_is
from adamedu.core.recurrence import REQUIRED, Recurrence, recurrence
from adamedu.core.surface import Surface, SurfaceError, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray


class DescentError(ArgumentError):
    """A descent that can't be run as it was asked for."""


@runtime_checkable
class Objective(Protocol):
    """What can be descended: a loss and its gradient, at parameters of the start's shape."""

    def __call__(self, theta: Any, /) -> Any:
        """Return the losses, shape (...) for parameters of shape (..., d)."""

    def gradient(self, theta: Any, /) -> Any:
        """Return the gradients, of the parameters' shape."""


@dataclass(frozen=True)
class Plan:
    """A descent, ready to be run.

    Attributes
    ----------
    step : Recurrence
        What makes the steps.
    objective : callable or None
        What is descended; None where the gradients are given.
    added : ndarray, shape (steps, ...), or None
        What is added to the objective's gradient at each step: the gradients that were given, or
        the noise of a surface.
    theta : ndarray, shape (..., d)
        The starts of all runs.
    runs : tuple of int
        The shape of the runs: swept hyperparameters first, then the starts.
    chosen : dict of str to number or ndarray
        All hyperparameters.
    swept : tuple of str
        Those of which several values are run.
    settings : list of dict
        The hyperparameters of each step, as the step takes them.
    box : (ndarray, ndarray) or None
        The lowest and the highest values that a step may lead to.
    """

    step: Recurrence[..., Any]
    objective: Objective | None
    added: NDArray[Any] | None
    theta: NDArray[Any]
    runs: tuple[int, ...]
    chosen: Mapping[str, Any]
    swept: tuple[str, ...]
    settings: Sequence[Mapping[str, Any]]
    box: tuple[NDArray[Any], NDArray[Any]] | None

    @property
    def steps(self) -> int:
        """How many steps are made."""
        return len(self.settings)


def read(  # noqa: PLR0913, PLR0917  (descend's arguments, as they came)
    optimizer: Callable[..., Any],
    surface: Objective | ArrayLike,
    steps: int | None,
    start: ArrayLike | None,
    sweep: Mapping[str, Sequence[float]] | None,
    project: ArrayLike | None,
    seed: int,
    hyperparameters: Mapping[str, Any],
) -> Plan:
    """Read the arguments of a descent.

    Raises
    ------
    DescentError
        When they don't fit each other.
    RecurrenceError
        When the optimizer isn't a step function.
    """
    step = recurrence(optimizer)
    objective, given = _objective(surface)
    steps = _steps(steps, given)
    theta = _start(start, objective, given)
    if not isinstance(sweep, Mapping | None):
        raise DescentError(f"sweep should be a dict, {{'lr': [0.1, 0.2]}}; it is {sweep!r}")
    swept = {name: _swept(name, values) for name, values in (sweep or {}).items()}
    runs = (*map(len, swept.values()), *theta.shape[:-1])
    theta = np.broadcast_to(theta, (*runs, *theta.shape[-1:]))
    chosen = _chosen(step, hyperparameters, swept)
    if not is_whole(seed):
        raise DescentError(f"a seed is a whole number, 0 or more, not {seed!r}")
    if isinstance(objective, Surface) and objective.noise:
        given = objective.noise_rows(steps, int(seed))
    return Plan(
        step=step,
        objective=objective,
        added=None if given is None else given.astype(theta.dtype),
        theta=theta,
        runs=runs,
        chosen=chosen,
        swept=tuple(swept),
        settings=_settings(chosen, tuple(swept), steps, theta.shape),
        box=None if project is None else _box(project, theta.shape),
    )


def steps_asked(surface: Objective | ArrayLike, steps: int | None) -> int:
    """Return how many steps a descent makes, without making it.

    Raises
    ------
    DescentError
        When that can't be said.

    Examples
    --------
    >>> from adamedu import surfaces
    >>> steps_asked(surfaces.ravine, None), steps_asked([1.0, -1.0], None)
    (100, 2)
    """
    return _steps(steps, _objective(surface)[1])


def as_surface(value: Any) -> Surface:
    """Return a surface as it is.

    Raises
    ------
    SurfaceError
        When it is none; the message says what to write.

    Examples
    --------
    >>> as_surface("ravin")
    Traceback (most recent call last):
        ...
    adamedu.core.surface.SurfaceError: a surface isn't given by its name: write surfaces.ravine, ...
    """
    if isinstance(value, Surface):
        return value
    if isinstance(value, str):
        from adamedu.core.surfaces import ALL

        meant = nearest(value, ALL) or "ravine"
        said = f"a surface isn't given by its name: write surfaces.{meant}, not {value!r}"
    elif callable(value):
        said = f"{name_of(value)} is no surface: decorate it with @surface(start=…, domain=…)"
    else:
        kind = type(value).__name__
        said = f"this should be a surface, such as surfaces.ravine; it is of type {kind}"
    raise SurfaceError(said)


def fits(shape: tuple[int, ...], to: tuple[int, ...], what: str) -> None:
    """Refuse a shape that can't be broadcast to that of the parameters."""
    try:
        fitting = np.broadcast_shapes(shape, to) == to
    except ValueError:
        fitting = False
    if not fitting:
        raise DescentError(f"{what} has shape {shape}, which doesn't fit parameters of shape {to}")


def _objective(surface: Any) -> tuple[Objective | None, NDArray[Any] | None]:
    """Tell a surface from a list of gradients."""
    if isinstance(surface, type):
        name = surface.__name__
        raise DescentError(f"{name} is a class: give what it makes, {name}(…)")
    if isinstance(surface, Objective):
        return surface, None
    if callable(surface):
        raise DescentError(
            f"{name_of(surface)} has no gradient: decorate it with @surface(start=…, domain=…)"
        )
    if isinstance(surface, str) or not (
        isinstance(surface, Sequence | float | int) or hasattr(surface, "__array__")
    ):
        as_surface(surface)  # which says what to write
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
    if not is_whole(steps):
        raise DescentError(f"steps should be a whole number, 0 or more, not {steps!r}")
    if gradients is not None and steps != len(gradients):
        raise DescentError(f"{len(gradients)} gradients make {len(gradients)} steps, not {steps}")
    return int(steps)


def _start(start: Any, objective: Objective | None, gradients: NDArray[Any] | None) -> NDArray[Any]:
    shape = () if gradients is None else gradients.shape[1:]
    if start is None:
        start = getattr(objective, "start", None) if gradients is None else np.zeros(shape)
    if start is None:
        raise DescentError(f"{name_of(objective)} has no start of its own: give start=…")
    theta = _numbers(start, "the parameters")
    if theta.dtype.kind != "f":
        theta = theta.astype(float)  # steps are fractions
    if theta.ndim < len(shape):
        theta = np.broadcast_to(theta, shape)
    fits(shape, theta.shape, "each gradient")
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
            has = there_is(name, known, "it has")
            raise DescentError(f"{step.name} has no hyperparameter {name!r}; {has}")
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
    if not np.isfinite(array).all():
        raise DescentError(f"{name} should be finite; it is {value!r}")
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
        fits(values.shape[1:], shape, f"{name} at one step")
    rows = {name: np.broadcast_to(v, (steps, *v.shape[1:])) for name, v in schedules.items()}
    # Python's floats leave float32 parameters as they are, NumPy's don't.
    lists = {name: row.tolist() if row.ndim == 1 else list(row) for name, row in rows.items()}
    if not lists:
        return [constant] * steps
    return [
        constant | dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)
    ]
