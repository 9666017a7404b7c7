"""The unrolled equations: true in every line, equal to what is worked out by hand, and readable."""

from __future__ import annotations

import itertools
import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

from adamedu import unroll
from adamedu.core.recurrence import REQUIRED, RecurrenceError, recurrence
from adamedu.optimizers import (
    LADDER,
    adagrad,
    adam,
    adamax,
    adamw,
    amsgrad,
    gd,
    momentum,
    nesterov,
    rmsprop,
)
from tests.oracles.by_hand import DERIVED

reproducible = settings(derandomize=True, deadline=None, max_examples=30)
every_optimizer = pytest.mark.parametrize("optimizer", LADDER, ids=lambda o: o.name)

# One of each kind of mistake that a lesson may want to show.
VARIANTS = {
    "t one ahead": adam.variant(incoming={"t": "t + 1"}),
    "betas exchanged": adam.variant(incoming={"beta1": "beta2", "beta2": "beta1"}),
    "no correction": adam.variant(lines={"m_hat": "m", "v_hat": "v"}),
    "m_hat by beta2": adam.variant(lines={"m_hat": "m / (1 - beta2**t)"}),
    "stale m": adam.variant(lines={"m_hat": "m_prev / (1 - beta1**t)"}),
    "v of m": adam.variant(lines={"v": "beta2 * v + (1 - beta2) * m**2"}),
    "sizes": rmsprop.variant(lines={"v": "rho * v + (1 - rho) * abs(g)"}),
    "heavy ball": momentum.variant(lines={"m": "beta * m + g"}),
    "wrong sign": momentum.variant(lines={"theta": "theta + lr * m"}),
    "m overwritten": adam.variant(outgoing={"m": "m_hat"}),
    "v overwritten": adam.variant(outgoing={"v": "v_hat"}),
    "memory lost": momentum.variant(incoming={"m": "0 * m"}),
    "eps inside": adagrad.variant(lines={"theta": "theta - lr * g / sqrt(v + eps)"}),
    "decay in the gradient": adamw.variant(
        lines={"m": "beta1 * m + (1 - beta1) * (g + weight_decay * theta)"}
    ),
    "shrinking": gd.variant(lines={"theta": "(1 - lr) * theta - lr * g"}),
    "signs": gd.variant(lines={"theta": "theta - lr * sign(g)"}),
    "largest gradient": momentum.variant(lines={"m": "maximum(m, g)"}),
    "smallest square": rmsprop.variant(lines={"v": "minimum(v + 1, g**2)"}),
}
HYPER = {
    "lr": 0.3, "beta": 0.8, "beta1": 0.7, "beta2": 0.9, "rho": 0.6, "eps": 0.05,
    "weight_decay": 0.2,
}  # fmt: skip
GRADIENTS = [3.0, -4.0, 0.5, 1.25]


def hyper_of(optimizer):
    return {name: HYPER[name] for name in optimizer.hyperparameters}


def numeric(optimizer, gradients, start=2.0, **hyper):
    """Return every line's value by its name in the display, from the recurrence over floats."""
    state = dict.fromkeys(optimizer.state, 0.0) | {"theta": start}
    found = {f"{name}_0": x for name, x in state.items()} | hyper
    for t, g in enumerate(gradients, 1):
        arguments = (state["theta"], g, t, *(state[name] for name in optimizer.state))
        values = optimizer.values(*arguments, **hyper)
        found |= {f"{name}_{t}": float(x) for name, x in values.items()} | {f"g_{t}": g}
        out = optimizer(*arguments, **hyper)
        state = dict(
            zip(optimizer.returned, out if isinstance(out, tuple) else (out,), strict=True)
        )
    return found


def at(expression, found):
    """Return a symbolic value at given numbers."""
    numbers = {x: sp.Rational(str(found[x.name])) for x in expression.free_symbols}
    return float(expression.xreplace(numbers).doit().evalf(25))


