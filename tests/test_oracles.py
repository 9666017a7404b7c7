"""Every optimizer against numbers that owe nothing to this package.

They were derived by hand, or recorded from PyTorch and optax by `oracles/record.py`.
"""

from __future__ import annotations

import json
from fractions import Fraction as F  # noqa: N817  (the hand derivations read as fractions)
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from adamedu.optimizers import LADDER
from tests.support.replay import replay

if TYPE_CHECKING:
    from collections.abc import Sequence

ORACLES = Path(__file__).parent / "oracles"
OPTIMIZERS = {optimizer.name: optimizer for optimizer in LADDER}
every_optimizer = pytest.mark.parametrize("optimizer", LADDER, ids=lambda o: o.name)


class Derivation(NamedTuple):
    """What a few steps give, worked out on paper."""

    hyper: dict[str, F]
    start: F
    gradients: Sequence[F | int]
    after: dict[str, Sequence[F | int]]


# Gradients and decay rates are chosen so that every root is rational, and eps = 1 so that its
# place shows. Each line of a derivation reads from left to right: t = 1; t = 2; t = 3.
DERIVED = {
    # so theta = 1 - 3/2; -1/2 + 4/2; 3/2 - 5/2
    "gd": Derivation(
        hyper={"lr": F(1, 2)},
        start=F(1),
        gradients=(3, -4, 5),
        after={"theta": (F(-1, 2), F(3, 2), -1)},
    ),
    # m = 4/4; 3/4 * 1 - 8/4; 3/4 * -5/4 + 12/4 = -15/16 + 48/16
    # so theta = 2 - 1/2; 3/2 + 5/8; 17/8 - 33/32
    "momentum": Derivation(
        hyper={"lr": F(1, 2), "beta": F(3, 4)},
        start=F(2),
        gradients=(4, -8, 12),
        after={
            "theta": (F(3, 2), F(17, 8), F(35, 32)),
            "m": (1, F(-5, 4), F(33, 16)),
        },
    ),
    # m as for momentum
    # 3/4 m + 1/4 g = 3/4 + 1 = 7/4; -15/16 - 2 = -47/16; 99/64 + 3 = 291/64
    # so theta = 2 - 7/8; 9/8 + 47/32; 83/32 - 291/128
    "nesterov": Derivation(
        hyper={"lr": F(1, 2), "beta": F(3, 4)},
        start=F(2),
        gradients=(4, -8, 12),
        after={
            "theta": (F(9, 8), F(83, 32), F(41, 128)),
            "m": (1, F(-5, 4), F(33, 16)),
        },
    ),
    # v = 3^2; 3^2 + 4^2 = 5^2; 5^2 + 12^2 = 13^2, so sqrt(v) + 1 = 4, 6, 14
    # so theta = 2 - 1/2 * 3/4; 13/8 + 1/2 * 4/6; 47/24 - 1/2 * 12/14
    "adagrad": Derivation(
        hyper={"lr": F(1, 2), "eps": F(1)},
        start=F(2),
        gradients=(3, -4, 12),
        after={
            "theta": (F(13, 8), F(47, 24), F(257, 168)),
            "v": (9, 25, 169),
        },
    ),
    # rho = (3/5)^2 and 1 - rho = (4/5)^2, so v = (3/5 old root)^2 + (4/5 g)^2:
    # v = 0 + 4^2; (12/5)^2 + (9/5)^2 = 3^2; (9/5)^2 + 8^2 = (41/5)^2, sqrt(v) + 1 = 5, 4, 46/5
    # so theta = 2 - 1/2 * 5/5; 3/2 + 1/2 * 9/16; 57/32 - 1/2 * 50/46
    "rmsprop": Derivation(
        hyper={"lr": F(1, 2), "rho": F(9, 25), "eps": F(1)},
        start=F(2),
        gradients=(5, F(-9, 4), 10),
        after={
            "theta": (F(3, 2), F(57, 32), F(911, 736)),
            "v": (16, 9, F(1681, 25)),
        },
    ),
    # m = 5/4; 15/16 - 1/4 = 11/16; 33/64 + 17/4 = 305/64
    # 1 - (3/4)^t = 1/4, 7/16, 37/64, so m_hat = 5, 11/7, 305/37
    # v = 25/2; 25/4 + 1/2 = 27/4; 27/8 + 289/2 = 1183/8
    # 1 - (1/2)^t = 1/2, 3/4, 7/8, so v_hat = 25, 9, 169 and sqrt(v_hat) + 1 = 6, 4, 14
    # so theta = 2 - 1/2 * 5/6; 19/12 - 1/2 * 11/28; 233/168 - 1/2 * 305/518
    "adam": Derivation(
        hyper={"lr": F(1, 2), "beta1": F(3, 4), "beta2": F(1, 2), "eps": F(1)},
        start=F(2),
        gradients=(5, -1, 17),
        after={
            "theta": (F(19, 12), F(233, 168), F(6791, 6216)),
            "m": (F(5, 4), F(11, 16), F(305, 64)),
            "v": (F(25, 2), F(27, 4), F(1183, 8)),
        },
    ),
    # m = 15/2; 15/4 - 7/2 = 1/4; 1/8 + 9 = 73/8
    # 1 - (1/2)^t = 1/2, 3/4, 7/8, so m_hat = 15, 1/3, 73/7
    # v = 1575/16; (14175 + 5488)/256 = 19663/256; (176967 + 580608)/4096 = 757575/4096
    # The second is the smaller: v_max = 1575/16, 1575/16, 757575/4096
    # 1 - (9/16)^t = 7/16, 175/256, 3367/4096, so v_hat = 15^2, 12^2, 15^2; + 1: 16, 13, 16
    # so theta = 2 - 1/2 * 15/16; 49/32 - 1/2 * 1/39; 1895/1248 - 1/2 * 73/112
    "amsgrad": Derivation(
        hyper={"lr": F(1, 2), "beta1": F(1, 2), "beta2": F(9, 16), "eps": F(1)},
        start=F(2),
        gradients=(15, -7, 18),
        after={
            "theta": (F(49, 32), F(1895, 1248), F(5209, 4368)),
            "m": (F(15, 2), F(1, 4), F(73, 8)),
            "v": (F(1575, 16), F(19663, 256), F(757575, 4096)),
            "v_max": (F(1575, 16), F(1575, 16), F(757575, 4096)),
        },
    ),
    # m, v and what is subtracted as for adam; before, theta shrinks by 1 - 1/2 * 1/5 = 9/10,
    # so theta = 9/10 * 2 - 5/12; 9/10 * 83/60 - 11/56; 9/10 * 367/350 - 305/1036
    "adamw": Derivation(
        hyper={
            "lr": F(1, 2),
            "beta1": F(3, 4),
            "beta2": F(1, 2),
            "eps": F(1),
            "weight_decay": F(1, 5),
        },
        start=F(2),
        gradients=(5, -1, 17),
        after={
            "theta": (F(83, 60), F(367, 350), F(42043, 64750)),
            "m": (F(5, 4), F(11, 16), F(305, 64)),
            "v": (F(25, 2), F(27, 4), F(1183, 8)),
        },
    ),
}


