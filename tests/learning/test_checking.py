"""`check` and `hint`: what a learner reads, whatever was handed to them."""

import os
import re
import subprocess
import sys
import textwrap
import warnings
from html.parser import HTMLParser

import numpy as np
import pytest
from msgspec.structs import replace

from adamedu import check, hint
from adamedu.content.catalogue import task, tasks
from adamedu.content.tasks import Check, Task
from adamedu.core.errors import UnknownNameError
from adamedu.grading.cards import Card
from adamedu.grading.exams.exam import Mistake
from adamedu.grading.judge import CheckResult, TaskResult
from adamedu.learning import hinting
from adamedu.learning.checking import NotPassed


def written(source, name="<cell 3>"):
    """What a learner's cell defines, as it is named in the notebook of the grader."""
    namespace = {"np": np, "sys": sys, "warnings": warnings}
    exec(compile(textwrap.dedent(source), name, "exec"), namespace)  # noqa: S102
    return namespace


GOOD = """
    def momentum_step(theta, g, t, m, *, lr, beta):
        m = beta * m + (1 - beta) * g
        return theta - lr * m, m
"""


@pytest.fixture(autouse=True)
def _as_in_a_fresh_kernel(monkeypatch):
    monkeypatch.setattr(hinting, "_given", {})
    monkeypatch.setattr(hinting, "_ladders", {})
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def refused(capsys, source, task_id="momentum.step"):
    """What a check says of an answer that isn't right: the card, and the line below it."""
    with pytest.raises(NotPassed) as caught:
        check(task_id, written(source)[task(task_id).answer])
    return capsys.readouterr().out, str(caught.value)


def test_a_right_answer_shows_its_card_and_returns_nothing(capsys):
    assert check("momentum.step", written(GOOD)["momentum_step"]) is None
    assert capsys.readouterr().out == (
        "momentum.step: passed, 6 of 6 points\n"
        "  ✓ m is the moving average of the gradients\n"
        "  ✓ the parameters step along the average\n"
        "  ✓ it works for plain numbers, whole numbers and single precision\n"
        "  ✓ it leaves its arguments as they were\n"
    )


def test_an_answer_that_is_partly_right_says_what_holds_and_what_does_not(capsys):
    card, line = refused(capsys, GOOD.replace("theta - lr * m,", "theta + lr * m,"))
    rows = card.splitlines()
    assert rows[:3] == [
        "momentum.step: on the way, 4 of 6 points",
        "  ✓ m is the moving average of the gradients",
        "  ✗ the parameters step along the average",
    ]
    assert re.fullmatch(r"  Fact: t = 1: your theta\[\d\] is \S+, expected \S+; m agrees", rows[5])
    assert line == "momentum.step: not passed yet, 4 of 6 points"


def test_in_a_notebook_not_passed_is_one_line_without_a_traceback():
    assert NotPassed("adam.step: why")._render_traceback_() == ["adam.step: why"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("adam.stop", "there is no task 'adam.stop'; did you mean 'adam.step'?"),
        ("zzz", "there is no task 'zzz'; there are " + ", ".join(tasks())),
        (len, "a task is named by a text such as 'gd.saddle', not by a builtin"),
        (["adam.step"], "a task is named by a text such as 'gd.saddle', not by a list"),
        (None, "a task is named by a text such as 'gd.saddle', not by a NoneType"),
    ],
)
def test_an_unknown_task_is_answered_with_those_there_are(name, why):
    for ask in (lambda: check(name, len), lambda: hint(name)):
        with pytest.raises(UnknownNameError) as caught:
            ask()
        assert str(caught.value).startswith(why)
        assert caught.value._render_traceback_() == [f"UnknownNameError: {caught.value}"]


