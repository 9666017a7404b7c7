"""Least squares: a linear model and its mean squared error, as an objective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adamedu.core.errors import ArgumentError, is_whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


class LeastSquares:
    """The mean squared error of a linear model, whose slope may come from a few rows at a time.

    ``theta`` holds one weight per column. The loss is always that of all rows. With ``batch``, each
    call of `gradient` draws that many rows afresh, so its slopes are noisy: right on average. All
    runs of one descent share the rows of a step. For the same rows again, make a new one.

    Parameters
    ----------
    inputs : array_like of float, shape (n, d)
        One row per example, one column per weight.
    targets : array_like of float, shape (n,)
        What the model should say.
    batch : int, optional
        How many different rows each gradient is measured on; all of them unless told.
    seed : int, optional
        What decides which.

    Attributes
    ----------
    start : ndarray of float, shape (d,)
        Zeros.
    best : float
        The lowest loss that there is.

    Raises
    ------
    ArgumentError
        When the data don't fit each other, aren't finite, or have fewer rows than the batch.

    Examples
    --------
    >>> fit = LeastSquares([[1.0], [1.0]], [1.0, 3.0])
    >>> float(fit([0.0])), fit.gradient([0.0]).tolist(), fit.best
    (5.0, [-4.0], 1.0)
    """

    def __init__(
        self, inputs: ArrayLike, targets: ArrayLike, *, batch: int | None = None, seed: int = 0
    ) -> None:
        self.inputs, self.targets = np.asarray(inputs, float), np.asarray(targets, float)
        if self.inputs.ndim != 2 or self.targets.shape != self.inputs.shape[:1]:  # noqa: PLR2004
            raise ArgumentError(
                f"inputs of shape (n, d) need targets of shape (n,); they have shapes "
                f"{self.inputs.shape} and {self.targets.shape}"
            )
        if not (np.isfinite(self.inputs).all() and np.isfinite(self.targets).all()):
            raise ArgumentError("the inputs and the targets should be finite")
        if batch is not None and not is_whole(batch, 1, len(self.targets)):
            raise ArgumentError(
                f"batch should be 1 to {len(self.targets)}, the rows; it is {batch!r}"
            )
        self.batch = batch
        self.start = np.zeros(self.inputs.shape[1])
        self.best = float(self(np.linalg.lstsq(self.inputs, self.targets)[0]))
        self._rng = np.random.default_rng(seed)

    def __call__(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the losses of all rows, shape (...) for parameters of shape (..., d)."""
        errors = np.asarray(theta) @ self.inputs.T - self.targets
        return np.asarray((errors**2).mean(-1))

    def gradient(self, theta: ArrayLike) -> NDArray[Any]:
        """Return the gradients, of the parameters' shape, measured on the next rows."""
        rows: Any = slice(None)
        if self.batch is not None:
            rows = self._rng.choice(len(self.targets), self.batch, replace=False)
        inputs = self.inputs[rows]
        errors = np.asarray(theta) @ inputs.T - self.targets[rows]
        return np.asarray(2 * errors @ inputs / len(inputs))
