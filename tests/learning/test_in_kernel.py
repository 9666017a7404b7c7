"""In a notebook: errors are one line, old answers aren't taken for new ones, nothing hangs."""

import importlib
import inspect
import pkgutil
import re

import pytest

import adamedu
from adamedu.core.errors import LearnerError
from tests.support.in_kernel import run

pytestmark = pytest.mark.slow

INNER = {
    "GoneError", "LevelError", "MessageError", "NotNumbersError", "OutOfTime",
    "UnknownMachineError", "UnreadableManifestError", "WrongFormError", "WrongValueError",
}  # fmt: skip
"""Errors that are caught before they reach anybody, or end a command in its own words."""

IMPORTS = (
    "from adamedu import *\n"
    "from adamedu.lab import copying\n"
    "from adamedu.core.measuring import *\n"
    "from adamedu.algebra.walkthrough import operations\n"
    "from adamedu.classroom.releasing import release\n"
    "from adamedu.grading.errors import GradingError\n"
    "from adamedu.pages.ladder import ladder\n"
    "from adamedu.pages.claims import claims\n"
    "from adamedu.models.softmax import Minibatches\n"
    "from adamedu.publishing.mathml import mathml\n"
)

WRONG = {
    'descend("adam", surfaces.ravine)': "RecurrenceError: an optimizer isn't given by its name",
    "descend(adam, surfaces.ravine, lrr=1)": "DescentError: adam has no hyperparameter 'lrr'",
    "surfaces.ravine([1.0])": "SurfaceError: ravine takes 2 numbers",
    "surfaces.revine": "UnknownAttributeError: there is no surface 'revine'",
    "adamedu.figurs": "UnknownAttributeError: module 'adamedu' has no attribute 'figurs'",
    "playground(adam, steps=10**9)": "SceneError: a playground makes 1 to 1000 steps",
    "p.beta3 = 5": "UnknownAttributeError: a playground has no 'beta3'; it has lr",
    "p.beta3": "UnknownAttributeError: a playground has no 'beta3'; it has lr",
    "p.start = 'here'": "SceneError: The 'start' trait of a Playground instance",
    'figures.contour("ravine")': "SurfaceError: a surface isn't given by its name",
    "figures.curves({})": "FigureError: curves draws 1 to 16 curves, not 0",
    "unroll(adam, steps=99)": "ArgumentError: unroll takes 1 to 50 steps, not 99",
    'unroll(adam)["nu", 1]': "UnknownNameError: there is no line 'nu'",
    'check("adam.stop", len)': "UnknownNameError: there is no task 'adam.stop'",
    'check("adam.step")': "adam.step: say what to check",
    'check("adam.m", [1, 1, 1])': "adam.m: not passed yet, 0 of 3 points",
    'check("adam.m", [1], seconds=-1)': "ArgumentError: seconds should be a number above 0",
    'hint("adam.stop")': "UnknownNameError: there is no task 'adam.stop'",
    'hint("adam.step", 9)': "ArgumentError: adam.step has hints 1 to 3, not 9",
    'progress("99")': "UnknownNameError: there is no exercise '99'",
    'solution("adam.step")': "adam.step isn't passed yet.",
    'claims("99")': "UnknownNameError: no claim belongs to lesson '99'",
    "ladder(3)": "UnknownNameError: 3 is no rung of the ladder",
    'copying.reset("99.ipynb")': "CourseError: ",
    'mathml("\\\\nonsense")': "FormulaError: this formula can't be written",
    "models.LeastSquares([[1.0]], [1.0], batch=2)": "ArgumentError: batch should be 1 to 1",
    "race(surface=3)": "SurfaceError: this should be a surface",
}


def modules():
    for found in pkgutil.walk_packages(adamedu.__path__, "adamedu."):
        if not found.name.endswith(("windows", "cluster")):
            yield importlib.import_module(found.name)


