"""What a step's answers to the probes show, and how it is said."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.grading.comparing import agrees, pair
from adamedu.grading.diagnosis.naming import Moment
from adamedu.grading.diagnosis.variants import Observed

if TYPE_CHECKING:
    from adamedu.core.recurrence import Recurrence
    from adamedu.grading.comparing import Array
    from adamedu.grading.probes import Probe


_EXACT: Final = 1e-12
"""What a rounded number may be off."""


@dataclass(frozen=True)
class Outcome:
    """What one probe showed, quantity by quantity, or what stood in the way.

    Attributes
    ----------
    probe : Probe
        The call.
    got, expected : dict of str to ndarray
        What came back, and what the definition gives.
    right : dict of str to bool
        Whether it is right: the definition's, or what follows from the state that was returned.
    problem, error, behavior : str or None
        A sentence, the type of an error, the id of a behavior that it shows.
    alike : dict of str to bool
        Whether it is the definition's, wherever it came from.
    misfit : bool
        Whether shapes that don't fit stood in the way.
    """

    probe: Probe
    got: dict[str, Array]
    expected: dict[str, Array]
    right: dict[str, bool]
    problem: str | None = None
    error: str | None = None
    behavior: str | None = None
    alike: dict[str, bool] = field(default_factory=dict)
    misfit: bool = False


class Seen:
    """What all probes showed.

    Attributes
    ----------
    outcomes : list of Outcome
        In the probes' order, as far as they were answered.
    complete : bool
        Whether all were answered.
    values, regimes, decisive : list of Outcome
        Those of two runs from the start, of steps far from there, and of all that decide.
    misshapen : list of Outcome
        Those of matrices, where these fail and vectors don't: another kind of input, then.
    """

    def __init__(self, outcomes: list[Outcome], *, complete: bool, inputs: bool = False) -> None:
        self.outcomes = outcomes
        self.complete = complete
        values = [o for o in outcomes if o.probe.group == "values"]
        vectors_work = not any(o.problem for o in values if o.probe.arguments[0].ndim == 1)
        self.misshapen = [o for o in values if inputs and vectors_work and o.problem]
        self.values = values if not self.misshapen else [o for o in values if not o.problem]
        self.regimes = [o for o in outcomes if o.probe.group == "regimes"]
        again = [o for o in outcomes if o.probe.group == "again"]
        self.decisive = [*self.values, *self.regimes, *again]

    def is_right(self, name: str) -> bool:
        """Whether a quantity is right wherever it counts."""
        return self.complete and all(o.right.get(name, False) for o in self.decisive)


def moment(reference: Recurrence[..., Any], outcomes: list[Outcome]) -> Moment:
    """Lay all calls side by side for the diagnosis; failed arithmetic counts as not finite."""
    shapes = [o.probe.arguments[0].shape for o in outcomes]
    lengths = [math.prod(shape) for shape in shapes]
    given = {
        name: _side_by_side([o.probe.arguments[i] for o in outcomes], shapes)
        for i, name in enumerate(("theta", "g", "t", *reference.state))
    }
    for name in reference.hyperparameters:
        given[name] = np.repeat([o.probe.hyperparameters[name] for o in outcomes], lengths)
    answered = np.repeat([o.problem is None for o in outcomes], lengths)
    observed = {}
    for name in reference.returned:
        parts = [
            o.got[name].ravel() if o.got else np.full(n, np.nan)
            for o, n in zip(outcomes, lengths, strict=True)
        ]
        known = np.ones_like(answered) if name == "theta" else answered
        observed[name] = Observed(np.concatenate(parts).astype(float), known)
    return Moment(given, observed, lengths)


def _side_by_side(values: list[Any], shapes: list[tuple[int, ...]]) -> Array:
    """Lay values side by side, each in a shape."""
    arrays = [np.broadcast_to(x, shape) for x, shape in zip(values, shapes, strict=True)]
    return np.concatenate([np.ravel(array) for array in arrays]).astype(float)


def first_difference(name: str, outcomes: list[Outcome], names: tuple[str, ...]) -> str:
    """Say where a quantity first differs, with both values, and what agrees all the way."""
    outcome = next((o for o in outcomes if not o.right.get(name, False)), None)
    if outcome is None:
        return f"{name} was not answered to the end"
    if outcome.problem is not None:
        return outcome.problem
    others = [n for n in names if n != name and all(o.alike.get(n, False) for o in outcomes)]
    agreeing = f"; {' and '.join(others)} agree{'s' if len(others) == 1 else ''}" if others else ""
    return f"{outcome.probe.says}: {difference(name, outcome)}{agreeing}"


def unexplained(outcomes: list[Outcome]) -> list[str]:
    """Name what can be seen in an answer that no known formula gives."""
    values = [o for o in outcomes if o.probe.group == "values" and o.got]
    again = [o for o in outcomes if o.probe.group == "again" and o.got]
    shown = []
    if not all(np.isfinite(x).all() for o in values for x in o.got.values()):
        shown.append("not-a-number")
    if again and _differ(values[0], again[0]):
        shown.append("remembers-calls")
    return shown or (["rounds-results"] if _are_rounded(values) else [])


def _differ(one: Outcome, other: Outcome) -> bool:
    """Whether the same call came back with other values."""
    return not all(same(x, one.got[name], one.probe) for name, x in other.got.items())


def _are_rounded(values: list[Outcome]) -> bool:
    """Whether all values came back rounded to some digits."""
    pairs = [(x, o.expected[n]) for o in values for n, x in o.got.items()]
    return any(_all_rounded(pairs, digits) for digits in range(1, 9))


def _all_rounded(pairs: list[tuple[Array, Array]], digits: int) -> bool:
    """Whether all values came back rounded, among them some that are no round numbers."""
    return all(_is(got, np.round(right, digits)) for got, right in pairs) and not all(
        _is(right, np.round(right, digits)) for _, right in pairs
    )


def _is(value: Array, rounded: Array) -> bool:
    return value.shape == rounded.shape and bool((np.abs(value - rounded) <= _EXACT).all())


def circumstances(outcomes: list[Outcome], names: tuple[str, ...]) -> list[str]:
    """Say what went in where an answer first differs, so that it can be worked out by hand."""
    for o in outcomes:
        wrong = [n for n in names if o.got and o.got[n].shape == o.expected[n].shape]
        wrong = [n for n in wrong if not o.right.get(n, False)]
        if wrong:
            where = _first_wrong(wrong[0], o)
            arguments = zip(("theta", "g", "t", *names[1:]), o.probe.arguments, strict=True)
            shown = [f"{k} = {x[where] if np.ndim(x) else x:.6g}" for k, x in arguments]
            shown += [f"{k} = {x:g}" for k, x in o.probe.hyperparameters.items()]
            return [f"{o.probe.says}: it was given {', '.join(shown)}"]
    return []


def difference(name: str, o: Outcome) -> str:
    """Say how a quantity differs, in its shape or in its first wrong entry."""
    got, expected = o.got[name], o.expected[name]
    if got.shape != expected.shape:
        return f"your {name} has shape {got.shape}, expected {expected.shape}"
    where = _first_wrong(name, o)
    index = f"[{', '.join(map(str, where))}]" if where else ""
    one, other = pair(float(got[where]), float(expected[where]))
    return f"your {name}{index} is {one}, expected {other}"


def _first_wrong(name: str, o: Outcome) -> tuple[int, ...]:
    bad = ~agrees(o.got[name], o.expected[name], o.probe.precision, o.probe.least)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape))


def is_promoted(o: Outcome) -> bool:
    """Whether double precision came back for single precision."""
    return o.probe.precision == "f4" and any(x.dtype == np.float64 for x in o.got.values())


def same(got: Array, expected: Array, probe: Probe) -> bool:
    """Whether two arrays agree in shape and in every entry, as a probe can tell."""
    return got.shape == np.shape(expected) and bool(
        agrees(got, np.asarray(expected), probe.precision, probe.least).all()
    )
