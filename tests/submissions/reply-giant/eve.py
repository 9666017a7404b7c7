"""A reply of 40 MB."""

import json
import os


def say(line):
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    for descriptor in range(3, 12):
        try:
            os.write(descriptor, text + b"\n")
        except OSError:
            pass

try:
    with open(3, "w", closefd=False) as channel:
        for _ in range(40):
            channel.write("x" * 1_000_000)
except OSError:
    pass


def adam_step():
    pass
