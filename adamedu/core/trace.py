"""The record of a descent."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core.arguments import DescentError
from adamedu.core.errors import there_is
from adamedu.core.recurrence import Recurrence, RecurrenceError
from adamedu.core.surface import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from adamedu.core.arguments import Objective

SHORT: Final = 4
"""A point with more coordinates than this isn't written out."""


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
        The parameters, ``theta[0]`` being the start. Of a descent that didn't record them the first
        and the last alone, shape (2, ..., d).
    losses : ndarray, shape (steps + 1, ...)
        The loss at each of them; NaN where the gradients were given.
    gradients : ndarray, shape (steps, ..., d)
        ``gradients[t - 1]`` is the gradient that update t was made with, noise included. None of a
        descent that didn't record them.

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
            has = there_is(name, self.values, "it has")
            raise DescentError(f"{self.optimizer.name} has no value {name!r}; {has}") from None

    def __repr__(self) -> str:
        where = name_of(self.surface) if self.surface is not None else "given gradients"
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
        return len(self._settings)

    @property
    def recorded(self) -> bool:
        """Whether it holds every step, not the ends alone."""
        return len(self.gradients) == self.steps

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
        if not self.recorded:
            raise DescentError("only the ends of this descent were recorded (record=False)")
        state: Sequence[Any] = [np.zeros_like(self.theta[0]) for _ in step.state]
        with np.errstate(all="ignore"):
            for t, settings in enumerate(self._settings, 1):
                arguments = (self.theta[t - 1].copy(), self.gradients[t - 1].copy(), t, *state)
                named = step.values(*arguments, **settings) if names else {}
                returned = step(*arguments, **settings)
                state = returned[1:] if step.state else ()
                for name, value in (dict(zip(step.state, state, strict=True)) | named).items():
                    recorded[name][t - 1] = value
        for array in recorded.values():
            seal(array, range(self.steps), self._diverged)
        return MappingProxyType(recorded)


def seal(array: NDArray[Any], counts: Sequence[int], diverged: NDArray[np.intp]) -> None:
    """Hide what follows a divergence, and make the array read-only.

    Parameters
    ----------
    array : ndarray, shape (n, ...)
        What was recorded.
    counts : list of int, length n
        After how many steps each of it was.
    diverged : ndarray of int, shape (...)
        At which step each run diverged.
    """
    array[np.reshape(counts, (-1, *(1,) * diverged.ndim)) >= diverged] = np.nan
    array.flags.writeable = False


def _point(theta: NDArray[Any]) -> str:
    return f"({', '.join(f'{value:.4g}' for value in np.atleast_1d(theta))})"
