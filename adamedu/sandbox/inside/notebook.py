"""Read a notebook: its code as Python, and what became of the cells that were handed out."""

from __future__ import annotations

import functools
import json
import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    # The checks aren't run: the grader asks its own questions.
    return [without_magics("" if cell.is_check else cell.text) for cell in _code(source)]


class _Cell(NamedTuple):
    """What matters of a code cell; its names may be of any kind."""

    text: str
    names: tuple[object, object]
    is_check: bool


@functools.lru_cache(maxsize=1)
def _code(source: str) -> list[_Cell]:
    try:
        notebook = json.loads(source)
    except (ValueError, RecursionError) as error:
        msg = f"it isn't a whole notebook, its JSON is damaged: {str(error)[:100]}"
        raise ValueError(msg) from error
    try:
        return [_cell(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (KeyError, TypeError, AttributeError) as error:
        msg = "it is JSON, but not a notebook: save it again from JupyterLab"
        raise ValueError(msg) from error


def _cell(cell: dict[str, Any]) -> _Cell:
    source = cell["source"]
    if not isinstance(source, str | list):
        raise TypeError(source)
    nbgrader = (cell.get("metadata") or {}).get("nbgrader") or {}
    names = cell.get("id"), nbgrader.get("grade_id")
    is_check = bool(nbgrader.get("grade")) and not nbgrader.get("solution")
    return _Cell("".join(source), names, is_check)


def without_magics(text: str) -> str:
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
    for number, cell in enumerate(_code(source), start=1):
        name = cell.names[0]
        original = left.pop(name, None) if isinstance(name, str) else None
        if original is not None and original != cell.text:
            after[number] = [without_magics(original)]
    return {0: [without_magics(text) for text in left.values()], **after}


def altered(source: str, checks: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return what became of the checks that aren't as they were handed out.

    A check is found by its name, which its copies share, or else by its text.

    Parameters
    ----------
    source : str
        A notebook that `cells` can read.
    checks : mapping of str to (str, str)
        Per task the name of its check, and the text.

    Returns
    -------
    dict of str to str
        Per task ``"edited"``, ``"doubled"`` or ``"deleted"``.
    """
    found = {}
    code = _code(source) if checks else ()
    for task, (name, text) in checks.items():
        named = [cell for cell in code if name in cell.names]
        if any(not _is_still(cell.text, text) for cell in named):
            found[task] = "edited"
        elif len(named) > 1:
            found[task] = "doubled"
        elif not named and not any(_is_still(cell.text, text) for cell in code):
            found[task] = "deleted"
    return found


def _is_still(text: str, original: str) -> bool:
    """Whether a check is as it was, or only has the numbers of one's own."""
    text, original = text.strip(), original.strip()
    return text == original or text.startswith(original.removesuffix(")") + ", gradients=")
