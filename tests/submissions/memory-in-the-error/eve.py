"""An error with a text of 200 MB."""

def adam_step(*given, **rates):
    raise ValueError("x" * 200_000_000)
