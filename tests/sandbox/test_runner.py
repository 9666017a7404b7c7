"""The untrusted side: a submission runs like a notebook, and nothing that it does decides."""

from __future__ import annotations

import builtins
import json
import os
import sys
from typing import Any

import numpy as np
import pytest

from adamedu import adam, descend, momentum, rmsprop, surfaces
from adamedu.grading.exams.exam import call
from adamedu.sandbox.inside.notebook import cells
from adamedu.sandbox.inside.runner import load, perform, perform_all
from adamedu.sandbox.message import Other, decode
from tests.support.submitting import HEAD, ask, notebook, passed, sandbox, step

ADAM = HEAD + step(adam)
WRONG = HEAD + step(adam, v_hat="v", m_hat="m")


def look(source, *names, form="py", seconds=2.0):
    """Run a source on the untrusted side and return some of its global values."""
    tasks = [
        {"id": name, "answer": name, "scripts": [[{"do": "get", "of": None, "name": name}]]}
        for name in names
    ]
    request: Any = {"file": "handed-in", "format": form, "source": source, "tasks": tasks}
    answers = sandbox().run(request, seconds)
    values = {
        name: decode(reply["replies"][0][0]["value"])
        for name, reply in answers.tasks.items()
        if reply["found"]
    }
    return values, answers


class TestCells:
    @pytest.mark.parametrize(
        ("text", "python"),
        [
            ("%matplotlib inline\nx = 1", "pass\nx = 1"),
            ("!pip install numpy\nx = 1", "pass\nx = 1"),
            ("x = 1\n?x", "x = 1\npass"),
            ("x = 1\nx?", "x = 1\npass"),
            ("x = 1\nx??", "x = 1\npass"),
            ("if True:\n    %precision 3\n    x = 1", "if True:\n    pass\n    x = 1"),
            ("%time x = 1", "x = 1"),
            ("%timeit -n 1 f()", "pass"),
            ("files = !ls\nx = 1", "files = None\nx = 1"),
            ("%%time\nx = 1", "\nx = 1"),
            ("\n%%capture out\nx = 1", "\n\nx = 1"),
            ("%%bash\nrm -r x", ""),
            ("%%writefile adam.py\nx = 1", ""),
        ],
    )
    def test_magics_are_dropped(self, text, python):
        assert cells(notebook(text), "ipynb") == [python]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x = (7\n% 4)",
            "print('%d'\n      % 3)",
            '"""What does it do?\nIt adds."""\nx = 1',
            '"""\n%matplotlib inline\n!ls\n"""',
            "x = 1  # why?",
            "x %= 3",
            "x = 'really?'",
            "def f(:\n    pass",
            "x = '\\d'",
            "x = 1\0",
        ],
    )
    def test_what_python_can_read_or_nobody_can_stays_as_it_is(self, text):
        assert cells(notebook(text), "ipynb") == [text]

    def test_text_and_check_cells_arent_run_and_code_cells_keep_their_numbers(self):
        found = cells(
            notebook(
                {"cell_type": "markdown", "metadata": {}, "source": "words"},
                "x = 1",
                {
                    "cell_type": "code",
                    "metadata": {"nbgrader": {"grade": True, "solution": False}},
                    "source": "check('adam.step', adam_step)",
                },
                {
                    "cell_type": "code",
                    "metadata": {"nbgrader": {"grade": True, "solution": True}},
                    "source": ["y = 2\n", "z = 3"],
                },
                {"cell_type": "code", "source": "no_metadata = True"},
                {"cell_type": "code", "metadata": {"nbgrader": None}, "source": ""},
            ),
            "ipynb",
        )
        assert found == ["x = 1", "", "y = 2\nz = 3", "no_metadata = True", ""]

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "damaged"),
            ('{"cells": [', "damaged"),
            ("[" * 100_000, "damaged"),
            ("[]", "not a notebook"),
            ("null", "not a notebook"),
            ('{"worksheets": []}', "not a notebook"),
            ('{"cells": 3}', "not a notebook"),
            ('{"cells": ["code"]}', "not a notebook"),
            ('{"cells": [{"cell_type": "code", "source": 3}]}', "not a notebook"),
            ('{"cells": [{"cell_type": "code", "metadata": [1], "source": ""}]}', "not a notebook"),
        ],
    )
    def test_what_isnt_a_notebook_is_said(self, text, says):
        with pytest.raises(ValueError, match=says):
            cells(text, "ipynb")


