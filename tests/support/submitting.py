"""Submissions, as a learner hands them in, and what the grader makes of them.

A right answer is the definition itself under the learner's name; a wrong one replaces its lines.
"""

from __future__ import annotations

import ast
import atexit
import functools
import inspect
import json
import textwrap
from typing import TYPE_CHECKING, Any

from adamedu.content.catalogue import task
from adamedu.grading.exams import prepare
from adamedu.grading.grader import Settings, perform
from adamedu.grading.grader import prepare as read
from adamedu.grading.judge import exams_for, judge, judge_all, request_for
from adamedu.grading.probes import seed_for
from adamedu.grading.submissions import find
from adamedu.sandbox.inside.runner import perform_all
from adamedu.sandbox.outside.replies import CHUNK, Answers, Reader
from adamedu.sandbox.outside.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from adamedu.core.recurrence import Recurrence
    from adamedu.grading.judge import TaskResult
    from adamedu.grading.report import SubmissionReport

HEAD = "import numpy as np\nfrom numpy import maximum, sqrt\n\n"

RUN = """
def adam_run(theta, gradients, **hyperparameters):
    m = v = np.zeros_like(theta)
    path = []
    for t, g in enumerate(gradients, start=1):
        theta, m, v = adam_step(theta, g, t, m, v, **hyperparameters)
        path.append(theta)
    return path
"""

CLASS = """
class Adam:
    def __init__(self, params, **hyperparameters):
        self.params = [np.array(p) for p in params]
        self.hyperparameters = hyperparameters
        self.t = 0
        self.m = [np.zeros_like(p) for p in self.params]
        self.v = [np.zeros_like(p) for p in self.params]

    def step(self, gradients):
        self.t += 1
        for i, g in enumerate(gradients):
            self.params[i], self.m[i], self.v[i] = adam_step(
                self.params[i], g, self.t, self.m[i], self.v[i], **self.hyperparameters
            )

    def state_dict(self):
        return {
            "t": self.t,
            "m": [m.copy() for m in self.m],
            "v": [v.copy() for v in self.v],
        }

    def load_state_dict(self, state):
        self.t = state["t"]
        self.m = [m.copy() for m in state["m"]]
        self.v = [v.copy() for v in state["v"]]
"""


def step(optimizer: Recurrence[..., Any], name: str | None = None, **lines: str) -> str:
    """The source of a step function, with some of its lines replaced."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(optimizer.function)))
    [function] = tree.body
    assert isinstance(function, ast.FunctionDef)
    function.name = name or f"{optimizer.name}_step"
    function.decorator_list = []
    del function.body[0]  # the docstring
    for line in function.body:
        if isinstance(line, ast.Assign):
            [target] = line.targets
            text = lines.pop(ast.unparse(target), ast.unparse(line.value))
            line.value = ast.parse(text, mode="eval").body
    assert not lines, f"{optimizer.name} has no line {', '.join(lines)}"
    return f"{ast.unparse(tree)}\n\n"


def code(text: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    """A code cell."""
    return {
        "cell_type": "code",
        "metadata": {},
        "source": text.splitlines(keepends=True),
        "outputs": list(outputs),
        "execution_count": None,
    }


def notebook(*cells: str | dict[str, Any]) -> str:
    """A notebook of code cells."""
    return json.dumps(
        {
            "cells": [cell if isinstance(cell, dict) else code(cell) for cell in cells],
            "metadata": {"kernelspec": {"name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


@functools.cache
def sandbox() -> Sandbox:
    """The sandbox that all tests of this process share."""
    shared = Sandbox()
    atexit.register(shared.close)
    return shared


def graded(path: Path, settings: Settings | None = None) -> SubmissionReport:
    """What the grader makes of a file."""
    [submission] = find(path)
    return perform(read(submission, settings or Settings()), sandbox().run)


def answers_in(raw: bytes) -> Answers:
    """What the grader reads from a process that wrote these bytes."""
    reader = Reader()
    for start in range(0, len(raw), CHUNK):
        reader.feed(raw[start : start + CHUNK])
    return reader.end()


def ask(
    source: str, *task_ids: str, form: str = "py", seconds: float = 2.0, secret: str = ""
) -> dict[str, TaskResult]:
    """Grade a source for some tasks in a process of its own."""
    seeds = {task_id: seed_for(secret, "a student", task_id) for task_id in task_ids}
    exams = exams_for([task(task_id) for task_id in task_ids], seeds)
    answers = sandbox().run(request_for(exams, source, form, "handed-in"), seconds)
    return {result.id: result for result in judge_all(exams, answers)}


def judged(task_id: str, answer: object, seed: int = 0, seconds: float | None = None) -> TaskResult:
    """Judge an answer here, through the same messages."""
    exam = prepare(task(task_id), seed)
    namespace = {exam.task.answer: answer}
    return judge(exam, json.loads(json.dumps(perform_all(exam.scripts(), namespace, seconds))))


def defined(source: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run a source that is known to be harmless, and return its names."""
    names: dict[str, Any] = {"__name__": "handed_in", **(given or {})}
    exec(compile(HEAD + source, "<file>", "exec"), names)  # noqa: S102
    return names


def passed(result: TaskResult) -> set[str]:
    """The checks that passed."""
    return {check.id for check in result.checks if check.passed}
