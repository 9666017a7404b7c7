"""Write a step function's lines for the browser, which puts the numbers in."""

from __future__ import annotations

import ast
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from adamedu.core.typesetting import symbol
from adamedu.drawing.pictures import number
from adamedu.playgrounds.infix import ATOM, POWER, Infix

if TYPE_CHECKING:
    from adamedu.core.recurrence import Line, Recurrence

_ACCENTS: Final = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303"}
_LOW: Final = str.maketrans("0123456789-,", "₀₁₂₃₄₅₆₇₈₉₋,") | {ord("t"): "ₜ"}
_HIGH: Final = str.maketrans("0123456789maxint", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵐᵃˣⁱⁿᵗ")
_MARK: Final = "\0"
_RAISED: Final = "^"


def equations(of: Recurrence[..., Any]) -> list[dict[str, Any]]:
    """Return the lines of a recurrence as tokens, in source order.

    Returns
    -------
    list of dict
        ``name`` and ``symbol`` of what a line computes, a ``sign`` (an arrow where a variant takes
        or returns something else), and the ``equation``: a list of text and of names, each a dict
        of its ``name`` and ``symbol``, and ``raised`` where it is an exponent.

    Examples
    --------
    >>> from adamedu import gd
    >>> [line] = equations(gd)
    >>> line["symbol"], line["sign"]
    ('θₜ', '=')
    >>> line["equation"][-3:]
    [{'name': 'lr', 'symbol': 'α'}, '·', {'name': 'g', 'symbol': 'gₜ'}]
    """
    changing = {"g", *of.returned, *(line.name for line in of.lines)}

    def now(name: str) -> str:
        stem = name.removesuffix("_prev")
        if stem != name and stem in of.returned:
            return unicode(stem, "t-1")
        return unicode(name, "t") if name in changing else unicode(name)

    def token(text: str) -> dict[str, Any]:
        name = text.removeprefix(_RAISED)
        raised = {"raised": True} if name != text else {}
        return {"name": name, "symbol": now(name), **raised}

    def row(line: Line, name: str, sign: str) -> dict[str, Any]:
        parts = _Tokens().write(line.tree).split(_MARK)
        written = [token(part) if i % 2 else part for i, part in enumerate(parts)]
        return {"name": line.name, "symbol": now(name), "sign": sign,
                "equation": [part for part in written if part]}  # fmt: skip

    before = {name: f"{name}_prev" for name in of.returned}
    return [
        *(row(line, before.get(line.name, line.name), "←") for line in of.incoming),
        *(row(line, line.name, "=") for line in of.lines),
        *(row(line, line.name, "←") for line in of.outgoing),
    ]


def unicode(name: str, *indices: str) -> str:
    """Return a variable's name as mathematics in plain text: what `symbol` writes in LaTeX.

    >>> unicode("beta1"), unicode("m_hat", "t"), unicode("v_max", "t-1"), unicode("cache", "t")
    ('β₁', 'm̂ₜ', 'vᵐᵃˣₜ₋₁', 'cacheₜ')
    """
    text = symbol(name, *indices)
    text = re.sub(r"_\{(.+?)\}", lambda low: low[1].translate(_LOW), text)
    text = re.sub(r"\^\{\\(.+?)\}", lambda high: high[1].translate(_HIGH), text)
    text = re.sub(r"\\mathrm\{(.+?)\}", r"\1", text).replace(r"\_", "_")
    text = re.sub(r"\\(bar|hat|tilde)\{(.+?)\}", lambda m: m[2] + _ACCENTS[m[1]], text)
    return re.sub(r"\\([a-z]+)", lambda letter: _greek(letter[1]), text)


def _greek(name: str) -> str:
    return unicodedata.lookup(f"GREEK SMALL LETTER {name.replace('lambda', 'lamda')}")


class _Tokens(Infix):
    minus = "\N{MINUS SIGN}"
    times = "·"
    over = " / "

    def name(self, name: str) -> str:
        return f"{_MARK}{name}{_MARK}"

    def number(self, value: float) -> str:
        return number(value)

    def power(self, base: ast.expr, exponent: ast.expr) -> tuple[str, int]:
        raised = self.at_least(base, ATOM)
        match exponent:
            case ast.Name(id=name):
                return f"{raised}{_MARK}{_RAISED}{name}{_MARK}", POWER
            case ast.Constant(value=int(value)):
                return raised + str(value).translate(_HIGH), POWER
        return f"{raised}^{self.at_least(exponent, ATOM)}", POWER

    def call(self, function: str, arguments: list[ast.expr]) -> tuple[str, int]:
        if function == "sqrt":
            return f"√{self.at_least(arguments[0], ATOM)}", POWER
        written = ", ".join(map(self.write, arguments))
        if function == "abs":
            return f"|{written}|", ATOM
        names = {"maximum": "max", "minimum": "min"}
        return f"{names.get(function, function)}({written})", ATOM
