"""Loops and classes: t and the state are the learner's own, so mistakes in keeping them show."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

import adamedu.optimizers
from adamedu.descent import descend
from adamedu.grading.comparing import NotNumbersError, agrees, as_array, pair
from adamedu.grading.kinds.exam import Exam, Reply, Script, Verdict, call, error_fact
from adamedu.grading.probes import draw_gradients, draw_hyperparameters
from adamedu.sandbox.message import Slot
from adamedu.sandbox.pool import read_error

if TYPE_CHECKING:
    from adamedu.grading.comparing import Array
    from adamedu.learning.catalogue import Task
    from adamedu.recurrence import Recurrence


class LoopExam(Exam):
    """Settings: ``optimizer``, the definition's name."""

    def __init__(self, task: Task, seed: int) -> None:
        super().__init__(task, seed)
        self.reference: Recurrence[..., Any] = getattr(
            adamedu.optimizers, task.settings["optimizer"]
        )
        self.rng = np.random.default_rng(seed)
        self.hyperparameters: dict[str, Any] = draw_hyperparameters(self.rng, self.reference)

    def expected(self, theta: Array, gradients: list[Array]) -> list[Array]:
        """Return the parameters after each step, by the definition."""
        trace = descend(self.reference, gradients, start=theta, **self.hyperparameters)
        return list(trace.theta[1:])

    def judge(self, replies: list[list[Reply]]) -> Verdict:
        """Let each script's own check judge it; the first error is a fact."""
        last = next((r[-1] for r in replies if r), Reply(error=read_error(None)))
        if last.error is not None and last.error["type"] == "NotImplementedError":
            return Verdict(facts=[f"{self.task.answer} is still blank"], trouble="missing")
        verdict = Verdict()
        for (check, _), found in zip(self.parts(), replies, strict=True):
            error = found[-1].error if found else read_error(None)
            fact = error_fact(error) if error is not None else self.wrong(check, found)
            if fact is None:
                verdict.passed.add(check)
            elif fact not in verdict.facts:
                verdict.facts.append(fact)
        if not verdict.passed and all(not r or r[-1].error for r in replies):
            verdict.trouble = "error"
        return verdict

    def scripts(self) -> list[Script]:
        """Return the parts' scripts."""
        return [script for _, script in self.parts()]

    @abstractmethod
    def parts(self) -> list[tuple[str, Script]]:
        """Pair each check's id with the script that shows it."""

    @abstractmethod
    def wrong(self, check: str, found: list[Reply]) -> str | None:
        """Say what is wrong with a script's replies, none of which is an error."""


class RunExam(LoopExam):
    """``run(theta, gradients, *, lr, …)`` returns the parameters after each step.

    Checks: ``first`` (the first step), ``path`` (a run of six), ``again`` (a second, longer run
    from elsewhere, after the first), ``arguments``.
    """

    def __init__(self, task: Task, seed: int) -> None:
        super().__init__(task, seed)
        self.runs: dict[str, tuple[Array, list[Array]]] = {}
        for check, steps, size in (
            ("first", 1, 3),
            ("path", 6, 3),
            ("again", 9, 2),
            ("arguments", 2, 3),
        ):
            theta = np.round(self.rng.uniform(-2.0, 2.0, size), 3)
            self.runs[check] = (theta, draw_gradients(self.rng, steps, (size,)))

    def parts(self) -> list[tuple[str, Script]]:
        """One call per check."""
        name, hyper = self.task.answer, self.hyperparameters
        return [
            (check, [call(name, (theta, list(gradients)), hyper)])
            for check, (theta, gradients) in self.runs.items()
        ]

    def wrong(self, check: str, found: list[Reply]) -> str | None:
        """Compare the path with the definition's, or the arguments with what they were."""
        theta, gradients = self.runs[check]
        if check == "arguments":
            after = found[0].arguments
            untouched = len(after) == 2 and np.array_equal(after[0], theta)  # noqa: PLR2004
            untouched = untouched and isinstance(after[1], list) and len(after[1]) == len(gradients)
            if untouched and all(map(np.array_equal, after[1], gradients)):
                return self.path_fact(found[0].value, theta, gradients)
            return f"{self.task.answer} changes the arrays that it is given; work on a copy"
        return self.path_fact(found[0].value, theta, gradients)

    def path_fact(self, value: Any, theta: Array, gradients: list[Array]) -> str | None:
        """Say where a path first leaves the definition's."""
        expected = np.array(self.expected(theta, gradients))
        try:
            got = as_array(value)
        except NotNumbersError as error:
            return f"what {self.task.answer} returns {error}; it should be a list of arrays"
        if got.shape == (len(gradients) + 1, *theta.shape) and np.array_equal(got[0], theta):
            return (
                f"{self.task.answer} should return theta_1 to theta_T, without the starting point"
            )
        if got.shape != expected.shape:
            form = f"shape {got.shape}, expected {expected.shape}: one theta per gradient"
            return f"{self.task.answer} returns {form}"
        return path_difference("theta", got, expected)


