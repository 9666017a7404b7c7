"""From gradient descent to Adam: one definition of each optimizer, and all that follows from it.

The step functions are imported at once; everything else loads when it is first used, so that
``import adamedu`` costs little more than ``import numpy``.
"""

import importlib
from typing import TYPE_CHECKING, Any

from adamedu import _moved, optimizers
from adamedu.core.errors import UnknownAttributeError, nearest
from adamedu.core.recurrence import recurrence
from adamedu.optimizers import *  # noqa: F403  (each step is public, its file lists them)

if TYPE_CHECKING:
    from adamedu import models
    from adamedu.algebra.unrolling import unroll
    from adamedu.algebra.walkthrough import operations, side_by_side, walk_through
    from adamedu.core import surfaces
    from adamedu.core.descent import descend
    from adamedu.core.measuring import RATES, destinations, settles_at, tune
    from adamedu.core.surface import surface
    from adamedu.drawing import figures
    from adamedu.drawing.multiples import loss_panels
    from adamedu.learning.basins import basin_map
    from adamedu.learning.checking import NotPassed, check
    from adamedu.learning.hinting import hint
    from adamedu.learning.progress_map import progress
    from adamedu.learning.solving import solution
    from adamedu.pages.claims import claims, tally
    from adamedu.pages.glossary import glossary
    from adamedu.pages.ladder import ladder
    from adamedu.pages.self_test import self_test
    from adamedu.playgrounds import scenes
    from adamedu.playgrounds.racing import race
    from adamedu.playgrounds.widget import playground

__version__ = "0.1.0"

_LAZY = {
    "NotPassed": ("adamedu.learning.checking", "NotPassed"),
    "RATES": ("adamedu.core.measuring", "RATES"),
    "basin_map": ("adamedu.learning.basins", "basin_map"),
    "check": ("adamedu.learning.checking", "check"),
    "claims": ("adamedu.pages.claims", "claims"),
    "descend": ("adamedu.core.descent", "descend"),
    "destinations": ("adamedu.core.measuring", "destinations"),
    "figures": ("adamedu.drawing.figures", None),
    "glossary": ("adamedu.pages.glossary", "glossary"),
    "hint": ("adamedu.learning.hinting", "hint"),
    "ladder": ("adamedu.pages.ladder", "ladder"),
    "loss_panels": ("adamedu.drawing.multiples", "loss_panels"),
    "models": ("adamedu.models", None),
    "operations": ("adamedu.algebra.walkthrough", "operations"),
    "playground": ("adamedu.playgrounds.widget", "playground"),
    "progress": ("adamedu.learning.progress_map", "progress"),
    "race": ("adamedu.playgrounds.racing", "race"),
    "scenes": ("adamedu.playgrounds.scenes", None),
    "self_test": ("adamedu.pages.self_test", "self_test"),
    "settles_at": ("adamedu.core.measuring", "settles_at"),
    "side_by_side": ("adamedu.algebra.walkthrough", "side_by_side"),
    "solution": ("adamedu.learning.solving", "solution"),
    "surface": ("adamedu.core.surface", "surface"),
    "surfaces": ("adamedu.core.surfaces", None),
    "tally": ("adamedu.pages.claims", "tally"),
    "tune": ("adamedu.core.measuring", "tune"),
    "unroll": ("adamedu.algebra.unrolling", "unroll"),
    "walk_through": ("adamedu.algebra.walkthrough", "walk_through"),
}

__all__ = [  # noqa: RUF022  (case aside)
    "NotPassed",
    "RATES",
    "basin_map",
    "check",
    "claims",
    "descend",
    "destinations",
    "figures",
    "glossary",
    "hint",
    "ladder",
    "loss_panels",
    "models",
    "operations",
    "playground",
    "progress",
    "race",
    "recurrence",
    "scenes",
    "self_test",
    "settles_at",
    "side_by_side",
    "solution",
    "surface",
    "surfaces",
    "tally",
    "tune",
    "unroll",
    "walk_through",
]
__all__ += optimizers.__all__


_moved.install()


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        near = nearest(name, __all__)
        advice = f". Did you mean {near}?" if near else ""
        raise UnknownAttributeError(f"module 'adamedu' has no attribute {name!r}{advice}")
    module, attribute = _LAZY[name]
    value = importlib.import_module(module)
    if attribute is not None:
        value = getattr(value, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