def equations(unrolled):
    """Return each line's name and what it equals; what is rounded starts with a tilde."""
    lines = [line.strip().replace(" ≈ ", " = ~") for line in str(unrolled).splitlines()]
    rows = [line.split(" = ") for line in lines if " = " in line and not line.startswith("t = ")]
    return {name: forms for name, *forms in rows}


# ------------------------------------------------------------------------ true, for every optimizer


@pytest.mark.parametrize(
    "optimizer", [*LADDER, *VARIANTS.values()], ids=[*(o.name for o in LADDER), *VARIANTS]
)
def test_symbols_at_numbers_equal_the_numeric_recurrence(optimizer):
    unrolled = unroll(optimizer, steps=4)
    found = numeric(optimizer, GRADIENTS, **hyper_of(optimizer))
    for t in range(1, 5):
        for name in unrolled.names:
            value = at(unrolled[name, t], found)
            assert value == pytest.approx(found[f"{name}_{t}"], rel=1e-12, abs=1e-15), (name, t)


@every_optimizer
@given(data=st.data())
@reproducible
def test_symbols_at_random_numbers_equal_the_numeric_recurrence(optimizer, data):
    gradients = data.draw(st.lists(st.integers(-900, 900).map(lambda n: n / 100), min_size=3))[:3]
    hyper = {
        name: data.draw(st.integers(1, 99).map(lambda n: n / 100), label=name)
        for name in optimizer.hyperparameters
    }
    found = numeric(optimizer, gradients, start=1.5, **hyper)
    unrolled = SYMBOLIC[optimizer.name]
    for name in unrolled.names:
        value = at(unrolled[name, 3], found)
        assert value == pytest.approx(found[f"{name}_3"], rel=1e-12, abs=1e-14), name


SYMBOLIC = {optimizer.name: unroll(optimizer) for optimizer in LADDER}


@pytest.mark.parametrize(
    "optimizer", [*LADDER, *VARIANTS.values()], ids=[*(o.name for o in LADDER), *VARIANTS]
)
@pytest.mark.parametrize("exact", [False, True], ids=["symbols", "numbers"])
def test_every_equation_that_is_shown_is_true(optimizer, exact):
    """Each side of each equals sign is read back and worked out, row by row."""
    hyper = hyper_of(optimizer)
    shown = unroll(optimizer, 4, GRADIENTS if exact else None, theta=2, **(hyper if exact else {}))
    found = numeric(optimizer, GRADIENTS, **hyper)
    known = {"sqrt": math.sqrt, "maximum": max, "minimum": min, "sign": np.sign} | hyper
    known |= {name: x for name, x in found.items() if name.startswith("g_") or name[-2:] == "_0"}
    count = 0
    for row in str(shown).splitlines():
        if row.startswith("  "):
            name, *forms = re.split(" (?:=|≈|<-) ", row.strip())
            values = [eval(form, known) for form in forms]  # noqa: S307  (our own text)
            assert values
            if " <- " in row:
                known[name] = values[0]
                continue
            exactly = values[:-1] if "≈" in row else values
            assert exactly == pytest.approx([found[name]] * len(exactly), rel=1e-11, abs=1e-12)
            assert values[-1] == pytest.approx(found[name], rel=1e-5)
            known[name] = found[name]
            count += 1
    assert count == 4 * len(optimizer.lines)


@every_optimizer
def test_exact_values_are_those_derived_by_hand(optimizer):
    hyper, start, gradients, after, _ = DERIVED[optimizer.name]
    unrolled = unroll(optimizer, None, gradients, theta=start, **hyper)
    assert unrolled["theta", 0] == sp.Rational(start.numerator, start.denominator)
    for name, values in after.items():
        assert [unrolled[name, t] for t in range(1, len(values) + 1)] == [
            sp.Rational(Fraction(x).numerator, Fraction(x).denominator) for x in values
        ]


