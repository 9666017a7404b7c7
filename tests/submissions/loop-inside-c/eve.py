"""A whole number that takes ages, in code that looks at no signal."""

def adam_step(*given, **rates):
    return 7 ** 7 ** 77