def test_a_check_without_an_answer_says_how_to_write_it(capsys):
    with pytest.raises(NotPassed) as caught:
        check("adam.step")
    assert str(caught.value) == (
        "adam.step: say what to check, as in check('adam.step', adam_step)"
    )
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", tasks())
@pytest.mark.parametrize(
    "answer",
    [None, 3, "text", b"bytes", (1, 2), [], {}, object(), np.zeros((2, 2)), float("nan"), {1}, int],
    ids=lambda answer: type(answer).__name__,
)
def test_what_is_not_an_answer_earns_nothing_and_is_not_a_crash(capsys, name, answer):
    with pytest.raises(NotPassed) as caught:
        check(name, answer)
    assert str(caught.value).startswith(f"{name}: not passed yet, 0 of ")
    assert "Fact: " in capsys.readouterr().out


def test_a_value_in_the_place_of_a_function_is_named_by_its_type(capsys):
    card, _ = refused(capsys, "momentum_step = (1, 2)")
    assert "Fact: t = 1: TypeError: momentum_step is of type tuple and can't be called" in card


@pytest.mark.parametrize(
    ("cell", "place"), [("<cell 3>", "cell 3, line 4"), ("/x/ipykernel_12/34.py", "line 4")]
)
def test_an_error_in_the_answer_names_its_line_and_shows_no_traceback(capsys, cell, place):
    source = """
        def helper(theta):
            # The learner's own helper.
            return theta / missing

        def momentum_step(theta, g, t, m, *, lr, beta):
            return helper(theta), m
    """
    with pytest.raises(NotPassed):
        check("momentum.step", written(source, cell)["momentum_step"])
    shown = capsys.readouterr()
    assert shown.out.splitlines()[:2] == [
        "momentum.step: it didn't run, 0 of 6 points",
        f"  Fact: t = 1: NameError: name 'missing' is not defined ({place})",
    ]
    assert "Traceback" not in shown.out + shown.err


@pytest.mark.parametrize(
    ("error", "fact"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise BaseException('no')", "BaseException: no"),
        ("momentum_step(theta, g, t, m, lr=lr, beta=beta)", "RecursionError: maximum recursion"),
        ("assert False", "AssertionError"),
    ],
)
def test_whatever_an_answer_raises_the_notebook_goes_on(capsys, error, fact):
    head = "def momentum_step(theta, g, t, m, *, lr, beta):\n"
    card, _ = refused(capsys, f"{head}    {error}")
    assert f"Fact: t = 1: {fact}" in card


def test_an_interrupt_is_not_taken_for_a_wrong_answer():
    def momentum_step(*_args, **_rates):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("momentum.step", momentum_step)


@pytest.mark.parametrize(
    ("returned", "fact"),
    [
        ("None", "momentum_step returns None: is its last line 'return theta, m'?"),
        ("theta", "momentum_step returns one value"),
        ("theta, m, t", "momentum_step returns 3 values; it should return theta, m"),
        ("(theta,)", "momentum_step returns 1 value"),
        ("theta, None", "the m that momentum_step returns is None"),
        ("'theta', m", "the theta that momentum_step returns is of type str"),
        ("{}, m", "the theta that momentum_step returns is of type dict"),
        ("theta, [1, [2]]", "the m that momentum_step returns is a list whose parts have"),
        ("theta > 0, m", "the theta that momentum_step returns holds bool, not numbers"),
        ("theta + 0j, m", "the theta that momentum_step returns is of type ndarray of complex128"),
    ],
)  # fmt: skip
def test_a_return_of_the_wrong_form_is_named(capsys, returned, fact):
    head = "def momentum_step(theta, g, t, m, *, lr, beta):\n"
    card, line = refused(capsys, f"{head}    return {returned}")
    assert f"Fact: {fact}" in card
    assert line == "momentum.step: not passed yet, 0 of 6 points"


@pytest.mark.parametrize(
    ("signature", "fact"),
    [
        ("theta, g, t, m", "got an unexpected keyword argument 'lr'"),
        ("theta, g, m, *, lr, beta", "takes 3 positional arguments but 4"),
        ("theta, g, t, m, v, *, lr, beta", "missing 1 required positional argument: 'v'"),
        ("theta, g, t, m, *, lr, rho", "got an unexpected keyword argument 'beta'"),
    ],
)
def test_a_wrong_signature_is_said_in_python_s_words(capsys, signature, fact):
    card, _ = refused(capsys, f"def momentum_step({signature}):\n    return theta, m")
    assert "momentum.step: it didn't run, 0 of 6 points" in card
    assert fact in card