class ClassExam(LoopExam):
    """A class with ``step(gradients)``, ``params``, ``state_dict()``, ``load_state_dict(state)``.

    Checks: ``steps`` (two parameters of different shapes), ``separate`` (a second optimizer beside
    the first), ``resume`` (saved, loaded into a new one, continued).
    """

    def __init__(self, task: Task, seed: int) -> None:
        super().__init__(task, seed)
        shapes = ((3,), (2, 2))
        self.start = [np.round(self.rng.uniform(-2.0, 2.0, shape), 3) for shape in shapes]
        streams = [draw_gradients(self.rng, 5, shape) for shape in shapes]
        self.gradients = [list(pair_) for pair_ in zip(*streams, strict=True)]
        paths = [self.expected(p, s) for p, s in zip(self.start, streams, strict=True)]
        self.path = [list(pair_) for pair_ in zip(*paths, strict=True)]

    def parts(self) -> list[tuple[str, Script]]:
        """Build each script of the three checks."""
        a, b = self.new("a", self.start), self.new("b", self.start)
        save = call("state_dict", of="a", save="saved")
        load = call("load_state_dict", [Slot("saved")], of="b")
        fresh = self.new("b", self.path[2])
        return [
            ("steps", [a, *self.steps("a", 0, 5)]),
            ("separate", [a, *self.steps("a", 0, 2), b, *self.steps("b", 0, 3),
                          *self.steps("a", 2, 3)]),
            ("resume", [a, *self.steps("a", 0, 3), save, *self.steps("a", 3, 4), fresh, load,
                        *self.steps("b", 3, 5)]),
        ]  # fmt: skip

    def new(self, slot: str, params: list[Array]) -> dict[str, Any]:
        """Write the call that makes an optimizer."""
        return call(self.task.answer, [list(params)], self.hyperparameters, save=slot)

    def steps(self, slot: str, first: int, last: int) -> Script:
        """Write the calls for steps ``first + 1`` to ``last``, reading the params after each."""
        script = []
        for g in self.gradients[first:last]:
            script += [
                call("step", [list(g)], of=slot),
                {"do": "get", "of": slot, "name": "params"},
            ]
        return script

    def wrong(self, check: str, found: list[Reply]) -> str | None:
        """Compare the parameters after each step of a script."""
        script = dict(self.parts())[check]
        done = {"a": 0, "b": 3 if check == "resume" else 0}
        for operation, reply in zip(script, found, strict=False):
            if operation["do"] != "get":
                continue
            slot = operation["of"]
            done[slot] += 1
            t = done[slot]
            fact = self.params_fact(reply.value, t)
            if fact is not None:
                return {
                    "steps": fact,
                    "separate": f"two optimizers side by side: {fact}",
                    "resume": f"after saving and loading: {fact}" if slot == "b" else fact,
                }[check]
        return (
            None if len(found) == len(script) else f"{self.task.answer} was not answered to the end"
        )

    def params_fact(self, value: Any, t: int) -> str | None:
        """Say what is wrong with the parameters after step ``t``."""
        if not isinstance(value, list | tuple) or len(value) != len(self.start):
            return f"params should be a list of {len(self.start)} arrays"
        for i, (part, expected) in enumerate(zip(value, self.path[t - 1], strict=True)):
            try:
                got = as_array(part)
            except NotNumbersError as error:
                return f"t = {t}: your params[{i}] {error}"
            if got.shape != expected.shape:
                return f"t = {t}: your params[{i}] has shape {got.shape}, expected {expected.shape}"
            fact = path_difference(f"params[{i}]", got[np.newaxis], expected[np.newaxis], first=t)
            if fact is not None:
                return fact
        return None


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
