"""The gradebook: whole gradings only, each once, whoever writes to it and whatever stops them."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adamedu
from adamedu.grading.errors import GradingError
from adamedu.grading.gradebook import storage
from adamedu.grading.gradebook.book import FILE, Change, Claim, Entry, digest_of, opened, place_of
from adamedu.grading.submissions import find
from adamedu.sandbox.outside.levels import guarantees

HELD = guarantees("A", ())


def entry(student="ada", file="adam.py", copy=0, place=b""):
    return Entry(student, "05", file, copy, place or student.encode())


def report(points=1, student="ada", status="graded", message=None):
    task = {"id": "adam.scale", "status": "passed", "points": points, "max_points": 1}
    return {
        "student": student,
        "exercise": "05",
        "file": "adam.py",
        "status": status,
        "message": message,
        "score": points,
        "max_score": 1,
        "tasks": [{**task, "checks": [], "facts": [], "mistakes": [], "hint": None}],
    }


def begin(folder, said=None):
    return opened(folder, set_aside=(said if said is not None else []).append)


def grade(book, digest, data=None, *, again=False, held=HELD, **whose):
    claim = book.claim(entry(**whose), digest, again=again)
    assert isinstance(claim, Claim)
    book.record(claim, data or report(), held)


def finish(book, *folders):
    with book.alone():
        return book.finish(folders)


def rows(folder, query):
    with contextlib.closing(sqlite3.connect(folder / FILE)) as connection:
        return connection.execute(query).fetchall()


class TestGradings:
    def test_what_was_graded_is_known_until_what_decides_its_marks_changes(self, tmp_path):
        with begin(tmp_path) as book:
            grade(book, "one", report(1))
            assert book.claim(entry(), "one") == report(1)
            grade(book, "two", report(0))
        with begin(tmp_path) as book:
            assert book.claim(entry(), "two") == report(0)
            assert isinstance(book.claim(entry(), "one"), Claim)

    def test_nothing_is_overwritten_and_the_last_grading_counts(self, tmp_path):
        with begin(tmp_path) as book:
            for points in (0, 1, 0):
                grade(book, str(random.random()), report(points))  # noqa: S311
            assert list(book.reports()) == [report(0)]
        found = rows(tmp_path, "SELECT json_extract(report, '$.score') FROM gradings ORDER BY id")
        assert found == [(0,), (1,), (0,)]

    def test_grading_again_means_what_was_graded_before_the_book_was_opened(self, tmp_path):
        with begin(tmp_path) as book:
            grade(book, "same", student="ada")
        with begin(tmp_path) as book:
            grade(book, "same", student="bea")
            grade(book, "same", student="ada", again=True)
            assert book.claim(entry("ada"), "same", again=True) == report()
            assert book.claim(entry("bea"), "same", again=True) == report()

    def test_what_was_refused_is_graded_at_the_next_opportunity(self, tmp_path):
        with begin(tmp_path) as book:
            grade(book, "same", report(0, status="refused", message="not here"))
            grade(book, "same", report(1))
            assert book.claim(entry(), "same") == report(1)

    def test_the_same_names_twice_are_two_submissions(self, tmp_path):
        with begin(tmp_path) as book:
            grade(book, "one", report(1), copy=0)
            grade(book, "two", report(0), copy=1)
            assert [one["score"] for one in book.reports()] == [1, 0]

    def test_reports_come_in_order_of_place_or_by_student(self, tmp_path):
        with begin(tmp_path) as book:
            for student, file, place in [
                ("ada", "x", b"3"),
                ("bea", "x", b"1"),
                ("ada", "y", b"2"),
                ("cyd", "x", b"9"),
            ]:
                data = report(student=student)
                grade(book, file, data, student=student, file=file, place=place)
            assert isinstance(book.claim(entry("cyd", "x", place=b"0"), "x"), dict)
            assert [one["student"] for one in book.reports()] == ["cyd", "bea", "ada", "ada"]
            by_student = [one["student"] for one in book.reports(by_student=True)]
            assert by_student == ["ada", "ada", "bea", "cyd"]

    def test_the_marks_can_be_asked_in_sql(self, tmp_path):
        with begin(tmp_path) as book:
            grade(book, "one", report(0))
            grade(book, "two", report(1))
        query = "SELECT student, task, points, max_points FROM marks"
        assert rows(tmp_path, query) == [("ada", "adam.scale", 1, 1)]

    def test_changed_marks_are_listed_against_those_of_the_last_finished_run(self, tmp_path):
        with begin(tmp_path) as book:
            for student in ("ada", "bea", "cyd"):
                grade(book, "old", report(0, student), student=student)
            assert list(book.changes()) == []
            finish(book)
        with begin(tmp_path) as book:
            grade(book, "new", report(1, "bea"), student="bea")
            grade(book, "new", report(0, "ada"), student="ada")
            other = report(0, "cyd")
            other["tasks"][0]["id"] = "adam.m"
            grade(book, "new", other, student="cyd")
            grade(book, "new", report(1, "dan"), student="dan")
            assert list(book.changes()) == [
                Change("bea", "adam.py", "adam.scale", 0, 1),
                Change("cyd", "adam.py", "adam.scale", 0, None),
                Change("cyd", "adam.py", "adam.m", None, 0),
            ]

    def test_what_a_stopped_run_has_changed_is_listed_by_the_one_that_goes_on(self, tmp_path):
        with begin(tmp_path) as book:
            grade(book, "old", report(0))
            finish(book)
        with begin(tmp_path) as book:
            grade(book, "new", report(1))
        changed = [Change("ada", "adam.py", "adam.scale", 0, 1)]
        with begin(tmp_path) as book:
            assert book.claim(entry(), "new") == report(1)
            assert list(book.changes()) == changed
            finish(book)
            assert list(book.changes()) == changed
        with begin(tmp_path) as book:
            assert list(book.changes()) == []

    def test_what_a_run_does_not_meet_any_more_is_withdrawn_and_keeps_its_marks(self, tmp_path):
        here, inside = tmp_path / "in", tmp_path / "in" / "group"
        paths = {"ada": here / "a.py", "bea": inside / "b.py", "cyd": tmp_path / "inner" / "c.py"}

        def run(*met, folder=here):
            with begin(tmp_path) as book:
                for student in met:
                    place = place_of(paths[student])
                    if isinstance(claim := book.claim(entry(student, place=place), "1"), Claim):
                        book.record(claim, report(1, student), HELD)
                count = finish(book, folder)
                messages = {one["student"]: one["message"] for one in book.reports()}
                assert [one["score"] for one in book.reports()] == [1, 1, 1]
                return count, {student for student, says in messages.items() if says}

        assert run("ada", "bea", "cyd") == (0, set())
        assert run("ada", folder=here / "a.py") == (0, set())
        assert run("ada") == (1, {"bea"})
        assert run("ada") == (0, {"bea"})
        assert run(folder=inside) == (0, {"bea"})
        assert rows(tmp_path, "SELECT student, withdrawn FROM marks ORDER BY student") == [
            ("ada", 0), ("bea", 1), ("cyd", 0),
        ]  # fmt: skip
        assert run("ada", "bea") == (0, set())
        assert run(folder=tmp_path) == (3, {"ada", "bea", "cyd"})

    def test_what_is_withdrawn_still_says_why_it_was_not_graded(self, tmp_path):
        with begin(tmp_path) as book:
            data = report(0, status="unreadable", message="it is empty")
            grade(book, "1", data, place=place_of(tmp_path / "adam.py"))
            finish(book)
        with begin(tmp_path) as book:
            assert finish(book, tmp_path) == 1
            [found] = book.reports()
            assert found["message"].startswith("it is empty; withdrawn: ")

    def test_the_weakest_of_the_guarantees_that_count_is_told(self, tmp_path):
        with begin(tmp_path) as book:
            with pytest.raises(GradingError, match="nothing was graded"):
                book.graded_with()
            grade(book, "1", student="ada", held=guarantees("D", ()))
            grade(book, "1", student="bea", held=guarantees("B", ()))
            assert book.graded_with() == (adamedu.__version__, guarantees("D", ()))
            grade(book, "2", student="ada", held=guarantees("A", ()))
            assert book.graded_with()[1] == guarantees("B", ())
            grade(book, "1", student="cyd", held={})
            assert book.graded_with()[1] == guarantees("B", ())

    def test_a_grading_that_cant_be_written_leaves_nothing(self, tmp_path):
        with begin(tmp_path) as book:
            claim = book.claim(entry(), "one")
            with pytest.raises(TypeError):
                book.record(claim, report(), {"level": object()})
            assert list(book.reports()) == []
            book.record(claim, report(), HELD)
            assert list(book.reports()) == [report()]


HOLDER = """
import sys
from pathlib import Path
from tests.grading.gradebook.test_gradebook import begin, entry
with begin(Path(sys.argv[1])) as book:
    book.claim(entry(), "one")
    print("claimed", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_grader(tmp_path):
    """Another process that has claimed ada's submission and is at it."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"claimed\n"
        yield process
        process.kill()


class TestClaims:
    @pytest.mark.usefixtures("other_grader")
    def test_what_another_grader_is_at_cant_be_claimed(self, tmp_path):
        with begin(tmp_path) as book:
            assert book.claim(entry(), "one") is None
            assert book.claim(entry(), "two") is None
            assert isinstance(book.claim(entry("bea"), "one"), Claim)

    @pytest.mark.parametrize("when", ["before", "while"])
    def test_the_claims_of_a_killed_grader_are_free(self, tmp_path, other_grader, when):
        def kill():
            other_grader.send_signal(signal.SIGKILL)
            other_grader.wait()

        if when == "before":
            kill()
        with begin(tmp_path) as book:
            if when == "while":
                assert book.claim(entry(), "one") is None
                kill()
            grade(book, "one")
        assert sorted(path.name for path in tmp_path.iterdir()) == [FILE]

    def test_a_grader_that_ends_gives_up_its_claims(self, tmp_path):
        with contextlib.suppress(RuntimeError), begin(tmp_path) as book:
            book.claim(entry(), "one")
            raise RuntimeError
        with begin(tmp_path) as one, begin(tmp_path) as other:
            claim = one.claim(entry(), "one")
            assert isinstance(claim, Claim)
            assert other.claim(entry(), "one") is None
            one.record(claim, report(), HELD)
            assert other.claim(entry(), "one") == report()
        assert sorted(path.name for path in tmp_path.iterdir()) == [FILE]

    def test_many_graders_can_begin_the_same_gradebook_at_once(self, tmp_path):
        work = (
            "import sys, time\n"
            "from pathlib import Path\n"
            "from adamedu.grading.gradebook.book import Entry, opened\n"
            "print('ready', flush=True)\n"
            "sys.stdin.readline()\n"
            "with opened(Path(sys.argv[1]), set_aside=print) as book:\n"
            "    claim = book.claim(Entry('ada', '05', 'adam.py', 0, b'ada'), 'one')\n"
            "    print(bool(claim), flush=True)\n"
            "    sys.stdin.readline()\n"
        )
        command = [sys.executable, "-c", work, str(tmp_path)]
        pipe: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with contextlib.ExitStack() as stack:
            graders: list[Any] = [
                stack.enter_context(subprocess.Popen(command, **pipe)) for _ in range(8)
            ]
            for grader in graders:
                assert grader.stdout.readline() == "ready\n"
            for grader in graders:
                grader.stdin.write("go\n")
                grader.stdin.flush()
            claims = [grader.stdout.readline() for grader in graders]
        assert sorted(claims) == ["False\n"] * 7 + ["True\n"]

    def test_reading_doesnt_wait_for_a_writer_nor_see_what_comes_later(self, tmp_path):
        with begin(tmp_path) as one, begin(tmp_path) as other:
            grade(one, "one", student="ada")
            with other.as_it_is():
                before = list(other.reports())
                grade(one, "one", student="bea")
                assert list(other.reports()) == before
            assert len(list(other.reports())) == 2


FIRST_VERSION = """
CREATE TABLE schema (version INTEGER NOT NULL);
INSERT INTO schema VALUES (1);
CREATE TABLE submissions (
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL,
    exercise TEXT NOT NULL,  -- empty for a Python file
    file TEXT NOT NULL,
    copy INTEGER NOT NULL,   -- 0; from 1 on where one run met the same names again
    place BLOB NOT NULL,     -- the order of the reports
    UNIQUE (student, exercise, file, copy)
);
CREATE INDEX submissions_in_order ON submissions (place, id);
CREATE TABLE gradings (
    id INTEGER PRIMARY KEY,
    submission INTEGER NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,    -- of all that decides the marks; empty: grade it again
    report TEXT NOT NULL,    -- as in report.schema.json
    guarantees TEXT NOT NULL,
    adamedu TEXT NOT NULL,
    graded_at TEXT NOT NULL
);
CREATE INDEX gradings_of ON gradings (submission, id);
"""


class TestSchemas:
    @pytest.fixture
    def old(self, tmp_path):
        with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
            connection.executescript(FIRST_VERSION)
            connection.execute("INSERT INTO submissions VALUES (7, 'ada', '05', 'adam.py', 0, 'a')")
            connection.execute(
                "INSERT INTO gradings VALUES (3, 7, 'one', ?, ?, '0.0.9', '2026-01-01T00:00:00Z')",
                (json.dumps(report()), json.dumps(HELD)),
            )
        return tmp_path

    def test_an_old_gradebook_keeps_its_marks_and_gets_what_a_new_one_has(self, old, tmp_path):
        with begin(old) as book:
            assert book.claim(entry(), "one") == report()
            assert book.graded_with() == ("0.0.9", HELD)
            grade(book, "two", report(0))
        new = tmp_path / "new"
        with begin(new):
            pass
        schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        assert {(t, n, " ".join((s or "").split())) for t, n, s in rows(old, schema)} == {
            (t, n, " ".join((s or "").split())) for t, n, s in rows(new, schema)
        }
        assert rows(old, "SELECT version FROM schema") == rows(new, "SELECT version FROM schema")
        assert len(rows(old, "SELECT id FROM gradings")) == 2

    def test_a_migration_is_all_or_nothing(self, old, monkeypatch):
        broken = (*storage.MIGRATIONS[:2], ("CREATE TABLE half (x)", "CREATE NONSENSE"))
        with monkeypatch.context() as patch:
            patch.setattr(storage, "MIGRATIONS", broken)
            with pytest.raises(GradingError, match="can't be used"), begin(old):
                pass
        assert rows(old, "SELECT version FROM schema") == [(1,)]
        assert rows(old, "SELECT name FROM sqlite_schema WHERE name IN ('half', 'claims')") == []
        with begin(old) as book:
            assert list(book.reports()) == [report()]

    def test_a_newer_gradebook_is_refused_and_left_alone(self, tmp_path):
        with begin(tmp_path) as book:
            grade(book, "one")
        with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
            connection.execute("UPDATE schema SET version = 99")
        before = (tmp_path / FILE).read_bytes()
        with (
            pytest.raises(GradingError, match=r"newer adamedu \(its schema is 99.*update adamedu"),
            begin(tmp_path),
        ):
            pass
        assert (tmp_path / FILE).read_bytes() == before

    def test_somebody_elses_database_is_refused_and_left_alone(self, tmp_path):
        with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
            connection.execute("CREATE TABLE recipes (name)")
        before = (tmp_path / FILE).read_bytes()
        with pytest.raises(GradingError, match="something else than a gradebook"), begin(tmp_path):
            pass
        assert (tmp_path / FILE).read_bytes() == before


class TestWhereItCantBe:
    def test_a_file_where_a_folder_should_be(self, tmp_path):
        (tmp_path / "results").write_text("mine")
        with pytest.raises(GradingError, match="is a file"), begin(tmp_path / "results"):
            pass
        with pytest.raises(GradingError, match="can't be kept"), begin(tmp_path / "results" / "x"):
            pass
        assert (tmp_path / "results").read_text() == "mine"

    def test_a_folder_where_the_file_should_be(self, tmp_path):
        (tmp_path / FILE).mkdir()
        with pytest.raises(GradingError, match="can't be used"), begin(tmp_path):
            pass

    def test_a_read_only_folder(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
        with (
            pytest.raises(GradingError, match=r"can't be kept .*: it is read-only"),
            begin(tmp_path),
        ):
            pass
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_of_any_name(self, tmp_path):
        for _ in range(2):
            with begin(tmp_path / "50% é?#'" / "results") as book:
                book.claim(entry(), "one")

    def test_reading_makes_nothing(self, tmp_path):
        with pytest.raises(GradingError, match=f"there is no {FILE} in"), opened(tmp_path):
            pass
        assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="session")
def full(tmp_path_factory):
    """A gradebook of several pages."""
    folder = tmp_path_factory.mktemp("full")
    with begin(folder) as book:
        for number in range(60):
            data = report(student=f"student {number}")
            data["tasks"][0]["facts"] = ["a fact " * 20]
            grade(book, "one", data, student=f"student {number}")
    return folder / FILE


class TestDamage:
    @pytest.mark.parametrize("content", [b"rubbish " * 1000, b"SQLite format 3\0" + b"\1" * 9000])
    def test_a_damaged_file_is_set_aside_whole(self, tmp_path, content):
        (tmp_path / FILE).write_bytes(content)
        said: list[Path] = []
        with begin(tmp_path, said) as book:
            grade(book, "one")
        assert [path.read_bytes() for path in said] == [content]
        assert said[0].parent == tmp_path
        with begin(tmp_path, said) as book:
            assert list(book.reports()) == [report()]
        assert len(said) == 1

    def test_what_belongs_to_it_is_set_aside_with_it(self, tmp_path):
        (tmp_path / FILE).write_bytes(b"rubbish " * 1000)
        (tmp_path / f"{FILE}-wal").write_bytes(b"a log " * 1000)
        said: list[Path] = []
        with begin(tmp_path, said):
            pass
        assert Path(f"{said[0]}-wal").read_bytes() == b"a log " * 1000

    def test_each_damaged_file_is_kept(self, tmp_path):
        said: list[Path] = []
        for content in (b"one" * 999, b"two" * 999):
            (tmp_path / FILE).write_bytes(content)
            with begin(tmp_path, said):
                pass
        assert [path.read_bytes() for path in said] == [b"one" * 999, b"two" * 999]

    def test_for_reading_it_is_only_said(self, tmp_path):
        (tmp_path / FILE).write_bytes(b"rubbish " * 1000)
        says = "can't be used: file is not a database"
        with pytest.raises(GradingError, match=says), opened(tmp_path):
            pass
        assert [path.name for path in tmp_path.iterdir()] == [FILE]

    def test_an_empty_file_is_a_new_gradebook(self, tmp_path):
        (tmp_path / FILE).touch()
        said: list[Path] = []
        with begin(tmp_path, said) as book:
            grade(book, "one")
        assert said == []

    @pytest.mark.parametrize("seed", range(40))
    def test_whatever_the_damage_nothing_is_lost_and_grading_goes_on(self, full, tmp_path, seed):
        draw = random.Random(seed)  # noqa: S311
        content = bytearray(full.read_bytes())
        if seed % 4 == 0:
            del content[draw.randrange(100, len(content)) :]
        for _ in range(draw.choice([1, 30, 3000])):
            content[draw.randrange(len(content))] = draw.randrange(256)
        (tmp_path / FILE).write_bytes(content)
        said: list[Path] = []
        try:
            with begin(tmp_path, said) as book:
                known = sum(1 for _ in book.reports())
                grade(book, "two", student="new")
        except GradingError as error:
            assert "can't be used" in str(error) or "newer adamedu" in str(error)  # noqa: PT017
            assert not said
        else:
            assert [path.read_bytes() for path in said] in ([], [content])
            assert known == (0 if said else 60)


@st.composite
def trees(draw):
    name = st.text(st.sampled_from("ab .-é_"), min_size=1, max_size=3).filter(
        lambda text: not text.startswith(".") and text not in {" ", "_"}
    )
    files = st.lists(st.tuples(st.lists(name, max_size=3), name), min_size=1, max_size=12)
    return draw(files)


class TestOrder:
    @settings(max_examples=60, deadline=None)
    @given(trees())
    def test_places_are_in_the_order_in_which_a_folder_is_graded(self, tmp_path_factory, tree):
        folder = tmp_path_factory.mktemp("tree")
        for folders, name in tree:
            place = folder.joinpath(*(f"{one}_" for one in folders))
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{name}.py").touch()
        found = [one.path for one in find(folder)]
        assert found == sorted(found, key=place_of)
        shutil.rmtree(folder)

    def test_what_cant_be_looked_into_comes_last(self):
        assert place_of(Path("/a/b"), is_file=False) > place_of(Path("/z/z.py"))


@given(st.lists(st.text()), st.lists(st.text()))
def test_different_things_have_different_digests(one, other):
    assert (digest_of(one) == digest_of(other)) == (one == other)
