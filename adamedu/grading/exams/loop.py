"""What tasks with a loop share: t and the state are the learner's own, so losing them shows."""

from __future__ import annotations

import functools
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from adamedu.content.tasks import LoopTask
from adamedu.grading.comparing import agrees, pair
from adamedu.grading.diagnosis.naming import Moment
from adamedu.grading.diagnosis.variants import Observed
from adamedu.grading.exams.exam import Exam, Reply, Verdict, error_fact, with_mistakes
from adamedu.grading.probes import draw_hyperparameters, take
from adamedu.sandbox.outside.sandbox import read_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adamedu.content.mistakes import Mistake as Known
    from adamedu.grading.comparing import Array
    from adamedu.sandbox.request import Script


L = TypeVar("L", bound=LoopTask)


class LoopExam(Exam[L]):
    """The parameters after each step, in scripts of several calls."""

    def __init__(self, task: L, seed: int) -> None:
        super().__init__(task, seed)
        self.reference = task.reference
        self.rng = np.random.default_rng(seed)
        self.hyperparameters: dict[str, Any] = draw_hyperparameters(self.rng, self.reference)

    def walk(
        self,
        theta: Array,
        gradients: list[Array],
        state: dict[str, Array] | None = None,
        t: int = 0,
        hyperparameters: dict[str, Any] | None = None,
    ) -> tuple[list[Array], dict[str, Array]]:
        """Take steps by the definition, from a state and t on; return the path and the state."""
        state = state or {name: np.zeros_like(theta) for name in self.reference.state}
        hyper = hyperparameters or self.hyperparameters
        path = []
        for now, g in enumerate(gradients, start=t + 1):
            theta, after = take(self.reference, (theta, g, now, *state.values()), hyper)
            state = dict(zip(state, after, strict=True))
            path.append(theta)
        return path, state

    def judge(self, replies: list[list[Reply]]) -> Verdict:
        """Let each script's own check judge it, up to the first that is wrong."""
        last = next((r[-1] for r in replies if r), Reply(error=read_error(None)))
        if last.error is not None and last.error["type"] == "NotImplementedError":
            blank = f"{self.task.answer} is still blank, or something that it calls is"
            return Verdict(facts=[blank], trouble="missing")
        verdict = Verdict()
        found = dict(zip(self.parts, replies, strict=True))
        for check, fact in ((check, self.fact(check, said)) for check, said in found.items()):
            if fact is None:
                verdict.passed.add(check)
            elif verdict.facts:  # it may be wrong for the same reason
                verdict.open.add(check)
            else:
                verdict.facts.append(fact)
        complete = {check: said for check, said in found.items() if _complete(said)}
        if not verdict.passed and not complete:
            verdict.trouble = "error"
        return with_mistakes(verdict, self.recognize(verdict.passed, complete))

    def fact(self, check: str, found: list[Reply]) -> str | None:
        """Say what is wrong with a script's replies, or that they end with an error."""
        error = found[-1].error if found else read_error(None)
        return error_fact(error) if error is not None else self.wrong(check, found)

    def scripts(self) -> list[Script]:
        """Return the parts' scripts."""
        return list(self.parts.values())

    @functools.cached_property
    def parts(self) -> dict[str, Script]:
        """The script that shows each check, written once."""
        return self.write()

    @abstractmethod
    def write(self) -> dict[str, Script]:
        """Write the script that shows each check."""

    @abstractmethod
    def recognize(self, passed: set[str], found: dict[str, list[Reply]]) -> Iterable[Known | None]:
        """Look for known mistakes in the replies of the scripts that ended without an error."""

    @abstractmethod
    def wrong(self, check: str, found: list[Reply]) -> str | None:
        """Say what is wrong with a script's replies, none of which is an error."""


def path_difference(name: str, got: Array, expected: Array, first: int = 1) -> str | None:
    """Say at which step a path first differs, with both values; rows are steps."""
    bad = ~agrees(got, expected)
    if not bad.any():
        return None
    where = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), bad.shape))
    index = f"[{', '.join(map(str, where[1:]))}]" if len(where) > 1 else ""
    one, other = pair(float(got[where]), float(expected[where]))
    agreed = f"; all agrees up to t = {where[0]}" if where[0] else ""
    return f"t = {where[0] + first}: your {name}{index} is {one}, expected {other}{agreed}"


def loop_moment(
    gradients: list[Array],
    t: Array | float,
    hyperparameters: dict[str, Any],
    observed: list[Array],
    theta: list[Array] | None = None,
) -> Moment:
    """Lay one step of several runs side by side for the diagnosis; only theta was seen."""
    lengths = [g.size for g in gradients]
    entries = sum(lengths)
    given = {"g": np.concatenate([g.ravel() for g in gradients]), "t": np.broadcast_to(t, entries)}
    given |= {name: np.full(entries, value) for name, value in hyperparameters.items()}
    if theta is not None:
        given["theta"] = np.concatenate([x.ravel() for x in theta])
    seen = np.concatenate([x.ravel() for x in observed]).astype(float)
    return Moment(given, {"theta": Observed(seen, np.ones(entries, bool))}, lengths)


def _complete(replies: list[Reply]) -> bool:
    return bool(replies) and replies[-1].error is None
