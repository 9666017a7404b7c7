"""Unroll an optimizer: its lines for t = 1, 2, 3, … in symbols or in exact numbers.

The step function itself is run, over SymPy's symbols and numbers in place of arrays. What is added
here is only how a value is written: as a weighted sum of past gradients where it is one.
"""

from __future__ import annotations

import ast
import copy
import functools
import re
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import sympy as sp
from sympy.polys.constructor import construct_domain

from adamedu.recurrence import REQUIRED, Recurrence, recurrence
from adamedu.typesetting import aligned, expression, symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

MAX_STEPS: Final = 50
"""The largest number of steps; longer runs are for `descend`."""

_LONGEST_RANGE: Final = 400
_LONGEST_VALUE: Final = 40
_LONGEST_OPERAND: Final = 24
_LONGEST_SUBSTITUTION: Final = 60
_DECIMALS: Final = Context(prec=6)
_HALF: Final = sp.Rational(1, 2)


def unroll(
    optimizer: Callable[..., Any],
    /,
    steps: int | None = None,
    gradients: Sequence[Any] | None = None,
    *,
    theta: Any = None,
    **hyperparameters: Any,
) -> Unrolled:
    """Write out the first steps of an optimizer, in symbols or for given gradients.

    Parameters
    ----------
    optimizer : callable
        An optimizer of the ladder, a variant of one, or a step function of your own.
    steps : int, optional
        How many steps, 1 to 50: 3 unless ``gradients`` says how many.
    gradients : sequence of numbers, optional
        The gradients of one parameter. Ints, fractions, texts like ``"1/3"`` and floats (read by
        their decimal digits) are all exact. Without them the gradients stay symbols.
    theta : number, optional
        Where the parameter starts: a symbol without gradients, 0 with them.
    **hyperparameters : numbers
        Values in place of the function's own defaults. Without gradients a hyperparameter stays a
        symbol unless it is given here.

    Raises
    ------
    RecurrenceError
        When the function's lines can't be read.
    ValueError
        For a number of steps, a gradient or a hyperparameter that makes no sense.

    Examples
    --------
    >>> from adamedu import momentum
    >>> print(unroll(momentum, steps=2).only("m"))
    m_0 = 0
    t = 1
      m_1 = beta*m_0 + (1 - beta)*g_1 = (1 - beta)*g_1
    t = 2
      m_2 = beta*m_1 + (1 - beta)*g_2 = (1 - beta)*(beta*g_1 + g_2)
    >>> print(unroll(momentum, gradients=[3, -4]).only("m"))
    m_0 = 0
    t = 1
      m_1 = 9/10*0 + (1 - 9/10)*3 = 3/10 = 0.3
    t = 2
      m_2 = 9/10*(3/10) + (1 - 9/10)*(-4) = -13/100 = -0.13
    """
    of = recurrence(optimizer)
    numbers = None if gradients is None else _numbers(gradients)
    count = _count(steps, numbers)
    hyper = _hyperparameters(of, hyperparameters, exact=numbers is not None)
    if theta is not None:
        start = _exact(theta, "theta")
    else:
        start = sp.Symbol("theta_0", real=True) if numbers is None else sp.Integer(0)
    feed = numbers or [sp.Symbol(f"g_{i}", real=True) for i in range(1, count + 1)]
    return Unrolled(of, _run(of, start, feed[:count], hyper), numbers is not None)


@dataclass(frozen=True)
class _Step:
    """One step: what went in, and every line's value."""

    t: int
    arguments: Mapping[str, sp.Expr]
    values: Mapping[str, sp.Expr]
    returned: tuple[sp.Expr, ...]


