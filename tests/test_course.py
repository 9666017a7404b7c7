"""The learner's copy of the course: nothing of the learner's is lost, and JupyterLab serves it."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import adamedu
from adamedu import course
from adamedu.cli import main
from adamedu.course import CourseError, copy_course
from adamedu.learning import records

ROOT = Path(__file__).parents[1]
LESSON, EXERCISE = "notebooks/00_start_here.ipynb", "exercises/05_adam.ipynb"
BESIDE = "exercises/05_adam.new.ipynb"


def kept_by_git(*folders):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def publish(root, name, content):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)


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
    assert copied == kept_by_git("notebooks", "exercises") | {course.MANIFEST}
    assert set(report.added) == copied - {course.MANIFEST}
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


LEARNER = st.tuples(st.just("learner"), st.sampled_from([LESSON, EXERCISE, BESIDE]), st.text("ab"))
COURSE = st.tuples(st.just("course"), st.sampled_from([LESSON, EXERCISE]), st.text("yz"))
COPY = st.just(("copy", "", ""))


@given(st.lists(LEARNER | COURSE | COPY, max_size=20))
def test_no_work_is_ever_lost_and_no_edition_missed(actions):
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root, mine = Path(folder) / "published", Path(folder) / "my-course"
        patch.setattr(course, "_BUNDLED", root)
        editions, answers, received = {LESSON: "", EXERCISE: ""}, {}, {}
        for name in editions:
            publish(root, name, "")
        for who, name, text in [*actions, ("copy", "", "")]:
            if who == "learner":
                answers[name] = f"answer {text}"
                publish(mine, name, answers[name])
            elif who == "course":
                editions[name] = text
                publish(root, name, text)
            else:
                report = copy_course(mine)
                for each, place in [(each, report.offered.get(each, each)) for each in editions]:
                    if (mine / place).read_text() == editions[each]:
                        received[each] = editions[each]
                assert received == editions
                assert all((mine / each).read_text() == answers[each] for each in answers)


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b"\xff", b'{"schema": 2, "files": {}}', b'{"schema": 1, "files": {"a": 1}}'],
)
def test_an_unreadable_record_is_set_aside_and_said_and_no_work_is_lost(published, mine, broken):
    copy_course(mine)
    (mine / EXERCISE).write_text("my answer")
    (mine / course.MANIFEST).write_bytes(broken)
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
    records.note_check("adam.step", 8, passed=True)
    records.note_check("momentum.step", 6, passed=True)
    reset(mine)
    assert records.read().keys() == {"adam.step", "momentum.step"}
    done = reset(mine, "--progress")
    assert "Your points in exercises 05 are forgotten." in done.output
    assert records.read().keys() == {"momentum.step"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def test_the_wheel_carries_the_package_its_program_the_lessons_and_blank_exercises_only(wheel):
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    lessons = {f"adamedu/_course/{name}" for name in kept_by_git("notebooks", "exercises")}
    assert packed == kept_by_git("adamedu", "adamedu_command.py") | lessons
    assert "adamedu/py.typed" in packed
    assert wheel.name == f"adamedu-{adamedu.__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Another environment with the wheel in it, which borrows this one's libraries."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-warn-script-location"]
    subprocess.run([*pip, *install, str(wheel)], check=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    (site,) = {Path(sysconfig.get_path("purelib", vars=paths))}
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return folder


@pytest.fixture
def elsewhere(tmp_path):
    """Variables that keep Jupyter's files out of the user's, and the clone out of Python's path."""
    share = Path(sysconfig.get_path("data")) / "share" / "jupyter"
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return inherited | {
        "JUPYTERLAB_DIR": str(share / "lab"),
        "JUPYTER_PATH": str(share),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }


def server(process, runtime):
    """Where JupyterLab says it serves, once it does."""
    while process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            # The file may be half written, and it is there before anybody listens.
            with contextlib.suppress(json.JSONDecodeError, OSError):
                where = json.loads(path.read_text())
                socket.create_connection(("localhost", where["port"]), timeout=1).close()
                return where
        time.sleep(0.1)
    raise AssertionError(process.stdout.read())


def get(where, path):
    request = urllib.request.Request(
        f"{where['url']}{path}", headers={"Authorization": f"token {where['token']}"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.url, response.read()


def test_the_installed_wheel_serves_the_learner_s_copy(installed, elsewhere, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    process = subprocess.Popen(
        [installed / "bin" / "adamedu", "lab", "--no-browser", "--port=0"],
        cwd=home,
        env=elsewhere,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        where = server(process, tmp_path / "runtime")
        assert Path(where["root_dir"]) == home / "my-course"
        assert json.loads(get(where, "api/status")[1])["kernels"] == 0
        first, page = get(where, "")
        assert first.endswith("/lab/tree/notebooks/00_start_here.ipynb")
        assert b"JupyterLab" in page
        served = json.loads(get(where, "api/contents/exercises?content=1")[1])["content"]
        assert {each["path"] for each in served} == kept_by_git("exercises")
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert f"Your course is in {home / 'my-course'}." in said
    assert [path.name for path in home.iterdir()] == ["my-course"]


def test_what_is_given_out_is_trusted_and_what_is_not_is_not(elsewhere, mine):
    trusts = (
        "import nbformat, sys\n"
        "from nbformat.sign import NotebookNotary\n"
        "print(NotebookNotary().check_signature(nbformat.read(sys.argv[1], as_version=4)))"
    )

    def is_trusted(path):
        command = [sys.executable, "-c", trusts, path]
        return subprocess.run(
            command, env=elsewhere, check=True, capture_output=True, text=True
        ).stdout.strip()

    adamedu_command = Path(sysconfig.get_path("scripts")) / "adamedu"
    command = [adamedu_command, "lab", "--folder", mine, "--version"]
    subprocess.run(command, env=elsewhere, check=True, capture_output=True)
    lesson = mine / "notebooks" / "01_gradient_descent.ipynb"
    assert is_trusted(lesson) == "True"
    lesson.write_text(lesson.read_text(encoding="utf-8").replace("print(", "print(1, "), "utf-8")
    assert is_trusted(lesson) == "False"


def test_jupyterlab_s_exit_status_is_handed_on(elsewhere, mine):
    adamedu_command = Path(sysconfig.get_path("scripts")) / "adamedu"
    command = [adamedu_command, "lab", "--folder", mine, "no-such-file.ipynb"]
    done = subprocess.run(command, env=elsewhere, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no-such-file.ipynb" in done.stderr
