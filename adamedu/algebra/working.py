"""Show the working: each line of a step with its operands put in, and what it comes to.

In symbols a line comes to a weighted sum of past gradients where it is one; in numbers to a
fraction or a root, as far as those are short, and a decimal.
"""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass
from decimal import Context
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, cast

import sympy as sp

from adamedu.algebra.weighted_sums import WeightedSum, written
from adamedu.core.typesetting import aligned, expression, parse, plain, put, symbol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from adamedu.core.recurrence import Recurrence

_SHORT: Final = 30
"""Up to how many characters a number is written exactly."""

_COMPACT: Final = 60
"""Up to how many characters a line is also written with the lines above put in."""

_SIX_DIGITS: Final = Context(prec=6)
_SIGNS: Final = {"=": "=", "≈": r"\approx", "<-": r"\leftarrow"}
_HEADING: Final = ("t",)
_UNDEFINED: Final = (("=", "undefined"),)


@dataclass(frozen=True)
class Step:
    """One step of an optimizer.

    Attributes
    ----------
    t : int
        Which step.
    inputs : dict of str to sympy.Expr
        What the lines start from, by the names in a line (``m_prev``, ``g``, ``beta``).
    values : dict of str to sympy.Expr
        What each line comes to.
    sums : dict of str to WeightedSum
        The lines that are weighted sums of past gradients.
    stand_ins : dict of sympy.Symbol to sympy.Expr
        The symbols that the next step has in the place of a state that is no such sum.
    """

    t: int
    inputs: Mapping[str, sp.Expr]
    values: Mapping[str, sp.Expr]
    sums: Mapping[str, WeightedSum]
    stand_ins: Mapping[sp.Symbol, sp.Expr]


@dataclass(frozen=True)
class Row:
    """A row of the display: names, and what they equal."""

    names: tuple[str, ...]
    forms: tuple[tuple[str, str], ...]
    indent: str = ""

    @property
    def text(self) -> str:
        """The row as plain text."""
        return self.indent + " = ".join(self.names) + "".join(f" {s} {x}" for s, x in self.forms)


def rows(
    of: Recurrence[..., Any], steps: Sequence[Step], shown: Collection[str], *, exact: bool
) -> Iterator[Row]:
    """Yield the working of an optimizer's steps, row by row.

    Parameters
    ----------
    of : Recurrence
        The optimizer.
    steps : sequence of Step
        Its steps.
    shown : collection of str
        The lines to show.
    exact : bool
        Whether to work in numbers.
    """
    yield from _start(of, steps[0], shown, exact=exact)
    forms = _number_forms if exact else _SymbolForms(steps)
    for step in steps:
        yield Row(_HEADING, (("=", str(step.t)),))
        operands = _operands(of, step, exact=exact)
        for line in of.lines:
            name, value = f"{line.name}_{step.t}", step.values[line.name]
            tree = put(line.tree, operands)
            operands[line.name] = _operand(name, value, exact=exact)
            written_out = (("=", plain(tree)), *forms(name, tree, value))
            if line.name in shown:
                yield Row((name,), _distinct(written_out), indent="  ")
        for line in of.outgoing:
            if line.name in shown:
                forms_out = (("<-", plain(put(line.tree, operands))),)
                yield Row((f"{line.name}_{step.t}",), forms_out, indent="  ")


def latex(of: Recurrence[..., Any], shown: Iterable[Row]) -> str:
    """Return rows in LaTeX."""
    changing = {"g", *of.returned, *(line.name for line in of.lines)}

    def name(text: str) -> str:
        indexed = re.fullmatch(r"(.+)_(\d+)", text)
        return symbol(*indexed.groups()) if indexed and indexed[1] in changing else symbol(text)

    def row(of: Row) -> str:
        forms = (f"&{_SIGNS[sign]} {expression(parse(x), name)}" for sign, x in of.forms)
        return f"{' = '.join(map(name, of.names))} {' & '.join(forms)}"

    groups: list[list[str]] = [[]]
    for each in shown:
        if each.names == _HEADING:
            groups.append([])
        groups[-1].append(row(each))
    return aligned(*filter(None, groups))


def _start(
    of: Recurrence[..., Any], first: Step, shown: Collection[str], *, exact: bool
) -> Iterator[Row]:
    for name in of.hyperparameters:
        if not exact and first.inputs[name].is_number:
            yield Row((name,), (("=", written(first.inputs[name])),))
    names: dict[str, list[str]] = {}
    for name in of.returned:
        value = written(first.inputs[f"{name}_prev"])
        if name in shown and value != f"{name}_0":
            names.setdefault(value, []).append(f"{name}_0")
    for value, equal in names.items():
        yield Row(tuple(equal), (("=", value),))


