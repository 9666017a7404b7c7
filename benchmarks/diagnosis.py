"""How well and how fast the grader names mistakes: ``python -m benchmarks.diagnosis``.

Prints, for every optimizer, how many known mistakes are rejected and named, how many of a random
sample of combinations are named exactly, and the time that it takes: the grader's own, in the same
run as the exam without any diagnosis. Then what published checks make of the same wrong answers.
"""

from __future__ import annotations

import functools
import math
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from adamedu.content.mistakes import forms
from adamedu.content.tasks import Check, StepTask
from adamedu.grading.diagnosis import naming
from adamedu.grading.exams.exam import Reply
from adamedu.grading.exams.step import StepExam
from adamedu.grading.exams.step_outcomes import Seen
from adamedu.optimizers import LADDER
from adamedu.optimizers import optimizer as definition
from benchmarks.published import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adamedu.content.mistakes import Edit
    from adamedu.grading.exams.exam import Verdict
    from adamedu.grading.probes import Probe

SEED = 20
SAMPLE = 500

_FIRST = """
import time
start = time.perf_counter()
from adamedu.grading.diagnosis.naming import diagnose, family
from adamedu.grading.exams import step
loaded = time.perf_counter()
from benchmarks.diagnosis import exam_for, replies_of, wrong
exam = exam_for("adam")
replies = replies_of(exam, wrong("adam", [step.diagnose and family("adam", "step")[0].forms[40]]))
family.cache_clear()
begin = time.perf_counter()
exam.judge(replies)
print(loaded - start + time.perf_counter() - begin)
"""


@functools.cache
def exam_for(optimizer: str, seed: int = SEED) -> StepExam:
    """Return an exam in one step of an optimizer, with a check per returned value."""
    reference = definition(optimizer)
    ids = (*reference.state, "theta", "inputs", "arguments")
    checks = tuple(Check(name, 1, name) for name in ids)
    task = StepTask(
        id=optimizer, answer="answer", title="", minutes=1, checks=checks, hints=("", "", ""),
        optimizer=optimizer,
    )  # fmt: skip
    return StepExam(task, seed)


def wrong(optimizer: str, edits: Sequence[Edit]) -> Callable[..., Any]:
    """Return the step with some edits."""
    merged: dict[str, dict[str, str]] = {"incoming": {}, "lines": {}, "outgoing": {}}
    for edit in edits:
        for part, found in merged.items():
            found.update(getattr(edit, part))
    variant: Callable[..., Any] = definition(optimizer).variant(**merged)
    return variant


def replies_of(exam: StepExam, answer: Callable[..., Any]) -> list[list[Reply]]:
    """Return what a step answers to an exam, without the way through the runner."""
    return [[_reply(answer, probe)] for probe in exam.probes]


def _reply(answer: Callable[..., Any], probe: Probe) -> Reply:
    try:
        with np.errstate(all="ignore"):
            return Reply(answer(*probe.arguments, **probe.hyperparameters), probe.arguments)
    except ArithmeticError as error:
        return Reply(error={"type": type(error).__name__, "text": str(error), "where": None})


def judged(optimizer: str, edits: Sequence[Edit]) -> Verdict:
    """Judge the step with some edits."""
    exam = exam_for(optimizer)
    return exam.judge(replies_of(exam, wrong(optimizer, edits)))


def named(verdict: Verdict) -> set[str]:
    """Return the ids of the mistakes that were named, behaviors aside."""
    return {mistake.id for mistake in verdict.mistakes if mistake.kind != "behavior"}


def singles(optimizer: str) -> tuple[int, int, int]:
    """Count the known forms, those that are rejected, and those that are named."""
    known = forms(optimizer, "step")
    verdicts = [(mistake, judged(optimizer, [edit])) for mistake, edit in known]
    rejected = sum(len(v.passed) < len(exam_for(optimizer).task.checks) for _, v in verdicts)
    right = sum(named(verdict) == {mistake.id} for mistake, verdict in verdicts)
    return len(known), rejected, right


