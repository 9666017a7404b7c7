"""What was handed out is there for the answers, whatever became of it in a submission."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adamedu.content import course
from adamedu.content.catalogue import task
from adamedu.grading.exams import prepare
from adamedu.grading.grader import Settings
from adamedu.grading.judge import judge_all
from adamedu.grading.released_cells import _code, given_cells
from adamedu.sandbox.inside.notebook import altered, restored
from tests.support.submitting import answers_in, graded, notebook

SOLUTION = Path(__file__).parents[2] / "solutions" / "05_adam.ipynb"
GIVEN = {"first": "import math", "second": "def helper(x):\n    return math.sqrt(x)"}


def cell(text, name=None):
    made = {"cell_type": "code", "metadata": {}, "source": text}
    return made if name is None else {**made, "id": name}


class TestRestored:
    def test_what_is_as_it_was_is_left_alone(self):
        source = notebook(*(cell(text, name) for name, text in GIVEN.items()))
        assert restored(source, GIVEN) == {0: []}

    def test_a_changed_cell_is_followed_by_the_original(self):
        source = notebook(cell("import maths", "first"), cell("x = 1"), cell("", "second"))
        assert restored(source, GIVEN) == {
            0: [],
            1: [GIVEN["first"]],
            3: [GIVEN["second"]],
        }

    def test_missing_cells_come_first_in_their_order(self):
        assert restored(notebook("x = 1"), GIVEN) == {0: list(GIVEN.values())}

    @pytest.mark.parametrize("name", [3, None, [], {}])
    def test_ids_of_other_kinds_are_nobodys(self, name):
        source = notebook({**cell("x = 1"), "id": name})
        assert restored(source, GIVEN)[0] == list(GIVEN.values())

    def test_magics_of_ours_are_dropped(self):
        assert restored(notebook(), {"a": "%matplotlib inline\nx = 1"}) == {0: ["pass\nx = 1"]}

    def test_a_python_file_is_given_nothing(self):
        assert restored("not a notebook", {}) == {}


CHECKS = {"a.b": ("check-a-b", 'check("a.b", answer)\n')}


def check(text=CHECKS["a.b"][1], name="check-a-b", grade_id=None):
    return {**cell(text, name), "metadata": {"nbgrader": {"grade": True, "grade_id": grade_id}}}


class TestAltered:
    @pytest.mark.parametrize(
        "cells",
        [
            [check()],
            [check(name=None)],
            [check('check("a.b", answer)')],
            [check('check("a.b", answer, gradients=["3", "4"])')],
            [check(name="another", grade_id="check-a-b")],
            [check(), cell('check("a.b", answer)', "their-own")],
        ],
    )
    def test_a_check_that_is_still_there_is_not_spoken_of(self, cells):
        assert altered(notebook(*cells), CHECKS) == {}

    @pytest.mark.parametrize(
        ("what", "cells"),
        [
            ("deleted", []),
            ("deleted", [cell("x = 1", "check")]),
            ("edited", [check("pass")]),
            ("edited", [check(), check("check('a.b', right)", grade_id="check-a-b")]),
            ("doubled", [check(), check()]),
            ("doubled", [check(), check(name="copy", grade_id="check-a-b")]),
        ],
    )
    def test_a_check_that_is_not_as_it_was(self, what, cells):
        assert altered(notebook(*cells), CHECKS) == {"a.b": what}

    @pytest.mark.parametrize("name", [3, [], {}])
    def test_names_of_other_kinds_are_nobodys(self, name):
        assert altered(notebook(check(name=name, grade_id=name)), CHECKS) == {}

    def test_a_python_file_has_none(self):
        assert altered("not a notebook", {}) == {}


def changed(tmp_path, change):
    found = json.loads(SOLUTION.read_text(encoding="utf-8"))
    found["cells"] = [made for one in found["cells"] for made in change(one)]
    path = tmp_path / "ada" / "05_adam.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(found), encoding="utf-8")
    return graded(path, Settings(seconds=20.0))


def without_imports(one):
    return [] if one.get("id") == "imports" else [one]


def broken_imports(one):
    return [{**one, "source": "import nump as np\n"} if one.get("id") == "imports" else one]


def more_imports(one):
    text = "".join(one["source"])
    if one.get("id") == "imports":
        return [{**one, "source": f"{text}\nimport math"}]
    return [{**one, "source": text.replace("np.sqrt", "(lambda x: x ** math.sqrt(0.25))")}]


def without_ids(one):
    return [{key: value for key, value in one.items() if key != "id"}]


@pytest.mark.parametrize("change", [without_imports, broken_imports, more_imports, without_ids])
def test_a_solution_stays_one_whatever_became_of_the_cells_around_it(tmp_path, change):
    report = changed(tmp_path, change)
    assert report.status == "graded"
    assert [task.id for task in report.tasks if task.status != "passed"] == []


def without_checks(one):
    return [] if one.get("id", "").startswith("check-") else [one]


def test_deleted_checks_get_a_word_and_full_marks(tmp_path):
    report = changed(tmp_path, without_checks)
    assert report.score == report.max_score
    remark = "a remark, without loss of points: the check below your answer is gone"
    assert all(remark in " ".join(task.facts) for task in report.tasks)


@pytest.mark.parametrize("said", ['["edited"]', '{"adam.step": ["edited"]}', '{"adam.step": "x"}'])
def test_what_is_forged_about_checks_is_left_out(said):
    found = answers_in(f'{{"errors": [], "checks": {said}}}'.encode())
    exam = prepare(task("adam.step"), 1)
    [result] = judge_all([exam], found)
    assert not any("check" in fact for fact in result.facts)


def test_nothing_is_given_back_where_the_course_is_not_installed(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "_PACKAGE", tmp_path / "adamedu")
    _code.cache_clear()
    assert given_cells("05") == {}
    _code.cache_clear()
    assert given_cells(None) == {}
