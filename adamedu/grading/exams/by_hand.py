"""By hand: exact values for t = 1, 2, 3, as fractions or decimals."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from msgspec.structs import replace

from adamedu.content.mistakes import bank
from adamedu.content.tasks import ByHandTask
from adamedu.grading.diagnosis.naming import Moment, behavior, diagnose
from adamedu.grading.diagnosis.variants import Observed
from adamedu.grading.exams.exam import DataExam, Verdict, with_mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adamedu.content.mistakes import Mistake as Known

_MOST_PLACES: Final = 20
_ROUNDED: Final = "is rounded too far: give at least four digits"

DECIMALS: Final = 5e-4
"""How far a decimal may be off, relative to the exact value: four digits are enough."""


def exact_sqrt(x: Fraction | float) -> Fraction | float:
    """Return the root of a perfect square, and NaN for others: what needs those isn't exact.

    >>> exact_sqrt(Fraction(9, 4))
    Fraction(3, 2)
    """
    if isinstance(x, float) or x < 0:
        return math.nan
    root = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
    return root if root**2 == x else math.nan


def exact_values(task: ByHandTask, lines: Mapping[str, str] | None = None) -> list[Fraction]:
    """Compute a task's quantity at t = 1, 2, … from the definition, in fractions.

    Parameters
    ----------
    task : ByHandTask
        The quantity, and what is given.
    lines : mapping of str to str, optional
        Lines that replace the definition's, as in `Recurrence.variant`.

    Raises
    ------
    ValueError
        When the quantity needs a root that isn't a fraction.

    Examples
    --------
    >>> from adamedu.content import catalogue
    >>> exact_values(catalogue.task("momentum.m"))
    [Fraction(4, 1), Fraction(1, 1), Fraction(7, 4)]
    """
    variant = task.reference.variant(lines=lines or {})
    optimizer = variant.bind({"sqrt": exact_sqrt, "maximum": max})
    given = {name: Fraction(text) for name, text in task.given.items()}
    current = dict.fromkeys(optimizer.returned, Fraction(0))
    current["theta"] = Fraction(task.theta)
    found = []
    for t in range(1, task.count + 1):
        state = [current[name] for name in optimizer.state]
        gradient = _gradient(task, t, current["theta"])
        values = optimizer.values(current["theta"], gradient, t, *state, **given)
        found.append(values[task.quantity])
        current |= {name: values[name] for name in optimizer.returned}
    if any(isinstance(value, float) for value in found):
        msg = f"{task.quantity} needs a root that isn't a fraction"
        raise ValueError(msg)
    return found


def values_or_none(
    task: ByHandTask, lines: Mapping[str, str] | None = None
) -> list[Fraction] | None:
    """Return what `exact_values` does, or None where a root isn't a fraction or a divisor is 0."""
    try:
        return exact_values(task, lines)
    except (ValueError, ZeroDivisionError):
        return None


def _gradient(task: ByHandTask, t: int, theta: Fraction) -> Fraction:
    """Return the gradient of step t: as it is given, or a bowl's at theta."""
    if task.curvature is not None:
        return Fraction(task.curvature) * theta
    return Fraction(task.gradients[t - 1])


