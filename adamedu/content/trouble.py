"""Where the trouble with a file of the catalogue is, and what is allowed there."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import inspect

from adamedu.core.errors import nearest, there_is

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_WORDS: Final = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "a table",
    "str": "a text",
}
_PLACE: Final = re.compile(r"(?s)(.*?)(?: - at `\$(.*)`)?")
_STEP: Final = re.compile(r"\.([^.\[]+)|\[([^\]]*)\]")


class Trouble:
    """What msgspec found to be wrong with a file.

    Parameters
    ----------
    error : msgspec.ValidationError
        Its error.
    data : dict
        What the file holds.
    of : type
        What it should hold.
    custom : callable
        What reads values of the course's own classes.
    """

    def __init__(
        self,
        error: msgspec.ValidationError,
        data: Any,
        of: Any,
        custom: Callable[[Any, object], Any],
    ) -> None:
        found = _PLACE.fullmatch(str(error))
        self.what, path = (found[1], found[2] or "") if found else (str(error), "")
        self.cause = error.__cause__
        self.data, self.of, self.custom = data, of, custom
        self.path: list[Any] = []
        for key, position in _STEP.findall(path):
            unnamed = position == "..."
            self.path.append(self._guilty() if unnamed else int(position) if position else key)

    def said(self) -> str:
        """Say it: the row, the field, what is wrong, and what is allowed."""
        where = list(_labels(self.data, self.path))
        what = re.sub(r"`([a-z]+(?: \| [a-z]+)*)`", _in_words, self.what)
        if field := getattr(self.cause, "field", None):
            where.append(field)
        elif field := re.fullmatch(r"Object contains unknown field `(.*)`", self.what):
            where.append(field[1])
            what = f"there is no such key; {there_is(field[1], self._keys(), 'there are')}"
        elif field := re.fullmatch(r"Object missing required field `(.*)`", self.what):
            where.append(field[1])
            what = self._missing(field[1])
        elif value := re.fullmatch(r"Invalid (?:enum )?value '(.*)'", self.what):
            what = f"there is no {value[1]!r}; {there_is(value[1], self._values(), 'there are')}"
        return f"{', '.join(where)}: {what[:1].lower()}{what[1:]}"

    def _missing(self, field: str) -> str:
        meant = nearest(field, {*_at(self.data, self.path)} - {*self._keys()})
        return "is missing" if meant is None else f"is missing; did you mean it by {meant}?"

    def _keys(self) -> list[str]:
        """Return the keys that the table may have where the trouble is."""
        kind = _kind(self.of, self.data, self.path)
        tag = [kind.tag_field] if getattr(kind, "tag_field", None) else []
        return tag + [field.encode_name for field in getattr(kind, "fields", ())]

    def _values(self) -> list[str]:
        """Return what the value may be where the trouble is: of a choice, or of a tag."""
        kind = _kind(self.of, self.data, self.path)
        if kind is None:
            kind = _kind(self.of, self.data, self.path[:-1], whole=True)
        return list(getattr(kind, "values", ())) or [str(one.tag) for one in kind.types]

    def _guilty(self) -> str:
        """Find the key of a table whose value alone makes the same trouble."""
        table = _at(self.data, self.path)
        for key, value in table.items():
            try:
                alone = _with(self.data, self.path, {key: value})
                msgspec.convert(alone, self.of, dec_hook=self.custom)
            except msgspec.ValidationError as error:
                if str(error).startswith(self.what):
                    return str(key)
        return "?"


def _labels(data: Any, path: list[Any]) -> Iterator[str]:
    """Name the steps of a path: a key, or with an item of a list its id or position."""
    for step, after in itertools.pairwise([*path, None]):
        data = data[step] if isinstance(step, int) else data.get(step)
        if isinstance(after, int):
            item = data[after]
            given = item if isinstance(item, dict) else {}
            name = given.get("id", given.get("name"))
            yield f"{step} {name!r}" if isinstance(name, str) else f"{step} {after + 1}"
        elif not isinstance(step, int):
            yield str(step)


def _at(data: Any, path: list[Any]) -> Any:
    for step in path:
        data = data[step]
    return data


def _with(data: Any, path: list[Any], value: Any) -> Any:
    """Return data with another value at a place."""
    if not path:
        return value
    changed = data.copy()
    changed[path[0]] = _with(data[path[0]], path[1:], value)
    return changed


def _kind(of: Any, data: Any, path: list[Any], *, whole: bool = False) -> Any:
    """Return what msgspec knows of the kind of value at a place; ``whole``: of all kinds there."""
    kind: Any = inspect.type_info(of)
    for step in path:
        kind = _one_of(kind, data)
        data = data[step]
        if isinstance(kind, inspect.StructType):
            kind = next((f.type for f in kind.fields if f.encode_name == step), None)
        elif isinstance(kind, inspect.TupleType):
            kind = kind.item_types[step]
        else:
            kind = getattr(kind, "item_type", None) or getattr(kind, "value_type", None)
    return kind if whole else _one_of(kind, data)


def _one_of(kind: Any, data: Any) -> Any:
    """Return the one of several kinds that data is meant to be of."""
    kinds = getattr(kind, "types", None)
    if kinds is None:
        return kind
    tag = getattr(kinds[0], "tag_field", None)
    if tag is None:
        return kinds[0]
    return next((one for one in kinds if isinstance(data, dict) and data.get(tag) == one.tag), None)


def _in_words(kinds: re.Match[str]) -> str:
    names = [_WORDS.get(name, name) for name in kinds[1].split(" | ") if name != "null"]
    return " or ".join(names)