def combinations(optimizer: str, size: int, count: int) -> tuple[int, int, int]:
    """Draw combinations of so many; count the drawn, the telling and the exactly named.

    A combination is telling when each of its mistakes changes something beside the others: a step
    that leaves theta alone hides whatever else is wrong with it.
    """
    known, owners = naming.family(optimizer, "step")
    _, members = known.combinations(size)
    rng = np.random.default_rng(SEED)
    telling = right = 0
    drawn = rng.permutation(len(members))[:count]
    for one in drawn:
        edits = [known.forms[i] for i in members[one]]
        whole = _values(optimizer, edits)
        fewer = [_values(optimizer, [e for e in edits if e is not gone]) for gone in edits]
        if any(np.allclose(whole, other, equal_nan=True) for other in fewer):
            continue
        telling += 1
        right += named(judged(optimizer, edits)) == {owners[i].id for i in members[one]}
    return len(drawn), telling, right


def _values(optimizer: str, edits: Sequence[Edit]) -> list[float]:
    exam = exam_for(optimizer)
    answer = wrong(optimizer, edits)
    found: list[float] = []
    for probe in exam.probes:
        if probe.group == "values":
            with np.errstate(all="ignore"):
                out = answer(*probe.arguments, **probe.hyperparameters)
            found += np.concatenate([np.ravel(x) for x in np.atleast_2d(out)]).tolist()
    return found


def milliseconds(optimizer: str, edits: Sequence[Edit]) -> float:
    """Measure what naming adds to judging, warm: the median of a few."""
    exam = exam_for(optimizer)
    outcomes = [
        exam.outcome(probe, reply)
        for probe, [reply] in zip(
            exam.probes, replies_of(exam, wrong(optimizer, edits)), strict=True
        )
    ]
    seen = Seen(outcomes, complete=True)
    times = []
    for _ in range(7):
        start = time.perf_counter()
        exam.diagnose(seen)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times[2:])


def main() -> None:
    """Measure and print."""
    console = Console(width=110)
    table = Table("optimizer", "forms", "rejected", "named", "combined", "telling", "named exactly")
    table.title = "Known mistakes in one step"
    telling = right = 0
    for optimizer in (o.name for o in LADDER):
        share = math.ceil(SAMPLE / len(LADDER) / 2)
        drawn = np.sum([combinations(optimizer, size, share) for size in (2, 3)], axis=0)
        telling, right = telling + drawn[1], right + drawn[2]
        row = [*singles(optimizer), *drawn[:2], f"{drawn[2]} ({drawn[2] / drawn[1]:.1%})"]
        table.add_row(optimizer, *map(str, row))
    console.print(table)
    console.print(f"named exactly in all: {right} of {telling} ({right / telling:.1%})")

    known, _ = naming.family("adam", "step")
    for size in (1, 2, 3):
        rng = np.random.default_rng(SEED)
        _, members = known.combinations(size)
        drawn_ = members[rng.integers(len(members), size=20)]
        times = [milliseconds("adam", [known.forms[i] for i in chosen]) for chosen in drawn_]
        console.print(
            f"naming {size} of Adam's, warm: median {statistics.median(times):.1f} ms, "
            f"longest {max(times):.1f} ms, over {len(members):,} combinations"
        )
    fresh = [
        float(
            subprocess.run(  # noqa: S603  (our own interpreter and text)
                [sys.executable, "-c", _FIRST], check=True, capture_output=True
            ).stdout
        )
        for _ in range(3)
    ]
    console.print(f"the first diagnosis in a new process: {1000 * statistics.median(fresh):.0f} ms")

    if CHECKS:
        console.print(published())


def published() -> Table:
    """Let published checks look at every known wrong Adam."""
    table = Table("check", "wrong Adams", "let pass", "says why")
    table.title = "What published checks make of the same answers"
    known = forms("adam", "step")
    for check in CHECKS:
        passed = sum(check.passes(wrong("adam", [edit])) for _, edit in known)
        table.add_row(check.name, str(len(known)), str(passed), check.says)
    verdicts = [judged("adam", [edit]) for _, edit in known]
    every = len(exam_for("adam").task.checks)
    passed = sum(len(verdict.passed) == every for verdict in verdicts)
    table.add_row("adamedu", str(len(known)), str(passed), "names the mistake")
    return table


if __name__ == "__main__":
    main()
