"""Errors that would write to a terminal or a page."""

import json
import os


def say(line):
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    for descriptor in range(3, 12):
        try:
            os.write(descriptor, text + b"\n")
        except OSError:
            pass

say({"errors": [{"type": "<script>alert(1)</script>", "text": "\x1b[2J\x07[red]" + "x" * 10_000, "where": ["a", "list"]}] * 1000})
say({"task": "adam.step", "found": False})
os._exit(0)


def adam_step():
    pass