def test_adam_in_closed_form():
    """m, v and m_hat are weighted sums, by the formulas of the paper's section 3."""
    b, c, g = 0.7, 0.9, GRADIENTS
    found = {"beta1": b, "beta2": c} | {f"g_{t}": x for t, x in enumerate(g, 1)}
    unrolled = unroll(adam, steps=4)
    for t in range(1, 5):
        m = (1 - b) * sum(b ** (t - i) * g[i - 1] for i in range(1, t + 1))
        v = (1 - c) * sum(c ** (t - i) * g[i - 1] ** 2 for i in range(1, t + 1))
        assert at(unrolled["m", t], found) == pytest.approx(m, rel=1e-12)
        assert at(unrolled["v", t], found) == pytest.approx(v, rel=1e-12)
        assert at(unrolled["m_hat", t], found) == pytest.approx(m / (1 - b**t), rel=1e-12)
        assert at(unrolled["v_hat", t], found) == pytest.approx(v / (1 - c**t), rel=1e-12)


# ----------------------------------------------------------------------------- as a teacher writes


ADAM = """\
m_0 = v_0 = 0
t = 1
  m_1 = beta1*m_0 + (1 - beta1)*g_1 = (1 - beta1)*g_1
  v_1 = beta2*v_0 + (1 - beta2)*g_1**2 = (1 - beta2)*g_1**2
  m_hat_1 = m_1/(1 - beta1**1) = g_1
  v_hat_1 = v_1/(1 - beta2**1) = g_1**2
  theta_1 = theta_0 - lr*m_hat_1/(sqrt(v_hat_1) + eps) = theta_0 - lr*g_1/(abs(g_1) + eps)
t = 2
  m_2 = beta1*m_1 + (1 - beta1)*g_2 = (1 - beta1)*(beta1*g_1 + g_2)
  v_2 = beta2*v_1 + (1 - beta2)*g_2**2 = (1 - beta2)*(beta2*g_1**2 + g_2**2)
  m_hat_2 = m_2/(1 - beta1**2) = (beta1*g_1 + g_2)/(1 + beta1)
  v_hat_2 = v_2/(1 - beta2**2) = (beta2*g_1**2 + g_2**2)/(1 + beta2)
  theta_2 = theta_1 - lr*m_hat_2/(sqrt(v_hat_2) + eps)
t = 3
  m_3 = beta1*m_2 + (1 - beta1)*g_3 = (1 - beta1)*(beta1**2*g_1 + beta1*g_2 + g_3)
  v_3 = beta2*v_2 + (1 - beta2)*g_3**2 = (1 - beta2)*(beta2**2*g_1**2 + beta2*g_2**2 + g_3**2)
  m_hat_3 = m_3/(1 - beta1**3) = (beta1**2*g_1 + beta1*g_2 + g_3)/(1 + beta1 + beta1**2)
  v_hat_3 = v_3/(1 - beta2**3) = (beta2**2*g_1**2 + beta2*g_2**2 + g_3**2)/(1 + beta2 + beta2**2)
  theta_3 = theta_2 - lr*m_hat_3/(sqrt(v_hat_3) + eps)"""


def test_the_three_expansions_of_adam():
    assert str(unroll(adam)) == ADAM


