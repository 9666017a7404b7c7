"""What can't be written is said in one line, and no reader is no fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from adamedu.cli import main

FULL = Path("/dev/full")
COMMANDS = [("--version",), ("--help",), ("progress",), ("doctor",), ("grade", "one.py")]


@pytest.fixture
def folder(tmp_path):
    """One right answer."""
    (tmp_path / "one.py").write_text(
        "def gd_step(theta, g, t, *, lr):\n    return theta - lr * g\n"
    )
    return tmp_path


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_full_disk_is_one_line(command, folder):
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "adamedu", *command],
            cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.stderr == "Error: No space left on device\n"
    assert done.returncode == 74


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
def test_a_report_that_does_not_fit_is_not_the_fault_of_who_asked(folder):
    done = CliRunner().invoke(main, ["grade", str(folder / "one.py"), "--json", str(FULL)])
    assert done.exit_code == 2
    assert done.stderr == f"Error: the report can't be written to {FULL}: No space left on device\n"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_pipe_that_nobody_reads_is_quiet(command, folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "adamedu", *command],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() in {1, 74}
