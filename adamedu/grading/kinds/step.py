"""Step functions: called on probes, each returned quantity judged by itself.

The parameters are right if they are the definition's, or if they follow from the state that was
returned: an error made in one line is marked in that line only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import adamedu.optimizers
from adamedu.grading.comparing import NotNumbersError, agrees, as_array, pair
from adamedu.grading.kinds.exam import Exam, Reply, Script, Verdict, call, error_fact
from adamedu.grading.probes import Probe, returned, step_probes

if TYPE_CHECKING:
    from adamedu.grading.comparing import Array
    from adamedu.learning.catalogue import Task
    from adamedu.recurrence import Recurrence


class WrongFormError(ValueError):
    """A step that returned something else than theta and the state."""


@dataclass(frozen=True)
class Outcome:
    """What one probe showed: per quantity what came back and whether it is right, or a problem."""

    probe: Probe
    got: dict[str, Array]
    expected: dict[str, Array]
    right: dict[str, bool]
    problem: str | None = None
    raised: bool = False


class StepExam(Exam):
    """Settings: ``optimizer``, the definition's name."""

    def __init__(self, task: Task, seed: int) -> None:
        super().__init__(task, seed)
        self.reference: Recurrence[..., Any] = getattr(
            adamedu.optimizers, task.settings["optimizer"]
        )
        self.probes = step_probes(self.reference, seed)

    def scripts(self) -> list[Script]:
        """Ask for one step per probe."""
        name = self.task.answer
        return [[call(name, p.arguments, p.hyperparameters, poke=True)] for p in self.probes]

    def judge(self, replies: list[list[Reply]]) -> Verdict:
        """Judge each quantity on the deciding probes, then other inputs and the arguments."""
        answered = [(p, r[0]) for p, r in zip(self.probes, replies, strict=True) if r]
        if not answered:
            return Verdict(facts=["it gave no answer"], trouble="error")
        error = answered[0][1].error
        if error is not None and error["type"] == "NotImplementedError":
            return Verdict(facts=[f"{self.task.answer} is still blank"], trouble="missing")
        outcomes = [self.outcome(probe, reply) for probe, reply in answered]
        values = [o for o in outcomes if o.probe.group == "values"]
        if all(o.problem for o in values):
            trouble = "error" if values[0].raised else None
            return Verdict(facts=[values[0].problem or ""], trouble=trouble)
        complete = len(answered) == len(self.probes)
        verdict = Verdict()
        for name in (*self.reference.state, "theta"):
            if complete and all(o.right.get(name, False) for o in values):
                verdict.passed.add(name)
            else:
                verdict.facts.append(first_difference(name, values, self.reference.returned))
        asked = {check.id for check in self.task.checks}
        manners = {
            "inputs": self.judge_inputs(outcomes, verdict.passed) if "inputs" in asked else [],
            "arguments": self.judge_arguments(answered) if "arguments" in asked else [],
        }
        verdict.facts += [fact for facts in manners.values() for fact in facts]
        if complete and verdict.passed:
            verdict.passed |= {name for name, facts in manners.items() if not facts}
        return verdict

    def outcome(self, probe: Probe, reply: Reply) -> Outcome:
        """Compare one reply with the definition's step."""
        with np.errstate(all="ignore"):
            theta, state = returned(self.reference, probe)
        names = self.reference.returned
        expected = {name: np.asarray(x) for name, x in zip(names, (theta, *state), strict=True)}
        if reply.error is not None:
            problem = f"{probe.says}: {error_fact(reply.error)}"
            return Outcome(probe, {}, expected, {}, problem, raised=True)
        try:
            got = self.read(reply.value)
        except WrongFormError as error:
            return Outcome(probe, {}, expected, {}, str(error))
        right = {name: _same(got[name], expected[name], probe.precision) for name in names}
        if not right["theta"] and self.reference.state:
            right["theta"] = self.follows(probe, got)
        return Outcome(probe, got, expected, right)

    def read(self, value: Any) -> dict[str, Array]:
        """Read what a step returned, by name."""
        names, answer = self.reference.returned, self.task.answer
        form = ", ".join(names)
        if value is None:
            msg = f"{answer} returns None: is its last line 'return {form}'?"
            raise WrongFormError(msg)
        parts = [value] if len(names) == 1 else value
        if len(names) > 1 and not isinstance(parts, list | tuple):
            msg = f"{answer} returns one value; it should return {form}"
            raise WrongFormError(msg)
        if len(parts) != len(names):
            msg = f"{answer} returns {len(parts)} values; it should return {form}"
            raise WrongFormError(msg)
        got = {}
        for name, part in zip(names, parts, strict=True):
            try:
                got[name] = as_array(part)
            except NotNumbersError as error:
                msg = f"the {name} that {answer} returns {error}"
                raise WrongFormError(msg) from error
        return got

    def follows(self, probe: Probe, got: dict[str, Array]) -> bool:
        """Whether theta is what the definition's other lines make of the state returned."""
        carried = self.reference.variant(
            lines={name: f"{name}_prev" for name in self.reference.state}
        )
        theta, g, t, *_ = probe.arguments
        state = [got[name] for name in self.reference.state]
        if any(s.shape != np.shape(theta) for s in state):
            return False
        with np.errstate(all="ignore"):
            expected = carried(theta, g, t, *state, **probe.hyperparameters)[0]
        return bool(np.isfinite(expected).all()) and _same(got["theta"], expected, probe.precision)

    def judge_inputs(self, outcomes: list[Outcome], passed: set[str]) -> list[str]:
        """Say what goes wrong with other inputs, in the quantities that are otherwise right."""
        facts = []
        for o in outcomes:
            if o.probe.group != "inputs" or (o.raised and o.probe.may_refuse):
                continue
            if o.problem is not None:
                facts.append(o.problem)
            else:
                wrong = [name for name in sorted(passed) if not o.right[name]]
                facts += [f"{o.probe.says}: {_difference(name, o)}" for name in wrong[:1]]
        return facts

    def judge_arguments(self, answered: list[tuple[Probe, Reply]]) -> list[str]:
        """Say which arguments a step changed, and whether what it returns shares their memory."""
        names = ("theta", "g", "t", *self.reference.state)
        for probe, reply in answered:
            for name, before, after in zip(names, probe.arguments, reply.arguments, strict=False):
                if not (_numeric(after) and np.array_equal(before, after, equal_nan=True)):
                    what = f"changes its argument {name}; make a new array instead"
                    return [f"{self.task.answer} {what}"]
            if reply.aliased:
                what = "returns shares memory with its arguments; return new arrays"
                return [f"what {self.task.answer} {what}"]
        return []


