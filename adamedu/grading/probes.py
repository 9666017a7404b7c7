"""The inputs that answers are tried on, drawn from a seed so that nobody can know them beforehand.

Hyperparameters are off their defaults and eps is large enough to be seen; gradients have mixed
signs, zeros and repeated values. With the defaults and a handful of gradients most mistakes hide.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamedu.core.recurrence import Recurrence

Array = npt.NDArray[Any]

SELF_CHECK: Final = "self-check"
"""The student's name where there is none: in a notebook, and for files graded alone."""

_RANGES: Final = {
    "lr": (0.46, 0.54),  # no decay, and not what a decay lacks to 1
    "eps": (0.05, 0.3),
    "weight_decay": (0.2, 0.5),
    "beta1": (0.55, 0.7),
    "beta2": (0.75, 0.9),
}
_DECAY: Final = (0.55, 0.85)
_USUAL: Final = {
    "lr": _RANGES["lr"],
    "beta1": (0.88, 0.92),
    "beta2": (0.995, 0.999),
    "eps": (1e-8, 9e-8),
    "weight_decay": (0.01, 0.1),
}
_USUAL_DECAY: Final = (0.9, 0.99)
_SMALL_GRADIENT: Final = 0.02
"""What the last gradient of each step is multiplied by."""


def seed_for(secret: str, student: str, task_id: str) -> int:
    """Derive the seed of a task's probes with a keyed hash of the course's secret.

    >>> seed_for("secret", "ada", "adam.step") == seed_for("secret", "ada", "adam.step")
    True
    >>> seed_for("secret", "ada", "adam.step") == seed_for("secret", "grace", "adam.step")
    False
    """
    text = f"{student}\0{task_id}".encode()
    return int.from_bytes(hmac.digest(secret.encode(), text, hashlib.sha256)[:8], "big")


@dataclass(frozen=True)
class Probe:
    """One call of a step function.

    Attributes
    ----------
    says : str
        What is special about it, as the learner reads it: ``"t = 2"``, ``"a single number"``.
    group : str
        ``"values"`` for two runs from the start, ``"regimes"`` for steps far from there and
        ``"again"`` for the first call once more decide; ``"inputs"`` are other kinds of input.
    arguments : tuple
        ``theta, g, t`` and the state.
    hyperparameters : dict
        By name.
    precision : str
        ``"f8"``, or ``"f4"`` for single precision.
    may_refuse : bool
        Whether raising an error is right, too.
    least : float
        Differences are measured against the largest entry expected, and at least against this.
    """

    says: str
    group: str
    arguments: tuple[Any, ...]
    hyperparameters: dict[str, float] = field(default_factory=dict)
    precision: str = "f8"
    may_refuse: bool = False
    least: float = 1.0


@dataclass(frozen=True)
class _Regime:
    """A step far from the start, after some others.

    Attributes
    ----------
    says : str
        What is special about it.
    t : int
        When it is taken.
    gradients : tuple of float
        The size of those before it, and of its own.
    theta, lr : float
        The size of the parameters; what the learning rate is multiplied by.
    least : float
        As in `Probe`.
    """

    says: str
    t: int
    gradients: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    theta: float = 1.0
    lr: float = 1.0
    least: float = 1.0


_REGIMES: Final = (
    _Regime("t = 12", 12),
    _Regime("t = 137", 137),
    _Regime("t = 3000", 3000),
    _Regime("a zero gradient at t = 4", 4, (1.0, 1.0, 1.0, 0.0)),
    _Regime("large numbers at t = 2", 2, (1e3, 1e3), theta=1e3),
    _Regime("a long step at t = 5000", 5000, (1e-3, 1e-3, 1.0, 1.0), theta=50.0, lr=50.0),
    _Regime("tiny gradients at t = 900", 900, (1e-6, 1e-6, 1e-6, 1e-6), least=0.0),
)
"""What an optimizer meets in long use, and a few first steps with numbers near 1 don't show."""


def draw_hyperparameters(
    rng: np.random.Generator, reference: Recurrence[..., Any]
) -> dict[str, float]:
    """Draw a value for each hyperparameter, none of them near its default."""
    return {name: round(value, 3) for name, value in _draw(rng, reference, _RANGES, _DECAY).items()}


def draw_usual_hyperparameters(
    rng: np.random.Generator, reference: Recurrence[..., Any]
) -> dict[str, float]:
    """Draw a value for each hyperparameter, as they are in use, but for the learning rate."""
    drawn = _draw(rng, reference, _USUAL, _USUAL_DECAY)
    return {name: float(f"{value:.3g}") for name, value in drawn.items()}


def _draw(
    rng: np.random.Generator,
    reference: Recurrence[..., Any],
    ranges: Mapping[str, tuple[float, float]],
    decay: tuple[float, float],
) -> dict[str, float]:
    """Draw each hyperparameter from its range; what has none is a decay."""
    names = reference.hyperparameters
    return {name: float(rng.uniform(*ranges.get(name, decay))) for name in names}


