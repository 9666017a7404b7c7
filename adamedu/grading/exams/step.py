"""Step functions: called on probes, each returned quantity judged by itself.

The parameters are right if they are the definition's, or if they follow from the state that was
returned, where the task has checks for the state: an error made in one line is marked in that line
only. Where the task has none, the parameters' check stands for the whole step.

A check that has the id of a known mistake passes when that mistake is gone: the step is right, or
all that is wrong with it is another mistake that the task has a check for.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from adamedu.content.mistakes import bank
from adamedu.content.tasks import StepTask
from adamedu.grading.comparing import NotNumbersError, as_array
from adamedu.grading.diagnosis.naming import behavior, diagnose, single
from adamedu.grading.exams.exam import (
    REMARK,
    Exam,
    Reply,
    Verdict,
    call,
    error_fact,
    with_mistakes,
)
from adamedu.grading.exams.step_form import WrongFormError, read_step
from adamedu.grading.exams.step_outcomes import (
    Outcome,
    Seen,
    circumstances,
    difference,
    first_difference,
    is_promoted,
    moment,
    same,
    unexplained,
)
from adamedu.grading.probes import returned, step_probes

if TYPE_CHECKING:
    from adamedu.content.mistakes import Mistake as Known
    from adamedu.core.recurrence import Recurrence
    from adamedu.grading.comparing import Array
    from adamedu.grading.diagnosis.naming import Moment
    from adamedu.grading.probes import Probe
    from adamedu.sandbox.request import Error, Script


_ARITHMETIC: Final = frozenset(
    {"ZeroDivisionError", "FloatingPointError", "OverflowError", "ValueError"}
)
"""Errors that stand for a value that isn't finite."""


_MISFITS: Final = ("matmul", "not aligned", "could not be broadcast")
"""What NumPy says where shapes don't fit: a product of vectors may fail for matrices."""


class Finding(NamedTuple):
    """A fact, and the id of the behavior that it shows, if it has a name."""

    fact: str
    behavior: str | None = None


