"""The format of values that cross between the two halves of grading: strict, bounded, inert.

A value is JSON: ``null``, booleans, strings, integers and finite floats as they are, everything
else as an object with one key that says what it is::

    {"array": ["<f8", [2, 3], "<base64>"]}    {"list": [...]}    {"tuple": [...]}
    {"scalar": ["<f8", "<base64>"]}           {"dict": [[key, value], ...]}
    {"fraction": [3, 10]}                     {"float": "nan" | "inf" | "-inf"}
    {"slot": "name"}  (an object kept on the untrusted side)
    {"other": "set"}  (anything else, by the name of its type)

What one value may hold in all is bounded; what `encode` writes, `decode` reads.

Both sides use this module, so it imports nothing of the package.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import math
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Json: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None

MAX_DEPTH: Final = 8
MAX_ITEMS: Final = 20_000
MAX_BYTES: Final = 8_000_000
MAX_TEXT: Final = 20_000
MAX_NAME: Final = 100
MAX_INTEGER: Final = 10**600
_DTYPES: Final = frozenset(
    np.dtype(code).str
    for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
)
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


class _NoRoomError(Exception):
    """A value that holds more than a message may."""


@dataclass
class _Room:
    """What is left of the bounds on one value."""

    items: int = MAX_ITEMS
    size: int = MAX_BYTES

    def take(self, items: int = 0, size: int = 0) -> None:
        self.items -= items
        self.size -= size
        if self.items < 0 or self.size < 0:
            raise _NoRoomError


def plain(text: str, most: int) -> str:
    r"""Return a foreign text so that it can be shown anywhere: cut to size, unprintables as spaces.

    >>> plain("two\nlines, \x1b[31mred\ud800", 17)
    'two lines,  [31mr'
    """
    return "".join(c if c.isprintable() else " " for c in text[:most])


def encode(value: Any) -> Json:
    """Turn a value into JSON; what doesn't fit becomes ``{"other": what it is}``.

    Only the exact built-in and NumPy types count: a subclass may lie about what it holds.

    >>> encode((1, np.array([0.5])))
    {'tuple': [1, {'array': ['<f8', [1], 'AAAAAAAA4D8=']}]}
    >>> encode(np.array([0.5j]))
    {'other': 'ndarray of complex128'}
    """
    try:
        return _encode(value, 0, _Room())
    except _NoRoomError:
        return _other(value, " (too large)")


def _encode(value: Any, depth: int, room: _Room) -> Json:
    room.take(items=1)
    if depth > MAX_DEPTH:
        return _other(value, " (nested too deeply)")
    # By identity: a metaclass may lie about being equal to another type.
    return _ENCODERS.get(id(type(value)), _encode_unknown)(value, depth + 1, room)


def _encode_constant(value: Any, _depth: int, _room: _Room) -> Json:
    constant: bool | None = value
    return constant


def _encode_int(value: int, _depth: int, _room: _Room) -> Json:
    return value if abs(value) < MAX_INTEGER else _other(value, " (too large)")


def _encode_float(value: float, _depth: int, _room: _Room) -> Json:
    return value if math.isfinite(value) else {"float": repr(value)}


def _encode_str(value: str, _depth: int, room: _Room) -> Json:
    room.take(size=len(value))
    return value if len(value) <= MAX_TEXT else _other(value, " (too large)")


def _encode_array(value: np.ndarray[Any, Any], _depth: int, room: _Room) -> Json:
    if value.ndim > MAX_DEPTH or value.nbytes > MAX_BYTES:
        return _other(value, " (too large)")
    value = _plainly(value)
    if value.dtype.str not in _DTYPES:
        return _other(value, f" of {value.dtype.name}")
    room.take(size=value.nbytes)
    return {"array": [value.dtype.str, list(value.shape), _text(value.tobytes())]}


def _plainly(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Write numbers of another byte order, or of more than double precision, in a dtype we have."""
    kind, size = value.dtype.kind, value.dtype.itemsize
    if value.dtype.str in _DTYPES or kind not in "iuf":
        return value
    with np.errstate(over="ignore"):
        return value.astype(np.dtype(f"<{kind}{min(size, 8)}"))


