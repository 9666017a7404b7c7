"""What somebody else handed in."""

def breached():
    return open("@folder@/bea.py").read() == "@secret@"


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
