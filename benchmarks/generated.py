"""A class that was never taught: right and wrong answers to one task, written as students would.

The right ones are the many forms of `tests.support.right_forms`, the wrong ones are the bank's
mistakes, written out as source.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from adamedu import adam
from adamedu.content.mistakes import forms
from tests.support.right_forms import ADAM, HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamedu.core.recurrence import Recurrence

TASK: Final = "adam.step"
_FUNCTIONS: Final = "from numpy import mean, minimum, sign, sum\n"


@dataclass(frozen=True)
class HandedIn:
    """A submission, and what is wrong with it.

    Attributes
    ----------
    name : str
        Its file's name.
    form : str
        ``"py"`` or ``"ipynb"``.
    code : str
        Its Python.
    mistake : str or None
        The id in the bank; None where nothing is wrong.
    """

    name: str
    form: str
    code: str
    mistake: str | None

    @property
    def text(self) -> str:
        """What its file holds."""
        return self.code if self.form == "py" else notebook(self.code)


def handed_in(count: int, seed: int) -> list[HandedIn]:
    """Return so many submissions, the same for the same seed: every second one is right.

    >>> [(one.name, one.mistake is None) for one in handed_in(3, seed=0)]
    [('s0000.py', True), ('s0001.ipynb', False), ('s0002.ipynb', True)]
    """
    rng = np.random.default_rng(seed)
    wrong: list[tuple[str | None, str]] = [
        (mistake.id, _FUNCTIONS + written(adam_with(edit), "adam_step"))
        for mistake, edit in forms("adam", "step")
    ]
    right: list[tuple[str | None, str]] = [(None, source) for source in ADAM.values()]

    def drawn() -> Iterator[HandedIn]:
        for number in range(count):
            known = wrong if number % 2 else right
            mistake, source = known[int(rng.integers(len(known)))]
            form = "ipynb" if number % 4 in {1, 2} else "py"
            yield HandedIn(f"s{number:04}.{form}", form, HEAD + source, mistake)

    return list(drawn())


def adam_with(edit: Any) -> Recurrence[..., Any]:
    """Return Adam with a mistake of the bank."""
    return adam.variant(incoming=edit.incoming, lines=edit.lines, outgoing=edit.outgoing)


def written(step: Recurrence[..., Any], name: str) -> str:
    """Write a variant of a step out as the source of a function.

    >>> from adamedu import gd
    >>> print(written(gd.variant(incoming={"lr": "-lr"}), "gd_step"))
    def gd_step(theta, g, t, *, lr):
        theta_prev = theta
        lr = -lr
        theta = theta_prev - lr * g
        return theta
    <BLANKLINE>
    """
    earlier = {name: f"{name}_prev" for name in step.returned}
    outgoing = {name: name for name in step.returned}
    outgoing |= {line.name: line.source for line in step.outgoing}
    body = [
        f"{', '.join(earlier.values())} = {', '.join(earlier)}",
        *_at_once({earlier.get(one.name, one.name): one.source for one in step.incoming}),
        *(f"{line.name} = {line.source}" for line in step.lines),
        f"return {', '.join(outgoing.values())}",
    ]
    arguments = ", ".join(("theta", "g", "t", *step.state, "*", *step.hyperparameters))
    return "\n    ".join([f"def {name}({arguments}):", *body]) + "\n"


def _at_once(values: dict[str, str]) -> Iterator[str]:
    if values:
        yield f"{', '.join(values)} = {', '.join(values.values())}"


def notebook(*cells: str, metadata: dict[str, Any] | None = None) -> str:
    """Write a notebook of code cells; the last has the metadata."""
    written_cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(cells)
    ]
    written_cells[-1]["metadata"] = metadata or {}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {
            "cells": written_cells,
            "metadata": {"kernelspec": kernel},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )
