"""Record what PyTorch and optax do at float64: the oracles of tests/test_oracles.py.

In an environment of its own, from the root of the clone:

    pip install torch==2.13.0 jax==0.10.2 jaxlib==0.10.2 optax==0.2.8 numpy==2.4.6
    python tests/oracles/record.py

Running it again writes the same bytes; on another processor some rows differ in a last digit.
Floats are written with `repr`, so they read back exactly.

- `gradients.json`: per sequence the start and the gradients, one per step.
- `pytorch.json`, `optax.json`: the versions, then one trajectory per line: the optimizer and its
  hyperparameters under this project's names, the sequence, the recorded steps, and the parameters
  after each of them.

Both libraries run their own optimizers. Six conventions are translated:

- momentum and nesterov: both libraries add the whole gradient to the buffer where this project
  adds (1 - beta) of it, so they get the rate lr * (1 - beta), dampening 0.
- optax's adagrad and rmsprop: the accumulator starts at 0, and eps is outside the root in rmsprop.
  In adagrad it can only stand inside, so that one is recorded with eps = 0.
- optax's amsgrad takes its maximum over the corrected v_hat. It is recorded without its
  correction, which the learning rate's schedule then supplies; that is exact for eps = 0.
- Both libraries add adamax's eps to the gradient's size, within the maximum; here it stands
  outside. It is recorded with eps = 0.
- PyTorch's nadam lets beta1 grow step by step, so that one is recorded from optax alone.
- eps = 0 is left out where the first gradient holds a zero: 0/0.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Sequence = tuple[NDArray[np.float64], NDArray[np.float64]]

HERE = Path(__file__).parent
SEED = 2015

# Two sets each: common defaults, then values at which every mistake shows.
HYPERPARAMETERS: dict[str, list[dict[str, float]]] = {
    "gd": [{"lr": 0.01}, {"lr": 0.3}],
    "momentum": [{"lr": 0.01, "beta": 0.9}, {"lr": 0.3, "beta": 0.6}],
    "nesterov": [{"lr": 0.01, "beta": 0.9}, {"lr": 0.3, "beta": 0.6}],
    "adagrad": [{"lr": 0.01, "eps": 1e-8}, {"lr": 0.3, "eps": 0.05}],
    "rmsprop": [{"lr": 0.001, "rho": 0.9, "eps": 1e-8}, {"lr": 0.3, "rho": 0.7, "eps": 0.05}],
    "adam": [
        {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        {"lr": 0.3, "beta1": 0.6, "beta2": 0.85, "eps": 0.05},
    ],
}
for relative in ("amsgrad", "adamax", "nadam"):
    HYPERPARAMETERS[relative] = HYPERPARAMETERS["adam"]
HYPERPARAMETERS["adamw"] = [
    {**hyper, "weight_decay": decay}
    for hyper, decay in zip(HYPERPARAMETERS["adam"], (0.01, 0.2), strict=True)
]

PYTORCH: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "gd": torch.optim.SGD,
    "momentum": lambda p, lr, beta: torch.optim.SGD(p, lr=lr * (1 - beta), momentum=beta),
    "nesterov": lambda p, lr, beta: torch.optim.SGD(
        p, lr=lr * (1 - beta), momentum=beta, nesterov=True
    ),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": lambda p, lr, rho, eps: torch.optim.RMSprop(p, lr=lr, alpha=rho, eps=eps),
    "adam": lambda p, lr, beta1, beta2, eps: torch.optim.Adam(
        p, lr=lr, betas=(beta1, beta2), eps=eps
    ),
    "amsgrad": lambda p, lr, beta1, beta2, eps: torch.optim.Adam(
        p, lr=lr, betas=(beta1, beta2), eps=eps, amsgrad=True
    ),
    "adamw": lambda p, lr, beta1, beta2, eps, weight_decay: torch.optim.AdamW(
        p, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay
    ),
    "adamax": lambda p, lr, beta1, beta2, eps: torch.optim.Adamax(
        p, lr=lr, betas=(beta1, beta2), eps=eps
    ),
}
PYTORCH_WITHOUT_EPS = {"adamax"}


def optax_amsgrad(
    lr: float, beta1: float, beta2: float, eps: float
) -> optax.GradientTransformation:
    """Optax's AMSGrad with its maximum over v, corrected through the learning rate."""

    def corrected(count: jax.Array) -> jax.Array:
        t = count + 1
        return lr * jnp.sqrt(1 - beta2**t) / (1 - beta1**t)

    return optax.chain(
        optax.scale_by_amsgrad(
            beta1, beta2, eps, bias_correction_mu=False, bias_correction_nu=False
        ),
        optax.scale_by_learning_rate(corrected),
    )


