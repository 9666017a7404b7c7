"""By hand: exact values for t = 1, 2, 3, as fractions or decimals."""

from __future__ import annotations

import contextlib
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import adamedu.optimizers
from adamedu.grading.diagnosis import Moment, diagnose
from adamedu.grading.kinds.exam import DataExam, Verdict, with_mistakes
from adamedu.grading.variants import Observed

if TYPE_CHECKING:
    from adamedu.grading.mistakes import Mistake as Known

DECIMALS: Final = 5e-4
"""How far a decimal may be off, relative to the exact value: four digits are enough."""


def exact_sqrt(x: Fraction | float) -> Fraction | float:
    """Return the root of a perfect square, and NaN for others: what needs those isn't exact.

    >>> exact_sqrt(Fraction(9, 4))
    Fraction(3, 2)
    """
    if isinstance(x, float):
        return math.nan
    root = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
    return root if root**2 == x else math.nan


def exact_values(settings: dict[str, Any]) -> list[Fraction]:
    """Compute a quantity at t = 1, 2, … from the definition, in fractions.

    Parameters
    ----------
    settings : dict
        ``optimizer``, ``quantity`` (a named line), ``gradients`` and ``given`` (hyperparameters),
        all numbers as text.

    Raises
    ------
    ValueError
        When the quantity needs a root that isn't a fraction.

    Examples
    --------
    >>> exact_values({"optimizer": "momentum", "quantity": "m", "gradients": ["4", "2"],
    ...               "given": {"lr": "1", "beta": "1/2"}})
    [Fraction(2, 1), Fraction(2, 1)]
    """
    optimizer = getattr(adamedu.optimizers, settings["optimizer"]).bind(
        {"sqrt": exact_sqrt, "maximum": max}
    )
    given = {name: Fraction(text) for name, text in settings["given"].items()}
    current = dict.fromkeys(optimizer.returned, Fraction(0))
    current["theta"] = Fraction(settings.get("theta", "0"))
    found = []
    for t, gradient in enumerate(settings["gradients"], start=1):
        state = [current[name] for name in optimizer.state]
        values = optimizer.values(current["theta"], Fraction(gradient), t, *state, **given)
        found.append(values[settings["quantity"]])
        current |= {name: values[name] for name in optimizer.returned}
    if any(isinstance(value, float) for value in found):
        msg = f"{settings['quantity']} needs a root that isn't a fraction"
        raise ValueError(msg)
    return found


class ByHandExam(DataExam):
    """Settings: those of `exact_values`; the checks are ``t1``, ``t2``, … in order."""

    def judge_value(self, value: Any) -> Verdict:
        """Compare each value with the exact one, which is never said."""
        expected = exact_values(self.task.settings)
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if not isinstance(value, list | tuple) or len(value) != len(expected):
            return Verdict(
                facts=[f"{self.task.answer} should be a list of {len(expected)} numbers"]
            )
        verdict = Verdict()
        for check, got, right in zip(self.task.checks, value, expected, strict=True):
            if got is None:
                verdict.facts.append(f"{check.says} is still blank")
                continue
            number = as_fraction(got)
            if number is None:
                verdict.facts.append(
                    f"{check.says} is not a number: write 0.25, Fraction(1, 4) or '1/4'"
                )
            elif is_right(got, number, right):
                verdict.passed.add(check.id)
            else:
                shown = repr(float(got)) if isinstance(got, float) else str(number)
                verdict.facts.append(f"{check.says} is not {shown[:60]}")
        if len(verdict.passed) == len(expected):
            return verdict
        numbers = [as_fraction(got) for got in value]
        known = self.recognize(numbers)
        if not known and (other := self.another_quantity(numbers)) is not None:
            asked = self.task.settings["quantity"]
            verdict.facts.insert(0, f"these are the values of {other}; {asked} is asked for")
        return with_mistakes(verdict, known)

    def another_quantity(self, numbers: list[Fraction | None]) -> str | None:
        """Name the other line of the definition whose values these are."""
        settings = self.task.settings
        for line in getattr(adamedu.optimizers, settings["optimizer"]).lines:
            with contextlib.suppress(ValueError):
                right = exact_values({**settings, "quantity": line.name})
                if all(
                    n is not None and is_right(1.0, n, x)
                    for n, x in zip(numbers, right, strict=True)
                ):
                    return str(line.name)
        return None

    def recognize(self, numbers: list[Fraction | None]) -> tuple[Known, ...]:
        """Look for a known mistake that gives just these values."""
        settings = self.task.settings
        given = {name: float(Fraction(text)) for name, text in settings["given"].items()}
        given["theta"] = float(Fraction(settings.get("theta", "0")))
        moments = []
        for t, (gradient, number) in enumerate(zip(settings["gradients"], numbers, strict=True), 1):
            into = {name: np.array([x]) for name, x in given.items()} | {"t": np.array([t])}
            into["g"] = np.array([float(Fraction(gradient))])
            seen = np.array([np.nan if number is None else as_float(number)])
            observed = Observed(seen, np.array([number is not None]), DECIMALS)
            moments.append(Moment(into, {settings["quantity"]: observed}, [1]))
            given.pop("theta", None)
        return diagnose(settings["optimizer"], "by-hand", moments)


def is_right(got: object, number: Fraction, right: Fraction) -> bool:
    """Fractions and whole numbers must be exact; a decimal may be rounded to four digits."""
    if isinstance(got, Fraction | int) or (isinstance(got, str) and "/" in got):
        return number == right
    return abs(number - right) <= Fraction(DECIMALS) * abs(right)


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
