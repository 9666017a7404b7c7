"""The warm process: it has NumPy loaded, and forks a child per submission.

It takes orders over a socket, its standard input: a JSON object with two descriptors, one to read
the request from and one to write the replies to; then, once nobody waits for the child any longer,
a message to end it, which is answered when it has ended. When the socket closes, all ends.

It runs nothing of a submission and computes nothing: threads don't survive a fork.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
from contextlib import suppress
from typing import Any, Final

from adamedu import descent, landscape, recurrence, surfaces  # noqa: F401  (for the children)
from adamedu.sandbox import attempts, runner
from adamedu.sandbox.lockdown import SCRATCH, Lockdown
from adamedu.sandbox.view import View
from adamedu.sandbox.warming import STANDARD, warm_up

_MOST: Final = 100_000
_CHANNEL: Final = 3  # in the warm process, the control socket: a child gives it up by this
_FEW: Final = 1024  # more descriptors than the warm process ever has


def main(order: dict[str, Any]) -> None:
    """Serve until the socket closes."""
    control = socket.socket(fileno=os.dup(0))
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(quiet, number)
    warm_up(STANDARD if order["uid"] is not None else ())
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


def _serve_one(control: socket.socket, lockdown: Lockdown) -> bool:
    message, descriptors, _, _ = socket.recv_fds(control, _MOST, 2)
    if not message:
        return False
    order = json.loads(message)
    warm_up(order["modules"])
    child = os.fork()
    if child == 0:
        try:
            _be_the_child(order, descriptors, lockdown)
        finally:
            os._exit(1)
    for descriptor in descriptors:
        os.close(descriptor)
    control.send(b"started")
    waited_for = control.recv(_MOST)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if waited_for:
        control.send(b"ended")
    return bool(waited_for)


def _be_the_child(order: dict[str, Any], descriptors: list[int], lockdown: Lockdown) -> None:
    """Lock in, then do what is asked for; without every layer nothing is done but to say so."""
    with os.fdopen(descriptors[0], "rb") as file:
        request = json.load(file)
    os.dup2(descriptors[1], _CHANNEL, inheritable=False)
    with open(_CHANNEL, "w", encoding="utf-8") as channel:  # noqa: PTH123
        try:
            for layer in order["layers"]:
                lockdown.put_in_force(layer, order["seconds"])
        except Exception as error:  # noqa: BLE001  (whatever it is, nothing may run)
            channel.write(json.dumps({"refused": f"{layer}: {error}"}) + "\n")
            return
        os.closerange(_CHANNEL + 1, _FEW)
        if "attempts" in request:
            bait = attempts.Bait(**request["bait"])
            found = attempts.succeeded(request["attempts"], bait)
            channel.write(json.dumps({"succeeded": found}) + "\n")
        else:
            runner.serve(request, channel)
