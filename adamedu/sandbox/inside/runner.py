"""The untrusted side: run a submission, make the calls that were asked for, report what came back.

A request is one object in JSON, the replies are lines of JSON, sent as they are made, so that what
was answered before an endless loop is kept::

    request  {"message": 1, "file": …, "format": "py" | "ipynb", "source": …, "seconds": …,
              "tasks": [{"id": …, "answer": name, "scripts": [[operation, …], …]}, …],
              "given": {cell id: source of a cell as it was handed out}, if there are any,
              "checks": {task id: [name of its check, source as it was handed out]}, if any}
    replies  {"problem": null | why nothing can be run}, before anything is run
             {"errors": [error, …], of loading it,
              "checks": {task id: "edited" | "doubled" | "deleted"}, those that are}
             {"task": id, "found": bool, "replies": [[reply, …], …]}
             {"done": true}

    operation  {"do": "call", "of": slot | null, "name": …, "args": […], "kwargs": {…},
                "as": slot | null, "poke": bool}
               {"do": "get", "of": slot | null, "name": …}
    reply      {"value": …, "args": […], "aliased": bool} | {"error": error}
    error      {"type": …, "text": …, "where": …}

Values are in the format of `message`. A script stops at its first error. Nothing here decides
anything: a submission may forge every reply, and only right numbers help it.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import os
import traceback
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from adamedu.sandbox.inside.deadline import OutOfTime, within
from adamedu.sandbox.inside.notebook import altered, cells, restored
from adamedu.sandbox.inside.stub_package import Inert
from adamedu.sandbox.message import Slot, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from adamedu.sandbox.request import Error, Operation, Script

_TEXT = 500
_ERRORS = 50  # as many as the trusted side reads
NOTHING: Final[Mapping[int, list[str]]] = MappingProxyType({})


def perform(script: Script, namespace: dict[str, Any]) -> list[dict[str, Any]]:
    """Make a script's calls one after the other, up to the first error.

    Parameters
    ----------
    script : list of dict
        The operations.
    namespace : dict
        The submission's names.

    Examples
    --------
    >>> call = {"do": "call", "of": None, "name": "double", "args": [4], "kwargs": {}}
    >>> perform([call], {"double": lambda x: 2 * x})
    [{'value': 8, 'args': [4], 'aliased': False}]
    """
    slots: dict[str, Any] = {}
    replies = []
    for operation in script:
        try:
            replies.append(_one(operation, namespace, slots))
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001  (SystemExit and OutOfTime are theirs, too)
            replies.append({"error": describe(error)})
            break
    return replies


def perform_all(
    scripts: list[Script], namespace: dict[str, Any], seconds: float | None = None
) -> list[list[dict[str, Any]]]:
    """Perform a task's scripts; a blank answer or one that takes too long is not asked again."""
    replies: list[list[dict[str, Any]]] = []
    for script in scripts:
        try:
            replies.append(within(seconds, perform, script, namespace))
        except OutOfTime as late:  # one that had caught it before
            replies.append([{"error": describe(late)}])
        error = replies[-1][-1].get("error") if replies[-1] else None
        if error is not None and error["type"] in {"OutOfTime", "NotImplementedError"}:
            break
    return replies


def _one(operation: Operation, namespace: dict[str, Any], slots: dict[str, Any]) -> dict[str, Any]:
    owner, name = operation.get("of"), operation["name"]
    target = namespace[name] if owner is None else getattr(slots[owner], name)
    if operation["do"] == "get":
        return {"value": encode(target)}
    if not callable(target):
        msg = f"{name} is of type {type(target).__name__} and can't be called"
        raise TypeError(msg)
    args = [_given(item, slots) for item in operation["args"]]
    kwargs = {key: _given(item, slots) for key, item in operation["kwargs"].items()}
    with np.errstate(all="ignore"):
        value = target(*args, **kwargs)
    if (slot := operation.get("as")) is not None:
        slots[slot] = value
    reply = {"value": encode(value), "args": [encode(item) for item in args], "aliased": False}
    if operation.get("poke"):
        for item in args:
            if isinstance(item, np.ndarray) and item.flags.writeable:
                np.add(item, np.ones((), item.dtype), out=item)
        reply["aliased"] = encode(value) != reply["value"]
    return reply


def _given(data: Any, slots: dict[str, Any]) -> Any:
    value = decode(data)
    return slots[value.name] if isinstance(value, Slot) else value


