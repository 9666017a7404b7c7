"""The learner's copy of the course: nothing of the learner's is lost, and no edition missed."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from adamedu.cli import main
from adamedu.content import course
from adamedu.lab.copying import CourseError, copy_course
from adamedu.lab.versions import MANIFEST, version_of
from adamedu.learning import progress_store
from tests.support.giving_out import ROOT, kept_by_git, publish
from tests.support.pages import read, text_of
from tests.support.submitting import code, notebook

LESSON, EXERCISE = "notebooks/00_start_here.ipynb", "exercises/05_adam.ipynb"
NAMES = [LESSON, EXERCISE]
BESIDE = "exercises/05_adam.new.ipynb"


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A course with one lesson and one exercise, whose files a test may publish anew."""
    root = tmp_path / "published"
    publish(root, LESSON, "lesson, first edition")
    publish(root, EXERCISE, "exercise, first edition")
    monkeypatch.setattr(course, "_BUNDLED", root)
    return root


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "my-course"


def test_the_learner_gets_every_lesson_and_exercise_and_nothing_else(mine):
    report = copy_course(mine)
    copied = {path.relative_to(mine).as_posix() for path in mine.rglob("*") if path.is_file()}
    assert copied == kept_by_git("notebooks", "exercises") | {MANIFEST}
    assert set(report.added) == copied - {MANIFEST}
    assert all((mine / name).read_bytes() == (ROOT / name).read_bytes() for name in report.added)


def test_hidden_files_of_the_course_are_left_out(published, mine):
    publish(published, "notebooks/.ipynb_checkpoints/00_start_here-checkpoint.ipynb", "draft")
    assert copy_course(mine).added == [LESSON, EXERCISE]


def test_copying_again_changes_nothing(published, mine):
    copy_course(mine)
    (mine / EXERCISE).write_text("my answer")
    again = copy_course(mine)
    assert (again.added, again.updated, again.offered) == ([], [], {})
    assert again.kept == [EXERCISE]
    assert (mine / EXERCISE).read_text() == "my answer"


def test_a_file_the_learner_never_changed_is_brought_up_to_date(published, mine):
    copy_course(mine)
    publish(published, LESSON, "lesson, second edition")
    report = copy_course(mine)
    assert report.updated == [LESSON]
    assert (mine / LESSON).read_text() == "lesson, second edition"


def test_a_new_version_of_a_changed_file_is_put_beside_it_once_and_said(published, mine):
    copy_course(mine)
    (mine / EXERCISE).write_text("my answer")
    publish(published, EXERCISE, "exercise, second edition")
    report = copy_course(mine)
    assert (mine / EXERCISE).read_text() == "my answer"
    assert (mine / BESIDE).read_text() == "exercise, second edition"
    assert report.offered == {EXERCISE: BESIDE}
    assert f"{EXERCISE} has a new version. Yours is untouched, the new one is {BESIDE}." in str(
        report
    )

    (mine / BESIDE).unlink()
    assert copy_course(mine).offered == {}
    assert not (mine / BESIDE).exists()


def test_an_offer_is_renewed_in_place_unless_the_learner_works_in_it(published, mine):
    copy_course(mine)
    (mine / EXERCISE).write_text("my answer")
    for edition in ["second", "third"]:
        publish(published, EXERCISE, edition)
        assert copy_course(mine).offered == {EXERCISE: BESIDE}
        assert (mine / BESIDE).read_text() == edition

    (mine / BESIDE).write_text("my other answer")
    publish(published, EXERCISE, "fourth")
    second = "exercises/05_adam.new2.ipynb"
    assert copy_course(mine).offered == {EXERCISE: second}
    assert (mine / BESIDE).read_text() == "my other answer"
    assert (mine / second).read_text() == "fourth"


def test_a_deleted_file_comes_back(published, mine):
    copy_course(mine)
    (mine / EXERCISE).unlink()
    assert copy_course(mine).added == [EXERCISE]


def edition(text, shown=""):
    """A notebook that says a text and shows an output."""
    return notebook(code(text, {"output_type": "stream", "name": "stdout", "text": shown}))


def said(path):
    return [text_of(cell) for cell in read(path)["cells"]]


def write_an_answer(path, text="my answer"):
    path.write_text(notebook(text))


