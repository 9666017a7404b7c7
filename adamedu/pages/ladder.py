"""`ladder`: every optimizer in a few lines, to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adamedu.content.ladder import rungs
from adamedu.content.lessons import reference
from adamedu.core import typesetting
from adamedu.core.errors import UnknownNameError
from adamedu.optimizers import LADDER

if TYPE_CHECKING:
    from adamedu.core.recurrence import Recurrence


@dataclass(frozen=True, repr=False)
class Ladder:
    """Rungs of the ladder; they show themselves in a notebook and as text.

    Attributes
    ----------
    optimizers : tuple of Recurrence
        In the order in which they are shown.
    """

    optimizers: tuple[Recurrence[..., Any], ...]

    def __repr__(self) -> str:
        shown = (rungs()[of.name] for of in self.optimizers)
        return "\n".join(f"{rung.title}: {rung.remarks.replace('*', '')}" for rung in shown)

    def _repr_markdown_(self) -> str:
        return "\n\n".join(
            f"**{rung.title}** (lesson {reference(rung.lesson)}; by default {_defaults(of)})"
            f"<br>{_equations(of)}<br>{rung.remarks}"
            for of, rung in ((of, rungs()[of.name]) for of in self.optimizers)
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
    return Ladder(optimizers or LADDER)


def _equations(of: Recurrence[..., Any]) -> str:
    """Return its lines in LaTeX, in the order of the code; a line of text may break between."""
    _, lines, _ = typesetting.rows(of)
    return " &emsp; ".join(f"${line.replace('&', '')}$" for line in lines)


def _defaults(of: Recurrence[..., Any]) -> str:
    """Return its hyperparameters and their defaults, in LaTeX."""
    return ", ".join(
        f"${typesetting.symbol(name)} = {_number(value)}$"
        for name, value in of.hyperparameters.items()
    )


def _number(value: float) -> str:
    """Write a default as it is written by hand: 1e-08 as a power of ten."""
    digits, _, power = f"{value:g}".partition("e")
    return f"{digits} \\cdot 10^{{{int(power)}}}".removeprefix("1 \\cdot ") if power else digits
