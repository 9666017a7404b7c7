"""The format of values that cross between the two halves of grading: strict, bounded, inert.

A value is JSON: ``null``, booleans, strings, integers and finite floats as they are, everything
else as an object with one key that says what it is::

    {"array": ["<f8", [2, 3], "<base64>"]}    {"list": [...]}    {"tuple": [...]}
    {"scalar": ["<f8", "<base64>"]}           {"dict": [[key, value], ...]}
    {"fraction": [3, 10]}                     {"float": "nan" | "inf" | "-inf"}
    {"slot": "name"}  (an object kept on the untrusted side)
    {"other": "set"}  (anything else, by the name of its type)

Both sides use this module, so it imports nothing of the package.
"""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias

import numpy as np

Json: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None

MAX_DEPTH: Final = 8
MAX_ITEMS: Final = 20_000
MAX_BYTES: Final = 8_000_000
MAX_TEXT: Final = 20_000
MAX_INTEGER: Final = 10**600
_DTYPES: Final = frozenset(
    np.dtype(code).str
    for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
)
_SCALARS: Final = frozenset(np.sctypeDict.values())
_SPECIAL: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class MessageError(ValueError):
    """A message that isn't in the format."""


@dataclass(frozen=True)
class Slot:
    """A reference to an object that stays on the untrusted side, an instance of a class say."""

    name: str


@dataclass(frozen=True)
class Other:
    """A value that can't cross; only the name of its type does."""

    type_name: str


def encode(value: Any, depth: int = 0) -> Json:
    """Turn a value into JSON; what doesn't fit becomes ``{"other": type}``.

    Only the exact built-in and NumPy types count: a subclass may lie about what it holds.

    >>> encode((1, np.array([0.5])))
    {'tuple': [1, {'array': ['<f8', [1], 'AAAAAAAA4D8=']}]}
    """
    kind = type(value)
    result: Json = {"other": kind.__name__[:100]}
    if depth > MAX_DEPTH:
        result = {"other": "something nested too deeply"}
    elif (
        value is None
        or kind is bool
        or (kind is str and len(value) <= MAX_TEXT)
        or (kind is int and abs(value) < MAX_INTEGER)
    ):
        result = value
    elif kind is float:
        result = value if math.isfinite(value) else {"float": repr(value)}
    elif kind is np.ndarray and value.dtype.str in _DTYPES and value.nbytes <= MAX_BYTES:
        result = {"array": [value.dtype.str, list(value.shape), _text(value.tobytes())]}
    elif kind in _SCALARS and value.dtype.str in _DTYPES:
        result = {"scalar": [value.dtype.str, _text(value.tobytes())]}
    elif kind in {list, tuple} and len(value) <= MAX_ITEMS:
        result = {kind.__name__: [encode(item, depth + 1) for item in value]}
    elif kind is dict and len(value) <= MAX_ITEMS:
        pairs = value.items()
        result = {"dict": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in pairs]}
    elif kind is Slot:
        result = {"slot": value.name}
    elif (parts := _fraction(value)) is not None:
        result = {"fraction": parts}
    return result


def decode(data: object, depth: int = 0) -> Any:
    """Turn JSON back into a value, or raise `MessageError`: nothing is executed or guessed.

    >>> decode({"fraction": [3, 10]})
    Fraction(3, 10)
    """
    if depth > MAX_DEPTH:
        raise _wrong("nested too deeply")
    if data is None or isinstance(data, bool | int):
        return data
    if isinstance(data, float):
        if not math.isfinite(data):
            raise _wrong("a bare NaN or infinity")
        return data
    if isinstance(data, str):
        if len(data) > MAX_TEXT:
            raise _wrong("a text too long")
        return data
    if not isinstance(data, dict) or len(data) != 1:
        raise _wrong("an object that says what it is was needed")
    [(tag, body)] = data.items()
    decoder = _DECODERS.get(tag)
    if decoder is None:
        raise _wrong(f"unknown kind {str(tag)[:40]!r}")
    return decoder(body, depth + 1)


