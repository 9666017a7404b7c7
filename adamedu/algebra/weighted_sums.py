"""Read an expression as a weighted sum of past gradients, and write it as a teacher would.

SymPy's own order and signs would give ``(beta - 1)*(-beta*g_1 - g_2)``; here the oldest gradient
comes first, powers ascend, and every sum starts with a plus.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sympy as sp
from sympy.polys.constructor import construct_domain

from adamedu.core.typesetting import parse, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_KINDS: Final = (lambda g: g, lambda g: g**2, sp.Abs)
"""What may be summed: the gradients, their squares or their sizes."""

_SMALL_HYPERPARAMETER: Final = sp.Rational(1, 1000)
"""So small that the lowest power decides a polynomial's sign."""


@dataclass(frozen=True)
class WeightedSum:
    """``rest + front * (c_1 x_1 + … + c_t x_t) / divisor``, where x is g, g² or abs(g).

    Attributes
    ----------
    rest : sympy.Expr
        What has no gradient in it.
    front : tuple of sympy.Expr
        The factors that all weights share.
    coefficients, terms : tuple of sympy.Expr
        ``c`` and ``x``, the oldest first.
    divisor : sympy.Expr
        What all weights are divided by.
    """

    rest: sp.Expr
    front: tuple[sp.Expr, ...]
    coefficients: tuple[sp.Expr, ...]
    divisor: sp.Expr
    terms: tuple[sp.Expr, ...]

    @property
    def weights(self) -> tuple[sp.Expr, ...]:
        """What each term is multiplied with."""
        return tuple(sp.Mul(*self.front, c) / self.divisor for c in self.coefficients)

    @property
    def expression(self) -> sp.Expr:
        """The whole as a SymPy expression."""
        total = sp.Add(*(c * x for c, x in zip(self.coefficients, self.terms, strict=True)))
        return self.rest + sp.Mul(*self.front, total) / self.divisor

    @functools.cached_property
    def text(self) -> str:
        """The whole as text."""
        pairs = zip(self.coefficients, self.terms, strict=True)
        total = _joined(_product(c, x) for c, x in pairs if c != 0)
        if self.front:
            total = f"{_product(*self.front)}*({total})"
        elif self.divisor != 1:
            total = f"({total})"
        if self.divisor != 1:
            total = f"{total}/({_polynomial(self.divisor)})"
        rest = [_product(*_factors(x)) for x in sp.Add.make_args(self.rest) if x != 0]
        return plain(parse(_joined([*rest, total])))


def read(value: sp.Expr, gradients: Sequence[sp.Symbol]) -> WeightedSum | None:
    """Read a value as a weighted sum of the gradients, of their squares or of their sizes.

    Parameters
    ----------
    value : sympy.Expr
        Any expression.
    gradients : sequence of sympy.Symbol
        The gradients, the oldest first.

    Returns
    -------
    WeightedSum or None
        None where the value isn't one.

    Examples
    --------
    >>> beta, g_1, g_2 = sp.symbols("beta g_1 g_2")
    >>> read(beta * (1 - beta) * g_1 + (1 - beta) * g_2, [g_1, g_2]).text
    '(1 - beta)*(beta*g_1 + g_2)'
    >>> read(g_1 * g_2, [g_1, g_2]) is None
    True
    """
    for kind in _KINDS:
        terms = tuple(kind(g) for g in gradients)
        parts = _parts(value, frozenset(gradients), frozenset(terms))
        if parts is None or parts.keys() <= {sp.S.One}:
            continue
        rest = sp.factor(parts.pop(sp.S.One, sp.S.Zero))
        weights = [parts.get(x, sp.S.Zero) for x in terms]
        return WeightedSum(rest, *_shared(weights), terms)
    return None


def is_never_negative(value: sp.Expr) -> bool:
    """Whether a value is at least 0 for all hyperparameters (its positive symbols) from 0 to 1.

    >>> beta, g = sp.Symbol("beta", positive=True), sp.Symbol("g", real=True)
    >>> is_never_negative((1 - beta) * g**2), is_never_negative((1 - beta) * g)
    (True, False)
    """
    hyperparameters = [x for x in value.free_symbols if x.is_positive]
    inside = {x: 1 / (1 + sp.Dummy(positive=True)) for x in hyperparameters}
    return bool(sp.factor(value.xreplace(inside)).is_nonnegative)


