"""The surfaces of the course, each one plain function.

Everything else about a surface follows from its function: `adamedu.core.surface` says how. To make
your own, write a function of its coordinates under ``@surface``.

The rates are those of ``rates.json``, which ``python -m tools.rates`` finds.
"""

import json
from pathlib import Path
from types import MappingProxyType

from numpy import cos, exp, sqrt

from adamedu.core.errors import UnknownAttributeError, there_is
from adamedu.core.surface import Surface, SurfaceError, surface

__all__ = ["ALL", "Surface", "SurfaceError", "surface"]


@surface(
    start=(-9.0, 2.5),
    domain=((-10.0, 10.0), (-4.0, 4.0)),
    minima=((0.0, 0.0),),
    source="A quadratic with condition number 20, the textbook case of an ill-conditioned valley.",
)
def ravine(x, y):
    """See one step size serve two slopes: the valley is 20 times steeper across than along."""
    return x**2 / 20 + y**2


@surface(
    start=(1.6, 1.0),
    domain=((-2.0, 2.0), (-1.5, 1.5)),
    minima=((-1.0298959850506604, 0.0), (0.96714893788303, 0.0)),
    source="The tilted double well of bifurcation theory, with a parabola across.",
)
def double_well(x, y):
    """Choose between two valleys, the left one deeper: where you start decides a lot."""
    return (x**2 - 1) ** 2 + x / 4 + y**2


@surface(
    start=(-8.0, 1.5),
    domain=((-10.0, 10.0), (-4.0, 4.0)),
    minima=((0.0, 0.0),),
    source="The article's climbers on Mount Everest, as a quadratic with condition number 100.",
)
def ridge(x, y):
    """Walk a narrow path along x between two cliffs: the slope off it is 100 times steeper."""
    return x**2 / 20 + 5 * y**2


@surface(
    start=(-6.5 / sqrt(2), -9.5 / sqrt(2)),
    domain=((-8.0, 8.0), (-8.0, 8.0)),
    minima=((0.0, 0.0),),
    source="The ridge, turned by 45 degrees.",
)
def rotated_ridge(x, y):
    """Walk the same path between the axes, where a step size per axis no longer fits."""
    return (x + y) ** 2 / 40 + 5 * (x - y) ** 2 / 2


@surface(
    start=(-7.5,),
    domain=((-8.0, 8.0),),
    minima=(
        (0.0,),
        (-2.8902875413690676,),
        (2.8902875413690676,),
        (-5.66552455948288,),
        (5.66552455948288,),
    ),
    source="Rastrigin (1974), in one dimension and with gentler hills.",
)
def hills(x):
    """Roll over a row of hills in one dimension: many valleys, one of them the lowest."""
    return x**2 / 20 + 3 * (1 - cos(2 * x)) / 10


@surface(
    start=(-1.5, 0.001),
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    minima=((0.0, 1.0), (0.0, -1.0)),
    source="The pitchfork's potential of bifurcation theory, with a parabola across.",
)
def saddle(x, y):
    """Pass a saddle: at its top the gradient is 0, and the ground still falls to either side."""
    return x**2 / 2 + (y**2 - 1) ** 2 / 4


@surface(
    start=(-1.2, 1.0),
    domain=((-2.0, 2.0), (-1.0, 3.0)),
    minima=((1.0, 1.0),),
    source="Rosenbrock (1960), 'An automatic method for finding the greatest or least value of a "
    "function', The Computer Journal 3.",
)
def rosenbrock(x, y):
    """Follow a bent valley: its floor is found at once, and its lowest point takes very long."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


@surface(
    start=(1.0, 1.5),
    domain=((-1.0, 4.0), (-2.0, 2.0)),
    minima=((3.0, 0.5),),
    source="Beale (1958), 'On an iterative method for finding a local minimum of a function of "
    "more than one variable', Princeton.",
)
def beale(x, y):
    """Come down from steep walls to a plain that is almost flat: one rate must do for both."""
    return (3 / 2 - x + x * y) ** 2 + (9 / 4 - x + x * y**2) ** 2 + (21 / 8 - x + x * y**3) ** 2


@surface(
    start=(-0.1, -0.7),
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.2831859912861696),
        (3.5844283403304917, -1.8481265269644036),
    ),
    source="Himmelblau (1972), 'Applied nonlinear programming', McGraw-Hill.",
)
def himmelblau(x, y):
    """Start near the top between four valleys of one depth: a small change leads elsewhere."""
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


@surface(
    start=(-9.0, 2.5),
    domain=((-10.0, 10.0), (-4.0, 4.0)),
    minima=((0.0, 0.0),),
    source="A bowl along x with one hollow in it; y is felt in the hollow alone, as the weight of "
    "a rare word is in the few sentences that have it.",
)
def sparse_hollow(x, y):
    """Wait for a sparse gradient: y has no slope for most of the way, and then it counts."""
    return x**2 / 20 + 2 * (1 - exp(-(x**2) / 2 - y**2 / 8))


@surface(
    start=(-9.0, 2.5),
    domain=((-10.0, 10.0), (-4.0, 4.0)),
    minima=((0.0, 0.0),),
    noise=0.5,
    source="A quadratic with condition number 5 whose gradients are measured inexactly, as those "
    "of a random part of the data are (Robbins & Monro 1951).",
)
def noisy_bowl(x, y):
    """Walk by gradients that are right on average alone: a large step never comes to rest."""
    return x**2 / 10 + y**2 / 2


ALL = MappingProxyType(
    {name: value for name, value in globals().items() if isinstance(value, Surface)}
)
"""Every surface of the course by name."""

_FOUND = json.loads(Path(__file__).with_name("rates.json").read_text(encoding="utf-8"))
for _name, _surface in ALL.items():
    _surface.rates = MappingProxyType(_FOUND.get(_name, {}))


def __getattr__(name):
    raise UnknownAttributeError(f"there is no surface {name!r}; {there_is(name, ALL)}")
