"""Ways to walk downhill, measured in a process of their own: ``python walkers.py``.

It answers requests, a line of JSON each: which ``way``, which optimizer with which ``settings``, on
which surface (its expressions as text), from where, for how many steps. The answer is the time
that the processor took, without what is done once (compiling), and where the walk ended. Nothing is
imported but what a way itself needs, so that any Python which has it can run this file; what
PyTorch's and optax's optimizers are called is read from the recorder of the tests' oracles.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


def adamedu_loop(asked: dict[str, Any]) -> Callable[[], Any]:
    """`descend`, with its whole record."""
    from adamedu import descend, optimizers, surfaces

    def walk() -> Any:
        return descend(
            optimizers.optimizer(asked["optimizer"]),
            surfaces.ALL[asked["surface"]],
            start=asked["start"],
            steps=asked["steps"],
            **asked["settings"],
        ).theta[-1]

    return walk


def adamedu_map(asked: dict[str, Any]) -> Callable[[], Any]:
    """`descend` from many starts, without a record."""
    from adamedu import descend, optimizers, surfaces

    starts = grid(asked)

    def walk() -> Any:
        return descend(
            optimizers.optimizer(asked["optimizer"]),
            surfaces.ALL[asked["surface"]],
            start=starts,
            steps=asked["steps"],
            record=False,
            **asked["settings"],
        ).theta[-1]

    return walk


def torch_loop(asked: dict[str, Any]) -> Callable[[], Any]:
    """PyTorch as it is used: the loss, ``backward``, the step."""
    return _torch(asked, asked["start"])


def torch_map(asked: dict[str, Any]) -> Callable[[], Any]:
    """One PyTorch optimizer over all starts; the sum of the losses has all their gradients."""
    return _torch(asked, grid(asked))


def _torch(asked: dict[str, Any], start: Any) -> Callable[[], Any]:
    import torch

    build = _own(_recorder().PYTORCH, asked)
    loss = compiled(asked, asked["loss"])

    def walk() -> Any:
        theta = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        optimizer = build([theta], **asked["settings"])
        for _ in range(asked["steps"]):
            optimizer.zero_grad()
            loss(*theta.unbind(-1)).sum().backward()
            optimizer.step()
        return theta.detach()

    return walk


def torch_given(asked: dict[str, Any]) -> Callable[[], Any]:
    """PyTorch's step alone, its gradient written down as ours is: no ``backward``."""
    import torch

    build = _own(_recorder().PYTORCH, asked)
    slopes = compiled(asked, f"[{', '.join(asked['slopes'])}]")

    def walk() -> Any:
        theta = torch.tensor(asked["start"], dtype=torch.float64)
        optimizer = build([theta], **asked["settings"])
        for _ in range(asked["steps"]):
            theta.grad = torch.stack(slopes(*theta.unbind()))
            optimizer.step()
        return theta

    return walk


def optax_loop(asked: dict[str, Any]) -> Callable[[], Any]:
    """Optax with each step compiled, in a loop of Python."""
    import jax

    start, step = _optax(asked)
    once = jax.jit(step)

    def walk() -> Any:
        theta, state = start(asked["start"])
        for _ in range(asked["steps"]):
            theta, state = once(theta, state)
        return theta.block_until_ready()

    return walk


def optax_whole(asked: dict[str, Any]) -> Callable[[], Any]:
    """Optax with the whole loop compiled; nothing is recorded on the way."""
    return _optax_compiled(asked, asked["start"], lambda walk: walk)


def optax_map(asked: dict[str, Any]) -> Callable[[], Any]:
    """Optax with the whole loop compiled, and mapped over all starts."""
    import jax

    return _optax_compiled(asked, grid(asked), jax.vmap)


def _optax_compiled(
    asked: dict[str, Any], start: Any, mapped: Callable[[Any], Any]
) -> Callable[[], Any]:
    import jax

    begin, step = _optax(asked)

    def run(theta: Any) -> Any:
        return jax.lax.fori_loop(0, asked["steps"], lambda _, now: step(*now), begin(theta))[0]

    whole = jax.jit(mapped(run))
    return lambda: whole(jax.numpy.asarray(start)).block_until_ready()


