"""The playground as a widget: what the browser shows, and the kernel's side of it.

The browser makes the steps itself. The kernel keeps the same settings, both ways, and makes the
steps only of what can't be printed as JavaScript, or when it is asked for a trace.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import anywidget
import numpy as np
import traitlets

from adamedu.core import surfaces
from adamedu.core.arguments import as_surface, steps_asked
from adamedu.core.descent import descend
from adamedu.core.errors import UnknownAttributeError, there_is
from adamedu.core.surface import Surface
from adamedu.drawing.pictures import Picture, look
from adamedu.playgrounds.bundle import script, style
from adamedu.playgrounds.objective import placed
from adamedu.playgrounds.reloading import follow_edits
from adamedu.playgrounds.runners import SHOWN_AT_FIRST, Runner, runners
from adamedu.playgrounds.scene import MAX_STEPS, Showing, describe
from adamedu.playgrounds.schema import SceneError
from adamedu.playgrounds.stills import still, suits
from adamedu.sandbox.inside.deadline import SECONDS, OutOfTime, within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from adamedu.core.descent import Trace
    from adamedu.playgrounds.schema import Scene

_SET: Final = ("start", "steps", "settings", "chosen", "step", "playing")

UNSEEN: Final = "To play with it, run this cell in Jupyter."
"""What stands in the place of the widget where none is shown."""

FIRST: Final = 8
"""A playground opens at this part of its steps, where something is to be seen."""


class Playground(anywidget.AnyWidget):
    """Optimizers that run in the browser, to be played with; made by `playground`.

    In a notebook it is its still, and after it the widget, which takes the still's place where
    widgets are shown. Hyperparameters are attributes: ``p.lr = 0.1`` sets it for every runner that
    has it, and `set` for one.

    Attributes
    ----------
    scene : dict
        What is shown, as plain data; see `adamedu.playgrounds.schema`.
    start : list of float
        Where the runners start.
    steps : int
        How many steps they make.
    settings : dict of str to dict
        The hyperparameters of each runner, by its id. Assign a whole one, or use `set`.
    chosen : str
        The id of the runner whose numbers are shown.
    step : int
        The step that is shown.
    playing : bool
        Whether it is playing.
    still : Picture
        What is seen where no widgets are.
    """

    _esm = script()
    _css = style()
    scene = traitlets.Dict().tag(sync=True)
    start = traitlets.List(traitlets.Float()).tag(sync=True)
    steps = traitlets.Int().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int().tag(sync=True)
    playing = traitlets.Bool(default_value=False).tag(sync=True)
    buffers = traitlets.Dict().tag(sync=True)
    still = traitlets.Instance(Picture)

    def __init__(
        self,
        entered: Sequence[Runner],
        objective: Surface | ArrayLike,
        scene: Scene,
        still: Picture,
    ) -> None:
        self._runners = {runner.id: runner for runner in entered}
        self._objective = objective
        self._most = scene["most_steps"]
        self.still = still
        super().__init__(
            scene=scene,
            start=scene["start"],
            steps=scene["steps"],
            settings={runner.id: dict(runner.settings) for runner in entered},
            chosen=entered[:SHOWN_AT_FIRST][-1].id,
            step=math.ceil(scene["steps"] / FIRST),
        )
        self._compute()
        self.observe(self._compute, ["start", "steps", "settings"])
        follow_edits(self)

    def __repr__(self) -> str:
        return str(self.still.alt)

    def __getattr__(self, name: str) -> Any:
        found = {
            settings[name]
            for settings in self.__dict__.get("_trait_values", {}).get("settings", {}).values()
            if name in settings
        }
        if not found:
            raise UnknownAttributeError(f"a playground has no {name!r}; {self._has(name)}")
        if len(found) > 1:
            raise UnknownAttributeError(f"{name} differs between the runners: look into settings")
        return found.pop()

    def __setattr__(self, name: str, value: Any) -> None:
        if any(name in runner.settings for runner in self.__dict__.get("_runners", {}).values()):
            self.set(**{name: value})
            return
        if not (name.startswith("_") or hasattr(type(self), name)):
            raise UnknownAttributeError(f"a playground has no {name!r}; {self._has(name)}")
        try:
            super().__setattr__(name, value)
        except traitlets.TraitError as error:
            raise SceneError(str(error)) from error

    def _has(self, name: str) -> str:
        """Say what can be set."""
        runners = self.__dict__.get("_runners", {}).values()
        settings = dict.fromkeys(own for runner in runners for own in runner.settings)
        return there_is(name, [*settings, *_SET], "it has")

    def set(self, runner: str = "", /, **hyperparameters: float) -> None:
        """Set hyperparameters of one runner, or of every runner that has them.

        Parameters
        ----------
        runner : str, optional
            Its id.
        **hyperparameters
            Numbers.

        Raises
        ------
        SceneError
            When there is no such runner or hyperparameter, or for what isn't a finite number.
        """
        if runner and runner not in self.settings:
            raise SceneError(f"no runner {runner!r}; {there_is(runner, self.settings)}")
        chosen = {runner: self.settings[runner]} if runner else self.settings
        known = dict.fromkeys(name for own in chosen.values() for name in own)
        for name in hyperparameters:
            if name not in known:
                has = there_is(name, known)
                raise SceneError(f"{runner or 'no runner'} has no hyperparameter {name!r}; {has}")
        self.settings = self.settings | {
            id_: own | {name: value for name, value in hyperparameters.items() if name in own}
            for id_, own in chosen.items()
        }

    @property
    def traces(self) -> dict[str, Trace]:
        """The traces that `descend` gives for what is set now, by the runners' ids."""
        return {id_: self._descend(runner) for id_, runner in self._runners.items()}

    @property
    def trace(self) -> Trace:
        """The trace of the only runner.

        Raises
        ------
        SceneError
            When there are several.
        """
        if len(self._runners) > 1:
            raise SceneError(f"there are several traces: traces[…] of {', '.join(self._runners)}")
        return next(iter(self.traces.values()))

    def _descend(self, runner: Runner) -> Trace:
        steps = self.steps if isinstance(self._objective, Surface) else None
        return _run(runner, self._objective, steps, self.start, self.settings[runner.id])

    def _compute(self, change: Any = None) -> None:
        """Make the steps of those runners that the browser can't run, in time if it asks for it."""
        unread = [one["id"] for one in self.scene["runners"] if one["code"] is None]
        if not unread:
            return
        try:
            seconds = None if change is None else SECONDS
            paths = [within(seconds, self._descend, self._runners[id_]).theta for id_ in unread]
        except OutOfTime as late:
            self.buffers = dict.fromkeys(unread, np.full(len(self.start), np.nan).tobytes())
            raise SceneError(f"a step of {', '.join(unread)} {late}") from None
        self.buffers = {
            id_: np.asarray(path, np.float64).tobytes()
            for id_, path in zip(unread, paths, strict=True)
        }

    @traitlets.validate("start")
    def _check_start(self, proposal: Any) -> list[float]:
        return placed(proposal.value, self.scene["objective"])

    @traitlets.validate("steps")
    def _check_steps(self, proposal: Any) -> int:
        if not 1 <= proposal.value <= self._most:
            raise SceneError(f"steps should be 1 to {self._most} here, not {proposal.value}")
        return int(proposal.value)

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: Any) -> str:
        if proposal.value not in self._runners:
            known = there_is(proposal.value, self._runners)
            raise SceneError(f"no runner {proposal.value!r}; {known}")
        return str(proposal.value)

    @traitlets.validate("step")
    def _check_step(self, proposal: Any) -> int:
        return min(max(int(proposal.value), 0), self.steps)

    @traitlets.validate("settings")
    def _check_settings(self, proposal: Any) -> dict[str, dict[str, float]]:
        given = {id_: dict(own) for id_, own in proposal.value.items()}
        whole = {id_: runner.settings for id_, runner in self._runners.items()} | given
        entered = [runner.step for runner in self._runners.values()]
        return {one.id: one.settings for one in runners(entered, settings=whole)}

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self.still._ipython_display_()
        data, metadata = self._repr_mimebundle_() or ({}, {})
        display({**data, "text/plain": UNSEEN}, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]


