"""A pytest plugin that writes down which functions each test calls, and how long it takes.

``CALLS=file.json pytest -p tools.calls`` gives ``{test: [seconds, [[file, line], …]]}``: where each
function of the project that was called begins.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import CodeType, FrameType

_seen: dict[str, tuple[float, set[CodeType]]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Watch a test, its fixtures included."""
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            called.add(frame.f_code)

    began = time.monotonic()
    sys.setprofile(note)
    try:
        return (yield)
    finally:
        sys.setprofile(None)
        _seen[item.nodeid] = time.monotonic() - began, called


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
