"""The lessons in their order, and where their notebooks are."""

from __future__ import annotations

import functools
import re
from typing import Annotated

import msgspec

from adamedu.content import course
from adamedu.content.loading import Row, Text, by_id, load


class Lesson(Row, frozen=True):
    """A lesson, which may still be on the way.

    Attributes
    ----------
    name : str
        Its notebook's name without the ending, ``"05_adam"``.
    title, question : str
        Its title, and the question that it answers.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^\d\d_[a-z_]+$")]
    title: Text
    question: Text

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


class _File(Row, frozen=True):
    lesson: tuple[Lesson, ...]


@functools.cache
def lessons() -> dict[str, Lesson]:
    """Return every lesson by its number.

    >>> lessons()["05"].question
    'Both at once?'
    """
    files = load("lessons.toml", _File)
    return by_id("content", {name: file.lesson for name, file in files.items()}, "number")


def reference(number: str, section: str | None = None, cell: str | None = None) -> str:
    """Return a link in Markdown to a lesson, from any folder of the course.

    What isn't there yet is named without a link.

    Parameters
    ----------
    number : str
        The lesson's.
    section : str, optional
        A heading of it: the link names its number, or the heading where it has none; what stands
        under the lesson's title is its opening.
    cell : str, optional
        The id of the cell that the link leads to; the heading without it.

    Examples
    --------
    >>> reference("05")
    '[05](../notebooks/05_adam.ipynb)'
    >>> reference("05", "5. Play with it")
    '[05, 5](../notebooks/05_adam.ipynb#5.-Play-with-it)'
    >>> reference("05", "5 · Adam", "the-picture")
    '[05, the opening](../notebooks/05_adam.ipynb#cell-id=the-picture)'
    >>> reference("05", "5. Play with it", "play")
    '[05, 5](../notebooks/05_adam.ipynb#cell-id=play)'
    """
    page = lessons()[number].page
    name, target = number, page
    if section is not None:
        numbered = re.match(r"(\d(?:\.\d)?)\.? (?!·)", section)
        titled = section.startswith(f"{int(number)} · ")
        name = f"{number}, {numbered[1] if numbered else 'the opening' if titled else section}"
        # JupyterLab finds a cell in a page that it is only just opening, a heading often not.
        target = f"{page}#{section.replace(' ', '-') if cell is None else f'cell-id={cell}'}"
    return name if page is None else f"[{name}]({target})"


def _link(file: str) -> str | None:
    return None if course.find(file) is None else f"../{file}"
