"""A batch: every submission graded once and nothing lost, whatever stops the grader.

Most of these tests pretend to run submissions (see `tests.support.fake_runner`); a few run them.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import adamedu
from adamedu.cli import main
from adamedu.content import catalogue
from adamedu.grading import batch, commands
from adamedu.grading.executors.inline import GradingPolicy, in_order, this_process, weakest
from adamedu.grading.executors.processes import processes
from adamedu.grading.exporting import (
    GRADES,
    REPORT,
    grades_from,
    inert,
    page_of,
    report_from,
    write_pages,
)
from adamedu.grading.gradebook.book import FILE, Claim, Entry, opened
from adamedu.grading.grader import Settings, prepare, submissions
from adamedu.grading.report import SubmissionReport, schema, to_json, written
from adamedu.sandbox.outside.levels import guarantees
from tests.support.fake_runner import COMMAND, RIGHT, TASKS, Pretend, hand_in
from tests.support.processes import begin, members, wait_for

HALF = {"scale_choice": "b"}
CHOSEN = Settings(tasks=tuple(catalogue.task(t) for t in ("adam.m", "adam.scale")))


@pytest.fixture(autouse=True)
def _pretend(request, monkeypatch):
    if request.cls is not TestReally:
        monkeypatch.setattr(commands, "GradingPolicy", partial(GradingPolicy, open_runner=Pretend))


def grade(*arguments, code=0, workers="1", **how):
    """Run the command here; return what it printed."""
    more = ("--workers", workers) if workers else ()
    result = CliRunner().invoke(main, ["grade", *map(str, arguments), *more], **how)
    assert result.exit_code == code, result.output
    return result


def start(*arguments, **how):
    """Run the command in another process, with the runner that pretends."""
    return begin([*COMMAND, "grade", *map(str, arguments)], **how)


def report_in(folder):
    data = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    jsonschema.validate(data, schema())
    return data


def marks_in(folder):
    return {one["file"]: one["score"] for one in report_in(folder)["submissions"]}


@pytest.fixture
def handed_in(tmp_path):
    """Six submissions, two of them unusable, each noting that it was run."""
    folder, note = tmp_path / "handed in", str(tmp_path / "note")
    hand_in(folder, "zoe.py", **RIGHT, note=note)
    hand_in(folder, "ada/work.py", **RIGHT, note=note)
    hand_in(folder, "ada/again.py", **HALF, note=note)
    hand_in(folder, "bea/work.py", note=note)
    hand_in(folder, "cyd/work.py", problem="it isn't a notebook", note=note)
    (folder / "bea/empty.py").touch()
    return folder


@pytest.fixture
def ran(tmp_path):
    """What was run since the last time, sorted."""
    note = tmp_path / "note"

    def since():
        names = note.read_text().splitlines() if note.exists() else []
        note.unlink(missing_ok=True)
        return sorted(names)

    return since


FILES = ["zoe.py", "ada/again.py", "ada/work.py", "bea/empty.py", "bea/work.py", "cyd/work.py"]
RUN = sorted(set(FILES) - {"bea/empty.py"})


class TestResults:
    def test_all_are_kept_in_the_order_of_the_folder_and_the_files_agree(self, handed_in, tmp_path):
        grade(handed_in, *TASKS, "--out", tmp_path / "out", code=1)
        data = report_in(tmp_path / "out")
        assert [one["file"] for one in data["submissions"]] == FILES
        assert [one["score"] for one in data["submissions"]] == [4, 1, 4, 0, 0, 0]
        with (tmp_path / "out" / GRADES).open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        assert [row["file"] for row in table] == FILES
        assert [row["adam.scale"] for row in table] == ["1", "1", "1", "0", "0", "0"]
        assert [row["score"] for row in table] == ["4", "1", "4", "0", "0", "0"]
        names = {path.name for path in (tmp_path / "out").iterdir()}
        assert names == {FILE, REPORT, GRADES, "secret.txt"}

    def test_the_report_is_the_one_without_out(self, handed_in, tmp_path):
        grade(handed_in, *TASKS, "--json", tmp_path / "alone.json", code=1)
        also = tmp_path / "also.json"
        grade(handed_in, *TASKS, "--out", tmp_path / "out", "--json", also, code=1)
        assert also.read_bytes() == (tmp_path / "out" / REPORT).read_bytes()
        assert also.read_bytes() == (tmp_path / "alone.json").read_bytes()

    def test_each_unusable_file_is_said_with_its_reason_and_the_rest_counted(
        self, handed_in, tmp_path
    ):
        said = grade(handed_in, *TASKS, "--out", tmp_path / "out", code=1).stdout.splitlines()
        assert said[0] == "bea/empty.py  bea  unreadable: it is empty"
        assert said[1] == "cyd/work.py  cyd  unreadable: it isn't a notebook"
        assert said[2] == "6 graded, 0 unchanged, 2 of them unusable"
        assert guarantees("A", ())["says"] in said

    def test_without_out_nothing_is_kept(self, handed_in, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        before = sorted(tmp_path.rglob("*"))
        grade(handed_in, *TASKS, code=1)
        assert sorted(p for p in tmp_path.rglob("*") if p.name != "note") == before

    def test_on_standard_output_the_report_is_alone(self, handed_in, tmp_path):
        done = grade(handed_in, *TASKS, "--out", tmp_path / "out", "--json", "-", code=1)
        assert json.loads(done.stdout) == report_in(tmp_path / "out")
        assert done.stderr == ""

    def test_files_with_the_same_names_are_all_kept(self, tmp_path):
        for week, says in (("one", RIGHT), ("two", HALF)):
            hand_in(tmp_path / week, "ada/work.py", **says)
        for _ in range(2):
            grade(tmp_path / "one", tmp_path / "two", *TASKS, "--out", tmp_path / "out")
            data = report_in(tmp_path / "out")
            assert [one["score"] for one in data["submissions"]] == [4, 1]
            assert {one["file"] for one in data["submissions"]} == {"ada/work.py"}

    def test_a_file_handed_in_again_elsewhere_takes_the_place_of_the_first(self, tmp_path):
        for week, says in (("one", HALF), ("two", RIGHT)):
            hand_in(tmp_path / week, "ada/work.py", **says)
            diff = grade(tmp_path / week, *TASKS, "--out", tmp_path / "out", "--diff").stdout
        assert marks_in(tmp_path / "out") == {"ada/work.py": 4}
        assert "ada/work.py  ada  adam.m: 0 → 3" in diff

    def test_the_secret_is_nowhere_in_the_results(self, handed_in, tmp_path):
        out = tmp_path / "out"
        grade(handed_in, *TASKS, "--out", out, "--secret", "tell nobody", code=1)
        assert all(b"tell nobody" not in path.read_bytes() for path in out.iterdir())

    @pytest.mark.parametrize(
        ("path", "says"),
        [("zoe.py", "is a file"), ("zoe.py/out", "can't be kept"), ("/proc/out", "can't be kept")],
    )
    def test_where_results_cant_be_kept_nothing_runs(self, handed_in, ran, path, says):
        done = grade(handed_in, *TASKS, "--out", handed_in / path, code=2)
        assert says in done.stderr
        assert ran() == []

    def test_a_damaged_gradebook_is_set_aside_and_said(self, handed_in, tmp_path, ran):
        out = tmp_path / "out"
        out.mkdir()
        (out / FILE).write_bytes(b"rubbish " * 999)
        done = grade(handed_in, *TASKS, "--out", out, code=1)
        assert "Warning: the gradebook was damaged: it is now" in done.stderr
        assert ran() == RUN
        [aside] = out.glob("*damaged*")
        assert str(aside) in done.stderr
        assert aside.read_bytes() == b"rubbish " * 999

    @pytest.mark.parametrize("taken", [REPORT, GRADES])
    def test_a_result_that_cant_be_written_is_said_and_the_marks_are_kept(
        self, handed_in, tmp_path, ran, taken
    ):
        out = tmp_path / "out"
        (out / taken).mkdir(parents=True)
        done = grade(handed_in, *TASKS, "--out", out, code=2)
        assert f"can't be written to {out / taken}" in done.stderr
        (out / taken).rmdir()
        ran()
        grade(handed_in, *TASKS, "--out", out, code=1)
        assert ran() == []
        assert len(report_in(out)["submissions"]) == 6


class TestUnchanged:
    @pytest.fixture
    def again(self, handed_in, tmp_path, ran):
        """Grade the folder again; return what was run."""

        def again(*options, code=1, tasks=TASKS):
            grade(handed_in, *tasks, "--out", tmp_path / "out", *options, code=code)
            return ran()

        assert again() == RUN
        return again

    def test_what_is_unchanged_isnt_graded_again_and_still_reported(self, again, tmp_path):
        before = (tmp_path / "out" / REPORT).read_bytes()
        assert again() == []
        assert (tmp_path / "out" / REPORT).read_bytes() == before

    def test_what_has_changed_is(self, again, handed_in, tmp_path):
        says = json.loads((handed_in / "bea/work.py").read_text())
        hand_in(handed_in, "bea/work.py", **says, **RIGHT)
        assert again() == ["bea/work.py"]
        assert marks_in(tmp_path / "out")["bea/work.py"] == 4

    @pytest.mark.parametrize(
        "options",
        [
            ("--secret", "another"),
            ("--time-limit", "3"),
            ("--personal",),
            ("--task", "adam.theta"),
            ("--regrade",),
        ],
    )
    def test_what_decides_marks_makes_all_be_graded_again(self, again, options):
        assert again(*options) == RUN
        if options != ("--regrade",):
            assert again(*options) == []

    def test_another_version_grades_all_again(self, again, monkeypatch):
        monkeypatch.setattr(adamedu, "__version__", "99.0")
        assert again() == RUN

    def test_a_task_that_was_changed_grades_all_again(self, again, monkeypatch):
        assert again(tasks=("--task", "adam.m")) == RUN
        assert again(tasks=("--task", "adam.m")) == []
        task = catalogue.task("adam.m")
        harder = replace(task, hints=("think", "think", "think"))
        monkeypatch.setattr(catalogue, "tasks", lambda: {"adam.m": harder})
        monkeypatch.setattr(catalogue, "task", lambda task_id: catalogue.tasks()[task_id])
        batch._definition.cache_clear()
        assert again(tasks=("--task", "adam.m")) == RUN
        batch._definition.cache_clear()

    def test_changed_marks_are_listed(self, handed_in, tmp_path):
        out = tmp_path / "out"
        first = grade(handed_in, *TASKS, "--out", out, "--diff", code=1).stdout
        assert "→" not in first
        hand_in(handed_in, "zoe.py", **HALF)
        hand_in(handed_in, "bea/work.py", **RIGHT)
        done = grade(handed_in, *TASKS, "--out", out, "--diff", code=1).stdout.splitlines()
        assert [line for line in done if "→" in line] == [
            "zoe.py  zoe  adam.m: 3 → 0",
            "bea/work.py  bea  adam.m: 0 → 3",
            "bea/work.py  bea  adam.scale: 0 → 1",
        ]
        assert "2 graded, 4 unchanged, 2 of them unusable" in done

    def test_what_was_withdrawn_is_in_the_results_and_says_so(self, handed_in, tmp_path):
        out = tmp_path / "out"
        grade(handed_in, *TASKS, "--out", out, code=1)
        before = marks_in(out)
        (handed_in / "zoe.py").rename(tmp_path / "zoe.py")
        done = grade(handed_in, *TASKS, "--out", out, code=1).stdout
        assert "1 withdrawn since the last time" in done
        assert marks_in(out) == before
        said = {one["file"]: one["message"] or "" for one in report_in(out)["submissions"]}
        assert [file for file, says in said.items() if "withdrawn" in says] == ["zoe.py"]
        (tmp_path / "zoe.py").rename(handed_in / "zoe.py")
        assert "withdrawn since" not in grade(handed_in, *TASKS, "--out", out, code=1).stdout
        assert "withdrawn" not in (out / GRADES).read_text()

    @pytest.mark.parametrize("option", ["--regrade", "--diff"])
    def test_there_is_nothing_to_compare_with_where_nothing_is_kept(self, handed_in, option):
        assert "need --out" in grade(handed_in, option, code=2).stderr


def count(out):
    """How many gradings a gradebook holds at the moment."""
    file = f"file:{out / FILE}?mode=ro"
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(file, uri=True)) as book,
    ):
        (number,) = book.execute("SELECT count(*) FROM gradings").fetchone()
        return number
    return 0


@pytest.fixture
def slow(tmp_path):
    """Twenty submissions that take a moment each."""
    folder = tmp_path / "slow"
    for number in range(20):
        says = {**(RIGHT if number % 3 else HALF), "note": str(tmp_path / "note")}
        hand_in(folder, f"s{number:02}/work.py", **says, sleep=0.03)
    return folder


@pytest.fixture
def expected(slow, tmp_path):
    """The report of one that was never stopped."""
    grade(slow, *TASKS, "--out", tmp_path / "whole")
    (tmp_path / "note").unlink()
    return (tmp_path / "whole" / REPORT).read_bytes()


KILLS = 4


class TestStopped:
    @pytest.mark.parametrize("workers", ["1", "2"])
    @pytest.mark.slow
    def test_killed_again_and_again_it_loses_nothing_and_grades_nothing_twice(
        self, slow, expected, tmp_path, ran, workers
    ):
        out = tmp_path / "out"
        draw = random.Random(int(workers))  # noqa: S311
        for _ in range(KILLS):
            before = count(out)
            with start(slow, *TASKS, "--out", out, "--workers", workers) as process:
                wait_for(lambda before=before: count(out) > before)
                time.sleep(draw.uniform(0, 0.1))
                process.kill()
            assert not (out / REPORT).exists()
        known = count(out)
        with start(slow, *TASKS, "--out", out, "--workers", workers) as process:
            said, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
        assert f"{20 - known} graded, {known} unchanged, 0 of them unusable" in said
        assert (out / REPORT).read_bytes() == expected
        assert count(out) == 20
        # What was being run when it was killed is run once more, and nothing else is.
        times = Counter(ran())
        assert set(times) == {f"s{number:02}/work.py" for number in range(20)}
        assert times.total() <= 20 + KILLS * int(workers)

    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_interrupted_it_says_how_to_go_on_and_leaves_no_process(
        self, slow, expected, tmp_path, workers
    ):
        out = tmp_path / "out"
        group = {"start_new_session": True}
        with start(slow, *TASKS, "--out", out, "--workers", workers, **group) as process:
            wait_for(lambda: count(out) > 3)
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does
            said, errors = process.communicate(timeout=30)
            assert process.returncode == 130
            kept = f"what was graded is kept in {out}; the same command goes on from there"
            assert errors == f"Stopped: {kept}\n"
            assert said == ""
        wait_for(lambda: not members(process.pid))
        assert sorted(path.name for path in out.iterdir()) == [FILE, "secret.txt"]
        known = count(out)
        assert f"{20 - known} graded, {known} unchanged" in grade(slow, *TASKS, "--out", out).stdout
        assert (out / REPORT).read_bytes() == expected

    def test_interrupted_without_out_it_says_that_nothing_is_kept(self, slow, tmp_path):
        with start(slow, *TASKS, "--json", tmp_path / "report.json") as process:
            wait_for((tmp_path / "note").exists)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (130, "Stopped: nothing is kept without --out\n")
        assert not (tmp_path / "report.json").exists()


class TestTwoGraders:
    def test_each_submission_is_graded_by_one_of_them(self, slow, expected, tmp_path, ran):
        out = tmp_path / "out"
        with start(slow, *TASKS, "--out", out) as one, start(slow, *TASKS, "--out", out) as other:
            said = [process.communicate()[0] for process in (one, other)]
        assert [one.returncode, other.returncode] == [0, 0]
        assert ran() == sorted(f"s{number:02}/work.py" for number in range(20))
        graded = [int(text.split(" graded")[0]) for text in said]
        assert sum(graded) == 20
        assert (out / REPORT).read_bytes() == expected

    def test_one_takes_over_what_a_killed_one_was_at(self, tmp_path):
        out = tmp_path / "out"
        hold = tmp_path / "hold"
        hold.touch()
        says = {"note": str(tmp_path / "note"), "while": str(hold)}
        hand_in(tmp_path / "in", "a.py", **RIGHT, **says)
        with start(tmp_path / "in", *TASKS, "--out", out) as one:
            wait_for((tmp_path / "note").exists)
            hand_in(tmp_path / "in", "b.py", **RIGHT)
            with start(tmp_path / "in", *TASKS, "--out", out) as other:
                wait_for(lambda: count(out) == 1)
                one.kill()
                hold.unlink()
                said, errors = other.communicate()
        assert (other.returncode, errors) == (0, "")
        assert "2 graded" in said
        assert marks_in(out) == {"a.py": 4, "b.py": 4}


class TestCrews:
    @pytest.fixture
    def jobs(self, slow):
        return [(n, prepare(one, CHOSEN)) for n, one in enumerate(submissions([slow]))]

    def test_workers_give_what_one_process_gives(self, jobs):
        with this_process(GradingPolicy(open_runner=Pretend)) as executor:
            alone = dict(executor(jobs))
        with processes(3, GradingPolicy(open_runner=Pretend)) as executor:
            assert dict(executor(jobs)) == alone
            assert dict(executor(jobs[:5])) == dict(list(alone.items())[:5])

    def test_no_more_jobs_are_taken_than_are_being_graded(self, jobs):
        taken = []

        def take():
            for key, job in jobs:
                taken.append(key)
                yield key, job

        with processes(2, GradingPolicy(open_runner=Pretend)) as executor:
            for back, _ in enumerate(executor(take())):
                assert len(taken) - back <= 3

    @pytest.mark.parametrize("opened_by", [this_process, partial(processes, 2)])
    def test_the_grader_failing_on_one_doesnt_stop_the_others(self, tmp_path, opened_by):
        for name in "abc":
            hand_in(tmp_path, f"{name}.py", **RIGHT, **({"raise": "oh"} if name == "b" else {}))
        jobs = [(one.student, prepare(one, CHOSEN)) for one in submissions([tmp_path])]
        with opened_by(GradingPolicy(open_runner=Pretend)) as executor:
            found = {key: graded.report for key, graded in executor(jobs)}
        assert {key: (one.status, one.score) for key, one in found.items()} == {
            "a": ("graded", 4),
            "b": ("refused", 0),
            "c": ("graded", 4),
        }
        assert found["b"].message == "the grader failed on it: RuntimeError('oh')"
        assert found["b"].max_score == 4

    def test_what_ends_its_worker_twice_is_refused_and_the_others_are_graded(self, tmp_path):
        note = tmp_path / "note"
        for name in "abcd":
            deadly = {"die": True, "note": str(note)} if name == "b" else {}
            hand_in(tmp_path / "in", f"{name}.py", **RIGHT, **deadly)
        out = tmp_path / "out"
        done = grade(tmp_path / "in", *TASKS, "--out", out, workers="2", code=2)
        assert "b.py  b  refused: grading it ended the grader, twice" in done.stdout
        assert marks_in(out) == {"a.py": 4, "b.py": 0, "c.py": 4, "d.py": 4}
        assert note.read_text() == "b.py\n" * 2
        hand_in(tmp_path / "in", "b.py", **RIGHT)
        assert "1 graded, 3 unchanged, 0 of" in grade(tmp_path / "in", *TASKS, "--out", out).stdout

    def test_workers_that_cant_start_are_said(self, slow, monkeypatch):
        monkeypatch.setenv("PRETEND_TO_DIE", "1")
        done = grade(slow, *TASKS, workers="2", code=2)
        assert "a process that should grade ended while it started" in done.stderr

    def test_many_arent_graded_where_they_cant_be_kept_apart_unless_trusted(
        self, slow, tmp_path, monkeypatch, ran
    ):
        monkeypatch.setenv("PRETEND_LEVEL", "C")
        out = tmp_path / "out"
        done = grade(slow, *TASKS, "--out", out, code=2)
        assert ran() == []
        assert {one["status"] for one in report_in(out)["submissions"]} == {"refused"}
        assert "--trust-submissions" in done.stdout
        done = grade(slow, *TASKS, "--out", out, "--trust-submissions")
        assert len(ran()) == 20
        assert report_in(out)["guarantees"] == guarantees("C", ())
        assert guarantees("C", ())["says"] in done.stdout

    def test_a_single_file_is_graded_anywhere_and_marked(self, slow, monkeypatch):
        monkeypatch.setenv("PRETEND_LEVEL", "D")
        done = grade(slow / "s00/work.py", *TASKS)
        assert "1 of 4 points" in done.stdout
        assert "not isolated" in done.stdout

    @given(st.permutations(range(20)))
    def test_in_order(self, numbers):
        assert list(in_order((n, str(n)) for n in numbers)) == [str(n) for n in range(20)]


class TestMemory:
    @pytest.mark.slow
    def test_it_doesnt_grow_with_the_number_of_submissions(self, tmp_path):
        peaks = {}
        for number in (200, 2000):
            folder = tmp_path / str(number)
            for n in range(number):
                hand_in(folder, f"s{n:04}/work.py", problem=f"{n} " * 1000)
            script = (
                "import atexit; from tests.support.fake_runner import main, peak\n"
                "atexit.register(lambda: print('peak', peak())); main()"
            )
            line = ["grade", str(folder), *TASKS, "--out", str(tmp_path / f"out{number}")]
            done = subprocess.run(
                [sys.executable, "-c", script, *line, "--workers", "1"],
                capture_output=True,
                text=True,
                check=False,
            )
            assert f"{number} graded" in done.stdout, done.stderr
            peaks[number] = int(done.stdout.split("peak")[1])
        size = (tmp_path / "out2000" / REPORT).stat().st_size // 1024
        grown = peaks[2000] - peaks[200]
        assert grown < 4000, peaks  # kilobytes; as data, the reports take several times as many
        assert size > 2000


class TestProgress:
    @pytest.mark.parametrize("on_a_terminal", [True, False])
    def test_a_bar_with_rate_and_time_left_is_shown_on_a_terminal_only(
        self, slow, tmp_path, on_a_terminal
    ):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, "grade", str(slow), *TASKS, "--out", str(tmp_path / "out")],
            stdout=subprocess.PIPE,
            stderr=theirs if on_a_terminal else subprocess.PIPE,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal's end
            while on_a_terminal and (more := os.read(ours, 1000)):
                shown += more
        said, errors = process.communicate()
        os.close(ours)
        assert process.returncode == 0
        assert b"20 graded" in said
        assert not errors
        for sign in ("20/20", "/s", "0:00:0"):
            assert (sign in shown.decode()) == on_a_terminal


# Text that a submission may have put there, and what a report may hold.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["=1+1", "+x", "-x", "@x", "\tx", "<b>&\"'", "Zoë", 'a,b\n"c"', "'x", "{{ 7*7 }}", "]\u2028["]
)


@st.composite
def task_data(draw, task_id):
    task = catalogue.task(task_id)
    checks = [
        {"id": c.id, "passed": p, "points": c.points * p, "max_points": c.points, "open": not p}
        for c, p in [(c, draw(st.booleans())) for c in task.checks]
    ]
    return {
        "id": task_id,
        "status": draw(st.sampled_from(["passed", "partial", "failed", "error", "missing"])),
        "points": sum(c["points"] for c in checks),
        "max_points": task.points,
        "checks": checks,
        "facts": draw(st.lists(texts, max_size=2)),
        "mistakes": [{"id": "m", "kind": "mistake", "says": draw(texts), "whose": None}],
        "hint": draw(st.none() | texts),
    }


@st.composite
def report_data(draw):
    ids = draw(st.lists(st.sampled_from(["adam.m", "adam.scale", "adam.step"]), unique=True))
    tasks = [draw(task_data(task_id)) for task_id in ids]
    return {
        "student": draw(texts),
        "exercise": draw(st.sampled_from([None, "05"])),
        "file": draw(texts),
        "status": draw(st.sampled_from(["graded", "unreadable", "refused"])),
        "message": draw(st.none() | texts),
        "score": sum(task["points"] for task in tasks),
        "max_score": sum(task["max_points"] for task in tasks),
        "tasks": tasks,
    }


@contextlib.contextmanager
def book_of(folder, reports):
    """A gradebook of some reports."""
    with opened(folder, set_aside=lambda _: None) as book:
        for number, data in enumerate(reports):
            place = number.to_bytes(4, "big")
            entry = Entry(data["student"], data["exercise"] or "", data["file"], number, place)
            claim = book.claim(entry, "digest")
            assert isinstance(claim, Claim)
            book.record(claim, data, guarantees("B", ()))
        yield book


class TestExports:
    @settings(max_examples=30, deadline=None)
    @given(reports=st.lists(report_data(), min_size=1, max_size=4))
    def test_gradebook_report_and_table_agree(self, tmp_path_factory, reports):
        with book_of(tmp_path_factory.mktemp("book"), reports) as book:
            data = json.loads("".join(report_from(book)))
            table = "".join(grades_from(book))
        jsonschema.validate(data, schema())
        assert data["submissions"] == reports
        assert data["guarantees"] == guarantees("B", ())
        assert table.startswith("\ufeff") == (not table.isascii())
        rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline="")))
        asked = {task["id"] for one in reports for task in one["tasks"]}
        for row, one in zip(rows, reports, strict=True):
            assert None not in row
            for name in ("student", "exercise", "file", "status", "message"):
                assert row[name] == inert(one[name] or "")
                assert row[name][:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")
            points = {task["id"]: str(task["points"]) for task in one["tasks"]}
            assert {name: row[name] for name in asked} == {n: points.get(n, "") for n in asked}
            assert (int(row["score"]), int(row["max_score"])) == (one["score"], one["max_score"])

    @given(reports=st.lists(report_data(), max_size=4))
    def test_a_report_written_piece_by_piece_is_the_same_text(self, reports):
        held: Any = {**guarantees("A", ("x",)), "more": ["]", {"submissions": []}]}
        whole = {
            "schema": 2,
            "adamedu": adamedu.__version__,
            "guarantees": held,
            "submissions": reports,
        }
        assert "".join(written(iter(reports), held)) == to_json(whole)

    @given(data=report_data())
    def test_a_report_is_read_back_as_it_was(self, data):
        again = SubmissionReport.from_data(data)
        assert again.as_data() == data

    def test_a_report_of_an_older_version_can_be_read(self):
        check = {"id": "m", "passed": False, "points": 0, "max_points": 2}
        found = {"id": "x", "kind": "mistake", "says": "…"}
        task = {"id": "adam.step", "status": "failed", "checks": [check], "facts": [],
                "mistakes": [found], "hint": None}  # fmt: skip
        told = dict.fromkeys(("student", "exercise", "file", "message"), "a") | {"status": "graded"}
        [read] = SubmissionReport.from_data({**told, "tasks": [task]}).tasks
        assert (read.checks[0].open, read.mistakes[0].whose) == (False, None)

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "－"])  # noqa: RUF001
    def test_a_cell_is_never_a_formula(self, start):
        assert inert(f"{start}1") == f"'{start}1"
        assert inert(f"1{start}") == f"1{start}"

    def test_the_weakest_guarantees_are_those_of_the_report(self):
        held = [guarantees(level, ()) for level in "ABA"]
        assert weakest(held) == guarantees("B", ())
        assert weakest([{}]) == guarantees("D", ())


class Page(HTMLParser):
    """What is on a page: its elements, and the text that is shown."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.shown = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.shown += data


