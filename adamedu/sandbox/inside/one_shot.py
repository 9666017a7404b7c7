"""The whole untrusted side in a process of its own, for one submission: level D.

The request is a line on standard input, the replies go to standard output.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from adamedu.sandbox.inside import linux, runner
from adamedu.sandbox.inside.limits import impose_what_holds
from adamedu.sandbox.inside.preload import STANDARD, preload, seed


def main(order: dict[str, Any]) -> None:
    """Answer one request; the submission's prints are put aside."""
    grader = os.getppid()
    request = json.loads(sys.stdin.readline())
    preload([*order["modules"], *(STANDARD if order["uid"] is not None else ())])
    seed()
    channel = os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    if order["uid"] is not None:
        linux.become(order["uid"])
    if sys.platform == "linux":
        linux.die_with(grader)
    impose_what_holds(order["seconds"])
    runner.serve(request, channel)
    os._exit(0)
