"""`ladder`: every optimizer in a few lines, to print."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

from adamedu.content.lessons import reference
from adamedu.core import typesetting
from adamedu.core.errors import UnknownNameError
from adamedu.drawing.pictures import look
from adamedu.optimizers import LADDER

if TYPE_CHECKING:
    from adamedu.core.recurrence import Recurrence


@dataclass(frozen=True)
class Rung:
    """An optimizer, and what its equations don't say themselves.

    Attributes
    ----------
    of : Recurrence
        The optimizer.
    lesson : str
        The number of the lesson on it.
    changed, helps, watch : str
        What is new in it, when it helps, and what to watch out for.
    """

    of: Recurrence[..., Any]
    lesson: str
    changed: str
    helps: str
    watch: str

    @property
    def title(self) -> str:
        """Its name as people write it."""
        name = look(self.of.name).label
        return name[0].upper() + name[1:]

    @property
    def remarks(self) -> str:
        """What to know about it, in Markdown."""
        return f"{self.changed} *It helps when* {self.helps} *Watch out for* {self.watch}"

    @property
    def equations(self) -> str:
        """Its lines in LaTeX, in the order of the code; a line of text may break between them."""
        _, lines, _ = typesetting.rows(self.of)
        return " &emsp; ".join(f"${line.replace('&', '')}$" for line in lines)

    @property
    def defaults(self) -> str:
        """Its hyperparameters and their defaults, in LaTeX."""
        return ", ".join(
            f"${typesetting.symbol(name)} = {_number(value)}$"
            for name, value in self.of.hyperparameters.items()
        )


@dataclass(frozen=True, repr=False)
class Ladder:
    """The rungs, the plainest first; they show themselves in a notebook and as text.

    Attributes
    ----------
    rungs : tuple of Rung
        In the order in which one leads to the next.
    """

    rungs: tuple[Rung, ...]

    def __repr__(self) -> str:
        return "\n".join(f"{rung.title}: {rung.remarks.replace('*', '')}" for rung in self.rungs)

    def _repr_markdown_(self) -> str:
        return "\n\n".join(
            f"**{rung.title}** (lesson {reference(rung.lesson)}; by default {rung.defaults})"
            f"<br>{rung.equations}<br>{rung.remarks}"
            for rung in self.rungs
        )


def ladder(*optimizers: Recurrence[..., Any]) -> Ladder:
    """Put optimizers on one page: the equations as the code has them, and what each is good for.

    Parameters
    ----------
    *optimizers : Recurrence
        Rungs of the ladder; all of it without them.

    Raises
    ------
    UnknownNameError
        When one isn't a rung of the ladder.

    Examples
    --------
    >>> from adamedu import gd, momentum
    >>> ladder(gd, momentum)
    Gradient descent: The start of it all: one step against the slope. It helps when ...
    Momentum: The gradient gives way to a moving average of all gradients so far. ...
    """
    for strange in set(optimizers) - set(LADDER):
        known = ", ".join(of.name for of in LADDER)
        raise UnknownNameError(f"{strange!r} is no rung of the ladder; there are {known}")
    text = (resources.files("adamedu.content") / "ladder.toml").read_text(encoding="utf-8")
    notes = tomllib.loads(text)
    return Ladder(tuple(Rung(of, **notes[of.name]) for of in optimizers or LADDER))


def _number(value: float) -> str:
    """Write a default as it is written by hand: 1e-08 as a power of ten."""
    digits, _, power = f"{value:g}".partition("e")
    return f"{digits} \\cdot 10^{{{int(power)}}}".removeprefix("1 \\cdot ") if power else digits