class TestPages:
    @settings(max_examples=15, deadline=None)
    @given(data=report_data())
    def test_whatever_a_submission_says_is_text_on_its_page(self, tmp_path_factory, data):
        data["status"] = "graded"
        folder = tmp_path_factory.mktemp("pages")
        calm = {**data, "student": "x", "file": "x", "message": None, "tasks": []}
        for task in data["tasks"]:
            said = {"facts": ["x" for _ in task["facts"]], "hint": task["hint"] and "x"}
            calm["tasks"].append(
                {**task, **said, "mistakes": [{**task["mistakes"][0], "says": "x"}]}
            )
        pages = {}
        for name, one in (("wild", data), ("calm", calm)):
            with book_of(folder / name, [one]) as book:
                assert write_pages(book, folder / name / "html") == 1
            [file] = (folder / name / "html").iterdir()
            assert file.name == page_of(one["student"])
            pages[name] = Page(file.read_text(encoding="utf-8"))
        assert pages["wild"].tags == pages["calm"].tags

        def words(text):
            return " ".join(text.replace("\0", "\ufffd").split())

        shown = words(pages["wild"].shown)
        for task in data["tasks"]:
            assert all(words(fact) in shown for fact in task["facts"])

    def test_each_student_has_one_with_all_submissions(self, handed_in, tmp_path):
        out, pages = tmp_path / "out", tmp_path / "html"
        grade(handed_in, *TASKS, "--out", out, code=1)
        result = CliRunner().invoke(main, ["report", str(out), "--html", str(pages)])
        assert result.exit_code == 0, result.output
        assert {p.name for p in pages.iterdir()} == {
            page_of(s) for s in ("ada", "bea", "cyd", "zoe")
        }
        page = Page((pages / page_of("ada")).read_text(encoding="utf-8"))
        assert page.tags.count(("html", {"lang": "en"})) == 1
        assert [tag for tag, _ in page.tags].count("h1") == 1
        assert [tag for tag, _ in page.tags].count("caption") == 2
        assert {attrs.get("scope") for tag, attrs in page.tags if tag == "th"} == {"col", "row"}
        for words in ("Feedback for ada", "ada/work.py", "4 of 4 points", "1 of 4 points"):
            assert words in page.shown
        assert "It was not graded: it is empty" in " ".join(
            Page((pages / page_of("bea")).read_text(encoding="utf-8")).shown.split()
        )

    @given(st.text(max_size=200))
    def test_no_name_leads_out_of_the_folder(self, student):
        name = page_of(student)
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
        assert Path(name).name == name
        assert len(name) < 60


