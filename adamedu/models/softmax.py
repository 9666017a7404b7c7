"""Softmax regression: a linear model that gives every class a probability, as an objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from adamedu.core.errors import ArgumentError, is_whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from adamedu.core.descent import Objective


@dataclass(frozen=True, eq=False, repr=False)
class SoftmaxRegression:
    """The mean cross-entropy of softmax regression on some data, to be handed to `descend`.

    The parameters are the weights, one for each feature and class, as one flat array of
    ``d = features * classes`` numbers; a feature that is always 1 makes a bias. With two classes it
    is logistic regression.

    Attributes
    ----------
    features : ndarray of float, shape (n, f)
        One row for each example.
    labels : ndarray of int, shape (n,)
        The class of each example, counted from 0.
    classes : int
        How many classes there are.

    Raises
    ------
    ArgumentError
        When the features and labels don't fit each other or the number of classes.

    Examples
    --------
    >>> from adamedu import descend, gd
    >>> model = SoftmaxRegression(np.array([[1.0], [-1.0]]), np.array([0, 1]), classes=2)
    >>> descend(gd, model, steps=10, lr=1.0)
    <gd on softmax regression: 10 steps, loss 0.6931 -> 0.04742, ends at (1.512, -1.512)>
    """

    features: NDArray[Any]
    labels: NDArray[np.int_]
    classes: int

    name = "softmax regression"

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or len(self.features) != len(self.labels):  # noqa: PLR2004
            raise ArgumentError(
                f"features of shape {self.features.shape} don't fit {len(self.labels)} labels: "
                "they need one row for each"
            )
        if not len(self.labels):
            raise ArgumentError("there are no examples to learn from")
        low, high = self.labels.min(), self.labels.max()
        if not 0 <= low <= high < self.classes:
            raise ArgumentError(
                f"labels of {self.classes} classes are 0 to {self.classes - 1}; "
                f"these are {low} to {high}"
            )

    @property
    def start(self) -> NDArray[Any]:
        """All weights zero, shape (d,): every class is equally probable."""
        return np.zeros(self.features.shape[1] * self.classes, self.features.dtype)

    def __call__(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the losses in nats, shape (...), for parameters of shape (..., d)."""
        logits = self.logits(theta)
        right = np.take_along_axis(logits, self._column(logits), -1)[..., 0]
        return np.asarray((_log_sum(logits) - right).mean(-1))

    def gradient(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the gradients, of the parameters' shape (..., d)."""
        logits = self.logits(theta)
        excess = np.exp(logits - _log_sum(logits)[..., None])
        column = self._column(excess)
        np.put_along_axis(excess, column, np.take_along_axis(excess, column, -1) - 1, -1)
        slopes = self.features.T @ excess / len(self.labels)
        return np.asarray(slopes.reshape(np.shape(theta)))

    def accuracy(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the share of examples whose most probable class is the right one, shape (...)."""
        return np.asarray((self.logits(theta).argmax(-1) == self.labels).mean(-1))

    def logits(self, theta: ArrayLike) -> NDArray[Any]:
        """Return a number for each example and class, shape (..., n, classes).

        Raises
        ------
        ArgumentError
            When the parameters are not one for each feature and class.
        """
        weights = np.asarray(theta)
        wanted = self.features.shape[1] * self.classes
        if weights.shape[-1:] != (wanted,):
            raise ArgumentError(
                f"{self.features.shape[1]} features and {self.classes} classes need {wanted} "
                f"parameters along the last axis, not shape {weights.shape}"
            )
        table = weights.reshape(*weights.shape[:-1], -1, self.classes)
        return np.asarray(self.features @ np.ascontiguousarray(table))  # or BLAS is not used

    def _column(self, logits: NDArray[Any]) -> NDArray[np.int_]:
        return np.broadcast_to(self.labels[:, None], (*logits.shape[:-1], 1))


class Minibatches:
    """A model whose gradient comes from a few examples at a time, in a shuffled order.

    Each call of `gradient` takes the next examples; when too few are left, all are shuffled anew.
    So make a new one for each run: the same seed gives the same batches. A sweep shares them.

    Parameters
    ----------
    model : SoftmaxRegression
        The model with all examples.
    size : int
        How many examples a gradient is the mean over.
    seed : int
        What the order is drawn with.
    watch : Objective, optional
        What tells the losses, at parameters of the model's: the model itself unless told. A model
        with other examples shows how a run does on those; one with few is quick.

    Raises
    ------
    ArgumentError
        When there are fewer examples than a batch takes.

    Examples
    --------
    >>> from adamedu import descend, gd
    >>> model = SoftmaxRegression(np.eye(3), np.array([0, 1, 1]), classes=2)
    >>> descend(gd, Minibatches(model, size=1, seed=0), steps=6, lr=1.0).losses.round(2)
    array([0.69, 0.57, 0.44, 0.31, 0.27, 0.23, 0.19])
    """

    name = "minibatches"

    def __init__(
        self, model: SoftmaxRegression, *, size: int, seed: int, watch: Objective | None = None
    ) -> None:
        if not is_whole(size, 1, len(model.labels)):
            raise ArgumentError(f"a batch has 1 to {len(model.labels)} examples, not {size}")
        self._model = model
        self._size = size
        self._watch = watch or model
        self._random = np.random.default_rng(seed)
        self._waiting = np.empty(0, int)

    @property
    def start(self) -> NDArray[Any]:
        """The model's start."""
        return self._model.start

    def __call__(self, theta: ArrayLike) -> Any:
        """Return the losses of what is watched, shape (...), for parameters of shape (..., d)."""
        return self._watch(theta)

    def gradient(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the gradients over the next examples, of the parameters' shape (..., d)."""
        model = self._model
        if len(self._waiting) < self._size:
            self._waiting = self._random.permutation(len(model.labels))
        chosen, self._waiting = np.split(self._waiting, [self._size])
        batch = SoftmaxRegression(model.features[chosen], model.labels[chosen], model.classes)
        return batch.gradient(theta)


def _log_sum(logits: NDArray[Any]) -> NDArray[Any]:
    """Return the logarithm of the sum of the exponentials over the classes, without overflow."""
    highest = logits.max(-1, keepdims=True)
    return np.asarray(np.log(np.exp(logits - highest).sum(-1)) + highest[..., 0])
