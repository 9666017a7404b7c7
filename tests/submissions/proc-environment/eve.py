"""The environment of another process."""

def breached():
    return b"@secret@" in open("/proc/@process@/environ", "rb").read()


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
