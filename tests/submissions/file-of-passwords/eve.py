"""The list of this machine's users."""

def breached():
    return "root:" in open("/etc/passwd").read()


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
