"""Make the blank exercise from its solution.

The source is one notebook with nbgrader's cell metadata and ``### BEGIN SOLUTION`` /
``### END SOLUTION`` around what the learner writes. Cells marked ``{"adamedu": {"only":
"solution"}}`` and all outputs go, everything else stays.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from adamedu.content.tasks import ByHandTask, Task
from adamedu.core.errors import ArgumentError
from adamedu.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


BEGIN: Final = "### BEGIN SOLUTION"
END: Final = "### END SOLUTION"
STUB: Final = "raise NotImplementedError  # your code goes here"


class ReleaseError(ArgumentError):
    """A solution notebook that can't be released; the message says which cell and why."""


def release(source: Path, folder: Path, tasks: Iterable[Task] = ()) -> Path:
    """Write the blank exercise of a solution notebook into a folder, whole or not at all.

    Parameters
    ----------
    source : Path
        A notebook of ``solutions/``.
    folder : Path
        Where the exercise of the same name goes.
    tasks : iterable of Task, optional
        By-hand tasks whose numbers take the place of the notebook's, from `personalize`.

    Raises
    ------
    ReleaseError
        When the notebook can't be read, or a solution is not closed.
    """
    text = blank(source, tasks)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.name
    write_whole(target, text.encode())
    return target


def blank(source: Path, tasks: Iterable[Task] = ()) -> str:
    """Return the text of the blank exercise of a solution notebook."""
    own = {task.id: task for task in tasks if isinstance(task, ByHandTask)}
    try:
        notebook = json.loads(source.read_text(encoding="utf-8"))
        cells, metadata = notebook["cells"], notebook["metadata"]
        for number, cell in enumerate(cells, start=1):
            _clear(cell, f"{source.name}, cell {number}")
            if (task := own.get(cell["metadata"].get("adamedu", {}).get("task"))) is not None:
                _personalize(cell, task)
        notebook["cells"] = [cell for cell in cells if not _only_in_solution(cell)]
    except ReleaseError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{source.name} can't be read as a notebook: {error}"
        raise ReleaseError(msg) from error
    metadata["adamedu"] = {"generated": f"by adamedu release, from solutions/{source.name}"}
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _only_in_solution(cell: dict[str, Any]) -> bool:
    return bool(cell["metadata"].get("adamedu", {}).get("only") == "solution")


def _clear(cell: dict[str, Any], where: str) -> None:
    if cell["cell_type"] != "code":
        return
    cell["outputs"] = []
    cell["execution_count"] = None
    cell["source"] = without_solution("".join(cell["source"]), where).splitlines(keepends=True)


def _personalize(cell: dict[str, Any], task: ByHandTask) -> None:
    """Put a student's own gradients into the table of a task's statement, and into its check."""
    gradients = task.gradients
    lines = "".join(cell["source"]).split("\n")
    if cell["cell_type"] == "code":
        call = f'check("{task.id}", {task.answer}'
        lines = [
            f"{call}, gradients={json.dumps(gradients)})" if line.startswith(call) else line
            for line in lines
        ]
    for i, line in enumerate(lines[:-2]):
        if "| `g_1` |" in line:
            names, row = line.split("|"), lines[i + 2].split("|")
            for t, gradient in enumerate(gradients, start=1):
                row[names.index(f" `g_{t}` ")] = f" {gradient} "
            lines[i + 2] = "|".join(row)
    cell["source"] = "\n".join(lines).splitlines(keepends=True)


def without_solution(text: str, where: str) -> str:
    r"""Take the solutions out of a cell's text.

    Inside a function or a class a line that raises takes their place. At the top level nothing
    does: there the line above shows the form of the answer, and is what the learner edits.

    >>> text = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    >>> print(without_solution(text, "cell 1"))
    def f():
        raise NotImplementedError  # your code goes here
    >>> without_solution("m = None\n### BEGIN SOLUTION\nm = 2\n### END SOLUTION", "cell 2")
    'm = None'
    """
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        mark = line.strip()
        if mark == (END if inside else BEGIN):
            inside = not inside
            indent = line[: line.index(mark)]
            if inside and indent:
                kept.append(indent + STUB)
        elif mark in {BEGIN, END}:
            msg = f"{where}: {mark!r} is out of place"
            raise ReleaseError(msg)
        elif not inside:
            kept.append(line)
    if inside:
        msg = f"{where}: {BEGIN!r} has no {END!r}"
        raise ReleaseError(msg)
    return "\n".join(kept)
