"""A class with several parameters that saves and resumes."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu.content.tasks import ClassTask
from adamedu.grading.comparing import NotNumbersError, agrees, as_array
from adamedu.grading.diagnosis.naming import behavior, diagnose, explains
from adamedu.grading.exams.exam import Reply, call
from adamedu.grading.exams.loop import LoopExam, loop_moment, path_difference
from adamedu.grading.probes import draw_gradients, draw_long_gradients
from adamedu.sandbox.message import Slot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adamedu.content.mistakes import Mistake as Known
    from adamedu.grading.comparing import Array
    from adamedu.grading.diagnosis.naming import Moment
    from adamedu.sandbox.request import Call, Script


_SHAPES: Final = {"steps": ((3,), (2, 2)), "separate": ((3,), (2, 2)), "resume": ((3,), (3,))}
_STEPS: Final = 5
_LONG: Final = 140
_READ: Final = (17, 19, 38, _STEPS + _LONG - 3, _STEPS + _LONG)
"""After which of the many steps that follow the first few the parameters are read."""
_SAVED: Final = 3
_RESUMED: Final = {
    "b": "after saving and loading: ",
    "c": "after loading the same state again: ",
}
_LOST: Final[dict[tuple[str, ...], str]] = {
    ("t",): "t-lost-on-resume",
    ("m",): "m-lost-on-resume",
    ("v",): "v-lost-on-resume",
}


@dataclass(frozen=True)
class Setup:
    """What one check is run on: the parameters, the gradients per step, and the right path."""

    start: list[Array]
    gradients: list[list[Array]]
    path: list[list[Array]]


class ClassExam(LoopExam[ClassTask]):
    """A class with ``step(gradients)``, ``params``, ``state_dict()``, ``load_state_dict(state)``.

    Checks: ``steps`` (two parameters of different shapes), ``separate`` (a second optimizer beside
    the first), ``resume`` (saved, loaded into a new one, continued).
    """

    def __init__(self, task: ClassTask, seed: int) -> None:
        super().__init__(task, seed)
        self.setups = {check: self.set_up(check, shapes) for check, shapes in _SHAPES.items()}

    def set_up(self, check: str, shapes: tuple[tuple[int, ...], ...]) -> Setup:
        """Draw parameters and gradients of some shapes, and follow the definition."""
        start = [np.round(self.rng.uniform(-2.0, 2.0, shape), 3) for shape in shapes]
        streams = [draw_gradients(self.rng, _STEPS, shape) for shape in shapes]
        if check == "steps":
            more = [draw_long_gradients(self.rng, _LONG, shape) for shape in shapes]
            streams = [few + many for few, many in zip(streams, more, strict=True)]
        paths = [self.walk(p, s)[0] for p, s in zip(start, streams, strict=True)]
        transposed = [list(step) for step in zip(*streams, strict=True)]
        return Setup(start, transposed, [list(step) for step in zip(*paths, strict=True)])

    def write(self) -> dict[str, Script]:
        """Write the three checks' scripts."""
        return {
            "steps": self.alone(),
            "separate": self.side_by_side(),
            "resume": self.resumed(),
        }

    def alone(self) -> Script:
        """Make one optimizer and take all steps: a few that are all read, then many."""
        script = [self.new("a", "steps"), *self.steps("a", "steps", 0, _STEPS)]
        for first, last in itertools.pairwise((_STEPS, *_READ)):
            script += self.steps("a", "steps", first, last - 1)[::2]
            script += self.steps("a", "steps", last - 1, last)
        return script

    def side_by_side(self) -> Script:
        """Make a second optimizer between the first one's steps."""
        return [
            self.new("a", "separate"),
            *self.steps("a", "separate", 0, 2),
            self.new("b", "separate"),
            *self.steps("b", "separate", 0, 3),
            *self.steps("a", "separate", 2, 3),
        ]

    def resumed(self) -> Script:
        """Save, go on, and let two new optimizers in turn go on from what was saved."""
        script = [
            self.new("a", "resume"),
            *self.steps("a", "resume", 0, _SAVED),
            call("state_dict", of="a", save="saved"),
            *self.steps("a", "resume", _SAVED, _SAVED + 1),
        ]
        for slot in _RESUMED:
            script += [
                self.new(slot, "resume", self.setups["resume"].path[_SAVED - 1]),
                call("load_state_dict", [Slot("saved")], of=slot),
                *self.steps(slot, "resume", _SAVED, _STEPS),
            ]
        return script

    def new(self, slot: str, check: str, params: list[Array] | None = None) -> Call:
        """Write the call that makes an optimizer."""
        start = self.setups[check].start if params is None else params
        return call(self.task.answer, [list(start)], self.hyperparameters, save=slot)

    def steps(self, slot: str, check: str, first: int, last: int) -> Script:
        """Write the calls for steps ``first + 1`` to ``last``, reading the params after each."""
        script: Script = []
        for g in self.setups[check].gradients[first:last]:
            script += [
                call("step", [list(g)], of=slot),
                {"do": "get", "of": slot, "name": "params"},
            ]
        return script

    def seen(self, check: str, found: list[Reply]) -> list[tuple[str, int, Any]]:
        """List the parameters that were read: whose, after which step, and what they were."""
        done = Counter(dict.fromkeys(_RESUMED, _SAVED) if check == "resume" else ())
        read = []
        for operation, reply in zip(self.parts[check], found, strict=False):
            slot = operation["of"] or ""
            if operation["do"] == "get":
                read.append((slot, done[slot], reply.value))
            elif operation["name"] == "step":
                done[slot] += 1
        return read

    def wrong(self, check: str, found: list[Reply]) -> str | None:
        """Compare the parameters after each step of a script."""
        seen = self.seen(check, found)
        for slot, t, value in seen:
            fact = self.params_fact(check, value, t)
            if fact is not None:
                beside = "two optimizers side by side: "
                return (beside if check == "separate" else _RESUMED.get(slot, "")) + fact
        wanted = sum(operation["do"] == "get" for operation in self.parts[check])
        return None if len(seen) == wanted else f"{self.task.answer} was not answered to the end"

    def params_fact(self, check: str, value: Any, t: int) -> str | None:
        """Say what is wrong with the parameters after step ``t``."""
        right = self.setups[check].path[t - 1]
        if not isinstance(value, list | tuple) or len(value) != len(right):
            return f"params should be a list of {len(right)} arrays"
        for i, (part, expected) in enumerate(zip(value, right, strict=True)):
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

    def recognize(self, passed: set[str], found: dict[str, list[Reply]]) -> Iterable[Known | None]:
        """Try the known formulas first, then what can go wrong in keeping t and the state."""
        if "steps" not in passed:
            path = self.observed("steps", found, "a")
            known = (
                diagnose(self.reference.name, "class", self.moments("steps", path)) if path else ()
            )
            return known or [behavior(self.keeping(found, path))]
        if "separate" not in passed:
            return [behavior("state-shared-between-optimizers")] if "separate" in found else []
        if "resume" not in passed and "resume" in found:
            return [behavior(self.lost(found))]
        return []

    def observed(self, check: str, found: dict[str, list[Reply]], slot: str) -> list[list[Array]]:
        """Read one optimizer's first few parameters, as far as they have the right form."""
        paths: list[list[Array]] = []
        for owner, t, value in self.seen(check, found.get(check, [])):
            if owner != slot or t > _STEPS:
                continue
            right = self.setups[check].path[t - 1]
            try:
                params = [as_array(part) for part in value]
            except (NotNumbersError, TypeError):
                break
            if [p.shape for p in params] != [p.shape for p in right]:
                break
            paths.append(params)
        return paths

    def moments(self, check: str, path: list[list[Array]], t_step: int = 1) -> list[Moment]:
        """Lay the parameters side by side, step by step; ``t`` advances so often per step."""
        setup = self.setups[check]
        sizes = [p.size for p in setup.start]
        offsets = np.repeat([min(i, t_step - 1) for i in range(len(sizes))], sizes)
        return [
            loop_moment(
                setup.gradients[i],
                i * t_step + 1 + offsets,
                self.hyperparameters,
                path[i],
                setup.start if i == 0 else None,
            )
            for i in range(len(path))
        ]

    def one_by_one(self, check: str, path: list[list[Array]], t_step: int) -> list[Moment]:
        """Lay the parameters one after the other, each going on with the last one's state."""
        setup = self.setups[check]
        before = [setup.start, *path]
        return [
            loop_moment([g], i * t_step + 1 + min(j, t_step - 1), self.hyperparameters,
                        [path[i][j]], [before[i][j]])
            for i in range(len(path))
            for j, g in enumerate(setup.gradients[i])
        ]  # fmt: skip

    def keeping(self, found: dict[str, list[Reply]], path: list[list[Array]]) -> str | None:
        """Name what goes wrong with t or the state between two parameters."""
        each = len(self.setups["steps"].start)
        if path and explains(self.reference.name, self.moments("steps", path, each)):
            return "t-once-per-parameter"
        same = self.observed("resume", found, "a")
        for t_step in (1, each):
            if same and explains(self.reference.name, self.one_by_one("resume", same, t_step)):
                return "state-shared-between-parameters"
        return None

    def lost(self, found: dict[str, list[Reply]]) -> str | None:
        """Name what a resumed optimizer has lost, by trying each part of what it should know."""
        if not any(
            self.params_fact("resume", value, t)
            for slot, t, value in self.seen("resume", found["resume"])
            if slot != "c"
        ):
            return "loaded-state-aliases"  # only b's steps lie between loading b and loading c
        names = ("t", *self.reference.state)
        for steps in (_SAVED + 1, 0):
            for count in range(1, len(names) + 1):
                for wrong in itertools.combinations(names, count):
                    if self.resumes(found, dict.fromkeys(wrong, steps)):
                        lost = _LOST.get(wrong, "state-lost-on-resume")
                        if not steps:
                            return lost
                        return "saved-state-aliases" if wrong != ("t",) else None  # no array
        return None

    def resumes(self, found: dict[str, list[Reply]], instead: dict[str, int]) -> bool:
        """Whether b goes on as the definition does from what was saved.

        ``instead`` says after how many steps t or a state is, where it isn't that of the save.
        """
        setup = self.setups["resume"]
        seen = self.observed("resume", found, "b")
        if len(seen) != _STEPS - _SAVED:
            return False
        for i, start in enumerate(setup.start):
            gradients = [step[i] for step in setup.gradients]
            states = {n: self.walk(start, gradients[:n])[1] for n in (0, _SAVED, _SAVED + 1)}
            left = {name: states[instead.get(name, _SAVED)][name] for name in self.reference.state}
            there = setup.path[_SAVED - 1][i]
            path, _ = self.walk(there, gradients[_SAVED:], left, instead.get("t", _SAVED))
            if not all(agrees(s[i], right).all() for s, right in zip(seen, path, strict=True)):
                return False
        return True
