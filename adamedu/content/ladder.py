"""The ladder's rows: of each optimizer what its equations don't say."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Rung:
    """An optimizer, and what its equations don't say themselves.

    Attributes
    ----------
    label : str
        What it is called where it is drawn.
    color, dash, marker : str
        How it is drawn: a color as ``"#D55E00"``; ``"solid"``, ``"dashed"``, ``"dash-dotted"`` or
        ``"dotted"``; a marker by matplotlib's letter.
    lesson : str
        The number of the lesson on it.
    changed, helps, watch : str
        What is new in it, when it helps, and what to watch out for.
    """

    label: str
    color: str
    dash: str
    marker: str
    lesson: str
    changed: str
    helps: str
    watch: str

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

    >>> rungs()["adam"].label
    'Adam'
    """
    text = (resources.files("adamedu.content") / "ladder.toml").read_text(encoding="utf-8")
    return {name: Rung(**row) for name, row in tomllib.loads(text).items()}
