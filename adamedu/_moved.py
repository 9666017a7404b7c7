"""Where modules went that notebooks imported: for one version their old names work, with a warning.

All that notebooks need is in `adamedu` itself.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import sys
import types
import warnings
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

HOMES: Final = {
    "adamedu.descent": ("adamedu.core.descent",),
    "adamedu.experiments": ("adamedu.core.measuring", "adamedu.models"),
    "adamedu.landscape": ("adamedu.core.surface",),
    "adamedu.learning.onepage": ("adamedu.pages.ladder",),
    "adamedu.learning.readiness": ("adamedu.pages.self_test",),
    "adamedu.learning.terms": ("adamedu.pages.glossary",),
    "adamedu.learning.verdicts": ("adamedu.pages.claims",),
    "adamedu.surfaces": ("adamedu.core.surfaces",),
}


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes modules of the old names, whose contents are those of the new ones."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:
        """Find one of the old names."""
        return importlib.util.spec_from_loader(name, self) if name in HOMES else None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """Warn, and make one."""
        says = f"{spec.name} has moved: import what you need from adamedu itself"
        warnings.warn(says, FutureWarning, stacklevel=2)
        return types.ModuleType(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill it."""
        for home in HOMES[module.__name__]:
            for name, value in vars(importlib.import_module(home)).items():
                if not name.startswith("_"):
                    vars(module).setdefault(name, value)


def install() -> None:
    """Look for them where nothing else is found."""
    sys.meta_path.append(_Finder())