def _operands(of: Recurrence[..., Any], step: Step, *, exact: bool) -> dict[str, ast.expr]:
    """Return what to write for each name at the start of a step."""
    labels = {name: name for name in step.inputs}
    labels |= {f"{name}_prev": f"{name}_{step.t - 1}" for name in of.returned}
    labels["g"] = f"g_{step.t}"
    replaced: dict[str, ast.expr] = {}
    operands = {
        name: _operand(labels[name], value, exact=exact or name == "t")
        for name, value in step.inputs.items()
    }
    for line in of.incoming:
        name = f"{line.name}_prev" if line.name in of.returned else line.name
        replaced[name] = put(line.tree, operands)
    return operands | replaced


def _operand(name: str, value: sp.Expr, *, exact: bool) -> ast.expr:
    return parse(_short(value) or name) if exact else parse(name)


def _short(value: sp.Expr) -> str | None:
    """Return a number exactly, if that is short and has no sum in a denominator."""
    text = written(value)
    return text if value.is_real and len(text) <= _SHORT and "/(" not in text else None


def _number_forms(_name: str, _tree: ast.expr, value: sp.Expr) -> tuple[tuple[str, str], ...]:
    if not value.is_real:
        return _UNDEFINED
    text = _short(value)
    exactly = (("=", text),) if text else ()
    if text and value.is_Integer:
        return exactly
    decimal = _SIX_DIGITS.create_decimal(str(value.evalf(20))).normalize()
    same = value.is_Rational and Fraction(decimal) == Fraction(value.p, value.q)
    return (*exactly, ("=" if same else "≈", f"{decimal:g}"))


def _distinct(forms: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    for sign, text in forms:
        first.setdefault(text, sign)
    return tuple((sign, text) for text, sign in first.items())


class _SymbolForms:
    """What a line comes to in symbols, given the lines above it."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.sums = {f"{n}_{s.t}": x for s in steps for n, x in s.sums.items()}
        self.known: dict[str, ast.expr] = {}
        self.equal: dict[sp.Expr, str] = {}

    def __call__(self, name: str, tree: ast.expr, value: sp.Expr) -> tuple[tuple[str, str], ...]:
        if value.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            return _UNDEFINED
        same = self.equal.setdefault(value, name)
        function = _extremum(tree)
        if function and same != name:
            known = parse(same)
        elif function and isinstance(value, sp.Max | sp.Min):
            arguments = [x for a in cast("ast.Call", tree).args for x in self._flat(function, a)]
            known = ast.Call(ast.Name(function, ast.Load()), arguments, [])
        elif name in self.sums:
            known = parse(self.sums[name].text)
        elif not value.free_symbols:
            known = parse(written(value))
        else:
            compact = plain(_Roots().visit(put(tree, self.known)))
            return (("=", compact),) if len(compact) <= _COMPACT else ()
        self.known[name] = known
        return (("=", plain(known)),)

    def _flat(self, function: str, argument: ast.expr) -> list[ast.expr]:
        """Return ``v_1, v_2`` for the ``v_max_2`` in ``maximum(v_max_2, v_3)``."""
        known = put(argument, self.known)
        match known:
            case ast.Call() if _extremum(known) == function:
                return known.args
            case ast.BinOp(
                ast.Name() as share, ast.Mult(), ast.Call(args=arguments) as largest
            ) if (
                _extremum(largest) == function  # a hyperparameter is no negative number
            ):
                return [_product(share, x) for x in arguments]
        is_sum = any(isinstance(part, ast.Add | ast.Sub) for part in ast.walk(known))
        return [argument if is_sum else known]


def _product(*factors: ast.expr) -> ast.expr:
    """Return a product whose equal factors are collected as powers."""
    product = functools.reduce(lambda a, b: ast.BinOp(a, ast.Mult(), b), factors)
    names = {x.id for x in ast.walk(product) if isinstance(x, ast.Name)} - {"abs"}
    symbols = {name: sp.Symbol(name, real=True) for name in names}
    return parse(written(sp.sympify(plain(product), symbols)))


def _extremum(tree: ast.expr) -> str:
    """Return ``"maximum"`` or ``"minimum"`` where a tree is a call of it, else nothing."""
    match tree:
        case ast.Call(func=ast.Name(id="maximum" | "minimum" as function)):
            return function
    return ""


class _Roots(ast.NodeTransformer):
    """Write ``sqrt(x**2)`` as ``abs(x)``."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(
                func=ast.Name(id="sqrt"),
                args=[ast.BinOp(left=x, op=ast.Pow(), right=ast.Constant(value=2))],
            ):
                return ast.Call(ast.Name("abs", ast.Load()), [x], [])
        return node
