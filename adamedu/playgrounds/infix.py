"""Write a line's syntax tree as text, in the order in which it was written."""

from __future__ import annotations

import ast
from typing import cast

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
"""How tightly a text binds."""


class Infix(ast.NodeVisitor):
    """The arithmetic that all notations share; each visit returns a text and how it binds.

    What differs is left to each notation: `name`, `number`, `power` and `call`. Parentheses keep
    the order of the operations, so that the rounding is the same too.
    """

    minus = "-"
    times = " * "
    over = " / "

    def write(self, tree: ast.expr) -> str:
        """Return the text of a tree."""
        return self.show(tree)[0]

    def show(self, tree: ast.expr) -> tuple[str, int]:
        """Return the text of a tree and how tightly it binds."""
        return cast("tuple[str, int]", self.visit(tree))

    def name(self, name: str) -> str:
        """Return the text of a name."""
        raise NotImplementedError

    def number(self, value: float) -> str:
        """Return the text of a number that is written in a line."""
        raise NotImplementedError

    def power(self, base: ast.expr, exponent: ast.expr) -> tuple[str, int]:
        """Return the text of a power, and how it binds."""
        raise NotImplementedError

    def call(self, function: str, arguments: list[ast.expr]) -> tuple[str, int]:
        """Return the text of a call, and how it binds."""
        raise NotImplementedError

    def at_least(self, tree: ast.expr, binding: int) -> str:
        """Return what stands beside an operator, in parentheses where it needs them."""
        text, has = self.show(tree)
        return text if has >= binding else f"({text})"

    def after(self, tree: ast.expr, binding: int) -> str:
        """Return what follows an operator: nothing that starts with a minus."""
        text = self.at_least(tree, binding)
        return f"({text})" if text.startswith(self.minus) else text

    def visit_Name(self, node: ast.Name) -> tuple[str, int]:
        """Write a name."""
        return self.name(node.id), ATOM

    def visit_Constant(self, node: ast.Constant) -> tuple[str, int]:
        """Write a number."""
        return self.number(cast("float", node.value)), ATOM

    def visit_UnaryOp(self, node: ast.UnaryOp) -> tuple[str, int]:
        """Write a sign."""
        operand = self.at_least(node.operand, ATOM)
        return (f"{self.minus}{operand}" if isinstance(node.op, ast.USub) else operand), SIGN

    def visit_BinOp(self, node: ast.BinOp) -> tuple[str, int]:
        """Write an operation."""
        match node.op:
            case ast.Pow():
                return self.power(node.left, node.right)
            case ast.Add() | ast.Sub():
                sign = " + " if isinstance(node.op, ast.Add) else f" {self.minus} "
                return self.at_least(node.left, SUM) + sign + self.after(node.right, PRODUCT), SUM
        sign = self.times if isinstance(node.op, ast.Mult) else self.over
        return self.at_least(node.left, PRODUCT) + sign + self.after(node.right, SIGN), PRODUCT

    def visit_Call(self, node: ast.Call) -> tuple[str, int]:
        """Write a call."""
        return self.call(cast("ast.Name", node.func).id, node.args)
