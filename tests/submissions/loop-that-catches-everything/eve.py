"""A loop that swallows whatever is raised to stop it."""

def adam_step(*given, **rates):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
