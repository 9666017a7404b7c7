"""Small multiples: many small pictures of one kind, to be compared at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adamedu.panels import draw_losses, lines
from adamedu.pictures import FigureError, drawing, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from adamedu.descent import Trace


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
    said = []
    for axes, trace in zip(grid.flat, traces, strict=False):
        drawn = lines([trace])
        draw_losses(axes, drawn)
        axes.label_outer()
        said += [f"{line.look.label}: {number(line.runs[0].losses[-1])}" for line in drawn]
    steps, first = traces[0].steps, traces[0].losses[0].max()
    start = f"Losses after {steps} steps, starting from {number(first)}"
    return figure, f"{start}. {'; '.join(said)}."
