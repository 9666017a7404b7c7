"""`adamedu doctor` says what holds, in words that help."""

from __future__ import annotations

import shutil
import sys

import pytest
from click.testing import CliRunner

from adamedu.cli import main
from adamedu.sandbox.outside.doctor import Examined, examine, is_isolated, report
from adamedu.sandbox.outside.levels import LevelError, guarantees, refusal
from adamedu.sandbox.outside.probe import Finding
from adamedu.sandbox.outside.sandbox import Sandbox

HOLDS = (Finding("limits"), Finding("seccomp"), Finding("together"))
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="levels A to C are Linux's")


def text(*examined):
    return "\n".join(report(list(examined)))


def test_the_best_level_that_holds_is_named_first():
    said = text(Examined("A", refused="bubblewrap isn't installed"), Examined("B", HOLDS))
    assert said.startswith("Here, submissions run at level B.\nIsolated: ")
    assert "✗ bubblewrap isn't installed" in said
    assert "✓ seccomp: " in said


def test_what_was_breached_is_said():
    breached = Finding("seccomp", ("start a process", "open a socket"))
    said = text(Examined("C", (Finding("limits"), breached)))
    assert "Level C is not to be had" in said
    assert "✗ seccomp doesn't stop an attempt to start a process, open a socket" in said
    assert said.startswith("Here, submissions run at level D.\nNot isolated: ")


def test_a_layer_that_cant_be_put_in_force_is_said():
    refused = Finding("landlock", refused="not supported")
    assert "✗ landlock can't be put in force: not supported" in text(Examined("B", (refused,)))


@LINUX
@pytest.mark.parametrize(
    ("missing", "found", "advice"),
    [
        ("A", None, "For level A, install bubblewrap: sudo apt install"),
        ("A", "/usr/bin/bwrap", "For level A, bubblewrap is there but can't be used"),
        ("AB", None, "For level B, Landlock is needed: Linux 5.13"),
        ("ABC", None, "For level C, seccomp is needed"),
    ],
)
def test_what_to_do_for_more(monkeypatch, missing, found, advice):
    monkeypatch.setattr(shutil, "which", lambda _: found)
    examined = [Examined(x, refused="no") if x in missing else Examined(x, HOLDS) for x in "ABC"]
    assert advice in text(*examined)
    assert is_isolated(examined) is ("B" not in missing)


def test_on_other_systems_it_names_one_that_can(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    examined = [examine(level) for level in "ABC"]
    assert "WSL2" in text(*examined)
    assert not is_isolated(examined)
    with Sandbox() as sandbox:
        assert sandbox.guarantees["level"] == "D"
    with pytest.raises(LevelError, match="Linux"):
        Sandbox("B")


def test_the_command_agrees_with_the_pool():
    done = CliRunner().invoke(main, ["doctor"])
    with Sandbox() as sandbox:
        level, isolated = sandbox.guarantees["level"], sandbox.guarantees["isolated"]
    assert done.output.startswith(f"Here, submissions run at level {level}.")
    assert done.exit_code == (0 if isolated else 1)


@pytest.mark.parametrize("level", "ABCD")
@pytest.mark.parametrize("count", [1, 2, 1000])
@pytest.mark.parametrize("trusted", [False, True])
def test_many_that_cant_be_kept_apart_are_refused_unless_trusted(level, count, trusted):
    why = refusal(guarantees(level, ()), count, trusted=trusted)
    if level in "AB" or count == 1 or trusted:
        assert why is None
    else:
        assert why is not None
        assert f"level {level}" in why
        assert "--trust-submissions" in why