def open_and_run(path, shown="mine"):
    """What JupyterLab leaves when its user ran the cells and wrote nothing."""
    made = read(path)
    made["metadata"] |= {"language_info": {"name": "python", "version": "3.12.1"}}
    for number, cell in enumerate(made["cells"], start=1):
        cell |= {"id": f"again-{number}", "execution_count": number, "metadata": {"trusted": True}}
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": shown}]
    made["cells"].append(code(""))
    path.write_text(json.dumps(made))


def test_a_lesson_that_was_only_run_is_brought_up_to_date_in_place(published, mine):
    publish(published, LESSON, edition("first"))
    copy_course(mine)
    for text in ["second", "third"]:
        open_and_run(mine / LESSON)
        assert copy_course(mine).updated == []
        assert "mine" in (mine / LESSON).read_text()
        publish(published, LESSON, edition(text))
        assert copy_course(mine).updated == [LESSON]
        assert (mine / LESSON).read_text() == edition(text)


def test_a_lesson_whose_outputs_only_are_new_is_brought_up_to_date(published, mine):
    publish(published, LESSON, edition("same", "old picture"))
    copy_course(mine)
    open_and_run(mine / LESSON)
    publish(published, LESSON, edition("same", "new picture"))
    assert copy_course(mine).updated == [LESSON]
    assert (mine / LESSON).read_text() == edition("same", "new picture")


def test_outputs_that_only_are_new_are_not_offered_beside_an_answer(published, mine):
    publish(published, EXERCISE, edition("same", "old"))
    copy_course(mine)
    write_an_answer(mine / EXERCISE)
    publish(published, EXERCISE, edition("same", "new"))
    report = copy_course(mine)
    assert (report.offered, report.kept) == ({}, [EXERCISE])
    assert said(mine / EXERCISE) == ["my answer"]


def test_an_older_version_that_comes_back_over_a_new_one_is_brought_up_to_date(published, mine):
    """JupyterLab asks whether to overwrite what changed on disk, and its user may say yes."""
    publish(published, LESSON, edition("first"))
    copy_course(mine)
    open_and_run(mine / LESSON)
    left_open = (mine / LESSON).read_bytes()
    publish(published, LESSON, edition("second"))
    copy_course(mine)
    (mine / LESSON).write_bytes(left_open)
    assert copy_course(mine).updated == [LESSON]
    assert said(mine / LESSON) == ["second"]


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"cells": 3}', '{"cells": [{"source": "x"}]}'])
def test_what_is_no_notebook_any_more_counts_as_the_learner_s(published, mine, broken):
    publish(published, EXERCISE, edition("first"))
    copy_course(mine)
    (mine / EXERCISE).write_text(broken)
    publish(published, EXERCISE, edition("second"))
    assert copy_course(mine).offered == {EXERCISE: BESIDE}
    assert (mine / EXERCISE).read_text() == broken
    assert said(mine / BESIDE) == ["second"]


def as_schema_1(mine):
    """Turn a folder's record into what was kept before notebooks were known by their cells."""
    files = json.loads((mine / MANIFEST).read_bytes())["files"]
    digests = {name: rows[-1][0] for name, rows in files.items()}
    (mine / MANIFEST).write_text(json.dumps({"schema": 1, "files": digests}))


def test_a_folder_from_before_is_brought_up_to_date_and_its_answers_stay(
    published, mine, tmp_path, monkeypatch
):
    known = dict(version_of(edition(text).encode()) for text in ["first", "exercise"])
    (tmp_path / "schema_1.json").write_text(json.dumps(known))
    monkeypatch.setattr("adamedu.lab.versions.SCHEMA_1", tmp_path / "schema_1.json")
    publish(published, LESSON, edition("first"))
    publish(published, EXERCISE, edition("exercise"))
    copy_course(mine)
    as_schema_1(mine)
    open_and_run(mine / LESSON)
    write_an_answer(mine / EXERCISE)

    publish(published, LESSON, edition("second"))
    publish(published, EXERCISE, edition("exercise", "another output"))
    report = copy_course(mine)
    assert (report.updated, report.kept, report.offered) == ([LESSON], [EXERCISE], {})
    assert (mine / LESSON).read_text() == edition("second")
    publish(published, EXERCISE, edition("another exercise"))
    assert copy_course(mine).offered == {EXERCISE: BESIDE}
    assert said(mine / EXERCISE) == ["my answer"]


