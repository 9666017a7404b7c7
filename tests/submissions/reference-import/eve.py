"""The course's own Adam, imported."""

def breached():
    from adamedu.optimizers import adam

    return adam(0.0, 1.0, 1, 0.0, 0.0)[1] > 0


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
