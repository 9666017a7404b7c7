"""The `adamedu` that a submission meets: surfaces and `descend`, and no optimizer.

Loaded as the package's replacement on the untrusted side, so that honest notebooks run: what shows
something is inert, and the reference says that it isn't there.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

_CORE = Path(__file__).resolve().parents[2] / "core"
_PUBLIC = {"descend": "descent", "recurrence": "recurrence", "surface": "surface"}
_SHOWING = {"IPython", "ipywidgets"}


class Unavailable:
    """Stands where a reference optimizer would be."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        msg = f"the reference {self._name} isn't available while grading: use your own function"
        raise RuntimeError(msg)

    @property
    def __signature__(self) -> NoReturn:
        self()

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        self()

    def __getitem__(self, _: object) -> NoReturn:
        self()

    def __iter__(self) -> NoReturn:
        self()


class Inert:
    """Does nothing, whatever is asked of it: what a picture or a check is while grading."""

    def __call__(self, *_: object, **__: object) -> Inert:
        """Do nothing."""
        return self

    def __getattr__(self, attribute: str) -> Inert:
        if attribute.startswith(("__", "_repr_")):
            raise AttributeError(attribute)
        return self

    def __getitem__(self, _: object) -> Inert:
        return self

    def __iter__(self) -> Any:
        return iter(())

    def __bool__(self) -> bool:
        return False  # as get_ipython() is where there is no notebook


class _InertModules(importlib.abc.Loader):
    """Makes modules of which everything is inert."""

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """Make one."""
        module = types.ModuleType(spec.name)

        def find(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return Inert()

        module.__getattr__ = find  # type: ignore[method-assign]
        module.version_info = (99,)  # type: ignore[attr-defined]  # matplotlib asks whether it's old
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave it as it is."""


class _Shortcuts(importlib.abc.Loader):
    """Makes ``adamedu.surfaces`` the open module of that name."""

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """Find it."""
        return importlib.import_module(spec.name.replace("adamedu.", "adamedu.core."))

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave it as it is."""


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the open modules by their short names too, and what only shows something."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:
        """Find a module by its full name."""
        if name.partition(".")[0] in _SHOWING:
            return importlib.util.spec_from_loader(name, _InertModules(), is_package=True)
        package, _, module = name.rpartition(".")
        if package != "adamedu" or not _is_open(module):
            return None
        return importlib.util.spec_from_loader(name, _Shortcuts())


def _is_open(module: str) -> bool:
    return (_CORE / f"{module}.py").is_file()


def install(reference: Sequence[str]) -> None:
    """Put the stand-in where ``import adamedu`` finds it.

    Parameters
    ----------
    reference : list of str
        The names of what it says isn't there.
    """
    module = types.ModuleType("adamedu", __doc__)
    module.__path__ = []
    core = types.ModuleType("adamedu.core")
    core.__path__ = [str(_CORE)]

    def find(name: str) -> Any:
        if name in _PUBLIC:
            return getattr(importlib.import_module(f"adamedu.core.{_PUBLIC[name]}"), name)
        if _is_open(name):
            return importlib.import_module(f"adamedu.core.{name}")
        if name in reference:
            return Unavailable(name)
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()

    module.__getattr__ = find  # type: ignore[method-assign]
    sys.modules |= {"adamedu": module, "adamedu.core": core}
    sys.meta_path.insert(0, _Finder())
