"""Print a step function or a surface as JavaScript, from the one definition of it.

A step becomes a function of numbers, for one coordinate, with a line for each of its named lines::

    function momentum(theta_prev, g, t, m_prev, lr, beta) {
      const m = beta * m_prev + (1 - beta) * g;
      const theta = theta_prev - lr * m;
      return [theta, m, {m, theta}];
    }

It takes what the step takes, in the order of its signature, and returns the new ``theta``, the new
state, and all named values. A surface becomes a function of its coordinates that returns the loss
and the gradient, which are SymPy's.
"""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any, Final, cast

from adamedu.core.recurrence import Recurrence, RecurrenceError, recurrence
from adamedu.core.surface import Surface
from adamedu.playgrounds.infix import ATOM, POWER, PRODUCT, Infix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FUNCTIONS: Final = {
    "abs": ("Math.abs", 1),
    "maximum": ("Math.max", 2),
    "minimum": ("Math.min", 2),
    "sign": ("Math.sign", 1),
    "sqrt": ("Math.sqrt", 1),
}
"""What JavaScript calls the functions of a line, and how many arguments they take."""

_RESERVED: Final = (
    "arguments await break case catch const continue debugger default delete do enum eval export "
    "extends false function if implements instanceof interface let Math new null package private "
    "protected public static super switch this throw true typeof undefined var void"
)


def javascript(what: Surface | Callable[..., Any]) -> str:
    """Return a step function or a surface as the text of one JavaScript function.

    Parameters
    ----------
    what : Surface or step function
        A surface; an optimizer of the ladder, a variant of one, or a step function of your own.

    Raises
    ------
    RecurrenceError
        When a step's lines can't be read, or when one of them mixes coordinates (``sum``,
        ``mean``): the function has one coordinate at a time.
    SurfaceError
        When a surface can't be differentiated.

    Examples
    --------
    >>> from adamedu import rmsprop, surfaces
    >>> print(javascript(rmsprop))
    function rmsprop(theta_prev, g, t, v_prev, lr, rho, eps) {
      const v = rho * v_prev + (1 - rho) * (g * g);
      const theta = theta_prev - lr * g / (Math.sqrt(v) + eps);
      return [theta, v, {v, theta}];
    }
    >>> print(javascript(surfaces.ravine))
    function ravine(x, y) {
      const loss = (1/20)*(x*x) + y*y;
      const gradient = [(1/10)*x, 2*y];
      return [loss, gradient];
    }
    """
    return _of_surface(what) if isinstance(what, Surface) else _of_step(recurrence(what))


def _of_step(step: Recurrence[..., Any]) -> str:
    printer = _JavaScript(step.name)

    def before(name: str) -> str:
        return safe(f"{name}_prev" if name in step.returned else name)

    body = []
    if step.incoming:
        targets = ", ".join(before(line.name) for line in step.incoming)
        values = ", ".join(printer.write(line.tree) for line in step.incoming)
        several = len(step.incoming) > 1
        body.append(f"[{targets}] = [{values}];" if several else f"{targets} = {values};")
    body += [f"const {safe(line.name)} = {printer.write(line.tree)};" for line in step.lines]
    replaced = {line.name: printer.write(line.tree) for line in step.outgoing}
    results = [replaced.get(name, safe(name)) for name in step.returned]
    named = [
        line.name if safe(line.name) == line.name else f"{line.name}: {safe(line.name)}"
        for line in step.lines
    ]
    body.append(f"return [{', '.join(results)}, {{{', '.join(named)}}}];")
    arguments = map(before, ("theta", "g", "t", *step.state, *step.hyperparameters))
    return _function(step.name, arguments, body)


def _of_surface(surface: Surface) -> str:
    import sympy
    from sympy.codegen.rewriting import create_expand_pow_optimization

    multiplied = create_expand_pow_optimization(4)  # as NumPy does it, and faster

    def written(value: sympy.Expr) -> str:
        return cast("str", sympy.jscode(multiplied(value), strict=True))

    names = {symbol: sympy.Symbol(safe(symbol.name), real=True) for symbol in surface.symbols}
    values = [
        value.replace(sympy.Heaviside, lambda x, _: (1 + sympy.sign(x)) / 2).xreplace(names)
        for value in (surface.expression, *surface.slopes)
    ]
    free = (symbol for symbol in sympy.numbered_symbols("u") if symbol.name not in surface.names)
    parts, (loss, *slopes) = sympy.cse(values, symbols=free)
    body = [f"const {symbol} = {written(value)};" for symbol, value in parts]
    body += [
        f"const loss = {written(loss)};",
        f"const gradient = [{', '.join(map(written, slopes))}];",
        "return [loss, gradient];",
    ]
    return _function(surface.name, map(safe, surface.names), body)


def safe(name: str) -> str:
    """Return a name that JavaScript leaves free.

    >>> safe("beta"), safe("var")
    ('beta', 'var$')
    """
    return f"{name}$" if name in _RESERVED.split() else name


def _function(name: str, arguments: Iterable[str], body: Iterable[str]) -> str:
    lines = "".join(f"  {line}\n" for line in body)
    return f"function {safe(name)}({', '.join(arguments)}) {{\n{lines}}}"


class _JavaScript(Infix):
    def __init__(self, step: str) -> None:
        self.step = step

    def name(self, name: str) -> str:
        return safe(name)

    def number(self, value: float) -> str:
        return json.dumps(value)

    def power(self, base: ast.expr, exponent: ast.expr) -> tuple[str, int]:
        match base, exponent:
            # NumPy squares by multiplication; in the last digit ** may come out otherwise.
            case ast.Name(id=name), ast.Constant(value=2):
                return f"{safe(name)} * {safe(name)}", PRODUCT
        return f"{self.at_least(base, ATOM)} ** {self.at_least(exponent, ATOM)}", POWER

    def call(self, function: str, arguments: list[ast.expr]) -> tuple[str, int]:
        if function not in FUNCTIONS:
            raise RecurrenceError(
                f"{self.step} can't be written for one coordinate: {function} mixes all of them"
            )
        name, count = FUNCTIONS[function]
        if len(arguments) != count:
            raise RecurrenceError(f"{self.step}: {function} takes {count}, not {len(arguments)}")
        return f"{name}({', '.join(map(self.write, arguments))})", ATOM