def _parts(
    value: sp.Expr, gradients: frozenset[sp.Symbol], terms: frozenset[sp.Expr]
) -> dict[sp.Expr, sp.Expr] | None:
    """Return ``{term: coefficient}``, the part without gradients under 1."""
    if value in terms:
        return {value: sp.S.One}
    if not value.free_symbols & gradients:
        return {sp.S.One: value}
    if value.is_Add:
        collected: dict[sp.Expr, list[sp.Expr]] = {}
        for argument in value.args:
            parts = _parts(argument, gradients, terms)
            if parts is None:
                return None
            for term, coefficient in parts.items():
                collected.setdefault(term, []).append(coefficient)
        return {term: sp.Add(*coefficients) for term, coefficients in collected.items()}
    if value.is_Mul:
        scale, varying = value.as_independent(*gradients, as_Add=False)
        if scale != 1 and (parts := _parts(varying, gradients, terms)) is not None:
            return {term: scale * coefficient for term, coefficient in parts.items()}
    return None


def _shared(
    weights: Sequence[sp.Expr],
) -> tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...], sp.Expr]:
    """Split weights into the factors that they share, what is left of each, and their divisor."""
    field, elements = construct_domain(weights, field=True)
    if not field.is_FractionField:
        return (), tuple(field.to_sympy(x) for x in elements), sp.S.One
    divisor = functools.reduce(lambda a, b: a.lcm(b), {x.denom for x in elements})
    divisor *= _sign(divisor)
    numerators = [x.numer * divisor.exquo(x.denom) for x in elements]
    shared = functools.reduce(lambda a, b: a.gcd(b), numerators)
    shared *= _sign([x for x in numerators if x][-1].exquo(shared))
    coefficients = tuple(x.exquo(shared).as_expr() for x in numerators)
    return _factors(shared.as_expr()), coefficients, divisor.as_expr()


def _factors(value: sp.Expr) -> tuple[sp.Expr, ...]:
    """Return the factors of a value, names before sums, and no sum that starts with a minus."""
    sign = sp.S.One
    factors = []
    for factor in sp.Mul.make_args(sp.factor(value)):
        base, power = factor.as_base_exp()
        if base.is_Add and power.is_Integer and _sign(base) < 0:
            sign *= (-1) ** power
            factor = sp.expand(-base) ** power  # noqa: PLW2901
        factors.append(factor)

    def rank(factor: sp.Expr) -> tuple[bool, bool, bool, str]:
        is_sum = factor.as_base_exp()[0].is_Add
        return not factor.is_number, not (is_sum or factor.is_positive), is_sum, str(factor)

    ordered = sorted([sign, *factors], key=rank)
    return tuple(factor for factor in ordered if factor != 1)


def _sign(polynomial: object) -> int:
    """Return a polynomial's sign for small hyperparameters: that of its lowest power."""
    value = polynomial.as_expr()  # type: ignore[attr-defined]
    return (
        -1
        if value.xreplace(dict.fromkeys(value.free_symbols, _SMALL_HYPERPARAMETER)).is_negative
        else 1
    )


def written(value: sp.Expr) -> str:
    """Return an expression as Python writes it, in SymPy's own order.

    >>> written(sp.Abs(sp.Symbol("x")))
    'abs(x)'
    """
    text: str = sp.sstr(value)
    for theirs, ours in (("Abs(", "abs("), ("Max(", "maximum("), ("Min(", "minimum(")):
        text = text.replace(theirs, ours)
    return text


def _polynomial(value: sp.Expr) -> str:
    """Return a sum with its powers ascending, ``1 + beta + beta**2``."""

    def rank(term: sp.Expr) -> tuple[float, str]:
        powers = term.as_powers_dict()
        return sum(float(n) for x, n in powers.items() if x.free_symbols and n.is_number), str(term)

    return _joined(_product(x) for x in sorted(sp.Add.make_args(value), key=rank))


def _product(*values: sp.Expr) -> str:
    factors = [x for value in values for x in sp.Mul.make_args(value)]
    negative: int = sum(x.is_number and x.is_negative for x in factors) % 2
    below = [1 / x for x in factors if not x.is_number and x.as_base_exp()[1].is_negative]
    above = [abs(x) if x.is_number else x for x in factors if 1 / x not in below]
    text = "*".join(_factor(x) for x in above if x != 1) or "1"
    return "-" * negative + text + "".join(f"/{_factor(x)}" for x in below)


def _factor(value: sp.Expr) -> str:
    base, power = value.as_base_exp()
    if not base.is_Add:
        return written(value)
    return f"({_polynomial(base)})" + (f"**({written(power)})" if power != 1 else "")


def _joined(terms: Iterable[str]) -> str:
    first, *others = terms
    return first + "".join(f" - {x[1:]}" if x.startswith("-") else f" + {x}" for x in others)
