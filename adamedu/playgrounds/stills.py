"""The picture that stands for a playground where nothing moves: on code hosts and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adamedu.drawing import figures
from adamedu.drawing.panels import falls_far
from adamedu.drawing.pictures import look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adamedu.core.descent import Trace
    from adamedu.core.surface import Surface
    from adamedu.drawing.pictures import Picture


def still(
    traces: Sequence[Trace],
    surface: Surface | None,
    *,
    labels: Sequence[str] = (),
    title: str = "",
    quantity: str = "loss",
) -> Picture:
    """Draw what a playground opens with.

    Parameters
    ----------
    traces : list of Trace
        One for each runner, of one run.
    surface : Surface or None
        What they descended; None where gradients were given.
    labels : list of str, optional
        A name for each; its optimizer's unless told.
    title : str, optional
        How the picture's sentence begins.
    quantity : str, optional
        What the playground's curve shows. Beside a map only losses are drawn.

    Examples
    --------
    >>> from adamedu import adam, descend
    >>> print(still([descend(adam, [1.0, 1.0], lr=0.5)], None, quantity="m"))
    Value of m: Adam goes from 0.1 at 1 to 0.19 at 2.
    """
    if surface is None:
        names = labels or [look(trace.optimizer.name).label for trace in traces]
        values = {name: along(trace, quantity) for name, trace in zip(names, traces, strict=True)}
        return figures.curves(values, title=title or f"Value of {quantity}", ylabel=quantity)
    if quantity == "loss":
        return figures.paths_and_losses(surface, *traces, labels=labels, title=title)
    draw = figures.profile if surface.dimension == 1 else figures.contour
    return draw(surface, *traces, labels=labels)


def along(trace: Trace, quantity: str) -> NDArray[np.floating]:
    """Return a quantity at every step of a trace, along its first coordinate."""
    if quantity == "move":
        values = np.abs(np.diff(trace.theta, axis=0))
    else:
        values = trace.gradients if quantity == "g" else trace[quantity]
    return np.asarray(values, float).reshape(trace.steps, -1)[:, 0]


def suits(losses: Sequence[NDArray[np.floating]]) -> str:
    """Return the scale on which losses are read: ``"log"`` where they fall far.

    >>> suits([np.array([10.0, 0.001])]), suits([np.array([1.0, -1.0])])
    ('log', 'linear')
    """
    every = np.concatenate(losses)
    return "log" if falls_far(every[np.isfinite(every)]) else "linear"
