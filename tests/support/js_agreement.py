"""The generated JavaScript walks where NumPy walks, whatever runs it."""

import numpy as np
import pytest

from adamedu import descend, surfaces
from adamedu.optimizers import LADDER
from adamedu.playgrounds.javascript import javascript

LADDERED = pytest.mark.parametrize("optimizer", LADDER, ids=lambda optimizer: optimizer.name)
EVERY = pytest.mark.parametrize("landscape", surfaces.ALL.values(), ids=surfaces.ALL)
STEPS = 200

WALK = """
const step = eval(`(${given.step})`), surface = eval(`(${given.surface})`);
let theta = given.start, state = theta.map(() => given.state.map(() => 0));
const path = [theta];
for (let t = 1; t <= given.steps; t++) {
  const [, slope] = surface(...theta);
  const g = slope.map((x, i) => x + given.noise[t - 1][i]);
  const taken = theta.map((x, i) => step(x, g[i], t, ...state[i], ...given.settings));
  theta = taken.map((results) => results[0]);
  state = taken.map((results) => results.slice(1, -1));
  path.push(theta);
}
return path;
"""


def walked(run, optimizer, landscape, steps=STEPS, **hyperparameters):
    """Both paths: the one that ``run(body, given)`` makes in JavaScript, and NumPy's."""
    trace = descend(optimizer, landscape, steps=steps, **hyperparameters)
    path = run(WALK, {
        "step": javascript(optimizer),
        "surface": javascript(landscape),
        "start": landscape.start,
        "state": trace.optimizer.state,
        "steps": steps,
        "noise": landscape.noise_rows(steps).tolist(),
        "settings": list(trace.hyperparameters.values()),
    })  # fmt: skip
    return np.array(path), trace.theta


def assert_agreement(run, optimizer, landscape):
    """At the surface's own rate: 200 steps, nowhere further apart than 1e-9 of the farthest."""
    path, theta = walked(run, optimizer, landscape, lr=landscape.rates[optimizer.name])
    assert path.shape == theta.shape == (STEPS + 1, landscape.dimension)
    assert np.abs(path - theta).max() <= 1e-9 * np.abs(theta).max()
