"""Describe a playground as plain data: the runners, what they descend, and how it is shown.

The browser needs nothing else. It makes the steps itself, with the code that `javascript` printed;
a runner whose step can't be printed has none, and leaves the steps to the kernel.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core.errors import ArgumentError, there_is
from adamedu.core.recurrence import REQUIRED, Recurrence, RecurrenceError, recurrence
from adamedu.core.surface import Surface
from adamedu.drawing.pictures import MAX_LOOKS, SHADES, looks
from adamedu.playgrounds.equations import equations, unicode
from adamedu.playgrounds.javascript import javascript

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from numpy.typing import ArrayLike

VERSION: Final = 1
MAX_RUNNERS: Final = MAX_LOOKS
"""More can't be told apart."""

SHOWN_AT_FIRST: Final = 8
"""So many runners are drawn until the reader switches others on, or some of these off."""

FINE: Final = 1000
"""Into how many parts a coordinate's domain is divided where contour lines are rounded."""

GROUND: Final = 201
"""At how many points the ground of a surface with one coordinate is given."""

ROWS: Final = 500
"""For how many steps a scene has noise, or for as many as it makes if those are more."""

VIEWS: Final = ("map", "curve", "table")
SCALES: Final = ("linear", "log")

HALF: Final = 0.5
"""From here up to 1 a hyperparameter is a share that is kept, whatever its name."""

LINE: Final = 1.6
"""How wide lines are drawn; dashes are multiples of it."""

SIMPLER: Final = 0.7
"""By how many of those parts a contour line may be off."""


_BEYOND: Final = 0.01
"""By which share of its width a start may miss the map: what the browser sends is rounded."""

_TRIANGLE: Final = 3  # corners; an area has no fewer


class SceneError(ArgumentError):
    """A playground that can't be made of what was given."""


@dataclass(frozen=True)
class Runner:
    """One runner of a playground.

    Attributes
    ----------
    id : str
        Its name in the scene, unique there.
    step : Recurrence
        What makes its steps.
    label : str
        What it is called; empty for its optimizer's name.
    settings : dict of str to float
        All of its hyperparameters.
    """

    id: str
    step: Recurrence[..., Any]
    label: str
    settings: dict[str, float]


def runners(
    optimizers: Callable[..., Any] | Sequence[Callable[..., Any]],
    surface: Any = None,
    *,
    settings: Mapping[str, Mapping[str, float]] | None = None,
    labels: Sequence[str] = (),
    **hyperparameters: float,
) -> list[Runner]:
    """Return the runners of a playground, each with all of its hyperparameters.

    Parameters
    ----------
    optimizers : callable or list of callable
        One step function, or up to `MAX_RUNNERS`.
    surface : Surface, optional
        Its ``rates`` are the learning rates unless told otherwise.
    settings : mapping of str to mapping, optional
        Hyperparameters by runner: ``{"adam": {"beta1": 0.5}}``. A second runner of one name is
        ``"adam-2"``.
    labels : list of str, optional
        A name for each.
    **hyperparameters
        What holds for every runner that has a hyperparameter of that name.

    Raises
    ------
    SceneError
        For more runners than can be told apart, another number of labels, or settings that fit no
        runner.
    RecurrenceError
        When one isn't a step function.

    Examples
    --------
    >>> from adamedu import adam, gd, surfaces
    >>> for runner in runners([gd, adam], surfaces.ravine, settings={"adam": {"beta1": 0.5}}):
    ...     print(runner.id, runner.settings)
    gd {'lr': 0.9}
    adam {'lr': 0.4, 'beta1': 0.5, 'beta2': 0.999, 'eps': 1e-08}
    """
    several = isinstance(optimizers, Iterable) and not isinstance(optimizers, str)
    one_or_more: Any = optimizers if several else [optimizers]
    steps = [recurrence(function) for function in one_or_more]
    if not 0 < len(steps) <= MAX_RUNNERS:
        raise SceneError(f"a playground has 1 to {MAX_RUNNERS} runners, not {len(steps)}")
    _listed(labels, "labels")
    if labels and len(labels) != len(steps):
        raise SceneError(f"{len(steps)} runners need as many labels, not {len(labels)}")
    names = [step.name for step in steps]
    ids = [
        f"{name}-{names[: i + 1].count(name)}" if name in names[:i] else name
        for i, name in enumerate(names)
    ]
    given = settings or {}
    for name in given:
        _known(name, ids, "there is no runner")
    every = dict.fromkeys(name for step in steps for name in step.hyperparameters)
    for name in hyperparameters:
        _known(name, every, "no runner has a hyperparameter")
    rates: Mapping[str, float] = getattr(surface, "rates", {})
    found = []
    for own, step, label in zip(ids, steps, labels or [""] * len(steps), strict=True):
        values = step.hyperparameters
        if "lr" in values and step.name in rates:
            values["lr"] = rates[step.name]
        values |= {name: value for name, value in hyperparameters.items() if name in values}
        for name, value in given.get(own, {}).items():
            _known(name, values, f"{own} has no hyperparameter")
            values[name] = value
        found.append(Runner(own, step, label, {k: _number(own, k, v) for k, v in values.items()}))
    return found


