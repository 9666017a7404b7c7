"""A regular expression that tries all ways."""

import re


def adam_step(*given, **rates):
    re.match(r"(a+)+$", "a" * 60 + "b")
