"""Notice a cell that didn't run, so that nobody's old answer is checked in the place of a new one.

A cell that stops before it defines a name leaves what that name meant before. From the import of
`adamedu.check` on, IPython tells here of each cell that was run; nothing is kept but the names that
the last such cell would have defined, what they mean, and what went wrong.
"""

from __future__ import annotations

import ast
import re
import traceback
import warnings
from typing import Any, Final, NamedTuple

from adamedu.core.errors import running_shell
from adamedu.sandbox.inside.notebook import without_magics

_DEFINES: Final = re.compile(
    r"^[ \t]*(?:(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=))", re.MULTILINE
)

_DROPPED: Final = re.compile(r"(?:[ \t]*\n)*(?:%%.*\n(?:[ \t]*\n)*)?")
"""Lines that IPython takes away from the head of a cell."""


class _Unrun(NamedTuple):
    """What a name meant when the cell that would have defined it anew failed, and how it failed."""

    meant: object
    failed: str


_unrun: dict[str, _Unrun] = {}


def listen() -> None:
    """Have IPython tell of each cell that was run, where there is one."""
    shell = running_shell()
    if shell is not None:
        shell.events.register("post_run_cell", _note)


def unrun(name: str, answer: object) -> str | None:
    """Say how the latest cell failed that defines an answer, if the answer is an older one.

    Parameters
    ----------
    name : str
        What the task calls its answer. A function may have another name in the notebook.
    answer : object
        What is to be checked.
    """
    for known in (name, getattr(answer, "__name__", name)):
        found = _unrun.get(known)
        if found is not None and found.meant is answer:
            return (
                f"your last change of {known} didn't run ({found.failed}), and what is here is the "
                "older one: mend that cell, run it, then check again"
            )
    return None


def _note(result: Any) -> None:
    """Take down what a cell would have defined, if it stopped before."""
    if result is None:  # it was interrupted before it began
        return
    cell = result.info.raw_cell
    defined = {function or value for function, value in _DEFINES.findall(cell)}
    for name in defined:
        _unrun.pop(name, None)
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return
    with warnings.catch_warnings(action="ignore"):
        try:
            reached = _bound_before(line := _line(error, cell), ast.parse(without_magics(cell)))
        except SyntaxError as broken:
            error, line, reached = broken, broken.lineno, set()
    namespace = running_shell().user_ns
    says = error.msg if isinstance(error, SyntaxError) else str(error)
    failed = f"{type(error).__name__}{f' in line {line}' if line else ''}: {says}"
    for name in (defined - reached) & namespace.keys():
        _unrun[name] = _Unrun(namespace[name], failed)


def _line(error: BaseException, cell: str) -> int | None:
    """Return the line of a cell at which it failed, if it began."""
    namespace = running_shell().user_ns
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is namespace and frame.f_code.co_name == "<module>":
            return line + _DROPPED.match(cell)[0].count("\n")  # type: ignore[index]
    return None


def _bound_before(line: int | None, tree: ast.Module) -> set[str]:
    """Return the names that are bound in the lines above one."""
    above = (node for node in ast.walk(tree) if getattr(node, "end_lineno", 0) < (line or 0))
    names = (getattr(node, "name", getattr(node, "id", None)) for node in above)
    return {name for name in names if name is not None}