LOUD = """
    def momentum_step(theta, g, t, m, *, lr, beta):
        print("I am at", t)
        sys.stderr.write("careful\\n")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("more careful")
        m = beta * m + (1 - beta) * g
        return theta - lr * m, m
"""


def test_prints_are_shown_and_nothing_reaches_standard_error(capfd, monkeypatch):
    """For nbgrader takes any output on standard error for a failure."""

    def show(message, category, *_where):
        sys.stderr.write(f"{category.__name__}: {message}\n")

    monkeypatch.setattr(warnings, "showwarning", show)  # pytest has put its own there
    assert check("momentum.step", written(LOUD)["momentum_step"]) is None
    shown = capfd.readouterr()
    assert shown.err == ""
    assert "I am at 1\ncareful\n" in shown.out
    assert "UserWarning: more careful" in shown.out
    assert "momentum.step: passed, 6 of 6 points" in shown.out


def test_what_an_answer_does_to_its_arguments_and_to_numpy_s_settings_stays_in_the_check():
    source = """
        def momentum_step(theta, g, t, m, *, lr, beta):
            np.seterr(all="raise")
            np.divide(1.0, 0.0, where=False, out=np.zeros(()))
            m = beta * m + (1 - beta) * g
            return theta - lr * m, m
    """
    before = np.geterr()
    assert check("momentum.step", written(source)["momentum_step"]) is None
    assert np.geterr() == before


