"""Evaluate thousands of variants of one step at once.

A variant chooses, for each slot of the definition (an incoming value, a line, an outgoing value, a
starting value), one of the known forms, 0 being the definition's own. Variants that agree in a line
and in all that it reads share one evaluation of it, so the work grows with the number of different
values and not with the number of variants; and a variant is dropped as soon as a value that it
returns isn't the one observed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from adamedu.grading.comparing import TOLERANCE
from adamedu.recurrence import FUNCTIONS, Line, Recurrence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamedu.grading.mistakes import Edit

Array = npt.NDArray[Any]
Slot = tuple[str, str]

_SMALL: Final = 1_000_000


@dataclass(frozen=True)
class Values:
    """A named value for many variants: the different rows, and which row each variant has.

    Attributes
    ----------
    rows : ndarray, shape (different, entries)
        The different values.
    at : ndarray of int, shape (variants,)
        The row of each variant.
    """

    rows: Array
    at: Array

    def keep(self, which: Array) -> Values:
        """Return the values of some of the variants."""
        return Values(self.rows, self.at[which])


@dataclass(frozen=True)
class Observed:
    """What was returned under one name.

    Attributes
    ----------
    values : ndarray, shape (entries,)
        NaN or infinity where the answer had one, or failed as arithmetic does.
    known : ndarray of bool, shape (entries,)
        False where nothing was returned; such entries agree with everything.
    tolerance : float
        How far off still agrees, relative to the largest value observed, or to 1.
    """

    values: Array
    known: Array
    tolerance: float = TOLERANCE["f8"]

    def agrees(self, rows: Array) -> npt.NDArray[np.bool_]:
        """Say for each row whether it is what was observed; not finite agrees with not finite."""
        finite = np.isfinite(self.values)
        scale = max(1.0, float(np.abs(self.values[finite & self.known]).max(initial=0.0)))
        with np.errstate(invalid="ignore"):
            near = np.abs(rows - self.values) <= self.tolerance * scale
        near |= ~np.isfinite(rows) & ~finite
        return np.asarray((near | ~self.known).all(axis=1))


class Family:
    """The known forms of one optimizer, as slots and options.

    Parameters
    ----------
    reference : Recurrence
        The definition.
    forms : sequence of Edit
        Each changes one slot or more.
    """

    def __init__(self, reference: Recurrence[..., Any], forms: Sequence[Edit]) -> None:
        self.reference = reference
        self.forms = tuple(forms)
        self.slots: list[Slot] = [
            *(("start", name) for name in reference.state),
            *(("in", name) for name in ("theta", "g", "t", *reference.state)),
            *(("in", name) for name in reference.hyperparameters),
            *(("line", line.name) for line in reference.lines),
            *(("out", name) for name in reference.returned),
        ]
        self.options: dict[Slot, list[Line | None]] = {slot: [None] for slot in self.slots}
        for line in reference.lines:
            self.options["line", line.name] = [line]
        self.table = np.zeros((len(self.forms), len(self.slots)), np.int16)
        for row, form in zip(self.table, self.forms, strict=True):
            for slot, line in self._changes(form).items():
                row[self.slots.index(slot)] = self._option(slot, line)
        self._made: dict[int, tuple[Array, Array]] = {}

    def _changes(self, form: Edit) -> dict[Slot, Line]:
        variant = self.reference.variant(
            incoming=form.incoming, lines=form.lines, outgoing=form.outgoing
        )
        start = self.reference.variant(incoming=form.start)
        return (
            {("start", line.name): line for line in start.incoming}
            | {("in", line.name): line for line in variant.incoming}
            | {("line", line.name): line for line in variant.lines if line.name in form.lines}
            | {("out", line.name): line for line in variant.outgoing}
        )

    def _option(self, slot: Slot, line: Line) -> int:
        options = self.options[slot]
        for number, known in enumerate(options):
            if known is not None and known.source == line.source:
                return number
        options.append(line)
        return len(options) - 1

    def combinations(self, size: int) -> tuple[Array, Array]:
        """Return all compatible combinations of so many forms, made once and kept.

        Returns
        -------
        choices : ndarray of int, shape (combinations, slots)
            The option in each slot.
        members : ndarray of int, shape (combinations, size)
            The forms; no two of them change the same slot.
        """
        if size not in self._made:
            if size == 1:
                self._made[1] = self.table, np.arange(len(self.forms))[:, np.newaxis]
            else:
                choices, members = self.combinations(size - 1)
                clash = (choices > 0).astype(np.float32) @ (self.table > 0).astype(np.float32).T > 0
                later = members[:, -1][:, np.newaxis] < np.arange(len(self.forms))
                old, new = np.nonzero(~clash & later)
                joined = np.column_stack([members[old], new])
                self._made[size] = choices[old] + self.table[new], joined
        return self._made[size]

    def begin(self, choices: Array, given: Mapping[str, Array]) -> dict[str, Values]:
        """Give every variant the same incoming values, but for those that start otherwise.

        Parameters
        ----------
        choices : ndarray of int, shape (variants, slots)
            From `combinations`.
        given : mapping of str to ndarray, shape (entries,)
            Theta, g, t, the state and the hyperparameters.
        """
        everyone = np.zeros(len(choices), int)
        values = {name: Values(array[np.newaxis], everyone) for name, array in given.items()}
        for name in self.reference.state:
            column = choices[:, self.slots.index(("start", name))]
            values[name] = self._choose(("start", name), column, values, values[name], {})
        return values

    def step(
        self,
        choices: Array,
        values: Mapping[str, Values],
        observed: Mapping[str, Observed],
        functions: Mapping[str, Any],
    ) -> tuple[Array, dict[str, Values]]:
        """Take one step with every variant, and drop those that return something else.

        Parameters
        ----------
        choices : ndarray of int, shape (variants, slots)
            The variants.
        values : mapping of str to Values
            Theta, g, t, the state and the hyperparameters.
        observed : mapping of str to Observed
            What was seen, under the names of some of the returned values.
        functions : mapping
            Replacements for some of `adamedu.recurrence.FUNCTIONS`, a ``sum`` over coordinates.

        Returns
        -------
        alive : ndarray of int
            The variants that agree.
        returned : dict of str to Values
            What they return.
        """
        alive = np.arange(len(choices))
        previous = dict(values)
        for name in self.reference.returned:
            previous[f"{name}_prev"] = previous.pop(name)
        known = dict(previous)
        for kind, name in self.slots:
            if kind == "in":
                key = f"{name}_prev" if name in self.reference.returned else name
                column = choices[:, self.slots.index((kind, name))]
                known[key] = self._choose((kind, name), column, previous, previous[key], functions)
        for slot in self.slots:
            kind, name = slot
            if kind not in {"line", "out"}:
                continue
            column = choices[alive, self.slots.index(slot)]
            key = name if kind == "line" else f"returned {name}"
            before = None if kind == "line" else known[name]
            known[key] = self._choose(slot, column, known, before, functions)
            if name not in observed:
                continue
            keep = observed[name].agrees(known[key].rows)[known[key].at]
            if kind == "line" and name in self.reference.returned:  # judged on its way out
                keep |= choices[alive, self.slots.index(("out", name))] > 0
            if not keep.all():
                alive = alive[keep]
                known = {key: value.keep(keep) for key, value in known.items()}
        return alive, {name: known[f"returned {name}"] for name in self.reference.returned}

    def _choose(
        self,
        slot: Slot,
        column: Array,
        known: Mapping[str, Values],
        unchanged: Values | None,
        functions: Mapping[str, Any],
    ) -> Values:
        """Evaluate a slot for all variants, each different value once."""
        if unchanged is not None and not column.any():
            return unchanged
        entries = next(iter(known.values())).rows.shape[1]
        at = np.empty(len(column), int)
        parts: list[Array] = []
        count = 0
        for option in np.flatnonzero(np.bincount(column)) if len(column) else ():
            which = np.flatnonzero(column == option)
            line = self.options[slot][option]
            if line is None:
                rows, inner = unchanged.rows, unchanged.at[which]  # type: ignore[union-attr]
            else:
                rows, inner = _evaluate(line, which, known, entries, functions)
            parts.append(rows)
            at[which] = inner + count
            count += len(rows)
        return Values(np.concatenate(parts) if parts else np.zeros((0, entries)), at)


def _evaluate(
    line: Line,
    which: Array,
    known: Mapping[str, Values],
    entries: int,
    functions: Mapping[str, Any],
) -> tuple[Array, Array]:
    names = sorted(line.names)
    key = np.zeros(len(which), int)
    size = 1
    for name in names:
        key = key * len(known[name].rows) + known[name].at[which]
        size *= len(known[name].rows)
    first, inverse = _unique(key, size)
    arguments = {name: known[name].rows[known[name].at[which[first]]] for name in names}
    with np.errstate(all="ignore"):
        value = eval(line.code, {**FUNCTIONS, **functions}, arguments)  # noqa: S307  (the bank's text)
    return np.broadcast_to(np.asarray(value, float), (len(first), entries)), inverse


def _unique(key: Array, size: int) -> tuple[Array, Array]:
    """Return where each different key first stands, and which of them every entry is."""
    if size > _SMALL:
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        return first, inverse
    place = np.full(size, -1)
    place[key[::-1]] = np.arange(len(key))[::-1]
    present = np.flatnonzero(place >= 0)
    number = np.empty(size, int)
    number[present] = np.arange(len(present))
    return place[present], number[key]


def sum_over(lengths: Sequence[int]) -> dict[str, Any]:
    """Return the ``sum`` over the coordinates of each of several calls that lie side by side."""
    starts = [0, *itertools.accumulate(lengths)][:-1]

    def total(x: Array) -> Array:
        return np.repeat(np.add.reduceat(x, starts, axis=-1), lengths, axis=-1)

    return {"sum": total}