OPTAX: dict[str, Callable[..., optax.GradientTransformation]] = {
    "gd": lambda lr: optax.sgd(learning_rate=lr),
    "momentum": lambda lr, beta: optax.sgd(lr * (1 - beta), momentum=beta),
    "nesterov": lambda lr, beta: optax.sgd(lr * (1 - beta), momentum=beta, nesterov=True),
    "adagrad": lambda lr, eps: optax.adagrad(lr, initial_accumulator_value=0.0, eps=eps),
    "rmsprop": lambda lr, rho, eps: optax.rmsprop(lr, decay=rho, eps=eps, eps_in_sqrt=False),
    "adam": lambda lr, beta1, beta2, eps: optax.adam(lr, b1=beta1, b2=beta2, eps=eps),
    "amsgrad": optax_amsgrad,
    "adamw": lambda lr, beta1, beta2, eps, weight_decay: optax.adamw(
        lr, b1=beta1, b2=beta2, eps=eps, weight_decay=weight_decay
    ),
    "adamax": lambda lr, beta1, beta2, eps: optax.adamax(lr, b1=beta1, b2=beta2, eps=eps),
    "nadam": lambda lr, beta1, beta2, eps: optax.nadam(lr, b1=beta1, b2=beta2, eps=eps),
}
OPTAX_WITHOUT_EPS = {"adagrad", "amsgrad", "adamax"}


def sequences() -> dict[str, Sequence]:
    """Return starts and gradients, chosen so that no mistake can hide."""
    rng = np.random.default_rng(SEED)

    def normal(*shape: int) -> NDArray[np.float64]:
        return np.round(rng.normal(size=shape), 4)

    t = np.arange(12)[:, None]
    gradients = {
        "scalar": normal(8),
        "smooth": np.round(0.85**t * np.cos(t * np.array([0.2, 0.5, 1.1])), 4),
        "mixed": normal(12, 3),
        "zeros": normal(12, 4) * (rng.random((12, 4)) < 0.5) * np.array([1, 1, 1, 0]),
        "repeated": np.repeat(rng.choice([-2.0, -0.5, 0.25, 2.0], size=(4, 3)), 3, axis=0),
        "growing": normal(10, 2) * 1.7 ** np.arange(10)[:, None],
        "large": normal(10, 2) * 1e6,
        "small": normal(10, 2) * 1e-6,
        "sparse": normal(20, 6) * (np.arange(20)[:, None] % 6 == np.arange(6)),
        "matrix": normal(8, 2, 3),
        "tensor": normal(6, 2, 1, 4),
        "long": normal(200, 2),
    }
    return {name: (normal(*g.shape[1:]), g) for name, g in gradients.items()}


def recorded_steps(total: int) -> list[int]:
    """Return the steps to record: all of a short run, every tenth of a long one."""
    every = max(1, total // 20)
    return list(range(every, total + 1, every))


def run_pytorch(
    build: Callable[..., torch.optim.Optimizer], sequence: Sequence, hyper: dict[str, float]
) -> Iterator[Any]:
    """Yield the parameters after each of PyTorch's steps."""
    start, gradients = sequence
    theta = torch.tensor(start, dtype=torch.float64)
    optimizer = build([theta], **hyper)
    for gradient in gradients:
        theta.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        yield theta.tolist()


def run_optax(
    build: Callable[..., optax.GradientTransformation],
    sequence: Sequence,
    hyper: dict[str, float],
) -> Iterator[Any]:
    """Yield the parameters after each of optax's steps."""
    start, gradients = sequence
    optimizer = build(**hyper)
    theta = jnp.asarray(start, dtype=jnp.float64)
    state = optimizer.init(theta)
    for gradient in gradients:
        update, state = optimizer.update(jnp.asarray(gradient, jnp.float64), state, theta)
        theta = optax.apply_updates(theta, update)
        yield theta.tolist()


def trajectories(
    run: Callable[..., Iterator[Any]],
    builders: dict[str, Callable[..., Any]],
    data: dict[str, Sequence],
    without_eps: set[str],
) -> Iterator[dict[str, Any]]:
    """Yield one record per optimizer, set of hyperparameters and sequence."""
    for optimizer, build in builders.items():
        for common in HYPERPARAMETERS[optimizer]:
            hyper = {**common, "eps": 0.0} if optimizer in without_eps else common
            for name, sequence in data.items():
                if hyper.get("eps") == 0.0 and not np.all(sequence[1][0]):
                    continue
                parameters = list(run(build, sequence, hyper))
                steps = recorded_steps(len(parameters))
                yield {
                    "optimizer": optimizer,
                    "hyperparameters": hyper,
                    "sequence": name,
                    "steps": steps,
                    "parameters": [parameters[step - 1] for step in steps],
                }


def write(name: str, head: str, rows: list[str], tail: str) -> None:
    """Write one row per line, whole or not at all."""
    path = HERE / name
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(head + "\n" + ",\n".join(rows) + "\n" + tail + "\n", encoding="utf-8")
    unfinished.replace(path)


def main() -> None:
    """Write the three files."""
    jax.config.update("jax_enable_x64", val=True)
    data = sequences()
    write(
        "gradients.json",
        "{",
        [
            f"{json.dumps(name)}: "
            + json.dumps({"start": start.tolist(), "gradients": gradients.tolist()})
            for name, (start, gradients) in data.items()
        ],
        "}",
    )
    numpy_version = {"numpy": np.__version__}
    for name, versions, rows in (
        (
            "pytorch.json",
            {"torch": torch.__version__},
            trajectories(run_pytorch, PYTORCH, data, PYTORCH_WITHOUT_EPS),
        ),
        (
            "optax.json",
            {"optax": optax.__version__, "jax": jax.__version__},
            trajectories(run_optax, OPTAX, data, OPTAX_WITHOUT_EPS),
        ),
    ):
        head = f'{{"versions": {json.dumps(versions | numpy_version)}, "trajectories": ['
        write(name, head, [json.dumps(row) for row in rows], "]}")


if __name__ == "__main__":
    main()
