r"""Write the lines of a recurrence, or any expression over their names, in LaTeX.

The printer walks Python's syntax tree, so a formula keeps the order in which its code was written.
It uses only macros that MathJax and matplotlib's mathtext share, inside one ``aligned``.
"""

from __future__ import annotations

import ast
import copy
import re
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from adamedu.core.lines import Line

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi rho sigma tau "
    "phi psi omega"
)
_LETTERS: Final = {
    **{name: f"\\{name}" for name in _GREEK.split()},
    "eps": r"\epsilon",
    "lr": r"\alpha",
    "weight_decay": r"\lambda",
}
_ACCENTS: Final = {"bar": r"\bar", "hat": r"\hat", "tilde": r"\tilde"}
_NAME = re.compile(r"([a-z]+|[A-Z]|weight_decay)(\d*)(?:_(bar|hat|tilde|max|min))?", re.ASCII)

_SUM, _PRODUCT, _POWER, _ATOM = range(4)


class Written(Protocol):
    """What `equations` writes, a `Recurrence` for instance."""

    @property
    def returned(self) -> tuple[str, ...]:
        """The names of what a step returns."""

    @property
    def incoming(self) -> tuple[Line, ...]:
        """What is taken in the place of arguments."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The named lines."""

    @property
    def outgoing(self) -> tuple[Line, ...]:
        """What is returned instead."""


def parse(text: str) -> ast.expr:
    """Return the syntax tree of an expression."""
    return ast.parse(text, mode="eval").body


def put(tree: ast.expr, values: Mapping[str, ast.expr]) -> ast.expr:
    """Return a copy of a tree with other expressions in the place of names.

    >>> plain(put(parse("beta1 * m_prev"), {"beta1": parse("9 / 10"), "m_prev": parse("-3")}))
    '9/10*(-3)'
    """
    return cast("ast.expr", _Put(values).visit(copy.deepcopy(tree)))


def plain(tree: ast.expr) -> str:
    """Return a tree as text, set as mathematics is: ``(9/10)/(1 - beta**2)``."""
    text = re.sub(r" (\*\*|[*/]) ", r"\1", ast.unparse(tree))
    text = re.sub(r"(?<=[*/])-(\w+)", r"(-\1)", text)
    return re.sub(r"(?<![\w/.*])(\d+/\d+)/", r"(\1)/", text)


def symbol(name: str, *indices: str) -> str:
    r"""Return a variable's name as mathematics.

    Parameters
    ----------
    name : str
        The name in the code. A word that is no letter of the field stays a word.
    *indices : str
        Subscripts in LaTeX, the time step for instance.

    Examples
    --------
    >>> symbol("beta1"), symbol("m_hat", "t"), symbol("v_max", "t-1"), symbol("cache", "t")
    ('\\beta_{1}', '\\hat{m}_{t}', 'v^{\\max}_{t-1}', '\\mathrm{cache}_{t}')
    """
    match = _NAME.fullmatch(name)
    stem, digits, mark = match.groups() if match else (name, "", None)
    letter = _LETTERS.get(stem, stem)
    if letter == stem and len(stem) > 1:
        word = name.replace("_", r"\_")
        letter, digits, mark = rf"\mathrm{{{word}}}", "", None
    if mark in _ACCENTS:
        letter = f"{_ACCENTS[mark]}{{{letter}}}"
    elif mark:
        letter = rf"{letter}^{{\{mark}}}"
    subscript = ",".join([digits, *indices] if digits else indices)
    return f"{letter}_{{{subscript}}}" if subscript else letter


def expression(tree: ast.expr, names: Callable[[str], str] = symbol) -> str:
    r"""Return an expression's syntax tree in LaTeX.

    Parameters
    ----------
    tree : ast.expr
        Arithmetic, and calls of the functions that a line may call.
    names : callable, optional
        What to write for a variable; `symbol` by default.

    Examples
    --------
    >>> expression(parse("lr * g / (sqrt(v) + eps)"))
    '\\alpha \\frac{g}{\\sqrt{v} + \\epsilon}'
    """
    return _Printer(names).show(tree)[0]


def aligned(*groups: Iterable[str]) -> str:
    """Return groups of rows, each row with its alignment points, as one display."""
    body = "\\\\[16pt]\n".join("\\\\[4pt]\n".join(rows) for rows in groups)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def equations(of: Written) -> str:
    r"""Return the lines of a recurrence in LaTeX, in source order, as the paper writes them.

    What a variant puts in the place of an argument or of a returned value is written with an arrow.

    Examples
    --------
    >>> from adamedu import momentum
    >>> print(equations(momentum))
    \begin{aligned}
    m_{t} &= \beta m_{t-1} + (1 - \beta) g_{t}\\[4pt]
    \theta_{t} &= \theta_{t-1} - \alpha m_{t}
    \end{aligned}
    """
    return aligned(row for part in rows(of) for row in part)


