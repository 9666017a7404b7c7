"""Who runs in a playground: each runner with its hyperparameters, its look and its code."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.core.recurrence import REQUIRED, Recurrence, RecurrenceError, recurrence
from adamedu.drawing.pictures import LINE_WIDTH, MAX_LOOKS, looks
from adamedu.playgrounds.equations import equations, unicode
from adamedu.playgrounds.javascript import javascript
from adamedu.playgrounds.schema import SceneError, check_known, check_listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from adamedu.playgrounds.schema import RunnerScene, Scale, Slider

MAX_RUNNERS: Final = MAX_LOOKS
"""More can't be told apart."""

SHOWN_AT_FIRST: Final = 8
"""So many runners are drawn until the reader switches others on, or some of these off."""

HALF: Final = 0.5
"""From here up to 1 a hyperparameter is a share that is kept, whatever its name."""


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
    check_listed(labels, "labels")
    if labels and len(labels) != len(steps):
        raise SceneError(f"{len(steps)} runners need as many labels, not {len(labels)}")
    names = [step.name for step in steps]
    ids = [
        f"{name}-{names[: i + 1].count(name)}" if name in names[:i] else name
        for i, name in enumerate(names)
    ]
    given = settings or {}
    for name in given:
        check_known(name, ids, "there is no runner")
    every = dict.fromkeys(name for step in steps for name in step.hyperparameters)
    for name in hyperparameters:
        check_known(name, every, "no runner has a hyperparameter")
    rates: Mapping[str, float] = getattr(surface, "rates", {})
    found = []
    for own, step, label in zip(ids, steps, labels or [""] * len(steps), strict=True):
        values = step.hyperparameters
        if "lr" in values and step.name in rates:
            values["lr"] = rates[step.name]
        values |= {name: value for name, value in hyperparameters.items() if name in values}
        for name, value in given.get(own, {}).items():
            check_known(name, values, f"{own} has no hyperparameter")
            values[name] = value
        found.append(Runner(own, step, label, {k: _number(own, k, v) for k, v in values.items()}))
    return found


def described(entered: Sequence[Runner]) -> list[RunnerScene]:
    """Return runners as data, each with the look that it has in figures.

    >>> from adamedu import adam
    >>> [one] = described(runners(adam))
    >>> one["color"], [slider["symbol"] for slider in one["sliders"]]
    ('#D55E00', ['α', 'β₁', 'β₂', 'ε'])
    """
    drawn = looks([runner.step.name for runner in entered])
    return [
        {
            "id": runner.id,
            "label": runner.label or own.label,
            "color": own.color,
            "dash": _dash(own.dash),
            "marker": own.marker,
            "on": i < SHOWN_AT_FIRST,
            "code": _code(runner.step),
            "state": list(runner.step.state),
            "lines": _lines(runner.step),
            "sliders": [slider(name, value) for name, value in runner.settings.items()],
        }
        for i, (runner, own) in enumerate(zip(entered, drawn, strict=True))
    ]


def slider(name: str, value: float) -> Slider:
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


def _slider(name: str, value: float, low: float, high: float, scale: Scale) -> Slider:
    return {"name": name, "symbol": unicode(name), "value": value, "low": low, "high": high,
            "scale": scale}  # fmt: skip


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
    return [round(LINE_WIDTH * part, 1) for part in pattern]