class ByHandExam(DataExam[ByHandTask]):
    """Values at t = 1, 2, …, each with a check of its own: ``t1``, ``t2``, … in order."""

    def judge_value(self, value: Any) -> Verdict:
        """Compare each value with the exact one, which is never said."""
        expected = exact_values(self.task)
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if not isinstance(value, list | tuple) or len(value) != len(expected):
            return Verdict(
                facts=[f"{self.task.answer} should be a list of {len(expected)} numbers"]
            )
        verdict = self.marked(value, expected)
        blank = sum(got is None for got in value)
        if len(verdict.passed) + blank == len(expected):
            return verdict
        if all(fact.endswith(_ROUNDED) for fact in verdict.facts):
            verdict.hint = "A fraction is exact: write Fraction(1, 3) for a third."
            return verdict
        numbers = [as_fraction(got) for got in value]
        known = self.recognize(numbers) or self.astray(numbers)
        if not known and (mixed_up := self.mixed_up(numbers, expected)) is not None:
            verdict.facts.insert(0, mixed_up)
        return with_mistakes(verdict, known)

    def marked(self, value: Sequence[object], expected: list[Fraction]) -> Verdict:
        """Compare value by value."""
        verdict = Verdict()
        for check, got, right in zip(self.task.checks, value, expected, strict=True):
            wrong = what_is_wrong(got, right)
            if wrong is None:
                verdict.passed.add(check.id)
            else:
                verdict.facts.append(f"{check.says} {wrong}")
        return verdict

    def mixed_up(self, numbers: list[Fraction | None], expected: list[Fraction]) -> str | None:
        """Say what the values are, where they are right for something else than is asked."""
        if (other := self.another_quantity(numbers)) is not None:
            return f"these are the values of {other}; {self.task.quantity} is asked for"
        if self.is_descent(numbers):
            asked = self.task.optimizer
            return f"these are the values of gradient descent; {asked} is asked for"
        if self.is_early(numbers, expected):
            early = "these values begin with the start, at t = 0"
            return f"{early}; the first one asked for is that at t = 1"
        return None

    def another_quantity(self, numbers: list[Fraction | None]) -> str | None:
        """Name the other line of the definition whose values these are."""
        for line in self.task.reference.lines:
            other = values_or_none(replace(self.task, quantity=line.name))
            if other is not None and are_right(numbers, other):
                return str(line.name)
        return None

    def astray(self, numbers: list[Fraction | None]) -> tuple[Known, ...]:
        """Look for what can go wrong around the definition's lines: which gradient, from where."""
        for task, shown in self.with_other_gradients():
            path = values_or_none(task)
            if path is None:
                continue
            if are_right(numbers, path):
                return behaviors(shown)
            if task.quantity == "theta":
                start = Fraction(task.theta)
                steps = [b - a for a, b in itertools.pairwise([start, *path])]
                if are_right(numbers, [start + step for step in steps]):
                    return behaviors("starts-over", shown)
        for lines in self.unsquared():
            plain = values_or_none(self.task, lines)
            if plain is not None and are_right(numbers, [x**2 for x in plain]):
                return behaviors("average-squared")
        return ()

    def with_other_gradients(self) -> Iterator[tuple[ByHandTask, str | None]]:
        """Yield the task as it is and with gradients mistaken, each with what that is called."""
        task = self.task
        yield task, None
        if task.curvature is not None:
            yield replace(task, curvature="1"), "curvature-forgotten"
        first = str(_gradient(task, 1, Fraction(task.theta)))
        kept = replace(task, curvature=None, steps=None, gradients=(first,) * task.count)
        yield kept, "first-gradient-kept"

    def unsquared(self) -> list[dict[str, str]]:
        """Return the lines for v that take plain gradients for squared ones, if v is asked for."""
        forms = bank()["not-squared"].edits.of(self.task.optimizer)
        return [form.lines for form in forms if {*form.lines} == {self.task.quantity}]

    def is_descent(self, numbers: list[Fraction | None]) -> bool:
        """Whether the values are right for gradient descent."""
        given = {"lr": self.task.given["lr"]}
        descent = replace(self.task, optimizer="gd", quantity="theta", given=given)
        path = values_or_none(descent) if self.task.quantity == "theta" else None
        return path is not None and are_right(numbers, path)

    def is_early(self, numbers: list[Fraction | None], expected: list[Fraction]) -> bool:
        """Whether the values are right, but begin one step too early."""
        start = Fraction(self.task.theta if self.task.quantity == "theta" else "0")
        return are_right(numbers, [start, *expected[:-1]])

    def recognize(self, numbers: list[Fraction | None]) -> tuple[Known, ...]:
        """Look for a known mistake that gives just these values."""
        task = self.task
        given = {name: float(Fraction(text)) for name, text in task.given.items()}
        place = Fraction(task.theta)
        given["theta"] = float(place)
        moments = []
        for t, number in enumerate(numbers, 1):
            into = {name: np.array([x]) for name, x in given.items()} | {"t": np.array([t])}
            into["g"] = np.array([as_float(_gradient(task, t, place))])
            place = place if number is None else number
            seen = np.array([np.nan if number is None else as_float(number)])
            observed = Observed(seen, np.array([number is not None]), DECIMALS)
            moments.append(Moment(into, {task.quantity: observed}, [1]))
            given.pop("theta", None)
        return diagnose(task.optimizer, "by-hand", moments)


def what_is_wrong(got: object, right: Fraction) -> str | None:
    """Say what is wrong with a value, nothing where it is right."""
    if got is None:
        return "is still blank"
    number = as_fraction(got)
    if number is None:
        return "is not a number: write 0.25, Fraction(1, 4) or '1/4'"
    if is_right(got, number, right):
        return None
    if is_rounded(got, right):
        return _ROUNDED
    shown = repr(float(got)) if isinstance(got, float) else str(number)
    return f"is not {shown[:60]}"


def behaviors(*names: str | None) -> tuple[Known, ...]:
    """Return the rows of those that have a name."""
    return tuple(row for row in map(behavior, names) if row is not None)


def is_rounded(got: object, right: Fraction) -> bool:
    """Whether a decimal is the right number rounded to its own digits, of which it has too few.

    >>> is_rounded(0.33, Fraction(1, 3)), is_rounded("0.34", Fraction(1, 3))
    (True, False)
    """
    if isinstance(got, Fraction | int) or (isinstance(got, str) and "/" in got):
        return False
    written = Decimal(got.strip() if isinstance(got, str) else repr(float(got)))  # type: ignore[arg-type]
    places = -int(written.as_tuple().exponent)
    return 0 < places < _MOST_PLACES and round(right, places) == Fraction(written) != 0


def is_right(got: object, number: Fraction, right: Fraction) -> bool:
    """Fractions and whole numbers must be exact; a decimal may be rounded to four digits."""
    if isinstance(got, Fraction | int) or (isinstance(got, str) and "/" in got):
        return number == right
    return abs(number - right) <= Fraction(DECIMALS) * abs(right)


def are_right(numbers: list[Fraction | None], right: list[Fraction]) -> bool:
    """Whether all numbers are there, and right to four digits."""
    return all(n is not None and is_right(1.0, n, x) for n, x in zip(numbers, right, strict=True))


def as_fraction(value: object) -> Fraction | None:
    """Read a number as it was written, or None."""
    if isinstance(value, np.generic | np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Fraction | int | float | str):
        return None
    if isinstance(value, str) and len(value) > 100:  # noqa: PLR2004
        return None
    try:
        # An exact 1e99999999 would take all day.
        exact = not isinstance(value, str) or "e" not in value.lower()
        return Fraction(value if exact else float(value))
    except (ValueError, OverflowError, ZeroDivisionError):
        return None


def as_float(number: Fraction) -> float:
    """Return the nearest float, infinity for what no float can hold.

    >>> as_float(Fraction(-(10**400)))
    -inf
    """
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
