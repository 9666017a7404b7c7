"""Read a step function: its state, its hyperparameters, its lines, and what changes if a line does.

A step function is ``step(theta, g, t, *state, **hyperparameters)`` whose body is a list of
assignments, one per name, and a ``return theta, *state``. Its signature is the schema and its
syntax tree is the text of the equations, so nothing about an optimizer is written down twice.
`Vocabulary` says how a line is written, and `Recurrence.variant` takes lines in the same words.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypeVar

from adamedu.core.errors import nearest, there_is
from adamedu.core.lines import FUNCTIONS, Line, RecurrenceError, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FunctionType

__all__ = ["FUNCTIONS", "REQUIRED", "Line", "Recurrence", "RecurrenceError", "recurrence"]

P = ParamSpec("P")
R = TypeVar("R")

REQUIRED: Final = inspect.Parameter.empty
"""The default of a hyperparameter that has none."""

_LEADING = ("theta", "g", "t")


@dataclass(frozen=True)
class _Program:
    """The parts of a step function that a variant can replace."""

    lines: tuple[Line, ...]
    incoming: tuple[Line, ...] = ()
    outgoing: tuple[Line, ...] = ()


@dataclass(eq=False, repr=False)
class Recurrence(Generic[P, R]):
    """A step function and what can be read from it. Calling it calls the function, untouched.

    Attributes
    ----------
    function : callable
        The function as it was written.

    Examples
    --------
    >>> @recurrence
    ... def signsgd(theta, g, t, *, lr=0.1):
    ...     theta = theta - lr * sign(g)
    ...     return theta
    >>> signsgd.name, signsgd.state, signsgd.hyperparameters
    ('signsgd', (), {'lr': 0.1})
    """

    function: Callable[P, R]
    _functions: Mapping[str, Callable[..., Any]] = field(default_factory=lambda: FUNCTIONS)
    _given: _Program | None = None
    _number: Callable[[float], Any] | None = None

    def __post_init__(self) -> None:
        functools.update_wrapper(self, self.function)
        self._schema  # noqa: B018  (a wrong signature is refused here, not at the first step)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Take one step."""
        return self.function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<{self.name}{inspect.signature(self.function)}>"

    def _repr_latex_(self) -> str:
        return f"$${self.latex()}$$"

    @property
    def name(self) -> str:
        """The function's name."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    @functools.cached_property
    def _schema(self) -> tuple[tuple[str, ...], dict[str, Any]]:
        try:
            parameters = inspect.signature(self.function).parameters.values()
        except (TypeError, ValueError) as error:
            msg = f"{self.name} has no signature that can be read"
            raise RecurrenceError(msg) from error
        positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        keywords = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        if tuple(positional[:3]) != _LEADING or len(positional) + len(keywords) != len(parameters):
            msg = (
                f"{self.name} should take (theta, g, t, then its state, *, then its "
                f"hyperparameters); it takes {inspect.signature(self.function)}"
            )
            raise RecurrenceError(msg)
        return tuple(positional[3:]), keywords

    @property
    def state(self) -> tuple[str, ...]:
        """The names of the state, in order: ``("m", "v")`` for Adam."""
        return self._schema[0]

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """The hyperparameters with their defaults (`REQUIRED` where there is none)."""
        return dict(self._schema[1])

    @property
    def returned(self) -> tuple[str, ...]:
        """The names of what a step returns: ``theta``, then the state."""
        return ("theta", *self.state)

    @functools.cached_property
    def _vocabulary(self) -> Vocabulary:
        around = getattr(inspect.unwrap(self.function), "__globals__", {})
        return Vocabulary(self.name, tuple(self._schema[1]), self.returned, around)

    @functools.cached_property
    def _program(self) -> _Program:
        return self._given or _Program(self._vocabulary.read(self.function))

    @property
    def lines(self) -> tuple[Line, ...]:
        """The named lines in source order.

        Raises
        ------
        RecurrenceError
            When the function's body is more than assignments, one per name.

        Examples
        --------
        >>> from adamedu import adam
        >>> [line.name for line in adam.lines]
        ['m', 'v', 'm_hat', 'v_hat', 'theta']
        """
        return self._program.lines

    @property
    def incoming(self) -> tuple[Line, ...]:
        """What a variant takes in the place of arguments."""
        return self._program.incoming

    @property
    def outgoing(self) -> tuple[Line, ...]:
        """What a variant returns in the place of ``theta`` and the state."""
        return self._program.outgoing

    def values(
        self, theta: Any, g: Any, t: Any, *state: Any, **hyperparameters: Any
    ) -> dict[str, Any]:
        """Every named line's value in one step, in source order.

        Takes what the step takes, arrays or anything else with arithmetic.

        >>> from adamedu import momentum
        >>> momentum.values(1.0, 2.0, 1, 0.0, lr=0.5, beta=0.5)
        {'m': 1.0, 'theta': 0.5}
        """
        return self._traced(theta, g, t, *state, **hyperparameters)  # type: ignore[no-any-return]

    @functools.cached_property
    def _traced(self) -> Callable[..., Any]:
        names = [ast.Name(line.name, ast.Load()) for line in self.lines]
        keys: list[ast.expr | None] = [ast.Constant(line.name) for line in self.lines]
        return self._compile(self._program, ast.Dict(keys, list(names)))

    def bind(
        self,
        functions: Mapping[str, Callable[..., Any]],
        *,
        number: Callable[[float], Any] | None = None,
    ) -> Recurrence[..., Any]:
        """Return the same lines over other mathematics.

        Parameters
        ----------
        functions : mapping
            Replacements by name, ``{"sqrt": sympy.sqrt, "maximum": sympy.Max}`` for symbols.
        number : callable, optional
            What to make of a number that is written in a line, ``Fraction`` for instance.

        Examples
        --------
        >>> import math
        >>> from adamedu import adagrad
        >>> adagrad.bind({"sqrt": math.isqrt})(10, 3, 1, 0, lr=1, eps=0)
        (9.0, 9)
        """
        other = replace(self, _functions={**self._functions, **functions}, _number=number)
        return replace(other, function=other._compile(self._program), _given=self._program)  # noqa: SLF001

    def variant(
        self,
        *,
        incoming: Mapping[str, str] | None = None,
        lines: Mapping[str, str] | None = None,
        outgoing: Mapping[str, str] | None = None,
    ) -> Recurrence[..., Any]:
        """Return the recurrence with some of its parts replaced.

        Parameters
        ----------
        incoming : mapping of str to str, optional
            What to take instead of an argument, all at once: ``{"t": "t - 1"}``.
        lines : mapping of str to str, optional
            What a named line computes instead: ``{"m_hat": "m"}``; the old state is ``m_prev``.
        outgoing : mapping of str to str, optional
            What to return instead: ``{"m": "m_hat"}``.

        Raises
        ------
        RecurrenceError
            For a name that the recurrence doesn't have, or an expression that it can't hold.

        Examples
        --------
        >>> from adamedu import momentum
        >>> heavy_ball = momentum.variant(lines={"m": "beta * m_prev + g"})
        >>> heavy_ball(1.0, 2.0, 1, 0.0, lr=0.5, beta=0.5)
        (0.0, 2.0)
        """
        base = self._program
        arguments = {*_LEADING, *self.state, *self._schema[1]}
        edits = (
            ("argument", incoming or {}, arguments),
            ("line", lines or {}, {line.name for line in base.lines}),
            ("returned value", outgoing or {}, set(self.returned)),
        )
        for what, edit, known in edits:
            for name in edit.keys() - known:
                has = there_is(name, sorted(known), "it has")
                raise RecurrenceError(f"{self.name} has no {what} called {name!r}; {has}")
        parse = self._vocabulary.parse
        assigned: list[str] = []
        replaced = []
        for line in base.lines:
            text = (lines or {}).get(line.name)
            tree = line.tree if text is None else parse(text, assigned)
            replaced.append(Line(line.name, tree))
            assigned.append(line.name)
        program = _Program(
            tuple(replaced),
            _merge(base.incoming, {k: parse(v, ()) for k, v in (incoming or {}).items()}),
            _merge(base.outgoing, {k: parse(v, assigned) for k, v in (outgoing or {}).items()}),
        )
        return replace(self, function=self._compile(program), _given=program)

    def latex(self) -> str:
        """Write the lines as the paper does, one under the other, in LaTeX."""
        from adamedu.core.typesetting import equations

        return equations(self)

    def _compile(self, program: _Program, result: ast.expr | None = None) -> Callable[..., Any]:
        """Build a function from a program, returning ``result`` or what a step returns."""
        replaced = {line.name: line.tree for line in program.outgoing}
        outputs = [replaced.get(name, ast.Name(name, ast.Load())) for name in self.returned]
        body = [
            _assign({f"{name}_prev": ast.Name(name, ast.Load()) for name in self.returned}),
            _assign({_previous(line.name, self.returned): line.tree for line in program.incoming}),
            *(_assign({line.name: line.tree}) for line in program.lines),
            ast.Return(result or (ast.Tuple(outputs, ast.Load()) if self.state else outputs[0])),
        ]
        positional = [ast.arg(name) for name in (*_LEADING, *self.state)]
        keywords = [ast.arg(name) for name in self._schema[1]]
        defaults: list[ast.expr | None] = [None] * len(keywords)
        arguments = ast.arguments([], positional, None, keywords, defaults, None, [])
        definition = ast.FunctionDef(self.name, arguments, body, [])
        definition.type_params = []  # type: ignore[attr-defined]  # required from Python 3.12 on
        module = ast.Module([definition], [])
        namespace: dict[str, Any] = dict(self._functions)
        if self._number:
            module = _Wrapped("_number").visit(copy.deepcopy(module))
            namespace["_number"] = self._number
        # The text is the package's own or, in a notebook, the learner's own function: never a
        # submission's (the trusted side of grading reads none).
        exec(compile(ast.fix_missing_locations(module), f"<{self.name}>", "exec"), namespace)  # noqa: S102
        function: FunctionType = namespace[self.name]
        given = {k: v for k, v in self._schema[1].items() if v is not REQUIRED}
        function.__kwdefaults__ = given
        return function


def recurrence(function: Callable[P, R]) -> Recurrence[P, R]:
    """Read a step function (also as a decorator); a `Recurrence` is returned as it is.

    Parameters
    ----------
    function : callable
        ``step(theta, g, t, *state, **hyperparameters)`` returning ``theta, *state``, or ``theta``
        alone where there is no state.

    Raises
    ------
    RecurrenceError
        When it is no function, or one with another signature.

    Examples
    --------
    >>> @recurrence
    ... def plain(theta, g, t, *, lr):
    ...     theta = theta - lr * g
    ...     return theta
    >>> plain(1.0, 2.0, 1, lr=0.25)
    0.5
    """
    if isinstance(function, Recurrence):
        return function
    if isinstance(function, type) or not callable(function):
        raise RecurrenceError(_instead_of(function))
    return Recurrence(function)


def _instead_of(value: Any) -> str:
    """Say what to write in the place of what is no function."""
    if isinstance(value, str):
        ladder = getattr(sys.modules.get("adamedu.optimizers"), "LADDER", ())
        meant = nearest(value, [rung.name for rung in ladder]) or "adam"
        return f"an optimizer isn't given by its name: write {meant}, not {value!r}"
    a_class = isinstance(value, type)
    what = f"the class {value.__name__}" if a_class else f"of type {type(value).__name__}"
    return f"an optimizer is a step function, such as adam or one of your own; this is {what}"


def _previous(name: str, returned: tuple[str, ...]) -> str:
    return f"{name}_prev" if name in returned else name


def _assign(values: Mapping[str, ast.expr]) -> ast.stmt:
    """All at once: ``a, b = b, a`` for ``{"a": b, "b": a}``."""
    if not values:
        return ast.Pass()
    targets = ast.Tuple([ast.Name(name, ast.Store()) for name in values], ast.Store())
    return ast.Assign([targets], ast.Tuple(list(values.values()), ast.Load()))


def _merge(old: tuple[Line, ...], new: Mapping[str, ast.expr]) -> tuple[Line, ...]:
    merged = {line.name: line.tree for line in old} | dict(new)
    return tuple(Line(name, tree) for name, tree in merged.items())


class _Wrapped(ast.NodeTransformer):
    """Call a function on every number that is written in the tree."""

    def __init__(self, function: str) -> None:
        self.function = function

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, str):
            return node
        return ast.Call(ast.Name(self.function, ast.Load()), [node], [])