class StepExam(Exam[StepTask]):
    """A step at a time, from the state that the definition left."""

    def __init__(self, task: StepTask, seed: int) -> None:
        super().__init__(task, seed)
        self.reference = task.reference
        self.probes = step_probes(self.reference, seed)
        self.checks = {check.id for check in task.checks}
        self.state_is_asked = {*self.reference.state} <= self.checks
        self.faults = self.checks & {*bank()}

    def scripts(self) -> list[Script]:
        """Ask for one step per probe."""
        name = self.task.answer
        return [[call(name, p.arguments, p.hyperparameters, poke=True)] for p in self.probes]

    def judge(self, replies: list[list[Reply]]) -> Verdict:
        """Judge each quantity on the deciding probes, then other inputs and the arguments."""
        pairs = zip(self.probes, replies, strict=True)
        answered = [(probe, r[0]) for probe, r in itertools.takewhile(lambda pair: pair[1], pairs)]
        outcomes = [self.outcome(probe, reply) for probe, reply in answered]
        complete = len(answered) == len(self.probes)
        seen = Seen(outcomes, complete=complete, inputs="inputs" in self.checks)
        return self.unusable(answered, seen) or self.judge_seen(answered, seen)

    def unusable(self, answered: list[tuple[Probe, Reply]], seen: Seen) -> Verdict | None:
        """Judge what can't be compared: no answer, a blank one, or an error at every call."""
        if not answered:
            return Verdict(facts=["it gave no answer"], trouble="error")
        error = answered[0][1].error
        if error is not None and error["type"] == "NotImplementedError":
            return Verdict(facts=[f"{self.task.answer} is still blank"], trouble="missing")
        if not all(o.problem for o in seen.values):
            return None
        first = seen.values[0]
        verdict = Verdict(facts=[first.problem or ""], trouble="error" if first.error else None)
        verdict.open = {"inputs", "arguments"}
        return with_mistakes(verdict, [behavior(first.behavior)])

    def judge_seen(self, answered: list[tuple[Probe, Reply]], seen: Seen) -> Verdict:
        """Judge what can be compared: the values first, then the manners."""
        verdict = Verdict(passed=self.right(seen))
        names = ("theta", *self.reference.state)
        verdict.facts = self.differences(seen) + circumstances(seen.decisive, names)
        manners = self.manners(answered, seen, verdict.passed)
        findings = list(itertools.chain.from_iterable(manners.values()))
        verdict.facts += [finding.fact for finding in findings]
        clean = {name for name, found in manners.items() if not found}
        if seen.complete and verdict.passed:
            verdict.passed |= clean
        else:  # what returns anything at all leaves its arguments alone
            verdict.open = clean
        verdict.facts += remarks(seen, verdict.passed)
        known = self.diagnose(seen)
        shown = [o.behavior for o in seen.values] + [finding.behavior for finding in findings]
        shown += [] if known else unexplained(seen.outcomes)
        return with_mistakes(verdict, [*known, *map(behavior, shown)])

    def right(self, seen: Seen) -> set[str]:
        """Return the checks that the values pass."""
        passed = {name for name in self.reference.returned if seen.is_right(name)}
        if not self.state_is_asked and not {*self.reference.state} <= passed:
            passed.discard("theta")  # the one check stands for the whole step
        return passed | self.mended(seen)

    def differences(self, seen: Seen) -> list[str]:
        """Say of each quantity that is wrong where it first differs."""
        names = self.reference.returned
        wrong = [n for n in (*self.reference.state, "theta") if not seen.is_right(n)]
        found = [first_difference(name, seen.decisive, names) for name in wrong]
        return list(dict.fromkeys(found))  # an error stands in the way of all

    def manners(
        self, answered: list[tuple[Probe, Reply]], seen: Seen, passed: set[str]
    ) -> dict[str, list[Finding]]:
        """Judge what is asked of a step besides its values, as far as it is asked."""
        return {
            "inputs": self.judge_inputs(seen, passed) if "inputs" in self.checks else [],
            "arguments": self.judge_arguments(answered) if "arguments" in self.checks else [],
        }

    def diagnose(self, seen: Seen) -> tuple[Known, ...]:
        """Look for known mistakes that give just these values, far from the start too."""
        if all(o.right and all(o.alike.values()) for o in seen.values):
            return ()
        moments = self.moments(seen.values)
        regimes = itertools.chain.from_iterable(self.moments([o]) for o in seen.regimes)
        return diagnose(self.reference.name, "step", [*moments, *regimes] if moments else [])

    def moments(self, outcomes: list[Outcome]) -> list[Moment]:
        """Lay outcomes side by side for the diagnosis; none if some can't be compared."""
        if any(o.problem and (o.misfit or o.error not in _ARITHMETIC) for o in outcomes):
            return []
        if any(o.got[name].shape != o.expected[name].shape for o in outcomes for name in o.got):
            return []
        return [moment(self.reference, outcomes)] if outcomes else []

    def mended(self, seen: Seen) -> set[str]:
        """Return those of the faults asked for that are gone."""
        if not (self.faults and seen.complete):
            return set()
        if all(o.alike and all(o.alike.values()) for o in seen.decisive):
            return self.faults
        # A fault is missed where it shows; far from the start, others may show beside it.
        near = [o for o in seen.decisive if o.probe.group != "regimes"]
        left = single(self.reference.name, "step", self.moments(near)) & self.faults
        return self.faults - left if left else set()

    def outcome(self, probe: Probe, reply: Reply) -> Outcome:
        """Compare one reply with the definition's step."""
        with np.errstate(all="ignore"):
            theta, state = returned(self.reference, probe)
        names = self.reference.returned
        expected = {name: np.asarray(x) for name, x in zip(names, (theta, *state), strict=True)}
        if reply.error is not None:
            return failed(probe, expected, reply.error)
        try:
            got = read_step(reply.value, self.task.answer, names, np.shape(probe.arguments[0]))
        except WrongFormError as error:
            return Outcome(probe, {}, expected, {}, str(error), behavior=error.behavior)
        alike = {name: same(got[name], expected[name], probe) for name in names}
        right = dict(alike)
        if self.reference.state and self.state_is_asked and not right["theta"]:
            right["theta"] = self.follows(probe, got)
        shapes_differ = any(got[name].shape != expected[name].shape for name in names)
        shown = "wrong-shape" if shapes_differ else None
        return Outcome(probe, got, expected, right, alike=alike, behavior=shown)

    def follows(self, probe: Probe, got: dict[str, Array]) -> bool:
        """Whether theta is what the definition's other lines make of the state returned."""
        theta, g, t, *_ = probe.arguments
        state = [got[name] for name in self.reference.state]
        if any(s.shape != np.shape(theta) for s in state):
            return False
        with np.errstate(all="ignore"):
            expected = _from_state_on(self.reference)(theta, g, t, *state, **probe.hyperparameters)[
                0
            ]
        if not np.isfinite(expected).all() or same(np.asarray(theta), expected, probe):
            return False  # to follow from a state that moves nothing is no step
        return same(got["theta"], expected, probe)

    def judge_inputs(self, seen: Seen, passed: set[str]) -> list[Finding]:
        """Say what goes wrong with other inputs, in the quantities that are otherwise right."""
        shaped = (Finding(f"{o.problem}; with vectors it works") for o in seen.misshapen[:1])
        findings = (judge_input(o, passed) for o in seen.outcomes if o.probe.group == "inputs")
        return [*shaped, *(finding for finding in findings if finding is not None)]

    def judge_arguments(self, answered: list[tuple[Probe, Reply]]) -> list[Finding]:
        """Say which arguments a step changed, and whether what it returns shares their memory."""
        names = ("theta", "g", "t", *self.reference.state)
        for probe, reply in answered:
            for name, before, after in zip(names, probe.arguments, reply.arguments, strict=False):
                if not _is_unchanged(before, after):
                    what = f"changes its argument {name}; make a new array instead"
                    return [Finding(f"{self.task.answer} {what}", "changes-arguments")]
            if reply.aliased:
                what = "returns shares memory with its arguments; return new arrays"
                return [Finding(f"what {self.task.answer} {what}", "aliases-arguments")]
        return []


