"""Any function in memory with Adam's arguments."""

import gc


def breached():
    gc.unfreeze()
    for thing in gc.get_objects():
        code = getattr(thing, "__code__", None)
        names = getattr(code, "co_varnames", ())
        if "beta1" in names and "eps" in names and getattr(thing, "__module__", "").startswith("adamedu"):
            return True
    return False


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
