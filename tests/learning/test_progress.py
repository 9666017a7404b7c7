"""Progress is kept between days, shown, and never in the way; solutions open when they should."""

import contextlib
import errno
import functools
import json
import multiprocessing
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import adamedu
from adamedu import check, hint, progress, solution
from adamedu.cli import main
from adamedu.content import catalogue, course
from adamedu.content.lessons import lessons
from adamedu.core.errors import UnknownNameError
from adamedu.lab.copying import copy_course
from adamedu.learning import hinting, progress_store
from adamedu.learning.checking import NotPassed
from adamedu.learning.progress_store import Record
from adamedu.learning.solving import ClosedError
from adamedu.sandbox.outside.visible_paths import view
from tests.support.pages import read, text_of, texts_shown

ROOT = Path(__file__).resolve().parents[2]
FIRST = min(e.number for e in catalogue.exercises().values() if lessons()[e.number].exercises)

SET_FOR_ALL_TESTS = os.environ["ADAMEDU_DATA"]


@pytest.fixture(autouse=True)
def _as_in_a_fresh_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("ADAMEDU_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(progress_store, "_said", set())
    monkeypatch.setattr(progress_store, "_of_this_kernel", {})
    monkeypatch.setattr(hinting, "_given", {})
    monkeypatch.setattr(hinting, "_ladders", {})


@pytest.fixture
def kept(tmp_path):
    """The file in which progress is kept; its folder isn't there yet."""
    return tmp_path / "data" / "progress.json"


right = adamedu.momentum.function  # as a learner would write it


@functools.wraps(right)
def uphill(theta, *args, **rates):
    new, m = right(theta, *args, **rates)
    return 2 * theta - new, m


def pass_all(tasks):
    for task in tasks:
        progress_store.note_check(task.id, task.points, passed=True)


class TestWhatIsKept:
    def test_a_check_keeps_the_best_score_and_when_the_task_was_first_passed(self):
        with pytest.raises(NotPassed):
            check("momentum.step", uphill)
        (before,) = progress_store.read().values()
        assert (before.best, before.passed, before.attempts) == (4, None, 1)
        check("momentum.step", right)
        passed = progress_store.read()["momentum.step"]
        assert (passed.best, passed.attempts) == (6, 2)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", str(passed.passed))
        progress_store.note_check("momentum.step", 6, passed=True)
        with pytest.raises(NotPassed):
            check("momentum.step", uphill)
        later = progress_store.read()["momentum.step"]
        assert (later.best, later.passed, later.attempts) == (6, passed.passed, 4)

    def test_hints_are_kept_as_the_furthest_that_was_read(self):
        hint("momentum.step")
        hint("momentum.step")
        hint("momentum.step", 1)
        assert progress_store.read() == {"momentum.step": Record(hints=2)}

    def test_the_file_says_its_schema_and_is_whole(self, kept):
        check("momentum.step", right)
        data = json.loads(kept.read_text())
        assert data["schema"] == 1
        assert data["tasks"]["momentum.step"]["best"] == 6
        assert {path.name for path in kept.parent.iterdir()} == {"progress.json", "progress.lock"}

    def test_a_blank_isn_t_an_attempt(self):
        @functools.wraps(right)
        def blank(*_, **__):
            raise NotImplementedError

        with pytest.raises(NotPassed):
            check("momentum.step", blank)
        assert progress_store.read() == {}

    @pytest.mark.parametrize(
        "answer", [adamedu.momentum, adamedu.momentum.variant(lines={"m": "g"})]
    )
    def test_the_course_s_own_optimizer_is_nobody_s_answer(self, answer):
        with contextlib.suppress(NotPassed):
            check("momentum.step", answer)
        assert progress_store.read() == {}

    def test_a_teacher_s_run_under_nbgrader_is_not_kept(self, kept, monkeypatch):
        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
        check("momentum.step", right)
        assert not kept.exists()

    def test_where_the_variable_is_empty_it_lasts_as_long_as_the_kernel(
        self, kept, monkeypatch, capsys
    ):
        monkeypatch.setenv("ADAMEDU_DATA", "")
        check("momentum.step", right)
        capsys.readouterr()
        assert progress_store.read()["momentum.step"].best == 6
        progress_store.forget(["momentum.step"])
        assert progress_store.read() == {}
        assert not kept.parent.exists()
        assert capsys.readouterr().out == ""

    def test_without_the_variable_it_is_the_user_s_folder_and_not_the_repository(self, monkeypatch):
        monkeypatch.delenv("ADAMEDU_DATA")
        place = Path(str(progress_store.folder()))
        assert place.name == "adamedu"
        assert place.is_relative_to(Path.home())
        assert not place.is_relative_to(ROOT)

    def test_tests_see_an_empty_one(self):
        assert SET_FOR_ALL_TESTS == ""

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["gd.step", "adam.step"]),
                st.one_of(st.integers(0, 9), st.none()),
                st.booleans(),
            ),
            max_size=6,
        )
    )
    def test_points_never_fall_and_attempts_count(self, tmp_path_factory, events):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ADAMEDU_DATA", str(tmp_path_factory.mktemp("data")))
            for task_id, points, passed in events:
                if points is None:
                    progress_store.note_hint(task_id, 1)
                else:
                    progress_store.note_check(task_id, points, passed=passed)
            for task_id, record in progress_store.read().items():
                mine = [(p, ok) for name, p, ok in events if name == task_id and p is not None]
                assert record.attempts == len(mine)
                assert record.best == max((p for p, _ in mine), default=0)
                assert (record.passed is not None) == any(ok for _, ok in mine)
            assert progress_store.read().keys() == {name for name, _, _ in events}


