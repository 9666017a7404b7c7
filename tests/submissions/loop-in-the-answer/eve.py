"""The answer never returns."""

def adam_step(*given, **rates):
    while True:
        pass