@pytest.mark.parametrize(
    ("optimizer", "name", "expected"),
    [
        (gd, "theta", "theta_0 - lr*(g_1 + g_2 + g_3)"),
        (
            momentum,
            "theta",
            "theta_0 - lr*(1 - beta)*((1 + beta + beta**2)*g_1 + (1 + beta)*g_2 + g_3)",
        ),
        (adagrad, "v", "g_1**2 + g_2**2 + g_3**2"),
        (adagrad, "theta", "theta_2 - lr*g_3/(sqrt(g_1**2 + g_2**2 + g_3**2) + eps)"),
        (rmsprop, "v", "(1 - rho)*(rho**2*g_1**2 + rho*g_2**2 + g_3**2)"),
        (amsgrad, "v_max", "maximum(v_1, v_2, v_3)"),
        (amsgrad, "v_hat", "maximum(v_1, v_2, v_3)/(1 - beta2**3)"),
        (adamax, "u", "maximum(beta2**2*abs(g_1), beta2*abs(g_2), abs(g_3))"),
        (adamw, "theta", "theta_2 - lr*(m_hat_3/(sqrt(v_hat_3) + eps) + weight_decay*theta_2)"),
        (VARIANTS["heavy ball"], "m", "beta**2*g_1 + beta*g_2 + g_3"),
        (VARIANTS["sizes"], "v", "(1 - rho)*(rho**2*abs(g_1) + rho*abs(g_2) + abs(g_3))"),
        (VARIANTS["stale m"], "m_hat", "(beta1*g_1 + g_2)/(1 + beta1 + beta1**2)"),
        (
            VARIANTS["m_hat by beta2"],
            "m_hat",
            "(1 - beta1)*(beta1**2*g_1 + beta1*g_2 + g_3)/(1 - beta2**3)",
        ),
        (
            VARIANTS["shrinking"],
            "theta",
            "(1 - lr)**3*theta_0 - lr*((1 - 2*lr + lr**2)*g_1 + (1 - lr)*g_2 + g_3)",
        ),
        (VARIANTS["largest gradient"], "m", "maximum(m_0, g_1, g_2, g_3)"),
        (VARIANTS["memory lost"], "m", "(1 - beta)*g_3"),
    ],
)  # fmt: skip
def test_the_third_step_is_collected_by_gradient(optimizer, name, expected):
    assert equations(unroll(optimizer).only(name))[f"{name}_3"][-1] == expected


def test_the_first_maximum_drops_the_zero_that_it_starts_from():
    rows = equations(unroll(amsgrad, steps=2).only("v_max"))
    assert rows["v_max_1"] == ["maximum(v_max_0, v_1)", "v_1"]
    assert rows["v_max_2"] == ["maximum(v_max_1, v_2)", "maximum(v_1, v_2)"]


def test_a_maximum_with_zero_that_can_decide_keeps_it():
    unrolled = unroll(VARIANTS["largest gradient"], steps=2)
    g_1, g_2 = sp.symbols("g_1 g_2", real=True)
    for values, largest in (((-3, -1), 0), ((-3, 2), 2), ((4, 2), 4)):
        chosen = unrolled["m", 2].subs(dict(zip((g_1, g_2), values, strict=True)))
        assert chosen == largest


def test_exact_working_shows_the_numbers_put_in():
    unrolled = unroll(adam, gradients=[3, "-4"], lr="1/2", beta1=0.5, beta2=0.75, eps=0)
    assert str(unrolled).splitlines() == [
        "theta_0 = m_0 = v_0 = 0",
        "t = 1",
        "  m_1 = 1/2*0 + (1 - 1/2)*3 = 3/2 = 1.5",
        "  v_1 = 3/4*0 + (1 - 3/4)*3**2 = 9/4 = 2.25",
        "  m_hat_1 = (3/2)/(1 - (1/2)**1) = 3",
        "  v_hat_1 = (9/4)/(1 - (3/4)**1) = 9",
        "  theta_1 = 0 - 1/2*3/(sqrt(9) + 0) = -1/2 = -0.5",
        "t = 2",
        "  m_2 = 1/2*(3/2) + (1 - 1/2)*(-4) = -5/4 = -1.25",
        "  v_2 = 3/4*(9/4) + (1 - 3/4)*(-4)**2 = 91/16 = 5.6875",
        "  m_hat_2 = -(5/4)/(1 - (1/2)**2) = -5/3 ≈ -1.66667",
        "  v_hat_2 = (91/16)/(1 - (3/4)**2) = 13",
        "  theta_2 = -1/2 - 1/2*(-5/3)/(sqrt(13) + 0) = -1/2 + 5*sqrt(13)/78 ≈ -0.268875",
    ]


def test_roots_stay_as_surds_with_a_decimal():
    unrolled = unroll(rmsprop, gradients=[3], lr=1, rho=0.9, eps=0)
    assert unrolled["theta", 1] == -sp.sqrt(10)
    assert str(unrolled).endswith("= -sqrt(10) ≈ -3.16228")


