"""Every optimizer against numbers that owe nothing to this package.

They were derived by hand (`oracles/by_hand.py`), or recorded from PyTorch and optax by
`oracles/record.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adamedu.optimizers import LADDER
from tests.oracles.by_hand import DERIVED
from tests.support.replay import replay

ORACLES = Path(__file__).parent / "oracles"
OPTIMIZERS = {optimizer.name: optimizer for optimizer in LADDER}
every_optimizer = pytest.mark.parametrize("optimizer", LADDER, ids=lambda o: o.name)


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
    """A new rung of the ladder needs its own row by hand, which says where it is recorded."""
    assert set(DERIVED) == set(OPTIMIZERS)
    for library in ("pytorch", "optax"):
        ours = {name for name, row in DERIVED.items() if library in row.recorded_from}
        assert {row["optimizer"] for row in recorded(library)} == ours


@every_optimizer
def test_three_steps_equal_those_derived_by_hand(optimizer):
    """Theta and every state, at t = 1, 2, 3."""
    hyper, start, gradients, after, _ = DERIVED[optimizer.name]
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
