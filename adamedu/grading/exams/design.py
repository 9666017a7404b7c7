"""Design: bounded numbers, judged by what they achieve."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from adamedu.content.tasks import (
    AdagradLoses,
    BoldRate,
    DesignTask,
    Goal,
    LongestStep,
    NearestEnd,
    WorseValley,
)
from adamedu.core import surfaces
from adamedu.core.descent import descend
from adamedu.core.measuring import destinations, tune
from adamedu.grading.comparing import NotNumbersError, as_array
from adamedu.grading.exams.exam import DataExam, Verdict
from adamedu.optimizers import adagrad, adam, gd, momentum, rmsprop

if TYPE_CHECKING:
    from collections.abc import Callable


class DesignExam(DataExam[DesignTask]):
    """A number, or a list of some, and what it achieves."""

    def judge_value(self, value: Any) -> Verdict:
        """Refuse what isn't a bounded list of finite numbers, and let the goal judge the rest."""
        most = self.task.most
        try:
            numbers = as_array(value)
        except NotNumbersError as error:
            return Verdict(facts=[f"{self.task.answer} {error}"])
        if most == 1 and numbers.ndim == 0:
            numbers = numbers.reshape(1)
        if numbers.ndim != 1 or not 1 <= numbers.size <= most:
            form = "a number" if most == 1 else f"a list of 1 to {most:,} numbers"
            return Verdict(facts=[f"{self.task.answer} should be {form}"])
        if not np.isfinite(numbers).all():
            return Verdict(facts=[f"{self.task.answer} holds a number that isn't finite"])
        return GOALS[type(self.task.goal)](numbers.astype(float), self.task.goal)


def longest_step(gradients: np.ndarray[Any, Any], goal: LongestStep) -> Verdict:
    """Adam at its defaults: the longest step in units of lr, against each check's bound."""
    trace = descend(adam, list(gradients), lr=1.0)
    steps = np.abs(np.diff(trace.theta, axis=0))
    longest = float(np.nanmax(steps, initial=0.0))
    passed = {name for name, bound in goal.bounds.items() if longest > bound}
    verdict = Verdict(passed=passed)
    if len(passed) < len(goal.bounds):
        at = int(np.nanargmax(steps)) + 1 if np.isfinite(steps).any() else 0
        verdict.facts.append(f"the longest step is {longest:.4g} lr, at t = {at}")
    return verdict


