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

from adamedu.core.recurrence import FUNCTIONS, Line, Recurrence
from adamedu.grading.comparing import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamedu.content.mistakes import Edit

Array = npt.NDArray[Any]
Slot = tuple[str, str]

_FEW_ENTRIES: Final = 1_000
"""A table of so many entries is made whatever it is for; a larger one must be well filled."""


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
        slots: list[Slot] = [
            *(("start", name) for name in reference.state),
            *(("in", name) for name in ("theta", "g", "t", *reference.state)),
            *(("in", name) for name in reference.hyperparameters),
            *(("line", line.name) for line in reference.lines),
            *(("out", name) for name in reference.returned),
        ]
        self.slots = {slot: number for number, slot in enumerate(slots)}
        self.options: dict[Slot, list[Line | None]] = {slot: [None] for slot in slots}
        self._numbers: dict[tuple[Slot, str], int] = {}
        for line in reference.lines:
            slot = ("line", line.name)
            self.options[slot] = [line]
            self._numbers[slot, line.source] = 0
        self.table = np.zeros((len(self.forms), len(slots)), np.int16)
        for row, form in zip(self.table, self.forms, strict=True):
            for slot, line in self._changes(form).items():
                row[self.slots[slot]] = self._option(slot, line)
        self._made: dict[int, tuple[Array, Array]] = {}
        self._depends: dict[str, frozenset[Slot]] = {}
        self._groups: dict[tuple[int, str], tuple[Array, Array]] = {}

    def _changes(self, form: Edit) -> dict[Slot, Line]:
        variant = self.reference.variant(
            incoming=form.incoming, lines=form.lines, outgoing=form.outgoing
        )
        start = self.reference.variant(incoming=form.start) if form.start else self.reference
        return (
            {("start", line.name): line for line in start.incoming}
            | {("in", line.name): line for line in variant.incoming}
            | {("line", line.name): line for line in variant.lines if line.name in form.lines}
            | {("out", line.name): line for line in variant.outgoing}
        )

    def _option(self, slot: Slot, line: Line) -> int:
        """Return the number of a line among the slot's options, a new one if it isn't there yet."""
        options = self.options[slot]
        number = self._numbers.setdefault((slot, line.source), len(options))
        if number == len(options):
            options.append(line)
        return number

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
                choices, members = self.table, np.arange(len(self.forms))[:, np.newaxis]
            else:
                fewer, held = self.combinations(size - 1)
                clash = (fewer > 0).astype(np.float32) @ (self.table > 0).astype(np.float32).T > 0
                later = held[:, -1][:, np.newaxis] < np.arange(len(self.forms))
                old, new = np.nonzero(~clash & later)
                members = np.column_stack([held[old], new])
                choices = fewer[old] + self.table[new]
            self._made[size] = np.asfortranarray(choices), members
        return self._made[size]

    def groups(self, size: int, name: str) -> tuple[Array, Array]:
        """Group the combinations that can't differ in a returned state, made once and kept.

        Returns
        -------
        choices : ndarray of int, shape (groups, slots)
            One variant per group, in which only what matters to the state is changed.
        of : ndarray of int, shape (combinations,)
            The group of each combination.
        """
        if (size, name) not in self._groups:
            choices, _ = self.combinations(size)
            columns = [self.slots[slot] for slot in sorted(self._ancestors(name))]
            columns.append(self.slots["out", name])
            weights = np.random.default_rng(0).integers(1, 2**62, len(columns))
            key = choices[:, columns].astype(np.int64) @ weights
            _, first, of = np.unique(key, return_index=True, return_inverse=True)
            kept = np.zeros((len(first), len(self.slots)), np.int16)
            kept[:, columns] = choices[np.ix_(first, columns)]
            self._groups[size, name] = np.asfortranarray(kept), of
        return self._groups[size, name]

    def _ancestors(self, name: str) -> frozenset[Slot]:
        """Return the slots that a line's value depends on, with any of their options."""
        if name in self._depends:
            return self._depends[name]
        found: set[Slot] = set()
        waiting: list[Slot] = [("line", name)]
        while waiting:
            slot = waiting.pop()
            if slot in found or slot not in self.slots:
                continue
            found.add(slot)
            for read in {n for line in self.options[slot] if line is not None for n in line.names}:
                old = read.removesuffix("_prev")
                if ("line", read) in self.slots:
                    waiting.append(("line", read))
                else:
                    waiting += [("in", old), ("start", old)]
        self._depends[name] = frozenset(found)
        return self._depends[name]

    def begin(self, choices: Array, given: Mapping[str, Array]) -> dict[str, Values]:
        """Give every variant the same incoming values, but for those that start otherwise.

        Parameters
        ----------
        choices : ndarray of int, shape (variants, slots)
            From `combinations`.
        given : mapping of str to ndarray, shape (entries,)
            Theta, g, t, the state and the hyperparameters.
        """
        everyone = np.zeros(len(choices), np.intp)
        values = {name: Values(array[np.newaxis], everyone) for name, array in given.items()}
        for name in self.reference.state:
            values[name] = self._choose(("start", name), choices, values, values[name], {})
        return values

    @np.errstate(all="ignore")
    def step(
        self,
        choices: Array,
        values: Mapping[str, Values],
        observed: Mapping[str, Observed],
        functions: Mapping[str, Any],
        only: str | None = None,
    ) -> tuple[Array, dict[str, Values]]:
        """Take one step with every variant, and drop those that return something else.

        Parameters
        ----------
        choices : ndarray of int, shape (variants, slots)
            The variants.
        values : mapping of str to Values
            Theta, g, t, the state and the hyperparameters.
        observed : mapping of str to Observed
            What was seen, under the names of lines.
        functions : mapping
            Replacements for some of `recurrence.FUNCTIONS`, a ``sum`` over coordinates.
        only : str, optional
            Go no further than this line, and look only at what it depends on.

        Returns
        -------
        alive : ndarray of int
            The variants that agree.
        returned : dict of str to Values
            What they return; empty with ``only``.
        """
        functions = {**FUNCTIONS, **functions}
        needed = self.slots if only is None else self._ancestors(only)
        returned = self.reference.returned
        alive = np.arange(len(choices))
        previous = {f"{k}_prev" if k in returned else k: v for k, v in values.items()}
        known = dict(previous)
        for slot in self.slots:
            kind, name = slot
            if kind == "start" or slot not in needed:
                continue
            if kind == "in":
                key = f"{name}_prev" if name in returned else name
                known[key] = self._choose(slot, choices, previous, previous[key], functions)
                continue
            key = name if kind == "line" else f"returned {name}"
            before = None if kind == "line" else known[name]
            known[key] = self._choose(slot, choices, known, before, functions)
            if name not in observed:
                continue
            keep = observed[name].agrees(known[key].rows)[known[key].at]
            if kind == "line" and name in returned:  # what is replaced later is judged there
                keep |= choices[:, self.slots["out", name]] > 0
            if not keep.all():
                alive, choices = alive[keep], choices[keep]
                known = {key: value.keep(keep) for key, value in known.items()}
        return alive, {} if only else {name: known[f"returned {name}"] for name in returned}

    def _choose(
        self,
        slot: Slot,
        choices: Array,
        known: Mapping[str, Values],
        unchanged: Values | None,
        functions: Mapping[str, Any],
    ) -> Values:
        """Evaluate a slot for all variants, each different value once."""
        column = choices[:, self.slots[slot]]
        if unchanged is not None and not column.any():
            return unchanged
        entries = next(iter(known.values())).rows.shape[1]
        at = np.empty(len(column), np.intp)
        parts: list[Array] = []
        count = 0
        order = np.argsort(column, kind="stable")
        counts = np.bincount(column)
        ends = counts.cumsum()
        for option in counts.nonzero()[0]:
            which = order[ends[option] - counts[option] : ends[option]]
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
    read = {name: known[name] for name in line.names}
    differing = [values for values in read.values() if len(values.rows) > 1]
    if not differing or len(which) == 1:
        one = which[0]
        arguments = {name: values.rows[values.at[one]][np.newaxis] for name, values in read.items()}
        inverse = np.zeros(len(which), np.intp)
    else:
        key, size = differing[0].at[which], len(differing[0].rows)
        for values in differing[1:]:
            key = key * len(values.rows) + values.at[which]
            size *= len(values.rows)
        chosen, inverse = _unique(key, size)
        first = which[chosen]
        arguments = {name: values.rows[values.at[first]] for name, values in read.items()}
    shape = (len(first) if differing and len(which) > 1 else 1, entries)
    value = eval(line.code, functions, arguments)  # type: ignore[arg-type]  # noqa: S307  (the bank's text)
    return (value if np.shape(value) == shape else np.full(shape, value, float)), inverse


def _unique(key: Array, size: int) -> tuple[Array, Array]:
    """Return where each different key stands, and which of them every entry is."""
    if size > 4 * len(key) + _FEW_ENTRIES:
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        return first, inverse
    place = np.full(size, -1)
    place[key] = np.arange(len(key))
    present = np.flatnonzero(place >= 0)
    number = np.empty(size, np.intp)
    number[present] = np.arange(len(present))
    return place[present], number[key]


def sum_over(lengths: Sequence[int]) -> dict[str, Any]:
    """Return ``sum`` and ``mean`` over the coordinates of each of several calls side by side."""
    starts = [0, *itertools.accumulate(lengths)][:-1]

    def total(x: Array) -> Array:
        return np.repeat(np.add.reduceat(x, starts, axis=-1), lengths, axis=-1)

    sizes = np.repeat(lengths, lengths)
    return {"sum": total, "mean": lambda x: total(x) / sizes}
