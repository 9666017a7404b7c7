"""Small multiples: many small pictures of one kind, to be compared at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamedu.drawing.panels import draw_losses, lines
from adamedu.drawing.pictures import FigureError, drawing, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from adamedu.core.descent import Trace


@drawing
def loss_panels(*traces: Trace) -> tuple[Figure, str]:
    """Draw the losses of each trace in a panel of its own, all on one scale.

    Parameters
    ----------
    *traces : Trace
        Each of one run, or a sweep.

    Raises
    ------
    FigureError
        Without a trace, or for more lines in a panel than can be told apart.

    Examples
    --------
    >>> from adamedu import adam, descend, surfaces
    >>> sweep = descend(adam, surfaces.ridge, steps=50, sweep={"lr": [0.025, 0.25]})
    >>> print(loss_panels(sweep))
    Losses after 50 steps, starting from 14.45. lr = 0.025: 3.202; lr = 0.25: 0.01171.
    """
    from matplotlib.figure import Figure

    if not traces:
        raise FigureError("loss_panels needs one trace or more")
    rows = -(-len(traces) // 2)
    figure = Figure(figsize=(9.6, 2.6 * rows))
    grid = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(traces) :]:
        axes.remove()
    panels = [lines([trace]) for trace in traces]
    every = [line for drawn in panels for line in drawn]
    for k, (axes, drawn) in enumerate(zip(grid.flat, panels, strict=False)):
        draw_losses(axes, drawn, beside=every)
        lowest, leftmost = k + 2 >= len(panels), k % 2 == 0
        axes.tick_params(labelbottom=lowest, labelleft=leftmost)
        axes.set(xlabel=axes.get_xlabel() * lowest, ylabel=axes.get_ylabel() * leftmost)
    said = [f"{line.look.label}: {number(line.runs[0].losses[-1])}" for line in every]
    first = number(every[0].runs[0].losses[0])
    steps = traces[0].steps
    return figure, f"Losses after {steps} steps, starting from {first}. {'; '.join(said)}."
