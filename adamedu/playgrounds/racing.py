"""The race: every optimizer on one surface, each at a rate at which it does well there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adamedu.core import surfaces
from adamedu.core.arguments import as_surface
from adamedu.optimizers import LADDER, adam
from adamedu.playgrounds.widget import Playground, playground

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adamedu.core.surface import Surface


def race(
    optimizers: Sequence[Callable[..., Any]] = LADDER,
    surface: Surface = surfaces.ravine,
    *,
    steps: int = 100,
    start: Sequence[float] | None = None,
) -> Playground:
    """Let optimizers race from one start: a playground of all of them.

    Parameters
    ----------
    optimizers : list of callable, optional
        The runners: the whole ladder unless told. Your own step functions may run too.
    surface : Surface, optional
        Where they run. Its ``rates`` set the learning rates; an optimizer that isn't among them
        runs at its own default.
    steps : int, optional
        How many steps each may take.
    start : list of float, optional
        The surface's own start unless told.

    Examples
    --------
    >>> from adamedu import adam, gd
    >>> print(race([gd, adam], steps=30))
    Race on the ravine. From (-9, 2.5) in 30 steps, gradient descent ends at (-0.5315, 0.003095),
    loss 0.01413; Adam ends at (0.3663, 0.3869), loss 0.1564.
    """
    surface = as_surface(surface)
    title = f"Race on the {surface.name.replace('_', ' ')}"
    made = playground(optimizers, surface, steps=steps, start=start, title=title)
    if adam.name in made.settings:
        made.chosen = adam.name
    return made
