"""The ladder's rows: of each optimizer what its equations don't say."""

from __future__ import annotations

import functools
from typing import Annotated, Literal

import msgspec

from adamedu.content.loading import CatalogueError, LessonNumber, Row, Text, load
from adamedu.optimizers import LADDER


class Rung(Row, frozen=True):
    """What an optimizer's equations don't say themselves.

    Attributes
    ----------
    label : str
        What it is called where it is drawn.
    color : str
        Its color, as ``"#D55E00"``.
    dash : str
        Its lines: ``"solid"``, ``"dashed"``, ``"dash-dotted"`` or ``"dotted"``.
    marker : str
        Its marker, by matplotlib's letter.
    lesson : str
        The number of the lesson on it.
    changed, helps, watch : str
        What is new in it, when it helps, and what to watch out for.
    """

    label: Text
    color: Annotated[str, msgspec.Meta(pattern="^#[0-9A-F]{6}$")]
    dash: Literal["solid", "dashed", "dash-dotted", "dotted"]
    marker: Annotated[str, msgspec.Meta(min_length=1, max_length=1)]
    lesson: LessonNumber
    changed: Text
    helps: Text
    watch: Text

    @property
    def title(self) -> str:
        """Its name as people write it."""
        return self.label[0].upper() + self.label[1:]

    @property
    def remarks(self) -> str:
        """What to know about it, in Markdown."""
        return f"{self.changed} *It helps when* {self.helps} *Watch out for* {self.watch}"


@functools.cache
def rungs() -> dict[str, Rung]:
    """Return every optimizer's row by its name.

    Raises
    ------
    CatalogueError
        When an optimizer has no row, or a row no optimizer.

    Examples
    --------
    >>> rungs()["adam"].label
    'Adam'
    """
    rows = load("ladder.toml", dict[str, Rung])["ladder"]
    names = [of.name for of in LADDER]
    for name in names:
        if name not in rows:
            raise CatalogueError(f"content/ladder.toml has no row for {name}: write [{name}]")
    for name in rows:
        if name not in names:
            raise CatalogueError(f"content/ladder.toml, {name!r}: optimizers.py has no such name")
    return {name: rows[name] for name in names}
