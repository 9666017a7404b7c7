"""The levels of safety, what each means, and what is refused below the second."""

from __future__ import annotations

from typing import Final, TypedDict

LEVELS: Final = {
    "A": "isolated: each submission ran in a process of its own with an empty scratch folder, and "
    "could reach no other file, no network and no other process",
    "B": "isolated: each submission ran in a process of its own that could reach no other file, no "
    "network and no other process, and could write no files",
    "C": "not isolated: each submission ran in a process of its own that could reach no network "
    "and no other process, and could write no files, but could read them",
    "D": "not isolated: each submission ran in a fresh process with a time limit, which "
    "could read files and use the network",
}
"""What held while submissions ran, from the safest level to the least safe."""

_ISOLATED: Final = "AB"


class Guarantees(TypedDict, total=False):
    """What held while submissions ran, as it stands in the report; empty where nothing is known."""

    level: str
    isolated: bool
    says: str
    layers: list[str]


class LevelError(RuntimeError):
    """A level that this machine doesn't offer; the message says why."""


def guarantees(level: str, layers: tuple[str, ...]) -> Guarantees:
    """Say what holds at a level, for the report."""
    return {
        "level": level,
        "isolated": level in _ISOLATED,
        "says": LEVELS[level],
        "layers": list(layers),
    }


def refusal(held: Guarantees, submissions: int, *, trusted: bool) -> str | None:
    """Say why so many submissions are not graded here, or return None when they are.

    A single file is its owner's affair. Of many, one may read the others or the marks.

    Parameters
    ----------
    held : dict
        From `guarantees`.
    submissions : int
        How many there are.
    trusted : bool
        Whether the user vouches for them.

    Examples
    --------
    >>> [refusal(guarantees(level, ()), 300, trusted=False) is None for level in "ABCD"]
    [True, True, False, False]
    >>> refusal(guarantees("D", ()), 1, trusted=False) is None
    True
    """
    if held["isolated"] or submissions <= 1 or trusted:
        return None
    return (
        f"it was not run: this machine can't keep submissions apart (level {held['level']}). "
        "`adamedu doctor` says what to install; --trust-submissions grades them all the same"
    )
