"""Unroll an optimizer: its lines for t = 1, 2, 3, … in symbols or in exact numbers.

The step function's own lines are run, over SymPy's symbols and numbers in the place of arrays.
"""

from __future__ import annotations

import functools
import itertools
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import sympy as sp

from adamedu.algebra import weighted_sums, working
from adamedu.algebra.working import Step
from adamedu.core.errors import ArgumentError, UnknownNameError, is_whole, there_is
from adamedu.core.recurrence import REQUIRED, Recurrence, recurrence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

MAX_STEPS: Final = 50
"""The largest number of steps; `descend` takes longer runs."""

_RANGE: Final = 400
"""Powers of ten that are read; an exact fraction beyond them fills the memory."""


def unroll(
    optimizer: Callable[..., Any],
    /,
    steps: int | None = None,
    gradients: Iterable[Any] | None = None,
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
        How many steps, 1 to 50: 3, or as many as there are gradients.
    gradients : iterable of numbers, optional
        The gradients of one parameter. Integers, fractions, texts like ``"1/3"`` and floats (read
        by their decimal digits) are all exact. Without them the gradients stay symbols.
    theta : number, optional
        Where the parameter starts: a symbol without gradients, 0 with them.
    **hyperparameters : numbers
        Values in the place of the function's defaults. Without gradients a hyperparameter stays a
        symbol unless it is given here.

    Raises
    ------
    RecurrenceError
        When the function's lines can't be read.
    ArgumentError
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
    exact = numbers is not None
    feed = numbers or [sp.Symbol(f"g_{t}", real=True) for t in range(1, count + 1)]
    if theta is not None:
        start = _exact(theta, "theta")
    else:
        start = sp.S.Zero if exact else sp.Symbol("theta_0", real=True)
    hyper = _hyperparameters(of, hyperparameters, exact=exact)
    return Unrolled(of, tuple(_run(of, start, feed[:count], hyper)), exact=exact)


class Unrolled:
    """The first steps of an optimizer, which show themselves as equations.

    ``u["m", 2]`` is the value of the line ``m`` at t = 2 as an exact SymPy expression, and
    ``float(u["m", 2])`` a number when gradients were given. At t = 0 the parameter and the state
    have the values that they start from.

    Attributes
    ----------
    recurrence : Recurrence
        The optimizer.
    exact : bool
        Whether gradients were given.

    Examples
    --------
    >>> from adamedu import adam
    >>> u = unroll(adam, gradients=[3, -4], beta1="1/2")
    >>> u["m", 2], u["m_hat", 2], float(u["m_hat", 2])
    (-5/4, -5/3, -1.6666666666666667)
    """

    def __init__(
        self,
        recurrence: Recurrence[..., Any],
        run: Sequence[Step],
        *,
        exact: bool,
        shown: tuple[str, ...] = (),
    ) -> None:
        self.recurrence = recurrence
        self.exact = exact
        self._run = run
        self._shown = shown or self.names

    @property
    def steps(self) -> int:
        """How many steps were unrolled."""
        return len(self._run)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the lines, in source order."""
        return tuple(line.name for line in self.recurrence.lines)

    def __getitem__(self, key: tuple[str, int]) -> sp.Expr:
        if not isinstance(key, tuple) or len(key) != 2:  # noqa: PLR2004
            raise UnknownNameError(f"ask for a line and a step, as in ['m', 2], not for {key!r}")
        name, t = key
        if t == 0 and name in self.recurrence.returned:
            return self._run[0].inputs[f"{name}_prev"]
        self._check(name, t)
        value = self._run[t - 1].values[name]
        for step in reversed(self._run[: t - 1]):
            value = value.xreplace(step.stand_ins)
        return value

    def only(self, *names: str) -> Unrolled:
        """Return the same steps, showing some of the lines only.

        >>> from adamedu import adam
        >>> print(unroll(adam, steps=1).only("m_hat"))
        t = 1
          m_hat_1 = m_1/(1 - beta1**1) = g_1
        """
        for name in names:
            self._check(name, 1)
        return Unrolled(self.recurrence, self._run, exact=self.exact, shown=names)

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
        UnknownNameError
            When there is no such line or step.
        ArgumentError
            When the line isn't a weighted sum of past gradients, or gradients were given.

        Examples
        --------
        >>> from adamedu import adam
        >>> unroll(adam).weights("m")
        [beta1**2*(1 - beta1), beta1*(1 - beta1), 1 - beta1]
        """
        t = self.steps if t is None else t
        self._check(name, t)
        if self.exact:
            raise ArgumentError("weights belong to symbols: call unroll without gradients")
        found = weighted_sums.read(self[name, t], [step.inputs["g"] for step in self._run[:t]])
        if found is None:
            raise ArgumentError(f"{name} at t = {t} is not a weighted sum of past gradients")
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
        return working.latex(self.recurrence, self._rows)

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    def __str__(self) -> str:
        return "\n".join(row.text for row in self._rows)

    __repr__ = __str__

    @functools.cached_property
    def _rows(self) -> list[working.Row]:
        return list(working.rows(self.recurrence, self._run, self._shown, exact=self.exact))

    def _check(self, name: str, t: int) -> None:
        if name not in self.names:
            known = there_is(name, self.names, "there are")
            raise UnknownNameError(f"there is no line {name!r}; {known}")
        if not is_whole(t, 1, self.steps):
            raise UnknownNameError(
                f"{name} has no value at t = {t}: the steps are 1 to {self.steps}"
            )


def _run(
    of: Recurrence[..., Any],
    theta: sp.Expr,
    gradients: Sequence[sp.Expr],
    hyper: Mapping[str, sp.Expr],
) -> Iterator[Step]:
    bound = of.bind(_FUNCTIONS, number=lambda x: sp.Rational(str(x)))
    state = dict.fromkeys(of.returned, sp.S.Zero) | {"theta": theta}
    for t, g in enumerate(gradients, 1):
        symbols = [x for x in gradients[:t] if x.is_Symbol]
        arguments = (state["theta"], g, sp.Integer(t), *(state[name] for name in of.state))
        inputs = {f"{name}_prev": x for name, x in state.items()}
        inputs |= {"g": g, "t": arguments[2], **hyper}
        values = bound.values(*arguments, **hyper)
        sums = {name: x for name in values if (x := weighted_sums.read(values[name], symbols))}
        values |= {name: x.expression for name, x in sums.items()}
        returned = _returned(bound, arguments, hyper, values)
        # What is no weighted sum goes on as a symbol: written out it would grow at every step.
        opaque = {
            name: sp.Symbol(f"{name}_{t}", real=True)
            for name, x in returned.items()
            if x.has(*symbols)
            and _is_finite(x)
            and not (name in sums and x == values[name])
            and not weighted_sums.read(x, symbols)
        }
        yield Step(t, inputs, values, sums, {x: returned[name] for name, x in opaque.items()})
        state = returned | opaque


def _returned(
    bound: Recurrence[..., Any],
    arguments: tuple[sp.Expr, ...],
    hyper: Mapping[str, sp.Expr],
    values: Mapping[str, sp.Expr],
) -> dict[str, sp.Expr]:
    if not bound.outgoing:
        return {name: values[name] for name in bound.returned}
    out = bound(*arguments, **hyper)
    return dict(zip(bound.returned, out if isinstance(out, tuple) else (out,), strict=True))


def _is_finite(value: sp.Expr) -> bool:
    return not value.has(sp.nan, sp.zoo, sp.oo, -sp.oo)


def _sqrt(x: sp.Expr) -> sp.Expr:
    return sp.nan if x.is_number and x.is_negative else sp.sqrt(x)


def _extremum(kind: Any, *values: sp.Expr) -> sp.Expr:
    """Return a Max or Min, not worked out for symbols but for a zero that decides nothing."""
    if all(value.is_number for value in values):
        return kind(*values) if all(value.is_extended_real for value in values) else sp.nan
    arguments = set(values)
    rest = arguments - {sp.S.Zero}
    if kind is sp.Max and rest < arguments and all(map(weighted_sums.is_never_negative, rest)):
        arguments = rest
    return arguments.pop() if len(arguments) == 1 else kind(*arguments, evaluate=False)


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": sp.Abs,
    "maximum": functools.partial(_extremum, sp.Max),
    "minimum": functools.partial(_extremum, sp.Min),
    "sign": sp.sign,
    "sqrt": _sqrt,
    "sum": sp.sympify,  # over one coordinate
}