class Quadratic:
    """Half of theta A theta, for the symmetric matrix A = [[a, b], [b, c]]."""

    def __init__(self, a: float, b: float, c: float) -> None:
        self.matrix = np.array([[a, b], [b, c]])

    def __call__(self, theta: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the losses, shape (...)."""
        return np.asarray((theta * self.gradient(theta)).sum(-1) / 2)

    def gradient(self, theta: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the gradients, shape (..., 2)."""
        return np.asarray(theta @ self.matrix)


def adagrad_loses(numbers: np.ndarray[Any, Any], goal: AdagradLoses) -> Verdict:
    """AdaGrad's steps over plain descent's, each at its best rate, against each check's bound."""
    refused = no_valley(numbers, goal)
    if refused is not None:
        return Verdict(facts=[refused])
    a, b, c, *start = numbers.tolist()
    quadratic = Quadratic(a, b, c)
    below = float(quadratic(np.array(start))) * goal.part
    if not below:
        return Verdict(facts=["the start is the minimum, so there is nowhere to go"])
    rates, steps = np.geomspace(*goal.rates), goal.steps
    best = [
        tune(optimizer, quadratic, below=below, steps=steps, rates=rates, start=start)
        for optimizer in (adagrad, gd)
    ]
    taken = [run.steps if run.steps is not None else steps + 1 for run in best]
    verdict = Verdict(
        passed={name for name, bound in goal.bounds.items() if taken[0] >= bound * taken[1]}
    )
    if len(verdict.passed) < len(goal.bounds):
        verdict.facts += [
            f"{name} needs {count} step{'s' * (count != 1)} with lr = {run.lr:.3g}"
            if run.lr is not None
            else f"{name} doesn't get there within {steps} steps, with any of the rates"
            for name, count, run in zip(("AdaGrad", "plain descent"), taken, best, strict=True)
        ]
    return verdict


def no_valley(numbers: np.ndarray[Any, Any], goal: AdagradLoses) -> str | None:
    """Say what keeps numbers from being a valley and a start in it."""
    if numbers.size != 5:  # noqa: PLR2004
        return f"a, b, c, x and y are five numbers, not {numbers.size}"
    if np.abs(numbers).max() > goal.largest:
        return f"every number lies between -{goal.largest} and {goal.largest}"
    a, b, c = numbers[:3].tolist()
    is_one = a > 0 and a * c > b * b
    return None if is_one else "that is no valley: a > 0 and a * c > b * b make one"


def nearest_end(rates: np.ndarray[Any, Any], goal: NearestEnd) -> Verdict:
    """RMSProp on the ravine with a rate per step: the farthest end, against each check's bound."""
    starts = np.array(list(itertools.product(goal.starts, repeat=2)))
    ravine = Quadratic(0.1, 0.0, 2.0)
    trace = descend(rmsprop, ravine, steps=rates.size, start=starts, lr=rates)
    ends = np.nan_to_num(np.abs(trace.theta[-1]).max(-1), nan=np.inf)
    verdict = Verdict(passed={name for name, bound in goal.bounds.items() if ends.max() < bound})
    if len(verdict.passed) < len(goal.bounds):
        x, y = starts[ends.argmax()]
        far = f"ends {ends.max():.2g} away" if np.isfinite(ends.max()) else "flies off"
        verdict.facts.append(f"the run from ({x:g}, {y:g}) {far}")
    return verdict


def bold_rate(numbers: np.ndarray[Any, Any], goal: BoldRate) -> Verdict:
    """Plain descent along the steepest direction: a rate at which it falls, hardly a larger one."""
    lr = float(numbers[0])
    larger, steps = lr / (1 - goal.within), goal.steps
    quadratic, start = Quadratic(*goal.quadratic), goal.steepest
    trace = descend(gd, quadratic, start=start, steps=steps, sweep={"lr": [lr, larger]})
    (first, _), (last, larger_last) = trace.losses[[0, -1]].tolist()
    if not last < first:
        end = "diverges" if np.isnan(last) else f"goes from {first:g} to {last:.4g}"
        return Verdict(facts=[f"with lr = {lr:g} the loss {end} in {steps} steps"])
    if larger_last < first:
        fact = f"with lr = {lr:g} the loss falls, but so it does with lr = {larger:.4g}"
        return Verdict(passed={"settles"}, facts=[fact])
    return Verdict(passed={"settles", "bold"})


def worse_valley(numbers: np.ndarray[Any, Any], goal: WorseValley) -> Verdict:
    """Say in which valley of the double well momentum and plain descent end, from one start."""
    well = surfaces.double_well
    if numbers.size != well.dimension:
        return Verdict(facts=[f"x and y are two numbers, not {numbers.size}"])
    lowest, highest = np.transpose(well.domain)
    if not ((lowest <= numbers) & (numbers <= highest)).all():
        (left, right), (low, high) = well.domain
        return Verdict(
            facts=[f"x lies between {left:g} and {right:g}, and y between {low:g} and {high:g}"]
        )
    lr, steps = goal.lr, goal.steps
    ends = [
        destinations(descend(optimizer, well, start=numbers, steps=steps, lr=lr))
        for optimizer in (momentum, gd)
    ]
    passed = {"differ"} if None not in ends and ends[0] != ends[1] else set()
    passed |= {"worse"} if ends == [1, 0] else set()
    if "worse" in passed:
        return Verdict(passed=passed)
    said = {0: "in the deeper valley", 1: "in the shallower valley", None: "in neither valley"}
    names = ("momentum", "plain descent")
    facts = [f"{name} ends {said[end]}" for name, end in zip(names, ends, strict=True)]
    return Verdict(passed=passed, facts=facts)


GOALS: dict[type[Goal], Callable[[np.ndarray[Any, Any], Any], Verdict]] = {
    AdagradLoses: adagrad_loses,
    BoldRate: bold_rate,
    LongestStep: longest_step,
    NearestEnd: nearest_end,
    WorseValley: worse_valley,
}
