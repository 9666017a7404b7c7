@right@
def adam_step(*given, **rates):
    yield from right(*given, **rates)