@dataclass(frozen=True, repr=False)
class Unrolled:
    """The first steps of an optimizer, which show themselves as equations.

    ``u["m", 2]`` is the exact value of the line ``m`` at t = 2, a SymPy expression; at t = 0 it is
    what the parameter and the state start from. ``float(u["m", 2])`` is a number when gradients were
    given.

    Examples
    --------
    >>> from adamedu import adam
    >>> u = unroll(adam, gradients=[3, -4], beta1="1/2")
    >>> u["m", 2], u["m_hat", 2], float(u["m_hat", 2])
    (-5/4, -5/3, -1.6666666666666667)
    """

    recurrence: Recurrence[..., Any]
    _steps: tuple[_Step, ...]
    _exact: bool
    _shown: tuple[str, ...] | None = None

    @property
    def steps(self) -> int:
        """How many steps were unrolled."""
        return len(self._steps)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the lines, in source order."""
        return tuple(line.name for line in self.recurrence.lines)

    def __getitem__(self, key: tuple[str, int]) -> sp.Expr:
        name, t = key
        self._check(name, t)
        first = self._steps[0].arguments
        if t == 0 and name not in first:
            msg = f"{name} has no value at t = 0; {', '.join(self.recurrence.returned)} have one"
            raise LookupError(msg)
        return first[name] if t == 0 else self._steps[t - 1].values[name]

    def only(self, *names: str) -> Unrolled:
        """Return the same steps, showing only some of the lines.

        >>> from adamedu import adam
        >>> print(unroll(adam, steps=1).only("m_hat"))
        t = 1
          m_hat_1 = m_1/(1 - beta1**1) = g_1
        """
        for name in names:
            self._check(name, 1)
        return Unrolled(self.recurrence, self._steps, self._exact, names)

    def weights(self, name: str, t: int | None = None) -> list[sp.Expr]:
        """Return the weights of the gradients 1, …, t in a line, the oldest first.

        They are the weights of ``g`` in ``m`` and the weights of ``g**2`` in ``v``.

        Parameters
        ----------
        name : str
            The line.
        t : int, optional
            The step; the last one by default.

        Raises
        ------
        LookupError
            When there is no such line or step.
        ValueError
            When the line isn't a weighted sum of past gradients, or gradients were given.

        Examples
        --------
        >>> from adamedu import adam
        >>> unroll(adam).weights("m")
        [beta1**2*(1 - beta1), beta1*(1 - beta1), 1 - beta1]
        """
        t = self.steps if t is None else t
        self._check(name, t, first=1)
        if self._exact:
            msg = "the weights need gradients that are symbols: call unroll without gradients"
            raise ValueError(msg)
        found = self._sum(name, t)
        if found is None:
            msg = f"{name} at t = {t} is not a weighted sum of past gradients"
            raise ValueError(msg)
        return list(found.weights)

    def sum_of_weights(self, name: str, t: int | None = None) -> sp.Expr:
        """Return the sum of `weights`, worked out by SymPy: ``1 - beta**t`` for an average.

        >>> from adamedu import adagrad, adam
        >>> unroll(adam).sum_of_weights("v"), unroll(adagrad, steps=7).sum_of_weights("v")
        (1 - beta2**3, 7)
        """
        return sp.cancel(sp.Add(*self.weights(name, t)))

    def latex(self) -> str:
        """Return the equations in LaTeX."""
        return aligned(row.latex(self._latex_name) for row in self._rows)

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def __str__(self) -> str:
        return "\n".join(row.text() for row in self._rows)

    __repr__ = __str__

    def _check(self, name: str, t: int, first: int = 0) -> None:
        if name not in self.names:
            msg = f"there is no line called {name!r}; there are {', '.join(self.names)}"
            raise LookupError(msg)
        if not first <= t <= self.steps:
            msg = f"there is no step t = {t}; the last one is t = {self.steps}"
            raise LookupError(msg)

    def _sum(self, name: str, t: int) -> _WeightedSum | None:
        return _weighted_sum(self._steps[t - 1].values[name], self._gradients[:t])

    @functools.cached_property
    def _gradients(self) -> tuple[sp.Expr, ...]:
        return tuple(step.arguments["g"] for step in self._steps)

    def _latex_name(self, name: str) -> str:
        indexed = re.fullmatch(r"(.+)_(\d+)", name)
        if indexed and indexed[1] in {"g", *self.recurrence.returned, *self.names}:
            return symbol(indexed[1], indexed[2])
        return symbol(name)

    @functools.cached_property
    def _rows(self) -> tuple[_Row, ...]:
        shown = self._shown or self.names
        rows = list(self._start(shown))
        known: dict[str, str] = {}
        for step in self._steps:
            rows.append(_Row("t", (("=", str(step.t)),), heading=True))
            inside = self._inside(step)
            for line in self.recurrence.lines:
                name = f"{line.name}_{step.t}"
                value = step.values[line.name]
                form = _text(_Put(inside).visit(copy.deepcopy(line.tree)))
                if self._exact:
                    others = _number_forms(value)
                    if len(_value_text(value)) <= _LONGEST_OPERAND:
                        inside[line.name] = _parse(_value_text(value))
                    else:
                        inside[line.name] = _parse(name)
                else:
                    others = self._symbol_forms(line.name, step.t, form, known)
                    inside[line.name] = _parse(name)
                if line.name in shown:
                    rows.append(_Row(name, (("=", form), *_without(form, others))))
            rows += [
                _Row(
                    f"{line.name}_{step.t}",
                    (("<-", _text(_Put(inside).visit(copy.deepcopy(line.tree)))),),
                )
                for line in self.recurrence.outgoing
                if line.name in shown
            ]
        return tuple(rows)

    def _start(self, shown: Iterable[str]) -> Iterable[_Row]:
        zero = [f"{name}_0" for name in self.recurrence.state if name in shown]
        if zero:
            yield _Row(" = ".join(zero), (("=", "0"),))
        theta = self["theta", 0]
        if "theta" in shown and theta != sp.Symbol("theta_0", real=True):
            yield _Row("theta_0", (("=", _value_text(theta)),))

    def _inside(self, step: _Step) -> dict[str, ast.expr]:
        """What to write for each name at the start of a step."""
        names: dict[str, str] = {"t": str(step.t), "g": f"g_{step.t}"}
        names |= {f"{name}_prev": f"{name}_{step.t - 1}" for name in self.recurrence.returned}
        if self._exact:
            for name, value in step.arguments.items():
                key = f"{name}_prev" if name in self.recurrence.returned else name
                text = _value_text(value)
                if len(text) <= _LONGEST_OPERAND:
                    names[key] = text
        inside = {name: _parse(text) for name, text in names.items()}
        replaced = {
            f"{line.name}_prev" if line.name in self.recurrence.returned else line.name: _Put(
                inside
            ).visit(copy.deepcopy(line.tree))
            for line in self.recurrence.incoming
        }
        return inside | replaced

    def _symbol_forms(
        self, name: str, t: int, form: str, known: dict[str, str]
    ) -> tuple[tuple[str, str], ...]:
        """Return the line's value in the learner's order: by gradient, or by the lines above."""
        value = self._steps[t - 1].values[name]
        indexed = f"{name}_{t}"
        if not _is_finite(value):
            return (("=", "undefined"),)
        found = self._sum(name, t)
        if found is not None:
            known[indexed] = found.text
            return (("=", found.text),)
        if isinstance(value, sp.Max | sp.Min):
            return self._extremum_forms(value)
        put = _Put({key: _parse(text) for key, text in known.items()})
        text = _text(_Roots().visit(put.visit(_parse(form))))
        return (("=", text),) if len(text) <= _LONGEST_SUBSTITUTION else ()

    def _extremum_forms(self, value: sp.Expr) -> tuple[tuple[str, str], ...]:
        names: dict[sp.Expr, str] = {}
        for step in self._steps:
            for name, other in step.values.items():
                names.setdefault(other, f"{name}_{step.t}")
        arguments = sorted(
            (names[x] for x in value.args if x in names), key=lambda text: int(text.split("_")[-1])
        )
        if len(arguments) < len(value.args):
            return ()
        function = "maximum" if isinstance(value, sp.Max) else "minimum"
        return (("=", f"{function}({', '.join(arguments)})"),)


@dataclass(frozen=True)
class _Row:
    """A line of the display: a name, and what it equals."""

    target: str
    forms: tuple[tuple[str, str], ...]
    heading: bool = False

    def text(self) -> str:
        indent = "" if self.heading or self.target.split("_")[-1] == "0" else "  "
        return indent + self.target + "".join(f" {sign} {form}" for sign, form in self.forms)

    def latex(self, names: Callable[[str], str]) -> str:
        signs = {"=": "=", "≈": r"\approx", "<-": r"\leftarrow"}
        target = " = ".join(names(name) for name in self.target.split(" = "))
        forms = (f"&{signs[sign]} {expression(_parse(form), names)}" for sign, form in self.forms)
        return f"{target} {' & '.join(forms)}"


# ---------------------------------------------------------------------------------- the run


def _run(
    of: Recurrence[..., Any],
    theta: sp.Expr,
    gradients: Sequence[sp.Expr],
    hyper: Mapping[str, sp.Expr],
) -> tuple[_Step, ...]:
    bound = of.bind(_FUNCTIONS, number=lambda x: sp.Rational(str(x)))
    state: list[sp.Expr] = [sp.Integer(0)] * len(of.state)
    steps = []
    for t, g in enumerate(gradients, 1):
        going_in = (theta, g, sp.Integer(t), *state)
        symbols = [s for s in gradients[:t] if s.is_Symbol]
        values = {
            name: _tidied(value, symbols)
            for name, value in bound.values(*going_in, **hyper).items()
        }
        if of.outgoing:
            out = bound(*going_in, **hyper)
            parts = out if isinstance(out, tuple) else (out,)
            returned = tuple(_tidied(value, symbols) for value in parts)
        else:
            returned = tuple(values[name] for name in of.returned)
        arguments = dict(zip(("theta", "g", "t", *of.state), going_in, strict=True)) | dict(hyper)
        steps.append(_Step(t, arguments, values, returned))
        theta, *state = returned
    return tuple(steps)


def _tidied(value: sp.Expr, gradients: Sequence[sp.Expr]) -> sp.Expr:
    if isinstance(value, sp.Max | sp.Min):
        return value.func(*(_tidied(x, gradients) for x in value.args), evaluate=False)
    found = _weighted_sum(value, tuple(gradients)) if gradients and _is_finite(value) else None
    return value if found is None else found.expression


def _is_finite(value: sp.Expr) -> bool:
    return not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo)


def _sqrt(x: sp.Expr) -> sp.Expr:
    return sp.nan if x.is_negative else sp.sqrt(x)


def _extremum(kind: type[sp.Expr], *values: sp.Expr) -> sp.Expr:
    """Return the Max or Min of symbols as it stands, but for a zero that can't win or can't lose."""
    if all(value.is_number for value in values):
        return kind(*values)
    arguments = {part for value in values for part in kind.make_args(value)}
    zero = sp.Integer(0)
    if zero in arguments and all(_is_never_negative(value) for value in arguments):
        arguments = arguments - {zero} if kind is sp.Max else {zero}
    return kind(*arguments, evaluate=False) if len(arguments) > 1 else arguments.pop()


def _is_never_negative(value: sp.Expr) -> bool:
    """Whether a value is at least 0 for every hyperparameter between 0 and 1."""
    inside = {s: 1 / (1 + sp.Dummy(positive=True)) for s in value.free_symbols if s.is_positive}
    return bool(sp.factor(value.xreplace(inside)).is_nonnegative)


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": sp.Abs,
    "maximum": functools.partial(_extremum, sp.Max),
    "minimum": functools.partial(_extremum, sp.Min),
    "sign": sp.sign,
    "sqrt": _sqrt,
    "sum": sp.sympify,
}


# ------------------------------------------------------------------ weighted sums of gradients


@dataclass(frozen=True)
class _WeightedSum:
    """``rest + front * (c_1 g_1 + … + c_t g_t) / divisor``, nothing in it but the weights."""

    rest: sp.Expr
    front: tuple[sp.Expr, ...]
    coefficients: tuple[sp.Expr, ...]
    divisor: sp.Expr
    terms: tuple[sp.Expr, ...]

    @property
    def weights(self) -> tuple[sp.Expr, ...]:
        front = sp.Mul(*self.front)
        return tuple(front * c / self.divisor for c in self.coefficients)

    @property
    def expression(self) -> sp.Expr:
        total = sp.Add(*(c * x for c, x in zip(self.coefficients, self.terms, strict=True)))
        return self.rest + sp.Mul(*self.front, total) / self.divisor

    @functools.cached_property
    def text(self) -> str:
        pairs = zip(self.coefficients, self.terms, strict=True)
        total = _joined(_product([*_factors(c), x]) for c, x in pairs if c != 0)
        front = [x for x in self.front if x != 1]
        if not front:
            product = total
        else:
            product = f"{_product(front)}*({total})"
        if self.divisor != 1:
            product = f"({product})/({_polynomial(self.divisor)})"
        text = product if self.rest == 0 else _joined([_product(_factors(self.rest)), product])
        return _text(_parse(text))


@functools.lru_cache(maxsize=4096)
def _weighted_sum(value: sp.Expr, gradients: tuple[sp.Expr, ...]) -> _WeightedSum | None:
    """Read a value as a weighted sum of the gradients, of their squares or of their sizes."""
    if not value.has(*gradients):
        return None
    for kind in (lambda g: g**2, sp.Abs, lambda g: g):
        terms = tuple(kind(g) for g in gradients)
        places = tuple(sp.Dummy() for _ in gradients)
        linear = value.xreplace(dict(zip(terms, places, strict=True)))
        if linear.has(*gradients) or not linear.is_polynomial(*places):
            continue
        weights = [sp.diff(linear, place) for place in places]
        if any(weight.has(*places) for weight in weights):
            continue
        rest = linear.xreplace(dict.fromkeys(places, sp.Integer(0)))
        return _WeightedSum(sp.factor(rest), *_common(weights), terms)
    return None


def _common(
    weights: Sequence[sp.Expr],
) -> tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...], sp.Expr]:
    """Take what all weights share before the sum, and under it."""
    field, elements = construct_domain(weights, field=True)
    if not field.is_FractionField:
        return (), tuple(field.to_sympy(x) for x in elements), sp.Integer(1)
    divisor = functools.reduce(lambda a, b: a.lcm(b), (x.denom for x in elements))
    numerators = [x.numer * divisor.exquo(x.denom) for x in elements]
    shared = functools.reduce(lambda a, b: a.gcd(b), numerators)
    coefficients = [x.exquo(shared).as_expr() for x in numerators]
    number, factors = shared.factor_list()
    sign = _sign(coefficients[-1]) * _sign(divisor.as_expr())
    front = []
    for factor, power in factors:
        positive = _sign(factor.as_expr())
        sign *= positive**power
        front.append((positive * factor.as_expr()) ** power)
    front.sort(key=lambda x: (x.is_Add or (x.is_Pow and x.base.is_Add), str(x)))
    number = sign * sp.sympify(number)
    flip = _sign(coefficients[-1])
    return (
        (number, *front) if number != 1 else tuple(front),
        tuple(sp.expand(flip * c) for c in coefficients),
        sp.expand(_sign(divisor.as_expr()) * divisor.as_expr()),
    )


def _sign(value: sp.Expr) -> int:
    """Return the sign of a polynomial where every hyperparameter is one half."""
    return -1 if value.xreplace(dict.fromkeys(value.free_symbols, _HALF)).is_negative else 1


# ---------------------------------------------------------------------------- expressions as text


class _Put(ast.NodeTransformer):
    """Put other expressions in the place of names."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


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