def test_a_folder_from_before_whose_files_nobody_opened_is_brought_up_to_date(published, mine):
    publish(published, LESSON, edition("no list has this"))
    copy_course(mine)
    as_schema_1(mine)
    for name in NAMES:
        publish(published, name, edition("second"))
    assert copy_course(mine).updated == NAMES


WRITE = st.tuples(st.just("write"), st.sampled_from([*NAMES, BESIDE]), st.text("ab"))
RUN = st.tuples(st.just("run"), st.sampled_from([*NAMES, BESIDE]), st.text("cd"))
COURSE = st.tuples(
    st.just("course"), st.sampled_from(NAMES), st.builds(edition, st.text("yz"), st.text("cd"))
)
COPY = st.just(("copy", "", ""))


@given(st.lists(WRITE | RUN | COURSE | COPY, max_size=20))
def test_no_work_is_ever_lost_and_no_edition_missed(actions):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root, mine = Path(folder) / "published", Path(folder) / "my-course"
        patch.setattr(course, "_BUNDLED", root)
        answers, received = {}, {}
        for name in NAMES:
            publish(root, name, edition(""))
        for who, name, text in [*actions, ("copy", "", "")]:
            if who == "write":
                answers[name] = f"answer {text}"
                publish(mine, name, notebook(answers[name]))
            elif who == "run" and (mine / name).exists():
                open_and_run(mine / name, text)
            elif who == "course":
                publish(root, name, text)
            elif who == "copy":
                report = copy_course(mine)
                assert {*report.offered, *report.kept} <= answers.keys()
                for each in NAMES:
                    now = said(root / each)
                    if said(mine / report.offered.get(each, each))[:1] == now:
                        received[each] = now
                    assert received[each] == now
                assert all(said(mine / each)[0] == answers[each] for each in answers)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"schema": 3, "files": {}}',
        b'{"schema": 1, "files": {"a": 1}}',
        b'{"schema": 2, "files": {"a": 1}}',
        b'{"schema": 2, "files": {"a": []}}',
        b'{"schema": 2, "files": {"a": [["b"]]}}',
        b'{"schema": 2, "files": {"a": [["b", 1]]}}',
    ],
)
def test_an_unreadable_record_is_set_aside_and_said_and_no_work_is_lost(published, mine, broken):
    copy_course(mine)
    (mine / EXERCISE).write_text("my answer")
    (mine / MANIFEST).write_bytes(broken)
    report = copy_course(mine)
    assert (mine / ".adamedu-course.broken.json").read_bytes() == broken
    assert "is now .adamedu-course.broken.json" in str(report)
    assert (mine / EXERCISE).read_text() == "my answer"
    assert (mine / BESIDE).read_text() == "exercise, first edition"
    assert copy_course(mine).notes == []


