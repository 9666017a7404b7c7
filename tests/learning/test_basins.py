"""Basins: where runs end, and the map of it."""

import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adamedu import basin_map, descend, gd, momentum, surfaces
from adamedu.core.descent import DescentError
from adamedu.core.measuring import destinations
from adamedu.core.surface import SurfaceError, surface
from adamedu.drawing.basins import grid_of_starts
from adamedu.drawing.pictures import FigureError

WELL = surfaces.double_well
CREST = sorted(np.roots([4, 0, -4, 1 / 4]).real)[1]
"""Where the slope along x, 4x³ - 4x + 1/4, is zero between the two minima."""


def shares(said):
    return [float(share) for share in re.findall(r"([\d.]+) % at", said)]


class TestDestinations:
    def test_short_steps_end_on_their_own_side_of_the_crest(self):
        starts = grid_of_starts(WELL, 41)
        found = destinations(descend(gd, WELL, start=starts, steps=1500, lr=0.01))
        assert not found.mask.any()
        assert np.array_equal(found == 1, starts[..., 0] > CREST)

    @pytest.mark.parametrize("k", range(2))
    def test_a_run_that_starts_at_a_minimum_ends_there(self, k):
        assert destinations(descend(gd, WELL, start=WELL.minima[k], steps=3)) == k

    def test_a_run_that_has_not_arrived_is_at_no_minimum(self):
        slow = descend(gd, WELL, start=(1.6, 1.0), steps=3, lr=0.001)
        assert destinations(slow) is None
        assert destinations(slow, within=2.0) == 1

    def test_a_run_has_arrived_within_a_twentieth_of_a_minimum(self):
        @surface(start=(1.0,), domain=((-2.0, 2.0),), minima=((0.0,),))
        def bowl(x):
            return x**2

        starts = [[0.05], [-0.05], [0.0501], [0.1], [0.4]]
        assert destinations(descend(gd, bowl, start=starts, steps=0)).tolist() == [
            0,
            0,
            *[None] * 3,
        ]

    def test_a_run_that_diverged_is_at_no_minimum(self):
        runs = descend(gd, WELL, start=[(1.6, 1.0), (0.9, 0.1)], steps=400, lr=1.0)
        assert runs.diverged_at[0] < 400
        assert destinations(runs).mask[0]

    def test_a_sweep_has_one_destination_for_each_run(self):
        starts = [[-7.5], [1.0], [7.5]]
        walk = descend(gd, surfaces.hills, start=starts, steps=400, sweep={"lr": [0.1, 0.3]})
        assert destinations(walk).tolist() == [[3, 0, 4]] * 2

    def test_without_known_minima_there_are_no_destinations(self):
        @surface(start=(1.0,), domain=((-2.0, 2.0),))
        def bowl(x):
            return x**2

        with pytest.raises(DescentError, match="whose minima are known"):
            destinations(descend(gd, bowl))
        with pytest.raises(DescentError, match="whose minima are known"):
            destinations(descend(gd, [1.0, 2.0]))


class TestGrid:
    @given(st.integers(2, 60), st.sampled_from(["double_well", "ravine", "rotated_ridge"]))
    def test_it_fills_the_domain_from_corner_to_corner_almost_evenly(self, columns, name):
        ground = surfaces.ALL[name]
        grid = grid_of_starts(ground, columns)
        assert grid.shape[1:] == (columns, 2)
        assert np.array_equal(grid[0, 0], [low for low, _ in ground.domain])
        assert np.array_equal(grid[-1, -1], [high for _, high in ground.domain])
        rows = len(grid)
        if rows > 2:
            across, up = np.diff(grid[0, :, 0])[0], np.diff(grid[:, 0, 1])[0]
            assert abs(up * (rows - 1) / across - (rows - 1)) <= 0.5 + 1e-9

    def test_a_map_needs_two_coordinates_and_two_columns(self):
        with pytest.raises(FigureError, match="2 coordinates; hills has 1"):
            grid_of_starts(surfaces.hills)
        for columns in (1, 1001, 9.5, "9", True):
            with pytest.raises(FigureError, match=f"2 to 1000 columns, not {columns!r}"):
                basin_map(WELL, gd, columns=columns)  # type: ignore[arg-type]
        with pytest.raises(SurfaceError, match=r"write surfaces[.]double_well, not"):
            basin_map("double well", gd)  # type: ignore[arg-type]


class TestMap:
    def test_its_sentence_says_what_was_run_and_the_share_of_each_minimum(self):
        picture = basin_map(WELL, gd, columns=41, steps=1500, lr=0.01)
        right = (np.linspace(-2, 2, 41) > CREST).mean()
        assert shares(picture.alt) == [round(100 * (1 - right), 1), round(100 * right, 1)]
        assert "gradient descent" in picture.alt
        assert "from 41 by 31 starts, after 1500 steps with lr = 0.01:" in picture.alt

    def test_starts_that_arrive_nowhere_have_a_share_of_their_own(self):
        said = basin_map(WELL, gd, columns=21, lr=0.2).alt
        assert re.search(r"[\d.]+ % at none of them\.$", said)
        assert sum(shares(said)) == pytest.approx(100, abs=0.2)

    def test_the_two_valleys_have_two_colors_and_the_left_one_is_at_the_left(self):
        png = basin_map(WELL, momentum, columns=21, lr=0.01, steps=1500).png
        pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
        middle = pixels[len(pixels) // 3]
        colored = np.flatnonzero(np.ptp(middle, axis=-1) > 60)
        bluish = middle[colored, 2] > middle[colored, 0]
        assert bluish[0]
        assert not bluish[-1]
        assert np.count_nonzero(np.diff(bluish)) == 1

    def test_a_long_legend_leaves_the_map_its_width(self):
        png = basin_map(surfaces.himmelblau, momentum, columns=21, steps=200, lr=0.02).png
        pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
        low = pixels[3 * len(pixels) // 4]
        assert np.ptp(np.flatnonzero(np.ptp(low, axis=-1) > 20)) > 0.8 * len(low)

    def test_a_schedule_is_said_to_be_one(self):
        said = basin_map(WELL, gd, columns=5, steps=3, lr=[0.1, 0.05, 0.01]).alt
        assert "with lr by a schedule:" in said