def describe(  # noqa: PLR0913  (all but two are by name)
    entered: Sequence[Runner],
    surface: Surface | ArrayLike,
    *,
    steps: int = 100,
    start: Sequence[float] | None = None,
    title: str = "",
    alt: str = "",
    quantity: str = "loss",
    scale: str = "linear",
    bars: bool = False,
    views: Sequence[str] = VIEWS,
    together: bool = False,
    backdrop: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a playground as data that JSON can hold.

    Parameters
    ----------
    entered : list of Runner
        What `runners` returned.
    surface : Surface or array_like of float
        What they descend; an array is a list of gradients, one per step.
    steps : int, optional
        How many steps each makes.
    start : list of float, optional
        Where they start: the surface's own start, or zeros.
    title, alt : str, optional
        What stands over the playground, and what it shows, in words.
    quantity : str, optional
        What the curve shows: ``"loss"``, ``"move"`` (its length) or a named line.
    scale : {"linear", "log"}, optional
        The curve's scale.
    bars : bool, optional
        Whether the curve is drawn as bars.
    views : list of str, optional
        Which of the map, the curve and the table are shown.
    together : bool, optional
        Whether a slider moves those of the same name of all runners, to begin with.
    backdrop : mapping, optional
        A picture behind the map.

    Raises
    ------
    SceneError
        When something doesn't fit.

    Examples
    --------
    >>> from adamedu import adam, surfaces
    >>> scene = describe(runners(adam, surfaces.ravine), surfaces.ravine)
    >>> [slider["symbol"] for slider in scene["runners"][0]["sliders"]]
    ['α', 'β₁', 'β₂', 'ε']
    """
    if isinstance(surface, Surface):
        objective, origin = _surface(surface, steps), surface.start
    else:
        objective = _gradients(surface)
        origin = (0.0,) * len(objective["values"][0])
    place = placed(origin if start is None else start, objective)
    for view in _listed(views, "views"):
        _known(view, VIEWS, "there is no view")
    _known(scale, SCALES, "there is no scale")
    shown = [_lines(runner.step) for runner in entered]
    values = {line["name"] for lines in shown for line in lines if line["sign"] == "="}
    states = {name for runner in entered for name in runner.step.state}
    _known(quantity, ("loss", "move", *sorted(values | states)), "the curve can't show")
    drawn = looks([runner.step.name for runner in entered])
    return {
        "version": VERSION,
        "title": title,
        "alt": alt,
        "runners": [
            {
                "id": runner.id,
                "label": runner.label or own.label,
                "color": own.color,
                "dash": _dash(own.dash),
                "marker": own.marker,
                "on": i < SHOWN_AT_FIRST,
                "code": _code(runner.step),
                "state": list(runner.step.state),
                "lines": lines,
                "sliders": [slider(name, value) for name, value in runner.settings.items()],
            }
            for i, (runner, own, lines) in enumerate(zip(entered, drawn, shown, strict=True))
        ],
        "objective": objective,
        "start": place,
        "steps": steps,
        "views": list(views),
        "together": together,
        "curve": {"quantity": quantity, "scale": scale, "bars": bars},
        "backdrop": None if backdrop is None else dict(backdrop),
    }


def placed(start: ArrayLike, objective: Mapping[str, Any]) -> list[float]:
    """Return a start as plain numbers.

    Parameters
    ----------
    start : array_like of float
        Where the runners start.
    objective : mapping
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
    domain = objective.get("domain")
    length = len(domain or objective["values"][0])
    try:
        point = np.asarray(start)
    except ValueError:
        point = np.empty(0)
    if point.dtype.kind not in "fiu" or point.shape != (length,) or not np.isfinite(point).all():
        numbers = "finite number" if length == 1 else "finite numbers"
        raise SceneError(f"a start is a list of {length} {numbers} here, not {start!r}")
    if domain is not None:
        low, high = np.transpose(domain)
        beyond = _BEYOND * (high - low)
        if not ((low - beyond <= point) & (point <= high + beyond)).all():
            sides = zip(objective["names"], domain, strict=True)
            where = ", ".join(f"{name} from {left:g} to {right:g}" for name, (left, right) in sides)
            raise SceneError(f"a start lies on the map here, {where}; {start!r} doesn't")
    return [float(value) for value in point]


def slider(name: str, value: float) -> dict[str, Any]:
    """Return the range in which a hyperparameter is played with, by its name and its value.

    What is near 1 is a share that is kept, and moves by powers of ten of what isn't kept; what is
    positive moves by powers of ten; all else evenly.

    >>> [slider("lr", 0.4)[key] for key in ("low", "high", "scale")]
    [0.001, 10.0, 'log']
    >>> slider("lr", 0.9)["scale"]
    'log'
    >>> [slider("beta2", 0.999)[key] for key in ("low", "high", "scale")]
    [0.0, 0.9999, 'one-minus']
    """
    share = name.startswith(("beta", "rho")) or (value >= HALF and name != "lr")
    if share and 0 <= value < 1:
        return _slider(name, value, 0.0, max(value, 0.9999), "one-minus")
    if name == "eps" and value > 0:
        return _slider(name, value, min(value, 1e-12), max(value, 1.0), "log")
    if value > 0:
        decade = math.floor(math.log10(value))
        low = max(10.0 ** (decade - 2), math.ulp(0.0))  # never 0, which has no logarithm
        return _slider(name, value, low, 10.0 ** (decade + 2), "log")
    return _slider(name, value, 2 * value, 1.0, "linear")


def _slider(name: str, value: float, low: float, high: float, scale: str) -> dict[str, Any]:
    return {"name": name, "symbol": unicode(name), "value": value, "low": low, "high": high,
            "scale": scale}  # fmt: skip


def _known(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise SceneError(f"{what} {name!r}; {there_is(name, known)}")


def _listed(names: Sequence[str], what: str) -> Sequence[str]:
    if isinstance(names, str):
        raise SceneError(f"{what} should be a list: write {what}=[{names!r}]")
    return names


def _number(runner: str, name: str, value: Any) -> float:
    if value is REQUIRED:
        raise SceneError(f"{runner} needs a value for {name}: {name}=…")
    real = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not real or not math.isfinite(value):
        raise SceneError(f"{name} of {runner} should be one number; it is {value!r}")
    return float(value)


def _code(step: Recurrence[..., Any]) -> str | None:
    try:
        return javascript(step)
    except RecurrenceError:
        return None


def _lines(step: Recurrence[..., Any]) -> list[dict[str, Any]]:
    try:
        return equations(step)
    except RecurrenceError:
        return []


def _dash(dash: Any) -> list[float]:
    """Return matplotlib's dashes as a canvas takes them."""
    pattern = {"-": (), "--": (3.7, 1.6)}[dash] if isinstance(dash, str) else dash[1]
    return [round(LINE * part, 1) for part in pattern]


def _gradients(values: ArrayLike) -> dict[str, Any]:
    array = np.asarray(values, float)
    return {"kind": "gradients", "values": array.reshape(len(array), -1).tolist()}


def _surface(surface: Surface, steps: int) -> dict[str, Any]:
    return {
        "kind": "surface",
        "name": surface.name,
        "equation": surface.latex(),
        "code": javascript(surface),
        "names": list(surface.names),
        "domain": [list(sides) for sides in surface.domain],
        "minima": [list(point) for point in surface.minima],
        "contours": _contours(surface) if surface.dimension == 2 else [],  # noqa: PLR2004
        "ground": _ground(surface) if surface.dimension == 1 else [],
        "noise": surface.noise_rows(max(steps, ROWS)).tolist() if surface.noise else None,
    }


def _ground(surface: Surface) -> list[float]:
    heights = surface(np.linspace(*surface.domain[0], GROUND)[:, None])
    return [float(f"{height:.5g}") for height in heights]


def _contours(surface: Surface) -> list[dict[str, Any]]:
    """Return the areas below each level, the highest first, to be painted over each other."""
    import contourpy
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    relief = surface.relief()
    across, up = (np.linspace(0, FINE, len(side)) for side in (relief.x, relief.y))
    cut = contourpy.contour_generator(across, up, relief.heights, fill_type="OuterOffset")
    shades = LinearSegmentedColormap.from_list("shades", SHADES)
    lowest, highest = relief.levels[[0, -1]]
    areas = []
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
