"""By-hand tasks with numbers of the student's own: released, checked and graded with one seed."""

import json
from fractions import Fraction

import pytest
from click.testing import CliRunner

from adamedu.cli import main
from adamedu.content import catalogue
from adamedu.content.tasks import ByHandTask
from adamedu.grading.exams.by_hand import exact_values
from adamedu.grading.personalize import personalize, with_gradients
from adamedu.learning.checking import NotPassed, check

BY_HAND = [
    task.id
    for task in catalogue.tasks().values()
    if isinstance(task, ByHandTask) and task.gradients
]


def gradients_of(task):
    return task.gradients


def own_task(task_id, seed):
    return personalize(catalogue.task(task_id), seed)


@pytest.mark.parametrize("task_id", BY_HAND)
def test_a_students_numbers_keep_the_tasks_pattern(task_id):
    task = catalogue.task(task_id)
    given = gradients_of(task)
    drawn = [gradients_of(personalize(task, seed)) for seed in range(20)]
    assert len({tuple(own) for own in drawn}) > 5
    for own in drawn:
        assert [own.index(g) for g in own] == [given.index(g) for g in given]


@pytest.mark.parametrize("task_id", BY_HAND)
def test_a_students_answers_are_exact(task_id):
    for seed in range(20):
        values = exact_values(own_task(task_id, seed))
        assert all(isinstance(value, Fraction) for value in values)


def test_where_roots_must_come_out_the_proportions_stay():
    task = catalogue.task("rmsprop.theta")
    sizes = [abs(int(g)) for g in gradients_of(task)]
    factors = set()
    for seed in range(20):
        own = [abs(int(g)) for g in gradients_of(personalize(task, seed))]
        factors.add(own[0] // sizes[0])
        assert own == [size * (own[0] // sizes[0]) for size in sizes]
    assert factors == {1, 2, 3, 4, 5}


def test_other_tasks_stay_as_they_are():
    task = catalogue.task("adam.step")
    assert personalize(task, 1) is task
    with pytest.raises(ValueError, match=r"adam\.step takes no gradients"):
        with_gradients(task, [1, 2, 3])


def test_a_check_takes_the_numbers_of_ones_own(capsys):
    check("adam.m", [1, 2, 3], gradients=[2, 3, 4])  # half of 0 and 2, of 1 and 3, of 2 and 4
    assert "adam.m: passed" in capsys.readouterr().out
    with pytest.raises(NotPassed):
        check("adam.m", [1, 2, 3])
    with pytest.raises(ValueError, match="takes 3 gradients, not 2"):
        check("adam.m", [1, 2, 3], gradients=[2, 3])


def release(folder, *students):
    named = [part for student in students for part in ("--student", student)]
    arguments = ["release", "--secret", "word", "--out", str(folder), *named]
    return CliRunner().invoke(main, [*arguments, "solutions/05_adam.ipynb"])


def graded(folder, tmp_path, *options):
    report = tmp_path / "report.json"
    arguments = ["grade", "--task", "adam.m", "--json", str(report), *options, str(folder)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    found = json.loads(report.read_text(encoding="utf-8"))["submissions"]
    return {one["student"]: one["score"] for one in found}


def solve(notebook):
    """Answer adam.m from the table in its statement: each m is halfway to the new gradient."""
    data = json.loads(notebook.read_text(encoding="utf-8"))
    m, answer = 0.0, []
    for cell in data["cells"]:
        if cell["metadata"].get("adamedu", {}).get("task") != "adam.m":
            continue
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            row = next(line for line in text.split("\n") if line.startswith("| 1/10"))
            for gradient in row.strip("| ").split("|")[-3:]:
                m = (m + float(gradient)) / 2
                answer.append(m)
        elif "check(" not in text:
            cell["source"] = f"m_by_hand = {answer}"
    notebook.write_text(json.dumps(data), encoding="utf-8")


def test_what_is_released_for_a_student_is_graded_for_that_student(tmp_path):
    assert release(tmp_path / "out", "ada", "grace").exit_code == 0
    for student in ("ada", "grace"):
        solve(tmp_path / "out" / student / "05_adam.ipynb")
    assert graded(tmp_path / "out", tmp_path, "--personal", "--secret", "word") == {
        "ada": 3,
        "grace": 3,
    }
    assert graded(tmp_path / "out", tmp_path, "--personal", "--secret", "other") != {
        "ada": 3,
        "grace": 3,
    }


def test_a_name_that_is_no_folder_is_refused(tmp_path):
    result = release(tmp_path / "out", "../ada")
    assert result.exit_code == 2
    assert "can't be the name of a student's folder" in result.output
    assert not (tmp_path / "out").exists()
