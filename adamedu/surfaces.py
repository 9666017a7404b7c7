"""The surfaces of the course, each one plain function.

Everything else about a surface follows from its function: `adamedu.landscape` says how. To make
your own, write a function of its coordinates under ``@surface``.
"""

from types import MappingProxyType

from numpy import cos, sqrt

from adamedu.landscape import Surface, SurfaceError, surface

__all__ = ["ALL", "Surface", "SurfaceError", "surface"]


@surface(
    start=(-9.0, 2.5),
    domain=((-10.0, 10.0), (-4.0, 4.0)),
    minima=((0.0, 0.0),),
    source="A quadratic with condition number 20, the textbook case of an ill-conditioned valley.",
    rates={
        "gd": 0.9,
        "momentum": 0.6,
        "nesterov": 1.0,
        "adagrad": 2.0,
        "rmsprop": 0.15,
        "adam": 0.4,
        "amsgrad": 0.4,
        "adamw": 0.4,
    },
)
def ravine(x, y):
    """See one step size serve two slopes: the valley is 20 times steeper across than along."""
    return x**2 / 20 + y**2


@surface(
    start=(1.6, 1.0),
    domain=((-2.0, 2.0), (-1.5, 1.5)),
    minima=((-1.0298959850506604, 0.0), (0.96714893788303, 0.0)),
    source="The tilted double well of bifurcation theory, with a parabola across.",
    rates={
        "gd": 0.1,
        "momentum": 0.2,
        "nesterov": 0.2,
        "adagrad": 0.5,
        "rmsprop": 0.04,
        "adam": 0.2,
        "amsgrad": 0.2,
        "adamw": 0.2,
    },
)
def double_well(x, y):
    """Choose between two valleys, the left one deeper: where you start decides a lot."""
    return (x**2 - 1) ** 2 + x / 4 + y**2


@surface(
    start=(-8.0, 1.5),
    domain=((-10.0, 10.0), (-4.0, 4.0)),
    minima=((0.0, 0.0),),
    source="The article's climbers on Mount Everest, as a quadratic with condition number 100.",
    rates={
        "gd": 0.15,
        "momentum": 0.5,
        "nesterov": 0.8,
        "adagrad": 2.0,
        "rmsprop": 0.15,
        "adam": 0.4,
        "amsgrad": 0.4,
        "adamw": 0.4,
    },
)
def ridge(x, y):
    """Walk a narrow path along x between two cliffs: the slope off it is 100 times steeper."""
    return x**2 / 20 + 5 * y**2


@surface(
    start=(-6.5 / sqrt(2), -9.5 / sqrt(2)),
    domain=((-8.0, 8.0), (-8.0, 8.0)),
    minima=((0.0, 0.0),),
    source="The ridge, turned by 45 degrees.",
    rates={
        "gd": 0.15,
        "momentum": 0.5,
        "nesterov": 0.8,
        "adagrad": 2.0,
        "rmsprop": 0.15,
        "adam": 1.0,
        "amsgrad": 1.0,
        "adamw": 1.0,
    },
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
    rates={
        "gd": 0.3,
        "momentum": 0.7,
        "nesterov": 0.7,
        "adagrad": 1.0,
        "rmsprop": 0.2,
        "adam": 0.7,
        "amsgrad": 0.7,
        "adamw": 0.7,
    },
)
def hills(x):
    """Roll over a row of hills in one dimension: many valleys, one of them the lowest."""
    return x**2 / 20 + 3 * (1 - cos(2 * x)) / 10


ALL = MappingProxyType(
    {name: value for name, value in globals().items() if isinstance(value, Surface)}
)
"""Every surface of the course by name."""
