"""Basins: a map of starts, each in the color of the minimum that it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core.arguments import as_surface
from adamedu.core.errors import is_whole
from adamedu.drawing.panels import above, draw_paths, minimum_name
from adamedu.drawing.pictures import FAINT, PALETTE, FigureError, drawing, look, point

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from adamedu.core.descent import Trace
    from adamedu.core.surface import Surface

MAX_COLUMNS: Final = 1000
"""More starts side by side than this can't be told apart, and fill the memory."""

_ALPHA = 0.55
_PALER = 0.7
_STRIPE = 8  # starts from one stripe to the next


def grid_of_starts(surface: Surface, columns: int = 81) -> NDArray[np.float64]:
    """Return evenly spaced starts over the domain of a surface with two coordinates.

    Parameters
    ----------
    surface : Surface
        Whose domain to fill, its corners included.
    columns : int, optional
        How many starts lie side by side; there are as many rows as make the spacing even.

    Returns
    -------
    ndarray of float, shape (rows, columns, 2)
        The lowest second coordinate in the first row.

    Raises
    ------
    FigureError
        When the surface has not two coordinates, or for fewer than two columns or too many.

    Examples
    --------
    >>> from adamedu import surfaces
    >>> grid_of_starts(surfaces.double_well, 5).shape
    (4, 5, 2)
    """
    if as_surface(surface).dimension != 2:  # noqa: PLR2004
        raise FigureError(
            f"a map needs a surface with 2 coordinates; {surface.name} has {surface.dimension}"
        )
    if not is_whole(columns, 2, MAX_COLUMNS):
        raise FigureError(f"a map needs 2 to {MAX_COLUMNS} columns, not {columns!r}")
    (left, right), (low, high) = surface.domain
    rows = max(2, 1 + round((columns - 1) * (high - low) / (right - left)))
    x, y = np.linspace(left, right, columns), np.linspace(low, high, rows)
    return np.stack(np.meshgrid(x, y), axis=-1)


def colored(found: np.ma.MaskedArray[Any, Any]) -> NDArray[np.float64]:
    """Return a map's colors, striped differently for each minimum.

    Parameters
    ----------
    found : masked array of int, shape (rows, columns)
        The minimum that each start leads to, masked where there is none; see `destinations`.

    Returns
    -------
    ndarray of float, shape (rows, columns, 4)
        Red, green, blue and opacity, from 0 to 1.

    Examples
    --------
    >>> colored(np.ma.masked_array([[0, 1]], [[False, True]])).shape
    (1, 2, 4)
    """
    from matplotlib.colors import to_rgba

    which = found.filled(-1)
    down, across = np.indices(which.shape)
    stripes = [np.zeros_like(which), down + across, down - across, down]
    image = np.empty((*which.shape, 4))
    for i in np.unique(which):
        there = which == i
        image[there] = to_rgba(_color(i), _ALPHA)
        image[there & (stripes[i % len(stripes)] % _STRIPE >= _STRIPE // 2), 3] *= _PALER
    return image


def _color(minimum: int) -> str:
    return PALETTE[minimum % len(PALETTE)] if minimum >= 0 else FAINT


@drawing
def map_of(
    surface: Surface, trace: Trace, found: np.ma.MaskedArray[Any, Any]
) -> tuple[Figure, str]:
    """Draw the map of starts from the descent that began at them, and from where each led.

    Parameters
    ----------
    surface : Surface
        What was descended.
    trace : Trace
        A run from each start of `grid_of_starts`.
    found : masked array of int, shape (rows, columns)
        Its `destinations`.
    """
    from matplotlib.colors import to_rgba
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    names = [
        f"the {minimum_name(surface, i)} {point(minimum)}"
        for i, minimum in enumerate(surface.minima)
    ]
    kinds = [(name, _color(i), i) for i, name in enumerate(names)] + [("none of them", FAINT, -1)]
    which = found.filled(-1)
    shares = {i: float((which == i).mean()) for *_, i in kinds}

    (left, right), (low, high) = surface.domain
    figure = Figure(figsize=(5.6, 5.6 * (high - low) / (right - left) + 0.7))
    axes = figure.subplots()
    draw_paths(axes, surface, [])
    rows, columns = which.shape
    dx, dy = (right - left) / (columns - 1) / 2, (high - low) / (rows - 1) / 2
    axes.imshow(
        colored(found),
        extent=(left - dx, right + dx, low - dy, high + dy),
        origin="lower",
        interpolation="nearest",
        zorder=1.5,
    )
    axes.set(xlim=(left, right), ylim=(low, high))
    present = [(name, color, f"{100 * shares[i]:.1f} %") for name, color, i in kinds if shares[i]]
    above(
        axes,
        [Patch(color=to_rgba(color, _ALPHA), label=f"{n}: {share}") for n, color, share in present],
    )
    settings = ", ".join(
        f"{name} = {value:.4g}" if np.ndim(value) == 0 else f"{name} by a schedule"
        for name, value in trace.hyperparameters.items()
    )
    said = ", ".join(f"{share} at {name}" for name, _, share in present)
    return figure, (
        f"Where {look(trace.optimizer.name).label} ends on the {surface.name.replace('_', ' ')} "
        f"from {columns} by {rows} starts, after {trace.steps} steps"
        f"{f' with {settings}' if settings else ''}: {said}."
    )
