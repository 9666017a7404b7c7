"""The ladder on one page says what the code says, of every optimizer."""

import re

import pytest

from adamedu import adam, gd, momentum
from adamedu.content.ladder import rungs
from adamedu.content.lessons import lessons
from adamedu.optimizers import LADDER
from adamedu.pages.ladder import ladder

every_optimizer = pytest.mark.parametrize("optimizer", LADDER, ids=lambda of: of.name)


def test_every_optimizer_is_a_rung_in_order():
    assert ladder().optimizers == LADDER
    assert ladder(momentum, gd).optimizers == (momentum, gd)
    assert list(rungs()) == [of.name for of in LADDER]


@every_optimizer
def test_a_rung_has_all_equations_and_defaults_of_the_code(optimizer):
    head, equations, _ = ladder(optimizer)._repr_markdown_().split("<br>")
    formulas = re.findall(r"\$[^$]+\$", equations)
    assert len(formulas) == len(optimizer.lines)
    assert formulas[-1].startswith(r"$\theta_{t} = \theta_{t-1} - ")
    assert head.count(" = ") == len(optimizer.hyperparameters)


@pytest.mark.parametrize("rung", rungs().values(), ids=list(rungs()))
def test_a_rung_says_what_changed_when_it_helps_and_what_to_watch_out_for(rung):
    assert rung.lesson in lessons()
    assert rung.changed[0].isupper()
    assert all(
        text.endswith(".") and len(text) > 20 for text in (rung.changed, rung.helps, rung.watch)
    )


def test_an_optimizer_as_text():
    said = "Momentum: The gradient gives way to a moving average of all gradients so far. It helps"
    assert str(ladder(gd, momentum)).splitlines()[1].startswith(said)


def test_adam_as_it_is_shown():
    shown = ladder(adam)._repr_markdown_()
    assert shown.startswith("**Adam** (lesson [05](../notebooks/05_adam.ipynb); by default ")
    assert (
        r"$\alpha = 0.001$, $\beta_{1} = 0.9$, $\beta_{2} = 0.999$, $\epsilon = 10^{-8}$" in shown
    )
    assert r"$\hat{m}_{t} = \frac{m_{t}}{1 - \beta_{1}^{t}}$" in shown


def test_what_is_no_rung_is_named():
    with pytest.raises(LookupError, match="is no rung of the ladder; there are gd, momentum"):
        ladder(momentum.variant(lines={"m": "g"}))
