"""What is read from a step function: its schema, its lines, its variants, and what is refused."""

from __future__ import annotations

import linecache
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamedu.core.recurrence import REQUIRED, RecurrenceError, recurrence
from adamedu.optimizers import LADDER, adam, adamw, amsgrad, gd, momentum

every_optimizer = pytest.mark.parametrize("optimizer", LADDER, ids=lambda o: o.name)
reproducible = settings(derandomize=True, deadline=None, max_examples=40)
numbers = st.floats(-100, 100)

# ------------------------------------------------------------------------------- what is read


def test_the_signature_is_the_schema():
    assert adamw.name == "adamw"
    assert adamw.state == ("m", "v")
    assert adamw.returned == ("theta", "m", "v")
    assert adamw.hyperparameters == {
        "lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01,
    }  # fmt: skip
    assert repr(gd) == "<gd(theta, g, t, *, lr=0.1)>"
    assert "against the slope" in str(gd.__doc__)


def test_a_hyperparameter_without_default_is_required():
    needs = recurrence(written("theta, g, t, *, lr, beta=0.5", "theta = lr * g; return theta"))
    assert needs.hyperparameters == {"lr": REQUIRED, "beta": 0.5}
    with pytest.raises(TypeError, match="lr"):
        needs(1.0, 1.0, 1)


def test_lines_are_in_source_order_and_call_the_old_state_prev():
    assert [(line.name, line.source) for line in amsgrad.lines] == [
        ("m", "beta1 * m_prev + (1 - beta1) * g"),
        ("v", "beta2 * v_prev + (1 - beta2) * g ** 2"),
        ("v_max", "maximum(v_max_prev, v)"),
        ("m_hat", "m / (1 - beta1 ** t)"),
        ("v_hat", "v_max / (1 - beta2 ** t)"),
        ("theta", "theta_prev - lr * m_hat / (sqrt(v_hat) + eps)"),
    ]
    assert amsgrad.lines[2].names == {"v_max_prev", "v"}


def test_the_decorator_leaves_a_recurrence_as_it_is():
    assert recurrence(adam) is adam


@every_optimizer
def test_values_end_in_what_the_step_returns(optimizer):
    rng = np.random.default_rng(5)
    arguments = [rng.random(4), rng.normal(size=4), 3, *(rng.random(4) for _ in optimizer.state)]
    values = optimizer.values(*arguments)
    out = optimizer(*arguments)
    out = out if isinstance(out, tuple) else (out,)
    assert tuple(values) == tuple(line.name for line in optimizer.lines)
    for name, array in zip(optimizer.returned, out, strict=True):
        np.testing.assert_array_equal(values[name], array)


def test_values_of_adam_by_hand():
    """beta1 = 1/2, beta2 = 3/4, g = 4, t = 2, m = 2, v = 8: v_hat = 10 / (7/16)."""
    values = adam.values(1.0, 4.0, 2, 2.0, 8.0, lr=7.0, beta1=0.5, beta2=0.75, eps=0.0)
    assert values["m"] == 3.0
    assert values["v"] == 10.0
    assert values["m_hat"] == 4.0
    assert math.isclose(values["v_hat"], 160 / 7)
    assert math.isclose(values["theta"], 1 - 28 / math.sqrt(160 / 7))


def test_a_learners_own_function_is_read_with_its_docstring_comments_and_modules():
    def mine(theta, g, t, cache, *, rate=0.5):
        """Mine."""
        cache = cache + np.abs(g)  # not squared
        root = math.sqrt(2)
        theta = (
            theta
            - rate * g / (np.sqrt(cache) * root)
        )  # fmt: skip
        return theta, cache

    read = recurrence(mine)
    assert [line.source for line in read.lines] == [
        "cache_prev + abs(g)",
        "sqrt(2)",
        "theta_prev - rate * g / (sqrt(cache) * root)",
    ]
    assert read(1.0, 8.0, 1, 0.0) == mine(1.0, 8.0, 1, 0.0)
    assert read.values(1.0, 8.0, 1, 0.0) == pytest.approx({"cache": 8, "root": 2**0.5, "theta": 0})


@every_optimizer
def test_float32_stays_float32_in_every_line_and_variant(optimizer):
    arguments = [np.ones(3, np.float32), np.full(3, 2, np.float32), 2]
    arguments += [np.ones(3, np.float32) for _ in optimizer.state]
    for read in (optimizer, optimizer.variant(incoming={"t": "t + 1"}, outgoing={"theta": "-g"})):
        dtypes = {name: value.dtype for name, value in read.values(*arguments).items()}
        assert set(dtypes.values()) == {np.dtype(np.float32)}, dtypes