def _exact(value: Any, what: str) -> sp.Expr:
    """Read a number exactly, a float by its decimal digits."""
    if getattr(value, "ndim", 0) or isinstance(value, list | tuple):
        raise ArgumentError(f"{what} has several coordinates: unroll follows one number")
    text = str(value).strip()
    try:
        sizes = [Decimal(part).adjusted() for part in text.split("/")]
        number = Fraction(text) if max(map(abs, sizes)) <= _RANGE else None
    except (ValueError, ArithmeticError):
        number = None
    if number is None:
        raise ArgumentError(f"{what} is {value!r}: it should be a number such as 3, 0.25 or '1/3'")
    return sp.Rational(number.numerator, number.denominator)


def _numbers(gradients: Any) -> list[sp.Expr]:
    if isinstance(gradients, str) or not hasattr(gradients, "__iter__"):
        raise ArgumentError(f"gradients is {gradients!r}: it should be a list, one number per step")
    given = list(itertools.islice(gradients, MAX_STEPS + 1))
    if len(given) > MAX_STEPS:
        raise ArgumentError(
            f"unroll takes 1 to {MAX_STEPS} steps, not {len(given)} or more; descend takes more"
        )
    numbers = [_exact(g, f"gradient {t}") for t, g in enumerate(given, 1)]
    if not numbers:
        raise ArgumentError("gradients is empty: give one number per step")
    return numbers


def _count(steps: int | None, numbers: Sequence[sp.Expr] | None) -> int:
    count = (3 if numbers is None else len(numbers)) if steps is None else steps
    if not is_whole(count, 1, MAX_STEPS):
        raise ArgumentError(
            f"unroll takes 1 to {MAX_STEPS} steps, not {count!r}; descend takes more"
        )
    if numbers is not None and count > len(numbers):
        raise ArgumentError(f"{count} steps need {count} gradients; there are {len(numbers)}")
    return count


def _hyperparameters(
    of: Recurrence[..., Any], given: Mapping[str, Any], *, exact: bool
) -> dict[str, sp.Expr]:
    known = of.hyperparameters
    for name in given.keys() - known:
        has = there_is(name, known, "it has")
        raise ArgumentError(f"{of.name} has no hyperparameter {name!r}; {has}")
    values = {}
    for name, default in known.items():
        if name in given:
            values[name] = _exact(given[name], name)
        elif not exact:
            values[name] = sp.Symbol(name, positive=True)
        elif default is REQUIRED:
            raise ArgumentError(f"{of.name} has no default for {name}: give it as {name}=...")
        else:
            values[name] = _exact(default, name)
    return values
