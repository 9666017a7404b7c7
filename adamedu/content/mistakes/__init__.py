"""The bank of known mistakes: rows over the one definition of each optimizer.

A row of the TOML files beside this one replaces an incoming value (``in.t = "t - 1"``), a named
line (``m_hat = "m"``; the old state is ``m_prev``), an outgoing value (``out.m = "m_hat"``) or the
start of a state (``start.v = "1"``) of an optimizer; or it describes a behavior that shows
otherwise. Where a mistake comes in several forms, an optimizer has a list of them. Adding a mistake
is adding a row.

A form that is written for one optimizer holds for every other in which the lines that it replaces
read the same, and which has all that it speaks of: ``edits.adam = { m_hat = "m" }`` is AMSGrad's
and AdamW's, too. ``edits."only adam"`` keeps it to those that are named.
"""

from __future__ import annotations

import ast
import functools
import itertools
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias

import msgspec

from adamedu.content.loading import (
    Hints,
    Row,
    Text,
    WrongValueError,
    by_id,
    distinct,
    load,
    require,
)
from adamedu.core.errors import UnknownNameError
from adamedu.core.lines import FUNCTIONS
from adamedu.optimizers import optimizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind: TypeAlias = Literal["mistake", "convention", "behavior"]
TaskKind: TypeAlias = Literal["step", "run", "class", "by-hand"]


_PARTS: Final = ("in", "out", "start")
_ONLY: Final = "only "


class Edit(Row, frozen=True):
    """One form of a mistake in one optimizer: what replaces which part of the definition.

    Attributes
    ----------
    incoming, lines, outgoing : dict of str to str
        As in `Recurrence.variant`.
    start : dict of str to str
        What the state starts at, instead of zero.
    """

    incoming: dict[str, str]
    lines: dict[str, str]
    outgoing: dict[str, str]
    start: dict[str, str]


class Edits:
    """A mistake's forms in every optimizer.

    Parameters
    ----------
    written : iterable of (dict of str to Edit, bool)
        A form as the optimizers have it that it is written for, and whether it is theirs only.
    """

    def __init__(self, written: Iterable[tuple[Mapping[str, Edit], bool]] = ()) -> None:
        self._written = tuple(written)

    def __bool__(self) -> bool:
        return bool(self._written)

    @classmethod
    def read(cls, given: object) -> Self:
        """Read them as the bank writes them: tables by the names of optimizers."""
        return cls(
            ({name: _edit(name, form) for name in key.removeprefix(_ONLY).split()}, only)
            for key, forms_of in _table("all", given).items()
            for only in [key.startswith(_ONLY)]
            for form in (forms_of if isinstance(forms_of, list) else [forms_of])
        )

    def of(self, optimizer_name: str) -> tuple[Edit, ...]:
        """Return a mistake's forms in one optimizer.

        >>> [edit.lines for edit in bank()["m-not-corrected"].edits.of("amsgrad")]
        [{'m_hat': 'm'}]
        """
        found = []
        for edits, only in self._written:
            if optimizer_name in edits:
                found.append(edits[optimizer_name])
            elif not only:
                alike = (e for other, e in edits.items() if _holds(optimizer_name, other, e))
                found += itertools.islice(alike, 1)
        return tuple(found)


class Mistake(Row, frozen=True):
    """One row of the bank.

    Attributes
    ----------
    id : str
        ``"eps-inside-root"``.
    kind : str
        ``mistake``; ``convention``, right elsewhere; or ``behavior``, seen in what a function does
        rather than in its numbers.
    says : str
        One sentence that names it, in the learner's terms.
    hints : tuple of str
        Where to look; what to think about; almost the answer.
    symptom : str
        What one sees of it in a run.
    whose : str or None
        Whose convention it is.
    edits : Edits
        Its forms in every optimizer; a behavior has none.
    tasks : tuple of str
        The kinds of task in which it can be seen: ``step``, ``run``, ``class``, ``by-hand``.
    """

    id: Text
    kind: Kind
    says: Text
    hints: Hints
    symptom: Text
    whose: Text | None = None
    edits: Edits = msgspec.field(default_factory=Edits)
    tasks: tuple[TaskKind, ...] = ("step", "run", "class")

    def __post_init__(self) -> None:
        distinct("tasks", self.tasks)
        if (self.kind == "convention") != (self.whose is not None):
            raise WrongValueError("whose", "a convention is somebody's, and nothing else is")
        if (self.kind == "behavior") != (not self.edits):
            raise WrongValueError("edits", "a behavior has none, and everything else some")