def first_difference(name: str, outcomes: list[Outcome], names: tuple[str, ...]) -> str:
    """Say where a quantity first differs, with both values, and what agrees all the way."""
    outcome = next((o for o in outcomes if not o.right.get(name, False)), None)
    if outcome is None:
        return f"{name} was not answered to the end"
    if outcome.problem is not None:
        return outcome.problem
    others = [n for n in names if n != name and all(o.right.get(n, False) for o in outcomes)]
    agreeing = f"; {' and '.join(others)} agree{'s' if len(others) == 1 else ''}" if others else ""
    return f"{outcome.probe.says}: {_difference(name, outcome)}{agreeing}"


def _difference(name: str, o: Outcome) -> str:
    got, expected = o.got[name], o.expected[name]
    if got.shape != expected.shape:
        return f"your {name} has shape {got.shape}, expected {expected.shape}"
    bad = ~agrees(got, expected, o.probe.precision)
    where = np.unravel_index(int(np.argmax(bad)), got.shape) if got.ndim else ()
    index = f"[{', '.join(map(str, where))}]" if where else ""
    one, other = pair(float(got[where]), float(expected[where]))
    return f"your {name}{index} is {one}, expected {other}"


def _same(got: Array, expected: Array, precision: str) -> bool:
    return got.shape == np.shape(expected) and bool(
        agrees(got, np.asarray(expected), precision).all()
    )


def _numeric(value: object) -> bool:
    return isinstance(value, int | float | np.ndarray | np.generic)
