"""The loop is in what Python calls when it clears up."""

import sys


class Endless:
    def __del__(self):
        while True:
            pass


def adam_step(*given, **rates):
    Endless()
