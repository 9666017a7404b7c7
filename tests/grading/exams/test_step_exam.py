"""Step functions: right answers in any form pass, and what is wrong is said where it is wrong."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

from adamedu import adam, momentum, rmsprop
from adamedu.content.catalogue import task
from adamedu.content.mistakes import bank
from adamedu.grading.comparing import TOLERANCE
from adamedu.grading.exams import prepare
from adamedu.grading.exams.exam import read_replies
from adamedu.grading.probes import SELF_CHECK, returned, seed_for
from adamedu.optimizers import optimizer as definition
from adamedu.sandbox.inside.runner import perform_all
from tests.support.right_forms import FORMS, HEAD, WRAPPERS
from tests.support.submitting import judged, passed, step

OPTIMIZERS = {task_id: definition(task_id.split(".")[0]) for task_id in FORMS}
RIGHT = {
    **{
        (task_id, form): source
        for task_id, forms in FORMS.items()
        for form, source in forms.items()
    },
    **{
        (task_id, form): step(optimizer) + source.replace("{name}", task(task_id).answer)
        for task_id, optimizer in OPTIMIZERS.items()
        for form, source in WRAPPERS.items()
    },
}


def answer(task_id, source):
    names: dict[str, Any] = {}
    exec(compile(HEAD + source, "<file>", "exec"), names)  # noqa: S102
    return names[task(task_id).answer]


def exam_of(task_id, seed):
    return prepare(task(task_id), seed)


def judge(task_id, source, **how):
    return judged(task_id, answer(task_id, source), **how)


class TestConventions:
    def test_it_is_said_whose_it_is_and_how_it_is_here(self):
        source = step(momentum, m="beta * m - lr * g", theta="theta + m")
        result = judge("momentum.step", source)
        [found] = result.mistakes
        assert (found.kind, found.whose) == ("convention", "Keras and Sutskever's paper")
        assert result.hint is not None
        assert result.hint.startswith("m = beta * m + (1 - beta) * g;")

    def test_of_a_mistake_it_is_said_where_to_look_only(self):
        result = judge("momentum.step", step(momentum, m="beta * m + beta * g"))
        assert [(one.kind, one.whose) for one in result.mistakes] == [("mistake", None)]
        assert result.hint == bank()[result.mistakes[0].id].hints[0]


class TestRightAnswers:
    @pytest.mark.filterwarnings("ignore:learning rates are hard")
    @pytest.mark.parametrize("form", RIGHT, ids=": ".join)
    @pytest.mark.parametrize("seed", [0, 2026])
    def test_every_form_gets_all_points(self, form, seed):
        result = judge(form[0], RIGHT[form], seed=seed)
        assert (result.status, result.points) == ("passed", result.max_points)
        assert all(fact.startswith("a remark, without loss of points") for fact in result.facts)
        assert result.hint is None

    @pytest.mark.filterwarnings("ignore:learning rates are hard")
    @pytest.mark.parametrize("form", [f for f in RIGHT if f[1] not in WRAPPERS], ids=": ".join)
    def test_no_form_comes_near_the_tolerance(self, form):
        task_id, function = form[0], answer(form[0], RIGHT[form])
        for seed in range(5):
            exam = exam_of(task_id, seed)
            replies = perform_all(exam.scripts(), {exam.task.answer: function})
            for probe, [reply] in zip(exam.probes, read_replies(replies, exam.asked), strict=True):
                if reply.error and probe.may_refuse:
                    continue
                theta, state = returned(exam.reference, probe)
                for got, expected in zip(reply.value, (theta, *state), strict=True):
                    off = np.abs(np.asarray(got, float) - expected).max()
                    scale = max(1.0, np.abs(expected).max())
                    assert off <= TOLERANCE[probe.precision] / 100 * scale


class TestProbes:
    @pytest.mark.parametrize("task_id", FORMS)
    def test_they_show_what_defaults_and_tame_gradients_hide(self, task_id):
        optimizer = OPTIMIZERS[task_id]
        for seed in range(20):
            probes = exam_of(task_id, seed).probes
            values = [probe for probe in probes if probe.group == "values"]
            assert len({probe.arguments[0].shape for probe in values}) == 2
            assert max(probe.arguments[2] for probe in values) >= 5
            for name, default in optimizer.hyperparameters.items():
                given = [probe.hyperparameters[name] for probe in values]
                assert min(abs(x - default) for x in given) > 0.03
            assert len({tuple(probe.hyperparameters.values()) for probe in values}) == 2
            gradients = [probe.arguments[1] for probe in values]
            assert all((g > 0).any() and (g < 0).any() for g in (gradients[0], gradients[5]))
            assert sum((g == 0).any() for g in gradients) >= len(gradients) - 2
            assert sum(len(np.unique(g)) < g.size for g in gradients) >= 3

    def test_the_same_seed_asks_the_same_and_another_something_else(self):
        asked = [exam_of("adam.step", seed).scripts() for seed in (1, 1, 2)]
        assert asked[0] == asked[1] != asked[2]

    def test_seeds_depend_on_secret_student_and_task(self):
        triples = itertools.product(("", "s"), ("ada", SELF_CHECK), ("adam.step", "adam.run"))
        assert len({seed_for(*triple) for triple in triples}) == 8
        assert seed_for("s", "ada", "adam.step") == seed_for("s", "ada", "adam.step")


def facts_match(result, pattern):
    return any(re.search(pattern, fact) for fact in result.facts)


NUMBER = r"(-?[\d.]+(?:e[-+]\d+)?)"

LINES = [
    ("adam.step", {"m": "beta1 * m + g"}, {"m"}, "m", "t = 1"),
    ("adam.step", {"v": "beta2 * v + (1 - beta2) * abs(g)"}, {"v"}, "v", "t = 1"),
    ("adam.step", {"m_hat": "m / (1 - beta1)"}, {"theta"}, "theta", "t = 2"),
    ("adam.step", {"m_hat": "m", "v_hat": "v"}, {"theta"}, "theta", "t = 1"),
    ("adam.step", {"theta": "theta - lr * m_hat / sqrt(v_hat + eps)"}, {"theta"}, "theta", "t = 1"),
    (
        "adam.step",
        {"theta": "theta + lr * m_hat / (sqrt(v_hat) + eps)"},
        {"theta"},
        "theta",
        "t = 1",
    ),
    ("momentum.step", {"m": "0.9 * m + 0.1 * g"}, {"m"}, "m", "t = 1"),
    ("momentum.step", {"theta": "theta - 0.01 * m"}, {"theta"}, "theta", "t = 1"),
    ("adagrad.step", {"v": "0.5 * v + g**2"}, {"v"}, "v", "t = 2"),
    ("adagrad.step", {"theta": "theta - lr * g / sqrt(v)"}, {"theta"}, "theta", "t = 1"),
    ("rmsprop.step", {"v": "v + g**2"}, {"v"}, "v", "t = 1"),
    ("rmsprop.step", {"theta": "theta - lr * (g / sqrt(v) + eps)"}, {"theta"}, "theta", "t = 1"),
]


class TestWrongLines:
    @pytest.mark.parametrize(("task_id", "lines", "lost", "name", "when"), LINES)
    def test_a_wrong_line_loses_its_own_check_and_the_fact_says_where(
        self, task_id, lines, lost, name, when
    ):
        function = answer(task_id, step(OPTIMIZERS[task_id], **lines))
        result = judged(task_id, function)
        assert {check.id for check in result.checks} - passed(result) == lost
        assert result.status == "partial"
        fact, given = result.facts
        found = re.match(rf"{when}: your {name}\[(\d)\] is {NUMBER}, expected {NUMBER}", fact)
        assert found, fact
        exam = exam_of(task_id, 0)
        probe = next(probe for probe in exam.probes if probe.says == when)
        with np.errstate(all="ignore"):
            mine = function(*probe.arguments, **probe.hyperparameters)
            right = exam.reference(*probe.arguments, **probe.hyperparameters)
        at, which = int(found[1]), ("theta", *exam.reference.state).index(name)
        assert float(found[2]) == pytest.approx(mine[which][at], rel=5e-4)
        assert float(found[3]) == pytest.approx(right[which][at], rel=5e-4)
        assert found[2] != found[3]
        shown = dict(re.findall(rf"(\w+) = {NUMBER}", given))
        gradient = probe.arguments[1][at]
        assert given.startswith(f"{when}: it was given ")
        assert float(shown["g"]) == pytest.approx(gradient, rel=1e-5)
        assert {name: float(shown[name]) for name in probe.hyperparameters} == probe.hyperparameters

    def test_what_agrees_is_said_too(self):
        result = judge("adam.step", step(adam, v_hat="v"))
        assert result.facts[0].endswith("; m and v agree")

    def test_two_wrong_lines_give_two_facts(self):
        result = judge("adam.step", step(adam, m="beta1 * m + g", v="beta2 * v + g**2"))
        assert passed(result) == {"theta", "inputs", "arguments"}
        assert [fact[:13] for fact in result.facts[:2]] == ["t = 1: your m", "t = 1: your v"]

    def test_correcting_a_line_never_lowers_the_score(self):
        wrong = {
            "m": "beta1 * m + g",
            "v": "beta2 * v + (1 - beta2) * g",
            "m_hat": "m / (1 - beta1)",
            "v_hat": "v * (1 - beta2**t)",
            "theta": "theta - lr * m_hat / sqrt(v_hat + eps)",
        }
        points = {}
        for size in range(len(wrong) + 1):
            for names in itertools.combinations(wrong, size):
                source = step(adam, **{name: wrong[name] for name in names})
                points[frozenset(names)] = judge("adam.step", source).points
        assert points[frozenset()] == 8
        for still_wrong, score in points.items():
            for name in still_wrong:
                assert points[still_wrong - {name}] >= score

    def test_an_answer_that_is_off_by_a_millionth_is_wrong(self):
        source = step(adam, theta="(theta - lr * m_hat / (sqrt(v_hat) + eps)) * 1.000001")
        assert "theta" not in passed(judge("adam.step", source))


ONE_FOR_ALL = {
    "gd.step": {
        "theta - lr * np.sum(g)": "one-step-for-all",
        "theta - lr * np.mean(g)": "one-step-for-all",
        "theta - lr * (g @ g)": "one-step-for-all",
        "theta - lr * np.dot(g, g)": "one-step-for-all",
        "theta - lr * np.linalg.norm(g)": "one-step-for-all",
        "theta - lr * g / np.linalg.norm(g)": "step-normalized",
        "theta - g / lr": "divided-by-lr",
    },
    "adagrad.step": {
        "theta - lr * np.sum(g) / (np.sqrt(v) + eps)": "one-step-for-all",
        "theta - lr * g / (np.sqrt(np.sum(v)) + eps)": "one-divisor-for-all",
        "theta - lr * g / (np.linalg.norm(g) + eps)": "one-divisor-for-all",
        "theta - g / (lr * (np.sqrt(v) + eps))": "divided-by-lr",
    },
}
ONE_SUM = {
    "v + np.sum(g**2)": "one-norm-for-all",
    "v + g @ g": "one-norm-for-all",
    "v + np.dot(g, g)": "one-norm-for-all",
    "v + np.linalg.norm(g)": "one-norm-for-all",
    "v + np.linalg.norm(g) ** 2": "one-norm-for-all",
    "v + np.mean(g**2)": "mean-over-coordinates",
    "v**2 + g**2": "old-v-squared",
}


class TestNames:
    @pytest.mark.parametrize(
        ("task_id", "line", "named"),
        [(task_id, *pair) for task_id, lines in ONE_FOR_ALL.items() for pair in lines.items()],
    )
    def test_one_number_for_all_coordinates_in_the_step(self, task_id, line, named):
        bodies = {
            "gd.step": "def gd_step(theta, g, t, *, lr):\n",
            "adagrad.step": "def adagrad_step(theta, g, t, v, *, lr, eps):\n    v = v + g**2\n",
        }
        state = ", v" if task_id == "adagrad.step" else ""
        result = judge(task_id, f"{bodies[task_id]}    return {line}{state}\n")
        assert "theta" not in passed(result)
        assert [found.id for found in result.mistakes] == [named]

    @pytest.mark.parametrize(("line", "named"), ONE_SUM.items())
    def test_one_number_for_all_coordinates_in_the_sum(self, line, named):
        source = (
            f"def adagrad_step(theta, g, t, v, *, lr, eps):\n    v = {line}\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v\n"
        )
        result = judge("adagrad.step", source)
        assert "v" not in passed(result)
        assert [found.id for found in result.mistakes] == [named]
        assert not facts_match(result, "gufunc")

    @pytest.mark.parametrize("root", ["math.sqrt(v)", "float(v) ** 0.5"])
    def test_a_function_for_one_number_alone(self, root):
        source = (
            "def adagrad_step(theta, g, t, v, *, lr, eps):\n    v = v + g**2\n"
            f"    return theta - lr * g / ({root} + eps), v\n"
        )
        result = judge("adagrad.step", source)
        assert result.points == 0
        assert [found.id for found in result.mistakes] == ["math-for-arrays"]

    @pytest.mark.parametrize("returned", ["theta - lr * g, g", "[theta - lr * g, t]", "(theta,)"])
    def test_more_than_theta_alone(self, returned):
        source = f"def gd_step(theta, g, t, *, lr):\n    return {returned}\n"
        result = judge("gd.step", source)
        assert result.facts[0].endswith("; it should return theta alone")
        assert [found.id for found in result.mistakes] == ["wrong-arity"]
        assert result.points == 0

    @pytest.mark.parametrize("form", ["(theta - lr * g).tolist()", "list(theta - lr * g)"])
    def test_a_list_of_theta_s_rows_is_one_value(self, form):
        source = (
            "def gd_step(theta, g, t, *, lr):\n"
            f"    return {form} if np.ndim(theta) else theta - lr * g\n"
        )
        assert judge("gd.step", source).status == "passed"

    @pytest.mark.parametrize("returned", ["None", "theta, m"])
    def test_what_returns_too_little_leaves_its_manners_unjudged(self, returned):
        source = f"def adam_step(theta, g, t, m, v, **h):\n    return {returned}\n"
        result = judge("adam.step", source)
        assert {check.id for check in result.checks if check.open} == {"inputs", "arguments"}
        assert result.points == 0


class TestNothingIsGainedBy:
    def test_standing_still(self):
        """A state of zeros from which nothing moves would make any theta follow from it."""
        source = "def adam_step(theta, g, t, m, v, **h):\n    return theta + 0, m * 0, v * 0\n"
        result = judge("adam.step", source)
        assert result.points == 0

    def test_returning_what_came(self):
        source = "def adam_step(theta, g, t, m, v, **h):\n    return theta, m, v\n"
        assert judge("adam.step", source).points == 0

    def test_a_state_that_isnt_marked_where_only_theta_is(self):
        wrong = step(adam, "adam_line", v="beta2 * v + g**2")
        assert judge("adam.line", wrong).points == 0
        assert judge("adam.line", step(adam, "adam_line")).status == "passed"

    @pytest.mark.parametrize(
        ("task_id", "optimizer", "returned"),
        [("momentum.bug", momentum, {"m": "m_prev"}), ("adam.bug", adam, {"v": "v_hat"})],
    )
    def test_the_right_parameters_with_another_state(self, task_id, optimizer, returned):
        wrong = optimizer.variant(outgoing=returned)
        assert judged(task_id, wrong).points == 0
        assert judged(task_id, optimizer).status == "passed"

    def test_answering_the_first_probes_only(self):
        source = step(adam) + (
            "inner, calls = adam_step, []\n"
            "def adam_step(*args, **kwargs):\n"
            "    calls.append(1)\n"
            "    return inner(*args, **kwargs) if len(calls) < 7 else (1, 2, 3)\n"
        )
        assert judge("adam.step", source).points == 0

    def test_answering_some_and_then_never_again(self):
        source = step(adam) + (
            "inner = adam_step\n"
            "def adam_step(theta, g, t, *rest, **h):\n"
            "    while t > 2:\n"
            "        pass\n"
            "    return inner(theta, g, t, *rest, **h)\n"
        )
        result = judge("adam.step", source, seconds=0.2)
        assert result.points == 0
        assert facts_match(result, "t = 3: it took too long")

    def test_counting_t_oneself(self):
        source = step(adam) + (
            "inner, calls = adam_step, []\n"
            "def adam_step(theta, g, t, *rest, **h):\n"
            "    calls.append(1)\n"
            "    return inner(theta, g, len(calls), *rest, **h)\n"
        )
        result = judge("adam.step", source)
        assert passed(result) >= {"m", "v"}
        assert "theta" not in passed(result)
        assert facts_match(result, r"^t = 1 \(matrices\): your theta")

    def test_keeping_the_state_oneself(self):
        source = """
