"""Recursion in the text of its own error."""

class Deep(Exception):
    def __str__(self):
        return str(self)


def adam_step(*given, **rates):
    raise Deep
