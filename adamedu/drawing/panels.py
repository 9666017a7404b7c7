"""Draw traces onto axes: the panels that `adamedu.drawing.figures` is made of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from adamedu.core.trace import Trace
from adamedu.drawing.pictures import (
    CONTOUR,
    DECADES,
    GROUND,
    INK,
    LINE_WIDTH,
    MAX_LOOKS,
    SHADES,
    FigureError,
    Look,
    looks,
    number,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from adamedu.core.surface import Surface

_BALLS: Final = 150  # nearer than a part of the width in so many, they would hide each other
_DOTTED: Final = 4  # paths, or fewer, have a dot for each step
_FAR: Final = 50  # a loss that falls by this factor needs one
_LEVEL: Final = 1e-9  # minima that differ by less are equally low
_LETTERS: Final = 13  # per inch
_LINE: Final = 0.17  # inches
_SWATCH: Final = 6  # letters


class Line(NamedTuple):
    """The runs that share a look: one, or one for each start."""

    look: Look
    name: str
    runs: list[Trace]


def lines(traces: Sequence[Trace], labels: Sequence[str] = ()) -> list[Line]:
    """Give every trace, and every combination of a sweep, a look and a name of its own.

    Raises
    ------
    FigureError
        For more than can be told apart, for another number of labels than of traces, or for a trace
        whose steps weren't recorded.
    """
    check_traces(traces)
    if isinstance(labels, str):
        raise FigureError(f"labels should be a list: write labels=[{labels!r}]")
    if labels and len(labels) != len(traces):
        raise FigureError(f"{len(traces)} traces need as many labels, not {len(labels)}")
    if not all(trace.recorded for trace in traces):
        raise FigureError("only the ends of a trace with record=False are known: record its steps")
    groups = [
        (label, [trace.run(*swept, *start) for start in np.ndindex(trace.losses.shape[1 + axes :])])
        for trace, label in zip(traces, labels or [""] * len(traces), strict=True)
        for axes in [len(trace.swept)]
        for swept in np.ndindex(trace.losses.shape[1 : 1 + axes])
    ]
    if len(groups) > MAX_LOOKS:
        raise FigureError(
            f"{len(groups)} lines can't be told apart: draw {MAX_LOOKS} or fewer, "
            "chosen with trace.run(…)"
        )
    alike = len({(label, runs[0].optimizer.name) for label, runs in groups}) == 1
    drawn: list[Line] = []
    own_looks = looks([runs[0].optimizer.name for _, runs in groups])
    for i, ((given, runs), own) in enumerate(zip(groups, own_looks, strict=True)):
        rivals = [run for _, (run, *_) in groups if run.optimizer.name == runs[0].optimizer.name]
        name = given or own.label
        differing = ""
        if len([label for label, _ in groups if label == given]) > 1 and len(rivals) > 1:
            differing = ", ".join(_differing(runs[0], rivals)) or f"run {i + 1}"
            name = f"{name} with {differing}"
        short = differing if alike and differing else name
        drawn.append(Line(own._replace(label=short), name, runs))
    return drawn


def check_traces(traces: Sequence[Any]) -> None:
    """Refuse what is no trace.

    Raises
    ------
    FigureError
        The message says what to write.

    Examples
    --------
    >>> from adamedu import descend, gd, surfaces
    >>> check_traces([[descend(gd, surfaces.ravine)]])
    Traceback (most recent call last):
        ...
    adamedu.drawing.pictures.FigureError: traces are given one by one: put a * before the list
    """
    for trace in traces:
        if isinstance(trace, list | tuple):
            raise FigureError("traces are given one by one: put a * before the list")
        if not isinstance(trace, Trace):
            raise FigureError(f"this draws what descend returns, not a {type(trace).__name__}")


def _differing(run: Trace, rivals: Sequence[Trace]) -> list[str]:
    """Name the hyperparameters that tell a run from others of the same optimizer."""
    own = run.hyperparameters
    return [
        f"{name} = {number(value) if np.ndim(value) == 0 else 'a schedule'}"
        for name, value in own.items()
        if any(not np.array_equal(value, rival.hyperparameters[name]) for rival in rivals)
    ]


def draw_paths(axes: Axes, surface: Surface, drawn: Sequence[Line], *, equal: bool = True) -> None:
    """Draw contour lines and the paths over them; where few are drawn, a dot is a step."""
    from matplotlib.colors import LinearSegmentedColormap

    (left, right), (low, high) = surface.domain
    x, y, z, levels = surface.relief()
    shades = LinearSegmentedColormap.from_list("shades", SHADES)
    axes.contourf(x, y, z, levels, cmap=shades)
    axes.contour(x, y, z, levels[1:-1], colors=CONTOUR, linewidths=0.5, linestyles="solid")
    for line in drawn:
        alone = len(line.runs) == 1
        for run in line.runs:
            axes.plot(
                *run.theta.T,
                color=line.look.color,
                linestyle=line.look.dash,
                linewidth=1.3 if alone else 0.8,
                alpha=1 if alone else 0.6,
            )
            if alone and len(drawn) <= _DOTTED:
                axes.plot(*run.theta.T, ".", color=line.look.color, markersize=3)
    _mark_minima(axes, surface)
    for line in drawn:
        for run in line.runs:
            axes.plot(
                *run.theta[0], "o", color="white", markeredgecolor=INK, markersize=6, zorder=4
            )
            axes.plot(
                *run.theta[_moves(run)],
                line.look.marker,
                color=line.look.color,
                markeredgecolor="white",
                markersize=8 if len(line.runs) == 1 else 5,
                zorder=5,
            )
    axes.set(xlim=(left, right), ylim=(low, high), xlabel=surface.names[0], ylabel=surface.names[1])
    axes.grid(visible=False)
    if equal:
        axes.set_aspect("equal")


def _mark_minima(axes: Axes, surface: Surface) -> None:
    from matplotlib.patheffects import withStroke

    for i, minimum in enumerate(surface.minima):
        axes.plot(*minimum, "x", color=INK, markersize=7, markeredgewidth=1.4, zorder=3)
        axes.annotate(
            minimum_name(surface, i),
            (minimum[0], minimum[1]),
            (0, -9),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
            color=INK,
            path_effects=[withStroke(linewidth=2.4, foreground="white", alpha=0.8)],
            zorder=6,
        )


def minimum_name(surface: Surface, i: int) -> str:
    """Say what kind of minimum a surface's i-th one is, if it has several.

    >>> from adamedu import surfaces
    >>> minimum_name(surfaces.double_well, 1), minimum_name(surfaces.himmelblau, 1)
    ('local minimum', 'minimum')
    """
    above = surface(surface.minima) - surface(surface.minima).min() > _LEVEL
    if not above.any():
        return "minimum"
    return "local minimum" if above[i] else "global minimum"


def _moves(run: Trace) -> int:
    """Count the steps before a divergence."""
    return run.steps if run.diverged_at is None else max(run.diverged_at - 1, 0)


def draw_balls(axes: Axes, surface: Surface, drawn: Sequence[Line]) -> None:
    """Draw the ground and the balls on it, later ones darker and the last one the largest."""
    from matplotlib.transforms import ScaledTranslation

    ((left, right),) = surface.domain
    x = np.linspace(left, right, 601)
    ground = surface(x[:, None])
    height = ground.max() - ground.min()
    floor = ground.min() - 0.12 * height
    axes.fill_between(x, ground, floor, color=GROUND, linewidth=0)
    axes.plot(x, ground, color=CONTOUR, linewidth=1.2)
    scale = axes.figure.dpi_scale_trans
    for line in drawn:
        for run in line.runs:
            shown = _visibly_apart(run, (right - left) / _BALLS)
            alphas = np.linspace(0.35, 1, len(shown))
            for k, alpha in zip(shown, alphas, strict=True):
                ball = 11 if k == shown[-1] else 6.5
                up = ScaledTranslation(0, ball / 144, scale)
                axes.plot(
                    *run.theta[k],
                    run.losses[k],
                    line.look.marker if k == shown[-1] else "o",
                    color=line.look.color,
                    alpha=alpha,
                    markersize=ball,
                    markeredgecolor="white",
                    markeredgewidth=0.6,
                    transform=axes.transData + up,
                    zorder=3,
                )
    for i, minimum in enumerate(surface.minima):
        axes.annotate(
            minimum_name(surface, i),
            (minimum[0], float(surface(minimum))),
            (0, -6),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
            color=INK,
        )
    axes.set(xlim=(left, right), ylim=(floor, ground.max() + 0.08 * height))
    axes.set(xlabel=surface.names[0], ylabel="loss")
    axes.grid(visible=False)


def _visibly_apart(run: Trace, gap: float) -> list[int]:
    """Choose the steps that moved a ball by more than a gap, and the last one."""
    shown = [0]
    for k in range(1, _moves(run) + 1):
        if abs(run.theta[k, 0] - run.theta[shown[-1], 0]) > gap:
            shown.append(k)
    return [*shown, _moves(run)] if shown[-1] < _moves(run) else shown


def draw_losses(axes: Axes, drawn: Sequence[Line], *, beside: Sequence[Line] = ()) -> None:
    """Draw losses over steps, each named at its end, on a scale that also fits those beside."""
    if not drawn:
        raise FigureError("a picture of losses needs a trace")
    if any(run.surface is None for line in drawn for run in line.runs):
        raise FigureError("a trace of given gradients has no losses")
    every = np.concatenate([run.losses for line in (*drawn, *beside) for run in line.runs])
    every = every[np.isfinite(every)]
    for line in drawn:
        for run in line.runs:
            axes.plot(
                run.losses,
                color=line.look.color,
                linestyle=line.look.dash,
                linewidth=LINE_WIDTH if len(line.runs) == 1 else 0.8,
                alpha=1 if len(line.runs) == 1 else 0.6,
            )
    if falls_far(every):
        axes.set_yscale("log")
        bottom = every.max() * 10.0**-DECADES
        lowest = every[every > 0].min(initial=every.max()) / 2
        axes.set_ylim(max(bottom, lowest), 2 * every.max())
    axes.set(xlabel="step t", ylabel="loss")
    axes.margins(x=0.01)
    label_ends(axes, [(line.look, line.runs[0].losses) for line in drawn])


def falls_far(losses: NDArray[np.floating]) -> bool:
    """Whether finite losses are read on a logarithmic scale.

    >>> falls_far(np.array([10.0, 0.001])), falls_far(np.array([1.0, -1.0])), falls_far(np.empty(0))
    (True, False, False)
    """
    return len(losses) > 0 and bool(losses.min() >= 0 and losses.max() > _FAR * losses.min())


def label_ends(axes: Axes, drawn: Sequence[tuple[Look, ArrayLike]]) -> None:
    """Name curves at their right end, where needed moved apart."""
    low, high = axes.transAxes.transform([(0, 0), (0, 1)])[:, 1]
    heights = []
    for _, values in drawn:
        column = np.asarray(values, float)
        finite = column[np.isfinite(column)]
        value = finite[-1] if len(finite) else np.nan
        lowest, highest = axes.get_ylim()
        at = axes.transData.transform((0, min(max(value, lowest), highest)))[1]
        heights.append((at - low) / (high - low))
    gaps = max(len(drawn) - 1, 1)
    places = spread(heights, min(_LINE / size(axes)[1], 1 / gaps))
    for (own, _), height, place in zip(drawn, heights, places, strict=True):
        axes.plot(
            (1.005, 1.03),
            (height, place),
            color=own.color,
            linewidth=1,
            transform=axes.transAxes,
            clip_on=False,
        )
        axes.plot(
            (1.03, 1.07),
            (place, place),
            color=own.color,
            linestyle=own.dash,
            transform=axes.transAxes,
            clip_on=False,
        )
        axes.text(1.08, place, own.label, transform=axes.transAxes, va="center", color=INK)


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Move places apart until neighbors are a gap away, each a little, between 0 and 1 if they fit.

    >>> spread([0.5, 0.1, 0.5], 0.2)
    [0.4, 0.1, 0.6]
    >>> spread([0.0, 0.0], 0.5)
    [0.0, 0.5]
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    blocks: list[list[float]] = []

    def first(block: list[float]) -> float:
        """Return a block's lowest place: its middle is the mean of what its members wish."""
        length = (len(block) - 1) * gap
        return max(0.0, min(sum(block) / len(block) - length / 2, 1 - length))

    for i in order:
        blocks.append([places[i]])
        while len(blocks) > 1 and first(blocks[-2]) + len(blocks[-2]) * gap > first(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    apart = [first(block) + k * gap for block in blocks for k in range(len(block))]
    moved = dict(zip(order, apart, strict=True))
    return [round(moved[i], 6) for i in range(len(places))]


def size(axes: Axes) -> tuple[float, float]:
    """Return the width and the height of axes, in inches."""
    figure: Any = axes.figure
    box = axes.get_position()
    return box.width * figure.get_figwidth(), box.height * figure.get_figheight()


def legend(axes: Axes, drawn: Sequence[Line], *, balls: bool = False) -> None:
    """Name the lines, or the balls, above the axes."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=line.look.color,
            linestyle="" if balls else line.look.dash,
            marker=line.look.marker,
            markeredgecolor="white",
            markersize=8,
            label=line.look.label,
        )
        for line in drawn
    ]
    above(axes, handles)


def above(axes: Axes, handles: Sequence[Any]) -> None:
    """Put a legend over the axes, in as many columns as fit."""
    if not handles:
        return
    letters = [len(handle.get_label()) + _SWATCH for handle in handles]
    room = size(axes)[0] * _LETTERS

    def width(rows: int) -> int:
        return sum(max(letters[i : i + rows]) for i in range(0, len(letters), rows))

    rows = next((n for n in range(1, len(letters)) if width(n) <= room), len(letters))
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=math.ceil(len(handles) / rows),
        borderaxespad=0.2,
        handlelength=2.4,
        columnspacing=1.4,
    )
