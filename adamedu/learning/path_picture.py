"""The picture on a card: the learner's path over the reference path, where they part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.content.tasks import StepTask
from adamedu.core import surfaces
from adamedu.core.descent import descend
from adamedu.drawing.panels import draw_paths, legend, lines
from adamedu.drawing.pictures import INK, Picture, drawing, number, point
from adamedu.sandbox.inside.deadline import OutOfTime, within

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from adamedu.content.tasks import Task
    from adamedu.core.descent import Trace

_STEPS: Final = 12
_NEAR: Final = 1e-9
_LARGE: Final = {"eps": 0.1}
"""At 1e-8 nobody sees where eps stands."""


def path_picture(task: Task, answer: Any, seconds: float | None = None) -> Picture | None:
    """Draw where an answer's path leaves the reference's, or nothing where there is no such path.

    Parameters
    ----------
    task : Task
        A task whose answer is a step function.
    answer : object
        What the learner wrote.
    seconds : float, optional
        How long it may take.
    """
    if not isinstance(task, StepTask):
        return None
    reference = task.reference
    surface = surfaces.ravine
    rates: dict[str, Any] = {"lr": surface.rates[reference.name]}
    rates |= {k: v for k, v in _LARGE.items() if k in reference.hyperparameters}
    try:
        right = descend(reference, surface, steps=_STEPS, **rates)
        yours = within(seconds, descend, answer, surface, steps=_STEPS, **right.hyperparameters)
    except (Exception, OutOfTime):  # noqa: BLE001  (what is wrong with their code is on the card)
        return None
    apart = np.abs(right.theta - yours.theta).max(axis=-1)
    parted = np.flatnonzero(~(apart <= _NEAR))
    return _parting(right, yours, int(parted[0])) if parted.size else None


@drawing
def _parting(right: Trace, yours: Trace, t: int) -> tuple[Figure, str]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 2.6), layout="constrained")
    axes = figure.subplots()
    drawn = lines([right, yours], ["reference", "yours"])
    draw_paths(axes, surfaces.ravine, drawn, equal=False)
    here, there = right.theta[t], yours.theta[t]
    axes.plot(*there, "o", markersize=13, markerfacecolor="none", markeredgecolor=INK, zorder=6)
    axes.annotate(f"t = {t}", there, xytext=(9, 9), textcoords="offset points", color=INK)
    legend(axes, drawn)
    if not np.isfinite(there).all():
        return (
            figure,
            f"At t = {t} your path is no number any more; the reference is at {point(here)}.",
        )
    gap = number(float(np.linalg.norm(here - there)))
    return figure, (
        f"Your path parts from the reference at t = {t}: it goes to {point(there)} instead of "
        f"{point(here)}, {gap} apart."
    )
