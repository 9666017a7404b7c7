"""Ctrl-C ends the program at any moment: with status 130, no traceback, and nothing goes on."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adamedu.grading.executors.inline import GradingPolicy
from adamedu.grading.executors.processes import _Worker
from adamedu.sandbox.inside import linux
from tests.support.fake_runner import Pretend
from tests.support.processes import begin, children, wait_for

ROOT = Path(__file__).parents[1]
LESSON = str(ROOT / "notebooks" / "01_gradient_descent.ipynb")
SOLUTION = ROOT / "solutions" / "05_adam.ipynb"
BECOME_SUBREAPER, EXITING = 36, 4  # the kernel's numbers
# The program, which says when it begins to import: until then all is Python's own.
PROGRAM = """
import sys
begins = lambda event, seen: event == "import" and seen[0] == "adamedu" and print(flush=True)
sys.addaudithook(begins)
from adamedu_command import main
main()
"""
COMMANDS = {
    "doctor": (),
    "grade": ("one.ipynb",),
    "lab": ("--no-browser", "--port=0", "--folder", "my-course"),
    "page": (LESSON,),
    "progress": (),
    "report": ("out", "--html", "pages"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """One notebook, four in a folder, and their gradebook."""
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name))
    shutil.copy(SOLUTION, tmp_path / "one.ipynb")
    for number in range(4):
        (tmp_path / "many" / f"s{number}").mkdir(parents=True)
        shutil.copy(SOLUTION, tmp_path / "many" / f"s{number}")
    return tmp_path


@pytest.fixture
def left():
    """What was started in a test and still runs, whoever has started it."""
    linux.call("prctl", BECOME_SUBREAPER, 1, 0, 0, 0)
    before = children()

    def left():
        for child in children() - before:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(int(child), os.WNOHANG)
        return children() - before

    yield left
    linux.call("prctl", BECOME_SUBREAPER, 0, 0, 0, 0)


def run(folder, *arguments):
    """Start the program; it has begun to import its parts."""
    program = [sys.executable, "-c", PROGRAM, *arguments]
    process = begin(program, cwd=folder, start_new_session=True)
    process.stdout.readline()
    return process


def is_ending(process):
    """Whether it has called exit, or has ended: then nothing can interrupt it any more."""
    text = Path(f"/proc/{process.pid}/stat").read_text()  # it's there until we wait for it
    return bool(int(text.rpartition(")")[2].split()[6]) & EXITING)


def interrupt(process, times=1):
    """Press Ctrl-C; return whether it could hear it, and its status, as a shell tells it."""
    heard = False
    for _ in range(times if process.returncode is None else 0):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        heard = heard or not is_ending(process)
        time.sleep(0.01)
    _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors
    return heard, process.returncode if process.returncode >= 0 else 128 - process.returncode


def try_many_moments(folder, left, *arguments, moments, times=1):
    """Interrupt a command again and again, each time a little later, until it would end itself."""
    process, before = run(folder, *arguments), time.monotonic()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=2)
    seconds = time.monotonic() - before
    interrupt(process)
    for moment in range(moments):
        process = run(folder, *arguments)
        time.sleep(seconds * moment / moments)
        heard, status = interrupt(process, times)
        assert status in ({130} if heard else {0, 1, 130}), f"at moment {moment}"
        wait_for(lambda: not left())


def test_interrupted_while_it_starts_it_is_quiet(folder, left):
    try_many_moments(folder, left, "progress", moments=3)


def test_a_process_that_is_to_grade_hears_no_interrupt_from_the_first(capfd):
    worker = _Worker(GradingPolicy(open_runner=Pretend))
    assert worker.process.pid is not None
    while not worker.pipe.poll(0.02):
        os.kill(worker.process.pid, signal.SIGINT)
    assert worker.pipe.recv() == "ready"
    worker.end()
    assert capfd.readouterr().err == ""


class _EndedWhilePythonTidiesUp:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)


class _Ended(Pretend):
    def __enter__(self):
        _EndedWhilePythonTidiesUp()  # which prints an exit, and goes on
        return self


def test_a_process_that_is_told_to_end_while_python_tidies_up_is_quiet_and_ends(capfd):
    worker = _Worker(GradingPolicy(open_runner=_Ended))
    worker.process.join(30)
    assert worker.process.exitcode == 0
    assert capfd.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 3])
def test_interrupted_while_processes_start_all_are_quiet_and_end(folder, left, times):
    grade = ("grade", "many", "--workers", "2")
    try_many_moments(folder, left, *grade, moments=20, times=times)


@pytest.mark.slow
@pytest.mark.parametrize(("command", "arguments"), COMMANDS.items())
def test_interrupted_at_its_work_it_is_quiet_and_ends(folder, left, command, arguments):
    if command == "report":
        run(folder, "grade", "one.ipynb", "--out", "out").communicate()
    try_many_moments(folder, left, command, *arguments, moments=8)