def describe(error: BaseException) -> Error:
    """Say what went wrong, and in which line of the submission."""
    if isinstance(error, OutOfTime):
        return {"type": "OutOfTime", "text": str(error), "where": None}
    where = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if _is_theirs(frame.f_code.co_filename):
            where = _place(frame.f_code.co_filename, line)
    if isinstance(error, SyntaxError) and _is_theirs(error.filename or ""):
        where = _place(error.filename or "", error.lineno or 1)
    kind = vars(type)["__name__"].__get__(type(error))
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        return {"type": kind, "text": str.__getitem__(text, slice(_TEXT)), "where": where}
    except Exception:  # noqa: BLE001  (their exception may fail to describe itself)
        return {"type": kind, "text": "", "where": where}


def _is_theirs(filename: str) -> bool:
    return filename.startswith(("<cell ", "<file>")) or "ipykernel_" in filename


def _place(filename: str, line: int) -> str:
    cell = f"{filename.strip('<>')}, " if filename.startswith("<cell ") else ""
    return f"{cell}line {line}"


def _input(*_: object) -> NoReturn:
    raise EOFError("nobody answers input() while grading: write the value into the code")


def load(
    texts: list[str], form: str, seconds: float, given: Mapping[int, list[str]] = NOTHING
) -> tuple[dict[str, Any], list[Error]]:
    """Run the cells in order, each in the same namespace; one that fails doesn't stop the next.

    Parameters
    ----------
    texts : list of str
        The cells.
    form : str
        ``"py"`` or ``"ipynb"``.
    seconds : float
        The limit per cell.
    given : mapping of int to list of str
        What is run, too, after the cell of that number, without a word about its errors.
    """
    namespace = {"__name__": "__main__", "__builtins__": __builtins__, "input": _input}
    if form == "ipynb":
        namespace |= {"display": Inert(), "get_ipython": Inert()}
    errors: list[Error] = []
    _run_quietly(given.get(0, ()), namespace, seconds)
    for number, text in enumerate(texts, start=1):
        filename = f"<cell {number}>" if form == "ipynb" else "<file>"
        try:
            _run(text, filename, namespace, seconds)
        except BaseException as error:  # noqa: BLE001
            errors.append(describe(error))
            if isinstance(error, OutOfTime):
                errors[-1]["where"] = filename.strip("<>") if form == "ipynb" else None
        _run_quietly(given.get(number, ()), namespace, seconds)
    return namespace, errors


def _run(text: str, filename: str, namespace: dict[str, Any], seconds: float) -> None:
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    with np.errstate(all="ignore"):
        within(seconds, _execute, text, filename, namespace)


def _execute(text: str, filename: str, namespace: dict[str, Any]) -> None:
    exec(compile(text, filename, "exec"), namespace)  # noqa: S102  (this is its purpose)


def _run_quietly(texts: Iterable[str], namespace: dict[str, Any], seconds: float) -> None:
    for text in texts:
        with contextlib.suppress(BaseException):
            _run(text, "<given>", namespace, seconds)


def write_line(reply: dict[str, Any], channel: int) -> None:
    """Write a line of JSON to a descriptor, all of it: an alarm may interrupt a write."""
    left = json.dumps(reply).encode() + b"\n"
    while left:
        left = left[os.write(channel, left) :]


def serve(request: dict[str, Any], channel: int) -> None:
    """Answer one request, over a descriptor."""

    def send(reply: dict[str, Any]) -> None:
        write_line(reply, channel)

    try:
        texts = cells(request["source"], request["format"])
    except ValueError as error:
        send({"problem": str(error)})
        send({"done": True})
        return
    send({"problem": None})
    given = restored(request["source"], request.get("given", {}))
    checks = altered(request["source"], request.get("checks", {}))
    namespace, errors = load(texts, request["format"], request["seconds"], given)
    send({"errors": errors[:_ERRORS], "checks": checks})
    for task in request["tasks"]:
        found = task["answer"] in namespace
        try:
            replies = perform_all(task["scripts"], namespace, request["seconds"]) if found else []
            send({"task": task["id"], "found": found, "replies": replies})
        except BaseException:  # noqa: BLE001  (whatever it is, it is this task's alone)
            send({"task": task["id"], "found": found, "replies": []})
    send({"done": True})