def pass_many(folder, names):
    os.environ["ADAMEDU_DATA"] = folder
    for name in names:
        progress_store.note_check(name, 1, passed=True)
        progress_store.note_check("shared", 1, passed=True)


def test_kernels_that_write_at_the_same_time_lose_nothing(kept):
    context = multiprocessing.get_context("spawn")
    names = [[f"{who}.{n}" for n in range(20)] for who in ("ada", "bob", "eve")]
    kernels = [context.Process(target=pass_many, args=(str(kept.parent), each)) for each in names]
    for kernel in kernels:
        kernel.start()
    for kernel in kernels:
        kernel.join()
    assert [kernel.exitcode for kernel in kernels] == [0, 0, 0]
    found = progress_store.read()
    assert found.keys() == {"shared", *chain.from_iterable(names)}
    assert found["shared"].attempts == 60


def entry(**wrong):
    right = {"best": 1, "passed": None, "attempts": 1, "hints": 0}
    return json.dumps({"schema": 1, "tasks": {"adam.step": right | wrong}}).encode()


class TestTrouble:
    @pytest.mark.parametrize(
        "broken",
        [
            b"",
            b"{",
            b"[]",
            b"\xff",
            b"[" * 100_000,
            b'{"schema": 1}',
            b'{"schema": "1", "tasks": {}}',
            b'{"schema": 0, "tasks": {}}',
            b'{"schema": 1, "tasks": []}',
            b'{"schema": 1, "tasks": {"a": {}}}',
            b'{"schema": 1, "tasks": {"a": 3}}',
            entry(best=-1),
            entry(passed=True),
            entry(hints="1"),
            entry(more=1),
        ],
    )
    def test_a_broken_file_is_set_aside_and_said_once(self, kept, capsys, broken):
        kept.parent.mkdir()
        kept.write_bytes(broken)
        assert progress() == progress()
        aside = kept.with_name("progress.broken.json")
        assert aside.read_bytes() == broken
        said = f"Your progress was unreadable. The file is now {aside}; a new one begins.\n"
        assert capsys.readouterr().out == said
        progress_store.note_check("momentum.step", 6, passed=True)
        assert progress_store.read().keys() == {"momentum.step"}

    def test_no_file_set_aside_is_overwritten(self, kept):
        kept.parent.mkdir()
        for text in ("first", "second"):
            kept.write_text(text)
            progress_store.note_hint("momentum.step", 1)
        asides = sorted(path.read_text() for path in kept.parent.glob("progress.broken*.json"))
        assert asides == ["first", "second"]

    def test_a_file_of_a_newer_version_is_left_alone_and_said(self, kept, capsys):
        kept.parent.mkdir()
        newer = '{"schema": 2, "tasks": {}, "more": 1}'
        kept.write_text(newer)
        check("momentum.step", right)
        progress()
        assert kept.read_text() == newer
        assert capsys.readouterr().out.count("kept by a newer adamedu") == 1

    def test_a_folder_that_can_t_be_written_is_said_once_and_stops_no_check(self, kept, capsys):
        kept.parent.write_text("a file where the folder should be")
        for _ in range(2):
            check("momentum.step", right)
        shown = capsys.readouterr()
        assert shown.out.count("momentum.step: passed") == 2
        assert shown.out.count("Your progress can't be kept: ") == 1
        assert str(kept.parent) in shown.out
        assert shown.err == ""

    def test_a_file_that_can_t_be_read_is_said_once_and_is_still_there(
        self, kept, capsys, monkeypatch
    ):
        progress_store.note_check("momentum.step", 6, passed=True)
        monkeypatch.setattr(Path, "read_bytes", refuse)
        progress()
        progress()
        assert capsys.readouterr().out.count("Your progress can't be read: Permission denied") == 1
        monkeypatch.undo()
        monkeypatch.setenv("ADAMEDU_DATA", str(kept.parent))
        assert progress_store.read().keys() == {"momentum.step"}

    def test_a_write_that_fails_leaves_the_old_file(self, kept, monkeypatch, capsys):
        progress_store.note_check("momentum.step", 6, passed=True)
        before = kept.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", refuse)
            progress_store.note_check("adam.step", 8, passed=True)
        assert kept.read_bytes() == before
        assert "Your progress can't be kept: Permission denied" in capsys.readouterr().out

    def test_a_lock_that_nobody_lets_go_of_stops_nobody(self, kept, monkeypatch):
        monkeypatch.setattr(progress_store, "_LOCK_SECONDS", 0.05)
        progress_store.note_hint("momentum.step", 1)
        with progress_store._locked(kept.parent / progress_store.LOCK):
            progress_store.note_hint("momentum.step", 2)
        assert progress_store.read()["momentum.step"].hints == 2


