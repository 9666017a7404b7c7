"""A naive runner: it forks, too, and runs what it is given with all that the grader itself has.

It shows what each attack can do where nothing stops it.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import adamedu  # noqa: F401  (the reference is in its memory, as in a grader's)

secret = "the course secret"  # noqa: S105  (as a grader's is)


def attempt(source: str, name: str, world: dict[str, object]) -> bool:
    """Run one attack in a child; return whether it says that it succeeded."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(10)
            names: dict[str, object] = {"__name__": "__main__"}
            exec(compile(source, "<file>", "exec"), names)  # noqa: S102
            function = names[name]
            assert callable(function)
            os.write(theirs, b"1" if function(world) is True else b"0")
        except BaseException as error:  # noqa: BLE001
            os.write(2, f"{name}: {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as said:
        succeeded = said.read() == b"1"
    os.waitpid(child, 0)
    return succeeded


if __name__ == "__main__":
    order = json.load(sys.stdin)
    for name in order["names"]:
        print(json.dumps([name, attempt(order["source"], name, order["world"])]), flush=True)  # noqa: T201
