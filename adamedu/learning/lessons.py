"""The lessons in their order, and where their notebooks are."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources

from adamedu import course


@dataclass(frozen=True)
class Lesson:
    """A lesson, which may still be on the way.

    Attributes
    ----------
    name : str
        Its notebook's name without the ending, ``"05_adam"``.
    title, question : str
        Its title, and the question that it answers.
    """

    name: str
    title: str
    question: str

    @property
    def number(self) -> str:
        """``"05"``."""
        return self.name[:2]

    @property
    def label(self) -> str:
        """``"05 Adam"``."""
        return f"{self.number} {self.title}"

    @property
    def page(self) -> str | None:
        """Its notebook, as a link from any folder of the course; None where it isn't there."""
        return _link(f"notebooks/{self.name}.ipynb")

    @property
    def exercises(self) -> str | None:
        """Its exercises' notebook, likewise."""
        return _link(f"exercises/{self.name}.ipynb")


@functools.cache
def lessons() -> dict[str, Lesson]:
    """Return every lesson by its number.

    >>> lessons()["05"].question
    'Both at once?'
    """
    text = (resources.files("adamedu.learning") / "lessons.toml").read_text(encoding="utf-8")
    found = [Lesson(**row) for row in tomllib.loads(text)["lesson"]]
    return {lesson.number: lesson for lesson in found}


def anchor(heading: str) -> str:
    """Return what a link to a heading ends with: JupyterLab writes hyphens for spaces.

    >>> anchor("6.1 What is the bias correction for?")
    '#6.1-What-is-the-bias-correction-for?'
    """
    return "#" + heading.replace(" ", "-")


def reference(number: str, section: str | None = None) -> str:
    """Return a link in Markdown to a lesson or one of its sections, from any folder of the course.

    What isn't there yet is named without a link.

    >>> reference("05", "6.1 What is the bias correction for?")
    '[05, 6.1](../notebooks/05_adam.ipynb#6.1-What-is-the-bias-correction-for?)'
    >>> reference("05")
    '[05](../notebooks/05_adam.ipynb)'
    """
    page = lessons()[number].page
    name, target = number, page
    if section is not None:
        first = section.partition(" ")[0].rstrip(".")
        name = f"{number}, {first if first[:1].isdecimal() else section}"
        target = f"{page}{anchor(section)}"
    return name if page is None else f"[{name}]({target})"


def _link(file: str) -> str | None:
    return None if course.find(file) is None else f"../{file}"
