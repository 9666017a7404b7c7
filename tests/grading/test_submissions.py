"""What people hand in, one folder each, and what becomes of it at every level of this machine.

A folder holds the files as they are handed in, and `expected.json`: what is said about each. Some
words in the files stand for what only the test knows (`words`, below). An attack that succeeds
gives the right answer, so full marks for it are a breach; the careless grader gives them.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import pytest

from adamedu import adam
from adamedu.grading.grader import Settings, perform, prepare
from adamedu.grading.report import schema
from adamedu.grading.report import written as as_text
from adamedu.grading.submissions import find
from adamedu.sandbox.outside.levels import LevelError
from adamedu.sandbox.outside.sandbox import Sandbox
from tests.support import in_process_grader
from tests.support.submitting import HEAD, step

if sys.platform != "linux":
    pytest.skip("levels A to C are Linux's", allow_module_level=True)

pytestmark = pytest.mark.attack

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "submissions"
SECRET = "what somebody else handed in"  # noqa: S105
RIGHT = HEAD + step(adam)
LEVELS = "ABCD"
_AGAIN = re.compile(rb"@repeat (\d+) (.+?)@")


def _cases():
    found = {
        folder.name: json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        for folder in sorted(filter(Path.is_dir, FOLDER.iterdir()))
    }
    return {
        name: case
        for name, case in found.items()
        if case.get("machine", platform.machine()) == platform.machine()
    }


CASES = _cases()
ATTACKS = [name for name, case in CASES.items() if case.get("control")]

MADE = {
    "file-link": lambda folder, world: (folder / "eve.py").symlink_to(f"{world['folder']}/bea.py"),
    "file-link-to-a-device": lambda folder, _: (folder / "eve.py").symlink_to("/dev/zero"),
    "file-link-to-nowhere": lambda folder, _: (folder / "05_adam.ipynb").symlink_to("/no/where"),
    "file-link-to-a-folder": lambda folder, world: (folder / "all").symlink_to(world["folder"]),
    "file-second-name": lambda folder, world: os.link(
        f"{world['folder']}/bea.py", folder / "eve.py"
    ),
    "file-pipe": lambda folder, _: os.mkfifo(folder / "eve.py"),
    "file-socket": lambda folder, _: _bound(folder / "eve.py").close(),
    "file-folder": lambda folder, _: (folder / "05_adam.ipynb").mkdir(),
    "file-100-megabytes": lambda folder, _: (folder / "05_adam.ipynb").write_bytes(
        b" " * 100_000_000
    ),
    "file-sparse": lambda folder, _: _sparse(folder / "eve.py", 10**12),
}
"""Files that no folder of a repository can hold."""


def _bound(path):
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(path))
    return unix


def _sparse(path, size):
    with path.open("wb") as file:
        file.truncate(size)


@pytest.fixture(scope="module", params=LEVELS)
def sandbox(request):
    try:
        with Sandbox(request.param) as found:
            yield found
    except LevelError as error:
        pytest.skip(f"level {request.param} doesn't hold here: {error}")


@pytest.fixture(scope="module")
def world():
    """What there is to be had, open to anybody: files, a process, services."""
    process = subprocess.Popen(["sleep", "1000"], env={**os.environ, "SECRET": SECRET})
    with (
        tempfile.TemporaryDirectory(prefix="adamedu-world-") as folder,
        socket.create_server(("127.0.0.1", 0)) as tcp,
        _bound(f"{folder}/socket") as unix,
        _bound(f"\0adamedu-submissions-{os.getpid()}") as abstract,
    ):
        Path(folder, "bea.py").write_text(SECRET)
        with sqlite3.connect(f"{folder}/gradebook.sqlite") as book:
            book.execute("create table marks as select 3 as mark")
        book.close()
        for path in (Path(folder), *Path(folder).iterdir()):
            path.chmod(0o777)
        for listener in (tcp, unix, abstract):
            listener.listen(1000)
        yield {
            "folder": folder,
            "secret": SECRET,
            "process": process.pid,
            "port": tcp.getsockname()[1],
            "abstract": abstract.getsockname()[1:].decode(),
            "root": ROOT,
        }
    process.kill()
    process.wait()


@functools.cache
def words():
    """What stands for it in the files: answers, so that the course spells each only once."""
    return {
        "adam_step": RIGHT,
        "helper": HEAD + step(adam, "helper"),
        "right": HEAD + step(adam, "right"),
        "wrong": HEAD + step(adam, m_hat="m", v_hat="v"),
        "windows": RIGHT.replace("\n", "\r\n"),
        "mac": RIGHT.replace("\n", "\r"),
    }


def lay_out(name, folder, world):
    """Hand in a case: its files with the words in place, or what is made on the spot."""
    folder.mkdir()
    if name in MADE:
        MADE[name](folder, world)
    for path in (FOLDER / name).iterdir():
        if path.name != "expected.json":
            (folder / path.name).write_bytes(
                written(path.read_bytes(), world, in_json=path.suffix == ".ipynb")
            )
    return folder


def written(content, world, *, in_json):
    """Put the words in place."""
    for word, text in (words() | world).items():
        quoted = json.dumps(str(text))[1:-1] if in_json else str(text)
        content = content.replace(f"@{word}@".encode(), quoted.encode())
    return _AGAIN.sub(lambda found: int(found[1]) * found[2], content)


def graded(folder, sandbox, seconds=2.0):
    """What is said about each file of a folder."""
    settings = Settings(secret=SECRET, seconds=seconds)
    found = {
        one.file: perform(prepare(one, settings), sandbox.run).as_data() for one in find(folder)
    }
    whole = "".join(as_text(found.values(), sandbox.guarantees))
    jsonschema.validate(json.loads(whole), schema())
    return found


def told(one):
    """All that its author reads."""
    return "\n".join([one["message"] or "", *(f for task in one["tasks"] for f in task["facts"])])


@pytest.fixture(scope="module")
def controls(world, tmp_path_factory):
    """What a careless grader makes of the attacks, by name."""
    folder = tmp_path_factory.mktemp("controls")
    orders = []
    for name in ATTACKS:
        [file] = lay_out(name, folder / name, world).iterdir()
        seconds = 0.5 if CASES[name]["control"] == "hangs" else 20.0
        orders.append(json.dumps([file.read_text(encoding="utf-8"), seconds]))
    done = subprocess.run(
        [sys.executable, in_process_grader.__file__],
        input="\n".join(orders),
        env={**os.environ, "ADAMEDU_SECRET": SECRET},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(ATTACKS, verdicts, strict=True)), done.stderr


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_bites(controls, name):
    verdicts, complaints = controls
    expected = CASES[name]["control"]
    if CASES[name].get("not_everywhere") and verdicts[name] != expected:
        pytest.xfail("this system allows it to nobody")
    assert verdicts[name] == expected, complaints


@pytest.mark.parametrize("name", CASES)
def test_it_gets_what_it_deserves(sandbox, world, tmp_path, name):
    level, case = sandbox.guarantees["level"], CASES[name]
    if level in case.get("not_at", ()):
        pytest.xfail(case["not_at"][level])
    expected = {**case["reports"], **case.get("at", {}).get(level, {})}
    found = graded(lay_out(name, tmp_path / "in", world), sandbox, case.get("seconds", 2.0))
    assert set(found) == set(expected)
    for file, one in found.items():
        says = told(one)
        assert (one["status"], one["score"]) == (
            expected[file]["status"],
            expected[file]["score"],
        ), says
        mistakes = {mistake["id"] for task in one["tasks"] for mistake in task["mistakes"]}
        assert mistakes == set(expected[file]["mistakes"]), says
        assert re.search(expected[file]["says"], says), says
        assert says.replace("\n", "").isprintable()
    assert Path(world["folder"], "bea.py").read_text() == SECRET
    (tmp_path / "honest").mkdir()
    (tmp_path / "honest" / "ada.py").write_text(RIGHT)
    [honest] = graded(tmp_path / "honest", sandbox, 5.0).values()
    assert (honest["status"], honest["score"], honest["max_score"]) == ("graded", 8, 8)


def test_there_are_enough_of_both_kinds():
    kinds = [case["kind"] for case in CASES.values()]
    assert kinds.count("hostile") >= 60
    assert kinds.count("odd") >= 30
