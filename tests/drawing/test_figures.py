"""Figures: what they say is what was computed, and the same data draws the same picture."""

import base64
import io
import subprocess
import sys
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from adamedu import adam, descend, figures, gd, momentum, race, surfaces
from adamedu.core.descent import DescentError
from adamedu.core.surface import SurfaceError, surface
from adamedu.drawing.panels import spread
from adamedu.drawing.pictures import LOOKS, MAX_LOOKS, PALETTE, FigureError, look, looks
from adamedu.optimizers import LADDER


@pytest.fixture(scope="module")
def walk():
    return descend(gd, surfaces.ravine, steps=3, start=(8.0, 0.0), lr=5.0)


def colors(picture):
    image = Image.open(io.BytesIO(picture.png)).convert("RGB")
    return {f"#{code:06X}" for code in np.unique(np.asarray(image, int) @ (1 << 16, 1 << 8, 1))}


class TestPicture:
    def test_it_is_a_png_with_its_sentence(self, walk):
        picture = figures.losses(walk)
        image = Image.open(io.BytesIO(picture.png))
        assert image.format == "PNG"
        assert image.width == pytest.approx(1.5 * picture.width, abs=1)
        assert str(picture) == repr(picture) == picture.alt

    def test_a_notebook_gets_picture_alternative_text_and_caption(self, monkeypatch):
        shown = []
        monkeypatch.setattr(
            "IPython.display.display", lambda data, **options: shown.append((data, options))
        )
        trace = descend(adam, [1.0, 2.0])
        picture = figures.quantities(trace, "m_hat")
        picture._ipython_display_()
        (image, options), (caption, _) = shown
        assert base64.b64decode(image["image/png"]) == picture.png
        assert options["metadata"]["image/png"]["alt"] == picture.alt
        assert image["text/plain"] == caption["text/plain"] == picture.alt
        assert caption["text/markdown"].replace("\\", "") == picture.alt
        assert r"m\_hat" in caption["text/markdown"]

    def test_the_same_data_gives_the_same_bytes(self, walk):
        assert figures.contour(surfaces.ravine, walk) == figures.contour(surfaces.ravine, walk)

    def test_it_says_nothing_of_when_and_with_what_it_was_made(self, walk):
        image = Image.open(io.BytesIO(figures.losses(walk).png))
        image.load()
        assert not getattr(image, "text", {})

    def test_a_readers_own_settings_do_not_change_it(self, walk):
        from matplotlib import rc_context

        expected = figures.losses(walk)
        with rc_context({"font.size": 20, "axes.facecolor": "pink", "figure.dpi": 300}):
            assert figures.losses(walk) == expected

    def test_it_saves_itself(self, walk, tmp_path):
        picture = figures.losses(walk)
        picture.save(tmp_path / "losses.png")
        assert (tmp_path / "losses.png").read_bytes() == picture.png
        assert [path.name for path in tmp_path.iterdir()] == ["losses.png"]

    def test_it_is_saved_as_a_png(self, walk, tmp_path):
        with pytest.raises(FigureError, match=r"saved as PNG: write losses\.png"):
            figures.losses(walk).save(tmp_path / "losses.svg")

    def test_it_stays_small(self):
        assert len(race().still.png) < 60_000

    def test_pyplot_is_not_loaded(self):
        code = (
            "import sys; from adamedu import descend, figures, gd, surfaces; "
            "assert 'matplotlib' not in sys.modules; "
            "figures.contour(surfaces.ravine, descend(gd, surfaces.ravine)); "
            "assert 'matplotlib.pyplot' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


def assert_told_apart(looks):
    """Without colors the ends of paths are told apart, with them whole lines are."""
    for kind in ("marker", "color"):
        pairs = [(own.dash, getattr(own, kind)) for own in looks]
        assert len(set(pairs)) == len(pairs)


class TestLooks:
    def test_every_optimizer_has_its_own(self):
        assert set(LOOKS) == {optimizer.name for optimizer in LADDER}
        assert_told_apart(LOOKS.values())
        assert len({own.label for own in LOOKS.values()}) == len(LOOKS)
        assert {own.color for own in LOOKS.values()} == set(PALETTE)

    @given(names=st.lists(st.sampled_from([*LOOKS, *"abcdefgh"]), max_size=MAX_LOOKS))
    @example(names=["gd"] * MAX_LOOKS)
    @example(names=[*LOOKS, *"abcdefgh"][:MAX_LOOKS])
    def test_as_many_as_one_picture_holds_are_told_apart(self, names):
        found = looks(names)
        assert_told_apart(found)
        for name in {*names} & {*LOOKS}:
            assert found[names.index(name)] == LOOKS[name]

    @given(name=st.text(min_size=1))
    def test_any_other_name_has_one_that_stays(self, name):
        assert look(name) == look(name)
        assert look(name).color in PALETTE

    @pytest.mark.parametrize("optimizer", LADDER, ids=lambda optimizer: optimizer.name)
    def test_it_is_the_color_in_the_picture(self, optimizer):
        trace = descend(optimizer, surfaces.ravine, steps=20, lr=0.2)
        assert look(optimizer.name).color in colors(figures.losses(trace))
        assert look(optimizer.name).color in colors(figures.contour(surfaces.ravine, trace))

    def test_the_rates_of_a_sweep_are_told_apart(self):
        trace = descend(gd, surfaces.ravine, steps=20, sweep={"lr": [0.1, 0.3, 0.9]})
        assert len(colors(figures.losses(trace)) & set(PALETTE)) == 3

    @given(
        places=st.lists(st.floats(0, 1), min_size=1, max_size=8),
        gap=st.floats(0.01, 0.1),
    )
    def test_names_do_not_overlap(self, places, gap):
        moved = spread(places, gap)
        assert (np.diff(sorted(moved)) >= gap - 1e-5).all()
        assert min(moved) >= 0
        assert max(moved) <= 1
        order = np.argsort(places, kind="stable")
        assert (np.diff(np.array(moved)[order]) > 0).all()


class TestSentences:
    # x halves each step: 8, 4, 2, 1; the loss is x**2 / 20.
    def test_contour(self, walk):
        assert str(figures.contour(surfaces.ravine, walk)) == (
            "Contour lines of the ravine with one path. "
            "From (8, 0) in 3 steps, gradient descent ends at (1, 0), loss 0.05."
        )

    def test_losses(self, walk):
        assert str(figures.losses(walk)) == (
            "Loss over 3 steps on the ravine. Gradient descent goes from 3.2 to 0.05."
        )

    def test_paths_and_losses(self, walk):
        assert str(figures.paths_and_losses(surfaces.ravine, walk, title="Two views")) == (
            "Two views. From (8, 0) in 3 steps, gradient descent ends at (1, 0), loss 0.05."
        )

    def test_a_surface_alone(self):
        assert str(figures.contour(surfaces.double_well)) == "Contour lines of the double well."
        assert str(figures.profile(surfaces.hills)) == "Profile of the hills."

    def test_what_differs_is_said_of_each(self, walk):
        other = descend(gd, surfaces.ravine, steps=1, start=(0.0, 2.0), lr=0.5)
        assert str(figures.contour(surfaces.ravine, walk, other)) == (
            "Contour lines of the ravine with 2 paths. "
            "Gradient descent with lr = 5 ends at (1, 0), loss 0.05 after 3 steps; "
            "gradient descent with lr = 0.5 ends at (0, 0), loss 0 after 1 step."
        )

    def test_which_minimum_was_found_is_said(self):
        trace = descend(gd, surfaces.hills, start=[3.0], lr=0.3, steps=200)
        assert str(figures.profile(surfaces.hills, trace)) == (
            "Profile of the hills with one ball. From 3 in 200 steps, gradient descent ends at "
            "2.89, loss 0.4548, nearest to the local minimum at 2.89."
        )

    def test_divergence_is_said(self):
        trace = descend(gd, surfaces.ravine, start=(0.0, 1.0), lr=5.5)
        assert "gradient descent diverges at step 7." in str(
            figures.contour(surfaces.ravine, trace)
        )
        assert "Gradient descent diverges at step 7." in str(figures.losses(trace))
        hill = descend(gd, surfaces.hills, lr=1e13, steps=3)
        assert "gradient descent diverges at step 1." in str(figures.profile(surfaces.hills, hill))

    def test_many_starts_are_counted(self):
        starts = [[-1.5, 0.0], [-0.5, 0.0], [0.5, 0.0], [30.0, 0.0]]
        trace = descend(gd, surfaces.double_well, start=starts, lr=0.1, steps=400)
        assert str(figures.contour(surfaces.double_well, trace)).endswith(
            "In 400 steps, gradient descent makes 4 runs, their last losses go from -0.2538 to "
            "0.246, 2 end nearest to the global minimum, 1 diverge."
        )

    def test_given_names_are_used(self):
        mend, bug = (
            descend(step, surfaces.ravine, steps=1, start=(2.0, 0.0), lr=1.0)
            for step in (gd, gd.variant(lines={"theta": "theta_prev + lr * g"}))
        )
        picture = figures.contour(surfaces.ravine, mend, bug, labels=["minus", "plus"])
        assert str(picture).endswith(
            "From (2, 0) in 1 step, "
            "minus ends at (1.8, 0), loss 0.162; plus ends at (2.2, 0), loss 0.242."
        )

    def test_given_gradients_have_no_loss_to_say(self):
        trace = descend(gd, [[1.0, 0.0]], lr=1.0)
        assert str(figures.contour(surfaces.ravine, trace)).endswith("descent ends at (-1, 0).")

    def test_quantities(self):
        trace = descend(momentum, np.array([[1.0, 2.0], [3.0, 2.0]]), beta=0.5)
        assert str(figures.quantities(trace, "m")) == (
            "Values of momentum over 2 steps: "
            "m along 1 goes from 0.5 to 1.75; m along 2 goes from 1 to 1.5."
        )

    def test_quantities_name_the_coordinates_of_the_surface(self):
        trace = descend(momentum, surfaces.ravine, steps=2)
        assert "m along x goes from" in str(figures.quantities(trace))
        assert "theta along y goes from" in str(figures.quantities(trace))

    def test_bars(self):
        from fractions import Fraction

        weights = {"beta = 1/2": [Fraction(1, 8), Fraction(1, 4), Fraction(1, 2)]}
        assert str(figures.bars(weights, title="Weights of m_3")) == (
            "Weights of m_3; beta = 1/2: 0.125, 0.25, 0.5, sum 0.875."
        )

    def test_many_bars_are_summed_up(self):
        assert "20 from 0.05 to 0.05, sum 1." in str(figures.bars({"all": [0.05] * 20}))

    def test_curves(self):
        picture = figures.curves(
            {"adam": [3.0, 6.0, 5.0], "flat": [1.0, 1.0, np.nan]},
            x=[1, 10, 100],
            title="Step over rate",
            log="x",
            level=2.0,
        )
        assert str(picture) == (
            "Step over rate: Adam goes from 3 at 1 to 5 at 100, highest 6 at 10; "
            "flat goes from 1 at 1 to 1 at 10; the thin line is at 2."
        )

    def test_a_last_bit_makes_no_extreme(self):
        wobbling = [1.0, 1 + 2**-52, 3.0, 3 - 2**-51, 3 + 2**-51, 1 - 2**-53, 1.0]
        assert "from 1 at 1 to 1 at 7, highest 3 at 3." in str(figures.curves({"all": wobbling}))

    def test_numbers_have_four_digits(self):
        assert "from 0.3333 to 1.235e+08" in str(figures.bars({"w": [1 / 3] * 12 + [123456789.0]}))


class TestRace:
    def test_everyone_runs_at_the_surfaces_rate(self):
        parts = (LADDER[:8], LADDER[8:])
        said = " ".join(str(race(part, surfaces.ridge, steps=20)) for part in parts)
        for optimizer in LADDER:
            rate = surfaces.ridge.rates[optimizer.name]
            trace = descend(optimizer, surfaces.ridge, steps=20, lr=rate)
            assert f"{LOOKS[optimizer.name].label} ends at ".lower() in said.lower()
            assert f"loss {trace.losses[-1]:.4g}" in said

    def test_your_own_runs_at_its_default(self):
        def crawl(theta, g, t, *, lr=0.0):
            return theta - lr * g

        assert "crawl ends at (-9, 2.5), loss 10.3" in str(race([crawl, gd]))

    def test_it_runs_in_one_dimension_too(self):
        assert str(race([gd], surfaces.hills)).startswith("Race on the hills. From -7.5 in 100")


class TestRefusals:
    @pytest.mark.parametrize(
        ("draw", "says"),
        [
            (lambda: figures.contour(surfaces.hills), "needs a surface with 2 coordinates; hills"),
            (lambda: figures.profile(surfaces.ravine), "needs a surface with one coordinate; rav"),
            (figures.losses, "a picture of losses needs a trace"),
            (lambda: figures.losses(descend(gd, [1.0])), "given gradients has no losses"),
            (
                lambda: figures.contour(surfaces.ravine, descend(gd, surfaces.hills)),
                r"gradient descent has parameters of shape \(1,\), which don't fit ravine",
            ),
            (
                lambda: figures.losses(descend(gd, surfaces.hills), labels=["a", "b"]),
                "1 traces need as many labels, not 2",
            ),
            (
                lambda: figures.losses(descend(gd, surfaces.hills), labels="one"),
                r"labels should be a list: write labels=\['one'\]",
            ),
            (
                lambda: figures.losses(cast("Any", [descend(gd, surfaces.hills)])),
                r"put a \* before the list",
            ),
            (lambda: figures.quantities(cast("Any", "m")), "what descend returns, not a str"),
            (lambda: figures.bars({}), "one or more weights, as many in every group"),
            (lambda: figures.bars({"a": [1.0], "b": [1.0, 2.0]}), "as many in every group"),
            (lambda: figures.bars({"a": ["x"]}), "rows of numbers"),
            (lambda: figures.curves({}), "1 to 16 curves, not 0"),
            (lambda: figures.curves({"a": []}), "one value for each x"),
            (lambda: figures.curves({"a": [1.0, 2.0]}, x=[1.0]), "one value for each x"),
            (
                lambda: figures.quantities(descend(gd, [1.0], sweep={"lr": [1.0, 2.0]})),
                "draws one run with steps",
            ),
        ],
    )
    def test_what_cannot_be_drawn_is_said(self, draw, says):
        with pytest.raises(FigureError, match=says):
            draw()

    @pytest.mark.parametrize("draw", [figures.contour, figures.profile, figures.paths_and_losses])
    def test_a_surface_is_not_given_by_its_name(self, draw):
        with pytest.raises(SurfaceError, match=r"write surfaces\.hills, not 'hills'"):
            draw("hills")

    def test_a_start_that_is_no_number_any_more_is_not_said_to_be_zero(self):
        lost = descend(gd, surfaces.ravine, start=(1e9, 1.0))
        said = str(figures.contour(surfaces.ravine, lost))
        assert said.endswith("one path. In 100 steps, gradient descent diverges at step 0.")

    def test_an_unknown_quantity_is_named(self):
        with pytest.raises(DescentError, match="gd has no value 'm'"):
            figures.quantities(descend(gd, [1.0]), "m")

    def test_more_lines_than_can_be_told_apart(self):
        trace = descend(gd, surfaces.ravine, sweep={"lr": np.linspace(0.1, 0.9, 17).tolist()})
        with pytest.raises(FigureError, match="17 lines can't be told apart: draw 16 or fewer"):
            figures.losses(trace)

    def test_a_surface_of_three_coordinates_has_no_picture(self):
        @surface(start=(1.0, 1.0, 1.0), domain=((-1, 1),) * 3)
        def ball(x, y, z):
            return x**2 + y**2 + z**2

        with pytest.raises(FigureError, match="ball has 3"):
            figures.paths_and_losses(ball, descend(gd, ball))


def test_a_descent_of_which_only_the_ends_are_known_is_not_drawn():
    with pytest.raises(FigureError, match="record=False"):
        figures.contour(surfaces.ravine, descend(gd, surfaces.ravine, record=False))


def test_among_equally_low_minima_none_is_called_local():
    @surface(start=(1.5,), domain=((-2.0, 2.0),), minima=((-1.0,), (1.0,)))
    def twins(x):
        return (x**2 - 1) ** 2

    picture = figures.profile(twins, descend(gd, twins, lr=0.05))
    assert "nearest to the minimum at 1" in picture.alt
    assert "local" not in picture.alt
