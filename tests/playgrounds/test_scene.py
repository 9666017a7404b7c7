"""A playground's scene: plain data, small, and true to the figures and the definitions."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adamedu import adam, adamw, amsgrad, gd, momentum, rmsprop, surfaces
from adamedu.core.recurrence import RecurrenceError
from adamedu.core.surface import surface
from adamedu.optimizers import LADDER
from adamedu.playgrounds import schema
from adamedu.playgrounds.bundle import FOLDER
from adamedu.playgrounds.runners import runners, slider
from adamedu.playgrounds.scene import Showing, describe
from adamedu.playgrounds.schema import SceneError

EVERY = pytest.mark.parametrize("landscape", surfaces.ALL.values(), ids=surfaces.ALL)
RACE = [gd, momentum, rmsprop, adam, amsgrad, adamw]


def scene(optimizers, landscape=surfaces.ravine, *, steps=100, start=None, **shown):
    entered = runners(optimizers, landscape)
    return describe(entered, landscape, Showing(**shown), steps=steps, start=start)


def written(line):
    """Return an equation as it reads before the numbers are put in."""
    parts = [part if isinstance(part, str) else part["symbol"] for part in line["equation"]]
    return f"{line['symbol']} {line['sign']} {''.join(parts)}"


class TestRunners:
    def test_rates_are_the_surfaces_unless_told(self):
        own, told, other = (
            runners(adam, surfaces.ridge),
            runners(adam, surfaces.ridge, lr=0.5),
            runners(adam),
        )
        assert own[0].settings["lr"] == surfaces.ridge.rates["adam"]
        assert told[0].settings["lr"] == 0.5
        assert other[0].settings["lr"] == 0.001

    def test_what_is_told_to_one_goes_before_what_is_told_to_all(self):
        first, second = runners([gd, adam], settings={"adam": {"lr": 0.7}}, lr=0.2, beta1=0.5)
        assert first.settings == {"lr": 0.2}
        assert second.settings == {"lr": 0.7, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8}

    def test_those_of_one_name_are_numbered(self):
        named = runners([adam, gd, adam.variant(lines={"m_hat": "m"}), adam], lr=0.1)
        assert [runner.id for runner in named] == ["adam", "gd", "adam-2", "adam-3"]

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ({"optimizers": []}, "a playground has 1 to 16 runners, not 0"),
            ({"optimizers": [gd] * 17}, "1 to 16 runners, not 17"),
            ({"optimizers": [gd, adam], "labels": ["one"]}, "2 runners need as many labels, not 1"),
            ({"settings": {"adam-2": {}}}, "there is no runner 'adam-2'; there is adam"),
            ({"settings": {"adam": {"rho": 0.5}}}, "adam has no hyperparameter 'rho'; there is lr"),
            ({"rho": 0.5}, "no runner has a hyperparameter 'rho'; there is lr, beta1, beta2, eps"),
            ({"lr": [0.1, 0.2]}, r"lr of adam should be one number; it is \[0.1, 0.2\]"),
            ({"lr": math.nan}, "lr of adam should be one number; it is nan"),
            ({"lr": True}, "lr of adam should be one number; it is True"),
        ],
    )
    def test_what_fits_no_playground_is_said(self, arguments, says):
        with pytest.raises(SceneError, match=says):
            runners(**{"optimizers": adam, **arguments})

    def test_a_missing_hyperparameter_is_named(self):
        def own(theta, g, t, *, pace):
            theta = theta - pace * g
            return theta  # noqa: RET504  (lines alone can be read)

        with pytest.raises(SceneError, match="own needs a value for pace: pace=…"):
            runners(own)
        assert runners(own, pace=2)[0].settings == {"pace": 2.0}

    def test_another_signature_is_refused(self):
        with pytest.raises(RecurrenceError, match=r"should take \(theta, g, t"):
            runners(lambda w: w)


class TestScene:
    @EVERY
    def test_it_is_json_and_small(self, landscape):
        text = json.dumps(scene(RACE, landscape), allow_nan=False, separators=(",", ":"))
        assert json.loads(text) == scene(RACE, landscape)
        assert len(text) < 30_000

    def test_it_says_where_the_runners_run(self):
        found = scene(gd, surfaces.double_well, steps=30, title="One", bars=True)
        objective = found["objective"]
        assert objective["kind"] == "surface"
        assert objective["names"] == ["x", "y"]
        assert objective["domain"] == [[-2.0, 2.0], [-1.5, 1.5]]
        assert objective["minima"] == [list(point) for point in surfaces.double_well.minima]
        assert objective["equation"].startswith("f(x, y) = ")
        assert (found["steps"], found["start"]) == (30, [1.6, 1.0])
        assert (found["title"], found["most_steps"]) == ("One", 1000)
        assert objective["called"] == ["global minimum", "local minimum"]
        assert found["curve"] == {"quantity": "loss", "scale": "linear", "bars": True}

    def test_lines_are_written_in_source_order(self):
        [runner] = scene(amsgrad)["runners"]
        minus = "\N{MINUS SIGN}"
        assert [written(line).replace(minus, "-") for line in runner["lines"]] == [
            "mₜ = β₁·mₜ₋₁ + (1 - β₁)·gₜ",
            "vₜ = β₂·vₜ₋₁ + (1 - β₂)·gₜ²",
            "vᵐᵃˣₜ = max(vᵐᵃˣₜ₋₁, vₜ)",
            "m̂ₜ = mₜ / (1 - β₁t)",
            "v̂ₜ = vᵐᵃˣₜ / (1 - β₂t)",
            "θₜ = θₜ₋₁ - α·m̂ₜ / (√v̂ₜ + ε)",
        ]
        assert {"name": "t", "symbol": "t", "raised": True} in runner["lines"][3]["equation"]

    def test_a_variants_edits_have_an_arrow(self):
        wrong = momentum.variant(
            incoming={"t": "t - 1", "m": "abs(m)**0.5"}, outgoing={"m": "-(m - 0.25)**2"}
        )
        [runner] = scene(wrong)["runners"]
        minus = "\N{MINUS SIGN}"
        assert [written(line).replace(minus, "-") for line in runner["lines"]] == [
            "t ← t - 1",
            "mₜ₋₁ ← |mₜ₋₁|^0.5",
            "mₜ = β·mₜ₋₁ + (1 - β)·gₜ",
            "θₜ = θₜ₋₁ - α·mₜ",
            "mₜ ← -((mₜ - 0.25)²)",
        ]

    def test_a_step_that_cannot_be_printed_has_no_code(self):
        def branching(theta, g, t, m, *, lr=0.1):
            if t > 1:
                m = g
            return theta - lr * m, m

        def mixing(theta, g, t, *, lr=0.1):
            theta = theta - lr * g / np.sqrt(np.sum(g**2))
            return theta  # noqa: RET504

        unread, mixed, plain = scene([branching, mixing, gd])["runners"]
        assert (unread["code"], unread["lines"], unread["state"]) == (None, [], ["m"])
        assert mixed["code"] is None
        assert [line["name"] for line in mixed["lines"]] == ["theta"]
        assert plain["code"].startswith("function gd(")

    def test_each_runner_has_the_look_of_the_figures(self):
        one, two, three = scene([adam, rmsprop, adam.variant(lines={"m_hat": "m"})])["runners"]
        assert (one["color"], one["dash"], one["label"]) == ("#D55E00", [], "Adam")
        assert (two["color"], two["marker"], two["label"]) == ("#56B4E9", "v", "RMSProp")
        assert three["color"] not in {one["color"], two["color"]}
        assert len({one["marker"], two["marker"], three["marker"]}) == 3

    def test_sixteen_are_told_apart_without_their_colors(self):
        found = scene([gd, adam, momentum, adam.variant(lines={"m_hat": "m"})] * 4)["runners"]
        assert len({(str(runner["dash"]), runner["marker"]) for runner in found}) == 16

    def test_the_first_eight_are_on_and_the_reader_switches_on_the_others(self):
        assert [runner["on"] for runner in scene([gd] * 8)["runners"]] == [True] * 8
        assert [runner["on"] for runner in scene([gd] * 10)["runners"]] == [True] * 8 + [False] * 2

    def test_labels_name_them(self):
        named = runners([adam, adam.variant(lines={"m_hat": "m"})], labels=["Adam", "uncorrected"])
        found = describe(named, surfaces.ravine)
        assert [runner["label"] for runner in found["runners"]] == ["Adam", "uncorrected"]

    def test_gradients_may_stand_in_the_place_of_a_surface(self):
        found = describe(runners(adam), [1.0, -2.0])
        assert found["objective"] == {"kind": "gradients", "values": [[1.0], [-2.0]]}
        assert found["start"] == [0.0]
        assert describe(runners(adam), np.ones((3, 2)))["start"] == [0.0, 0.0]

    def test_noise_comes_along_row_by_row(self):
        rows = scene(gd, surfaces.noisy_bowl)["objective"]["noise"]
        assert len(rows) == 500
        np.testing.assert_array_equal(rows, surfaces.noisy_bowl.noise_rows(500))
        assert len(scene(gd, surfaces.noisy_bowl, steps=700)["objective"]["noise"]) == 700
        assert scene(gd, surfaces.noisy_bowl)["most_steps"] == 500
        assert scene(gd)["objective"]["noise"] is None

    def test_the_ground_of_one_coordinate_is_its_height_at_even_distances(self):
        objective = scene(gd, surfaces.hills)["objective"]
        expected = surfaces.hills(np.linspace(-8, 8, 201)[:, None])
        np.testing.assert_allclose(objective["ground"], expected, rtol=1e-4)
        assert objective["contours"] == []

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ({"start": [1.0]}, r"a start is a list of 2 finite numbers here, not \[1.0\]"),
            ({"views": ["map", "chart"]}, "no view 'chart'; there is map, curve, table"),
            ({"scale": "square"}, "no scale 'square'; there is linear, log"),
            ({"quantity": "v_hat"}, "can't show 'v_hat'; there is loss, move, theta"),
        ],
    )
    def test_what_cannot_be_shown_is_said(self, arguments, says):
        with pytest.raises(SceneError, match=says):
            scene(gd, **arguments)


@EVERY
def test_contours_paint_each_place_by_its_height(landscape):
    if landscape.dimension == 1:
        return
    areas = scene(gd, landscape)["objective"]["contours"]
    levels = landscape.relief().levels
    assert len(areas) == len(levels) - 1
    low, high = np.transpose(landscape.domain)
    places = np.random.default_rng(1).uniform(0.01, 0.99, (200, 2))
    heights = landscape(low + places * (high - low))
    painted = np.full(len(places), len(levels))
    for k, area in enumerate(areas):
        painted[inside(area["rings"], 1000 * places)] = len(levels) - 1 - k
    expected = np.searchsorted(levels, heights)
    assert np.mean(painted == expected) > 0.97
    assert np.abs(painted - expected).max() <= 1
    fills = [int(area["fill"][1:], 16) for area in areas]
    assert fills == sorted(fills)  # the higher, the darker


def inside(rings, places):
    """Return which places are inside, by the even-odd rule."""
    odd = np.zeros(len(places), bool)
    x, y = places.T
    for ring in rings:
        points = np.reshape(ring, (-1, 2))
        for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, axis=0), strict=True):
            if y0 != y1:
                odd ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return odd


@pytest.mark.parametrize("optimizer", LADDER, ids=lambda optimizer: optimizer.name)
def test_each_hyperparameter_has_a_slider_that_holds_its_value(optimizer):
    [runner] = scene(optimizer)["runners"]
    assert [each["name"] for each in runner["sliders"]] == list(optimizer.hyperparameters)
    for each in runner["sliders"]:
        assert each["low"] <= each["value"] <= each["high"]


@pytest.mark.parametrize(
    ("name", "value", "low", "high", "scale"),
    [
        ("lr", 2.0, 0.01, 100, "log"),
        ("lr", 0.0, 0.0, 1.0, "linear"),
        ("beta1", 0.0, 0.0, 0.9999, "one-minus"),
        ("beta2", 0.99999, 0.0, 0.99999, "one-minus"),
        ("beta2", 1.0, 0.01, 100, "log"),
        ("kept", 0.75, 0.0, 0.9999, "one-minus"),
        ("eps", 1e-8, 1e-12, 1.0, "log"),
        ("eps", 0.0, 0.0, 1.0, "linear"),
        ("pull", -3.0, -6.0, 1.0, "linear"),
    ],
)
def test_a_sliders_range_follows_from_name_and_value(name, value, low, high, scale):
    found = slider(name, value)
    assert (found["low"], found["high"]) == pytest.approx((low, high))
    assert found["scale"] == scale


@given(st.sampled_from(["lr", "beta1", "rho", "eps", "other"]), st.floats(-1e6, 1e6))
@example("lr", 5e-324)
def test_a_slider_can_be_drawn_for_any_value(name, value):
    found = slider(name, value)
    assert found["low"] <= value <= found["high"]
    assert found["low"] < found["high"]
    assert found["scale"] != "log" or found["low"] > 0
    assert found["scale"] != "one-minus" or (found["low"] >= 0 and found["high"] < 1)


def test_a_surface_of_your_own_has_a_scene():
    @surface(start=(1.0, 1.0), domain=((-2.0, 2.0), (-2.0, 2.0)))
    def plane(x, y):
        return x + 2 * y

    assert scene(gd, plane)["objective"]["minima"] == []


@pytest.mark.parametrize("kind", ["Slider", "RunnerScene", "Area", "SurfaceScene",
                                  "GradientsScene", "CurveScene", "Scene"])  # fmt: skip
def test_the_browser_has_the_same_fields(kind):
    """A field with ``?`` is there for what another kind has."""
    text = FOLDER.joinpath("types.d.ts").read_text(encoding="utf-8")

    def fields(name):
        [(above, body)] = re.findall(
            rf"^interface {name}\b(.*){{\n([\s\S]*?)^}}", text, re.MULTILINE
        )
        own = re.findall(r"^  (\w+):", body, re.MULTILINE)
        return {*own}.union(*map(fields, above.split()[1:]))

    assert fields(kind) == {*getattr(schema, kind).__annotations__}