def rows(of: Written) -> tuple[list[str], list[str], list[str]]:
    r"""Return the rows of `equations`, each with its alignment point.

    Returns
    -------
    incoming, lines, outgoing : list of str
        What a variant takes in the place of arguments, the lines, what a variant returns instead.

    Examples
    --------
    >>> from adamedu import gd
    >>> rows(gd)
    ([], ['\\theta_{t} &= \\theta_{t-1} - \\alpha g_{t}'], [])
    """
    changing = {"g", *of.returned, *(line.name for line in of.lines)}

    def now(name: str) -> str:
        if name.removesuffix("_prev") in of.returned and name.endswith("_prev"):
            return symbol(name.removesuffix("_prev"), "t-1")
        return symbol(name, "t") if name in changing else symbol(name)

    def before(name: str) -> str:
        return now(f"{name}_prev" if name in of.returned else name)

    def written(lines: Iterable[Line], target: Callable[[str], str], sign: str) -> list[str]:
        return [f"{target(x.name)} &{sign} {expression(x.tree, now)}" for x in lines]

    return (
        written(of.incoming, before, r"\leftarrow"),
        written(of.lines, now, "="),
        written(of.outgoing, now, r"\leftarrow"),
    )


class _Put(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


class _Printer(ast.NodeVisitor):
    """Each visit returns LaTeX and how tightly it binds."""

    def __init__(self, names: Callable[[str], str]) -> None:
        self.names = names

    def show(self, node: ast.expr) -> tuple[str, int]:
        return cast("tuple[str, int]", self.visit(node))

    def at_least(self, node: ast.expr, binding: int) -> str:
        """Return what stands after an operator, in parentheses where it needs them."""
        text, has = self.show(node)
        return text if has >= binding and not text.startswith("-") else _parenthesized(text)

    def visit_Constant(self, node: ast.Constant) -> tuple[str, int]:
        mantissa, _, exponent = repr(node.value).partition("e")
        if re.fullmatch(r"10{5,}", mantissa):
            mantissa, exponent = "1", str(len(mantissa) - 1)
        if not exponent:
            return mantissa, _ATOM
        factor = "" if mantissa == "1" else rf"{mantissa} \cdot "
        return f"{factor}10^{{{int(exponent)}}}", _PRODUCT

    def visit_Name(self, node: ast.Name) -> tuple[str, int]:
        text = self.names(node.id)
        return text, (_POWER if "^" in text else _ATOM)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> tuple[str, int]:
        sign = "-" if isinstance(node.op, ast.USub) else "+"
        return sign + self.at_least(node.operand, _PRODUCT), _PRODUCT

    def visit_BinOp(self, node: ast.BinOp) -> tuple[str, int]:
        left, has = self.show(node.left)
        match node.op:
            case ast.Add():
                return f"{left} + {self.at_least(node.right, _SUM)}", _SUM
            case ast.Sub():
                return f"{left} - {self.at_least(node.right, _PRODUCT)}", _SUM
            case ast.Mult():
                first = left if has >= _PRODUCT else _parenthesized(left)
                second = self.at_least(node.right, _PRODUCT)
                fraction = second.startswith(r"\frac")
                numbers = _is_number(node.left) or _is_number(node.right)
                between = r" \cdot " if second[0].isdigit() or (fraction and numbers) else " "
                if r"\mathrm" in first + second:
                    between = r" \, "
                return f"{first}{between}{second}", _PRODUCT
            case ast.Div():
                return self.fraction(node, left, has), _PRODUCT
        base = left if has == _ATOM else _parenthesized(left)
        return f"{base}^{{{self.show(node.right)[0]}}}", _POWER

    def fraction(self, node: ast.BinOp, numerator: str, binding: int) -> str:
        match node.left:
            # A factor in a name or a fraction of its own reads better before the fraction.
            case ast.BinOp(left=first, op=ast.Mult(), right=rest) if isinstance(
                first, ast.Name
            ) or (isinstance(first, ast.BinOp) and _is_number(first)):
                quotient = ast.BinOp(rest, ast.Div(), node.right)
                return self.show(ast.BinOp(first, ast.Mult(), quotient))[0]
        minus = "-" if binding >= _PRODUCT and numerator.startswith("-") else ""
        top = numerator.removeprefix("-") if minus else numerator
        return rf"{minus}\frac{{{top}}}{{{self.show(node.right)[0]}}}"

    def visit_Call(self, node: ast.Call) -> tuple[str, int]:
        name = ast.unparse(node.func)
        arguments = ", ".join(self.show(argument)[0] for argument in node.args)
        if name == "sqrt":
            return rf"\sqrt{{{arguments}}}", _POWER
        if name == "abs":
            return rf"\left|{arguments}\right|", _ATOM
        macro = {"maximum": r"\max", "minimum": r"\min"}.get(name, rf"\operatorname{{{name}}}")
        return rf"{macro}\left({arguments}\right)", _POWER


def _parenthesized(text: str) -> str:
    tall = any(macro in text for macro in (r"\frac", r"\sqrt", r"\left"))
    return rf"\left({text}\right)" if tall else f"({text})"


def _is_number(node: ast.expr) -> bool:
    return not any(isinstance(part, ast.Name) for part in ast.walk(node))
