"""The zygote: it has NumPy loaded, and forks a child per submission.

It takes orders over a socket, its standard input: a JSON object with two descriptors, one to read
the request from and one to write the replies to; then, once nobody waits for the child any longer,
a message to end it, which is answered when it has ended. When the socket closes, all ends.

It runs nothing of a submission, and computes nothing that takes threads: they don't survive a fork.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
import types
from contextlib import suppress
from typing import Any, Final

import numpy as np

from adamedu.core import descent, recurrence, surfaces  # noqa: F401  (for the children)
from adamedu.sandbox.inside import linux, runner
from adamedu.sandbox.inside.lockdown import SCRATCH, Lockdown
from adamedu.sandbox.inside.preload import STANDARD, preload, seed
from adamedu.sandbox.inside.view import View
from adamedu.sandbox.message import encode

_MAX_ORDER_BYTES: Final = 100_000
_CHANNEL: Final = 3  # in the zygote, the control socket: a child gives it up by this
_FEW: Final = 1024  # more descriptors than the zygote ever has
_ANSWER: Final = """
import math
import numpy as np
def f(x, t, *, k):
    x = k * x + (1 - k) * x**2
    return np.sqrt(x) / (1 - k**t), x
"""
_OFTEN: Final = 8  # from then on Python has its shortcuts


def main(order: dict[str, Any]) -> None:
    """Serve until the socket closes."""
    control = socket.socket(fileno=os.dup(0))
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(quiet, number)
    _rehearse(quiet)
    seed()
    preload(STANDARD if order["uid"] is not None else ())
    os.chdir(SCRATCH if order["level"] == "A" else "/")
    try:
        shown = View(**{name: tuple(paths) for name, paths in order["view"].items()})
        lockdown = Lockdown(order["level"], shown, order["uid"])
    except OSError as error:
        control.send(json.dumps({"refused": str(error)}).encode())
        return
    control.send(b"{}")
    os.dup2(quiet, 2)
    with suppress(OSError):  # the grader may end while something is said to it
        while _serve_one(control, lockdown):
            pass
    shutil.rmtree(order["home"], ignore_errors=True)  # nobody else is left to do it
    os._exit(0)


def _rehearse(quiet: int) -> None:
    """Do once what every child does: what Python notes down at the first time, it notes here.

    A child copies each page of memory that it writes to, which is most of what it costs.
    """
    x = encode(np.ones(2))
    call = {"do": "call", "of": None, "name": "f", "args": [x, 1], "kwargs": {"k": 0.5}}
    cell = {"cell_type": "code", "source": _ANSWER, "metadata": {}}
    for form, source in (("py", _ANSWER), ("ipynb", json.dumps({"cells": [cell]}))):
        tasks = [{"id": "f", "answer": "f", "scripts": [[{**call, "poke": True}]] * _OFTEN}]
        request = {"format": form, "source": source, "seconds": None, "tasks": tasks}
        runner.serve(json.loads(json.dumps(request)), quiet)


def _serve_one(control: socket.socket, lockdown: Lockdown) -> bool:
    message, descriptors, _, _ = socket.recv_fds(control, _MAX_ORDER_BYTES, 2)
    if not message:
        return False
    order = json.loads(message)
    if order["modules"]:
        preload(order["modules"])
        seed()  # whatever they have drawn
    child = linux.fork()
    if child == 0:
        try:
            _be_the_child(order, descriptors, lockdown)
        finally:
            os._exit(1)
    for descriptor in descriptors:
        os.close(descriptor)
    control.send(b"started")
    waited_for = control.recv(_MAX_ORDER_BYTES)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if waited_for:
        control.send(b"ended")
    return bool(waited_for)


def _be_the_child(order: dict[str, Any], descriptors: list[int], lockdown: Lockdown) -> None:
    """Lock in, then do what is asked for; without every layer nothing is done but to say so."""
    inbox, outbox = descriptors
    os.dup2(outbox, _CHANNEL, inheritable=False)
    try:
        for layer in order["layers"]:
            lockdown.put_in_force(layer, order["seconds"])
    except Exception as error:  # noqa: BLE001  (whatever it is, nothing may run)
        runner.write_line({"refused": f"{layer}: {error}"}, _CHANNEL)
        return
    request = json.loads(os.read(inbox, os.fstat(inbox).st_size))
    os.closerange(_CHANNEL + 1, _FEW)
    if "attempts" in request:
        runner.write_line({"succeeded": _attempt(**request)}, _CHANNEL)
    else:
        runner.serve(request, _CHANNEL)


def _attempt(attempts: list[str], escapes: str, bait: dict[str, Any]) -> list[str]:
    """Make attempts to break out, whose text the trusted side has sent: it isn't shown here."""
    module = sys.modules["escapes"] = types.ModuleType("escapes")
    exec(compile(escapes, "escapes", "exec"), vars(module))  # noqa: S102  (our own text)
    found: list[str] = module.succeeded(attempts, module.Bait(**bait))
    return found
