"""A small network, in as many lines as the published checks need: layers that know their backward.

A layer takes its input and its parameters, and returns its output together with the function that
turns the gradient at the output into those at the input and at the parameters.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array: TypeAlias = npt.NDArray[Any]
Layer: TypeAlias = "Callable[..., tuple[Array, Callable[[Array], tuple[Array, ...]]]]"


def linear(x: Array, weight: Array, bias: Array) -> tuple[Array, Callable[[Array], Any]]:
    """Multiply rows by a weight of shape (inputs, outputs) and add a bias of shape (1, outputs)."""
    return x @ weight + bias, lambda d: (d @ weight.T, x.T @ d, d.sum(0, keepdims=True))


def relu(x: Array) -> tuple[Array, Callable[[Array], Any]]:
    """Replace what is negative by zero."""
    return np.maximum(x, 0), lambda d: (d * (x > 0),)


def normalized(
    x: Array, weight: Array, bias: Array, *, axis: int
) -> tuple[Array, Callable[[Array], Any]]:
    """Normalize over the batch (axis 0) or over the features (axis 1), then scale and shift."""
    spread = np.sqrt(x.var(axis, keepdims=True) + x.dtype.type(1e-5))
    normal = (x - x.mean(axis, keepdims=True)) / spread

    def backward(d: Array) -> tuple[Array, ...]:
        inner = d * weight
        shift = inner.mean(axis, keepdims=True)
        tilt = normal * (inner * normal).mean(axis, keepdims=True)
        scale = (d * normal).sum(0, keepdims=True)
        return (inner - shift - tilt) / spread, scale, d.sum(0, keepdims=True)

    return normal * weight + bias, backward


def cross_entropy(scores: Array, labels: Array) -> tuple[Any, Array]:
    """Return the mean loss of a batch and its gradient at the scores."""
    rows = np.arange(len(labels))
    powers = np.exp(scores - scores.max(1, keepdims=True))
    chances = powers / powers.sum(1, keepdims=True)
    gradient = chances.copy()
    gradient[rows, labels] -= 1
    return -np.log(chances[rows, labels]).mean(), gradient / len(labels)


def loss_and_gradients(
    layers: Sequence[tuple[Layer, int]], parameters: Sequence[Array], x: Array, labels: Array
) -> tuple[Any, list[Array]]:
    """Return the loss of a batch and its gradient at every parameter.

    Parameters
    ----------
    layers : sequence of (callable, int)
        Each layer and how many parameters it has.
    parameters : sequence of ndarray
        Those of the first layer, then those of the next, …
    x, labels : ndarray
        One row per example, and its class.

    >>> ones = np.ones((2, 2)), np.zeros((1, 2))
    >>> loss, (weight, bias) = loss_and_gradients([(linear, 2)], ones, np.eye(2), np.array([0, 1]))
    >>> bool(np.isclose(loss, np.log(2)))
    True
    >>> weight
    array([[-0.25,  0.25],
           [ 0.25, -0.25]])
    """
    rest = iter(parameters)
    backwards = []
    for layer, count in layers:
        x, backward = layer(x, *itertools.islice(rest, count))
        backwards.append(backward)
    loss, gradient = cross_entropy(x, labels)
    gradients: list[Array] = []
    for backward in reversed(backwards):
        gradient, *own = backward(gradient)
        gradients[:0] = own
    return loss, gradients
