"""What the runners of a playground descend: a surface with its contour lines, or gradients."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core.surface import Surface
from adamedu.drawing.panels import minimum_name
from adamedu.drawing.pictures import SHADES
from adamedu.playgrounds.javascript import javascript
from adamedu.playgrounds.schema import SceneError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from adamedu.playgrounds.schema import Area, GradientsScene, Objective, SurfaceScene

GRID_POINTS: Final = 1000
"""Into how many parts a coordinate's domain is divided where contour lines are rounded."""

PROFILE_POINTS: Final = 201
"""At how many points the height of a surface with one coordinate is given."""

NOISE_ROWS: Final = 500
"""For how many steps a scene has noise, or for as many as it makes if those are more."""

SIMPLER: Final = 0.7
"""By how many of the grid's parts a contour line may be off."""

ROUNDING: Final = 0.01
"""To which share of a range, or finer, the browser rounds what is set by hand."""

_TRIANGLE: Final = 3  # corners; an area has no fewer


def described(objective: Surface | ArrayLike, steps: int) -> tuple[Objective, Sequence[float]]:
    """Return what is descended as data, and where a run starts unless told.

    >>> described([1.0, -2.0], 2)
    ({'kind': 'gradients', 'values': [[1.0], [-2.0]]}, [0.0])
    """
    if isinstance(objective, Surface):
        return _surface(objective, steps), objective.start
    given = _gradients(objective)
    return given, [0.0] * len(given["values"][0])


def placed(start: ArrayLike, objective: Objective) -> list[float]:
    """Return a start as plain numbers.

    Parameters
    ----------
    start : array_like of float
        Where the runners start.
    objective : Objective
        What they descend, as a scene describes it.

    Raises
    ------
    SceneError
        When it isn't a point of the map, or of as many coordinates as the gradients.

    Examples
    --------
    >>> placed([1, 2], {"kind": "gradients", "values": [[4.0, -3.0]]})
    [1.0, 2.0]
    """
    length = len(objective["domain"] if objective["kind"] == "surface" else objective["values"][0])
    try:
        point = np.asarray(start)
    except ValueError:
        point = np.empty(0)
    if point.dtype.kind not in "fiu" or point.shape != (length,) or not np.isfinite(point).all():
        numbers = "finite number" if length == 1 else "finite numbers"
        raise SceneError(f"a start is a list of {length} {numbers} here, not {start!r}")
    if objective["kind"] == "surface":
        low, high = np.transpose(objective["domain"])
        beyond = ROUNDING * (high - low)
        if not ((low - beyond <= point) & (point <= high + beyond)).all():
            sides = zip(objective["names"], objective["domain"], strict=True)
            where = ", ".join(f"{name} from {left:g} to {right:g}" for name, (left, right) in sides)
            raise SceneError(f"a start lies on the map here, {where}; {start!r} doesn't")
    return [float(value) for value in point]


def _gradients(values: ArrayLike) -> GradientsScene:
    array = np.asarray(values, float)
    return {"kind": "gradients", "values": array.reshape(len(array), -1).tolist()}


def _surface(surface: Surface, steps: int) -> SurfaceScene:
    return {
        "kind": "surface",
        "name": surface.name,
        "equation": surface.latex(),
        "code": javascript(surface),
        "names": list(surface.names),
        "domain": [list(sides) for sides in surface.domain],
        "minima": [list(point) for point in surface.minima],
        "called": [minimum_name(surface, i) for i in range(len(surface.minima))],
        "contours": _contours(surface) if surface.dimension == 2 else [],  # noqa: PLR2004
        "ground": _ground(surface) if surface.dimension == 1 else [],
        "noise": surface.noise_rows(max(steps, NOISE_ROWS)).tolist() if surface.noise else None,
    }


def _ground(surface: Surface) -> list[float]:
    heights = surface(np.linspace(*surface.domain[0], PROFILE_POINTS)[:, None])
    return [float(f"{height:.5g}") for height in heights]


def _contours(surface: Surface) -> list[Area]:
    """Return the areas below each level, the highest first, to be painted over each other."""
    import contourpy
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    relief = surface.relief()
    across, up = (np.linspace(0, GRID_POINTS, len(side)) for side in (relief.x, relief.y))
    cut = contourpy.contour_generator(across, up, relief.heights, fill_type="OuterOffset")
    shades = LinearSegmentedColormap.from_list("shades", SHADES)
    lowest, highest = relief.levels[[0, -1]]
    areas: list[Area] = []
    for below, level in reversed(list(itertools.pairwise(relief.levels))):
        middle = ((below + level) / 2 - lowest) / (highest - lowest)
        filled: Any = cut.filled(lowest - 1, level)
        rings = [
            _ring(polygon[first:last])
            for polygon, parts in zip(*filled, strict=True)
            for first, last in itertools.pairwise(parts)
        ]
        areas.append({"fill": to_hex(shades(middle)), "rings": [ring for ring in rings if ring]})
    return areas


def _ring(points: Any) -> list[int]:
    """Return a closed line as x, y, x, y, …, without the points that a pixel wouldn't show."""
    from matplotlib.path import Path

    path = Path(points)
    path.simplify_threshold = SIMPLER
    cleaned: Any = path.cleaned(simplify=True)
    kept = cleaned.vertices[cleaned.codes != Path.STOP].round().astype(int)
    distinct = np.unique(kept, axis=0)
    return kept.ravel().tolist() if len(distinct) >= _TRIANGLE else []
