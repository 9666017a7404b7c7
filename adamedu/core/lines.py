"""Read the lines of a step function: a name each, and an expression over the names known there.

Inside a line the value of a state before its own line is called ``m_prev``, ``v_prev``,
``theta_prev``.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from adamedu.core.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": np.abs,
    "maximum": np.maximum,
    "mean": np.mean,
    "minimum": np.minimum,
    "sign": np.sign,
    "sqrt": np.sqrt,
    "sum": np.sum,
}
"""The functions that a line may call, as NumPy has them."""

_NODES = (
    ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant, ast.Call, ast.Load,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd,
)  # fmt: skip


class RecurrenceError(ArgumentError):
    """A function that can't be read as a step function, or a variant that doesn't fit one."""


@dataclass(frozen=True)
class Line:
    """One named line of a recurrence.

    Attributes
    ----------
    name : str
        What the line computes, ``"m_hat"`` for instance.
    tree : ast.expr
        Its right-hand side; a state that has not been assigned yet is called ``m_prev``.
    """

    name: str
    tree: ast.expr

    @property
    def source(self) -> str:
        """The right-hand side as text.

        >>> from adamedu import adam
        >>> adam.lines[0].source
        'beta1 * m_prev + (1 - beta1) * g'
        """
        return ast.unparse(self.tree)

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The names that the line reads."""
        return frozenset(_names(self.tree))

    @functools.cached_property
    def code(self) -> CodeType:
        """The right-hand side compiled, to be evaluated with `FUNCTIONS` and the names it reads."""
        return compile(ast.Expression(ast.fix_missing_locations(self.tree)), self.name, "eval")


@dataclass(frozen=True)
class Vocabulary:
    """What the lines of one step function may read.

    Attributes
    ----------
    step : str
        The function's name.
    hyperparameters : tuple of str
        The names of its hyperparameters.
    returned : tuple of str
        What a step returns: ``theta``, then the state.
    namespace : mapping
        What the names around the function stand for.
    """

    step: str
    hyperparameters: tuple[str, ...]
    returned: tuple[str, ...]
    namespace: Mapping[str, Any]

    def read(self, function: Callable[..., Any]) -> tuple[Line, ...]:
        """Read the function's source as lines, refusing what is not a list of assignments.

        Raises
        ------
        RecurrenceError
            It says what can't be read.
        """
        body = self._body(function)
        lines: list[Line] = []
        for statement in body[:-1]:
            lines.append(self._line(statement, [line.name for line in lines]))
        last = body[-1] if body else None
        value = last.value if isinstance(last, ast.Return) else None
        stateless = self.returned == ("theta",)
        parts = value.elts if isinstance(value, ast.Tuple) and not stateless else [value]
        returned = tuple(part.id if isinstance(part, ast.Name) else None for part in parts)
        if returned != self.returned or not {line.name for line in lines}.issuperset(returned):
            names = ", ".join(self.returned)
            msg = f"{self.step} should assign and then return {names}, in this order"
            raise RecurrenceError(msg)
        return tuple(lines)

    def _body(self, function: Callable[..., Any]) -> list[ast.stmt]:
        """Find the statements of a function, its docstring left out."""
        try:
            text = textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError) as error:
            msg = (
                f"the source of {self.step} can't be found: define it in a file or a notebook cell"
            )
            raise RecurrenceError(msg) from error
        try:
            definition = ast.parse(text).body[0]
        except SyntaxError:  # the line around a lambda
            definition = None
        if not isinstance(definition, ast.FunctionDef):
            msg = f"{self.step} is not written as a function with def"
            raise RecurrenceError(msg)
        first = definition.body[0]
        documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        return definition.body[1:] if documented else definition.body

    def _line(self, statement: ast.stmt, assigned: Iterable[str]) -> Line:
        written = ast.unparse(statement)
        match statement:
            case ast.Assign([ast.Name(name)], value):
                known = {"g", "t", *self.hyperparameters, *FUNCTIONS, *self._previous()}
                if name in known.union(assigned):
                    raise self._unread(written, f"{name} already has a meaning")
                return Line(name, self._normalize(value, assigned, written))
        raise self._unread(written, "only lines like 'm = ...' are")

    def parse(self, text: str, assigned: Iterable[str]) -> ast.expr:
        """Read an expression in which the given names have been assigned.

        Raises
        ------
        RecurrenceError
            When it is none, or reads what isn't known there.

        Examples
        --------
        >>> words = Vocabulary("momentum", ("lr", "beta"), ("theta", "m"), {"np": np})
        >>> ast.unparse(words.parse("beta * m + np.sqrt(g)", ()))
        'beta * m_prev + sqrt(g)'
        """
        try:
            tree = ast.parse(text, mode="eval").body
        except SyntaxError as error:
            msg = f"{self.step}: {text!r} is not an expression"
            raise RecurrenceError(msg) from error
        return self._normalize(tree, assigned, text)

    def _normalize(self, tree: ast.expr, assigned: Iterable[str], where: str) -> ast.expr:
        """Rename unassigned state to ``*_prev``, bare the functions' names, and refuse the rest."""
        pending = {*self.returned}.difference(assigned)
        known = {"g", "t", *self.hyperparameters, *assigned, *pending, *self._previous()}
        tree = _Bare(self.namespace).visit(tree)
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            names = FUNCTIONS if id(node) in called else known
            if problem := _problem(node, names):
                raise self._unread(where, problem)
        return cast("ast.expr", _Earlier(pending).visit(tree))

    def _previous(self) -> tuple[str, ...]:
        return tuple(f"{name}_prev" for name in self.returned)

    def _unread(self, where: str, problem: str) -> RecurrenceError:
        return RecurrenceError(f"{self.step} can't be read at {where!r}: {problem}")


def _problem(node: ast.AST, names: Collection[str]) -> str | None:
    """Say why a part can't be in a line, if so; the names are those that it may have."""
    parts = (node, getattr(node, "op", node))
    keywords = isinstance(node, ast.Call) and node.keywords
    if keywords or not all(isinstance(part, _NODES) for part in parts):
        return f"{ast.unparse(node)!r} is more than arithmetic"
    if isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
        return f"{node.value!r} is not a number"
    if isinstance(node, ast.Name) and node.id not in names:
        if names is FUNCTIONS:
            return f"{node.id} is not one of the functions {', '.join(FUNCTIONS)}"
        return f"{node.id} is neither an argument nor a line above"
    return None


def _names(tree: ast.expr) -> set[str]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called}


class _Bare(ast.NodeTransformer):
    """Turn ``np.sqrt(x)`` into ``sqrt(x)``."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.namespace = namespace

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        owner = self.namespace.get(node.value.id) if isinstance(node.value, ast.Name) else None
        if isinstance(owner, ModuleType) and owner.__name__ in {"numpy", "math"}:
            return ast.Name(node.attr, ast.Load())
        return node


class _Earlier(ast.NodeTransformer):
    """Call the state that has no new value yet ``m_prev``."""

    def __init__(self, pending: set[str]) -> None:
        self.pending = pending

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"{node.id}_prev" if node.id in self.pending else node.id, ast.Load())
