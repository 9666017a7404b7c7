"""The package, loaded afresh from disk."""

import importlib
import sys


def breached():
    for name in [name for name in sys.modules if name.startswith("adamedu")]:
        del sys.modules[name]
    sys.meta_path[:] = [finder for finder in sys.meta_path if "Finder" in repr(finder) and "adamedu" not in repr(finder)]
    sys.path.append("@root@")
    return importlib.import_module("adamedu").adam(0.0, 1.0, 1, 0.0, 0.0)[1] > 0


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
