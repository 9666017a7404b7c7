"""Exercises come from their solutions, say what the catalogue says, and grade as they should."""

import ast
import asyncio
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import adamedu
from adamedu import adam, descend, surfaces
from adamedu.classroom.releasing import STUB, ReleaseError, release, without_solution
from adamedu.content import catalogue
from adamedu.content.mistakes import forms
from adamedu.grading.grader import Settings
from adamedu.learning.checking import NotPassed
from tests.support.submitting import graded, judged, passed
from tools.notebooks import NotebookError, execute

ROOT = Path(__file__).parents[2]
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
NAMES = [path.name for path in SOLUTIONS]

TASKS = [
    task
    for exercise in catalogue.exercises().values()
    for task in exercise.tasks
    if f"{exercise.name}.ipynb" in NAMES
]


def of_kind(*kinds):
    found = [task for task in TASKS if not kinds or task.kind in kinds]
    return pytest.mark.parametrize("task", found, ids=lambda task: task.id)


def load(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def text(cell):
    return "".join(cell["source"])


def role(cell):
    """What a cell is for: statement, solution, check or, by its own name, something else."""
    marks = cell["metadata"].get("nbgrader", {})
    if marks.get("solution"):
        return "solution"
    if marks.get("grade"):
        return "check"
    return "statement" if cell["cell_type"] == "markdown" else "given"


def cells_of(notebook, task_id=None):
    """The cells of a task by their role, those that only the solution has left out."""
    found: dict[str, list[Any]] = {}
    for cell in notebook["cells"]:
        mine = cell["metadata"].get("adamedu", {})
        if mine.get("task") == task_id and "only" not in mine:
            found.setdefault(role(cell), []).append(cell)
    return found


def exercise_of(task):
    return load(ROOT / "exercises" / f"{catalogue.exercise_of(task).name}.ipynb")


def statement_of(task):
    (cell,) = cells_of(exercise_of(task), task.id)["statement"]
    return text(cell)


# The exercise is made from its solution.


def test_every_solution_has_its_exercise_and_nothing_else_is_there():
    assert NAMES
    assert [path.name for path in EXERCISES] == NAMES
    assert {path.stem for path in SOLUTIONS} <= {e.name for e in catalogue.exercises().values()}


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_an_exercise_is_what_release_makes_of_its_solution(path, tmp_path):
    made = release(path, tmp_path)
    assert made.name == path.name
    assert made.read_bytes() == (ROOT / "exercises" / path.name).read_bytes()
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("path", EXERCISES, ids=NAMES)
def test_an_exercise_says_where_it_comes_from_and_shows_no_solution(path):
    notebook = load(path)
    assert notebook["metadata"]["adamedu"]["generated"].endswith(f"solutions/{path.name}")
    whole = path.read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in whole
    assert "END SOLUTION" not in whole
    assert all(cell.get("outputs", []) == [] for cell in notebook["cells"])
    assert all(cell.get("execution_count") is None for cell in notebook["cells"])
    assert all("only" not in cell["metadata"].get("adamedu", {}) for cell in notebook["cells"])


def test_a_solution_in_a_method_leaves_a_line_that_raises_in_each_place():
    source = (
        "class A:\n    def f(self):\n        ### BEGIN SOLUTION\n        return 1\n"
        "        ### END SOLUTION\n\n    def g(self):\n        x = 1\n        ### BEGIN SOLUTION\n"
        "        return x\n        ### END SOLUTION\n        return 2"
    )
    assert without_solution(source, "here") == (
        f"class A:\n    def f(self):\n        {STUB}\n\n    def g(self):\n        x = 1\n"
        f"        {STUB}\n        return 2"
    )


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("### BEGIN SOLUTION\n1", "cell 7: '### BEGIN SOLUTION' has no '### END SOLUTION'"),
        ("1\n### END SOLUTION", "cell 7: '### END SOLUTION' is out of place"),
        (
            "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
            "cell 7: '### BEGIN SOLUTION' is out of place",
        ),
    ],
)
def test_a_mark_out_of_place_is_named(source, why):
    with pytest.raises(ReleaseError, match=f"^{re.escape(why)}$"):
        without_solution(source, "cell 7")


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"cells": 3, "metadata": {}}', "{"])
def test_what_is_no_notebook_is_not_released_and_what_was_there_stays(broken, tmp_path):
    (tmp_path / "05_adam.ipynb").write_text(broken)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "05_adam.ipynb").write_text("mine")
    with pytest.raises(ReleaseError, match=r"^05_adam\.ipynb can't be read as a notebook: "):
        release(tmp_path / "05_adam.ipynb", tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["05_adam.ipynb"]
    assert (tmp_path / "out" / "05_adam.ipynb").read_text() == "mine"


# The notebooks say what the catalogue says.


@pytest.mark.parametrize("path", SOLUTIONS + EXERCISES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_task_has_its_cells_in_the_catalogue_s_order_and_nothing_strays(path):
    notebook, exercise = load(path), catalogue.exercise(path.stem)
    ids = [task.id for task in exercise.tasks]
    by_role: dict[str, list[str]] = {"statement": [], "solution": [], "check": []}
    for cell in notebook["cells"]:
        mine = cell["metadata"].get("adamedu", {})
        assert mine.keys() <= {"task", "only"}
        assert mine.get("only", "solution") == "solution"
        if "task" not in mine:
            assert "nbgrader" not in cell["metadata"]
            assert "check(" not in text(cell)
        elif role(cell) in by_role and "only" not in mine:
            by_role[role(cell)].append(mine["task"])
    assert by_role == {"statement": ids, "solution": ids, "check": ids}
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(names) == len(set(names))


@of_kind()
def test_the_solution_and_the_check_are_marked_as_nbgrader_wants_them(task):
    cells = cells_of(exercise_of(task), task.id)
    (solution,), (check,) = cells["solution"], cells["check"]
    slug = re.sub(r"[^a-z0-9]", "-", task.id)
    common = {"schema_version": 3, "task": False}
    assert solution["metadata"]["nbgrader"] == common | {
        "grade_id": slug, "solution": True, "grade": False, "locked": False
    }  # fmt: skip
    assert check["metadata"]["nbgrader"] == common | {
        "grade_id": f"check-{slug}", "solution": False, "grade": True, "locked": True,
        "points": task.points,
    }  # fmt: skip
    assert text(check) == f'check("{task.id}", {task.answer})'
    defined = {
        name
        for node in ast.parse(text(solution)).body
        for name in ([node.name] if hasattr(node, "name") else [t.id for t in node.targets])
    }
    assert defined == {task.answer}


@of_kind()
def test_a_statement_opens_with_title_points_and_minutes(task):
    number = list(catalogue.exercise_of(task).tasks).index(task) + 1
    points = f"{task.points} point{'s' if task.points > 1 else ''}"
    opening = f"## {number}. {task.title}\n\n`{task.id}` · {points} · about {task.minutes} minutes"
    assert statement_of(task).startswith(f"{opening}\n\n")


@of_kind("predict")
def test_the_choices_stand_there_word_for_word(task):
    found = dict(re.findall(r"^- \*\*(\w+)\*\*: (.*)$", statement_of(task), re.MULTILINE))
    assert found == {choice.id: choice.says for choice in task.choices}
    assert task.right in found


@of_kind("by-hand")
def test_the_given_numbers_stand_there(task):
    head, _, values = (
        [part.strip(" `") for part in line.strip("|").split("|")]
        for line in statement_of(task).splitlines()
        if line.startswith("|")
    )
    given = dict(task.given)
    given |= {f"g_{t}": g for t, g in enumerate(task.gradients, start=1)}
    given |= {"theta_0": task.theta} if task.theta != "0" else {}
    given |= {"curvature": task.curvature} if task.curvature else {}
    assert dict(zip(head, values, strict=True)) == given


@of_kind("step")
def test_a_step_has_the_reference_s_signature(task):
    (cell,) = cells_of(exercise_of(task), task.id)["solution"]
    (function,) = ast.parse(text(cell)).body
    assert isinstance(function, ast.FunctionDef)
    reference = task.reference
    parameters = inspect.signature(reference.function).parameters.values()
    kinds = inspect.Parameter
    assert [a.arg for a in function.args.args] == [
        p.name for p in parameters if p.kind is kinds.POSITIONAL_OR_KEYWORD
    ]
    assert [a.arg for a in function.args.kwonlyargs] == [
        p.name for p in parameters if p.kind is kinds.KEYWORD_ONLY
    ]


@of_kind("step")
def test_a_step_is_checked_for_what_it_returns_its_manners_and_known_mistakes(task):
    known = {mistake.id for mistake, _ in forms(task.optimizer, "step")}
    returned = {*task.reference.returned, "inputs", "arguments"}
    ids = {check.id for check in task.checks}
    assert ids <= returned | known
    assert not ids & known or (len(ids) == 2 and ids <= known)


def test_the_design_s_bounds_and_points_stand_there():
    task: Any = catalogue.task("adam.design")
    statement = statement_of(task)
    for check in task.checks:
        bound = task.goal.bounds[check.id]
        assert re.search(rf"longer than {bound:g} `lr` earns {check.points} ", statement)
    assert f"up to {task.most} of" in statement


@pytest.mark.parametrize("path", EXERCISES, ids=NAMES)
def test_the_preface_and_the_end_count_right(path):
    exercise, cells = catalogue.exercise(path.stem), load(path)["cells"]
    points = sum(task.points for task in exercise.tasks)
    minutes = sum(task.minutes for task in exercise.tasks)
    preface, end = text(cells[0]), text(cells[-1])
    assert preface.startswith(f"# Exercises {exercise.number}: {exercise.title}\n")
    assert exercise.question in preface
    assert f"{minutes} minutes for {len(exercise.tasks)} tasks and {points} points" in preface
    assert f"out of {points}" in end
    assert f"adamedu grade {path.name}" in end


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_every_link_to_a_file_of_the_course_leads_there(path):
    links = re.findall(r"\]\(((?!https?:)[^)#]+)", "\n".join(map(text, load(path)["cells"])))
    assert links
    assert [link for link in links if not (path.parent / link).is_file()] == []


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_a_worked_solution_is_explained_and_its_outputs_are_clean(path):
    notebook = load(path)
    explained = {
        cell["metadata"]["adamedu"]["task"]
        for cell in notebook["cells"]
        if cell["metadata"].get("adamedu", {}).get("only") and cell["cell_type"] == "markdown"
    }
    assert explained == {task.id for task in catalogue.exercise(path.stem).tasks}
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert outputs
    assert {output["output_type"] for output in outputs} <= {"display_data", "execute_result"}
    assert not re.search(r"/(home|tmp|root|work)/|0x[0-9a-f]{6}", json.dumps(outputs))


@pytest.mark.parametrize("task", catalogue.tasks().values(), ids=lambda task: task.id)
def test_every_task_has_three_hints_and_a_reason_for_every_choice(task):
    assert len(task.hints) == len(set(task.hints)) == 3
    assert all(len(hint) > 20 for hint in task.hints)
    assert all(check.points > 0 and check.says for check in task.checks)
    assert len({check.id for check in task.checks}) == len(task.checks)
    assert all(len(choice.why) > 20 for choice in getattr(task, "choices", ()))


@pytest.mark.parametrize("exercise", catalogue.exercises().values(), ids=lambda e: e.name)
def test_no_two_answers_share_a_name_and_none_is_a_name_for_scratch_work(exercise):
    names = [task.answer for task in exercise.tasks]
    assert len(names) == len(set(names))
    assert not {"theta", "g", "t", "m", "v", "m_hat", "v_hat", "lr", "x", "y"} & set(names)


# The bug that the loss doesn't show.


@pytest.fixture(scope="module")
def faulty():
    (cell,) = cells_of(exercise_of(catalogue.task("adam.bug")), "adam.bug")["given"]
    definition, _, run = text(cell).rpartition("\n\n\n")
    assert run == "descend(faulty_adam, surfaces.ravine, steps=100, lr=0.2)"
    namespace = {"np": np}
    exec(definition, namespace)  # noqa: S102  (the notebook's own cell)
    return namespace["faulty_adam"]


def test_the_faulty_step_s_loss_falls_as_the_statement_says(faulty):
    losses = [
        descend(step, surfaces.ravine, steps=100, lr=0.2).losses[[0, -1]] for step in (faulty, adam)
    ]
    (start, wrong), (_, right) = losses
    statement = " ".join(statement_of(catalogue.task("adam.bug")).split())
    assert f"falls from {start:.4g} to {wrong:.4g}. A right Adam ends at {right:.4g}." in statement
    assert wrong < right


def test_the_faulty_step_earns_nothing_and_each_fault_that_is_gone_its_points(faulty):
    source = inspect.getsource(adam.function)
    body = source[source.index("    m = ") :]
    (cell,) = cells_of(exercise_of(catalogue.task("adam.bug")), "adam.bug")["given"]
    wrong = [line for line in text(cell).splitlines() if line.startswith("    ")][1:]
    right = body.splitlines()
    differing = [
        i
        for i, (a, b) in enumerate(zip(wrong, right, strict=True))
        if a.replace("np.", "").replace(" ", "") != b.replace(" ", "")
    ]
    assert len(differing) == 2
    with pytest.raises(NotPassed, match=r"^adam\.bug: not passed yet, 0 of 4 points$"):
        adamedu.check("adam.bug", faulty)
    for i, gone in zip(differing, ["eps-outside-fraction", "one-correction-off"], strict=True):
        lines = [*right[:i], wrong[i], *right[i + 1 :]]
        namespace = {"np": np, "sqrt": np.sqrt}
        head = "def half_mended(theta, g, t, m, v, *, lr, beta1, beta2, eps):\n"
        exec(head + "\n".join(lines), namespace)  # noqa: S102
        result = judged("adam.bug", namespace["half_mended"])
        assert (passed(result), result.points) == ({gone}, 2)


# A maintainer's check: a blank exercise earns nothing, a solution everything.


@pytest.mark.parametrize("path", EXERCISES, ids=NAMES)
def test_a_blank_exercise_is_missing_every_task(path):
    found = graded(path)
    assert found.status == "graded"
    assert {task.id: task.status for task in found.tasks} == dict.fromkeys(
        (task.id for task in catalogue.exercise(path.stem).tasks), "missing"
    )
    assert found.score == 0


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_a_solution_passes_every_task(path):
    found = graded(path, Settings(secret="another seed than the notebook's"))  # noqa: S106
    assert {task.id: task.status for task in found.tasks} == dict.fromkeys(
        (task.id for task in catalogue.exercise(path.stem).tasks), "passed"
    )
    assert found.score == found.max_score > 0


# What a learner, nbval and nbgrader see of a notebook that is blank, wrong, partly right, solved.

FULL = {
    "adam.scale": 1, "adam.m": 3, "adam.v-hat": 3, "adam.theta": 3, "adam.line": 2,
    "adam.step": 8, "adam.bug": 4, "adam.run": 5, "adam.class": 5, "adam.design": 3,
}  # fmt: skip
POINTS = {
    "blank": dict.fromkeys(FULL, 0),
    "wrong": dict.fromkeys(FULL, 0),
    "partial": FULL
    | {
        "adam.m": 2, "adam.v-hat": 1, "adam.theta": 1, "adam.step": 6, "adam.bug": 2,
        "adam.run": 1, "adam.class": 3, "adam.design": 1,
    },
    "solved": FULL,
}  # fmt: skip
EDITS: dict[str, dict[str, list[tuple[str, str]]]] = {
    "wrong": {
        "adam.scale": [('"b"', '"a"')],
        "adam.m": [("[2, 2, -2]", "[1, 1, 1]")],
        "adam.v-hat": [("[16, Fraction(64, 7), Fraction(768, 37)]", "[4, 4, 12]")],
        "adam.theta": [("Fraction(9, 10), Fraction(8, 10), Fraction(7, 10)", "0, 0, 0")],
        "adam.line": [("theta - lr", "theta + lr")],
        "adam.step": [("return theta, m, v", "return theta + m, 0 * m, v + g")],
        "adam.bug": [
            ("1 - beta1**t", "1 - beta1 ** (t + 1)"),
            ("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat) + eps"),
        ],
        "adam.run": [("path.append(theta)", "path.append(g)")],
        "adam.class": [("self.params[i], self.m[i], self.v[i] = adam_step", "_ = adam_step")],
        "adam.design": [("[(0.999 / 0.9) ** i for i in range(800)]", "[1.0]")],
    },
    "partial": {
        "adam.m": [("[2, 2, -2]", "[2, 2, None]")],
        "adam.v-hat": [("Fraction(64, 7), Fraction(768, 37)", "4, 12")],
        "adam.theta": [("Fraction(8, 10), Fraction(7, 10)", "0.81, 0.729")],
        "adam.step": [("m_hat = m / (1 - beta1**t)", "m_hat = m")],
        "adam.bug": [("1 - beta1**t", "1 - beta1 ** (t + 1)")],
        "adam.run": [("adam_step(theta, g, t,", "adam_line(theta, g, 1,")],
        "adam.class": [("adam_step", "adam_line"), ("self.t, self.m, ", "_, self.m, ")],
        "adam.design": [("[(0.999 / 0.9) ** i for i in range(800)]", "[0] * 3000 + [1, 1]")],
    },
    "solved": {},
}


def variant(name):
    """The exercise, filled in with the solution's answers after some edits."""
    notebook = load(ROOT / "exercises" / "05_adam.ipynb")
    if name == "blank":
        return notebook
    solution = load(ROOT / "solutions" / "05_adam.ipynb")
    for task_id in FULL:
        (answer,), (place,) = (cells_of(n, task_id)["solution"] for n in (solution, notebook))
        place["source"] = text(answer) + "\n"
        for old, new in EDITS[name].get(task_id, []):
            assert old in place["source"]
            place["source"] = place["source"].replace(old, new)
    return notebook


@pytest.fixture(scope="module")
def variants(tmp_path_factory):
    folder = tmp_path_factory.mktemp("variants")
    for name in POINTS:
        (folder / f"{name}.ipynb").write_text(json.dumps(variant(name)), encoding="utf-8")
    return {name: folder / f"{name}.ipynb" for name in POINTS}


def in_kernels(paths):
    """Run each notebook to its end in a kernel of its own, errors and all, two at a time."""

    async def run(path, turn):
        notebook = nbformat.read(path, as_version=4)
        client = NotebookClient(
            notebook,
            timeout=60,
            allow_errors=True,
            resources={"metadata": {"path": str(path.parent)}},
            extra_arguments=["--log-level=ERROR"],
        )
        async with turn:
            await client.async_execute()
        return notebook

    async def run_all():
        turn = asyncio.Semaphore(2)
        return await asyncio.gather(*(run(path, turn) for path in paths.values()))

    return dict(zip(paths, asyncio.run(run_all()), strict=True))


@pytest.fixture(scope="module")
def executed(variants):
    return in_kernels(variants)


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.slow
def test_in_jupyter_the_checks_of_unsolved_tasks_stop_and_nothing_else_does(executed, name):
    stopped = {}
    for cell in executed[name].cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "stream"
            if output.output_type == "error":
                assert output.ename == "NotPassed"
                (line,) = output.traceback
                assert role(cell) == "check"
                assert line.startswith(f"{cell.metadata.adamedu.task}: not passed yet, ")
                assert "\n" not in line
                stopped[cell.metadata.adamedu.task] = int(line.split()[-4])
    unsolved = {task: got for task, got in POINTS[name].items() if got < FULL[task]}
    assert stopped == unsolved


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.slow
def test_in_jupyter_each_check_shows_its_card(executed, name):
    for cell in executed[name].cells:
        if role(cell) == "check":
            task = cell.metadata.adamedu.task
            card = next(o for o in cell.outputs if o.output_type == "display_data").data
            points = f"{POINTS[name][task]} of {FULL[task]} point"
            assert card["text/plain"].startswith(f"{task}: ")
            assert points in card["text/plain"].splitlines()[0]
            assert points in card["text/html"]


def nbval(mode, *paths):
    """Run nbval with the project's settings: per file the failed cells and what was said."""
    folder = paths[0].parent
    report = folder / "nbval.xml"
    command = [sys.executable, "-m", "pytest", mode, "--nbval-cell-timeout=60", *paths]
    settings = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *settings, f"--junitxml={report}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    found: dict[str, dict[str, Any]] = {path.name: {} for path in paths}
    ran = dict.fromkeys(found, 0)
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314  (pytest's own)
        name = case.attrib["classname"]
        ran[name] += 1
        if (failure := case.find("failure")) is not None:
            found[name][case.attrib["name"]] = failure.text
    for path in paths:
        assert ran[path.name] == sum(cell["cell_type"] == "code" for cell in load(path)["cells"])
    return found


@pytest.fixture(scope="module")
def nbval_lax(variants):
    return nbval("--nbval-lax", *variants.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", POINTS)
def test_nbval_fails_at_the_checks_of_unsolved_tasks_and_names_them(nbval_lax, variants, name):
    code = [cell for cell in load(variants[name])["cells"] if cell["cell_type"] == "code"]
    failed = {f"Cell {number}": cell for number, cell in enumerate(code)}
    said = nbval_lax[f"{name}.ipynb"]
    assert {failed[cell]["metadata"]["adamedu"]["task"] for cell in said} == {
        task for task, points in POINTS[name].items() if points < FULL[task]
    }
    for cell, message in said.items():
        assert role(failed[cell]) == "check"
        assert f"\n{failed[cell]['metadata']['adamedu']['task']}: not passed yet, " in message


@pytest.mark.classroom
def test_nbgrader_gives_the_points_of_the_grader(variants, monkeypatch):
    utils = pytest.importorskip("nbgrader.utils")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    for name, notebook in in_kernels(variants).items():
        given = {
            cell.metadata.adamedu.task: utils.determine_grade(cell)
            for cell in notebook.cells
            if utils.is_grade(cell)
        }
        assert given == {task: (POINTS[name][task], FULL[task]) for task in FULL}
        for cell in notebook.cells:
            results = [o for o in cell.get("outputs", []) if o.output_type == "execute_result"]
            points = POINTS[name].get(cell.metadata.get("adamedu", {}).get("task"), 0)
            if role(cell) == "check" and 0 < points < cell.metadata.nbgrader.points:
                assert [result.data for result in results] == [{"text/plain": f"{points:.1f}"}]
            elif role(cell) == "check":
                assert results == []


@pytest.mark.parametrize("name", ["wrong", "partial"])
def test_the_grader_agrees_with_the_notebook(variants, name):
    found = graded(variants[name], Settings(exercise=catalogue.exercise("05")))
    assert {task.id: task.points for task in found.tasks} == POINTS[name]


# Running notebooks in place.


def test_a_notebook_run_again_is_the_same_file(tmp_path):
    """Whenever its prints arrive, and whatever ids and times it had."""
    prints = "import time\nprint(1, flush=True)\ntime.sleep(0.2)\nprint(2)\ntype"
    cell: dict[str, Any] = {"cell_type": "markdown", "source": "hello", "metadata": {}}
    code = {"cell_type": "code", "source": prints, "metadata": {"execution": {"a": "now"}}}
    cells = [cell, cell, cell | {"id": "mine"}, cell | {"id": "mine"}]
    cells.append(code | {"outputs": [], "execution_count": 9})
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    paths = [tmp_path / "a.ipynb", tmp_path / "b.ipynb"]
    for path in paths:
        path.write_text(json.dumps(notebook))
        execute(path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(tmp_path.iterdir()) == paths
    *texts, ran = load(paths[0])["cells"]
    assert len({cell["id"] for cell in [*texts, ran]}) == 5
    assert texts[2]["id"] == "mine"
    assert (ran["metadata"], ran["execution_count"]) == ({}, 1)
    stream, result = ran["outputs"]
    assert "".join(stream["text"]) == "1\n2\n"
    assert "".join(result["data"]["text/plain"]) == "type"
    assert "version" not in load(paths[0])["metadata"]["language_info"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("1 / 0", "division by zero"),
        ("import sys; sys.stderr.write('careful')", "cell 1 warns: careful"),
    ],
)
def test_a_notebook_that_fails_or_warns_stays_as_it_was(source, why, tmp_path):
    path = tmp_path / "broken.ipynb"
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    notebook = {"cells": [cell | {"execution_count": None}], "metadata": {}}
    before = json.dumps(notebook | {"nbformat": 4, "nbformat_minor": 4})
    path.write_text(before)
    with pytest.raises(NotebookError, match=re.escape(why)):
        execute(path)
    assert path.read_text() == before


@pytest.mark.parametrize("broken", ["", "[]", '{"cells": 3}', '{"cells": [{}]}'])
def test_what_is_no_notebook_is_not_run(broken, tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text(broken)
    with pytest.raises(NotebookError, match=r"broken\.ipynb isn't a notebook"):
        execute(path)
    assert path.read_text() == broken
