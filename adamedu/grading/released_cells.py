"""The cells of an exercise set that nobody has to change: a submission gets them back."""

from __future__ import annotations

import functools
import json
from typing import Any

from adamedu.content import catalogue, course


def given_cells(exercise: str | None) -> dict[str, str]:
    """Return the code of a set's cells that are neither answers nor checks, by the cells' ids.

    Parameters
    ----------
    exercise : str or None
        The number of a set; there is nothing to give back for None.

    Examples
    --------
    >>> "numpy" in given_cells("05")["imports"]
    True
    """
    return {
        cell["id"]: "".join(cell["source"])
        for cell in _code(exercise)
        if "nbgrader" not in cell["metadata"]
    }


def check_cells(exercise: str | None) -> dict[str, tuple[str, str]]:
    """Return the checks of a set: per task the cell's name, and its code.

    Parameters
    ----------
    exercise : str or None
        As in `given_cells`.

    Examples
    --------
    >>> check_cells("05")["adam.m"]
    ('check-adam-m', 'check("adam.m", m_by_hand)')
    """
    return {
        cell["metadata"]["adamedu"]["task"]: (cell["id"], "".join(cell["source"]))
        for cell in _code(exercise)
        if cell["metadata"].get("nbgrader", {}).get("grade")
    }


@functools.cache
def _code(exercise: str | None) -> list[dict[str, Any]]:
    text = course.exercise_text(catalogue.exercise(exercise).name) if exercise else None
    cells = json.loads(text)["cells"] if text else []
    return [cell for cell in cells if cell["cell_type"] == "code"]