def test_a_root_in_a_denominator_gives_its_decimal_only():
    """3 / (sqrt(0.9) + 1) = 3 / 1.948683…"""
    unrolled = unroll(rmsprop, gradients=[3], lr=1, rho=0.9, eps=1)
    assert str(unrolled).endswith("= 0 - 1*3/(sqrt(9/10) + 1) ≈ -1.5395")


def test_a_long_number_gives_its_decimal_and_goes_on_by_its_name():
    lines = str(unroll(adam, gradients=[3, -4, 0.5])).splitlines()
    assert lines[-1].startswith("  theta_3 = theta_2 - 1/1000*(-67/271)/(sqrt(")
    assert lines[-1].endswith(" ≈ -0.000721256")
    assert " = " not in lines[-1].split("≈")[0].split(" = ", 1)[1]


def test_what_is_not_defined_says_so_and_what_does_not_depend_on_it_goes_on():
    behind = adam.variant(incoming={"t": "t - 1"})
    for unrolled in (unroll(behind, steps=2), unroll(behind, gradients=[1, 2])):
        rows = equations(unrolled)
        assert rows["m_hat_1"][-1] == rows["theta_1"][-1] == rows["theta_2"][-1] == "undefined"
        assert "(1 - 1)" in rows["m_hat_1"][0]
        assert rows["m_2"][-1] != "undefined"
        assert rows["m_hat_2"][-1] != "undefined"
    negative = rmsprop.variant(lines={"v": "rho * v + (1 - rho) * g"})
    assert equations(unroll(negative, gradients=[-1]))["theta_1"][-1] == "undefined"
    assert equations(unroll(adam, gradients=[0], eps=0))["theta_1"][-1] == "undefined"


def test_the_root_of_a_negative_number_stays_undefined_whatever_follows():
    """As in NumPy; squaring an imaginary number would bring it back."""
    negative = rmsprop.variant(lines={"v": "g", "theta": "maximum(sqrt(v)**2, 1)"})
    assert unroll(negative, gradients=[-1])["theta", 1] is sp.nan
    power = rmsprop.variant(lines={"v": "g", "theta": "maximum(v**0.5, 1)"})
    assert unroll(power, gradients=[-1])["theta", 1] is sp.nan


def test_a_value_returned_in_the_place_of_a_line_has_its_own_row():
    shown = str(unroll(VARIANTS["m overwritten"], steps=2).only("m", "m_hat")).splitlines()
    assert shown[4] == "  m_1 <- m_hat_1"
    assert shown[6] == "  m_2 = beta1*m_1 + (1 - beta1)*g_2 = beta1*g_1 + (1 - beta1)*g_2"
    exact = str(unroll(VARIANTS["m overwritten"], gradients=[1, 2], beta1=0.5).only("m"))
    assert exact.splitlines()[3:] == [
        "  m_1 <- 1",
        "t = 2",
        "  m_2 = 1/2*1 + (1 - 1/2)*2 = 3/2 = 1.5",
        "  m_2 <- 2",
    ]


def test_a_hyperparameter_given_among_symbols_is_a_number_and_is_shown():
    unrolled = unroll(momentum, beta="1/2", theta=3)
    assert str(unrolled).splitlines()[:3] == ["beta = 1/2", "theta_0 = 3", "m_0 = 0"]
    assert unrolled.weights("m") == [sp.Rational(1, 8), sp.Rational(1, 4), sp.Rational(1, 2)]
    lr = sp.Symbol("lr", positive=True)
    assert sp.expand(unrolled.weights("theta", 2)[0] + lr * sp.Rational(3, 4)) == 0


def test_a_long_run_goes_on_from_symbols_so_that_it_does_not_grow():
    lengths = [len(str(step.values["theta"])) for step in unroll(amsgrad, steps=9)._run]
    one_more_term_each = len(" + beta1**9*g_9") + len(" + beta2**9*g_9**2")
    assert max(np.diff(lengths[2:])) <= one_more_term_each