def test_under_nbgrader_partial_credit_is_the_only_result(capsys, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check("adam.m", [2, 2, None]) == 2.0
    assert type(check("adam.m", [2, None, None])) is float
    assert check("adam.m", [2, 2, -2]) is None
    for nothing in ([1, 1, 1], [None] * 3, 7):
        with pytest.raises(NotPassed, match=r"^adam\.m: not passed yet, 0 of 3 points$"):
            check("adam.m", nothing)


def test_while_nbgrader_validates_partial_credit_is_not_enough(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(NotPassed, match=r"2 of 3 points$"):
        check("adam.m", [2, 2, None])


def test_the_same_answer_is_answered_the_same_way_twice(capsys):
    source = GOOD.replace("(1 - beta) * g", "g")
    assert refused(capsys, source) == refused(capsys, source)


# Hints.


def test_hints_come_one_at_a_time_and_the_last_one_stays():
    steps = [hint("adam.step") for _ in range(5)]
    assert [h.step for h in steps] == [1, 2, 3, 3, 3]
    assert [h.text for h in steps[:3]] == list(task("adam.step").hints)
    assert repr(steps[1]) == f"adam.step, hint 2 of 3: {task('adam.step').hints[1]}"
    last = f"adam.step, hint 3 of 3: {task('adam.step').hints[2]}"
    more = "That was the last. solution('adam.step', show_me=True) shows the solution."
    assert [repr(h) for h in steps[2:]] == [last, f"{last}\n{more}", f"{last}\n{more}"]
    assert repr(hint("adam.step", 3)) == last


def test_each_task_has_its_own_place_on_its_ladder():
    assert [hint("adam.run").step, hint("adam.step").step, hint("adam.run").step] == [1, 1, 2]


def test_a_step_can_be_asked_for_and_the_next_one_follows():
    assert hint("adam.step", 2).text == task("adam.step").hints[1]
    assert hint("adam.step").step == 3


@pytest.mark.parametrize("step", [0, 4, -1, "2", 1.5])
def test_a_step_that_there_is_not_is_refused(step):
    with pytest.raises(ValueError, match=rf"^adam\.step has hints 1 to 3, not {step}$"):
        hint("adam.step", step)


# The card.

TASK = Task(
    id="demo.task", answer="demo", title="Demo", minutes=1,
    checks=(Check("a", 1, "one <b>thing</b>"), Check("b", 2, "another & more")),
    hints=("first", "second", "third"),
)  # fmt: skip


def card(status="partial", passed=("a",), **details):
    checks = tuple(
        CheckResult(c.id, c.id in passed, c.points * (c.id in passed), c.points)
        for c in TASK.checks
    )
    return Card(TASK, TaskResult("demo.task", status, checks, **details))


class Page(HTMLParser):
    """The words and the tags of a piece of HTML, every tag closed."""

    def __init__(self, html):
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.labels: list[str | None] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        self.labels += [value for name, value in attrs if name == "aria-label"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_a_card_as_text():
    shown = card(facts=("f1", "f2"), mistakes=(Mistake("x", "kind", "you did x"),), hint="look")
    assert str(shown) == repr(shown) == (
        "demo.task: on the way, 1 of 3 points\n"
        "  ✓ one <b>thing</b>\n"
        "  ✗ another & more\n"
        "  Fact: f1\n"
        "  Fact: f2\n"
        "  Mistake: you did x\n"
        "  Hint: look"
    )  # fmt: skip


def test_a_convention_is_not_called_a_mistake():
    shown = card(mistakes=(Mistake("x", "convention", "you do x", "Y and Z"),))
    assert "  Convention: you do x. That is the convention of Y and Z.\n" in f"{shown}\n"
    assert "Mistake" not in str(shown) + shown._repr_html_()


def test_a_card_shows_three_facts_at_most():
    assert str(card(facts=tuple("abcde"))).count("Fact:") == 3


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("passed", "passed"), ("partial", "on the way"), ("failed", "not yet"),
        ("error", "it didn't run"), ("missing", "still blank"), ("not-run", "not run"),
    ],
)  # fmt: skip
def test_a_card_says_in_words_how_the_task_stands(status, words):
    shown = card(status, ("a", "b") if status == "passed" else (), hint="look")
    assert str(shown).splitlines()[0].startswith(f"demo.task: {words}, ")
    assert words in Page(shown._repr_html_()).words
    could_be_checked = status in {"passed", "partial", "failed"}
    assert ("one <b>thing</b>" in str(shown)) is could_be_checked
    assert ("Hint: look" in str(shown)) is (status != "passed")


def test_a_card_s_html_says_what_its_text_says_and_escapes_what_is_not_ours():
    attack = "<script>alert('x')</script>"
    shown = card(facts=(attack,), mistakes=(Mistake("x", "kind", attack),), hint=attack)
    html = shown._repr_html_()
    page = Page(html)
    assert "<script" not in html
    assert set(page.tags) <= {"div", "p", "b", "span", "ul", "li"}
    said = " ".join(" ".join(page.words).split())
    for line in str(shown).splitlines()[1:]:
        assert line.strip() in said.replace("✓one", "✓ one").replace("✗another", "✗ another")
    assert said.count(attack) == 3
    assert page.labels == ["passed", "not passed"]


def test_a_task_s_name_cannot_write_html_either():
    task_ = replace(TASK, id="<i>", answer="f", title="t")
    html = Card(task_, TaskResult("<i>", "missing", ()))._repr_html_()
    assert "<i>" not in html
    assert "&lt;i&gt;" in html


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("status", ["passed", "partial", "failed", "error", "missing", "not-run"])
def test_a_card_can_be_read_on_a_light_and_on_a_dark_page(status):
    """WCAG AA: 4.5 for words, 3 for the bar; the other words have the page's own color."""
    html = card(status)._repr_html_()
    (bar,) = re.findall(r"border-left:4px solid (#[0-9A-F]{6})", html)
    (chip,) = re.findall(r"background:(#[0-9A-F]{6});color:#fff", html)
    assert len(re.findall(r"\bcolor:", html)) == 1
    assert contrast(chip, "#ffffff") >= 4.5
    for page in ("#ffffff", "#111111", "#212121"):
        assert contrast(bar, page) >= 3


def test_check_costs_nothing_that_it_does_not_need():
    code = (
        "import sys, adamedu; adamedu.check\n"
        "print({'sympy', 'matplotlib', 'IPython', 'rich', 'click'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ
    )
    assert done.stdout == "set()\n"
