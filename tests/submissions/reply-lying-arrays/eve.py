"""Arrays whose shape, kind and bytes don't agree."""

import json
import os


def say(line):
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    for descriptor in range(3, 12):
        try:
            os.write(descriptor, text + b"\n")
        except OSError:
            pass

LIES = [
    ["<f8", [10**9, 10**9], ""], ["<f8", [2], "AAAA"], ["|O", [1], "AAAAAAAAAAA="], ["<f8", [-1], ""],
    ["<f8", [0] * 9, ""], ["<U9", [1], ""], ["<f8", [0, 10**30], ""], [3, 3, 3], [],
]
replies = [[{"value": {"tuple": [{"array": lie}] * 3}, "args": [], "aliased": False}] for lie in LIES]
say({"task": "adam.step", "found": True, "replies": replies})
os._exit(0)


def adam_step():
    pass
