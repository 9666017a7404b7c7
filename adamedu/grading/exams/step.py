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
from adamedu.grading.exams.step_outcomes import (
    Outcome,
    circumstances,
    difference,
    first_difference,
    is_promoted,
    moment,
    same,
    unexplained,
)
from adamedu.grading.probes import returned, step_probes
from adamedu.sandbox.message import Other

if TYPE_CHECKING:
    from adamedu.content.mistakes import Mistake as Known
    from adamedu.core.recurrence import Recurrence
    from adamedu.grading.comparing import Array
    from adamedu.grading.diagnosis.naming import Moment
    from adamedu.grading.probes import Probe
    from adamedu.sandbox.request import Script


_ARITHMETIC: Final = frozenset(
    {"ZeroDivisionError", "FloatingPointError", "OverflowError", "ValueError"}
)
"""Errors that stand for a value that isn't finite."""


_MISFITS: Final = ("matmul", "not aligned", "could not be broadcast")
"""What NumPy says where shapes don't fit: a product of vectors may fail for matrices."""


class WrongFormError(ValueError):
    """A step that returned something else than theta and the state."""

    def __init__(self, says: str, behavior: str | None = None) -> None:
        super().__init__(says)
        self.behavior = behavior


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
        asked = {check.id for check in task.checks}
        self.state_is_asked = {*self.reference.state} <= asked
        self.faults = asked & {*bank()}

    def scripts(self) -> list[Script]:
        """Ask for one step per probe."""
        name = self.task.answer
        return [[call(name, p.arguments, p.hyperparameters, poke=True)] for p in self.probes]

    def judge(self, replies: list[list[Reply]]) -> Verdict:
        """Judge each quantity on the deciding probes, then other inputs and the arguments."""
        pairs = zip(self.probes, replies, strict=True)
        answered = [(probe, r[0]) for probe, r in itertools.takewhile(lambda pair: pair[1], pairs)]
        if not answered:
            return Verdict(facts=["it gave no answer"], trouble="error")
        error = answered[0][1].error
        if error is not None and error["type"] == "NotImplementedError":
            return Verdict(facts=[f"{self.task.answer} is still blank"], trouble="missing")
        outcomes = [self.outcome(probe, reply) for probe, reply in answered]
        values = [o for o in outcomes if o.probe.group == "values"]
        decisive = [o for o in outcomes if o.probe.group != "inputs"]
        if all(o.problem for o in values):
            trouble = "error" if values[0].error else None
            verdict = Verdict(facts=[values[0].problem or ""], trouble=trouble)
            verdict.open = {"inputs", "arguments"}
            return with_mistakes(verdict, [behavior(values[0].behavior)])
        complete = len(answered) == len(self.probes)
        verdict = Verdict()
        for name in (*self.reference.state, "theta"):
            if complete and all(o.right.get(name, False) for o in decisive):
                verdict.passed.add(name)
            else:
                verdict.facts.append(first_difference(name, decisive, self.reference.returned))
        if not self.state_is_asked and not {*self.reference.state} <= verdict.passed:
            verdict.passed.discard("theta")  # the one check stands for the whole step
        if complete:
            verdict.passed |= self.mended(decisive)
        verdict.facts += circumstances(decisive, ("theta", *self.reference.state))
        asked = {check.id for check in self.task.checks}
        manners = {
            "inputs": self.judge_inputs(outcomes, verdict.passed) if "inputs" in asked else [],
            "arguments": self.judge_arguments(answered) if "arguments" in asked else [],
        }
        findings = [finding for found in manners.values() for finding in found]
        verdict.facts += [finding.fact for finding in findings]
        clean = {name for name, found in manners.items() if not found}
        if complete and verdict.passed:
            verdict.passed |= clean
        else:  # what returns anything at all leaves its arguments alone
            verdict.open = clean
        shown = [o.behavior for o in values] + [finding.behavior for finding in findings]
        known = self.diagnose(values)
        shown += [] if known else unexplained(outcomes)
        remark = behavior("promotes-single-precision")
        if remark is not None and "inputs" in verdict.passed and any(map(is_promoted, outcomes)):
            verdict.facts.append(f"{REMARK}: {remark.says}")
        return with_mistakes(verdict, [*known, *map(behavior, shown)])

    def diagnose(self, values: list[Outcome]) -> tuple[Known, ...]:
        """Look for known mistakes that give just these values."""
        if all(o.right and all(o.alike.values()) for o in values):
            return ()
        values = [o for o in values if not o.misfit]
        return diagnose(self.reference.name, "step", self.moments(values))

    def moments(self, outcomes: list[Outcome]) -> list[Moment]:
        """Lay outcomes side by side for the diagnosis; none if some can't be compared."""
        if any(o.problem and o.error not in _ARITHMETIC for o in outcomes):
            return []
        if any(o.got[name].shape != o.expected[name].shape for o in outcomes for name in o.got):
            return []
        return [moment(self.reference, outcomes)] if outcomes else []

    def mended(self, decisive: list[Outcome]) -> set[str]:
        """Return those of the faults asked for that are gone."""
        if not self.faults:
            return set()
        if all(o.alike and all(o.alike.values()) for o in decisive):
            return self.faults
        left = single(self.reference.name, "step", self.moments(decisive)) & self.faults
        return self.faults - left if left else set()

    def outcome(self, probe: Probe, reply: Reply) -> Outcome:
        """Compare one reply with the definition's step."""
        with np.errstate(all="ignore"):
            theta, state = returned(self.reference, probe)
        names = self.reference.returned
        expected = {name: np.asarray(x) for name, x in zip(names, (theta, *state), strict=True)}
        if reply.error is not None:
            problem = f"{probe.says}: {error_fact(reply.error)}"
            kind = reply.error["type"] or "none"
            text = reply.error["text"] or ""
            misfit = kind == "ValueError" and any(words in text for words in _MISFITS)
            return Outcome(
                probe, {}, expected, {}, problem, kind, _shown_by(kind, text), misfit=misfit
            )
        try:
            got = self.read(reply.value, np.shape(probe.arguments[0]))
        except WrongFormError as error:
            return Outcome(probe, {}, expected, {}, str(error), behavior=error.behavior)
        alike = {name: same(got[name], expected[name], probe.precision) for name in names}
        right = dict(alike)
        if self.reference.state and self.state_is_asked and not right["theta"]:
            right["theta"] = self.follows(probe, got)
        shapes_differ = any(got[name].shape != expected[name].shape for name in names)
        shown = "wrong-shape" if shapes_differ else None
        return Outcome(probe, got, expected, right, alike=alike, behavior=shown)

    def read(self, value: Any, shape: tuple[int, ...]) -> dict[str, Array]:
        """Read what a step returned, by name; ``shape`` is that of theta."""
        names, answer = self.reference.returned, self.task.answer
        form = ", ".join(names)
        if value is None:
            msg = f"{answer} returns None: is its last line 'return {form}'?"
            raise WrongFormError(msg, "returns-none")
        if len(names) == 1 and isinstance(value, list | tuple) and _begins_with(value, shape):
            count = f"{len(value)} value{'s' if len(value) > 1 else ' in brackets'}"
            msg = f"{answer} returns {count}; it should return {form} alone"
            raise WrongFormError(msg, "wrong-arity")
        stacked = isinstance(value, np.ndarray) and value.shape[:1] == (len(names),)
        parts = [value] if len(names) == 1 else list(value) if stacked else value
        if len(names) > 1 and not isinstance(parts, list | tuple):
            kind = value.type_name if isinstance(value, Other) else type(value).__name__
            msg = f"{answer} returns one value, of type {kind}; it should return {form}"
            raise WrongFormError(msg, "wrong-arity")
        if len(parts) != len(names):
            msg = f"{answer} returns {len(parts)} values; it should return {form}"
            raise WrongFormError(msg, "wrong-arity")
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
        theta, g, t, *_ = probe.arguments
        state = [got[name] for name in self.reference.state]
        if any(s.shape != np.shape(theta) for s in state):
            return False
        with np.errstate(all="ignore"):
            expected = _from_state_on(self.reference)(theta, g, t, *state, **probe.hyperparameters)[
                0
            ]
        if not np.isfinite(expected).all() or same(np.asarray(theta), expected, probe.precision):
            return False  # to follow from a state that moves nothing is no step
        return same(got["theta"], expected, probe.precision)

    def judge_inputs(self, outcomes: list[Outcome], passed: set[str]) -> list[Finding]:
        """Say what goes wrong with other inputs, in the quantities that are otherwise right."""
        findings = []
        for o in outcomes:
            refused = o.probe.may_refuse and o.error not in {None, "OutOfTime"}
            if o.probe.group != "inputs" or refused:
                continue
            if o.problem is not None:
                findings.append(Finding(o.problem, o.behavior))
            elif wrong := [name for name in sorted(passed) if not o.right[name]]:
                truncated = o.probe.may_refuse and o.got[wrong[0]].dtype.kind in "iu"
                shown = "truncates-integers" if truncated else o.behavior
                findings.append(Finding(f"{o.probe.says}: {difference(wrong[0], o)}", shown))
        return findings

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


def _shown_by(kind: str, text: str) -> str | None:
    """Name the behavior that an error shows, by its type and its text."""
    if kind != "TypeError":
        return None
    if "for ^" in text or "bitwise_xor" in text:
        return "caret-for-power"
    return "math-for-arrays" if "can be converted to Python scalars" in text else None


def _begins_with(value: list[Any] | tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    """Whether the first of several values has a shape by itself."""
    try:
        return bool(value) and as_array(value[0]).shape == shape
    except NotNumbersError:
        return False


@functools.cache
def _from_state_on(reference: Recurrence[..., Any]) -> Recurrence[..., Any]:
    """Return the definition's other lines: those of the state take what they are given."""
    return reference.variant(lines={name: f"{name}_prev" for name in reference.state})


def _is_unchanged(before: object, after: object) -> bool:
    try:
        return np.array_equal(as_array(before), as_array(after), equal_nan=True)
    except NotNumbersError:
        return False
