"""The whole loop: gradients in, the parameters after each step out."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.content.tasks import RunTask
from adamedu.grading.comparing import NotNumbersError, agrees, as_array
from adamedu.grading.diagnosis.naming import behavior, diagnose
from adamedu.grading.exams.exam import Reply, call
from adamedu.grading.exams.loop import LoopExam, loop_moment, path_difference
from adamedu.grading.probes import (
    draw_gradients,
    draw_long_gradients,
    draw_usual_hyperparameters,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adamedu.content.mistakes import Mistake as Known
    from adamedu.grading.comparing import Array
    from adamedu.grading.diagnosis.naming import Moment
    from adamedu.sandbox.request import Call, Script

_SIZE: Final = 3
_RUNS: Final = (("first", 1), ("path", 6), ("again", 9), ("arguments", 2))
_LONG: Final = 520


class RunExam(LoopExam[RunTask]):
    """``run(theta, gradients, *, lr, …)`` returns the parameters after each step.

    Checks: ``first`` (one step), ``path`` (a run of six), ``again`` (after the others, a longer run
    from elsewhere and a very long one), ``arguments``.
    """

    def __init__(self, task: RunTask, seed: int) -> None:
        super().__init__(task, seed)
        self.runs: dict[str, tuple[Array, list[Array]]] = {}
        for check, steps in _RUNS:
            theta = np.round(self.rng.uniform(-2.0, 2.0, _SIZE), 3)
            self.runs[check] = (theta, draw_gradients(self.rng, steps, (_SIZE,)))
        self.usual = draw_usual_hyperparameters(self.rng, self.reference)
        self.long = (self.runs["again"][0], draw_long_gradients(self.rng, _LONG, (_SIZE,)))

    def write(self) -> dict[str, Script]:
        """One call per check, and one more that is long."""
        hyper = self.hyperparameters
        scripts: dict[str, Script] = {c: [self.run(*run, hyper)] for c, run in self.runs.items()}
        scripts["again"].append(self.run(*self.long, self.usual))
        return scripts

    def run(self, theta: Array, gradients: list[Array], hyperparameters: dict[str, Any]) -> Call:
        """Write the call for a run."""
        return call(self.task.answer, (theta, list(gradients)), hyperparameters)

    def wrong(self, check: str, found: list[Reply]) -> str | None:
        """Compare the path with the definition's, or the arguments with what they were."""
        theta, gradients = self.runs[check]
        kept = check != "arguments" or found[0].untouched
        if not (kept or self.equal(found[0].arguments, check)):
            return f"{self.task.answer} changes the arrays that it is given; work on a copy"
        fact = self.path_fact(found[0].value, self.walk(theta, gradients)[0], theta)
        if fact is not None or check != "again":
            return fact
        if len(found) == 1:
            return "a long run was not answered"
        path, _ = self.walk(*self.long, hyperparameters=self.usual)
        fact = self.path_fact(found[1].value, path, self.long[0])
        return None if fact is None else f"a run of {_LONG} steps: {fact}"

    def equal(self, after: tuple[Any, ...], check: str) -> bool:
        """Whether the arguments hold what they held before."""
        theta, gradients = self.runs[check]
        same = len(after) == 2 and np.array_equal(after[0], theta)  # noqa: PLR2004
        same = same and isinstance(after[1], list) and len(after[1]) == len(gradients)
        return same and all(map(np.array_equal, after[1], gradients))

    def path_fact(self, value: Any, path: list[Array], theta: Array) -> str | None:
        """Say where what came back first leaves the definition's path from ``theta``."""
        expected = np.array(path)
        try:
            got = as_array(value)
        except NotNumbersError as error:
            return f"what {self.task.answer} returns {error}; it should be a list of arrays"
        if got.shape == (len(path) + 1, *theta.shape) and np.array_equal(got[0], theta):
            return (
                f"{self.task.answer} should return theta_1 to theta_T, without the starting point"
            )
        if got.shape != expected.shape:
            form = f"shape {got.shape}, expected {expected.shape}: one theta per gradient"
            return f"{self.task.answer} returns {form}"
        return path_difference("theta", got, expected)

    def recognize(self, passed: set[str], found: dict[str, list[Reply]]) -> Iterable[Known | None]:
        """Look for a known mistake in two runs side by side, or for state kept between them."""
        shown = self.kept_between(passed, found)
        if shown is None and "path" in found:
            shown = self.collecting(found["path"][0].value)
        if shown is not None:
            return [behavior(shown)]
        paths = {check: self.path(check, found) for check in ("path", "again")}
        seen = {check: path for check, path in paths.items() if path is not None}
        if "path" not in seen or passed >= {"path", "again"}:
            return []
        known = diagnose(self.reference.name, "run", self.moments(seen))
        return known or ([behavior("includes-start")] if self.is_late(seen["path"]) else [])

    def kept_between(self, passed: set[str], found: dict[str, list[Reply]]) -> str | None:
        """Name what went wrong with the first run that wasn't right after others that were."""
        for check, earlier in (("path", ["first"]), ("again", ["first", "path"])):
            if check not in passed and passed >= {*earlier} and self.kept(check, earlier, found):
                return "state-kept-between-runs"
        return None

    def moments(self, seen: dict[str, Array]) -> list[Moment]:
        """Lay the runs side by side, step by step, as far as the shorter one goes."""
        return [
            loop_moment(
                [self.runs[check][1][i] for check in seen],
                i + 1,
                self.hyperparameters,
                [path[i] for path in seen.values()],
                [self.runs[check][0] for check in seen] if i == 0 else None,
            )
            for i in range(len(seen["path"]))
        ]

    def is_late(self, path: Array) -> bool:
        """Whether a path has the start in the place of its first step, and all else one later.

        It looks like momentum's with steps along the old average.
        """
        theta, gradients = self.runs["path"]
        late = np.array([theta, *self.walk(theta, gradients)[0][:-1]])
        return bool(agrees(path, late).all())

    def collecting(self, value: Any) -> str | None:
        """Name what went wrong around the steps of the run of check ``path``."""
        theta, gradients = self.runs["path"]
        try:
            got = as_array(value)
        except NotNumbersError:
            return None
        if got.shape == (len(gradients) + 1, _SIZE) and np.array_equal(got[0], theta):
            return "includes-start"
        places = np.array([theta, *self.walk(theta, gradients)[0]])
        sums = list(np.cumsum(gradients, axis=0))
        for shown, path in (
            ("history-aliases", np.array([places[-1]] * len(gradients))),
            ("starts-over", theta + np.diff(places, axis=0)),
            ("gradients-accumulate", np.array(self.walk(theta, sums)[0])),
        ):
            if got.shape == path.shape and agrees(got, path).all():
                return shown
        return None

    def path(self, check: str, found: dict[str, list[Reply]]) -> Array | None:
        """Read a run's path, if it has the form of one."""
        if check not in found:
            return None
        try:
            got = as_array(found[check][0].value)
        except NotNumbersError:
            return None
        return got if got.shape == (len(self.runs[check][1]), _SIZE) else None

    def kept(self, check: str, earlier: list[str], found: dict[str, list[Reply]]) -> bool:
        """Whether a run is the definition's with t or some state left from those before it."""
        got = self.path(check, found)
        if got is None:
            return False
        left: dict[str, Array] = {}
        t = 0
        for run in earlier:
            _, left = self.walk(*self.runs[run], left, t)
            t += len(self.runs[run][1])
        for count in range(1, len(left) + 2):
            for names in itertools.combinations(("t", *left), count):
                state = {name: x if name in names else np.zeros_like(x) for name, x in left.items()}
                path, _ = self.walk(*self.runs[check], state, t if "t" in names else 0)
                if agrees(got, np.array(path)).all():
                    return True
        return False