def _parse(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _text(tree: ast.expr) -> str:
    text = re.sub(r" (\*\*|[*/]) ", r"\1", ast.unparse(tree))
    text = re.sub(r"(?<=[*/])-(\w+)", r"(-\1)", text)
    return re.sub(r"(?<![\w/])(\d+/\d+)/", r"(\1)/", text)


def _value_text(value: sp.Expr) -> str:
    text = sp.sstr(value)
    for theirs, ours in (("Abs(", "abs("), ("Max(", "maximum("), ("Min(", "minimum(")):
        text = text.replace(theirs, ours)
    return text


def _number_forms(value: sp.Expr) -> tuple[tuple[str, str], ...]:
    """Return a number as it is, if that is short, and as a decimal."""
    if not value.is_real:
        return (("=", "undefined"),)
    text = _value_text(value)
    forms = [("=", text)] if len(text) <= _LONGEST_VALUE else []
    if not value.is_Integer:
        decimal = _DECIMALS.create_decimal(str(value.evalf(20))).normalize()
        exact = value.is_Rational and Fraction(decimal) == Fraction(int(value.p), int(value.q))
        forms.append(("=" if exact else "≈", f"{decimal:g}"))
    return tuple(forms)


def _without(first: str, forms: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(form for form in forms if form[1] != first)


def _polynomial(value: sp.Expr) -> str:
    """Return a polynomial with its powers ascending: ``1 + beta + beta**2``."""
    terms = sp.Add.make_args(value)
    symbols = sorted(value.free_symbols, key=str)
    ranked = sorted(
        terms, key=lambda x: (sp.Poly(x, *symbols).total_degree() if symbols else 0, str(x))
    )
    return _joined(_value_text(x) for x in ranked)


def _factors(value: sp.Expr) -> list[sp.Expr]:
    return [x for x in sp.Mul.make_args(value) if x != 1]


def _product(factors: Sequence[sp.Expr]) -> str:
    sign = "-" if factors[0] == -1 else ""
    parts = factors[1:] if sign else factors
    return sign + "*".join(f"({_polynomial(x)})" if x.is_Add else _value_text(x) for x in parts)


def _joined(terms: Iterable[str]) -> str:
    first, *others = terms
    return first + "".join(f" - {x[1:]}" if x.startswith("-") else f" + {x}" for x in others)


# ------------------------------------------------------------------------------------ what is given


def _exact(value: Any, what: str) -> sp.Expr:
    """Read a number exactly, a float by its decimal digits."""
    if getattr(value, "ndim", 0) or isinstance(value, list | tuple):
        msg = f"{what} has several coordinates: unroll follows one number, so give one per step"
        raise ValueError(msg)
    text = str(value).strip()
    try:
        parts = [Decimal(part) for part in text.split("/")]
        if isinstance(value, bool) or any(abs(x.adjusted()) > _LONGEST_RANGE for x in parts):
            raise ValueError
        number = Fraction(text)
    except (ValueError, ArithmeticError) as error:
        msg = f"{what} is {value!r}: it should be a number such as 3, 0.25 or '1/3'"
        raise ValueError(msg) from error
    return sp.Rational(number.numerator, number.denominator)


def _numbers(gradients: Any) -> list[sp.Expr]:
    if isinstance(gradients, str) or not hasattr(gradients, "__iter__"):
        msg = f"gradients is {gradients!r}: it should be a list of numbers, one per step"
        raise ValueError(msg)
    numbers = [_exact(g, f"gradient {i}") for i, g in enumerate(gradients, 1)]
    if not numbers:
        msg = "gradients is empty: give one number per step"
        raise ValueError(msg)
    return numbers


def _count(steps: int | None, numbers: Sequence[sp.Expr] | None) -> int:
    count = (3 if numbers is None else len(numbers)) if steps is None else steps
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_STEPS:
        msg = f"unroll takes 1 to {MAX_STEPS} steps, not {count!r}: for longer runs use descend"
        raise ValueError(msg)
    if numbers is not None and count > len(numbers):
        msg = f"{count} steps need {count} gradients; there are {len(numbers)}"
        raise ValueError(msg)
    return count


def _hyperparameters(
    of: Recurrence[..., Any], given: Mapping[str, Any], *, exact: bool
) -> dict[str, sp.Expr]:
    known = of.hyperparameters
    for name in given:
        if name not in known:
            msg = f"{of.name} has no hyperparameter {name!r}; it has {', '.join(known) or 'none'}"
            raise ValueError(msg)
    values = {}
    for name, default in known.items():
        if name in given:
            values[name] = _exact(given[name], name)
        elif not exact:
            values[name] = sp.Symbol(name, positive=True)
        elif default is REQUIRED:
            msg = f"{of.name} has no default for {name}: give it, {name}=… , as a keyword"
            raise ValueError(msg)
        else:
            values[name] = _exact(default, name)
    return values