def _optax(asked: dict[str, Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    import jax

    jax.config.update("jax_enable_x64", val=True)
    rule = _own(_recorder().OPTAX, asked)(**asked["settings"])
    loss = compiled(asked, asked["loss"])
    gradient = jax.grad(lambda theta: loss(*theta))

    def begin(start: Any) -> tuple[Any, Any]:
        theta = jax.numpy.asarray(start)
        return theta, rule.init(theta)

    def step(theta: Any, state: Any) -> tuple[Any, Any]:
        update, state = rule.update(gradient(theta), state, theta)
        return theta + update, state

    return begin, step


def keras_loop(asked: dict[str, Any]) -> Callable[[], Any]:
    """Keras with PyTorch below it: the loss, ``backward``, the step."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    keras.config.set_floatx("float64")
    of, given = keras.optimizers, asked["settings"]
    lr, eps = given["lr"], given.get("eps")
    beta = given.get("beta", 0.0)
    betas = {"beta_1": given.get("beta1"), "beta_2": given.get("beta2"), "epsilon": eps}
    rules: dict[str, Callable[[], Any]] = {
        "gd": lambda: of.SGD(lr),
        "momentum": lambda: of.SGD(lr * (1 - beta), beta),
        "nesterov": lambda: of.SGD(lr * (1 - beta), beta, nesterov=True),
        "adagrad": lambda: of.Adagrad(lr, 0.0, eps),
        "rmsprop": lambda: of.RMSprop(lr, given["rho"], epsilon=eps),
        "adam": lambda: of.Adam(lr, **betas),
        "amsgrad": lambda: of.Adam(lr, amsgrad=True, **betas),
        "adamw": lambda: of.AdamW(lr, given["weight_decay"], **betas),
        "adamax": lambda: of.Adamax(lr, **betas),
    }
    rule_of = _own(rules, asked)
    loss = compiled(asked, asked["loss"])

    def walk() -> Any:
        theta = keras.Variable(asked["start"], dtype="float64")
        rule = rule_of()
        for _ in range(asked["steps"]):
            theta.value.grad = None
            loss(*theta.value.unbind()).backward()
            rule.apply([theta.value.grad], [theta])
        return theta.numpy()

    return walk


def grid(asked: dict[str, Any]) -> Any:
    """Return starts all over the domain, shape (side * side, 2)."""
    import numpy as np

    axes = [np.linspace(low, high, asked["side"]) for low, high in asked["domain"]]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, len(axes))


def compiled(asked: dict[str, Any], text: str) -> Callable[..., Any]:
    """Make a function of the coordinates from an expression, for any library's numbers."""
    function: Callable[..., Any] = eval(f"lambda {', '.join(asked['names'])}: {text}")  # noqa: S307
    return function


def _own(rules: Mapping[str, Callable[..., T]], asked: dict[str, Any]) -> Callable[..., T]:
    """Find a library's own optimizer: one that it lacks is missing, as a whole library may be."""
    name = asked["optimizer"]
    if name not in rules:
        raise ImportError(name=name)
    return rules[name]


def _recorder() -> Any:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests/oracles"))
    try:
        import record  # type: ignore[import-not-found]
    finally:
        del sys.path[0]
    return record


WAYS: dict[str, Callable[[dict[str, Any]], Callable[[], Any]]] = {
    "adamedu": adamedu_loop,
    "torch": torch_loop,
    "torch, gradient given": torch_given,
    "optax, jit each step": optax_loop,
    "optax, jit the loop": optax_whole,
    "keras": keras_loop,
    "adamedu, map": adamedu_map,
    "torch, map": torch_map,
    "optax, map": optax_map,
}


def answer(asked: dict[str, Any], ready: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Walk once as asked; make ready what isn't yet."""
    key = json.dumps(asked, sort_keys=True)
    try:
        if key not in ready:
            ready[key] = WAYS[asked["way"]](asked)
            ready[key]()
    except ImportError as error:
        return {"missing": error.name}
    start = time.process_time()
    end = ready[key]()
    seconds = time.process_time() - start
    return {"seconds": seconds, "end": end.tolist() if end.ndim == 1 else end[::997].tolist()}


def main() -> None:
    """Answer line by line until there are no more."""
    ready: dict[str, Callable[[], Any]] = {}
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), ready)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