def test_every_error_that_reaches_a_learner_is_of_one_kind():
    found = {
        thing
        for module in modules()
        for thing in vars(module).values()
        if inspect.isclass(thing)
        and issubclass(thing, BaseException)
        and thing.__module__.startswith("adamedu.")
        and not thing.__name__.startswith("_")
    }
    assert {one.__name__ for one in found if not issubclass(one, LearnerError)} == INNER
    assert len(found) > len(INNER) + 10


@pytest.fixture(scope="module")
def shown():
    first, *rest = run(
        f"import adamedu\n{IMPORTS}\np = playground(adam, steps=2)", *WRONG, "%tb", "1/0"
    )
    assert not first.error
    *wrong, again, plain = rest
    return dict(zip(WRONG, wrong, strict=True)), again, plain


@pytest.mark.parametrize(("cell", "says"), WRONG.items())
def test_an_error_of_the_course_is_one_line(shown, cell, says):
    (line,) = shown[0][cell].error
    assert "\n" not in line
    assert line.startswith(says)


def test_tb_shows_where_it_came_from(shown):
    *_, last = WRONG.values()
    text = "\n".join(shown[1].error)
    assert "Traceback (most recent call last)" in text
    assert "race" in text
    assert last.partition(": ")[0] in text


def test_other_errors_are_shown_as_ever(shown):
    assert "Traceback (most recent call last)" in "\n".join(shown[2].error)


def test_an_error_of_the_learners_own_function_is_not_buried():
    mine = "def mine(theta, g, t, *, lr=1):\n    return theta / missing\n"
    for ran in run(
        f"from adamedu import *\n{mine}",
        "descend(mine, surfaces.ravine)",
        "descend(mine, surfaces.ravine, record=False)",
        "playground(mine)",
    )[1:]:
        text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(ran.error))
        assert ran.name == "NameError"
        assert "return theta / missing" in text
        assert "hidden" in text
        assert "self._after" not in text
        assert "plan = read(" not in text


# What an answer's cell left behind.

GOOD = (
    "def momentum_step(theta, g, t, m, *, lr, beta):\n"
    "    m = beta * m + (1 - beta) * g\n"
    "    return theta - lr * m, m\n"
)
CHECK = 'check("momentum.step", momentum_step)'
START = "from adamedu import check"
PASSED = "momentum.step: passed, 6 of 6 points"

BROKEN = {
    "SyntaxError in line 3": GOOD.replace("lr * m, m", "lr * m, m)"),
    "IndentationError in line 2": GOOD.replace("    m =", "m ="),
    "NameError in line 1": "unknown + 1\n" + GOOD,
    "NameError in line 4": "\n\n\n@missing\n" + GOOD,
    "NameError in line 2: name 'no'": "%matplotlib inline\nno\n" + GOOD,
    "ZeroDivisionError in line 3": "%%time\n\n1 / 0\n" + GOOD,
    "SyntaxError in line 4": "%%time\n" + GOOD.replace("lr * m, m", "lr * m, m)"),
    "NameError in line 1: name 'other'": "momentum_step = other\n",
    "ModuleNotFoundError in line 1": "import nothing_of_the_kind\n" + GOOD,
}


@pytest.fixture(scope="module")
def after_breaking():
    cells = [cell for text in BROKEN.values() for cell in (GOOD, text, CHECK, GOOD, CHECK)]
    first, *rest = run(START, *cells)
    assert not first.error
    return dict(zip(BROKEN, [rest[i : i + 5] for i in range(0, len(rest), 5)], strict=True))


@pytest.mark.parametrize("failed", BROKEN)
def test_an_answer_whose_new_cell_did_not_run_is_not_judged(after_breaking, failed):
    good, broken, checked, mended, passed = after_breaking[failed]
    assert not good.error
    assert broken.error
    assert "momentum.step: not run, 0 of 6 points" in checked.said
    assert f"your last change of momentum_step didn't run ({failed}" in checked.said
    assert checked.error == ("momentum.step: not passed yet, 0 of 6 points",)
    assert not mended.error
    assert PASSED in passed.said


