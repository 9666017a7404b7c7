"""Each scene shows what its title says: the article's pictures, and the cases where they fail."""

import functools
import inspect
import json
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

from adamedu import descend, momentum, surfaces
from adamedu.playgrounds import scenes
from adamedu.playgrounds.widget import Playground

SCENES = {
    name: scene
    for name, scene in vars(scenes).items()
    if inspect.isfunction(scene) and scene.__module__ == scenes.__name__
}
LARGEST = 60_000  # bytes


@functools.cache
def made(name):
    return SCENES[name]()


def moves(trace):
    return np.abs(np.diff(trace.theta, axis=0))


@pytest.mark.parametrize("name", SCENES)
class TestEveryScene:
    def test_it_is_small_and_runs_without_a_kernel(self, name):
        assert isinstance(made(name), Playground)
        assert len(json.dumps(made(name).scene, ensure_ascii=False)) < LARGEST
        assert all(runner["code"] for runner in made(name).scene["runners"])

    def test_its_still_says_what_it_shows_with_numbers(self, name):
        assert any(letter.isdigit() for letter in made(name).still.alt)
        assert made(name).scene["alt"] == made(name).still.alt


def test_the_seven_pictures_of_the_article_and_two_twins_are_there():
    said = [(inspect.getdoc(scene) or "").split(":")[0] for scene in SCENES.values()]
    assert {f"F{n}" for n in range(1, 8)} <= set(said)
    assert {"F3's twin", "F5's twin", "F6's twin"} <= set(said)


def test_the_ball_rolls_over_hills_into_the_lowest_hollow():
    trace = made("rolling").trace
    assert (np.diff(trace.losses) > 0).any()
    assert abs(trace.theta[-1, 0]) < 0.01


def test_the_ball_is_stuck_at_a_large_loss():
    trace = made("stuck").trace
    assert abs(trace.gradients[-1, 0]) < 0.01
    assert trace.losses[-1] > 1


def test_momentum_crosses_the_hollow_where_plain_descent_stays():
    ran = made("crossing").traces
    assert abs(ran["gd"].theta[-1, 0]) > 5
    assert abs(ran["momentum"].theta[-1, 0]) < 0.1


def test_and_from_lower_down_it_stays_too():
    for trace in made("not_crossing").traces.values():
        assert trace.theta[-1, 0] == pytest.approx(-5.6655, abs=0.02)


def test_it_changes_sides_at_every_step():
    across = made("zigzag").trace.theta[:, 1]
    assert (across[1:] * across[:-1] < 0).all()


def test_a_rate_for_each_axis_wins_on_the_ridge_and_not_on_the_turned_one():
    straight, turned = made("two_rates").traces, made("turned").traces
    assert straight["adagrad"].losses[-1] < 1e-4 < straight["gd"].losses[-1]
    assert turned["adagrad"].losses[-1] > turned["gd"].losses[-1]


def test_rmsprop_glides_where_gradient_descent_bounces():
    ran = {name: trace.theta[:40, 1] for name, trace in made("gliding").traces.items()}
    assert (ran["gd"][1:] * ran["gd"][:-1] < 0).all()
    assert not (ran["rmsprop"][1:] * ran["rmsprop"][:-1] < 0).any()


def test_rmsprop_ends_in_a_cycle_of_half_its_rate_and_gradient_descent_does_not():
    ran = {name: np.abs(trace.theta[-20:, 0]) for name, trace in made("restless").traces.items()}
    assert ran["rmsprop"] == pytest.approx(0.15, abs=0.01)  # half of 0.3
    assert (ran["gd"] < 1e-9).all()


def test_adam_is_fast_and_settles():
    losses = made("settling").trace.losses
    assert losses[10] < losses[0] / 5
    assert (losses[68:] < 0.01).all()


def test_what_is_left_of_one_gradient_are_the_weights():
    left = made("memory").trace["m"].ravel()
    assert left[:4] == pytest.approx([0.1, 0.09, 0.081, 0.0729])
    assert left.sum() == pytest.approx(1 - 0.9**30)


def test_without_corrections_moves_are_as_long_as_the_closed_forms_say():
    lab = scenes.corrections()
    first = {name: moves(trace)[0, 0] for name, trace in lab.traces.items()}
    short, root = 1 - 0.9, np.sqrt(1 - 0.999)
    expected = {"adam": 1, "adam-2": short / root, "adam-3": 1 / root, "adam-4": short}
    assert first == pytest.approx(expected, rel=1e-6)
    lab.beta2 = 0.95  # below 1 - (1 - beta1)**2 = 0.99 the first move is too short
    assert moves(lab.traces["adam-2"])[0, 0] == pytest.approx(short / np.sqrt(0.05), rel=1e-6)


def test_the_map_has_the_color_of_where_each_start_leads():
    surface, lab = surfaces.himmelblau, made("starting_points")
    image = np.asarray(Image.open(urlopen(lab.scene["backdrop"]["image"])).convert("RGBA"))
    (left, right), (low, high) = surface.domain
    assert image.shape[:2] == (256, 256)

    def color(x, y):
        column, row = 255 * (x - left) / (right - left), 255 * (high - y) / (high - low)
        return tuple(int(part) for part in image[round(row), round(column), :3])

    homes = [color(*minimum) for minimum in surface.minima]
    assert len(set(homes)) == 4
    rng = np.random.default_rng(0)
    right_color = 0
    for start in rng.integers(0, 256, (50, 2)) / 255 * (right - left) + left:
        end = descend(momentum, surface, start=start, steps=200, lr=0.02).theta[-1]
        nearest = np.argmin(np.linalg.norm(np.array(surface.minima) - end, axis=1))
        right_color += color(*start) == homes[nearest]
    assert right_color >= 48  # rounding may move a start over a border