def test_only_some_lines_are_shown_and_all_are_kept():
    some = unroll(adam, steps=2).only("v_hat", "m")
    assert list(equations(some)) == ["m_0", "m_1", "v_hat_1", "m_2", "v_hat_2"]
    assert str(some).startswith("m_0 = 0\n")
    assert some["v", 2] == unroll(adam, steps=2)["v", 2]


def test_it_shows_itself_in_latex_and_in_text():
    unrolled = unroll(adam, steps=2)
    assert repr(unrolled) == str(unrolled)
    assert unrolled._repr_latex_() == f"$${unrolled.latex()}$$"
    assert unrolled.latex().startswith("\\begin{aligned}\nm_{0} = v_{0} &= 0")
    rows = unrolled.latex().replace("\\\\[4pt]", "\\\\[16pt]").split("\\\\[16pt]\n")
    assert r"t &= 2" in rows
    assert (
        r"\hat{m}_{2} &= \frac{m_{2}}{1 - \beta_{1}^{2}}"
        r" & &= \frac{\beta_{1} g_{1} + g_{2}}{1 + \beta_{1}}"
    ) in rows


@every_optimizer
@pytest.mark.parametrize("gradients", [None, [3, "-1/4"]], ids=["symbols", "numbers"])
def test_every_row_of_the_latex_renders(optimizer, gradients):
    """By matplotlib, an independent reader of TeX."""
    latex = unroll(optimizer, 2, gradients).latex()
    rows = re.split(r"\\\\\[\d+pt\]\n", latex.split("\n", 1)[1].rsplit("\n", 1)[0])
    assert len(rows) >= 2 * (1 + len(optimizer.lines))
    for row in rows:
        width, *_ = MathTextParser("path").parse(f"${row.replace('&', '')}$")
        assert width > 0


def test_exact_latex_marks_what_is_rounded():
    rows = unroll(adagrad, gradients=["1/3"], eps=0, lr="1/7").latex().splitlines()
    assert rows[3] == (
        r"v_{1} &= 0 + \left(\frac{1}{3}\right)^{2} & &= \frac{1}{9} & &\approx 0.111111\\[4pt]"
    )


# --------------------------------------------------------------------------------------- weights


@pytest.mark.parametrize("t", range(1, 9))
@pytest.mark.parametrize(
    ("optimizer", "line", "decay"),
    [(momentum, "m", "beta"), (adam, "m", "beta1"), (adam, "v", "beta2"), (rmsprop, "v", "rho")],
    ids=lambda x: getattr(x, "name", x),
)
def test_the_weights_of_an_average_decay_and_sum_to_one_minus_beta_to_the_t(
    optimizer, line, decay, t
):
    beta = sp.Symbol(decay, positive=True)
    unrolled = unroll(optimizer, steps=8)
    weights = unrolled.weights(line, t)
    expected = [(1 - beta) * beta ** (t - i) for i in range(1, t + 1)]
    assert [sp.expand(a - b) for a, b in zip(weights, expected, strict=True)] == [0] * t
    assert sp.expand(unrolled.sum_of_weights(line, t) - (1 - beta**t)) == 0


def test_the_sum_is_one_minus_beta_to_the_t_for_every_t():
    """By induction through the function itself: a constant gradient of 1 gives the sum."""
    t, beta1, beta2 = sp.symbols("t beta1 beta2", positive=True)
    hyper = {"lr": 1, "eps": 0, "beta1": beta1, "beta2": beta2}
    bound = adam.bind({"sqrt": sp.sqrt})
    first = bound.values(0, 1, 1, 0, 0, **hyper)
    step = bound.values(0, 1, t, 1 - beta1 ** (t - 1), 1 - beta2 ** (t - 1), **hyper)
    for line, beta in (("m", beta1), ("v", beta2)):
        assert sp.expand(first[line] - (1 - beta)) == 0
        assert sp.expand(step[line] - (1 - beta**t), power_exp=True) == 0
    i, n = sp.symbols("i n", integer=True, positive=True)
    terms = sp.summation((1 - beta1) * beta1**i, (i, 0, n - 1))
    assert sp.simplify(terms - (1 - beta1**n)) == 0


