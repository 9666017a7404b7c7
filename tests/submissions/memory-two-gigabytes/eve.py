"""Two gigabytes at once."""

def breached():
    return len(bytearray(2_000_000_000)) > 0


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
