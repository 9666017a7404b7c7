"""Read optimizers line by line: the code beside its equation, or one optimizer beside the next."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adamedu.core import typesetting
from adamedu.core.recurrence import Recurrence, RecurrenceError, recurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


@dataclass(frozen=True, repr=False)
class Table:
    """A table that shows itself: with mathematics in a notebook, with code as text.

    Attributes
    ----------
    markdown, text : tuple of tuple of str
        Its rows in both forms, the head first; an empty head has no line in the text.
    """

    markdown: tuple[tuple[str, ...], ...]
    text: tuple[tuple[str, ...], ...]

    def _repr_markdown_(self) -> str:
        return markdown(*self.markdown)

    def __repr__(self) -> str:
        rows = [row for row in self.text if any(row)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(
            "   ".join(f"{cell:{n}}" for cell, n in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )


def markdown(head: Sequence[str], *body: Sequence[str]) -> str:
    """Return a table in Markdown.

    >>> print(markdown(("a", "b"), ("1", "2")))
    | a | b |
    | :-- | :-- |
    | 1 | 2 |
    """
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, [":--"] * len(head), *body))


def walk_through(optimizer: Callable[..., Any], /, notes: Mapping[str, str] | None = None) -> Table:
    """Put each line of an optimizer's code beside its equation, both read from the function.

    Parameters
    ----------
    optimizer : callable
        A step function.
    notes : mapping of str to str, optional
        For a line's name, what the line is for.

    Raises
    ------
    RecurrenceError
        When the lines can't be read, or a note is for a line that isn't there.

    Examples
    --------
    >>> from adamedu import momentum
    >>> walk_through(momentum, {"m": "remember", "theta": "step"})
    m = beta * m + (1 - beta) * g   remember
    theta = theta - lr * m          step
    """
    of = recurrence(optimizer)
    notes = notes or {}
    code, equations = _code(of), _equations(of)
    for name in notes.keys() - code.keys():
        raise RecurrenceError(f"{of.name} has no line called {name!r}; it has {', '.join(code)}")
    said = {name: notes.get(name, "") for name in code}
    return Table(
        (
            ("the equation", "the code", "what it is for"),
            *((equations[name], f"`{code[name]}`", said[name]) for name in code),
        ),
        (("", ""), *((code[name], said[name]) for name in code)),
    )


def side_by_side(*optimizers: Callable[..., Any]) -> Table:
    """Put optimizers beside each other, a row for each line that one of them has.

    Parameters
    ----------
    *optimizers : callable
        Step functions, the one with the most lines last.

    Raises
    ------
    RecurrenceError
        When the lines of one can't be read.

    Examples
    --------
    >>> from adamedu import gd, momentum
    >>> side_by_side(gd, momentum)
    gd                       momentum
                             m = beta * m + (1 - beta) * g
    theta = theta - lr * g   theta = theta - lr * m
    """
    of = [recurrence(optimizer) for optimizer in optimizers]
    codes, equations = [_code(o) for o in of], [_equations(o) for o in of]
    found = dict.fromkeys(name for lines in reversed(codes) for name in lines)
    names = sorted(found, key=lambda name: name == "theta")
    head = tuple(o.name for o in of)

    def rows(columns: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], ...]:
        return head, *(tuple(column.get(name, "") for column in columns) for name in names)

    return Table(rows(equations), rows(codes))


def operations(optimizer: Callable[..., Any], /) -> int:
    """Count the operations of one step for each parameter, as they are written.

    What is made of ``t`` and the hyperparameters alone is worked out once for all parameters, and
    isn't counted.

    Parameters
    ----------
    optimizer : callable
        A step function.

    Raises
    ------
    RecurrenceError
        When its lines can't be read.

    Examples
    --------
    >>> from adamedu import gd
    >>> operations(gd)  # a product and a difference
    2
    """
    of = recurrence(optimizer)
    shared = {"t", *of.hyperparameters}
    nodes = (node for line in of.lines for node in ast.walk(line.tree))
    return sum(
        isinstance(node, ast.Call)
        or (
            isinstance(node, ast.BinOp)
            and any(isinstance(n, ast.Name) and n.id not in shared for n in ast.walk(node))
        )
        for node in nodes
    )


def _code(of: Recurrence[..., Any]) -> dict[str, str]:
    """Write each line as it stands in the code, where an old state has no name of its own."""
    written: dict[str, str] = {}
    for line in of.lines:
        pending = "|".join(name for name in of.returned if name not in written)
        source = re.sub(rf"\b({pending})_prev\b", r"\1", line.source) if pending else line.source
        written[line.name] = f"{line.name} = {source}".replace(" ** ", "**")
    return written


def _equations(of: Recurrence[..., Any]) -> dict[str, str]:
    """Write each line in LaTeX; a table's cell must not hold a bar."""
    _, rows, _ = typesetting.rows(of)
    written = (row.replace("&", "").replace("|", r"\vert ") for row in rows)
    return {
        line.name: rf"$\displaystyle {row}$" for line, row in zip(of.lines, written, strict=True)
    }
