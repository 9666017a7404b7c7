"""Numbers that overflow what reads them."""

import json
import os


def say(line):
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    for descriptor in range(3, 12):
        try:
            os.write(descriptor, text + b"\n")
        except OSError:
            pass

number = b"9" * 4000
for value in (number, b"1e" + number, b"-" + number, b'{"fraction": [1, 0]}', b'{"fraction": [' + number + b", 1]}"):
    say(b'{"task": "adam.step", "found": true, "replies": [[{"value": {"tuple": [' + value + b', 1, 1]}, "args": [], "aliased": false}]]}')
os._exit(0)


def adam_step():
    pass
