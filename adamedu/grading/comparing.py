"""Compare an answer with what was expected: shape, kind, NaN and tolerance, each explicit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from adamedu.sandbox.message import Other, Slot

Array = npt.NDArray[Any]

TOLERANCE: Final = {"f8": 1e-9, "f4": 1e-4}
"""How far an answer may be off, relative to the largest entry expected, by its precision."""


class NotNumbersError(ValueError):
    """An answer that isn't a number or an array of them; the message says what it is."""


def as_array(value: object) -> Array:
    """Read an answer as an array of real numbers, without making anything of it that it isn't.

    Raises
    ------
    NotNumbersError
        For None, text, truth values, ragged lists and everything else.

    Examples
    --------
    >>> as_array([1, 2.5]).dtype
    dtype('float64')
    >>> as_array(None)
    Traceback (most recent call last):
    ...
    adamedu.grading.comparing.NotNumbersError: is None
    """
    if value is None or value is Ellipsis:
        raise NotNumbersError("is None")
    if isinstance(value, Other):
        msg = f"is of type {value.type_name}, not a number or an array of them"
        raise NotNumbersError(msg)
    if isinstance(value, list | tuple):
        parts = [as_array(item) for item in value]
        if len({part.shape for part in parts}) > 1:
            raise NotNumbersError("is a list whose parts have different shapes")
        return np.array(parts, dtype=float) if parts else np.zeros(0)
    if isinstance(value, bool | str | dict | Slot):
        msg = f"is of type {type(value).__name__}, not a number or an array of them"
        raise NotNumbersError(msg)
    if isinstance(value, int | Fraction):
        try:
            return np.array(float(value))
        except OverflowError:
            raise NotNumbersError("is a number too large") from None
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        msg = f"holds {array.dtype}, not numbers"
        raise NotNumbersError(msg)
    return array


def agrees(
    got: Array, expected: Array, precision: str = "f8", least: float = 1.0
) -> npt.NDArray[np.bool_]:
    """Say for each entry whether it is right; shapes must be equal.

    An entry may be off by a small multiple of rounding, measured against the largest entry
    expected, and ``least`` at least: equal forms of the same formula differ by less, and the
    probes make known mistakes differ by more. NaN agrees with NaN, infinity with itself.
    """
    wanted = np.asarray(expected, float)
    size = np.abs(wanted)
    scale = max(least, float(size.max(initial=0.0, where=np.isfinite(size))))
    with np.errstate(invalid="ignore"):
        near: npt.NDArray[np.bool_] = np.abs(got - wanted) <= TOLERANCE[precision] * scale
    if near.all():
        return near
    right: npt.NDArray[np.bool_] = near | (got == wanted) | (np.isnan(got) & np.isnan(wanted))
    return right


def pair(got: float, expected: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart.

    >>> pair(0.00199, 0.001999)
    ('0.00199', '0.001999')
    >>> pair(1.00000001, 1.0)
    ('1.00000001', '1')
    """
    for digits in range(4, 17):
        one, other = f"{got:.{digits}g}", f"{expected:.{digits}g}"
        if one != other:
            return one, other
    return repr(got), repr(expected)
