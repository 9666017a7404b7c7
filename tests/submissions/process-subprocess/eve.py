"""A program, and what it prints."""

import subprocess
import sys


def breached():
    told = [sys.executable, "-c", "print(6 * 7)"]
    return subprocess.run(told, capture_output=True, check=True).stdout.strip() == b"42"


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