class TestReport:
    @pytest.fixture
    def out(self, handed_in, tmp_path):
        grade(handed_in, *TASKS, "--out", tmp_path / "out", code=1)
        return tmp_path / "out"

    def report(self, *arguments, code=0):
        result = CliRunner().invoke(main, ["report", *map(str, arguments)])
        assert result.exit_code == code, result.output
        return result

    def test_files_made_later_are_those_made_at_once(self, out, tmp_path):
        self.report(out, "--json", tmp_path / "r.json", "--csv", tmp_path / "g.csv")
        assert (tmp_path / "r.json").read_bytes() == (out / REPORT).read_bytes()
        assert (tmp_path / "g.csv").read_bytes() == (out / GRADES).read_bytes()
        printed = self.report(out, "--csv", "-").stdout_bytes
        assert printed == (out / GRADES).read_bytes()

    def test_it_prints_a_line_for_each(self, out):
        lines = self.report(out).stdout.splitlines()
        assert lines[2] == "ada/work.py  ada  4 of 4 points"
        assert lines[3] == "bea/empty.py  bea  unreadable: it is empty"
        assert len(lines) == 7

    def test_marks_of_a_task_that_is_gone_can_still_be_read(self, out, tmp_path, monkeypatch):
        monkeypatch.setattr(catalogue, "tasks", dict)
        assert "4 of 4 points" in self.report(out).stdout
        self.report(out, "--html", tmp_path / "html")
        assert "adam.scale" in (tmp_path / "html" / page_of("ada")).read_text()
        [before, after] = (
            list(csv.DictReader(io.StringIO(text)))
            for text in ((out / GRADES).read_text(), self.report(out, "--csv", "-").stdout)
        )
        assert after == before

    def test_what_is_no_results_folder_is_said(self, tmp_path):
        assert f"there is no {FILE} in" in self.report(tmp_path, code=2).stderr
        self.report(tmp_path / "nowhere", code=2)