# ---------------------------------------------------------------------------------- variants


@every_optimizer
@given(data=st.data())
@reproducible
def test_an_empty_variant_is_the_original(optimizer, data):
    state = [data.draw(st.floats(0, 100)) for _ in optimizer.state]
    arguments = [data.draw(numbers), data.draw(numbers), data.draw(st.integers(1, 50)), *state]
    assert optimizer.variant()(*arguments) == optimizer(*arguments)
    assert optimizer.variant().values(*arguments) == optimizer.values(*arguments)


def test_a_line_is_replaced_and_the_lines_below_follow():
    """Without the factor 1 - beta the average becomes the heavy ball."""
    heavy = momentum.variant(lines={"m": "beta * m_prev + g"})
    assert heavy.values(1.0, 2.0, 1, 4.0, lr=0.5, beta=0.5) == {"m": 4.0, "theta": -1.0}
    assert heavy.lines[0].source == "beta * m_prev + g"
    assert momentum.lines[0].source != heavy.lines[0].source


def test_a_variants_line_means_the_new_state_below_its_own_line_and_the_old_one_above():
    early = momentum.variant(lines={"m": "m + g"})
    late = momentum.variant(lines={"theta": "theta - m"})
    stale = momentum.variant(lines={"theta": "theta - m_prev"})
    assert early(0.0, 2.0, 1, 4.0, lr=1.0) == (-6.0, 6.0)
    assert late(0.0, 2.0, 1, 4.0, beta=0.5) == (-3.0, 3.0)
    assert stale(0.0, 2.0, 1, 4.0, beta=0.5) == (-4.0, 3.0)


def test_an_argument_is_replaced_everywhere():
    """At t = 2 with t - 1 the correction divides by 1 - beta1**1."""
    behind = adam.variant(incoming={"t": "t - 1"})
    values = behind.values(0.0, 4.0, 2, 2.0, 8.0, beta1=0.5, beta2=0.75)
    assert values["m_hat"] == 3.0 / 0.5
    assert values["v_hat"] == 10.0 / 0.25


def test_arguments_are_replaced_all_at_once():
    exchanged = adam.variant(incoming={"beta1": "beta2", "beta2": "beta1"})
    arguments = (1.0, 4.0, 3, 2.0, 8.0)
    expected = adam(*arguments, beta1=0.75, beta2=0.5)
    assert exchanged(*arguments, beta1=0.5, beta2=0.75) == expected


def test_a_state_coming_in_is_replaced():
    reset = momentum.variant(incoming={"m": "0 * m"})
    assert reset(1.0, 2.0, 1, 100.0, lr=1.0, beta=0.5) == (0.0, 1.0)


def test_a_returned_value_is_replaced_and_the_lines_are_not():
    overwritten = adam.variant(outgoing={"m": "m_hat"})
    arguments = (1.0, 4.0, 1, 0.0, 0.0)
    theta, m, v = adam(*arguments, beta1=0.5)
    assert overwritten(*arguments, beta1=0.5) == (theta, 2 * m, v)
    assert overwritten.values(*arguments, beta1=0.5)["m"] == m


def test_a_stateless_variant_still_returns_theta_alone():
    assert gd.variant(lines={"theta": "theta + lr * g"})(1.0, 2.0, 1, lr=0.5) == 2.0


def test_variants_combine_in_steps_as_they_do_at_once():
    once = adam.variant(
        incoming={"t": "t - 1"}, lines={"v": "beta2 * v + g**2"}, outgoing={"v": "v_hat"}
    )
    steps = (
        adam.variant(outgoing={"v": "v_hat"})
        .variant(incoming={"t": "t - 1"})
        .variant(lines={"v": "beta2 * v + g**2"})
    )
    arguments = (1.0, 4.0, 3, 2.0, 8.0)
    assert once(*arguments) == steps(*arguments)
    assert once(*arguments) != adam(*arguments)
    assert [line.name for line in steps.incoming] == ["t"]
    assert [line.source for line in steps.outgoing] == ["v_hat"]
    assert adam.incoming == adam.outgoing == ()


