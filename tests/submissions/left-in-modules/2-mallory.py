import sys


def breached():
    return any(hasattr(module, "left") for name, module in sys.modules.items() if not name.startswith("adamedu")) or "left" in vars(sys.modules["adamedu"])


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