def test_a_copy_that_was_interrupted_leaves_no_half_file_and_is_completed(
    published, mine, monkeypatch
):
    replace, calls = Path.replace, []

    def second_fails(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise PermissionError(13, "Permission denied", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", second_fails)
    with pytest.raises(
        CourseError, match=r"^Can't copy the course to .*: Permission denied \(.*\)\.$"
    ):
        copy_course(mine)
    left = {path.relative_to(mine).as_posix() for path in mine.rglob("*") if path.is_file()}
    assert left == {LESSON}
    assert copy_course(mine).added == [EXERCISE]


def test_a_file_in_a_folder_s_place_is_named(published, mine):
    publish(mine, "exercises", "not a folder")
    with pytest.raises(CourseError, match=r"a file is where a folder should be \(.*exercises\)"):
        copy_course(mine)


def test_a_folder_in_a_file_s_place_is_named(published, mine):
    (mine / LESSON).mkdir(parents=True)
    with pytest.raises(CourseError, match=r"a folder is where a file should be \(.*ipynb\)"):
        copy_course(mine)


@pytest.mark.parametrize("folder", [".", "notebooks", "elsewhere"])
def test_the_course_does_not_copy_into_itself(folder):
    with pytest.raises(CourseError, match="belongs to the course itself"):
        copy_course(ROOT / folder)
    assert not (ROOT / "elsewhere").exists()


def test_an_installation_without_lessons_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "_BUNDLED", tmp_path)
    with pytest.raises(CourseError, match="has no lessons"):
        copy_course(tmp_path / "my-course")


ASIDE = "exercises/05_adam.before-reset.ipynb"


def reset(mine, *more):
    return CliRunner().invoke(main, ["reset", "05", "--folder", str(mine), *more])


def test_a_reset_makes_the_exercises_blank_and_keeps_the_old_ones_aside(published, mine):
    copy_course(mine)
    (mine / EXERCISE).write_text("my answer")
    (mine / LESSON).write_text("my notes")
    done = reset(mine)
    assert done.exit_code == 0
    assert done.output.startswith(
        f"{EXERCISE} is blank.\nYours is now {mine / ASIDE}.\nIf it is open in JupyterLab"
    )
    assert (mine / EXERCISE).read_text() == "exercise, first edition"
    assert (mine / ASIDE).read_text() == "my answer"
    assert (mine / LESSON).read_text() == "my notes"
    publish(published, EXERCISE, "exercise, second edition")
    assert copy_course(mine).updated == [EXERCISE]


def test_nothing_that_was_put_aside_is_lost(published, mine):
    copy_course(mine)
    answers = ["first try", "second try", "third try"]
    for answer in answers:
        (mine / EXERCISE).write_text(answer)
        assert reset(mine).exit_code == 0
    aside = {path.read_text() for path in mine.glob("exercises/*before-reset*")}
    assert aside == set(answers)


@pytest.mark.parametrize("there", [True, False])
def test_a_reset_of_what_is_blank_or_gone_puts_nothing_aside(published, mine, there):
    copy_course(mine)
    if not there:
        (mine / EXERCISE).unlink()
    done = reset(mine)
    assert done.exit_code == 0
    assert "Yours is now" not in done.output
    assert (mine / EXERCISE).read_text() == "exercise, first edition"
    assert [path.name for path in (mine / "exercises").iterdir()] == ["05_adam.ipynb"]


def test_a_reset_of_exercises_that_were_only_run_puts_nothing_aside(published, mine):
    publish(published, EXERCISE, edition("exercise"))
    copy_course(mine)
    open_and_run(mine / EXERCISE)
    assert "Yours is now" not in reset(mine).output
    assert (mine / EXERCISE).read_text() == edition("exercise")
    assert not (mine / ASIDE).exists()


def test_a_reset_brings_the_newest_edition_and_leaves_no_offer_open(published, mine):
    copy_course(mine)
    (mine / EXERCISE).write_text("my answer")
    publish(published, EXERCISE, "exercise, second edition")
    reset(mine)
    assert (mine / EXERCISE).read_text() == "exercise, second edition"
    assert copy_course(mine).offered == {}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["99"], 2, "there is no exercise '99'"),
        (["adam"], 2, "there is no exercise 'adam'"),
        (["02"], 1, "exercises/02_momentum.ipynb isn't written yet, so there is nothing to reset."),
        ([], 2, "Missing argument 'LESSON'"),
    ],
)
def test_a_reset_of_what_there_is_not_is_a_clear_error(published, mine, arguments, status, said):
    copy_course(mine)
    done = CliRunner().invoke(main, ["reset", *arguments, "--folder", str(mine)])
    assert done.exit_code == status
    assert said in done.output


def test_a_reset_without_a_copy_says_how_to_get_one(published, mine):
    done = reset(mine)
    assert done.exit_code == 1
    assert f"There is no folder {mine}. adamedu lab makes it." in done.output
    assert not mine.exists()


def test_a_reset_that_can_t_write_leaves_the_learner_s_work_somewhere(published, mine, monkeypatch):
    copy_course(mine)
    (mine / EXERCISE).write_text("my answer")

    def refuse(self, target):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "replace", refuse)
    done = reset(mine)
    assert done.exit_code == 1
    assert f"Can't reset {EXERCISE}: Permission denied" in done.output
    assert "my answer" in [path.read_text() for path in (mine / "exercises").iterdir()]


def test_a_reset_forgets_points_only_on_request(published, mine, tmp_path, monkeypatch):
    monkeypatch.setenv("ADAMEDU_DATA", str(tmp_path / "data"))
    copy_course(mine)
    progress_store.note_check("adam.step", 8, passed=True)
    progress_store.note_check("momentum.step", 6, passed=True)
    reset(mine)
    assert progress_store.read().keys() == {"adam.step", "momentum.step"}
    done = reset(mine, "--progress")
    assert "Your points in exercises 05 are forgotten." in done.output
    assert progress_store.read().keys() == {"momentum.step"}