def draw_gradients(rng: np.random.Generator, steps: int, shape: tuple[int, ...]) -> list[Array]:
    """Draw gradients of mixed signs with a zero and a repeated value in each but the first.

    The last entry stays so small that eps outweighs its root.
    """
    found = []
    for t in range(steps):
        g = rng.uniform(0.2, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
        flat = g.reshape(-1)
        flat[0], flat[1] = abs(flat[0]), -abs(flat[1])
        if t > 0:
            flat[t % flat.size] = 0.0
            flat[(t + 1) % flat.size] = flat[(t + 2) % flat.size]
        flat[-1] *= _SMALL_GRADIENT
        found.append(np.round(g, 3))
    return found


def draw_long_gradients(
    rng: np.random.Generator, steps: int, shape: tuple[int, ...]
) -> list[Array]:
    """Draw the gradients of a long run: once zero, for a while tiny, and large in the end.

    >>> [g.any() for g in draw_long_gradients(np.random.default_rng(0), 40, (2,))].index(False)
    13
    """
    size = (steps, *shape)
    factors = np.ones((steps,) + (1,) * len(shape))
    factors[13], factors[30:33], factors[-3:] = 0.0, 1e-9, 50.0
    found = rng.uniform(0.2, 2.0, size) * rng.choice([-1.0, 1.0], size)
    return list(np.round(found, 3) * factors + 0.0)  # no -0


def step_probes(reference: Recurrence[..., Any], seed: int) -> list[Probe]:
    """Draw the calls for a step function.

    They are two runs of the definition, steps far from the start, then other kinds of input.

    Parameters
    ----------
    reference : Recurrence
        The definition; it makes the state that each step starts from.
    seed : int
        From `seed_for`.

    Examples
    --------
    >>> from adamedu import adam
    >>> [probe.says for probe in step_probes(adam, 1)][:3]
    ['t = 1', 't = 2', 't = 3']
    """
    rng = np.random.default_rng(seed)
    probes: list[Probe] = []
    for steps, shape, words in ((5, (4,), "t = {}"), (3, (2, 3), "t = {} (matrices)")):
        hyper = draw_hyperparameters(rng, reference)
        theta: Any = np.round(rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape), 3)
        state: tuple[Any, ...] = tuple(np.zeros(shape) for _ in reference.state)
        for t, g in enumerate(draw_gradients(rng, steps, shape), start=1):
            probes.append(Probe(words.format(t), "values", (theta, g, t, *state), hyper))
            theta, state = returned(reference, probes[-1])
    last = probes[steps]
    arrays = [x for x in last.arguments if isinstance(x, np.ndarray)]
    scalars: list[Any] = [float(x.reshape(-1)[1]) for x in arrays]
    single: list[Any] = [x.astype(np.float32) for x in arrays]
    zeros = [np.array([0, 0, 0])] * len(reference.state)
    whole: list[Any] = [np.array([3, -2, 1]), np.array([2, 3, -4]), *zeros]
    for says, given, precision, may_refuse in (
        ("plain numbers", scalars, "f8", False),
        ("single precision", single, "f4", False),
        ("whole numbers", whole, "f8", True),
    ):
        arguments = (*given[:2], 1 if may_refuse else 2, *given[2:])
        probes.append(Probe(says, "inputs", arguments, last.hyperparameters, precision, may_refuse))
    probes += [_far_probe(reference, regime, rng) for regime in _REGIMES]
    return [*probes, replace(probes[0], says="t = 1 once more", group="again")]


def _far_probe(reference: Recurrence[..., Any], regime: _Regime, rng: np.random.Generator) -> Probe:
    """Draw a step of a regime: the definition makes the state from the gradients before it."""
    hyper = draw_usual_hyperparameters(rng, reference)
    hyper["lr"] = round(hyper["lr"] * regime.lr, 3)
    size = 4
    signs = rng.choice([-1.0, 1.0], size)
    theta: Any = np.round(rng.uniform(0.5, 2.0, size), 3) * regime.theta
    state: tuple[Any, ...] = tuple(np.zeros(size) for _ in reference.state)
    for t, factor in enumerate(regime.gradients, start=regime.t + 1 - len(regime.gradients)):
        g = np.round(rng.uniform(0.5, 1.5, size), 3) * signs * factor + 0.0  # no -0
        probe = Probe(regime.says, "regimes", (theta, g, t, *state), hyper, least=regime.least)
        theta, state = returned(reference, probe)
    return probe


def returned(reference: Recurrence[..., Any], probe: Probe) -> tuple[Any, tuple[Any, ...]]:
    """Take the step of a probe by the definition: the new parameters, and the new state."""
    return take(reference, probe.arguments, probe.hyperparameters)


def take(
    reference: Recurrence[..., Any], arguments: Sequence[Any], hyperparameters: Mapping[str, Any]
) -> tuple[Any, tuple[Any, ...]]:
    """Take a step by the definition: the new parameters, and the new state."""
    out = reference(*arguments, **hyperparameters)
    return (out[0], tuple(out[1:])) if reference.state else (out, ())