def _encode_scalar(value: np.generic[Any], _depth: int, _room: _Room) -> Json:
    array = _plainly(np.asarray(value))
    if array.dtype.str not in _DTYPES:
        return _other(value)
    return {"scalar": [array.dtype.str, _text(array.tobytes())]}


def _encode_sequence(value: list[Any] | tuple[Any, ...], depth: int, room: _Room) -> Json:
    return {type(value).__name__: [_encode(item, depth, room) for item in value]}


def _encode_dict(value: dict[Any, Any], depth: int, room: _Room) -> Json:
    return {"dict": [[_encode(x, depth, room) for x in pair] for pair in value.items()]}


def _encode_slot(value: Slot, _depth: int, _room: _Room) -> Json:
    return {"slot": plain(value.name, MAX_NAME)} if type(value.name) is str else _other(value)


def _encode_unknown(value: Any, depth: int, room: _Room) -> Json:
    """Encode SymPy's rationals as fractions (SymPy isn't imported), named tuples as tuples."""
    with contextlib.suppress(TypeError):  # by what it holds: a subclass may lie about its items
        return _encode_sequence(tuple(tuple.__iter__(value)), depth, room)
    rational = getattr(sys.modules.get("sympy"), "Rational", ())
    with contextlib.suppress(Exception):  # raised by a value that claims to be what it isn't
        if isinstance(value, rational):
            return _encode_fraction(Fraction(value.p, value.q), depth, room)
    return _other(value)


def _encode_fraction(value: Fraction, _depth: int, _room: _Room) -> Json:
    parts = [value.numerator, value.denominator]
    if all(type(n) is int and abs(n) < MAX_INTEGER for n in parts):
        return {"fraction": parts}
    return _other(value, " (too large)")


_ENCODERS: Final[dict[int, Callable[[Any, int, _Room], Json]]] = {
    **{id(kind): _encode_scalar for kind in np.sctypeDict.values()},
    id(type(None)): _encode_constant,
    id(bool): _encode_constant,
    id(int): _encode_int,
    id(float): _encode_float,
    id(str): _encode_str,
    id(np.ndarray): _encode_array,
    id(list): _encode_sequence,
    id(tuple): _encode_sequence,
    id(dict): _encode_dict,
    id(Slot): _encode_slot,
    id(Other): lambda value, _depth, _room: {"other": value.type_name},
    id(Fraction): _encode_fraction,
}


def _other(value: object, what: str = "") -> Json:
    """Name what can't cross, by the name that Python itself keeps for its type."""
    name = vars(type)["__name__"].__get__(type(value))
    return {"other": plain(name + what, MAX_NAME)}


def decode(data: object) -> Any:
    """Turn JSON back into a value, or raise `MessageError`: nothing is executed or guessed.

    >>> decode({"fraction": [3, 10]})
    Fraction(3, 10)
    """
    try:
        return _decode(data, 0, _Room())
    except _NoRoomError as error:
        raise _wrong("too large") from error


def _decode(data: object, depth: int, room: _Room) -> Any:
    room.take(items=1)
    if depth > MAX_DEPTH + 1:  # where `encode` says that there would be more
        raise _wrong("nested too deeply")
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, int | float):
        if not abs(data) < MAX_INTEGER:
            raise _wrong("a bare NaN, or a number too large")
        return data
    if isinstance(data, str):
        room.take(size=len(data))
        if len(data) > MAX_TEXT:
            raise _wrong("a text too long")
        return data
    if not isinstance(data, dict) or len(data) != 1:
        raise _wrong("an object that says what it is was needed")
    [(tag, body)] = data.items()
    decoder = _DECODERS.get(tag)
    if decoder is None:
        raise _wrong("an unknown kind")
    return decoder(body, depth + 1, room)


