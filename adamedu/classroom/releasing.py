"""Make the blank exercise from its solution.

The source is one notebook with nbgrader's cell metadata and ``### BEGIN SOLUTION`` /
``### END SOLUTION`` around what the learner writes; everything else stays, outputs go.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

BEGIN: Final = "### BEGIN SOLUTION"
END: Final = "### END SOLUTION"


class ReleaseError(ValueError):
    """A solution notebook that can't be released; the message says which cell and why."""


def release(source: Path, folder: Path) -> Path:
    """Write the blank exercise of a solution notebook into a folder, whole or not at all.

    Parameters
    ----------
    source : Path
        A notebook of ``solutions/``.
    folder : Path
        Where the exercise of the same name goes.

    Raises
    ------
    ReleaseError
        When the notebook can't be read, or a solution is not closed.
    """
    text = blank(source)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.name
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(target)
    return target


def blank(source: Path) -> str:
    """Return the text of the blank exercise of a solution notebook."""
    try:
        notebook = json.loads(source.read_text(encoding="utf-8"))
        cells = notebook["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{source.name} can't be read as a notebook: {error}"
        raise ReleaseError(msg) from error
    for number, cell in enumerate(cells, start=1):
        _clear(cell, f"{source.name}, cell {number}")
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _clear(cell: dict[str, Any], where: str) -> None:
    if cell["cell_type"] != "code":
        return
    cell["outputs"] = []
    cell["execution_count"] = None
    cell["metadata"].pop("execution", None)
    cell["source"] = without_solution("".join(cell["source"]), where).splitlines(keepends=True)


def without_solution(text: str, where: str) -> str:
    r"""Replace each solution of a cell by a place to write: a line that raises inside a function.

    >>> cell = ["def f():", f"    {BEGIN}", "    return 1", f"    {END}"]
    >>> print(without_solution("\n".join(cell), "cell 1"))
    def f():
        raise NotImplementedError  # your code goes here
    """
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        mark = line.strip()
        if mark == BEGIN and not inside:
            inside = True
            indent = line[: line.index(BEGIN)]
            stub = (
                "raise NotImplementedError  # your code goes here"
                if indent
                else "# your answer goes here"
            )
            kept.append(indent + stub)
        elif mark == END and inside:
            inside = False
        elif mark in {BEGIN, END}:
            msg = f"{where}: {mark!r} is out of place"
            raise ReleaseError(msg)
        elif not inside:
            kept.append(line)
    if inside:
        msg = f"{where}: {BEGIN!r} has no {END!r}"
        raise ReleaseError(msg)
    return "\n".join(kept)