def recorded(library: str) -> list[dict[str, Any]]:
    """Read a library's trajectories."""
    text = (ORACLES / f"{library}.json").read_text(encoding="utf-8")
    return [{"library": library, **row} for row in json.loads(text)["trajectories"]]


SEQUENCES = json.loads((ORACLES / "gradients.json").read_text(encoding="utf-8"))
RECORDED = recorded("pytorch") + recorded("optax")


def label(row: dict[str, Any]) -> str:
    """Name a trajectory in the test report."""
    hyper = ",".join(f"{name}={value:g}" for name, value in row["hyperparameters"].items())
    return f"{row['library']}-{row['optimizer']}-{row['sequence']}-{hyper}"


def test_no_optimizer_is_without_its_oracles():
    """A new rung of the ladder needs its own row of each."""
    assert set(DERIVED) == set(OPTIMIZERS)
    for library in ("pytorch", "optax"):
        assert {row["optimizer"] for row in recorded(library)} == set(OPTIMIZERS)


@every_optimizer
def test_three_steps_equal_those_derived_by_hand(optimizer):
    """Theta and every state, at t = 1, 2, 3."""
    hyper, start, gradients, after = DERIVED[optimizer.name]
    run = replay(
        optimizer,
        float(start),
        [float(g) for g in gradients],
        **{name: float(value) for name, value in hyper.items()},
    )
    assert set(run) == set(after)
    for name, values in after.items():
        expected = [float(value) for value in values]
        np.testing.assert_allclose(run[name], expected, rtol=1e-14, atol=0, err_msg=name)


@pytest.mark.parametrize("row", RECORDED, ids=label)
def test_trajectories_equal_the_recorded_ones(row):
    """At float64, max |a - b| <= 1e-12 max |b|."""
    sequence = SEQUENCES[row["sequence"]]
    run = replay(
        OPTIMIZERS[row["optimizer"]],
        sequence["start"],
        np.array(sequence["gradients"]),
        **row["hyperparameters"],
    )
    ours = run["theta"][np.array(row["steps"]) - 1]
    theirs = np.array(row["parameters"])
    assert np.max(np.abs(ours - theirs)) <= 1e-12 * np.max(np.abs(theirs))


@every_optimizer
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 4)], ids=str)
def test_a_step_keeps_shape_and_dtype_and_leaves_its_inputs_alone(optimizer, dtype, shape):
    """Hyperparameters are Python floats; the inputs are read-only."""
    rng = np.random.default_rng(3)
    inputs = [rng.uniform(0.5, 2, shape).astype(dtype) for _ in range(2 + len(optimizer.state))]
    for array in inputs:
        array.flags.writeable = False
    theta, g, *state = inputs
    hyper = {name: float(value) for name, value in DERIVED[optimizer.name].hyper.items()}
    result = optimizer(theta, g, 2, *state, **hyper)
    for output in result if state else (result,):
        assert output.shape == shape
        assert output.dtype == dtype
        assert not any(np.shares_memory(output, array) for array in inputs)
