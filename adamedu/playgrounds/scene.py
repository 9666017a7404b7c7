"""Describe a playground as plain data: the runners, what they descend, and how it is shown.

The browser needs nothing else. It makes the steps itself, with the code that `javascript` printed;
a runner whose step can't be printed has none, and leaves the steps to the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from adamedu.playgrounds import objective, runners
from adamedu.playgrounds.schema import check_known, check_listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from adamedu.core.surface import Surface
    from adamedu.playgrounds.runners import Runner
    from adamedu.playgrounds.schema import Objective, Scene

VERSION: Final = 1
VIEWS: Final = ("map", "curve", "table")
SCALES: Final = ("linear", "log")

MAX_STEPS: Final = 1000
"""More steps than this aren't played."""


@dataclass(frozen=True)
class Showing:
    """How a playground is shown.

    Attributes
    ----------
    title : str
        What stands over it.
    quantity : str
        What the curve shows: ``"loss"``, ``"move"`` (its length) or a named line.
    scale : {"linear", "log"}
        The curve's scale.
    bars : bool
        Whether the curve is drawn as bars.
    views : sequence of str
        Which of the map, the curve and the table are shown.
    together : bool
        Whether a slider moves those of the same name of all runners, to begin with.
    backdrop : mapping or None
        A picture behind the map.
    """

    title: str = ""
    quantity: str = "loss"
    scale: str = "linear"
    bars: bool = False
    views: Sequence[str] = VIEWS
    together: bool = False
    backdrop: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        check_listed(self.views, "views")
        for view in self.views:
            check_known(view, VIEWS, "there is no view")
        check_known(self.scale, SCALES, "there is no scale")


def describe(
    entered: Sequence[Runner],
    surface: Surface | ArrayLike,
    showing: Showing | None = None,
    *,
    steps: int = 100,
    start: Sequence[float] | None = None,
) -> Scene:
    """Return a playground as data that JSON can hold.

    Parameters
    ----------
    entered : list of Runner
        What `runners` returned.
    surface : Surface or array_like of float
        What they descend; an array is a list of gradients, one per step.
    showing : Showing, optional
        How it is shown.
    steps : int, optional
        How many steps each makes.
    start : list of float, optional
        Where they start: the surface's own start, or zeros.

    Raises
    ------
    SceneError
        When something doesn't fit.

    Examples
    --------
    >>> from adamedu import adam, surfaces
    >>> from adamedu.playgrounds.runners import runners
    >>> scene = describe(runners(adam), surfaces.ravine, Showing(title="Down the ravine"), steps=50)
    >>> scene["title"], scene["steps"], scene["objective"]["kind"]
    ('Down the ravine', 50, 'surface')
    """
    how = showing or Showing()
    descended, origin = objective.described(surface, steps)
    place = objective.placed(origin if start is None else start, descended)
    running = runners.described(entered)
    shown = {line["name"] for one in running for line in one["lines"] if line["sign"] == "="}
    states = {name for one in running for name in one["state"]}
    check_known(how.quantity, ("loss", "move", *sorted(shown | states)), "the curve can't show")
    return {
        "version": VERSION,
        "title": how.title,
        "alt": "",
        "runners": running,
        "objective": descended,
        "start": place,
        "steps": steps,
        "most_steps": _most_steps(descended),
        "views": list(how.views),
        "together": how.together,
        "curve": {"quantity": how.quantity, "scale": how.scale, "bars": how.bars},
        "backdrop": None if how.backdrop is None else dict(how.backdrop),
    }


def _most_steps(descended: Objective) -> int:
    """Return for how many steps there are gradients."""
    given = descended["noise"] if descended["kind"] == "surface" else descended["values"]
    return len(given) if given else MAX_STEPS