def test_corrected_averages_weigh_to_one():
    unrolled = unroll(adam, steps=6)
    assert [unrolled.sum_of_weights("m_hat", t) for t in range(1, 7)] == [1] * 6
    assert unrolled.sum_of_weights("v_hat") == 1


def test_a_sum_weighs_every_square_alike():
    unrolled = unroll(adagrad, steps=7)
    assert unrolled.weights("v", 5) == [1] * 5
    assert [unrolled.sum_of_weights("v", t) for t in range(1, 8)] == list(range(1, 8))


def test_how_far_each_gradient_has_moved_the_parameter():
    lr, beta = sp.symbols("lr beta", positive=True)
    assert unroll(gd, steps=2).weights("theta") == [-lr, -lr]
    for optimizer, powers in ((momentum, (2, 1)), (nesterov, (3, 2))):
        weights = unroll(optimizer, steps=2).weights("theta")
        expected = [-lr * (1 - beta**n) for n in powers]
        assert [sp.expand(a - b) for a, b in zip(weights, expected, strict=True)] == [0, 0]


def test_a_gradient_without_weight_counts_as_zero():
    weights = unroll(VARIANTS["stale m"], steps=2).weights("m_hat")
    assert weights == [1 / (1 + sp.Symbol("beta1", positive=True)), 0]


@pytest.mark.parametrize(
    ("optimizer", "line"),
    [
        (adam, "theta"),
        (amsgrad, "v_max"),
        (VARIANTS["v of m"], "v"),
        (VARIANTS["decay in the gradient"], "m"),
        (VARIANTS["signs"], "theta"),
    ],
)
def test_what_is_no_weighted_sum_has_no_weights(optimizer, line):
    with pytest.raises(ValueError, match=f"^{line} at t = 3 is not a weighted sum"):
        unroll(optimizer).weights(line)


def test_weights_need_symbols():
    with pytest.raises(ValueError, match="call unroll without gradients"):
        unroll(adam, gradients=[1, 2]).weights("m")


# ------------------------------------------------------------------------------------ what is given


@pytest.mark.parametrize(
    "gradient",
    [
        0.1, "0.1", "1/10", " 1/10 ", "1e-1", Fraction(1, 10), Decimal("0.1"), np.float64(0.1),
        np.float32(0.1), np.array(0.1), sp.Rational(1, 10),
    ],
    ids=repr,
)  # fmt: skip
def test_a_number_is_read_by_its_decimal_digits(gradient):
    assert unroll(gd, gradients=[gradient], lr=1)["theta", 1] == sp.Rational(-1, 10)


def test_the_functions_own_defaults_are_exact():
    unrolled = unroll(adam, gradients=[1])
    assert unrolled["m", 1] == sp.Rational(1, 10)
    assert unrolled["theta", 1] == -sp.Rational(1, 1000) / (1 + sp.Rational(1, 10**8))


@pytest.mark.parametrize("power", [400, -400])
def test_four_hundred_powers_of_ten_are_read(power):
    assert f"= -1e{power - 1:+}" in str(unroll(gd, gradients=[f"1e{power}"]))


