"""Optimizers read line by line: what is shown is what is in the code."""

import ast
import inspect
import textwrap

import pytest

from adamedu import adagrad, adam, gd, momentum, rmsprop
from adamedu.algebra.walkthrough import operations, side_by_side, walk_through
from adamedu.core.recurrence import RecurrenceError
from adamedu.optimizers import LADDER

LADDERED = pytest.mark.parametrize("optimizer", LADDER, ids=lambda optimizer: optimizer.name)


def assignments(optimizer):
    """The assignments as the function's author wrote them."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(optimizer.function)))
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Assign)]


def cells(markdown):
    return [row.strip("| ").split(" | ") for row in markdown.splitlines()]


class TestWalkThrough:
    @LADDERED
    def test_its_code_is_the_functions_own(self, optimizer):
        shown = repr(walk_through(optimizer)).splitlines()
        assert [ast.unparse(ast.parse(line)) for line in shown] == assignments(optimizer)

    @LADDERED
    def test_each_line_stands_beside_its_equation(self, optimizer):
        head, rule, *rows = cells(walk_through(optimizer)._repr_markdown_())
        assert len(head) == len(rule) == 3
        shown = optimizer.latex().replace("&", "").replace("|", r"\vert ")
        for (equation, code, *_), line in zip(rows, optimizer.lines, strict=True):
            assert equation.removeprefix(r"$\displaystyle ").removesuffix("$") in shown
            assert code.startswith(f"`{line.name} = ")

    def test_notes_stand_at_their_lines(self):
        shown = repr(walk_through(momentum, {"theta": "step"})).splitlines()
        assert not shown[0].endswith("step")
        assert shown[1].endswith("step")

    def test_a_note_for_no_line_is_refused(self):
        with pytest.raises(RecurrenceError, match="no line called 'n'; it has m, theta"):
            walk_through(momentum, {"n": "?"})

    def test_an_old_state_is_told_from_the_new_one_once_both_are_there(self):
        late = momentum.variant(lines={"theta": "theta - lr * m_prev"})
        assert "theta = theta - lr * m_prev" in repr(walk_through(late))

    def test_what_a_variant_takes_in_is_no_line(self):
        late = adam.variant(incoming={"t": "t - 1"}, outgoing={"m": "m_hat"})
        assert repr(walk_through(late)) == repr(walk_through(adam))
        assert walk_through(late)._repr_markdown_() == walk_through(adam)._repr_markdown_()

    def test_a_bar_in_a_formula_does_not_break_the_table(self):
        sized = adagrad.variant(lines={"v": "v + abs(g)"})
        (row,) = [r for r in walk_through(sized)._repr_markdown_().splitlines() if "abs" in r]
        assert row.count("|") == 4


class TestSideBySide:
    def test_every_line_stands_in_its_optimizers_column(self):
        _, _, *rows = side_by_side(momentum, rmsprop, adam)._repr_markdown_().splitlines()
        filled = [[bool(cell.strip()) for cell in row.split("|")[1:-1]] for row in rows]
        assert filled == [
            [True, False, True],  # m
            [False, True, True],  # v
            [False, False, True],  # m_hat
            [False, False, True],  # v_hat
            [True, True, True],  # theta
        ]

    def test_the_step_comes_last_whichever_optimizer_comes_last(self):
        assert repr(side_by_side(adam, gd)).splitlines()[-1].startswith("theta =")

    def test_as_text_its_head_names_the_optimizers(self):
        assert repr(side_by_side(gd, adam)).splitlines()[0].split() == ["gd", "adam"]


@pytest.mark.parametrize(
    ("optimizer", "count"),
    [
        (gd, 2),  # a product, a difference
        (momentum, 5),  # two products and a sum; and gradient descent's
        (adagrad, 7),  # a square, a sum; product, root, sum, quotient, difference
        (rmsprop, 9),  # two products more
        (adam, 14),  # momentum's average, and two corrections
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_operations_are_counted_for_each_parameter(optimizer, count):
    assert operations(optimizer) == count