def judge_input(o: Outcome, passed: set[str]) -> Finding | None:
    """Say what goes wrong with another input, in the quantities that are otherwise right."""
    if o.probe.may_refuse and o.error not in {None, "OutOfTime"}:
        return None
    if o.problem is not None:
        return Finding(o.problem, o.behavior)
    wrong = next((name for name in sorted(passed) if not o.right[name]), None)
    if wrong is None:
        return None
    truncated = o.probe.may_refuse and o.got[wrong].dtype.kind in "iu"
    shown = "truncates-integers" if truncated else o.behavior
    return Finding(f"{o.probe.says}: {difference(wrong, o)}", shown)


def failed(probe: Probe, expected: dict[str, Array], error: Error) -> Outcome:
    """Return the outcome of a call that raised an error."""
    kind, text = error["type"] or "none", error["text"] or ""
    misfit = kind == "ValueError" and any(words in text for words in _MISFITS)
    problem = f"{probe.says}: {error_fact(error)}"
    return Outcome(probe, {}, expected, {}, problem, kind, _shown_by(kind, text), misfit=misfit)


def remarks(seen: Seen, passed: set[str]) -> list[str]:
    """Say what costs nothing, where all else about the inputs is right."""
    remark = behavior("promotes-single-precision")
    if remark is None or "inputs" not in passed or not any(map(is_promoted, seen.outcomes)):
        return []
    return [f"{REMARK}: {remark.says}"]


def _shown_by(kind: str, text: str) -> str | None:
    """Name the behavior that an error shows, by its type and its text."""
    if kind != "TypeError":
        return None
    if "for ^" in text or "bitwise_xor" in text:
        return "caret-for-power"
    return "math-for-arrays" if "can be converted to Python scalars" in text else None


@functools.cache
def _from_state_on(reference: Recurrence[..., Any]) -> Recurrence[..., Any]:
    """Return the definition's other lines: those of the state take what they are given."""
    return reference.variant(lines={name: f"{name}_prev" for name in reference.state})


def _is_unchanged(before: object, after: object) -> bool:
    try:
        return np.array_equal(as_array(before), as_array(after), equal_nan=True)
    except NotNumbersError:
        return False