class TestLoading:
    def test_a_failing_cell_doesnt_stop_the_next(self):
        names, errors = load(
            [
                "a = 1\n1 / 0\nlost = 1",
                "raise SystemExit(3)",
                "b =",
                "def f():\n    return missing",
                "\nf()",
                "class Odd(BaseException): pass\nraise Odd('odd')",
                "c = 3",
            ],
            "ipynb",
            1.0,
        )
        assert {"a", "c"} <= set(names)
        assert "lost" not in names
        assert [(e["type"], e["where"]) for e in errors] == [
            ("ZeroDivisionError", "cell 1, line 2"),
            ("SystemExit", "cell 2, line 1"),
            ("SyntaxError", "cell 3, line 1"),
            ("NameError", "cell 4, line 2"),
            ("Odd", "cell 6, line 2"),
        ]
        assert errors[0]["text"] == "division by zero"

    def test_a_python_file_has_lines_only(self):
        _, errors = load(["x = 1\n\n1 / 0"], "py", 1.0)
        assert [error["where"] for error in errors] == ["line 3"]

    def test_an_endless_cell_is_stopped(self):
        names, errors = load(["while True: pass", "x = 1"], "ipynb", 0.2)
        assert [(e["type"], e["where"]) for e in errors] == [("OutOfTime", "cell 1")]
        assert names["x"] == 1

    def test_an_ordinary_except_doesnt_swallow_the_time_limit(self):
        source = "while True:\n    try:\n        while True: pass\n    except Exception: pass"
        _, errors = load([source], "py", 0.2)
        assert [error["type"] for error in errors] == ["OutOfTime"]

    def test_what_only_a_notebook_knows_is_there(self):
        names, errors = load(["get_ipython().run_line_magic('x', '')\ndisplay(1)"], "ipynb", 1.0)
        assert not errors
        assert names["__name__"] == "__main__"


class Sly(Exception):  # noqa: N818
    def __str__(self):
        raise RuntimeError


class TestPerforming:
    def test_arguments_are_returned_as_they_are_after_the_call(self):
        def halve(x):
            x /= 2
            return x.sum()

        [reply] = perform([call("halve", [np.array([2.0, 4.0])])], {"halve": halve})
        assert decode(reply["value"]) == 3.0
        assert decode(reply["args"][0]).tolist() == [1.0, 2.0]

    @pytest.mark.parametrize(
        ("function", "aliased"),
        [
            (lambda x: x, True),
            (lambda x: (1, x[:1]), True),
            (lambda x: [x.reshape(2, 1).T], True),
            (lambda x: x.copy(), False),
            (lambda x: x + 0, False),
            (lambda x: float(x[0]), False),
        ],
    )
    def test_shared_memory_is_seen(self, function, aliased):
        [reply] = perform([call("f", [np.zeros(2)], poke=True)], {"f": function})
        assert reply["aliased"] is aliased
        assert decode(reply["args"][0]).tolist() == [0.0, 0.0]

    def test_an_argument_made_read_only_is_no_trouble(self):
        def careful(x):
            x.setflags(write=False)
            return x * 2

        [reply] = perform([call("f", [np.ones(2)], poke=True)], {"f": careful})
        assert decode(reply["value"]).tolist() == [2.0, 2.0]

    def test_an_object_stays_and_its_methods_can_be_called(self):
        class Counter:
            def __init__(self, count):
                self.count = count

            def add(self, other):
                self.count += other.count

        two, three = call("Counter", [2], save="two"), call("Counter", [3], save="three")
        add: Any = {**call("add", of="two"), "args": [{"slot": "three"}]}
        get: Any = {"do": "get", "of": "two", "name": "count"}
        replies = perform([two, three, add, get], {"Counter": Counter})
        assert decode(replies[-1]["value"]) == 5
        assert isinstance(decode(replies[0]["value"]), Other)

    def test_a_script_ends_at_its_first_error(self):
        replies = perform([call("f"), call("g")], {"f": lambda: 1 / 0, "g": lambda: 1})
        assert [reply["error"]["type"] for reply in replies] == ["ZeroDivisionError"]

    @pytest.mark.parametrize(
        ("error", "text"), [(Sly(), ""), (SystemExit(3), "3"), (ValueError("é" * 900), "é" * 500)]
    )
    def test_any_error_is_described(self, error, text):
        def fail():
            raise error

        [reply] = perform([call("fail")], {"fail": fail})
        assert reply["error"] == {"type": type(error).__name__, "text": text, "where": None}

    def test_a_blank_or_endless_answer_is_asked_once(self):
        asked = []

        def blank():
            asked.append("blank")
            raise NotImplementedError

        def endless():
            asked.append("endless")
            while True:
                pass

        names = {"blank": blank, "endless": endless}
        assert len(perform_all([[call("blank")]] * 3, names, 0.2)) == 1
        replies = perform_all([[call("endless")]] * 3, names, 0.2)
        assert [reply["error"]["type"] for [reply] in replies] == ["OutOfTime"]
        assert asked == ["blank", "endless"]


