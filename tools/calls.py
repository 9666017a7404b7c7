"""A pytest plugin that writes down which functions each test calls, and how long it takes.

``CALLS=file.json pytest -p tools.calls`` gives ``{test: [seconds, [[file, line], …]]}``: where each
function of the project that was called begins. What is called while a file's tests are collected,
all of them call.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import CodeType, FrameType

_collected: dict[str, set[CodeType]] = {}
_seen: dict[str, tuple[float, set[CodeType]]] = {}


@contextmanager
def _watched() -> Iterator[set[CodeType]]:
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            called.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Watch what is called to find tests."""
    with _watched() as called:
        try:
            return (yield)
        finally:
            if isinstance(collector, pytest.File):
                _collected[collector.nodeid] = called


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Watch a test, its fixtures included."""
    began = time.monotonic()
    with _watched() as called:
        try:
            return (yield)
        finally:
            before = _collected.get(item.nodeid.partition("::")[0], set())
            _seen[item.nodeid] = time.monotonic() - began, called | before


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write down what was seen."""
    root = f"{session.config.rootpath}{os.sep}"
    calls = {
        test: (seconds, [
            (code.co_filename.removeprefix(root), code.co_firstlineno)
            for code in called if code.co_filename.startswith(root)
        ])
        for test, (seconds, called) in _seen.items()
    }  # fmt: skip
    Path(os.environ["CALLS"]).write_text(json.dumps(calls), encoding="utf-8")
