"""`claims`: what the article says, whether it holds, and the cell that shows it.

A lesson's claims are the rows of its file in `adamedu/content/claims/`. A row has an ``id``, a
``quote`` of at most a dozen words, a ``verdict``, and in ``says`` what holds; ``cell`` is the id of
the lesson's cell that shows the numbers, and ``section`` the heading above it. ``covers`` names
what else of the article is settled there: a lost figure, a loose sentence.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import msgspec

from adamedu.algebra.walkthrough import markdown
from adamedu.content.lessons import reference
from adamedu.content.loading import Row, Text, Texts, by_id, load
from adamedu.core.errors import UnknownNameError

Verdict: TypeAlias = Literal["holds", "holds when", "does not hold"]
VERDICTS = get_args(Verdict)


class _Said(Row, frozen=True):
    id: Text
    quote: Text
    verdict: Verdict
    says: Text
    cell: Text
    section: Text
    covers: Texts = ()


class _File(Row, frozen=True):
    claim: tuple[_Said, ...]


class Claim(_Said, frozen=True, kw_only=True):
    """A claim of the article, and what became of it.

    Attributes
    ----------
    lesson : str
        The number of the lesson that settles it.
    id : str
        Unique in the course.
    quote : str
        The article's words.
    verdict : str
        One of `VERDICTS`.
    says : str
        What holds, with the numbers.
    cell, section : str
        The lesson's cell that shows the numbers, and the heading above it.
    covers : tuple of str
        What else is settled there.
    """

    lesson: str

    @property
    def words(self) -> str:
        """The article's words without the marks of its italics; a factor keeps its sign."""
        return re.sub(r"(?<! )\*|\*(?! )", "", self.quote)

    @property
    def shown_in(self) -> str:
        """A link in Markdown to the cell that shows it."""
        return reference(self.lesson, self.section, self.cell)


@dataclass(frozen=True, repr=False)
class Claims:
    """Claims as a table; it shows itself in a notebook and as text.

    Attributes
    ----------
    rows : tuple of Claim
        In the lessons' order.
    """

    rows: tuple[Claim, ...]

    def __repr__(self) -> str:
        return "\n".join(f'"{row.words}" {row.verdict}: {row.says}' for row in self.rows)

    def _repr_markdown_(self) -> str:
        cells = (
            (f'"{row.words}"', f"**{row.verdict}**", f"{row.says} ({row.shown_in})")
            for row in self.rows
        )
        return markdown(
            ("The article says", "Verdict", "What holds, and where you see it"),
            *([text.replace("|", r"\|") for text in row] for row in cells),
        )


def claims(lesson: str | None = None) -> Claims:
    """Show what the article says, whether it holds, and where it is shown.

    Parameters
    ----------
    lesson : str, optional
        A lesson's number; all lessons without it.

    Raises
    ------
    UnknownNameError
        When no claim belongs to that lesson.

    Examples
    --------
    >>> print(claims("05").rows[0].quote)
    presented in 2015
    """
    rows = tuple(row for row in _read() if lesson in {None, row.lesson})
    if not rows:
        known = ", ".join(sorted({row.lesson for row in _read()}))
        raise UnknownNameError(f"no claim belongs to lesson {lesson!r}; there are some in {known}")
    return Claims(rows)


def tally() -> str:
    """Count the verdicts; a phrase may have one in each of several lessons.

    >>> tally()
    '... verdicts on ... phrases of the article: ... hold, ... hold when something is given, ...'
    """
    rows = claims().rows
    phrases = len({row.quote for row in rows})
    holds, when, wrong = (Counter(row.verdict for row in rows)[verdict] for verdict in VERDICTS)
    return (
        f"{len(rows)} verdicts on {phrases} phrases of the article: {holds} hold, {when} hold when "
        f"something is given, {wrong} do not hold"
    )


@functools.cache
def _read() -> tuple[Claim, ...]:
    files = load("claims", _File)
    found = {
        name: [Claim(lesson=name[:2], **msgspec.structs.asdict(row)) for row in file.claim]
        for name, file in files.items()
    }
    return tuple(by_id("claims", found).values())