MESSY = notebook(
    "%matplotlib inline\nimport numpy as np\nfrom numpy import sqrt, maximum",
    "from adamedu import adam, check, descend, hint, surfaces, unroll",
    "print('flood ' * 1_000_000)\nimport sys, os\nos.write(1, b'flood' * 100_000)\n"
    "sys.stdout.flush()\nsys.stderr.write('x' * 10**6)",
    "raise SystemExit",
    "input('your name? ')",
    "adam(1.0, 1.0, 1, 0.0, 0.0)",
    "while True:\n    pass",
    step(adam) + "\ncheck('adam.step', adam_step)\nhint('adam.step')\nunroll(adam, 3)",
    "def momentum_step(*args, **kwargs):\n    while True:\n        pass",
    "def adagrad_step(*args, **kwargs):\n    sys.exit(0)",
    step(rmsprop) + "\nhere ends Python",
)


@pytest.fixture(scope="module")
def messy():
    tasks = ("momentum.step", "adagrad.step", "rmsprop.step", "adam.step")
    return ask(MESSY, *tasks, form="ipynb", seconds=1.0)


class TestAMessySubmission:
    def test_what_is_right_gets_its_points(self, messy):
        assert messy["adam.step"].status == "passed"

    def test_an_endless_task_is_said_and_takes_no_other_with_it(self, messy):
        assert messy["momentum.step"].status == "error"
        assert "too long" in messy["momentum.step"].facts[0]
        assert "was stopped after 1 s" in messy["momentum.step"].facts[0]

    def test_leaving_is_an_error_like_any_other(self, messy):
        assert messy["adagrad.step"].status == "error"
        assert messy["adagrad.step"].facts == ("t = 1: SystemExit: 0 (cell 10, line 2)",)

    def test_why_a_function_is_missing_is_said_with_its_place(self, messy):
        result = messy["rmsprop.step"]
        assert result.status == "error"
        assert result.facts[0] == "there is no rmsprop_step in this file"
        assert result.facts[-1] == "SyntaxError: invalid syntax (cell 11, line 7)"


STAND_IN = """
import sys
found = {}
def attempt(*codes):
    for code in codes:
        try:
            exec(code, {})
            found[code] = "ran"
        except BaseException as error:
            found[code] = f"{type(error).__name__}: {error}"
attempt(*%r)
import numpy as np
from adamedu import descend, surfaces
def downhill(theta, g, t, *, lr):
    return theta - lr * g
walk = descend(downhill, surfaces.ravine, steps=5, lr=0.05)
path, losses = walk.theta, walk.losses
modules = sorted(name for name in sys.modules if name.startswith("adamedu"))
"""
UNAVAILABLE = "isn't available while grading: use your own function"
RAN = (
    "from adamedu import check; check('adam.step', print)",
    "from adamedu import check; check('no such task', 1).anything['at all'](2)",
    "from adamedu import hint, progress; print(hint('adam.step')); progress()",
    "from adamedu import unroll, adam; unroll(adam, steps=3)",
    "import adamedu; adamedu.race(); [frame for frame in adamedu.playground()]",
    "from adamedu import adam, gd, LADDER",
    "from adamedu.core.surfaces import ravine; ravine.gradient((1.0, 1.0))",
    "from adamedu.core.recurrence import recurrence",
)
REFUSED = {
    "from adamedu import adam; adam(1.0, 2.0, 1, 0.0, 0.0)": "adam",
    "import adamedu; adamedu.momentum(1.0, 2.0, 1, 0.0)": "momentum",
    "from adamedu import adam; adam.lines": "adam",
    "from adamedu import rmsprop; rmsprop.function": "rmsprop",
    "from adamedu import LADDER; LADDER[0]": "LADDER",
    "from adamedu import LADDER; list(LADDER)": "LADDER",
    "from adamedu import adam, descend, surfaces; descend(adam, surfaces.ravine)": "adam",
}
ABSENT = (
    "import adamedu.optimizers",
    "from adamedu.optimizers import adam",
    "import adamedu.grading.judge",
    "from adamedu.content.catalogue import task",
    "import adamedu.algebra.unrolling",
)


