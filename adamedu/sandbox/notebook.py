"""Read a notebook: its code as Python, and which of the cells that were handed out it still has."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

_MAGICS = (
    (re.compile(r"^(\s*)%time(?:it)?\s+(?!-)(.+)$"), r"\1\2"),
    (re.compile(r"^(\s*[\w.]+\s*=\s*)[%!].*$"), r"\1None"),
    (re.compile(r"^(\s*)(?:[%!?].*|.*\?\s*)$"), r"\1pass"),
)
"""Lines that IPython knows and Python doesn't, and what stands for them."""


def cells(source: str, form: str) -> list[str]:
    """Return the code of a submission, cell by cell; raise ValueError for what isn't a notebook."""
    if form == "py":
        return [source]
    try:
        notebook = json.loads(source)
    except (ValueError, RecursionError) as error:
        msg = f"it isn't a whole notebook, its JSON is damaged: {str(error)[:100]}"
        raise ValueError(msg) from error
    try:
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        return [_without_magics("" if _locked(c) else _text(c["source"])) for c in code]
    except (KeyError, TypeError, AttributeError) as error:
        msg = "it is JSON, but not a notebook: save it again from JupyterLab"
        raise ValueError(msg) from error


def _text(source: str | list[str]) -> str:
    if not isinstance(source, str | list):
        raise TypeError(source)
    return "".join(source)


def _locked(cell: dict[str, Any]) -> bool:
    """Whether a cell is one of the checks, which are not run: the grader asks its own questions."""
    metadata = (cell.get("metadata") or {}).get("nbgrader") or {}
    return bool(metadata.get("grade")) and not metadata.get("solution")


def _without_magics(text: str) -> str:
    """Drop what is IPython's: a line that looks like it, and only where Python finds an error."""
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        if first.split()[0] not in {"%%time", "%%timeit", "%%capture"}:
            return ""
        lines[lines.index(first)] = ""
    while (at := _faulty_line(lines)) is not None:
        python = _as_python(lines[at])
        if python is None:
            break
        lines[at] = python
    return "\n".join(lines)


def _faulty_line(lines: list[str]) -> int | None:
    """Return the index of the line that Python can't read, if there is one that it names."""
    with warnings.catch_warnings(action="ignore"):
        try:
            compile("\n".join(lines), "<cell>", "exec")
        except SyntaxError as error:
            return error.lineno - 1 if error.lineno and error.lineno <= len(lines) else None
        except (ValueError, RecursionError, MemoryError):
            return None
    return None


def _as_python(line: str) -> str | None:
    """Return what stands for a line of IPython's, or None for another line."""
    for magic, python in _MAGICS:
        replaced, count = magic.subn(python, line)
        if count:
            return replaced
    return None


def restored(source: str, given: dict[str, str]) -> dict[int, list[str]]:
    """Return the cells that were handed out and are changed or gone, by what they follow.

    A learner who adds an import to a cell of ours keeps it, and one who breaks or deletes the cell
    loses nothing.

    Parameters
    ----------
    source : str
        A notebook that `cells` can read.
    given : dict of str to str
        Cells as they were handed out, by their ids.

    Returns
    -------
    after : dict of int to list of str
        Under the number of a code cell what is run after it; under 0 what is run first.
    """
    if not given:
        return {}
    left = dict(given)
    after: dict[int, list[str]] = {}
    code = [cell for cell in json.loads(source)["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, start=1):
        name = cell.get("id")
        original = left.pop(name, None) if isinstance(name, str) else None
        if original is not None and original != "".join(cell["source"]):
            after[number] = [_without_magics(original)]
    return {0: [_without_magics(text) for text in left.values()], **after}
