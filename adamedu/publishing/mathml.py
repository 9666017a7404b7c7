"""Turn the formulas of a page into MathML, which browsers draw without a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from adamedu.core.errors import ArgumentError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import PageElement

_FORMULA: Final = re.compile(r"\$\$(?P<display>.+?)\$\$|\$(?P<inline>[^$\n]+?)\$", re.DOTALL)
_ALIGNED: Final = re.compile(r"\\begin\{aligned\}(.*?)\\end\{aligned\}", re.DOTALL)
_VERBATIM: Final = frozenset({"code", "pre", "script", "style", "textarea", "title"})


class FormulaError(ArgumentError):
    """A formula that can't be turned into MathML; the message shows it."""


def mathml(tex: str, *, display: bool = False) -> str:
    r"""Return a formula in MathML.

    Parameters
    ----------
    tex : str
        LaTeX without its dollars; ``aligned`` may be in it.
    display : bool, optional
        Whether it stands on a line of its own.

    Raises
    ------
    FormulaError
        When the LaTeX can't be read.

    Examples
    --------
    >>> mathml(r"\sqrt{v}")
    '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mrow><msqrt>...</math>'
    """
    from latex2mathml.converter import convert

    problem = f"this formula can't be written as MathML: {tex.strip()}"
    try:
        written = convert(_ALIGNED.sub(_as_array, tex), display="block" if display else "inline")
    except Exception as error:  # the library raises whatever it stumbles over
        raise FormulaError(problem) from error
    if "\\" in written:  # what it doesn't know it lets through
        raise FormulaError(problem)
    return written


def _as_array(aligned: re.Match[str]) -> str:
    """Write ``aligned``, which latex2mathml lacks, as an array whose columns alternate."""
    rows = re.sub(r"\\\\\[\d+pt\]", r"\\\\", aligned[1])
    columns = 1 + max(row.count("&") for row in rows.split(r"\\"))
    return rf"\begin{{array}}{{{'rl' * ((columns + 1) // 2)}}}{rows}\end{{array}}"


def set_formulas(page: BeautifulSoup) -> None:
    """Put MathML in the place of every formula in a page's text, code left alone.

    Parameters
    ----------
    page : BeautifulSoup
        The page; it is changed in place.

    Raises
    ------
    FormulaError
        When a formula can't be read.
    """
    from bs4 import BeautifulSoup

    for text in page.find_all(string=_FORMULA):
        if any(parent.name in _VERBATIM for parent in text.parents):
            continue
        pieces: list[PageElement | str] = []
        end = 0
        for match in _FORMULA.finditer(text):
            pieces.append(text[end : match.start()])
            display = match["display"] is not None
            formula = mathml(match["display"] or match["inline"], display=display)
            pieces.append(BeautifulSoup(formula, "html.parser"))
            end = match.end()
        text.replace_with(*pieces, text[end:])
