"""A million lines."""

import json
import os


def say(line):
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    for descriptor in range(3, 12):
        try:
            os.write(descriptor, text + b"\n")
        except OSError:
            pass

for _ in range(300):
    say(b"{}\n" * 5000)


def adam_step():
    pass
