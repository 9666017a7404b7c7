"""Processes that tests start, wait for, interrupt and look for."""

import contextlib
import signal
import subprocess
import time
from pathlib import Path

import pytest


def begin(command, **how):
    """Start a program as a terminal does: Ctrl-C reaches it, even where it doesn't reach us."""
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
        )
    finally:
        signal.signal(signal.SIGINT, ours)


def wait_for(what, seconds=30.0):
    """Wait until something is so, and return it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.005)
    return pytest.fail("it doesn't happen")


def children(process="self"):
    """The processes that a process has started and that haven't ended."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return {child for task in tasks for child in (task / "children").read_text().split()}


def members(group):
    """The processes of a group that still run."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = file.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                found.append(file.parent.name)
    return found
