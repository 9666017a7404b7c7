"""The learning rates that every optimizer starts with on every surface, and how they are found."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from adamedu import adam, gd, nadam, surfaces
from tools import rates


@pytest.mark.slow
def test_the_rates_that_are_written_down_are_those_of_the_sweep():
    assert rates.found() == json.loads(rates.FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("written", "found"), [(0.9, 0.9), (1.5, 0.5), (0.001, 0.5), (None, 0.5)])
def test_a_rate_stays_while_it_is_good(written, found):
    """On the ravine gradient descent leaves the domain above 1 and arrives too late below 0.1."""
    row = {} if written is None else {"gd": written}
    assert rates.rate(gd, dataclasses.replace(surfaces.ravine, rates=row)) == found


def test_where_no_rate_arrives_a_larger_share_of_the_height_will_do():
    sweep = rates.Sweep(adam, surfaces.ravine, [0.001, 0.02])
    assert not sweep.good(0.01).any()
    assert sweep.good(0.64).tolist() == [False, True]
    assert sweep.gentlest(0.64) == 0.02


def test_a_chaotic_path_is_good_only_where_none_is_calm():
    calm_and_wild = rates.Sweep(gd, surfaces.ravine, [0.5, 0.9])
    calm_and_wild.calm[0] = False
    assert calm_and_wild.good(0.01).tolist() == [False, True]
    calm_and_wild.calm[1] = False
    assert calm_and_wild.good(0.01).tolist() == [True, True]


@pytest.mark.slow
@pytest.mark.parametrize("surface", surfaces.ALL.values(), ids=list(surfaces.ALL))
def test_at_its_best_rate_nadam_needs_no_more_steps_than_adam(surface):
    """The ladder says so."""
    ahead, plain = (rates.Sweep(of, surface, rates.TRIED) for of in (nadam, adam))
    assert ahead.steps(0.01).min() <= plain.steps(0.01).min() < math.inf