def _decode_array(body: object, _depth: int, room: _Room) -> np.ndarray[Any, Any]:
    dtype, shape, text = _parts(body, str, list, str)
    if any(type(n) is not int or n < 0 for n in shape) or len(shape) > MAX_DEPTH:
        raise _wrong("a shape that isn't one")
    flat = np.frombuffer(_raw(dtype, math.prod(shape), text, room), dtype=dtype)
    try:
        return flat.reshape(shape).copy()
    except (ValueError, OverflowError) as error:
        raise _wrong("a shape that no array has") from error


def _decode_scalar(body: object, _depth: int, room: _Room) -> np.generic[Any]:
    dtype, text = _parts(body, str, str)
    scalar: np.generic[Any] = np.frombuffer(_raw(dtype, 1, text, room), dtype=dtype)[0]
    return scalar


def _decode_list(body: object, depth: int, room: _Room) -> list[Any]:
    if not isinstance(body, list):
        raise _wrong("a list was needed")
    return [_decode(item, depth, room) for item in body]


def _decode_tuple(body: object, depth: int, room: _Room) -> tuple[Any, ...]:
    return tuple(_decode_list(body, depth, room))


def _decode_dict(body: object, depth: int, room: _Room) -> dict[Any, Any]:
    if not isinstance(body, list):
        raise _wrong("a list of pairs was needed")
    pairs = [[_decode(x, depth, room) for x in _parts(pair, object, object)] for pair in body]
    try:
        return dict(pairs)
    except TypeError as error:
        raise _wrong("a key that can't be one") from error


def _decode_fraction(body: object, _depth: int, _room: _Room) -> Fraction:
    numerator, denominator = _parts(body, int, int)
    if denominator == 0 or max(abs(numerator), abs(denominator)) >= MAX_INTEGER:
        raise _wrong("a fraction that isn't one")
    return Fraction(numerator, denominator)


def _decode_float(body: object, _depth: int, _room: _Room) -> float:
    if not isinstance(body, str) or body not in _SPECIAL:
        raise _wrong("a float that isn't one")
    return _SPECIAL[body]


def _decode_slot(body: object, _depth: int, _room: _Room) -> Slot:
    return Slot(_decode_name(body))


def _decode_other(body: object, _depth: int, _room: _Room) -> Other:
    return Other(_decode_name(body))


def _decode_name(body: object) -> str:
    if not isinstance(body, str) or len(body) > MAX_NAME or not body.isprintable():
        raise _wrong("a name was needed")
    return body


_DECODERS: Final[dict[str, Callable[[object, int, _Room], Any]]] = {
    "array": _decode_array,
    "scalar": _decode_scalar,
    "list": _decode_list,
    "tuple": _decode_tuple,
    "dict": _decode_dict,
    "fraction": _decode_fraction,
    "float": _decode_float,
    "slot": _decode_slot,
    "other": _decode_other,
}


def _parts(body: object, *kinds: type) -> list[Any]:
    if not isinstance(body, list) or len(body) != len(kinds):
        raise _wrong(f"{len(kinds)} parts were needed")
    for item, kind in zip(body, kinds, strict=True):
        if kind is not object and type(item) is not kind:
            raise _wrong(f"a part isn't {kind.__name__}")
    return body


def _raw(dtype: str, count: int, text: str, room: _Room) -> bytes:
    if dtype not in _DTYPES:
        raise _wrong("an array of another kind")
    size = count * np.dtype(dtype).itemsize
    room.take(size=size)
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _wrong("bytes that aren't base64") from error
    if len(raw) != size:
        raise _wrong("an array whose bytes don't fit its shape")
    return raw


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _wrong(what: str) -> MessageError:
    return MessageError(f"not a message: {what}")
