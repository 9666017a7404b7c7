calls = []
@right@
def adam_step(*given, **rates):
    calls.append(given)
    return right(*given, **rates)