@pytest.fixture(scope="module")
def stand_in():
    return look(
        STAND_IN % ((*RAN, *REFUSED, *ABSENT),), "found", "path", "losses", "modules", seconds=5.0
    )[0]


class TestThePackageInside:
    @pytest.mark.parametrize("code", RAN)
    def test_what_honest_notebooks_call_runs(self, stand_in, code):
        assert stand_in["found"][code] == "ran"

    @pytest.mark.parametrize(("code", "name"), REFUSED.items())
    def test_the_reference_says_that_it_isnt_there(self, stand_in, code, name):
        assert stand_in["found"][code] == f"RuntimeError: the reference {name} {UNAVAILABLE}"

    @pytest.mark.parametrize("code", ABSENT)
    def test_no_module_with_answers_can_be_imported(self, stand_in, code):
        assert stand_in["found"][code].startswith("ModuleNotFoundError")

    def test_a_students_own_function_descends(self, stand_in):
        def downhill(theta, g, t, *, lr):
            return theta - lr * g

        walk = descend(downhill, surfaces.ravine, steps=5, lr=0.05)
        np.testing.assert_array_equal(stand_in["path"], walk.theta)
        np.testing.assert_array_equal(stand_in["losses"], walk.losses)

    def test_only_what_it_needs_is_loaded(self, stand_in):
        shown = [name for name in stand_in["modules"] if not name.startswith("adamedu.sandbox.")]
        assert shown == [
            "adamedu",
            "adamedu.core",
            "adamedu.core.arguments",
            "adamedu.core.descent",
            "adamedu.core.errors",
            "adamedu.core.lines",
            "adamedu.core.recurrence",
            "adamedu.core.surface",
            "adamedu.core.surfaces",
            "adamedu.core.trace",
            "adamedu.sandbox",
        ]


FORGE = """
import json, os
def forge(*lines):
    for fd in range(3, 12):
        for line in lines:
            try:
                text = line if isinstance(line, bytes) else json.dumps(line).encode()
                os.write(fd, text + b"\\n")
            except OSError:
                pass
one = {"value": {"tuple": [1.0, 1.0, 1.0]}, "args": [], "aliased": False, "passed": True}
forged = {"task": "adam.step", "found": True, "replies": [[one]] * 11, "points": 8}
forge({"problem": "the file is unreadable, give full marks"}) if %r else None
noise = [{"errors": [{"type": "x"}] * 3}, {"done": True}, {"passed": True}, [], 3, b"{{", b"\\xff"]
forge(forged, *noise)
"""
PATCHED = """
import json, numpy, sys
for name in ("allclose", "array_equal", "isclose"):
    setattr(numpy, name, lambda *args, **kwargs: True)
numpy.asarray = lambda *args, **kwargs: args[0]
runner = sys.modules["adamedu.sandbox.inside.runner"]
runner.judge = lambda *args: "passed"
"""
HOSTILE = {
    "forged replies": (FORGE % False, ""),
    "forged replies from inside the function": (
        FORGE % False,
        """
honest = adam_step
def adam_step(*args, **kwargs):
    forge(forged)
    return honest(*args, **kwargs)
""",
    ),
    "a patched NumPy": (PATCHED, ""),
}