m = 0
def momentum_step(theta, g, t, _, *, lr, beta):
    global m
    m = beta * m + (1 - beta) * g
    return theta - lr * m, m
"""
        assert "m" not in passed(judge("momentum.step", source))


ALL = {"m", "v", "theta", "inputs", "arguments"}
THETA = """
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
"""
BODY = f"""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
{THETA}"""
SIGNATURE = "def adam_step(theta, g, t, m, v, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):"
BEHAVIORS = {
    "the gradient squared in place": (
        (
            f"{SIGNATURE}\n    m = beta1 * m + (1 - beta1) * g\n    g *= g\n"
            "    v = beta2 * v + (1 - beta2) * g\n"
            f"{THETA}    return theta, m, v"
        ),
        {"arguments"},
        "adam_step changes its argument g; make a new array instead",
    ),
    "the state updated in place": (
        (
            f"{SIGNATURE}\n    m *= beta1\n    m += (1 - beta1) * g\n"
            "    v *= beta2\n    v += (1 - beta2) * g**2\n"
            f"{THETA}    return theta, m, v"
        ),
        {"arguments"},
        "adam_step changes its argument m; make a new array instead",
    ),
    "the parameters moved in place": (
        f"{SIGNATURE}{BODY.replace('theta = theta -', 'theta -=')}    return theta, m, v",
        {"arguments"},
        "adam_step changes its argument theta; make a new array instead",
    ),
    "the shape of an argument changed": (
        (
            f"{SIGNATURE}\n    given, g = g, np.array(g)\n    if np.ndim(g): given.shape = (-1, 1)"
            f"{BODY}    return theta, m, v"
        ),
        {"arguments"},
        "adam_step changes its argument g; make a new array instead",
    ),
    "an argument returned as it came": (
        f"{SIGNATURE}\n    old = theta{BODY}    return theta, m, old",
        {"v", "arguments"},
        "what adam_step returns shares memory with its arguments; return new arrays",
    ),
    "whole numbers truncated": (
        f"{SIGNATURE}{BODY}    kind = np.asarray(old).dtype\n"
        "    return tuple(np.asarray(x).astype(kind) for x in (theta, m, v))".replace("old", "g"),
        {"inputs"},
        r"^whole numbers: your m\[\d\] is -?\d, expected -?\d\.\d+",
    ),
    "stored in arrays like the argument": (
        (
            f"{SIGNATURE}\n    out = np.empty_like(theta)\n    old = theta{BODY}"
            "    out[...] = theta\n    return out, m, v"
        ),
        {"inputs"},
        r"^whole numbers: your theta\[\d\] is -?\d, expected -?\d\.\d+",
    ),
    "half precision": (
        (
            f"{SIGNATURE}{BODY}    kind = 'f2' if np.asarray(g).dtype == np.float32 else 'f8'\n"
            "    return tuple(np.asarray(x).astype(kind) for x in (theta, m, v))"
        ),
        {"inputs"},
        r"^single precision: your m\[",
    ),
    "only for arrays": (
        f"{SIGNATURE}\n    assert len(theta) == len(g){BODY}    return theta, m, v",
        {"inputs"},
        r"^plain numbers: TypeError: .* \(line \d+\)$",
    ),
    "a row where a list was": (
        f"{SIGNATURE}{BODY}    return theta[np.newaxis], m, v",
        {"theta"},
        r"^t = 1: your theta has shape \(1, 4\), expected \(4,\); m and v agree$",
    ),
    "a table by broadcasting": (
        f"{SIGNATURE}\n    g = np.reshape(g, (-1, 1)){BODY}    return theta, m, v",
        ALL,
        r"^t = 1: your m has shape \(4, 4\), expected \(4,\)$",
    ),
    "flattened": (
        f"{SIGNATURE}{BODY}    return np.ravel(theta), m, v",
        {"theta"},
        r"^t = 1 \(matrices\): your theta has shape \(6,\), expected \(2, 3\)",
    ),
    "one number for all": (
        f"{SIGNATURE}{BODY}    return theta, m, np.mean(v)",
        {"v"},
        r"^t = 1: your v has shape \(\), expected \(4,\)",
    ),
    "defaults written into the lines": (
        f"{SIGNATURE}\n    beta1, beta2 = 0.9, 0.999{BODY}    return theta, m, v",
        ALL,
        r"^t = 1: your m\[0\] is ",
    ),
    "eps left out": (
        f"{SIGNATURE}\n    eps = 0{BODY}    return theta, m, v",
        {"theta"},
        r"^t = 1: your theta\[\d\] is .*; m and v agree$",
    ),
    "not a number": (
        f"{SIGNATURE}{BODY}    return theta * np.nan, m, v",
        {"theta"},
        r"^t = 1: your theta\[0\] is nan, expected -?\d",
    ),
    "infinite": (
        f"{SIGNATURE}{BODY}    return theta, m, v + np.inf",
        {"v"},
        r"^t = 1: your v\[0\] is inf, expected \d",
    ),
    "noise": (
        (
            f"{SIGNATURE}{BODY}    noise = np.random.default_rng().uniform(1e-6, 2e-6)\n"
            "    return theta + noise, m, v"
        ),
        {"theta"},
        r"^t = 1: your theta\[0\] is ",
    ),
    "no return": (
        f"{SIGNATURE}{BODY}",
        ALL,
        "^adam_step returns None: is its last line 'return theta, m, v'\\?$",
    ),
    "theta alone": (
        f"{SIGNATURE}{BODY}    return theta",
        ALL,
        "^adam_step returns one value, of type ndarray; it should return theta, m, v$",
    ),
    "a dictionary": (
        f"{SIGNATURE}{BODY}    return {{'theta': theta, 'm': m, 'v': v}}",
        ALL,
        "^adam_step returns one value, of type dict; it should return theta, m, v$",
    ),
    "a text": (
        f"{SIGNATURE}{BODY}    return 'theta'",
        ALL,
        "^adam_step returns one value, of type str;",
    ),
    "a generator": (
        f"{SIGNATURE}{BODY}    yield theta",
        ALL,
        "^adam_step returns one value, of type generator;",
    ),
    "an object": (
        f"{SIGNATURE}{BODY}    return object()",
        ALL,
        "^adam_step returns one value, of type object;",
    ),
    "two values": (
        f"{SIGNATURE}{BODY}    return theta, m",
        ALL,
        "^adam_step returns 2 values; it should return theta, m, v$",
    ),
    "four values": (
        f"{SIGNATURE}{BODY}    return theta, m, v, t + 1",
        ALL,
        "^adam_step returns 4 values; it should return theta, m, v$",
    ),
    "one of them None": (
        f"{SIGNATURE}{BODY}    return theta, m, None",
        ALL,
        "^the v that adam_step returns is None$",
    ),
    "one of them a text": (
        f"{SIGNATURE}{BODY}    return theta, m, str(v)",
        ALL,
        "^the v that adam_step returns is of type str, not a number or an array of them$",
    ),
    "complex numbers": (
        f"{SIGNATURE}{BODY}    return theta + 0j, m, v",
        ALL,
        "^the theta that adam_step returns is of type ndarray of complex128, not a number",
    ),
    "an array of objects": (
        f"{SIGNATURE}{BODY}    return theta, m.astype(object), v",
        ALL,
        "^the m that adam_step returns is of type ndarray of object, not a number",
    ),
    "truth values": (
        f"{SIGNATURE}{BODY}    return theta, m > 0, v",
        ALL,
        "^the m that adam_step returns holds bool, not numbers$",
    ),
    "a masked array": (
        f"{SIGNATURE}{BODY}    return np.ma.masked_invalid(theta), m, v",
        ALL,
        "^the theta that adam_step returns is of type MaskedArray, not a number",
    ),
    "in another order": (
        f"{SIGNATURE}{BODY}    return m, v, theta",
        ALL,
        r"^t = 1: your m\[0\] is ",
    ),
    "too few arguments": (
        "def adam_step(theta, g, t, m, *, lr, beta1, beta2, eps):\n    return theta",
        ALL,
        "^t = 1: TypeError: adam_step\\(\\) takes 4 positional arguments but 5 ",
    ),
    "a hyperparameter by another name": (
        f"{SIGNATURE.replace('lr=', 'alpha=')}\n    lr = alpha{BODY}    return theta, m, v",
        ALL,
        "^t = 1: TypeError: adam_step\\(\\) got an unexpected keyword argument 'lr'$",
    ),
    "a name that isn't there": (
        f"{SIGNATURE}\n    return theta - alpha * g, m, v",
        ALL,
        r"^t = 1: NameError: name 'alpha' is not defined \(line \d+\)$",
    ),
    "not a function": (
        "adam_step = 3",
        ALL,
        "^t = 1: TypeError: adam_step is of type int and can't be called$",
    ),
    "leaving": (f"{SIGNATURE}\n    raise SystemExit('bye')", ALL, "^t = 1: SystemExit: bye"),
}


class TestBehaviors:
    @pytest.mark.parametrize("behavior", BEHAVIORS)
    def test_it_loses_its_checks_and_no_others_and_is_said(self, behavior):
        source, lost, says = BEHAVIORS[behavior]
        result = judge("adam.step", source)
        assert ALL - passed(result) == lost
        assert facts_match(result, says), result.facts
        assert result.hint

    def test_what_cant_be_asked_is_an_error_and_what_is_wrong_has_failed(self):
        def status(behavior):
            return judge("adam.step", BEHAVIORS[behavior][0]).status

        assert status("too few arguments") == status("not a function") == "error"
        assert status("no return") == status("a table by broadcasting") == "failed"
        assert status("eps left out") == "partial"

    def test_a_blank_function_is_missing(self):
        result = judge("adam.step", f"{SIGNATURE}\n    raise NotImplementedError")
        assert (result.status, result.points) == ("missing", 0)
        assert result.facts == ("adam_step is still blank",)

    @pytest.mark.parametrize("task_id", FORMS)
    def test_whole_numbers_may_be_refused_but_not_by_an_endless_loop(self, task_id):
        source = step(OPTIMIZERS[task_id]) + (
            f"inner = {task(task_id).answer}\n"
            f"def {task(task_id).answer}(theta, *rest, **h):\n"
            "    while np.asarray(theta).dtype.kind == 'i':\n"
            "        pass\n"
            "    return inner(theta, *rest, **h)\n"
        )
        result = judge(task_id, source, seconds=0.2)
        assert "inputs" not in passed(result)

    def test_other_inputs_are_judged_in_what_is_otherwise_right(self):
        source = step(rmsprop, v="v + g**2")
        result = judge("rmsprop.step", source)
        assert passed(result) == {"theta", "inputs", "arguments"}
        assert not facts_match(result, "precision|whole|plain")

    def test_places_are_lines_of_the_answer(self):
        source = step(momentum) + "\ndef momentum_step(*args, **kwargs):\n\n    return undefined\n"
        result = judge("momentum.step", source)
        place = (HEAD + source).splitlines().index("    return undefined") + 1
        assert result.facts == (
            f"t = 1: NameError: name 'undefined' is not defined (line {place})",
        )
