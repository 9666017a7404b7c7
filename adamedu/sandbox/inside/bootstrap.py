"""The first lines of the untrusted side: make ``adamedu`` mean the stand-in, then do one thing.

Run as a program with one argument in JSON: ``{"do": module, "libraries": [folder, …],
"reference": [name, …]}`` and what else that module's ``main`` reads. The paths of an installation,
on which the package itself might be found, are not used.
"""

from __future__ import annotations

import importlib
import json
import site
import sys
import types
from pathlib import Path


def main() -> None:
    """Prepare, and hand over."""
    order = json.loads(sys.argv.pop(1))
    sys.path += order["libraries"]
    here = Path(__file__).parent
    for name, path in (("adamedu", []), ("adamedu.sandbox", [str(here.parent)])):
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__path__ = path
    site.setquit()
    site.sethelper()
    importlib.import_module("adamedu.sandbox.inside.stub_package").install(order["reference"])
    importlib.import_module(f"adamedu.sandbox.inside.{order['do']}").main(order)


if __name__ == "__main__":
    main()
