"""A type whose name would write to a terminal or a page."""

Yes = type("\x1b[2J<b>" + "x" * 100_000, (), {})


def adam_step(*given, **rates):
    return Yes(), Yes(), Yes()
