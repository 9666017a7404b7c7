"""What a scene is made of: plain data, which JSON can hold and ``browser/types.d.ts`` repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from adamedu.core.errors import ArgumentError, there_is

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class SceneError(ArgumentError):
    """A playground that can't be made of what was given."""


Scale = Literal["linear", "log", "one-minus"]
"""How a slider moves: evenly, by powers of ten, or by powers of ten of what is left of 1."""


class Slider(TypedDict):
    """A hyperparameter, and the range in which it is played with."""

    name: str
    symbol: str
    value: float
    low: float
    high: float
    scale: Scale


class RunnerScene(TypedDict):
    """A runner: how it is drawn, and the step that the browser makes, if it can."""

    id: str
    label: str
    color: str
    dash: list[float]
    marker: str
    on: bool
    code: str | None
    state: list[str]
    lines: list[dict[str, Any]]
    sliders: list[Slider]


class Area(TypedDict):
    """What lies below a level; each ring is x, y, x, y, … in parts of the grid."""

    fill: str
    rings: list[list[int]]


class SurfaceScene(TypedDict):
    """A surface that is descended."""

    kind: Literal["surface"]
    name: str
    equation: str
    code: str
    names: list[str]
    domain: list[list[float]]
    minima: list[list[float]]
    called: list[str]
    contours: list[Area]
    ground: list[float]
    noise: list[list[float]] | None


class GradientsScene(TypedDict):
    """Gradients that are given, one per step."""

    kind: Literal["gradients"]
    values: list[list[float]]


Objective = SurfaceScene | GradientsScene


class CurveScene(TypedDict):
    """What the curve shows, and how."""

    quantity: str
    scale: str
    bars: bool


class Scene(TypedDict):
    """All that the browser needs."""

    version: int
    title: str
    alt: str
    runners: list[RunnerScene]
    objective: Objective
    start: list[float]
    steps: int
    most_steps: int
    views: list[str]
    together: bool
    curve: CurveScene
    backdrop: dict[str, Any] | None


def check_known(name: str, known: Collection[str], what: str) -> None:
    """Refuse a name that isn't among those known.

    >>> check_known("chart", ["map", "curve"], "there is no view")
    Traceback (most recent call last):
        ...
    adamedu.playgrounds.schema.SceneError: there is no view 'chart'; there is map, curve
    """
    if name not in known:
        raise SceneError(f"{what} {name!r}; {there_is(name, known)}")


def check_listed(names: Sequence[str], what: str) -> None:
    """Refuse a text in the place of a list of texts."""
    if isinstance(names, str):
        raise SceneError(f"{what} should be a list: write {what}=[{names!r}]")
