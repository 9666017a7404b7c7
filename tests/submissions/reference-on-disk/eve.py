"""The text of the course's own Adam."""

def breached():
    return "beta2" in open("@root@/adamedu/optimizers.py").read()


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