def test_a_variant_keeps_its_hyperparameters_and_their_defaults():
    read = adam.variant(lines={"m_hat": "m"})
    assert read.hyperparameters == adam.hyperparameters
    assert read.state == adam.state
    assert read.name == "adam"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"incoming": {"m_hat": "0"}}, "no argument called 'm_hat'"),
        ({"lines": {"nu": "0"}}, "no line called 'nu'; it has m, m_hat, theta, v, v_hat"),
        ({"outgoing": {"m_hat": "0"}}, "no returned value called 'm_hat'; it has m, theta, v"),
        ({"lines": {"m": "m_hat"}}, "m_hat is neither an argument nor a line above"),
        ({"lines": {"m": "beta1 *"}}, "'beta1 *' is not an expression"),
        ({"lines": {"m": "m if t else v"}}, "is more than arithmetic"),
        ({"lines": {"m": "__import__('os')"}}, "__import__ is not one of the functions"),
        ({"lines": {"m": "m.real"}}, "'m.real' is more than arithmetic"),
        ({"incoming": {"t": "m_hat"}}, "m_hat is neither"),
        ({"outgoing": {"m": "gamma"}}, "gamma is neither"),
    ],
)
def test_a_variant_that_does_not_fit_is_refused(edit, says):
    with pytest.raises(RecurrenceError) as refused:
        adam.variant(**edit)
    assert says in str(refused.value)


# ------------------------------------------------------------------------------ other mathematics


def test_bind_runs_the_lines_over_other_functions():
    swapped = amsgrad.bind({"maximum": min, "sqrt": lambda x: x})
    values = swapped.values(0, 2, 1, 0, 0, 9, lr=1, beta1=0.5, beta2=0.75, eps=0)
    assert values["v_max"] == 1.0
    assert values["theta"] == -2 / 4
    assert swapped(0, 2, 1, 0, 0, 9, lr=1, beta1=0.5, beta2=0.75, eps=0)[0] == -2 / 4


def test_bind_reaches_a_learners_np_sqrt_and_written_numbers():
    def mine(theta, g, t, v, *, lr=1):
        v = 0.75 * v + 1 / 4 * g**2
        theta = theta - lr * g / np.sqrt(v)
        return theta, v

    exact = recurrence(mine).bind(
        {"sqrt": lambda x: Fraction(math.isqrt(int(x)))}, number=lambda x: Fraction(str(x))
    )
    assert exact(Fraction(0), Fraction(2), 1, Fraction(4)) == (Fraction(-2, 2), Fraction(4))
    assert all(isinstance(x, Fraction) for x in exact(Fraction(0), Fraction(2), 1, Fraction(4)))


def test_a_bound_variant_keeps_its_edits_and_the_functions_stay_with_it():
    read = adam.variant(lines={"v_hat": "v"}).bind({"sqrt": lambda x: 2 * x})
    again = read.variant(lines={"m_hat": "m"})
    arguments = {"lr": 1, "beta1": 0.5, "beta2": 0.5, "eps": 0}
    assert read(0, 2, 1, 0, 0, **arguments)[0] == -2 / (2 * 2)
    assert again(0, 2, 1, 0, 0, **arguments)[0] == -1 / (2 * 2)
    assert [line.source for line in again.lines][2:4] == ["m", "v"]


# ---------------------------------------------------------------------------------- what is refused


def written(signature, body):
    """Return a function as if it had been typed into a notebook cell."""
    lines = [f"def step({signature}):", *(f"    {line}" for line in body.split("; "))]
    name = f"<cell {signature} {body}>"
    linecache.cache[name] = (0, None, [f"{line}\n" for line in lines], name)
    namespace = {"np": np, "maximum": np.maximum, "RATE": 0.1}
    exec(compile("\n".join(lines), name, "exec"), namespace)  # noqa: S102  (text of this file)
    return namespace["step"]


STATELESS = "theta, g, t"
WITH_M = "theta, g, t, m"


