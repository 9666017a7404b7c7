"""`ladder`: every optimizer in one row, to print."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

from adamedu.algebra import typesetting
from adamedu.algebra.walkthrough import Table
from adamedu.learning.lessons import reference
from adamedu.optimizers import LADDER

if TYPE_CHECKING:
    from adamedu.recurrence import Recurrence

_HEAD = ("Optimizer", "Equations and defaults", "What changed", "It helps when", "Watch out for")


def ladder() -> Table:
    """Put the ladder on one page: the equations as the code has them, and what each is good for.

    Examples
    --------
    >>> ladder()
    Optimizer   What changed
    gd          The start of it all: one step against the slope.
    momentum    ...
    """
    text = (resources.files("adamedu.learning") / "ladder.toml").read_text(encoding="utf-8")
    notes = tomllib.loads(text)
    return Table(
        (_HEAD, *(_row(of, **notes[of.name]) for of in LADDER)),
        (("Optimizer", "What changed"), *((of.name, notes[of.name]["changed"]) for of in LADDER)),
    )


def _row(
    of: Recurrence[..., Any], *, lesson: str, changed: str, helps: str, watch: str
) -> tuple[str, ...]:
    return f"**{of.name}** ({reference(lesson)})", _mathematics(of), changed, helps, watch


def _mathematics(of: Recurrence[..., Any]) -> str:
    """Write an optimizer's lines and its defaults, one below the other."""
    _, lines, _ = typesetting.rows(of)
    defaults = r",\ ".join(
        f"{typesetting.symbol(name)} = {_number(value)}"
        for name, value in of.hyperparameters.items()
    )
    shown = [*(line.replace("&", "").replace("|", r"\vert ") for line in lines), defaults]
    return "<br>".join(f"$\\displaystyle {each}$" for each in shown)


def _number(value: float) -> str:
    """Write a default as it is written by hand: 1e-08 as a power of ten."""
    digits, _, power = f"{value:g}".partition("e")
    return f"{digits} \\cdot 10^{{{int(power)}}}".removeprefix("1 \\cdot ") if power else digits