def _array(body: object, _depth: int) -> np.ndarray[Any, Any]:
    dtype, shape, text = _parts(body, str, list, str)
    if any(type(n) is not int or n < 0 for n in shape) or len(shape) > MAX_DEPTH:
        raise _wrong("a shape that isn't one")
    raw = _raw(dtype, math.prod(shape), text)
    return np.frombuffer(raw, dtype=dtype).reshape(shape).copy()


def _scalar(body: object, _depth: int) -> np.generic[Any]:
    dtype, text = _parts(body, str, str)
    scalar: np.generic[Any] = np.frombuffer(_raw(dtype, 1, text), dtype=dtype)[0]
    return scalar


def _list(body: object, depth: int) -> list[Any]:
    if not isinstance(body, list) or len(body) > MAX_ITEMS:
        raise _wrong("a list was needed")
    return [decode(item, depth) for item in body]


def _dict(body: object, depth: int) -> dict[Any, Any]:
    pairs = [_parts(pair, object, object) for pair in _list_of_json(body)]
    keys = [decode(key, depth) for key, _ in pairs]
    if not all(isinstance(key, str | int | tuple) for key in keys):
        raise _wrong("a key that isn't text or a number")
    try:
        return {key: decode(value, depth) for key, (_, value) in zip(keys, pairs, strict=True)}
    except TypeError as error:
        raise _wrong("a key that can't be one") from error


def _to_fraction(body: object, _depth: int) -> Fraction:
    numerator, denominator = _parts(body, int, int)
    if denominator == 0 or max(abs(numerator), abs(denominator)) >= MAX_INTEGER:
        raise _wrong("a fraction that isn't one")
    return Fraction(numerator, denominator)


def _float(body: object, _depth: int) -> float:
    if not isinstance(body, str) or body not in _SPECIAL:
        raise _wrong("a float that isn't one")
    return _SPECIAL[body]


def _named(cls: type[Slot | Other]) -> Any:
    def build(body: object, _depth: int) -> Slot | Other:
        if not isinstance(body, str) or len(body) > 100:  # noqa: PLR2004
            raise _wrong("a name was needed")
        return cls(body)

    return build


_DECODERS: Final = {
    "array": _array,
    "scalar": _scalar,
    "list": _list,
    "tuple": lambda body, depth: tuple(_list(body, depth)),
    "dict": _dict,
    "fraction": _to_fraction,
    "float": _float,
    "slot": _named(Slot),
    "other": _named(Other),
}


def _fraction(value: Any) -> list[int] | None:
    """Read fractions and SymPy's rationals (known by name: SymPy isn't imported here)."""
    kind = type(value)
    if kind is Fraction:
        parts = [value.numerator, value.denominator]
    elif kind.__module__ == "sympy.core.numbers" and hasattr(value, "p") and hasattr(value, "q"):
        parts = [value.p, value.q]
    else:
        return None
    return parts if all(type(n) is int and abs(n) < MAX_INTEGER for n in parts) else None


def _parts(body: object, *kinds: type) -> list[Any]:
    if not isinstance(body, list) or len(body) != len(kinds):
        raise _wrong(f"{len(kinds)} parts were needed")
    for item, kind in zip(body, kinds, strict=True):
        if kind is not object and type(item) is not kind:
            raise _wrong(f"a part isn't {kind.__name__}")
    return body


def _list_of_json(body: object) -> list[Any]:
    if not isinstance(body, list) or len(body) > MAX_ITEMS:
        raise _wrong("a list was needed")
    return body


def _raw(dtype: str, count: int, text: str) -> bytes:
    if dtype not in _DTYPES or count * np.dtype(dtype).itemsize > MAX_BYTES:
        raise _wrong("an array of another kind or too large")
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _wrong("bytes that aren't base64") from error
    if len(raw) != count * np.dtype(dtype).itemsize:
        raise _wrong("an array whose bytes don't fit its shape")
    return raw


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _wrong(what: str) -> MessageError:
    return MessageError(f"not a message: {what}")