class TestReally:
    """The same with what runs submissions indeed."""

    def test_workers_give_the_report_of_one_process(self, tmp_path):
        from tests.support.submitting import HEAD, notebook, step

        right = HEAD + step(adamedu.adam)
        for name, text in {
            "ada.py": right,
            "bea.py": HEAD + step(adamedu.adam, m_hat="m"),
            "cyd.py": "def adam_step(*a, **k):\n    while True: pass\n",
            "dan.py": "import os\nos._exit(0)\nadam_step = 3\n",
            "eve.ipynb": notebook(right, "scale_choice = 'b'"),
            "fay.ipynb": "{",
        }.items():
            (tmp_path / name).write_text(text)
        what = (*tmp_path.iterdir(), "--task", "adam.step", "--secret", "s", "--time-limit", "0.5")
        grade(*what, "--json", tmp_path / "alone.json", code=1)
        grade(*what, "--json", tmp_path / "together.json", code=1, workers="2")
        grade(*what, "--out", tmp_path / "out", code=1, workers="2")
        alone = json.loads((tmp_path / "alone.json").read_text())
        assert (tmp_path / "together.json").read_bytes() == (tmp_path / "alone.json").read_bytes()
        kept = {one["file"]: one for one in report_in(tmp_path / "out")["submissions"]}
        assert kept == {one["file"]: one for one in alone["submissions"]}
        assert {file: one["score"] for file, one in kept.items()} == {
            "ada.py": 8,
            "bea.py": 6,
            "cyd.py": 0,
            "dan.py": 0,
            "eve.ipynb": 8,
            "fay.ipynb": 0,
        }
