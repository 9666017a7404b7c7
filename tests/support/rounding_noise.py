"""What another processor's last bit may do to a run: one unit in the last place, at random.

`install` makes a kernel noisy before its first cell. Gradients and transcendental functions are
what processors and their libraries round differently; sums and roots are the same everywhere, and
zeros stay zeros.
"""

import functools
import math

import numpy as np

from adamedu import surfaces  # noqa: F401  (they keep their own functions)
from adamedu.core import descent
from adamedu.core.surface import Surface

TRANSCENDENTAL = (
    "arccos", "arcsin", "arctan", "arctan2", "cos", "cosh", "exp", "exp2", "expm1", "hypot",
    "log", "log10", "log1p", "log2", "logaddexp", "power", "sin", "sinh", "tan", "tanh",
)  # fmt: skip
UNIT = 2.0**-52


class Noise:
    """Moves doubles by one unit in the last place, up or down, or leaves them."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def on(self, value):
        if getattr(value, "dtype", np.float64) != np.float64 or not np.size(value):
            return value
        moved = value * (1 + UNIT * self.rng.integers(-1, 2, np.shape(value)))
        return float(moved) if type(value) is float else moved

    def after(self, function, when=lambda *_: True):
        @functools.wraps(function)
        def noisy(*args, **kwargs):
            value = function(*args, **kwargs)
            return self.on(value) if when(*args) else value

        return noisy


class NoisyUfunc:
    """A NumPy function whose results are moved; all else about it is the function's own."""

    def __init__(self, ufunc, noise):
        self.ufunc = ufunc
        self.noise = noise

    def __call__(self, *args, **kwargs):
        value = self.ufunc(*args, **kwargs)
        return value if "out" in kwargs else self.noise.on(value)

    def __getattr__(self, name):
        return getattr(self.ufunc, name)


class NoisyPower(float):
    """A hyperparameter whose powers are moved, as in Adam's correction."""

    noise = Noise(0)

    def __pow__(self, exponent, modulo=None):
        return self.noise.on(super().__pow__(exponent, modulo))


def install(seed):
    noise = NoisyPower.noise = Noise(seed)

    def replace(owner, name, by):
        setattr(owner, name, by(getattr(owner, name)))

    replace(Surface, "gradient", noise.after)
    replace(Surface, "__call__", noise.after)
    replace(descent._Walk, "_gradient", lambda gradient: noise.after(gradient, has_its_own))
    replace(descent, "read", with_noisy_powers)
    for name in TRANSCENDENTAL:
        replace(np, name, lambda ufunc: NoisyUfunc(ufunc, noise))
        if hasattr(math, name):
            replace(math, name, noise.after)


def has_its_own(walk):
    """Whether the objective of a walk has a gradient that isn't a surface's."""
    return not isinstance(walk.plan.objective, Surface | None)


def with_noisy_powers(read):
    @functools.wraps(read)
    def noisy(*args, **kwargs):
        plan = read(*args, **kwargs)
        for settings in {id(one): one for one in plan.settings}.values():
            for name, value in settings.items():
                if isinstance(value, float):
                    settings[name] = NoisyPower(value)
        return plan

    return noisy
