"""The lines of a recurrence in LaTeX: what is written, that it renders, and that it is true."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

from adamedu.core import typesetting
from adamedu.core.recurrence import recurrence
from adamedu.optimizers import LADDER, adam, adamw, amsgrad, gd, momentum, nesterov

reproducible = settings(derandomize=True, deadline=None, max_examples=200)

GOLDEN = {
    gd: r"\theta_{t} &= \theta_{t-1} - \alpha g_{t}",
    nesterov: r"""
        m_{t} &= \beta m_{t-1} + (1 - \beta) g_{t}
        \theta_{t} &= \theta_{t-1} - \alpha (\beta m_{t} + (1 - \beta) g_{t})
    """,
    amsgrad: r"""
        m_{t} &= \beta_{1} m_{t-1} + (1 - \beta_{1}) g_{t}
        v_{t} &= \beta_{2} v_{t-1} + (1 - \beta_{2}) g_{t}^{2}
        v^{\max}_{t} &= \max\left(v^{\max}_{t-1}, v_{t}\right)
        \hat{m}_{t} &= \frac{m_{t}}{1 - \beta_{1}^{t}}
        \hat{v}_{t} &= \frac{v^{\max}_{t}}{1 - \beta_{2}^{t}}
        \theta_{t} &= \theta_{t-1} - \alpha \frac{\hat{m}_{t}}{\sqrt{\hat{v}_{t}} + \epsilon}
    """,
    adamw: r"""
        m_{t} &= \beta_{1} m_{t-1} + (1 - \beta_{1}) g_{t}
        v_{t} &= \beta_{2} v_{t-1} + (1 - \beta_{2}) g_{t}^{2}
        \hat{m}_{t} &= \frac{m_{t}}{1 - \beta_{1}^{t}}
        \hat{v}_{t} &= \frac{v_{t}}{1 - \beta_{2}^{t}}
        \theta_{t} &= \theta_{t-1} - \alpha \left(\frac{\hat{m}_{t}}{\sqrt{\hat{v}_{t}} + \epsilon} + \lambda \theta_{t-1}\right)
    """,  # noqa: E501  (a line of the paper)
}


def rows(latex):
    """Return the rows of a display."""
    start, end = "\\begin{aligned}\n", "\n\\end{aligned}"
    assert latex.startswith(start)
    assert latex.endswith(end)
    return re.split(r"\\\\\[\d+pt\]\n", latex.removeprefix(start).removesuffix(end))


def renders(row):
    """Whether matplotlib, an independent reader of TeX, sets a row."""
    width, *_ = MathTextParser("path").parse(f"${row.replace('&', '')}$")
    return width > 0


@pytest.mark.parametrize("optimizer", GOLDEN, ids=lambda o: o.name)
def test_the_lines_are_those_of_the_paper(optimizer):
    expected = [line.strip() for line in GOLDEN[optimizer].strip().splitlines()]
    assert rows(optimizer.latex()) == expected


@pytest.mark.parametrize("optimizer", LADDER, ids=lambda o: o.name)
def test_every_optimizer_has_a_row_per_line_and_each_renders(optimizer):
    written = rows(optimizer.latex())
    assert len(written) == len(optimizer.lines)
    assert all(renders(row) for row in written)
    assert optimizer._repr_latex_() == f"$${optimizer.latex()}$$"


def test_a_variant_shows_what_it_takes_and_returns_instead_with_arrows():
    wrong = adam.variant(incoming={"t": "t - 1"}, lines={"m_hat": "m"}, outgoing={"v": "v_hat"})
    written = rows(wrong.latex())
    assert written[0] == r"t &\leftarrow t - 1"
    assert written[3] == r"\hat{m}_{t} &= m_{t}"
    assert written[-1] == r"v_{t} &\leftarrow \hat{v}_{t}"
    assert all(renders(row) for row in written)


def test_a_state_that_comes_in_replaced_is_the_old_one():
    reset = momentum.variant(incoming={"m": "0 * m", "theta": "theta - g"})
    assert rows(reset.latex())[:2] == [
        r"m_{t-1} &\leftarrow 0 m_{t-1}",
        r"\theta_{t-1} &\leftarrow \theta_{t-1} - g_{t}",
    ]


def test_a_learners_words_stay_words():
    @recurrence
    def mine(theta, g, t, cache, *, step_size=0.1):
        """Words and letters."""
        a = np.abs(g) ** 0.5
        b = 100000 * t
        cache = 0.5 * cache + a
        step = np.sign(g) * np.minimum(a, b)
        theta = theta - step_size * step
        return theta, cache

    written = rows(mine.latex())
    assert written == [
        r"a_{t} &= \left|g_{t}\right|^{0.5}",
        r"b_{t} &= 10^{5} t",
        r"\mathrm{cache}_{t} &= 0.5 \, \mathrm{cache}_{t-1} + a_{t}",
        r"\mathrm{step}_{t} &= \operatorname{sign}\left(g_{t}\right) \min\left(a_{t}, b_{t}\right)",
        r"\theta_{t} &= \theta_{t-1} - \mathrm{step\_size} \, \mathrm{step}_{t}",
    ]
    assert all(renders(row) for row in written)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("theta", r"\theta"),
        ("lr", r"\alpha"),
        ("beta", r"\beta"),
        ("beta1", r"\beta_{1}"),
        ("beta2", r"\beta_{2}"),
        ("rho", r"\rho"),
        ("eps", r"\epsilon"),
        ("weight_decay", r"\lambda"),
        ("g", "g"),
        ("m_hat", r"\hat{m}"),
        ("g_bar", r"\bar{g}"),
        ("v_max", r"v^{\max}"),
        ("m2", "m_{2}"),
        ("L", "L"),
        ("momentum", r"\mathrm{momentum}"),
        ("grad2", r"\mathrm{grad2}"),
        ("cache_hat", r"\mathrm{cache\_hat}"),
        ("m_new", r"\mathrm{m\_new}"),
        ("größe", r"\mathrm{größe}"),
    ],
)
def test_names_are_the_fields_letters(name, expected):
    assert typesetting.symbol(name) == expected


def test_an_index_joins_the_digits_of_a_name():
    assert typesetting.symbol("m2", "t") == "m_{2,t}"
    assert typesetting.symbol("v_max", "t-1") == r"v^{\max}_{t-1}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a - (b - c)", "a - (b - c)"),
        ("a - b - c", "a - b - c"),
        ("a + (b - c)", "a + b - c"),
        ("a * (b + c)", "a (b + c)"),
        ("-(a + b)", "-(a + b)"),
        ("a * -b", "a (-b)"),
        ("a - -b", "a - (-b)"),
        ("-a * b", "-a b"),
        ("(-a)**2", "(-a)^{2}"),
        ("-a**2", "-a^{2}"),
        ("(a * b)**2", "(a b)^{2}"),
        ("(a / b)**2", r"\left(\frac{a}{b}\right)^{2}"),
        ("a**b**c", "a^{b^{c}}"),
        ("(a**b)**c", "(a^{b})^{c}"),
        ("v_max**2", r"(v^{\max})^{2}"),
        ("sqrt(a)**2", r"\left(\sqrt{a}\right)^{2}"),
        ("2 * 3", r"2 \cdot 3"),
        ("a * 3", r"a \cdot 3"),
        ("3 * a", "3 a"),
        ("1 / 2 * (3 / 4)", r"\frac{1}{2} \cdot \frac{3}{4}"),
        ("-13 / 19", r"-\frac{13}{19}"),
        ("a * b / c", r"a \frac{b}{c}"),
        ("a / b / c", r"\frac{\frac{a}{b}}{c}"),
        ("(a + b) / (c * a)", r"\frac{a + b}{c a}"),
        ("1e-8", "10^{-8}"),
        ("2.5e-9", r"2.5 \cdot 10^{-9}"),
        ("a * 1e-8", r"a \cdot 10^{-8}"),
        ("(1e-8)**2", "(10^{-8})^{2}"),
        ("100000", "10^{5}"),
        ("1000", "1000"),
    ],
)
def test_signs_parentheses_and_dots(source, expected):
    assert typesetting.expression(typesetting.parse(source)) == expected


# ------------------------------------------------------------- what is written means what was meant

VALUES = {"a": Fraction(2, 3), "b": Fraction(-5, 7), "c": Fraction(3), "v_max": Fraction(1, 4)}
leaves = st.sampled_from([*VALUES, "2", "7", "10"]).map(typesetting.parse)
operators = st.sampled_from([ast.Add, ast.Sub, ast.Mult, ast.Div])


def deeper(children):
    """Return trees over these."""
    return st.one_of(
        st.builds(lambda a, op, b: ast.BinOp(a, op(), b), children, operators, children),
        st.builds(lambda a: ast.UnaryOp(ast.USub(), a), children),
        st.builds(lambda a: ast.BinOp(a, ast.Pow(), ast.Constant(2)), children),
        st.builds(lambda a: ast.Call(ast.Name("abs", ast.Load()), [a], []), children),
        st.builds(
            lambda a, b: ast.Call(ast.Name("maximum", ast.Load()), [a, b], []), children, children
        ),
    )


trees = st.recursive(leaves, deeper, max_leaves=12)


def value(tree):
    """Evaluate a tree exactly, or None where it divides by zero."""
    exact = ast.fix_missing_locations(ast.Expression(Exact().visit(tree)))
    names = VALUES | {"maximum": max, "F": Fraction}
    try:
        return eval(compile(exact, "", "eval"), names)  # noqa: S307  (a tree drawn above)
    except ZeroDivisionError:
        return None


class Exact(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Call(ast.Name("F", ast.Load()), [ast.Constant(str(node.value))], [])


class Reader:
    """Read the small TeX that the printer writes, by the rules of mathematics, and evaluate it."""

    NAMES: ClassVar = {"a": "a", "b": "b", "c": "c", r"v^{\max}": "v_max"}
    TOKEN = re.compile(r"\s*(v\^\{\\max\}|\\left|\\right|\\[a-z]+|\d+|.)")

    def __init__(self, text):
        self.tokens = [*self.TOKEN.findall(text), ""]

    def take(self, *expected):
        found = self.tokens.pop(0)
        assert not expected or found in expected, (found, expected)
        return found

    def group(self):
        self.take("{")
        inside = self.sum()
        self.take("}")
        return inside

    def sum(self):
        sign = -1 if self.tokens[0] == "-" and self.take() else 1
        total = sign * self.product()
        while self.tokens[0] in {"+", "-"}:
            sign = 1 if self.take() == "+" else -1
            total += sign * self.product()
        return total

    def product(self):
        total = self.power()
        while self.tokens[0] not in {"+", "-", "}", ")", "|", ",", r"\right", ""}:
            if self.tokens[0] == r"\cdot":
                self.take()
            else:
                assert not self.tokens[0].isdigit(), "two numbers would run together"
            total *= self.power()
        return total

    def power(self):
        base = self.atom()
        if self.tokens[0] == "^":
            self.take()
            base **= self.group()
            assert self.tokens[0] != "^"
        return base

    def atom(self):
        found = self.take()
        if found == r"\left":
            found = self.take("(", "|")
            inside = self.sum()
            self.take(r"\right")
        elif found == "(":
            inside = self.sum()
        elif found == r"\frac":
            return self.group() / self.group()
        elif found == r"\max":
            self.take(r"\left")
            self.take("(")
            arguments = [self.sum()]
            self.take(",")
            arguments.append(self.sum())
            self.take(r"\right")
            self.take(")")
            return max(arguments)
        else:
            return VALUES[self.NAMES[found]] if found in self.NAMES else Fraction(found)
        self.take({"(": ")", "|": "|"}[found])
        return abs(inside) if found == "|" else inside


@given(trees)
@reproducible
def test_the_latex_has_the_value_of_the_tree(tree):
    latex = typesetting.expression(tree)
    expected = value(typesetting.put(tree, {}))
    if expected is not None:
        reader = Reader(latex)
        assert reader.sum() == expected, latex
        assert reader.tokens == [""], latex


@given(trees)
@reproducible
def test_the_plain_text_has_the_value_of_the_tree(tree):
    text = typesetting.plain(tree)
    assert value(typesetting.parse(text)) == value(typesetting.put(tree, {})), text


def test_put_leaves_the_original_as_it_was():
    tree = typesetting.parse("a + sqrt(a * b)")
    changed = typesetting.put(tree, {"a": typesetting.parse("-1 / 2")})
    assert typesetting.plain(changed) == "-1/2 + sqrt(-1/2*b)"
    assert typesetting.plain(tree) == "a + sqrt(a*b)"


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("2 * g / v", r"\frac{2 g}{v}"),
        ("lr * g / v", r"\alpha \frac{g}{v}"),
        ("1 / 2 * g / v", r"\frac{1}{2} \cdot \frac{g}{v}"),
    ],
)
def test_a_factor_that_is_a_name_or_a_fraction_stands_before_the_fraction(text, latex):
    assert typesetting.expression(typesetting.parse(text)) == latex
