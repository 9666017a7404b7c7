"""What a grader needs while it works is gone afterwards, also what killed ones have left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from adamedu.sandbox.outside.temp_folders import NAME, sweep, temporary


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def ended():
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def left(folder, number, *, days=100, name="adamedu-{}-x1_y2z3a"):
    made = folder / name.format(number)
    made.mkdir()
    (made / "notes").write_text("something")
    then = time.time() - 86_400 * days
    os.utime(made, (then, then))
    return made


def test_a_folder_is_empty_and_gone_afterwards(here):
    with temporary() as name:
        folder = Path(name)
        assert folder.parent == here
        assert folder.name.startswith(f"adamedu-{os.getpid()}-")
        assert re.fullmatch(NAME, folder.name)
        assert list(folder.iterdir()) == []
        (folder / "notes").write_text("something")
    assert list(here.iterdir()) == []


def test_what_a_killed_grader_has_left_is_swept_away(here, ended):
    left(here, ended)
    sweep()
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "kept",
    [
        {"number": os.getpid()},
        {"days": 0},
        {"name": "adamedu-{}-x1_y2z3a-mine"},
        {"name": "adamedu-notes-{}"},
        {"name": "my-adamedu-{}-x1_y2z3a"},
    ],
)
def test_what_may_be_needed_stays(here, ended, kept):
    made = left(here, **{"number": ended, **kept})
    sweep()
    assert (made / "notes").exists()


def test_what_a_link_leads_to_stays(here, ended):
    made = left(here, 0, name="elsewhere")
    (here / f"adamedu-{ended}-x1_y2z3a").symlink_to(made)
    sweep()
    assert (made / "notes").exists()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root alone gives files away"
)
@pytest.mark.parametrize(("owner", "stays"), [(1000, True), (60_600, False)])
def test_what_is_another_users_stays(here, ended, owner, stays):
    made = left(here, ended)
    os.chown(made, owner, owner)
    sweep()
    assert made.exists() is stays


def test_a_folder_that_cannot_be_looked_into_is_no_trouble(here, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(here / "nowhere"))
    sweep()
