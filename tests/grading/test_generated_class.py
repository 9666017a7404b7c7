"""A class of generated submissions: right, wrong and hostile; each gets what it deserves."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from benchmarks.generated import TASK, handed_in
from tests.support.right_forms import HEAD
from tests.support.submitting import sandbox

SEED = 4
COMMAND = [sys.executable, "-c", "from adamedu.cli import main; main(prog_name='adamedu')"]

FORGED = """
os.write(3, b'{"task": "adam.step", "found": true, "status": "passed", "points": 8}\\n')
os.write(3, b'{"done": true}\\n')
os._exit(0)
"""
ALIKE = """
class Alike(float):
    __eq__ = lambda self, other: True
    __hash__ = None
"""
HOSTILE = {
    "an endless loop": ("error", "", "while True: pass"),
    "a sleep": ("error", "import time", "time.sleep(1000)"),
    "an exit": ("error", "import os", "os._exit(0)"),
    "an exit on loading": ("error", "import os; os._exit(0)", "pass"),
    "a null pointer": ("error", "import ctypes", "ctypes.string_at(0)"),
    "two gigabytes": ("error", "", "return bytearray(2_000_000_000)"),
    "a flood": ("error", "import os", "while True: os.write(3, bytes(100_000))"),
    "a forged reply": ("error", f"import os{FORGED}", "pass"),
    "another's file": ("error", "", "return [open('/etc/passwd').read()] * 3"),
    "a program": ("error", "import subprocess; subprocess.run(['true'])", "return theta, m, v"),
    "the reference, imported": ("error", "from adamedu.optimizers import adam", "return adam"),
    "the reference, asked for": ("error", "from adamedu import adam", "return adam(theta, g, t)"),
    "a patched comparison": ("failed", "np.allclose = np.isclose = max", "return theta, m, v"),
    "what equals everything": ("failed", ALIKE, "return Alike(), Alike(), Alike()"),
}
"""What is at the top and in the body, and the status it should get; none is worth a point."""


def hostile(name):
    _, top, body = HOSTILE[name]
    return f"{HEAD}{top}\ndef adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):\n    {body}\n"


def hand_in(folder, count):
    """Write a class into a folder; return what each file should get."""
    rng = np.random.default_rng(SEED)
    wanted = {}
    for number, one in enumerate(handed_in(count, SEED)):
        file, text = one.name, one.text
        status = "passed" if one.mistake is None else "wrong"
        if number % 10 == 9:
            name = rng.choice(sorted(HOSTILE))
            file, text, status = f"s{number:04}.py", hostile(name), HOSTILE[name][0]
        (folder / file).write_text(text)
        wanted[file] = status, one.mistake
    return wanted


def is_as_wanted(task, status, mistake):
    """Whether a task's part of the report is what a submission should get."""
    named = {found["id"] for found in task["mistakes"]} - {"aliases-arguments"}
    points = sum(check["points"] for check in task["checks"])
    most = sum(check["max_points"] for check in task["checks"])
    if status == "passed":
        return task["status"] == "passed" and points == most and not named
    if status == "wrong":
        return task["status"] in {"partial", "failed"} and points < most and named == {mistake}
    return task["status"] == status and points == 0


@pytest.mark.attack
@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_each_of_a_class_gets_what_it_should(tmp_path, count):
    if not sandbox().guarantees["isolated"]:
        pytest.skip("a class is graded only where submissions can be kept apart")
    folder, out = tmp_path / "submitted", tmp_path / "results"
    folder.mkdir()
    wanted = hand_in(folder, count)
    done = subprocess.run(
        [*COMMAND, "grade", folder, "--task", TASK, "--out", out, "--workers", "2",
         "--time-limit", "2"],
        env={**os.environ, "ADAMEDU_SECRET": "a secret"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "report.json").read_text())
    found = {one["file"]: one for one in report["submissions"]}
    assert found.keys() == wanted.keys()
    astray = {
        name: (wanted[name], one["tasks"])
        for name, one in found.items()
        if one["status"] != "graded" or not is_as_wanted(*one["tasks"], *wanted[name])
    }
    assert not astray
