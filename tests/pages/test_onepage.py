"""The ladder on one page says what the code says, of every optimizer."""

import re

import pytest

from adamedu import adam, gd, momentum
from adamedu.content.lessons import lessons
from adamedu.optimizers import LADDER
from adamedu.pages.ladder import ladder

every_rung = pytest.mark.parametrize("rung", ladder().rungs, ids=lambda rung: rung.of.name)


def test_every_optimizer_is_a_rung_in_order():
    assert [rung.of for rung in ladder().rungs] == list(LADDER)
    assert [rung.of for rung in ladder(momentum, gd).rungs] == [momentum, gd]


@every_rung
def test_a_rung_has_all_equations_and_defaults_of_the_code(rung):
    formulas = re.findall(r"\$[^$]+\$", rung.equations)
    assert len(formulas) == len(rung.of.lines)
    assert formulas[-1].startswith(r"$\theta_{t} = \theta_{t-1} - ")
    assert rung.defaults.count("=") == len(rung.of.hyperparameters)
    assert rung.lesson in lessons()


@every_rung
def test_a_rung_says_what_changed_when_it_helps_and_what_to_watch_out_for(rung):
    assert rung.changed[0].isupper()
    assert all(
        text.endswith(".") and len(text) > 20 for text in (rung.changed, rung.helps, rung.watch)
    )
    assert "It helps when" in str(ladder(rung.of))
    assert str(ladder(rung.of)).startswith(rung.title)


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