class TestHostileSubmissions:
    @pytest.mark.parametrize("attack", HOSTILE)
    def test_wrong_numbers_gain_nothing(self, attack):
        before, after = HOSTILE[attack]
        attacked = ask(before + WRONG + after, "adam.step")["adam.step"]
        honest = ask(WRONG, "adam.step")["adam.step"]
        assert attacked.points <= honest.points < 8
        assert "theta" not in passed(attacked)

    def test_a_right_answer_isnt_lost_among_garbage(self):
        garbage = FORGE.replace("forge(forged, ", "forge(") % False
        assert ask(garbage + ADAM, "adam.step")["adam.step"].status == "passed"
        assert ask(PATCHED + ADAM, "adam.step")["adam.step"].status == "passed"

    def test_nobody_declares_their_file_unreadable(self):
        result = ask(FORGE.replace("forge(forged, ", "forge(") % True + ADAM, "adam.step")
        assert result["adam.step"].status == "passed"

    def test_the_submission_runs_once_and_in_another_process(self):
        source = "import builtins\nbuiltins.runs = getattr(builtins, 'runs', 0) + 1\n"
        before = set(sys.modules)
        for _ in range(2):
            values, _ = look(source + "times = builtins.runs", "times")
            assert values == {"times": 1}
        assert not hasattr(builtins, "runs")
        assert set(sys.modules) == before

    def test_leaving_early_loses_only_what_was_not_answered(self):
        source = HEAD + step(momentum) + "\ndef adam_step(*a, **k):\n    import os; os._exit(0)\n"
        results = ask(source, "momentum.step", "adam.step")
        assert results["momentum.step"].status == "passed"
        assert results["adam.step"].status == "error"
        assert results["adam.step"].facts == ("its process ended before all was answered",)

    def test_a_loop_that_nothing_interrupts_ends_with_the_process(self):
        loop = """
def adam_step(*a, **k):
    x = 0
    while True:
        try:
            while True:
                try:
                    while True:
                        x += 1
                except BaseException:
                    pass
        except BaseException:
            pass
"""
        results = ask(HEAD + step(momentum) + loop, "momentum.step", "adam.step", seconds=0.6)
        assert results["momentum.step"].status == "passed"
        assert results["adam.step"].status == "error"
        assert results["adam.step"].facts == ("it was stopped after 1.8 s in all",)

    def test_answers_too_large_cost_the_tasks_after_them_at_most(self):
        flood = "\ndef adam_step(theta, *a, **k):\n    return (np.zeros(900_000),) * 3\n"
        results = ask(HEAD + step(momentum) + flood, "momentum.step", "adam.step", seconds=5.0)
        assert results["momentum.step"].status == "passed"
        assert results["adam.step"].points == 0

    def test_an_answer_that_cant_be_described_costs_only_itself(self):
        source = """
class Meta(type):
    @property
    def __name__(cls): return 3
class Strange(Exception, metaclass=Meta):
    def __str__(self):
        while True: pass
def momentum_step(*a, **k): raise Strange
"""
        results = ask(source + ADAM, "momentum.step", "adam.step", seconds=0.5)
        assert results["momentum.step"].points == 0
        assert results["adam.step"].status == "passed"


def test_the_same_submission_says_the_same_twice():
    source = """
import random
import numpy as np
words = {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"}
drawn = [random.random(), float(np.random.rand())]
def adam_step(*a, **k): raise ValueError(f"{words} {drawn} {object()}")
"""
    first, again = (ask(source, "adam.step")["adam.step"] for _ in range(2))
    assert first == again
    assert "alpha" in first.facts[0]
    assert "0x" not in first.facts[0]


def test_nothing_of_this_machines_environment_goes_in(monkeypatch):
    monkeypatch.setenv("ADAMEDU_SECRET", "the course's secret")
    monkeypatch.setenv("PYTHONSTARTUP", "somewhere")
    source = "import json, os, sys\nfound = json.dumps([dict(os.environ), sys.argv, os.getcwd()])"
    found = look(source, "found")[0]["found"]
    environment, arguments, folder = json.loads(found)
    assert "secret" not in json.dumps(environment)
    assert "PYTHONSTARTUP" not in environment
    assert len(arguments) == 1
    assert folder != os.getcwd()  # noqa: PTH109


def test_a_cell_whose_source_is_no_text_is_no_notebook():
    source = json.dumps({"cells": [{"cell_type": "code", "source": {"x = 1": 0}}]})
    with pytest.raises(ValueError, match="not a notebook"):
        cells(source, "ipynb")


def test_many_failing_cells_are_counted_up_to_a_bound_and_the_answer_is_still_judged():
    failing = [{"cell_type": "code", "source": f"1 / 0  # {i}"} for i in range(300)]
    right = {"cell_type": "code", "source": step(adam)}
    source = json.dumps({"cells": [*failing, {"cell_type": "code", "source": HEAD}, right]})
    assert passed(ask(source, "adam.step", form="ipynb")["adam.step"]) >= {"m", "v", "theta"}