class _File(Row, frozen=True):
    mistake: tuple[Mistake, ...]


@functools.cache
def bank() -> dict[str, Mistake]:
    """Return every known mistake by its id.

    >>> bank()["eps-inside-root"].says
    'your eps is inside the root'
    """
    return by_id("mistakes", {name: f.mistake for name, f in load("mistakes", _File).items()})


@functools.cache
def forms(optimizer: str, task_kind: str) -> tuple[tuple[Mistake, Edit], ...]:
    """Return the forms of all mistakes that an optimizer can have in a kind of task.

    A start shows only where the answer makes the state itself: not in a step.
    """
    return tuple(
        (mistake, edit)
        for mistake in bank().values()
        if task_kind in mistake.tasks
        for edit in mistake.edits.of(optimizer)
        if not (edit.start and task_kind == "step")
    )


@functools.cache
def names_of(optimizer_name: str) -> dict[str, tuple[str, ...]]:
    """Return what a form of a mistake may replace in an optimizer, part by part.

    >>> names_of("adam")["lines"]
    ('theta', 'm', 'v', 'm_hat', 'v_hat')
    """
    of = optimizer(optimizer_name)
    taken = ("g", "t", *of.hyperparameters)
    variables = of.function.__code__.co_varnames
    return {
        "in": ("theta", *taken, *of.state),
        # Without reading its source, which takes ten times as long.
        "lines": tuple(name for name in variables if name not in taken),
        "out": of.returned,
        "start": of.state,
    }


@functools.cache
def _sources(optimizer_name: str) -> dict[str, str]:
    return {line.name: line.source for line in optimizer(optimizer_name).lines}


@functools.cache
def _readable(optimizer_name: str) -> frozenset[str]:
    """Return the names that a form may read in an optimizer."""
    of = optimizer(optimizer_name)
    earlier = (f"{name}_prev" for name in of.returned)
    return frozenset({"g", "t", *of.hyperparameters, *_sources(of.name), *earlier, *FUNCTIONS})


def _holds(name: str, other: str, edit: Edit) -> bool:
    """Whether a form that is another optimizer's is this one's as well."""
    known = names_of(name)
    parts = {"in": edit.incoming, "out": edit.outgoing, "start": edit.start}
    return (
        all(line in known["lines"] for line in edit.lines)
        and all(changed in known[part] for part, values in parts.items() for changed in values)
        and ("t" not in edit.incoming or any("t" in of.names for of in optimizer(name).lines))
        and all(
            _names(text) <= _readable(name)
            for values in (edit.lines, *parts.values())
            for text in values.values()
        )
        and all(_sources(name)[line] == _sources(other)[line] for line in edit.lines)
    )


@functools.cache
def _names(text: str) -> frozenset[str]:
    """Return the names that an expression reads."""
    nodes = ast.walk(ast.parse(text, mode="eval"))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def _edit(name: str, written: object) -> Edit:
    """Read one form, whose names are those of an optimizer's definition."""
    try:
        known = names_of(name)
    except UnknownNameError as error:
        raise WrongValueError(name, str(error)) from error
    given = _table(name, written)
    parts = {key: _table(f"{name}, {key}", given.get(key, {})) for key in _PARTS}
    parts["lines"] = {key: text for key, text in given.items() if key not in _PARTS}
    for key, part in parts.items():
        for changed, text in part.items():
            field = f"{name}, {key}"
            require(field, changed, known[key], "it has")
            if not isinstance(text, str):
                raise WrongValueError(f"{field}, {changed}", "expected a text")
    if not any(parts.values()):
        raise WrongValueError(name, "it changes nothing")
    return Edit(parts["in"], parts["lines"], parts["out"], parts["start"])


def _table(field: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongValueError(field, "expected a table")
    return dict(value)
