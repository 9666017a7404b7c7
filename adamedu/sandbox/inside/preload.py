"""Import beforehand what a submission may import: later it may be slow, or no longer possible."""

from __future__ import annotations

import gc
import importlib
import random
import sys
import unicodedata  # noqa: F401  (which Python itself imports when it meets a θ)
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.random  # it would otherwise be loaded by the first who draws

if TYPE_CHECKING:
    from collections.abc import Iterable

STANDARD: Final = ("cmath", "csv", "pprint", "statistics", "string", "timeit", "logging")
"""What a user who took over from root may not be able to read."""


def preload(modules: Iterable[str]) -> None:
    """Import modules, as far as they are installed, and keep them out of the way of forks."""
    for name in modules:
        if name not in sys.modules:
            with suppress(ImportError, OSError):
                importlib.import_module(name)
    gc.freeze()


def seed() -> None:
    """Seed what a learner may draw from without a seed: graded again, it should be the same."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002  (the old habit)
