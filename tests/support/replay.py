"""The loop that the optimizers' tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from adamedu.core.recurrence import Recurrence


def replay(
    optimizer: Recurrence[..., Any], start: ArrayLike, gradients: Iterable[Any], **hyper: float
) -> dict[str, NDArray[Any]]:
    """Run an optimizer over given gradients; one array per returned name, one row per step."""
    theta = np.asarray(start)
    state = [np.zeros_like(theta)] * len(optimizer.state)
    rows = []
    for t, gradient in enumerate(gradients, start=1):
        result = optimizer(theta, gradient, t, *state, **hyper)
        theta, *state = result if state else (result,)
        rows.append((theta, *state))
    columns = zip(*rows, strict=True)
    return {
        name: np.stack(column)
        for name, column in zip(("theta", *optimizer.state), columns, strict=True)
    }
