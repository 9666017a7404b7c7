"""The kinds of graded task, and what each needs to know.

A row of `adamedu/content/exercises/` says with its ``kind`` which of them it is; what a kind needs
beside what all tasks have is an attribute of its class, and a key of the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

import msgspec

from adamedu.content.loading import Hints, Positive, Row, Text, WrongValueError, distinct, require
from adamedu.content.mistakes import bank, names_of
from adamedu.core.errors import UnknownNameError
from adamedu.optimizers import optimizer

if TYPE_CHECKING:
    from typing import Any

    from adamedu.core.recurrence import Recurrence

Number: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^-?\d+(/[1-9]\d*)?$")]
"""An exact number, as text: ``"3/4"``."""

Bounds: TypeAlias = dict[str, int | float]
"""What each check asks for, by its id."""


class Check(Row, frozen=True):
    """One thing that a task is checked for.

    Attributes
    ----------
    id : str
        Unique within its task. A known mistake's id asks whether that mistake is gone.
    points : int
        What passing it is worth.
    says : str
        What it checks, as the learner reads it.
    """

    id: Text
    points: Positive
    says: Text


class Task(Row, frozen=True, kw_only=True, tag_field="kind"):
    """One graded task.

    Attributes
    ----------
    id : str
        ``"adam.step"``.
    answer : str
        The name that a submission gives its answer.
    title : str
        A few words.
    minutes : int
        How long it takes.
    checks : tuple of Check
        In the order in which they are shown.
    hints : tuple of str
        Where to look; what to think about; almost the answer.
    """

    id: Text
    answer: Text
    title: Text
    minutes: Positive
    checks: Annotated[tuple[Check, ...], msgspec.Meta(min_length=1)]
    hints: Hints

    def __post_init__(self) -> None:
        asked = [check.id for check in self.checks]
        distinct("checks", asked)
        for name in asked:
            require("checks", name, self._known(), "it can be asked for")

    def _known(self) -> tuple[str, ...]:
        """Return the ids that its checks may have; without a kind, any."""
        return tuple(check.id for check in self.checks)

    @property
    def kind(self) -> str:
        """How it is judged: ``step``, ``run``, ``class``, ``by-hand``, ``predict``, ``design``."""
        return str(self.__struct_config__.tag)

    @property
    def points(self) -> int:
        """The most that the task is worth."""
        return sum(check.points for check in self.checks)


class OptimizerTask(Task, frozen=True, kw_only=True):
    """A task on one optimizer.

    Attributes
    ----------
    optimizer : str
        The definition's name.
    """

    optimizer: Text

    def __post_init__(self) -> None:
        try:
            optimizer(self.optimizer)
        except UnknownNameError as error:
            raise WrongValueError("optimizer", str(error)) from error
        super().__post_init__()

    @property
    def reference(self) -> Recurrence[..., Any]:
        """The definition."""
        return optimizer(self.optimizer)


class StepTask(OptimizerTask, frozen=True, tag="step"):
    """A step function to write, or to mend."""

    def _known(self) -> tuple[str, ...]:
        own = (*self.reference.returned, "inputs", "arguments")
        return own if {check.id for check in self.checks} <= {*own} else (*own, *bank())


class LoopTask(OptimizerTask, frozen=True):
    """A task in which t and the state are the learner's own."""

    CHECKS: ClassVar[tuple[str, ...]]

    def _known(self) -> tuple[str, ...]:
        return self.CHECKS


class RunTask(LoopTask, frozen=True, tag="run"):
    """A loop to write."""

    CHECKS = ("first", "path", "again", "arguments")


class ClassTask(LoopTask, frozen=True, tag="class"):
    """A class to write."""

    CHECKS = ("steps", "separate", "resume")


class ByHandTask(OptimizerTask, frozen=True, tag="by-hand", kw_only=True):
    """Exact values to work out for t = 1, 2, …; all numbers but the steps are text.

    Attributes
    ----------
    quantity : str
        The named line whose values are asked for.
    given : dict of str to str
        The hyperparameters.
    theta : str
        Where it starts.
    gradients : tuple of str
        One for each step; empty in a bowl.
    curvature, steps : str and int, or None
        A bowl's, and how many steps to take in it.
    """

    quantity: Text
    given: dict[str, Number]
    theta: Number = "0"
    gradients: tuple[Number, ...] = ()
    curvature: Number | None = None
    steps: Positive | None = None

    def __post_init__(self) -> None:
        bowl = [self.curvature is not None, self.steps is not None]
        if bowl != [not self.gradients] * 2:
            raise WrongValueError("gradients", "there are either these, or curvature and steps")
        super().__post_init__()
        require("quantity", self.quantity, names_of(self.optimizer)["lines"])
        for name in self.given:
            require("given", name, self.reference.hyperparameters)
        for name in self.reference.hyperparameters:
            require("given", name, self.given)
        if [check.id for check in self.checks] != [*self._known()]:
            raise WrongValueError("checks", f"in their order they are {', '.join(self._known())}")

    def _known(self) -> tuple[str, ...]:
        return tuple(f"t{t}" for t in range(1, self.count + 1))

    @property
    def count(self) -> int:
        """How many values are asked for."""
        return len(self.gradients) or self.steps or 0


