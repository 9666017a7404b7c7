"""Run cells as a learner does, in a kernel of their own."""

from __future__ import annotations

from typing import Any, NamedTuple

import nbformat
from nbclient import NotebookClient


class Ran(NamedTuple):
    """What a cell showed: its words, and the lines of its error."""

    said: str
    name: str = ""
    error: tuple[str, ...] = ()


def run(*cells: str, seconds: int = 120) -> list[Ran]:
    """Run cells one after the other, errors and all; one that hangs fails the test."""
    notebook: Any = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
    )
    NotebookClient(
        notebook, timeout=seconds, allow_errors=True, extra_arguments=["--log-level=ERROR"]
    ).execute()
    return [_read(cell.outputs) for cell in notebook.cells]


def _read(outputs: Any) -> Ran:
    said, name, error = "", "", ()
    for output in outputs:
        if output.output_type == "error":
            name, error = output.ename, tuple(output.traceback)
        else:
            said += output.get("text") or output.data.get("text/plain", "")
    return Ran(said, name, error)