@pytest.mark.skipif(sys.platform == "win32", reason="its locks are others")
def test_where_there_are_no_locks_nobody_waits(monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits"))
    progress_store.note_hint("momentum.step", 2)
    assert progress_store.read()["momentum.step"].hints == 2


def refuse(path, *_):
    raise PermissionError(13, "Permission denied", str(path))


class Page(HTMLParser):
    """What an overview's HTML holds: its cells' texts, its links, its tags."""

    def __init__(self, overview):
        super().__init__()
        self.cells, self.links, self.tags = [], [], []
        self.feed(overview._repr_html_())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in {"td", "th"}:
            self.cells.append("")
        self.links += [value for name, value in attributes if name == "href"]

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


class TestTheMap:
    def test_it_lists_the_lessons_in_order_with_their_questions(self):
        rows = progress().rows
        assert [row[0].text[:2] for row in rows] == [f"0{n}" for n in range(9)]
        assert rows[5][1].text == "Both at once?"

    def test_a_lesson_that_is_there_is_linked_and_the_others_are_on_the_way(self):
        for row in progress().rows:
            (name,) = [lesson.name for lesson in lessons().values() if lesson.label == row[0].text]
            assert (row[0].href is not None) == (ROOT / "notebooks" / f"{name}.ipynb").is_file()
            assert (row[-1].text == "on the way") == (row[0].href is None)

    def test_its_links_lead_somewhere_from_lessons_and_from_exercises(self):
        links = Page(progress()).links
        assert "../notebooks/05_adam.ipynb" in links
        assert "../exercises/05_adam.ipynb" in links
        for folder in ("notebooks", "exercises"):
            assert all((ROOT / folder / link).is_file() for link in links)

    def test_at_first_the_first_task_of_the_first_exercises_is_next(self):
        first = catalogue.exercise(FIRST).tasks[0]
        marked = [row[0].text[:2] for row in progress().rows if row[-1].text == "→ next"]
        assert marked == [FIRST]
        assert progress().last.startswith("0 of ")
        assert progress().last.endswith(f"Next in exercises {FIRST}: {first.title} ({first.id}).")

    def test_a_lesson_whose_tasks_are_passed_is_done(self):
        tasks = catalogue.exercise("05").tasks
        pass_all(tasks)
        row = progress().rows[5]
        points = sum(task.points for task in tasks)
        assert row[2].text == f"{len(tasks)} of {len(tasks)}"
        assert [row[3].text, row[4].text] == [f"{points} of {points}", "✓ done"]

    def test_points_that_are_not_yet_a_pass_count(self):
        progress_store.note_check("adam.step", 3, passed=False)
        row = progress().rows[5]
        assert row[2].text.startswith("0 of ")
        assert row[3].text.startswith("3 of ")
        assert row[4].text == ("→ next" if FIRST == "05" else "begun")

    def test_when_all_is_done_it_says_so(self):
        pass_all(catalogue.tasks().values())
        assert re.fullmatch(r"All done: (\d+) of \1 points\.", progress().last)

    def test_what_is_known_of_tasks_that_changed_or_went_does_no_harm(self):
        progress_store.note_check("adam.step", 1000, passed=True)
        progress_store.note_check("adam.of-old", 5, passed=True)
        assert f"8 of {catalogue.task('adam.step').points}" in str(progress("05"))
        assert "adam.of-old" not in str(progress("05"))

    def test_one_lesson_s_tasks_show_points_attempts_and_hints(self):
        with pytest.raises(NotPassed):
            check("momentum.step", uphill)
        check("momentum.step", right)
        hint("momentum.step", 3)
        (row,) = [row for row in progress("2").rows if row[0].text == "momentum.step"]
        texts = [cell.text for cell in row]
        assert texts[2:5] == ["6 of 6", "2", "3"]
        assert texts[5] == "✓ passed"

    def test_a_lesson_without_exercises_is_answered_with_those_there_are(self):
        with pytest.raises(UnknownNameError, match="there is no exercise '99'"):
            progress("99")

    def test_its_html_is_a_table_that_can_be_read_aloud_and_says_what_its_text_says(self):
        overview = progress()
        page = Page(overview)
        tags = [tag for tag, _ in page.tags]
        assert tags.count("table") == tags.count("caption") == 1
        scopes = [attributes.get("scope") for tag, attributes in page.tags if tag == "th"]
        assert scopes.count("col") == len(overview.head)
        assert scopes.count("row") == len(overview.rows)
        assert None not in scopes
        for row in overview.rows:
            for cell in row:
                assert cell.text in page.cells
                assert cell.text in str(overview)
        assert overview.last in str(overview)

    def test_its_html_is_escaped(self):
        from adamedu.learning.progress_map import Cell, Overview

        said = "<script>alert('&')</script>"
        page = Page(Overview(said, (said,), ((Cell(said, '"><b>'),),), said))
        assert "script" not in [tag for tag, _ in page.tags]
        assert page.links == ['"><b>']

    def test_the_lessons_are_those_of_the_exercises(self):
        for number, exercise in catalogue.exercises().items():
            lesson = lessons()[number]
            assert lesson.name == exercise.name
            assert (lesson.title, lesson.question) == (exercise.title, exercise.question)

    def test_every_notebook_of_a_lesson_is_a_lesson(self):
        names = {path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
        assert names <= {lesson.name for lesson in lessons().values()}


class TestTheCommandLine:
    def test_progress_shows_the_map(self):
        progress_store.note_check("adam.step", 8, passed=True)
        done = CliRunner(env={"COLUMNS": "120"}).invoke(main, ["progress"])
        assert done.exit_code == 0
        assert "The map of the course" in done.output
        assert re.search(r"05 Adam +Both at once\? +1 of 10 +8 of 37", done.output)

    def test_progress_of_a_lesson_shows_its_tasks(self):
        done = CliRunner(env={"COLUMNS": "120"}).invoke(main, ["progress", "5"])
        assert re.search(r"adam\.step +One step of Adam +0 of 8 +0 +0", done.output)

    def test_an_unknown_lesson_is_wrong_usage(self):
        done = CliRunner().invoke(main, ["progress", "99"])
        assert done.exit_code == 2
        assert "there is no exercise '99'" in done.output


class TestSolutions:
    def test_one_opens_after_a_pass(self):
        with pytest.raises(ClosedError, match=r"adam\.step isn't passed yet"):
            solution("adam.step")
        progress_store.note_check("adam.step", 7, passed=False)
        with pytest.raises(ClosedError, match=r"show_me=True\)$"):
            solution("adam.step")
        progress_store.note_check("adam.step", 8, passed=True)
        assert "def adam_step(" in str(solution("adam.step"))

    def test_closed_is_one_line_in_a_notebook(self):
        with pytest.raises(ClosedError) as caught:
            solution("adam.step")
        assert caught.value._render_traceback_() == [str(caught.value)]

    def test_an_unknown_task_is_answered_with_the_nearest(self):
        with pytest.raises(UnknownNameError, match=r"did you mean 'adam\.step'\?"):
            solution("adam.stop", show_me=True)

    @pytest.mark.parametrize(
        "task",
        [
            task
            for exercise in catalogue.exercises().values()
            for task in exercise.tasks
            if (ROOT / "solutions" / f"{exercise.name}.ipynb").is_file()
        ],
        ids=lambda task: task.id,
    )
    def test_on_request_every_task_has_one_that_passes_and_says_why(self, task):
        shown = solution(task.id, show_me=True)
        kinds = [kind for kind, _ in shown.parts]
        assert kinds[0] == "code"
        assert task.answer in shown.parts[0][1]
        assert "SOLUTION" not in str(shown)
        why = [text for kind, text in shown.parts if kind == "markdown"]
        assert any(text.startswith("**Why.**") for text in why)
        assert "```python\n" in shown._repr_markdown_()
        assert progress_store.read() == {}

    def test_the_learner_s_copy_in_a_clone_finds_them(self, tmp_path):
        copy_course(tmp_path / "my-course")
        code = "from adamedu import solution; print(solution('adam.step', show_me=True))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path / "my-course" / "exercises",
            check=True,
            capture_output=True,
            text=True,
        )
        assert "def adam_step(" in done.stdout

    def test_an_installation_without_them_says_where_they_are(self, tmp_path, monkeypatch):
        monkeypatch.setattr(course, "_BUNDLED", tmp_path)
        with pytest.raises(ClosedError, match=r"repository, in solutions/05_adam\.ipynb\.$"):
            solution("adam.step", show_me=True)

    def test_the_untrusted_side_can_read_neither_solutions_nor_progress(self):
        opened = [Path(path).resolve() for path in view().open_paths()]
        assert len(opened) > 3
        for secret in (ROOT / "solutions" / "05_adam.ipynb", Path(str(progress_store.folder()))):
            assert not any(path == secret or path in secret.parents for path in opened)

    def test_on_the_untrusted_side_asking_for_one_shows_nothing(self):
        code = (
            "from adamedu.sandbox.inside import stub_package; stub_package.install([])\n"
            "from adamedu import progress, solution\n"
            "print(solution('adam.step', show_me=True), progress())\n"
            "import sys; print([name for name in sys.modules if 'learning' in name])\n"
            "import adamedu.learning.solving"
        )
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert re.fullmatch(r"<.*Inert object at .*> <.*Inert object at .*>\n\[\]\n", done.stdout)
        assert "No module named 'adamedu.learning'" in done.stderr


@pytest.mark.parametrize(
    "path", sorted((ROOT / "exercises").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_every_set_ends_with_the_learner_s_progress_and_says_how_to_see_solutions(path):
    number = path.name[:2]
    *_, above, shown, _ = read(path)["cells"]
    assert text_of(above).startswith("## What you earned")
    assert text_of(shown) == f'progress("{number}")'
    (task_id,) = re.findall(r'`solution\("([^"]+)"\)`', text_of(read(path)["cells"][0]))
    assert catalogue.exercise_of(catalogue.task(task_id)).number == number
    *_, ran, _ = read(ROOT / "solutions" / path.name)["cells"]
    points = sum(task.points for task in catalogue.exercise(number).tasks)
    assert f"{points} of {points} points." in "".join(texts_shown(ran))
