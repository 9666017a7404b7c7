"""Where an optimizer ends from every start: the descents are made here, and drawn as a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamedu.core.descent import descend
from adamedu.core.measuring import destinations
from adamedu.drawing.basins import grid_of_starts, map_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from adamedu.core.surface import Surface
    from adamedu.drawing.pictures import Picture


def basin_map(
    surface: Surface,
    optimizer: Callable[..., Any],
    *,
    columns: int = 81,
    steps: int = 300,
    within: float = 0.05,
    **hyperparameters: Any,
) -> Picture:
    """Draw a map of starts, each in the color of the minimum at which the optimizer ends.

    Parameters
    ----------
    surface : Surface
        What to descend, with two coordinates and known minima.
    optimizer : callable
        One of the ladder, or a step function with the same signature.
    columns : int, optional
        How many starts lie side by side; see `grid_of_starts`.
    steps : int, optional
        How many steps each start may take.
    within : float, optional
        How near to a minimum a run must end to have arrived; see `destinations`.
    **hyperparameters
        As `descend` takes them.

    Raises
    ------
    FigureError
        When the surface has not two coordinates, or for fewer than two columns.
    DescentError
        When the surface's minima aren't known, or as `descend` does.

    Examples
    --------
    >>> from adamedu import gd, surfaces
    >>> print(basin_map(surfaces.double_well, gd, columns=21, lr=0.1))
    Where gradient descent ends on the double well from 21 by 16 starts, after 300 steps with
    lr = 0.1: 52.4 % at the global minimum (-1.03, 0), 47.6 % at the local minimum (0.9671, 0).
    """
    starts = grid_of_starts(surface, columns)
    trace = descend(optimizer, surface, start=starts, steps=steps, record=False, **hyperparameters)
    return map_of(surface, trace, destinations(trace, within=within))
