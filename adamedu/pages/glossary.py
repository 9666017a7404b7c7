"""`glossary`: each term of the course in one sentence, and where it is introduced."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

from adamedu.algebra.walkthrough import Table
from adamedu.content.lessons import reference


@dataclass(frozen=True)
class Term:
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

    name: str
    says: str
    lesson: str
    section: str
    forms: tuple[str, ...] = ()


@functools.cache
def terms() -> tuple[Term, ...]:
    """Return every term, in the alphabet's order."""
    text = (resources.files("adamedu.content") / "glossary.toml").read_text(encoding="utf-8")
    found = (
        Term(**{**row, "forms": tuple(row.get("forms", ()))}) for row in tomllib.loads(text)["term"]
    )
    return tuple(sorted(found, key=lambda term: term.name.lower()))


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