def test_steps_choose_the_first_gradients():
    assert unroll(gd, steps=2, gradients=(g for g in (1, 2, 3))).steps == 2
    assert unroll(gd, gradients=np.array([1.0, 2.0])).steps == 2
    assert unroll(gd).steps == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"gradients": []}, "gradients is empty"),
        ({"gradients": "123"}, "it should be a list, one number per step"),
        ({"gradients": 3}, "it should be a list, one number per step"),
        ({"gradients": [1, math.nan]}, "gradient 2 is nan: it should be a number"),
        ({"gradients": [math.inf]}, "gradient 1 is inf"),
        ({"gradients": ["x"]}, "gradient 1 is 'x': it should be a number such as 3, 0.25 or '1/3'"),
        ({"gradients": ["1/0"]}, "gradient 1 is '1/0'"),
        ({"gradients": ["1e999999999"]}, "gradient 1 is '1e999999999'"),
        ({"gradients": ["1e401"]}, "gradient 1 is '1e401'"),
        ({"gradients": ["1e-401"]}, "gradient 1 is '1e-401'"),
        ({"gradients": [""]}, "gradient 1 is ''"),
        ({"gradients": [None]}, "gradient 1 is None"),
        ({"gradients": [True]}, "gradient 1 is True"),
        ({"gradients": [1j]}, "gradient 1 is 1j"),
        ({"gradients": [[1, 2]]}, "gradient 1 has several coordinates: unroll follows one number"),
        ({"gradients": np.ones((2, 3))}, "gradient 1 has several coordinates"),
        ({"gradients": [1], "theta": [1, 2]}, "theta has several coordinates"),
        ({"gradients": [1], "lr": "fast"}, "lr is 'fast'"),
        ({"beta3": 0.9}, "adam has no hyperparameter 'beta3'; it has lr, beta1, beta2, eps"),
        ({"steps": 0}, "1 to 50 steps, not 0"),
        ({"steps": 51}, "1 to 50 steps, not 51"),
        ({"steps": 2.5}, "1 to 50 steps, not 2.5"),
        ({"gradients": [1] * 51}, "1 to 50 steps, not 51"),
        ({"gradients": itertools.count()}, "1 to 50 steps, not 51 or more"),
        ({"steps": True}, "1 to 50 steps, not True"),
        ({"bta1": 0.9}, "it has lr, beta1, beta2, eps. Did you mean beta1?"),
        ({"steps": 3, "gradients": [1]}, "3 steps need 3 gradients; there are 1"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_makes_no_sense_is_refused(arguments, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        unroll(adam, **arguments)


def test_values_start_at_zero_and_have_names():
    unrolled = unroll(adam)
    assert unrolled["m", 0] == unrolled["v", 0] == 0
    assert unrolled["theta", 0] == sp.Symbol("theta_0", real=True)
    assert unrolled.names == ("m", "v", "m_hat", "v_hat", "theta")
    for key in (("nu", 1), ("m", 4), ("m", -1), ("m_hat", 0)):
        with pytest.raises(LookupError, match=key[0]):
            unrolled[key]
    with pytest.raises(LookupError, match="there is no line 'nu'; there are m, v, m_hat"):
        unrolled.only("nu")
    with pytest.raises(LookupError, match=r"ask for a line and a step, as in \['m', 2\]"):
        unrolled["m"]  # type: ignore[index]


# ---------------------------------------------------------------------------- a learner's function


def mine(theta, g, t, cache, *, rate):
    """Decay 1 - 1/t, a root by a power, and numbers in the lines."""
    cache = (1 - 1 / t) * cache + 0.1 * g**2
    step = g / np.maximum(cache**0.5, 1e-3)
    theta = theta - rate * np.sum(step)
    return theta, cache


def test_a_learners_own_function_is_unrolled_exactly():
    unrolled = unroll(mine, gradients=[1, 3], rate=1)
    assert unrolled["cache", 1] == sp.Rational(1, 10)
    assert unrolled["cache", 2] == sp.Rational(1, 20) + sp.Rational(9, 10)
    assert unrolled["theta", 1] == -sp.sqrt(10)
    assert unroll(mine).weights("cache") == [
        sp.Rational(1, 30),
        sp.Rational(1, 15),
        sp.Rational(1, 10),
    ]
    assert r"\mathrm{cache}_{1}" in unroll(mine).latex()


def test_a_missing_default_is_asked_for():
    assert recurrence(mine).hyperparameters == {"rate": REQUIRED}
    with pytest.raises(ValueError, match="mine has no default for rate: give it as rate="):
        unroll(mine, gradients=[1])


def test_a_function_that_cannot_be_read_is_refused():
    def augmented(theta, g, t):
        theta -= g * t
        return theta

    for function in (augmented, max):
        with pytest.raises(RecurrenceError):
            unroll(function)
