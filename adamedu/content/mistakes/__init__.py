"""The bank of known mistakes: rows over the one definition of each optimizer.

A row of the TOML files beside this one replaces an incoming value (``in.t = "t - 1"``), a named
line (``m_hat = "m"``; the old state is ``m_prev``), an outgoing value (``out.m = "m_hat"``) or the
start of a state (``start.v = "1"``) of the optimizers it names; or it describes a behavior that
shows otherwise. Where a mistake comes in several forms, an optimizer has a list of them. Adding a
mistake is adding a row.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

Kind = Literal["mistake", "convention", "behavior"]


@dataclass(frozen=True)
class Edit:
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


@dataclass(frozen=True)
class Mistake:
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
    edits : dict
        Per optimizer its forms; empty for a behavior.
    tasks : tuple of str
        The kinds of task in which it can be seen: ``step``, ``run``, ``class``, ``by-hand``.
    """

    id: str
    kind: Kind
    says: str
    hints: tuple[str, ...]
    symptom: str
    whose: str | None
    edits: dict[str, tuple[Edit, ...]]
    tasks: tuple[str, ...]


@functools.cache
def bank() -> dict[str, Mistake]:
    """Return every known mistake by its id.

    >>> bank()["eps-inside-root"].says
    'your eps is inside the root'
    """
    folder = resources.files("adamedu.content.mistakes")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    rows = [row for f in files for row in tomllib.loads(f.read_text(encoding="utf-8"))["mistake"]]
    return {row["id"]: _read(row) for row in rows}


@functools.cache
def forms(optimizer: str, task_kind: str) -> tuple[tuple[Mistake, Edit], ...]:
    """Return the forms of all mistakes that an optimizer can have in a kind of task.

    A start shows only where the answer makes the state itself: not in a step.
    """
    return tuple(
        (mistake, edit)
        for mistake in bank().values()
        if task_kind in mistake.tasks
        for edit in mistake.edits.get(optimizer, ())
        if not (edit.start and task_kind == "step")
    )


def _read(row: dict[str, Any]) -> Mistake:
    edits: dict[str, tuple[Edit, ...]] = {}
    for optimizers, given in row.get("edits", {}).items():
        found = tuple(map(_edit, given if isinstance(given, list) else [given]))
        edits |= {name: edits.get(name, ()) + found for name in optimizers.split()}
    return Mistake(
        id=row["id"],
        kind=row["kind"],
        says=row["says"],
        hints=tuple(row["hints"]),
        symptom=row["symptom"],
        whose=row.get("whose"),
        edits=edits,
        tasks=tuple(row.get("tasks", ("step", "run", "class"))),
    )


def _edit(given: dict[str, Any]) -> Edit:
    lines = {key: text for key, text in given.items() if key not in {"in", "out", "start"}}
    return Edit(
        incoming=dict(given.get("in", {})),
        lines=lines,
        outgoing=dict(given.get("out", {})),
        start=dict(given.get("start", {})),
    )
