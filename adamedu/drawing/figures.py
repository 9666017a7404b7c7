"""Draw traces: each function takes what was computed elsewhere and returns a `Picture`.

Nothing here makes a step. Every picture says in words what it shows, with its numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adamedu.core.arguments import as_surface
from adamedu.core.typesetting import symbol
from adamedu.drawing.panels import (
    Line,
    above,
    check_traces,
    draw_balls,
    draw_losses,
    draw_paths,
    label_ends,
    legend,
    lines,
    minimum_name,
)
from adamedu.drawing.pictures import (
    DASHES,
    FAINT,
    INK,
    LOOKS,
    MAX_LOOKS,
    PALETTE,
    FigureError,
    Look,
    Picture,
    drawing,
    height,
    look,
    number,
    point,
    unlike,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from adamedu.core.descent import Trace
    from adamedu.core.surface import Surface

__all__ = [
    "FigureError",
    "Picture",
    "bars",
    "contour",
    "curves",
    "losses",
    "paths_and_losses",
    "profile",
    "quantities",
]


_WIDE, _NARROW = 7.0, 5.2  # inches
_FLAT = 0.7  # the shape of a domain that is drawn wide
_FEW = 12  # numbers that are read one by one


@drawing
def contour(surface: Surface, *traces: Trace, labels: Sequence[str] = ()) -> tuple[Figure, str]:
    """Draw paths over the contour lines of a surface with two coordinates.

    A dot is a step; the start is a ring, a minimum a cross, and each path ends in its own marker.

    Parameters
    ----------
    surface : Surface
        What lies below the paths.
    *traces : Trace
        The paths, of one run or of many.
    labels : list of str, optional
        A name for each trace; its optimizer's unless told.

    Raises
    ------
    FigureError
        When the surface has not two coordinates, or for more lines than can be told apart.

    Examples
    --------
    >>> from adamedu import descend, figures, gd, surfaces
    >>> trace = descend(gd, surfaces.ravine, steps=2, lr=1.0)
    >>> print(figures.contour(surfaces.ravine, trace))
    Contour lines of the ravine with one path. From (-9, 2.5) in 2 steps, gradient descent ends
    at (-7.29, 2.5), loss 8.907.
    """
    drawn = lines(traces, labels)
    _require(surface, drawn, 2)
    width = _WIDE if _ratio(surface) < _FLAT else _NARROW
    figure = _figure(width, width * _ratio(surface) + 0.7)
    axes = figure.subplots()
    draw_paths(axes, surface, drawn)
    legend(axes, drawn)
    paths = f" with {_count(sum(len(line.runs) for line in drawn), 'path')}" if drawn else ""
    return figure, _sentences([f"Contour lines of the {_title(surface)}{paths}", _ends(drawn)])


@drawing
def losses(*traces: Trace, labels: Sequence[str] = ()) -> tuple[Figure, str]:
    """Draw the loss over the steps, on a logarithmic scale where it falls far.

    Parameters
    ----------
    *traces : Trace
        Of one run or of many.
    labels : list of str, optional
        A name for each trace; its optimizer's unless told.

    Raises
    ------
    FigureError
        Without a trace that has losses, or for more lines than can be told apart.

    Examples
    --------
    >>> from adamedu import descend, figures, gd, momentum, surfaces
    >>> traces = [descend(optimizer, surfaces.ravine, lr=0.5) for optimizer in (gd, momentum)]
    >>> print(figures.losses(*traces))
    Loss over 100 steps on the ravine. Gradient descent goes from 10.3 to 0.000142; momentum goes
    from 10.3 to 0.0001377.
    """
    drawn = lines(traces, labels)
    figure = _figure(_WIDE, 3.4)
    axes = figure.subplots()
    draw_losses(axes, drawn)
    return figure, _losses_in_words(traces, drawn)


@drawing
def profile(surface: Surface, *traces: Trace, labels: Sequence[str] = ()) -> tuple[Figure, str]:
    """Draw balls that roll over a surface with one coordinate.

    Later positions are darker; the last one is the largest, and has the runner's marker.

    Parameters
    ----------
    surface : Surface
        The ground.
    *traces : Trace
        The balls, of one run or of many.
    labels : list of str, optional
        A name for each trace; its optimizer's unless told.

    Raises
    ------
    FigureError
        When the surface has not one coordinate, or for more lines than can be told apart.

    Examples
    --------
    >>> from adamedu import descend, figures, gd, surfaces
    >>> trace = descend(gd, surfaces.hills, start=[1.5], lr=0.3, steps=9)
    >>> print(figures.profile(surfaces.hills, trace))
    Profile of the hills with one ball. From 1.5 in 9 steps, gradient descent ends at 0.2002, loss
    0.02572, nearest to the global minimum.
    """
    drawn = lines(traces, labels)
    _require(surface, drawn, 1)
    figure = _figure(_WIDE, 3.2)
    axes = figure.subplots()
    draw_balls(axes, surface, drawn)
    legend(axes, drawn, balls=True)
    balls = f" with {_count(sum(len(line.runs) for line in drawn), 'ball')}" if drawn else ""
    return figure, _sentences([f"Profile of the {_title(surface)}{balls}", _ends(drawn)])


@drawing
def paths_and_losses(
    surface: Surface, *traces: Trace, labels: Sequence[str] = (), title: str = ""
) -> tuple[Figure, str]:
    """Draw where the traces went and how their losses fell, one picture for both.

    Parameters
    ----------
    surface : Surface
        What was descended, with one or two coordinates.
    *traces : Trace
        Of one run or of many.
    labels : list of str, optional
        A name for each trace; its optimizer's unless told.
    title : str, optional
        How the picture's sentence begins.
    """
    drawn = lines(traces, labels)
    _require(surface, drawn, 1, 2)
    ratio = _ratio(surface)
    if ratio < _FLAT:
        figure = _figure(_WIDE, _WIDE * ratio + 3.4)
        above, beside = figure.subplots(2, 1, height_ratios=(_WIDE * ratio, 3))
    else:
        figure = _figure(1.5 * _WIDE, 0.6 * _WIDE)
        above, beside = figure.subplots(1, 2)
    draw = draw_balls if surface.dimension == 1 else draw_paths
    draw(above, surface, drawn)
    draw_losses(beside, drawn)
    title = title or f"Paths and losses on the {_title(surface)}"
    return figure, _sentences([title, _ends(drawn)])


@drawing
def quantities(trace: Trace, *names: str | Sequence[str]) -> tuple[Figure, str]:
    """Draw named values over the steps, a panel for each.

    Parameters
    ----------
    trace : Trace
        Of one run.
    *names : str or sequence of str
        Which values; several in one sequence share a panel. All of them unless told.

    Raises
    ------
    FigureError
        For a trace of many runs, or with no steps.
    DescentError
        For a name that the optimizer doesn't have.

    Examples
    --------
    >>> from adamedu import adam, descend, figures
    >>> trace = descend(adam, [1.0, 1.0, 1.0], beta1=0.5)
    >>> print(figures.quantities(trace, ("m", "m_hat")))
    Values of Adam over 3 steps: m goes from 0.5 to 0.875; m_hat goes from 1 to 1.
    """
    check_traces([trace])
    if trace.losses.ndim > 1 or not trace.steps:
        raise FigureError("quantities draws one run with steps: choose it with trace.run(…)")
    panels = [(name,) if isinstance(name, str) else tuple(name) for name in names or trace.values]
    figure = _figure(_WIDE, 0.5 + 1.5 * len(panels))
    every = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    t = np.arange(1, trace.steps + 1)
    said = []
    for axes, panel in zip(every, panels, strict=True):
        ends = []
        for i, name in enumerate(panel):
            columns = trace[name].reshape(trace.steps, -1)
            for j, (coordinate, column) in enumerate(
                zip(_coordinates(trace), columns.T, strict=True)
            ):
                along = f" along {coordinate}" if coordinate else ""
                color, dash = PALETTE[i % len(PALETTE)], DASHES[j % len(DASHES)]
                axes.plot(t, column, color=color, linestyle=dash)
                ends.append((Look(f"${symbol(name)}${along}", color, dash, marker=""), column))
                said.append(f"{name}{along} goes from {number(column[0])} to {number(column[-1])}")
        axes.margins(x=0.01)
        label_ends(axes, ends)
    every[-1].set_xlabel("step t")
    start = f"Values of {look(trace.optimizer.name).label} over {_count(trace.steps, 'step')}"
    return figure, _sentences([f"{start}: {'; '.join(said)}"])


@drawing
def bars(
    weights: Mapping[str, Sequence[Any] | NDArray[Any]],
    *,
    title: str = "Weights of the past gradients",
) -> tuple[Figure, str]:
    """Draw the weights of the gradients 1, 2, …, t, the last being the newest.

    Parameters
    ----------
    weights : mapping of str to array_like of float, shape (t,)
        Groups of weights by their label.
    title : str, optional
        How the picture's sentence begins.

    Raises
    ------
    FigureError
        Without weights, or for groups of different lengths.

    Examples
    --------
    >>> print(bars({"beta = 0.5": [0.125, 0.25, 0.5]}))
    Weights of the past gradients; beta = 0.5: 0.125, 0.25, 0.5, sum 0.875.
    """
    groups = {label: _floats(values) for label, values in weights.items()}
    lengths = {len(values) for values in groups.values()}
    if len(lengths) != 1 or lengths == {0}:
        raise FigureError("bars need one or more weights, as many in every group")
    (length,) = lengths
    figure = _figure(_WIDE, 2.8)
    axes = figure.subplots()
    width = 0.8 / len(groups)
    t = np.arange(1, length + 1)
    for i, (label, values) in enumerate(groups.items()):
        offset = (i - (len(groups) - 1) / 2) * width
        drawn = axes.bar(
            t + offset, values, width * 0.92, color=PALETTE[i % len(PALETTE)], label=label
        )
        if length * len(groups) <= _FEW:
            axes.bar_label(drawn, [number(value) for value in values], fontsize=8, padding=2)
    axes.grid(visible=False, axis="x")
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.set_ylabel("weight")
    axes.set_xlabel("gradient, from the oldest to the newest")
    if length <= 2 * _FEW:
        axes.set_xticks(t, [f"$g_{{{k}}}$" for k in t])
    above(axes, axes.containers)
    said = [
        f"{label}: {_listed(values)}, sum {number(values.sum())}"
        for label, values in groups.items()
    ]
    return figure, _sentences([f"{title}; {'; '.join(said)}"])


@drawing
def curves(  # noqa: PLR0913  (all but one are by name)
    values: Mapping[str, Sequence[Any] | NDArray[Any]],
    *,
    x: Sequence[Any] | NDArray[Any] | None = None,
    title: str = "",
    xlabel: str = "step t",
    ylabel: str = "",
    log: str = "",
    level: float | None = None,
) -> tuple[Figure, str]:
    """Draw curves over one axis, for a lesson's experiment.

    Parameters
    ----------
    values : mapping of str to array_like of float, shape (n,)
        The curves by their label. A label that names an optimizer has its look.
    x : array_like of float, shape (n,), optional
        Where they were measured: 1, 2, …, n unless told.
    title : str, optional
        How the picture's sentence begins.
    xlabel, ylabel : str, optional
        What the axes mean.
    log : str, optional
        Which axes are logarithmic: ``"x"``, ``"y"`` or ``"xy"``.
    level : float, optional
        A value to compare with, drawn as a thin line.

    Raises
    ------
    FigureError
        Without curves, for curves of another length than x, or for more than can be told apart.

    Examples
    --------
    >>> print(curves({"step": [3.0, 6.0, 4.5]}, title="Adam without correction"))
    Adam without correction: step goes from 3 at 1 to 4.5 at 3, highest 6 at 2.
    """
    columns = {label: _floats(column) for label, column in values.items()}
    if not 0 < len(columns) <= MAX_LOOKS:
        raise FigureError(f"curves draws 1 to {MAX_LOOKS} curves, not {len(columns)}")
    t = np.arange(1, len(next(iter(columns.values()))) + 1) if x is None else _floats(x)
    if any(len(column) != len(t) for column in columns.values()) or not len(t):
        raise FigureError("each curve needs one value for each x")
    figure = _figure(_WIDE, 3.4)
    axes = figure.subplots()
    ends, said = [], []
    own_looks = {label: LOOKS[label] for label in columns if label in LOOKS}
    for label, column in columns.items():
        own = own_looks.setdefault(label, unlike(label, [*own_looks.values()]))
        axes.plot(t, column, color=own.color, linestyle=own.dash)
        ends.append((own, column))
        said.append(f"{own.label} {_course(t, column)}")
    for axis in log:
        getattr(axes, f"set_{axis}scale")("log")
    if level is not None:
        axes.axhline(level, color=INK, linewidth=0.8, linestyle=(0, (1, 2)))
        said.append(f"the thin line is at {number(level)}")
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.margins(x=0.01)
    label_ends(axes, ends)
    return figure, _sentences([f"{title or ylabel or 'Curves'}: {'; '.join(said)}"])


def _figure(width: float, height: float = 1) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def _require(surface: Surface, drawn: Sequence[Line], *dimensions: int) -> None:
    if as_surface(surface).dimension not in dimensions:
        wanted = " or ".join("one coordinate" if n == 1 else f"{n} coordinates" for n in dimensions)
        raise FigureError(
            f"this picture needs a surface with {wanted}; {surface.name} has {surface.dimension}"
        )
    for line in drawn:
        shape = line.runs[0].theta.shape[1:]
        if shape != (surface.dimension,):
            raise FigureError(
                f"{line.name} has parameters of shape {shape}, which don't fit {surface.name}"
            )


def _ratio(surface: Surface) -> float:
    """Return the height of a picture of the surface, for a width of 1."""
    if surface.dimension == 1:
        return 0.4
    (left, right), (low, high) = surface.domain
    return (high - low) / (right - left)


def _ends(drawn: Sequence[Line]) -> str:
    """Say where every line began and ended, and what they have in common once."""
    runs = [run for line in drawn for run in line.runs]
    if not runs:
        return ""
    alike = len({run.steps for run in runs}) == 1
    said = "; ".join(
        _end(line, "" if alike else f" after {_steps(line.runs[0])}") for line in drawn
    )
    common = []
    same = len({run.theta[0].tobytes() for run in runs}) == 1
    if same and np.isfinite(runs[0].theta[0]).all():
        common.append(f"from {point(runs[0].theta[0])}")
    if alike:
        common.append(f"in {_steps(runs[0])}")
    return f"{' '.join(common)}, {said}" if common else said


def _end(line: Line, after: str) -> str:
    if len(line.runs) > 1:
        return _many_ends(line) + after
    (run,) = line.runs
    if run.diverged_at is not None:
        return f"{line.name} diverges at step {run.diverged_at}"
    loss = "" if run.surface is None else f", loss {height(run.losses[-1])}"
    said = f"{line.name} ends at {point(run.theta[-1])}{loss}{after}"
    several = len(getattr(run.surface, "minima", ())) > 1
    return f"{said}, nearest to {_which(run)}" if several else said


def _steps(run: Trace) -> str:
    return _count(run.steps, "step")


def _many_ends(line: Line) -> str:
    finished = [run for run in line.runs if run.diverged_at is None]
    said = [f"{line.name} makes {len(line.runs)} runs"]
    if finished and finished[0].surface is not None:
        ends = [run.losses[-1] for run in finished]
        said.append(f"their last losses go from {height(min(ends))} to {height(max(ends))}")
        if len(getattr(finished[0].surface, "minima", ())) > 1:
            home = sum(_which(run) == "the global minimum" for run in finished)
            said.append(f"{home} end nearest to the global minimum")
    if len(finished) < len(line.runs):
        said.append(f"{len(line.runs) - len(finished)} diverge")
    return ", ".join(said)


def _which(run: Trace) -> str:
    minima = np.array(run.surface.minima)  # type: ignore[union-attr]
    nearest = int(np.linalg.norm(minima - run.theta[-1], axis=-1).argmin())
    name = minimum_name(run.surface, nearest)  # type: ignore[arg-type]
    return f"the {name}" if name == "global minimum" else f"the {name} at {point(minima[nearest])}"


def _losses_in_words(traces: Sequence[Trace], drawn: Sequence[Line]) -> str:
    steps = max(trace.steps for trace in traces)
    said = []
    for line in drawn:
        (run, *others) = line.runs
        if others:
            said.append(_many_ends(line))
        elif run.diverged_at is not None:
            said.append(f"{line.name} diverges at step {run.diverged_at}")
        else:
            first, last = height(run.losses[0]), height(run.losses[-1])
            said.append(f"{line.name} goes from {first} to {last}")
    places = {_title(trace.surface) for trace in traces}
    where = f" on the {places.pop()}" if len(places) == 1 else ""
    return _sentences([f"Loss over {_count(steps, 'step')}{where}", "; ".join(said)])


def _coordinates(trace: Trace) -> Sequence[str]:
    names = getattr(trace.surface, "names", ())
    size = trace.theta[0].size
    if len(names) == size > 1:
        return tuple(names)
    return ("",) if size == 1 else [str(k) for k in range(1, size + 1)]


def _course(x: NDArray[Any], values: NDArray[Any]) -> str:
    """Say where a curve begins and ends, and how high and low it gets in between."""
    finite = np.flatnonzero(np.isfinite(values))
    if not len(finite):
        return "has no finite value"
    first, last = finite[0], finite[-1]
    said = f"goes from {number(values[first])} at {number(x[first])} "
    said += f"to {number(values[last])} at {number(x[last])}"
    for word, extreme in (("highest", np.nanmax(values)), ("lowest", np.nanmin(values))):
        if number(extreme) not in {number(values[first]), number(values[last])}:
            k = np.isclose(values, extreme, rtol=1e-9, atol=0).argmax()  # not the last bit's choice
            said += f", {word} {number(extreme)} at {number(x[k])}"
    return said


def _floats(values: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
    """Make a row of floats, of exact numbers too."""
    try:
        return np.array([float(value) for value in values])
    except (TypeError, ValueError) as error:
        raise FigureError(f"a figure needs rows of numbers: {error}") from error


def _listed(values: NDArray[Any]) -> str:
    if len(values) <= _FEW:
        return ", ".join(number(value) for value in values)
    return f"{len(values)} from {number(values[0])} to {number(values[-1])}"


def _title(surface: Any) -> str:
    return str(getattr(surface, "name", "surface")).replace("_", " ")


def _count(n: int, what: str) -> str:
    numerals = {1: "one"} if what != "step" else {}
    return f"{numerals.get(n, n)} {what}{'' if n == 1 else 's'}"


def _sentences(parts: Iterable[str]) -> str:
    return " ".join(f"{part[0].upper()}{part[1:].rstrip('.')}." for part in parts if part)
