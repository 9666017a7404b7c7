"""`glossary`: each term of the course in one sentence, and where it is introduced."""

from __future__ import annotations

import functools

from adamedu.algebra.walkthrough import Table
from adamedu.content.lessons import lessons, reference
from adamedu.content.loading import Row, Text, Texts, by_id, load, require


class Term(Row, frozen=True):
    """A term of the course.

    Attributes
    ----------
    name : str
        As the lesson introduces it, in bold.
    says : str
        What it means, in one sentence.
    lesson, section : str
        The number of the lesson that introduces it, and the heading there.
    forms : tuple of str
        How else it is written: a plural, an adjective.
    """

    name: Text
    says: Text
    lesson: Text
    section: Text
    forms: Texts = ()

    def __post_init__(self) -> None:
        require("lesson", self.lesson, lessons())


class _File(Row, frozen=True):
    term: tuple[Term, ...]


@functools.cache
def terms() -> tuple[Term, ...]:
    """Return every term, in the alphabet's order."""
    files = load("glossary.toml", _File)
    found = by_id("content", {name: file.term for name, file in files.items()}, "name")
    return tuple(sorted(found.values(), key=lambda term: term.name.lower()))


def glossary() -> Table:
    """Show each term, what it means, and where the course introduces it.

    Examples
    --------
    >>> glossary()
    Term   Meaning
    ...
    gradient ...
    """
    return Table(
        (
            ("Term", "Meaning", "Introduced in"),
            *((f"**{t.name}**", t.says, reference(t.lesson, t.section)) for t in terms()),
        ),
        (("Term", "Meaning"), *((term.name, term.says) for term in terms())),
    )
