"""From gradient descent to Adam: one definition of each optimizer, and all that follows from it.

The step functions are imported at once; everything else loads when it is first used, so that
``import adamedu`` costs little more than ``import numpy``.
"""

import importlib
from typing import TYPE_CHECKING, Any

from adamedu.core.errors import UnknownAttributeError, nearest
from adamedu.core.recurrence import recurrence
from adamedu.optimizers import adagrad, adam, adamw, amsgrad, gd, momentum, nesterov, rmsprop

if TYPE_CHECKING:
    from adamedu import surfaces
    from adamedu.algebra.unrolling import unroll
    from adamedu.core.descent import descend
    from adamedu.drawing import figures
    from adamedu.learning.checking import check
    from adamedu.learning.hinting import hint
    from adamedu.learning.progress_map import progress
    from adamedu.learning.solving import solution
    from adamedu.playgrounds.racing import race
    from adamedu.playgrounds.widget import playground

__version__ = "0.1.0"

_LAZY = {
    "surfaces": ("adamedu.core.surfaces", None),
    "check": ("adamedu.learning.checking", "check"),
    "descend": ("adamedu.core.descent", "descend"),
    "figures": ("adamedu.drawing.figures", None),
    "hint": ("adamedu.learning.hinting", "hint"),
    "playground": ("adamedu.playgrounds.widget", "playground"),
    "progress": ("adamedu.learning.progress_map", "progress"),
    "race": ("adamedu.playgrounds.racing", "race"),
    "scenes": ("adamedu.playgrounds.scenes", None),
    "solution": ("adamedu.learning.solving", "solution"),
    "unroll": ("adamedu.algebra.unrolling", "unroll"),
}

__all__ = [
    "adagrad",
    "adam",
    "adamw",
    "amsgrad",
    "check",
    "descend",
    "figures",
    "gd",
    "hint",
    "momentum",
    "nesterov",
    "playground",
    "progress",
    "race",
    "recurrence",
    "rmsprop",
    "scenes",
    "solution",
    "surfaces",
    "unroll",
]


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
