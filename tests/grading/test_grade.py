"""`adamedu grade`: a folder of submissions in, each with its right result and reason out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

import adamedu
from adamedu import adagrad, adam, momentum, rmsprop
from adamedu.cli import main
from adamedu.content import catalogue
from adamedu.grading.grader import NothingToGradeError, count
from adamedu.grading.report import schema
from adamedu.grading.submissions import UnreadableError, defined_names, find, read
from tests.support.submitting import HEAD, notebook, step

ROOT = Path(__file__).parents[2]
SOLUTION = (ROOT / "solutions" / "05_adam.ipynb").read_text(encoding="utf-8")
BLANK = (ROOT / "exercises" / "05_adam.ipynb").read_text(encoding="utf-8")
SET = catalogue.exercise("05")
ALL = sum(task.points for task in SET.tasks)
COMMAND = [sys.executable, "-c", "from adamedu.cli import main; main(prog_name='adamedu')"]
PY = {
    "all four": HEAD + step(momentum) + step(adagrad) + step(rmsprop) + step(adam),
    "some": HEAD + step(momentum) + step(adam, m_hat="m", v_hat="v") + "m_by_hand = [1, 2, 3]\n",
    "broken": HEAD + step(adam) + "def momentum_step(theta, g, t, m, *, lr, beta)\n    return 0\n",
    "endless": HEAD + step(momentum) + "while True:\n    pass\n" + step(adam),
    "nothing": "def newton_step(theta, g):\n    return theta\n\nadam = 3\n",
}


def with_cell(old, new):
    """The solution with one text of one cell replaced."""
    data = json.loads(SOLUTION)
    texts = ["".join(cell["source"]) for cell in data["cells"]]
    [at] = [i for i, text in enumerate(texts) if old in text and "def adam_step" in text]
    data["cells"][at]["source"] = texts[at].replace(old, new)
    return json.dumps(data)


def hand_in(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture(scope="session")
def handed_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("submitted")
    hand_in(
        folder,
        {
            "ada/05_adam/05_adam.ipynb": SOLUTION,
            "bea/05_adam/05_adam.ipynb": with_cell("m_hat = m / (1 - beta1**t)", "m_hat = m"),
            "cyd/05_adam/05_adam.ipynb": BLANK,
            "dan/05_adam.ipynb": with_cell(
                "m_hat = m / (1 - beta1**t)", "m_hat = m / (1 - beta1**"
            ),
            "eve/05_adam.ipynb": with_cell("m_hat = m /", "while True: pass\n    m_hat = m /"),
            "fay/05_adam.ipynb": SOLUTION[:5000],
            "Zoë/05_adam.ipynb": SOLUTION,
            "05_adam/gus.ipynb": SOLUTION,
            "05_adam/hal.py": PY["all four"],
            "ida.py": PY["some"],
            "jim.py": PY["broken"],
            "kai.py": PY["endless"],
            "lea.py": PY["nothing"],
            "max.ipynb": SOLUTION,
            "unreadable/empty.ipynb": "",
            "unreadable/blank.py": " \n\n",
            "unreadable/latin.py": "name = 'Zoë'\n".encode("latin-1"),
            "unreadable/05_adam.ipynb": b"\xff" + SOLUTION.encode(),
            "unreadable/large.ipynb": SOLUTION + " " * 11_000_000,
            "unreadable/list.ipynb": "[]",
            "unreadable/folder.ipynb/05_adam.ipynb": SOLUTION,
            "ada/.ipynb_checkpoints/05_adam-checkpoint.ipynb": SOLUTION,
            "ada/__pycache__/adam.py": PY["all four"],
            "ada/.hidden.py": PY["all four"],
            "notes.txt": "not a submission",
        },
    )
    (folder / "unreadable/link.py").symlink_to(folder / "ida.py")
    (folder / "unreadable/dangling.ipynb").symlink_to(folder / "nowhere.ipynb")
    os.mkfifo(folder / "unreadable/pipe.ipynb")
    return folder


@pytest.fixture(scope="session")
def graded(handed_in, tmp_path_factory):
    """The folder, graded once for all by the command: the process, and its report by file."""
    target = tmp_path_factory.mktemp("reports") / "report.json"
    done = subprocess.run(
        [*COMMAND, "grade", str(handed_in), "--json", str(target), "--time-limit", "1"],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done, json.loads(target.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def by_file(graded):
    return {one["file"]: one for one in graded[1]["submissions"]}


def tasks_of(submission):
    return {task["id"]: task for task in submission["tasks"]}


RIGHT = ["ada/05_adam/05_adam.ipynb", "Zoë/05_adam.ipynb", "05_adam/gus.ipynb"]
READABLE = {
    "ada/05_adam/05_adam.ipynb": ("ada", "05"),
    "bea/05_adam/05_adam.ipynb": ("bea", "05"),
    "cyd/05_adam/05_adam.ipynb": ("cyd", "05"),
    "dan/05_adam.ipynb": ("dan", "05"),
    "eve/05_adam.ipynb": ("eve", "05"),
    "Zoë/05_adam.ipynb": ("Zoë", "05"),
    "05_adam/gus.ipynb": ("gus", "05"),
    "05_adam/hal.py": ("hal", None),
    "ida.py": ("ida", None),
    "jim.py": ("jim", None),
    "kai.py": ("kai", None),
}
UNREADABLE = {
    "fay/05_adam.ipynb": ("fay", "05", "it isn't a whole notebook, its JSON is damaged: "),
    "lea.py": ("lea", None, "it has none of the functions that can be graded ("),
    "max.ipynb": ("max", None, "it can't be told which exercise this is: say --exercise, or name"),
    "unreadable/empty.ipynb": ("unreadable", None, "it is empty"),
    "unreadable/blank.py": ("unreadable", None, "it is empty"),
    "unreadable/latin.py": ("unreadable", None, "it isn't text in UTF-8"),
    "unreadable/05_adam.ipynb": ("unreadable", "05", "it isn't text in UTF-8"),
    "unreadable/large.ipynb": ("unreadable", None, "it is larger than 10 MB; clear the outputs"),
    "unreadable/list.ipynb": ("unreadable", None, "it can't be told which exercise this is"),
    "unreadable/folder.ipynb": ("unreadable", None, "it is a folder"),
    "unreadable/link.py": ("unreadable", None, "it can't be opened: it is a link"),
    "unreadable/dangling.ipynb": ("unreadable", None, "it can't be opened: it is a link"),
    "unreadable/pipe.ipynb": ("unreadable", None, "it isn't a plain file"),
}


class TestAFolder:
    def test_every_submission_is_reported_once_and_nothing_else(self, graded):
        files = [one["file"] for one in graded[1]["submissions"]]
        assert len(files) == len(set(files))
        assert set(files) == {*READABLE, *UNREADABLE}

    def test_something_unreadable_makes_the_exit_status_1(self, graded):
        assert graded[0].returncode == 1

    def test_the_report_follows_its_schema(self, graded):
        jsonschema.validate(graded[1], schema())
        assert graded[1]["schema"] == 2
        assert graded[1]["adamedu"] == adamedu.__version__

    def test_points_add_up(self, graded):
        for one in graded[1]["submissions"]:
            assert one["score"] == sum(task["points"] for task in one["tasks"])
            assert one["max_score"] == sum(task["max_points"] for task in one["tasks"])
            for task in one["tasks"]:
                known = catalogue.task(task["id"])
                earned = [c["points"] for c in task["checks"]]
                assert task["points"] == sum(earned)
                assert [c["id"] for c in task["checks"]] == [c.id for c in known.checks]
                assert task["max_points"] == known.points
                assert all(c["points"] == c["max_points"] * c["passed"] for c in task["checks"])
                assert (task["status"] == "passed") == (task["points"] == task["max_points"])

    @pytest.mark.parametrize("file", READABLE)
    def test_what_can_be_read_is_graded(self, by_file, file):
        one = by_file[file]
        assert (one["student"], one["exercise"]) == READABLE[file]
        assert (one["status"], one["message"]) == ("graded", None)

    @pytest.mark.parametrize("file", UNREADABLE)
    def test_what_cant_be_read_says_why(self, by_file, file):
        one = by_file[file]
        student, exercise, message = UNREADABLE[file]
        assert (one["student"], one["exercise"], one["status"]) == (student, exercise, "unreadable")
        assert one["message"].startswith(message)
        assert one["score"] == 0

    @pytest.mark.parametrize("file", [f for f, u in UNREADABLE.items() if u[1] == "05"])
    def test_its_tasks_are_listed_as_not_run_with_the_reason(self, by_file, file):
        one = by_file[file]
        assert [task["id"] for task in one["tasks"]] == [task.id for task in SET.tasks]
        assert one["max_score"] == ALL
        for task in one["tasks"]:
            assert (task["status"], task["facts"]) == ("not-run", [one["message"]])

    @pytest.mark.parametrize("file", RIGHT)
    def test_the_solution_gets_all_points(self, by_file, file):
        one = by_file[file]
        assert (one["score"], one["max_score"]) == (ALL, ALL)
        assert {task["status"] for task in one["tasks"]} == {"passed"}
        assert [task["id"] for task in one["tasks"]] == [task.id for task in SET.tasks]

    def test_a_wrong_line_costs_what_depends_on_it(self, by_file):
        found = tasks_of(by_file["bea/05_adam/05_adam.ipynb"])
        wrong = {"adam.step", "adam.run", "adam.class"}
        assert {name for name, task in found.items() if task["status"] != "passed"} == wrong
        lost = [c["id"] for c in found["adam.step"]["checks"] if not c["passed"]]
        assert lost == ["theta"]
        assert re.match(
            r"t = 1: your theta\[0\] is \S+, expected \S+", found["adam.step"]["facts"][0]
        )
        assert all(found[name]["hint"] for name in wrong)

    def test_a_blank_exercise_has_no_points_and_all_is_missing(self, by_file):
        one = by_file["cyd/05_adam/05_adam.ipynb"]
        assert one["score"] == 0
        assert {task["status"] for task in one["tasks"]} == {"missing"}
        assert all("blank" in task["facts"][0] for task in one["tasks"])

    def test_a_syntax_error_costs_its_cell_and_says_where_it_is(self, by_file):
        found = tasks_of(by_file["dan/05_adam.ipynb"])
        assert found["adam.step"]["status"] == "error"
        assert found["adam.step"]["facts"][0] == "there is no adam_step in this file"
        code = [cell for cell in json.loads(SOLUTION)["cells"] if cell["cell_type"] == "code"]
        [at] = [i for i, c in enumerate(code, 1) if "def adam_step" in "".join(c["source"])]
        place = rf"SyntaxError: .* \(cell {at}, line \d+\)"
        assert any(re.match(place, fact) for fact in found["adam.step"]["facts"])
        assert found["adam.bug"]["status"] == found["adam.m"]["status"] == "passed"
        assert "NameError: name 'adam_step' is not defined" in found["adam.run"]["facts"][0]

    def test_an_endless_loop_costs_what_needs_it(self, by_file):
        found = tasks_of(by_file["eve/05_adam.ipynb"])
        for name in ("adam.step", "adam.run"):
            assert (found[name]["status"], found[name]["points"]) == ("error", 0)
            assert re.search("took too long .* stopped after 1 s", found[name]["facts"][0])
        before = ("adam.scale", "adam.m", "adam.v-hat", "adam.theta", "adam.line", "adam.bug")
        assert {found[name]["status"] for name in before} == {"passed"}

    def test_a_python_file_counts_the_functions_that_it_has(self, by_file):
        one, other = by_file["05_adam/hal.py"], by_file["ida.py"]
        four = ["momentum.step", "adagrad.step", "rmsprop.step", "adam.step"]
        assert [task["id"] for task in one["tasks"]] == four
        assert one["score"] == one["max_score"] == sum(catalogue.task(t).points for t in four)
        assert {t["id"]: t["status"] for t in other["tasks"]} == {
            "momentum.step": "passed",
            "adam.step": "partial",
        }
        assert (other["score"], other["max_score"]) == (12, 14)

    def test_a_python_file_is_graded_for_what_ran(self, by_file):
        broken, endless = by_file["jim.py"], by_file["kai.py"]
        assert broken["score"] == 0
        for task in broken["tasks"]:
            assert task["status"] == "error"
            assert any(re.match(r"SyntaxError: .* \(line 1\d\)", fact) for fact in task["facts"])
        kept, lost = endless["tasks"]
        assert (kept["id"], kept["status"]) == ("momentum.step", "passed")
        assert (lost["id"], lost["status"], lost["points"]) == ("adam.step", "error", 0)
        assert lost["facts"][0] == "there is no adam_step in this file"
        assert re.search("took too long .* stopped after 1 s", lost["facts"][1])

    def test_the_terminal_shows_every_file_with_its_score_or_reason(self, graded, by_file):
        shown = graded[0].stdout
        for file, one in by_file.items():
            line = next(line for line in shown.splitlines() if line.startswith(file))
            says = one["message"] or f"{one['score']} of {one['max_score']} points"
            assert says in line
            assert one["student"] in line
        assert "adam.step: passed, 8 of 8 points" in shown
        assert graded[0].stderr == ""

    def test_what_is_shown_names_no_path_of_this_machine(self, graded, handed_in):
        assert str(handed_in) not in json.dumps(graded[1])


def run(*arguments, **how):
    return CliRunner().invoke(main, ["grade", *map(str, arguments)], **how)


def report_of(*arguments):
    result = run(*arguments, "--json", "-")
    report = json.loads(result.stdout)
    jsonschema.validate(report, schema())
    return result.exit_code, report


@pytest.fixture
def one(tmp_path):
    file = tmp_path / "ada.py"
    file.write_text(PY["some"])
    return file


class TestUsage:
    @pytest.mark.parametrize(
        ("options", "says"),
        [
            (("--task", "adam.stp"), "there is no task 'adam.stp'; did you mean 'adam.step'?"),
            (("--task", "no"), "there is no task 'no'; there are "),
            (("--exercise", "05_adm"), "there is no exercise '05_adm'; did you mean '05_adam'?"),
            (("--exercise", "77"), "there is no exercise '77'; there are 0"),
            (("--exercise", "05", "--task", "rmsprop.step"), "rmsprop.step is not in exercise 05"),
            (("--time-limit", "0"), "0.0 is not in the range"),
            (("--no-such-option",), "No such option"),
        ],
    )
    def test_a_wrong_option_is_said_before_anything_runs(self, one, options, says):
        result = run(one, *options)
        assert result.exit_code == 2
        assert says in result.stderr
        assert result.stdout == ""

    def test_no_path_at_all(self):
        assert run().exit_code == 2

    def test_a_path_that_isnt_there(self, tmp_path, one):
        result = run(one, tmp_path / "nobody.py")
        assert result.exit_code == 2
        assert "nobody.py' does not exist" in result.stderr

    def test_a_path_that_holds_nothing_to_grade(self, tmp_path, one):
        empty = tmp_path / "empty"
        hand_in(empty, {"notes.txt": "x", ".git/hook.py": "x", "__pycache__/adam.py": "x"})
        for paths in ((empty,), (one, empty)):
            result = run(*paths)
            assert result.exit_code == 2
            assert f"there is no .ipynb or .py file in {empty}" in result.stderr
            assert result.stdout == ""
            with pytest.raises(NothingToGradeError):
                count(paths)

    def test_a_file_of_another_kind_is_unreadable(self, tmp_path, one):
        (tmp_path / "notes.txt").write_text("notes")
        code, report = report_of(one, tmp_path / "notes.txt")
        assert code == 1
        assert [s["status"] for s in report["submissions"]] == ["graded", "unreadable"]
        assert (
            "neither a notebook (.ipynb) nor a Python file" in report["submissions"][1]["message"]
        )

    def test_marks_dont_change_the_exit_status(self, one):
        one.write_text("def adam_step(*args, **kwargs):\n    return None\n")
        result = run(one)
        assert result.exit_code == 0
        assert "0 of 8 points" in result.stdout


class TestChoosing:
    def test_tasks_can_be_named(self, one):
        code, report = report_of(one, "--task", "rmsprop.step", "--task", "adam.step")
        [found] = report["submissions"]
        assert code == 0
        assert [(t["id"], t["status"]) for t in found["tasks"]] == [
            ("rmsprop.step", "missing"),
            ("adam.step", "partial"),
        ]
        assert (found["exercise"], found["max_score"]) == (None, 14)

    def test_a_task_named_twice_counts_once(self, one):
        _, report = report_of(one, "--task", "adam.step", "--task", "adam.step")
        assert len(report["submissions"][0]["tasks"]) == 1

    def test_data_can_be_asked_of_a_python_file_by_name(self, one):
        one.write_text("m_by_hand = [2, 2, -2]\n")
        _, report = report_of(one, "--task", "adam.m")
        assert report["submissions"][0]["score"] == 3

    def test_an_exercise_asks_all_its_tasks_of_a_python_file(self, one):
        _, report = report_of(one, "--exercise", "5")
        [found] = report["submissions"]
        assert (found["exercise"], found["max_score"]) == (None, ALL)
        assert [task["id"] for task in found["tasks"]] == [task.id for task in SET.tasks]

    def test_a_notebook_of_any_name_can_be_given_its_exercise(self, tmp_path):
        (tmp_path / "ada.ipynb").write_text(notebook(HEAD + step(adam), "scale_choice = 'b'"))
        _, report = report_of(tmp_path, "--exercise", "05_adam")
        [found] = report["submissions"]
        assert (found["student"], found["exercise"]) == ("ada", "05")
        assert (found["score"], found["max_score"]) == (9, ALL)

    def test_a_task_of_an_unreadable_file_is_listed(self, tmp_path):
        (tmp_path / "ada.py").write_bytes(b"\xff")
        _, report = report_of(tmp_path, "--task", "adam.step")
        [found] = report["submissions"]
        assert (found["status"], found["max_score"]) == ("unreadable", 8)
        assert found["tasks"][0]["facts"] == ["it isn't text in UTF-8"]


class TestTheReport:
    def test_on_standard_output_it_is_alone(self, one):
        done = subprocess.run(
            [*COMMAND, "grade", str(one), "--json", "-"], capture_output=True, check=True
        )
        assert json.loads(done.stdout)["submissions"][0]["score"] == 12
        assert done.stdout.endswith(b"}\n")
        assert done.stderr == b""

    def test_the_same_content_gives_the_same_bytes(self, tmp_path):
        source = (
            PY["some"] + "def rmsprop_step(*a, **k):\n    raise ValueError({*'abcdef'}, object())\n"
        )
        outputs = set()
        for folder in ("one", "two"):
            hand_in(tmp_path / folder, {"ada/work.py": source, "bea.py": PY["broken"]})
            outputs.add(run(tmp_path / folder, "--json", "-", "--secret", "s").stdout_bytes)
        assert len(outputs) == 1

    def test_another_secret_asks_other_questions_and_comes_to_the_same_verdict(self, one):
        reports = [report_of(one, "--secret", secret)[1] for secret in ("one", "two")]
        facts, verdicts = [], []
        for report in reports:
            [found] = report["submissions"]
            facts.append([task["facts"] for task in found["tasks"]])
            verdicts.append([(t["status"], t["checks"], t["mistakes"]) for t in found["tasks"]])
        assert verdicts[0] == verdicts[1]
        assert facts[0] != facts[1]

    def test_the_secret_may_come_from_the_environment_and_is_never_shown(self, one):
        named = run(one, "--json", "-", "--secret", "very secret")
        around = run(one, "--json", "-", env={"ADAMEDU_SECRET": "very secret"})
        assert named.stdout == around.stdout
        assert "very secret" not in named.output

    def test_it_is_written_whole_or_not_at_all(self, one, tmp_path, monkeypatch):
        target = tmp_path / "report.json"
        target.write_text("the report of last week")
        before = sorted(tmp_path.iterdir())

        def fail(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "replace", fail)
        result = run(one, "--json", target)
        assert result.exit_code == 2
        assert f"the report can't be written to {target}: Permission denied" in result.stderr
        assert target.read_text() == "the report of last week"
        assert sorted(tmp_path.iterdir()) == before

    def test_an_old_report_is_replaced(self, one, tmp_path):
        target = tmp_path / "report.json"
        target.write_text("x" * 100_000)
        assert run(one, "--json", target).exit_code == 0
        assert json.loads(target.read_text(encoding="utf-8"))["schema"] == 2
        assert sorted(path.name for path in tmp_path.iterdir()) == ["ada.py", "report.json"]

    @pytest.mark.parametrize("target", ["nowhere/report.json", "folder"])
    def test_where_it_cant_go_is_said_before_anything_runs(self, one, tmp_path, target):
        (tmp_path / "folder").mkdir()
        result = run(one, "--json", tmp_path / target)
        assert result.exit_code == 2
        assert result.stdout == ""

    def test_a_pipe_stays_a_pipe(self, one):
        reading, writing = os.pipe()
        result = run(one, "--json", f"/dev/fd/{writing}")
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            assert json.load(pipe)["submissions"][0]["score"] == 12
        assert result.exit_code == 0

    def test_a_full_device_is_said(self, one):
        if not Path("/dev/full").exists():  # only Linux has one
            return
        result = run(one, "--json", "/dev/full")
        assert result.exit_code == 2
        assert "the report can't be written to /dev/full: No space left on device" in result.stderr

    def test_texts_of_a_submission_cant_command_the_terminal(self, tmp_path):
        file = tmp_path / os.fsdecode(b"na\xffme\x1b[31m.py")
        file.write_text(
            "def adam_step(*a, **k):\n    raise ValueError('\\x1b[2J\\ud800\\n\\n[red]x')\n"
        )
        result = run(file, "--json", tmp_path / "report.json")
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
        assert "[red]x" in result.stdout
        [found] = json.loads((tmp_path / "report.json").read_text("utf-8"))["submissions"]
        assert found["file"] == "na me [31m.py"
        assert found["tasks"][0]["facts"] == ["t = 1: ValueError:  [2J   [red]x (line 2)"]

    def test_a_terminal_without_check_marks_does(self, one):
        done = subprocess.run(
            [*COMMAND, "grade", str(one)],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": "ascii"},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"? m is the moving average" in done.stdout


def where(folder, *parts):
    file = folder.joinpath(*parts)
    hand_in(file.parent, {file.name: "x"})
    return file


class TestFinding:
    @pytest.mark.parametrize(
        ("given", "parts", "student", "exercise"),
        [
            ("", ("ada", "05_adam", "05_adam.ipynb"), "ada", "05"),
            ("", ("ada", "05_adam.ipynb"), "ada", "05"),
            ("", ("05_adam", "ada.ipynb"), "ada", "05"),
            ("", ("05_adam", "ada", "homework.ipynb"), "ada", "05"),
            ("", ("ada.ipynb",), "ada", None),
            ("", ("group 1", "ada", "04_rmsprop.ipynb"), "ada", "04"),
            ("ada", ("ada", "05_adam", "05_adam.ipynb"), "ada", "05"),
            ("ada", ("ada", "05_adam.ipynb"), "ada", "05"),
            ("ada/05_adam", ("ada", "05_adam", "05_adam.ipynb"), "ada", "05"),
            ("ada/05_adam/05_adam.ipynb", ("ada", "05_adam", "05_adam.ipynb"), "ada", "05"),
            ("ada.py", ("ada.py",), "ada", None),
            ("ADA.PY", ("ADA.PY",), "ADA", None),
        ],
    )
    def test_student_and_exercise_are_read_from_the_names(
        self, tmp_path, given, parts, student, exercise
    ):
        where(tmp_path, *parts)
        [found] = find(tmp_path / given)
        assert found.student == student
        assert (found.exercise.number if found.exercise else None) == exercise
        assert (
            found.file
            == Path(*parts)
            .relative_to(given if Path(given).suffix == "" else Path(given).parent)
            .as_posix()
        )

    def test_the_order_is_that_of_the_names(self, tmp_path):
        for name in ("b.py", "a.py", "c/z.py", "c/a.ipynb", "B/x.py"):
            where(tmp_path, *name.split("/"))
        files = [found.file for found in find(tmp_path)]
        assert files == ["a.py", "b.py", "B/x.py", "c/a.ipynb", "c/z.py"]

    def test_a_linked_folder_isnt_looked_into(self, tmp_path):
        where(tmp_path, "elsewhere", "ada.py")
        (tmp_path / "submitted").mkdir()
        (tmp_path / "submitted" / "loop").symlink_to(tmp_path)
        assert not list(find(tmp_path / "submitted"))

    def test_a_folder_that_cant_be_looked_into_is_said(self, tmp_path, monkeypatch):
        where(tmp_path, "ada", "05_adam.ipynb")
        where(tmp_path, "bea", "05_adam.ipynb")
        scandir, open_ = os.scandir, os.open

        def denied(call):
            def or_denied(path, *args, **kwargs):
                if Path(path).name == "bea":
                    raise PermissionError(13, "Permission denied", os.fspath(path))
                return call(path, *args, **kwargs)

            return or_denied

        monkeypatch.setattr(os, "scandir", denied(scandir))
        monkeypatch.setattr(os, "open", denied(open_))
        found = {submission.file: submission for submission in find(tmp_path)}
        assert set(found) == {"ada/05_adam.ipynb", "bea"}
        with pytest.raises(UnreadableError, match=r"^it can't be opened: Permission denied$"):
            read(found["bea"].path)


class TestReading:
    def test_a_file_that_has_gone(self, tmp_path):
        file = where(tmp_path, "ada.py")
        [found] = find(tmp_path)
        file.unlink()
        with pytest.raises(UnreadableError, match=r"^there is no such file$"):
            read(found.path)

    def test_a_file_that_may_not_be_read(self, tmp_path, monkeypatch):
        hand_in(tmp_path, {"ada.py": PY["some"], "bea.py": PY["some"]})
        opened = os.open

        def denied(path, *args, **kwargs):
            if Path(path).name == "ada.py":
                raise PermissionError(13, "Permission denied")
            return opened(path, *args, **kwargs)

        monkeypatch.setattr(os, "open", denied)
        code, report = report_of(tmp_path)
        ada, bea = report["submissions"]
        assert code == 1
        assert (ada["status"], ada["message"]) == (
            "unreadable",
            "it can't be opened: Permission denied",
        )
        assert (bea["status"], bea["score"]) == ("graded", 12)

    def test_a_disk_that_fails(self, tmp_path, monkeypatch):
        file = where(tmp_path, "ada.py")

        def fail(*_, **__):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "fdopen", fail)
        with pytest.raises(UnreadableError, match=r"^it can't be read: Input/output error$"):
            read(file)

    def test_a_byte_order_mark_and_windows_lines_are_fine(self, tmp_path):
        text = PY["all four"].replace("\n", "\r\n")
        (tmp_path / "ada.py").write_bytes(b"\xef\xbb\xbf" + text.encode())
        code, report = report_of(tmp_path)
        assert code == 0
        assert report["submissions"][0]["score"] == report["submissions"][0]["max_score"] == 26

    @pytest.mark.parametrize(
        ("source", "names"),
        [
            ("def f(x):\n    y = 1\n", {"f"}),
            ("async def f(): pass", {"f"}),
            ("class Adam(Base):\n    z = 1", {"Adam"}),
            ("f = partial(g, 1)", {"f"}),
            ("f: Callable = lambda x: x", {"f"}),
            ("f == 1\nf(x=1)\nf.y = 1", set()),
            ("def f(\n  this is broken", {"f"}),
            ("f = 1\0", {"f"}),
            ("((((" * 10**5, set()),
            ("x = '" + "a" * 10**6, {"x"}),
            ("", set()),
        ],
    )
    def test_the_functions_of_a_file_are_found_without_running_or_parsing_it(self, source, names):
        assert defined_names(source) == names

    def test_imported_functions_count(self):
        names = defined_names(
            "from mine import step as adam_step, momentum_step\nimport rmsprop_step"
        )
        assert names >= {"adam_step", "momentum_step", "rmsprop_step"}


class TestCost:
    def test_grading_imports_nothing_heavy(self, one):
        code = (
            "import sys\nfrom adamedu.cli import main\n"
            f"main(['grade', {str(one)!r}], standalone_mode=False)\n"
        )
        check = "print('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}))"
        done = subprocess.run(
            [sys.executable, "-c", f"import atexit\natexit.register(lambda: {check})\n{code}"],
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            check=False,
        )
        [line] = [line for line in done.stdout.splitlines() if line.startswith("loaded:")]
        loaded = set(line.split())
        assert {"adamedu", "numpy", "click"} <= loaded
        heavy = {"sympy", "matplotlib", "nbformat", "IPython", "ipykernel", "ipywidgets", "scipy"}
        assert not heavy & loaded

    def test_the_command_is_installed(self):
        assert shutil.which("adamedu", path=Path(sys.executable).parent)