@pytest.mark.parametrize(
    ("signature", "body", "says"),
    [
        (STATELESS, "theta -= g; return theta", "'theta -= g': only lines like 'm = ...' are"),
        (STATELESS, "for _ in g: pass; return theta", "only lines like 'm = ...' are"),
        (STATELESS, "if t > 1: return theta; return g", "only lines like 'm = ...' are"),
        (STATELESS, "theta: float = g; return theta", "only lines like 'm = ...' are"),
        (STATELESS, "theta[0] = 1; return theta", "only lines like 'm = ...' are"),
        (WITH_M, "theta, m = g, g; return theta, m", "only lines like 'm = ...' are"),
        (WITH_M, "theta = m = g; return theta, m", "only lines like 'm = ...' are"),
        (STATELESS, "theta = g; theta = t; return theta", "'theta = t': theta already has a m"),
        (STATELESS, "g = g + theta; return theta", "'g = g + theta': g already has a meaning"),
        (STATELESS, "t = t + 1; return theta", "t already has a meaning"),
        (f"{STATELESS}, *, lr", "lr = lr / t; return theta", "lr already has a meaning"),
        (WITH_M, "m_prev = 2 * m; return theta, m", "m_prev already has a meaning"),
        (STATELESS, "sqrt = 2; return theta", "sqrt already has a meaning"),
        (f"{WITH_M}, v", "m = g; v = g; theta = g; return theta, v, m", "return theta, m, v, in"),
        (WITH_M, "m = g; theta = m; return theta", "should assign and then return theta, m"),
        (WITH_M, "theta = m; return theta, m", "should assign and then return theta, m"),
        (WITH_M, "m = g; theta = m; return [theta, m]", "should assign and then return theta, m"),
        (STATELESS, "return theta - g", "should assign and then return theta"),
        (STATELESS, "theta = g; return (theta,)", "should assign and then return theta"),
        (STATELESS, "theta = g; return", "should assign and then return theta"),
        (STATELESS, "'Later.'", "should assign and then return theta"),
        (STATELESS, "theta = RATE * g; return theta", "RATE is neither an argument nor a line"),
        (STATELESS, "theta = m_hat; return theta", "m_hat is neither an argument nor a line"),
        (STATELESS, "theta = round(g); return theta", "round is not one of the functions abs,"),
        (STATELESS, "theta = np.clip(g, 0, 1); return theta", "clip is not one of the functions"),
        (STATELESS, "theta = g.real; return theta", "'g.real' is more than arithmetic"),
        (STATELESS, "theta = np.linalg.norm(g); return theta", "'np.linalg.norm' is more than"),
        (STATELESS, "theta = maximum(g, t, out=g); return theta", "is more than arithmetic"),
        (STATELESS, "theta = maximum(*g); return theta", "'*g' is more than arithmetic"),
        (STATELESS, "theta = theta if t else g; return theta", "'theta if t else g' is more"),
        (STATELESS, "theta = theta * (g > 0); return theta", "'g > 0' is more than arithmetic"),
        (STATELESS, "theta = theta // g; return theta", "'theta // g' is more than arithmetic"),
        (STATELESS, "theta = (lambda: g)(); return theta", "is more than arithmetic"),
        (STATELESS, "theta = theta * '2'; return theta", "'2' is not a number"),
        (STATELESS, "theta = theta * 2j; return theta", "2j is not a number"),
    ],
)
def test_more_than_named_lines_is_refused_when_the_lines_are_read(signature, body, says):
    read = recurrence(written(signature, body))
    with pytest.raises(RecurrenceError) as refused:
        _ = read.lines
    assert says in str(refused.value)
    assert str(refused.value).startswith("step ")


def test_a_function_that_is_not_written_with_def_is_refused():
    async def later(theta, g, t):
        return theta, g, t

    for function in (later, lambda theta, g, t: theta - g * t):
        with pytest.raises(RecurrenceError, match="not written as a function with def"):
            _ = recurrence(function).lines


def test_a_function_that_cannot_be_read_still_runs():
    assert recurrence(written(STATELESS, "theta -= g; return theta"))(3.0, 1.0, 1) == 2.0


def test_a_function_without_source_is_refused_with_a_way_out():
    read = recurrence(written(STATELESS, "return theta"))
    linecache.clearcache()
    with pytest.raises(RecurrenceError, match="define it in a file or a notebook cell"):
        _ = read.lines


@pytest.mark.parametrize(
    "signature",
    [
        "w, g, t",
        "theta, g",
        "g, theta, t",
        "theta, g, t, *state",
        "theta, g, t, **h",
        f"{WITH_M}, /",
    ],
)
def test_another_signature_is_refused_at_once(signature):
    with pytest.raises(RecurrenceError, match=r"step should take \(theta, g, t, then its state"):
        recurrence(written(signature, "return g"))


@pytest.mark.parametrize("function", [abs, print, np.sqrt])
def test_a_builtin_is_refused_at_once(function):
    # NumPy 2.1's functions have no signature at all.
    said = r"should take \(theta, g, t, then its state|has no signature that can be read"
    with pytest.raises(RecurrenceError, match=said):
        recurrence(function)


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (3, "a step function, such as adam or one of your own; this is of type int"),
        (None, "this is of type NoneType"),
        ([], "this is of type list"),
        (Fraction, "this is the class Fraction"),
        ("adam", "isn't given by its name: write adam, not 'adam'"),
        ("rmsprob", "isn't given by its name: write rmsprop, not 'rmsprob'"),
        ("zzz", "isn't given by its name: write adam, not 'zzz'"),
    ],
)
def test_what_is_no_function_is_refused(thing, says):
    with pytest.raises(RecurrenceError, match=says):
        recurrence(thing)


def test_a_refusal_is_a_value_error():
    assert issubclass(RecurrenceError, ValueError)
