"""Every known mistake is caught and named: the whole bank against every kind of exam.

The variants come from the bank and the definition; what is tested is that the exams reject them and
that the diagnosis tells them apart. A new row is covered here without a word.
"""

import functools
import itertools
import json

import numpy as np
import pytest

from adamedu.content.mistakes import forms
from adamedu.content.tasks import Check, ClassTask, RunTask, StepTask
from adamedu.grading.exams import prepare
from adamedu.grading.judge import TaskResult, judge
from adamedu.optimizers import LADDER
from adamedu.optimizers import optimizer as definition
from adamedu.sandbox.inside.runner import perform_all

OPTIMIZERS = [optimizer.name for optimizer in LADDER]
SEED = 20


def task_for(optimizer, kind):
    reference = definition(optimizer)
    ids = {
        "step": (*reference.state, "theta", "inputs", "arguments"),
        "run": ("first", "path", "again", "arguments"),
        "class": ("steps", "separate", "resume"),
    }[kind]
    weight = {"inputs": 1, "arguments": 1}
    checks = tuple(Check(name, weight.get(name, 2), name) for name in ids)
    of = {"step": StepTask, "run": RunTask, "class": ClassTask}[kind]
    return of(
        id=f"{optimizer}.{kind}", answer="answer", title="", minutes=1, checks=checks,
        hints=("", "", ""), optimizer=optimizer,
    )  # fmt: skip


@functools.cache
def exam_for(optimizer, kind, seed=SEED):
    return prepare(task_for(optimizer, kind), seed)


def judged(exam, answer) -> TaskResult:
    replies = perform_all(exam.scripts(), {"answer": answer})
    return judge(exam, json.loads(json.dumps(replies)))


def wrong_step(optimizer, edits):
    """The step with some edits; numbers go in and come out as NumPy's, so that 1 / 0 is inf."""
    merged: dict[str, dict[str, str]] = {"incoming": {}, "lines": {}, "outgoing": {}}
    for edit in edits:
        for part, found in merged.items():
            found.update(getattr(edit, part))
    return definition(optimizer).variant(**merged)


def as_run(optimizer, edits):
    reference = definition(optimizer)
    step = wrong_step(optimizer, edits)
    starts = {name: text for edit in edits for name, text in edit.start.items()}

    def answer(theta, gradients, **hyperparameters):
        first = reference.variant(incoming=starts).incoming
        names = {"g": gradients[0], "t": 1, **hyperparameters}
        given = {line.name: eval(line.code, {}, names) for line in first}  # noqa: S307  (ours)
        state = [np.broadcast_to(given.get(n, 0.0), theta.shape) for n in reference.state]
        path = []
        for t, g in enumerate(gradients, start=1):
            out = step(theta, g, t, *state, **hyperparameters)
            theta, *state = out if reference.state else (out,)
            path.append(theta)
        return path

    return answer


def rows(kind):
    return [
        pytest.param(optimizer, mistake, edit, id=f"{optimizer}-{mistake.id}-{number}")
        for optimizer in OPTIMIZERS
        for number, (mistake, edit) in enumerate(forms(optimizer, kind))
    ]


@pytest.mark.parametrize(("optimizer", "mistake", "edit"), rows("step"))
def test_a_wrong_step_is_rejected_and_named(optimizer, mistake, edit):
    result = judged(exam_for(optimizer, "step"), wrong_step(optimizer, [edit]))
    assert result.status in {"partial", "failed"}
    assert result.points < result.max_points
    assert [found.id for found in result.mistakes if found.kind != "behavior"] == [mistake.id]
    assert result.hint == mistake.hints[0 if mistake.whose is None else -1]


@pytest.mark.parametrize(("optimizer", "mistake", "edit"), rows("run"))
def test_a_wrong_run_is_rejected_and_named(optimizer, mistake, edit):
    result = judged(exam_for(optimizer, "run"), as_run(optimizer, [edit]))
    assert result.status in {"partial", "failed"}
    assert [found.id for found in result.mistakes] == [mistake.id]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("kind", ["step", "run"])
def test_the_definition_itself_passes(optimizer, kind):
    answer = definition(optimizer) if kind == "step" else as_run(optimizer, [])
    result = judged(exam_for(optimizer, kind), answer)
    assert result.status == "passed", result.facts
    assert result.mistakes == ()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_correcting_a_line_never_lowers_the_score(optimizer):
    rng = np.random.default_rng(SEED)
    known = [edit for _, edit in forms(optimizer, "step")]
    owners = [mistake.id for mistake, _ in forms(optimizer, "step")]
    exam = exam_for(optimizer, "step")

    @functools.cache
    def points(chosen):
        return judged(exam, wrong_step(optimizer, [known[i] for i in chosen])).points

    for _ in range(20):
        chosen = tuple(sorted(rng.choice(len(known), size=rng.integers(2, 4), replace=False)))
        if clash([known[i] for i in chosen]):
            continue
        if {"root-kept", "root-twice"} <= {owners[i] for i in chosen}:
            continue  # together they are one: the step follows from the root that is kept
        corrected = list(itertools.combinations(chosen, len(chosen) - 1))
        if any(behaves_alike(exam, optimizer, known, chosen, fewer) for fewer in corrected):
            continue  # one of them has no effect beside the others
        for fewer in corrected:
            assert points(fewer) >= points(chosen), [known[i] for i in chosen]


def clash(edits):
    slots = [
        (part, name)
        for edit in edits
        for part in ("start", "incoming", "lines", "outgoing")
        for name in getattr(edit, part)
    ]
    return len(set(slots)) < len(slots)


@np.errstate(all="ignore")
def behaves_alike(exam, optimizer, known, one, other):
    return all(
        np.allclose(a, b, equal_nan=True)
        for probe in exam.probes[:8]
        for a, b in zip(
            *(
                np.atleast_2d(
                    wrong_step(optimizer, [known[i] for i in chosen])(
                        *probe.arguments, **probe.hyperparameters
                    )
                )
                for chosen in (one, other)
            ),
            strict=True,
        )
    )
