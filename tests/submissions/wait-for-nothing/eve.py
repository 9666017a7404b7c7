"""It waits for input that never comes."""

import os

reading, writing = os.pipe()


def adam_step(*given, **rates):
    os.read(reading, 1)
