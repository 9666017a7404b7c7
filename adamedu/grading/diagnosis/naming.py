"""Name the mistake: find the known mistakes, one or several, that give just this answer.

Single mistakes come first, then pairs, then triples. If several fit and have nothing in common,
nothing is said: a wrong name is worse than none.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.content.mistakes import Mistake, bank, forms
from adamedu.grading.diagnosis.variants import Family, Observed, sum_over
from adamedu.optimizers import optimizer as definition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adamedu.grading.diagnosis.variants import Array

MAX_MISTAKES: Final = 3
"""The most mistakes that are recognized together."""


@dataclass(frozen=True)
class Moment:
    """One step as it was observed, all calls of it side by side.

    Attributes
    ----------
    given : dict of str to ndarray, shape (entries,)
        What went in, the hyperparameters too; the state only where it went in from outside.
    observed : dict of str to Observed
        What came out.
    lengths : sequence of int
        How many entries each call has.
    """

    given: Mapping[str, Array]
    observed: Mapping[str, Observed]
    lengths: Sequence[int]


@functools.cache
def family(optimizer: str, kind: str) -> tuple[Family, tuple[Mistake, ...]]:
    """Return the known forms of an optimizer in a kind of task, and whose mistake each is."""
    known = forms(optimizer, kind)
    return Family(definition(optimizer), [edit for _, edit in known]), tuple(
        mistake for mistake, _ in known
    )


def diagnose(optimizer: str, kind: str, moments: Sequence[Moment]) -> tuple[Mistake, ...]:
    """Find what explains an answer.

    Parameters
    ----------
    optimizer : str
        The definition's name.
    kind : str
        The kind of task: some mistakes can only be made in some.
    moments : sequence of Moment
        What was observed. With more than one, each starts from the state that the one before it
        left; the first starts from zero unless its state is given. Without any, nothing is found.

    Returns
    -------
    tuple of Mistake
        Empty where nothing known explains it, or more than one thing does.
    """
    if not moments:
        return ()
    known, owners = family(optimizer, kind)
    for size in range(1, MAX_MISTAKES + 1):
        choices, members = known.combinations(size)
        alive = _plausible(known, size, moments[0])
        for shown in (_few(moments), moments):
            alive = alive[_survivors(known, choices[alive], shown)]
        if len(alive):
            return _shared({frozenset(owners[i].id for i in members[one]) for one in alive}, owners)
    return ()


def single(optimizer: str, kind: str, moments: Sequence[Moment]) -> frozenset[str]:
    """Return the ids of all mistakes that explain an answer alone, each in one of its forms."""
    if not moments:
        return frozenset()
    known, owners = family(optimizer, kind)
    choices, _ = known.combinations(1)
    return frozenset(owners[i].id for i in _survivors(known, choices, moments))


def explains(optimizer: str, moments: Sequence[Moment]) -> bool:
    """Whether the definition itself gives what was observed, from what is said to have gone in."""
    known, _ = family(optimizer, "class")
    return bool(len(_survivors(known, np.zeros((1, len(known.slots)), np.int16), moments)))


def behavior(mistake_id: str | None) -> Mistake | None:
    """Return the row of a behavior that an exam has seen."""
    return bank().get(mistake_id) if mistake_id is not None else None


def _plausible(known: Family, size: int, moment: Moment) -> Array:
    """Return the combinations whose first returned state is right, group by group."""
    agree = np.ones(len(known.combinations(size)[0]), bool)
    few = _few([moment])[0]
    zeros = {name: np.zeros(len(few.given["g"])) for name in known.reference.state}
    for name in known.reference.state:
        if size > 1 and name in moment.observed:
            choices, of = known.groups(size, name)
            given = {**zeros, **few.given}
            seen = {name: few.observed[name]}
            functions = sum_over(few.lengths)
            right, _ = known.step(choices, known.begin(choices, given), seen, functions, only=name)
            good = np.zeros(len(choices), bool)
            good[right] = True
            agree &= good[of]
    return np.flatnonzero(agree)


def _few(moments: Sequence[Moment]) -> list[Moment]:
    """Return the same moments with two of their calls only, which tell most variants apart."""
    found = []
    for moment in moments:
        ends = np.cumsum(moment.lengths)
        chosen = sorted({min(1, len(ends) - 1), len(ends) - 1})
        entries = np.concatenate([np.arange(ends[i] - moment.lengths[i], ends[i]) for i in chosen])
        given = {name: array[entries] for name, array in moment.given.items()}
        observed = {
            name: replace(seen, values=seen.values[entries], known=seen.known[entries])
            for name, seen in moment.observed.items()
        }
        found.append(Moment(given, observed, [moment.lengths[i] for i in chosen]))
    return found


def _survivors(known: Family, choices: Array, moments: Sequence[Moment]) -> Array:
    """Follow all combinations through the moments; return those that agree to the end."""
    alive = np.arange(len(choices))
    carried: dict[str, Any] = {}
    for number, moment in enumerate(moments):
        entries = len(moment.given["g"])
        zeros = {name: np.zeros(entries) for name in known.reference.state}
        values = known.begin(choices, {**zeros, **moment.given})
        if number:
            values |= {k: v for k, v in carried.items() if k not in moment.given}
        kept, carried = known.step(choices, values, moment.observed, sum_over(moment.lengths))
        choices, alive = choices[kept], alive[kept]
        if not len(alive):
            break
    return alive


def _shared(found: Iterable[frozenset[str]], owners: tuple[Mistake, ...]) -> tuple[Mistake, ...]:
    """Return what all explanations have in common, in the order of the bank."""
    common = frozenset.intersection(*found)
    return tuple({owner.id: owner for owner in owners if owner.id in common}.values())
