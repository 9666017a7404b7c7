"""``python -m adamedu`` does what the command does, and says the same."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

COMMAND = [str(Path(sysconfig.get_path("scripts")) / "adamedu")]
MODULE = [sys.executable, "-m", "adamedu"]


def outcome(command, arguments):
    done = subprocess.run([*command, *arguments], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--version"], 0, "adamedu, version "),
        (["lab", "--help"], 0, "Usage: adamedu lab [OPTIONS]"),
        (["progress", "99"], 2, "Usage: adamedu progress [OPTIONS] [LESSON]"),
        (["reset", "05", "--folder", "/no/such/folder"], 1, "Error: There is no folder "),
    ],
)
def test_the_module_says_what_the_command_says(arguments, status, says):
    code, *said = outcome(MODULE, arguments)
    assert code == status
    assert any(text.startswith(says) for text in said)
    assert (code, *said) == outcome(COMMAND, arguments)