class Choice(Row, frozen=True):
    """One of the answers to choose from.

    Attributes
    ----------
    id : str
        Its letter.
    says, why : str
        The answer, and what to think of it.
    """

    id: Text
    says: Text
    why: Text


class PredictTask(Task, frozen=True, tag="predict", kw_only=True):
    """A choice to make before the run.

    Attributes
    ----------
    choices : tuple of Choice
        What there is to choose from.
    right : str
        The letter of the right one.
    """

    choices: Annotated[tuple[Choice, ...], msgspec.Meta(min_length=2)]
    right: Text

    def __post_init__(self) -> None:
        super().__post_init__()
        letters = [choice.id for choice in self.choices]
        distinct("choices", letters)
        require("right", self.right, letters)

    def _known(self) -> tuple[str, ...]:
        return ("choice",)


class Goal(Row, frozen=True, tag_field="name"):
    """What a design should achieve."""

    def checks(self) -> tuple[str, ...]:
        """Return the ids that its task's checks have."""
        raise NotImplementedError


class BoundedGoal(Goal, frozen=True, kw_only=True):
    """A goal that each check sets higher.

    Attributes
    ----------
    bounds : dict of str to float
        What each check asks for, by its id.
    """

    bounds: Bounds

    def checks(self) -> tuple[str, ...]:
        """Return those that have a bound."""
        return tuple(self.bounds)


class LongestStep(BoundedGoal, frozen=True, tag="longest-step"):
    """Gradients for which Adam's longest step, in units of lr, exceeds a bound."""


class AdagradLoses(BoundedGoal, frozen=True, tag="adagrad-loses", kw_only=True):
    """A valley in which AdaGrad takes many times the steps that plain descent does.

    Attributes
    ----------
    largest : int
        How large every number may be.
    rates : tuple
        From, to, and how many rates are tried.
    steps : int
        The most that a run takes.
    part : float
        Which part of the first loss it should come below.
    """

    largest: int
    rates: tuple[int | float, int | float, Positive]
    steps: Positive
    part: float


class NearestEnd(BoundedGoal, frozen=True, tag="nearest-end", kw_only=True):
    """Rates with which RMSProp ends nearer to the minimum than a bound, from each start.

    Attributes
    ----------
    starts : tuple of float
        What each coordinate of a start may be.
    """

    starts: tuple[float, ...]


class BoldRate(Goal, frozen=True, tag="bold-rate", kw_only=True):
    """The largest rate at which plain descent still falls.

    Attributes
    ----------
    quadratic, steepest : tuple of float
        The second derivatives, and the steepest direction.
    steps : int
        How many are taken.
    within : float
        How close the rate comes to the largest.
    """

    quadratic: tuple[float, float, float]
    steepest: tuple[float, float]
    steps: Positive
    within: float

    def checks(self) -> tuple[str, ...]:
        """Return both."""
        return ("settles", "bold")


class WorseValley(Goal, frozen=True, tag="worse-valley", kw_only=True):
    """A start from which momentum ends in the worse of two valleys, and plain descent doesn't.

    Attributes
    ----------
    lr : float
        The rate of both.
    steps : int
        How many are taken.
    """

    lr: float
    steps: Positive

    def checks(self) -> tuple[str, ...]:
        """Return both."""
        return ("differ", "worse")


class DesignTask(Task, frozen=True, tag="design", kw_only=True):
    """Bounded numbers to find, judged by what they achieve.

    Attributes
    ----------
    goal : Goal
        What they should achieve.
    most : int
        How many an answer may have. Where that is one, it is a number, or a list of it.
    """

    goal: LongestStep | AdagradLoses | NearestEnd | BoldRate | WorseValley
    most: Positive

    def __post_init__(self) -> None:
        super().__post_init__()
        if {*self._known()} != {check.id for check in self.checks}:
            raise WrongValueError("checks", f"the goal has {', '.join(self._known())}")

    def _known(self) -> tuple[str, ...]:
        return self.goal.checks()


AnyTask: TypeAlias = StepTask | RunTask | ClassTask | ByHandTask | PredictTask | DesignTask
