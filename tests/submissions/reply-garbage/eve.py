"""Bytes at random, before a right answer."""

import json
import os


def say(line):
    text = line if isinstance(line, bytes) else json.dumps(line).encode()
    for descriptor in range(3, 12):
        try:
            os.write(descriptor, text + b"\n")
        except OSError:
            pass

import random

for _ in range(200):
    say(random.randbytes(1000))
for odd in (b"{", b"[" * 100_000, b"\xff\xfe", b"{}" * 9, b"NaN", b"[1e999999]", b'{"task": 3}', b'{"errors": 3}'):
    say(odd)

@adam_step@