def playground(  # noqa: PLR0913  (all but two are by name)
    optimizers: Callable[..., Any] | Sequence[Callable[..., Any]],
    surface: Surface | ArrayLike = surfaces.ravine,
    *,
    steps: int | None = None,
    start: Sequence[float] | None = None,
    settings: Mapping[str, Mapping[str, float]] | None = None,
    labels: Sequence[str] = (),
    title: str = "",
    curve: str = "",
    scale: str = "",
    bars: bool = False,
    views: Sequence[str] = ("map", "curve", "table"),
    together: bool = False,
    backdrop: Mapping[str, Any] | None = None,
    **hyperparameters: float,
) -> Playground:
    """Let optimizers run in the browser, with a slider for every hyperparameter.

    Parameters
    ----------
    optimizers : callable or list of callable
        One to 16 step functions; your own may run, too. The first eight are drawn until others are
        switched on.
    surface : Surface or array_like of float, optional
        What they descend, with one or two coordinates; an array is a list of gradients, one per
        step.
    steps : int, optional
        How many steps they make: 100, or as many as gradients are given.
    start : list of float, optional
        Where they start. The surface's own start, or zeros where gradients are given.
    settings : mapping of str to mapping, optional
        Hyperparameters by runner: ``{"adam": {"beta1": 0.5}}``.
    labels : list of str, optional
        A name for each runner; its optimizer's unless told.
    title : str, optional
        What stands above.
    curve : str, optional
        What the curve shows: ``"loss"``, ``"move"`` (its length) or a named line: ``"v_hat"``. The
        loss unless told, or the move where gradients are given.
    scale : {"linear", "log"}, optional
        The curve's scale; unless told, what suits the losses.
    bars : bool, optional
        Whether the curve is drawn as bars.
    views : list of str, optional
        Which of ``"map"``, ``"curve"`` and ``"table"`` are shown.
    together : bool, optional
        Whether a slider moves those of the same name of all runners, to begin with.
    backdrop : mapping, optional
        A picture behind the map: ``{"image": …}``, a data URL.
    **hyperparameters
        What holds for every runner that has a hyperparameter of that name.

    Raises
    ------
    SceneError
        When something doesn't fit; the message says what.
    DescentError
        When the runners can't run as they were asked to.

    Examples
    --------
    >>> from adamedu import adam, gd, playground, surfaces
    >>> p = playground([gd, adam], surfaces.ravine, steps=30)
    >>> p
    Paths and losses on the ravine. From (-9, 2.5) in 30 steps, gradient descent ends at (-0.5315,
    0.003095), loss 0.01413; Adam ends at (0.3663, 0.3869), loss 0.1564.
    >>> p.set("gd", lr=0.5)
    >>> p.traces["gd"]
    <gd on ravine: 30 steps, loss 10.3 -> 0.1866, ends at (-1.932, 0)>
    """
    __tracebackhide__ = True
    count = steps_asked(surface, steps)
    if not 1 <= count <= MAX_STEPS:
        raise SceneError(f"a playground makes 1 to {MAX_STEPS} steps, not {count}")
    ground = as_surface(surface) if callable(surface) else None
    if ground and ground.dimension > len("xy"):
        raise SceneError(f"a playground has one or two coordinates; {ground.name} has more")
    entered = runners(optimizers, surface, settings=settings, labels=labels, **hyperparameters)
    quantity = curve or ("loss" if ground else "move")
    named = zip(entered, labels or [""] * len(entered), strict=True)
    showing = Showing(
        title=title or _title([label or look(one.step.name).label for one, label in named], ground),
        quantity=quantity,
        scale=scale or "linear",
        bars=bars,
        views=views,
        together=together,
        backdrop=backdrop,
    )
    scene = describe(entered, surface, showing, steps=count, start=start)
    traces = [_run(one, surface, steps, start, one.settings) for one in entered]
    shown = slice(SHOWN_AT_FIRST)
    if quantity == "loss" and not scale:
        scene["curve"]["scale"] = suits([trace.losses for trace in traces[shown]])
    picture = still(traces[shown], ground, labels=labels[shown], title=title, quantity=quantity)
    scene["alt"] = picture.alt
    return Playground(entered, surface, scene, picture)


def _run(
    runner: Runner,
    objective: Surface | ArrayLike,
    steps: int | None,
    start: Sequence[float] | None,
    settings: Mapping[str, Any],
) -> Trace:
    __tracebackhide__ = True
    return descend(runner.step, objective, steps=steps, start=start, **settings)


def _title(names: Sequence[str], ground: Surface | None) -> str:
    """Name a playground after its runners and where they run."""
    *before, last = names
    who = f"{', '.join(before)} and {last}" if before else last
    who = who if len(names) <= SHOWN_AT_FIRST else f"{len(names)} optimizers"
    where = f"on the {ground.name.replace('_', ' ')}" if ground else "with given gradients"
    return f"{who[0].upper()}{who[1:]} {where}"