RIGHT = {
    "it was defined before the error": (GOOD, GOOD + "\n1 / 0"),
    "it was defined in a branch before the error": (
        GOOD, "if True:\n" + re.sub("(?m)^", "    ", GOOD) + "\n    1 / 0"
    ),
    "another cell that defines it ran": (GOOD, GOOD + ")", "%%time\n" + GOOD),
    "the error was another cell's": (GOOD, "x = momentum_step(\n"),
    "it was imported then": (
        GOOD,
        GOOD + ")",
        f"open('mine.py', 'w').write('''{GOOD}''')\nfrom mine import momentum_step",
    ),
    "it was made by other means": (GOOD, GOOD + ")", f"exec('''{GOOD}''')"),
    "the check fails before it": (GOOD, f"assert False\n{CHECK}"),
    "it was checked in its own cell": (GOOD, GOOD + CHECK),
}  # fmt: skip


@pytest.fixture(scope="module")
def after_all(tmp_path_factory):
    cells, sizes = [], []
    for before in RIGHT.values():
        cells += ["momentum_step = None", *before, CHECK]
        sizes.append(len(before) + 2)
    here = str(tmp_path_factory.mktemp("here"))
    there = f"import os, sys\nos.chdir({here!r})\nsys.path.insert(0, {here!r})"
    ran = run(f"{there}\n{START}", *cells)[1:]
    last = []
    for size in sizes:
        last.append(ran[size - 1])
        ran = ran[size:]
    return dict(zip(RIGHT, last, strict=True))


@pytest.mark.parametrize("why", RIGHT)
def test_a_right_answer_passes_whatever_failed_beside_it(after_all, why):
    assert PASSED in after_all[why].said


def test_letters_numbers_and_renamed_answers_are_watched_too():
    renamed = GOOD.replace("momentum_step", "mine")
    choice, again, mended, other = (
        run(
            START,
            'scale_choice = "b"',
            'scale_choice = "a',
            'check("adam.scale", scale_choice)',
            'scale_choice = "b"',
            'check("adam.scale", scale_choice)',
            renamed,
            renamed + ")",
            'check("momentum.step", mine)',
        )[i]
        for i in (3, 5, 6, 8)
    )
    assert "your last change of scale_choice didn't run (SyntaxError in line 1" in choice.said
    assert "adam.scale: passed" in again.said
    assert not mended.error
    assert "your last change of mine didn't run" in other.said


# What never ends.

ENDLESS = {
    "turns": "    while True: pass\n",
    "catches": "    while True:\n        try: sum(range(9))\n        except: pass\n",
    "sleeps": "    import time; time.sleep(1000)\n",
}


def test_an_answer_that_never_ends_is_stopped_and_said_to_be():
    head = "def momentum_step(theta, g, t, m, *, lr, beta):\n"
    check = 'check("momentum.step", momentum_step, seconds=0.3)'
    elsewhere = (
        "import threading\n"
        "def elsewhere():\n"
        f"    try: {check}\n"
        "    except BaseException as error: said.append(str(error))\n"
        "said = []\n"
        "thread = threading.Thread(target=elsewhere); thread.start(); thread.join(); said"
    )
    interrupted = (
        "import os, signal, threading\n"
        "threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        'check("momentum.step", momentum_step, seconds=100)'
    )
    in_the_picture_alone = (
        "def momentum_step(theta, g, t, m, *, lr, beta):\n"
        "    while t > 9: pass\n"
        "    return theta - lr * m, m\n"
    )
    bodies = [head + body for body in ENDLESS.values()]
    ran = run(
        START,
        *(cell for body in bodies for cell in (body, check)),
        in_the_picture_alone + check,
        bodies[0] + elsewhere,
        interrupted,
        f"import signal; del signal.setitimer\n{check}",
        GOOD + check,
    )
    *stopped, picture, thread, user, without_alarms, right = ran[1:]
    for one in [*stopped[1::2], without_alarms]:
        assert one.error == ("momentum.step: not passed yet, 0 of 6 points",)
        assert "it took too long and was stopped after 0.3 s: is there a loop" in one.said
    assert picture.name == "NotPassed"
    assert "not passed yet, 0 of 6 points" in thread.said
    assert user.name == "KeyboardInterrupt"
    assert PASSED in right.said
