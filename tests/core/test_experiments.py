"""What lessons measure: when a run has settled, and the best of many learning rates."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamedu import adam, descend, gd, momentum, surfaces
from adamedu.core.descent import DescentError, Trace
from adamedu.core.measuring import RATES, Tuned, destinations, settles_at, tune
from adamedu.core.surface import surface
from adamedu.models import LeastSquares

LOSSES = st.lists(st.floats(0, 10) | st.just(np.nan), min_size=1, max_size=30)


@surface(start=(1.0,), domain=((-2.0, 2.0),), minima=((0.0,),))
def bowl(x):
    """Gradient descent with rate 1/4 halves x at every step."""
    return x**2


class TestSettlesAt:
    def test_the_loss_of_a_halved_parameter(self):
        trace = descend(gd, bowl, steps=10, lr=0.25)
        assert [settles_at(trace, below) for below in (2, 1, 0.25, 0.2, 1e-6)] == [0, 1, 2, 2, 10]

    def test_a_run_that_does_not_get_there_has_none(self):
        assert settles_at(descend(gd, bowl, steps=3, lr=0.25), below=1e-6) is None

    def test_a_run_that_diverged_has_none(self):
        assert settles_at(descend(gd, bowl, steps=500, lr=2.0), below=1e300) is None

    def test_many_runs_are_masked_where_one_does_not_settle(self):
        many = settles_at(descend(gd, bowl, steps=10, sweep={"lr": [0.25, 0.001, 0.5]}), below=0.2)
        assert many.tolist() == [2, None, 1]

    def test_given_gradients_have_no_loss(self):
        with pytest.raises(DescentError, match="no losses"):
            settles_at(descend(gd, [1.0, 2.0]), below=1.0)

    @pytest.mark.parametrize("below", ["low", None, np.nan, True])
    def test_a_level_that_is_no_number_is_refused_before_anything_is_tried(self, below):
        for measure in (
            lambda: settles_at(descend(gd, bowl, steps=1), below),
            lambda: tune(lambda: "never called", bowl, below=below),
        ):
            with pytest.raises(DescentError, match=f"below should be a number, not {below!r}"):
                measure()

    def test_only_a_trace_settles_or_arrives(self):
        with pytest.raises(DescentError, match="settles_at takes what descend returns, not a list"):
            settles_at([1.0], below=1.0)  # type: ignore[arg-type]
        with pytest.raises(DescentError, match="destinations takes what descend returns"):
            destinations([1.0])  # type: ignore[arg-type]

    def test_the_ends_alone_do_not_tell(self):
        with pytest.raises(DescentError, match="only the ends of this descent were recorded"):
            settles_at(descend(gd, bowl, record=False), below=1.0)

    @given(LOSSES, st.floats(0.1, 9))
    def test_from_there_on_all_are_below_and_the_one_before_is_not(self, losses, below):
        trace = SimpleNamespace(surface=bowl, losses=np.array(losses), recorded=True)
        step = settles_at(cast("Trace", trace), below)
        if step is None:
            assert not losses[-1] < below
        else:
            assert all(loss < below for loss in losses[step:])
            assert step == 0 or not losses[step - 1] < below


class TestTune:
    def test_it_finds_what_trying_one_by_one_finds(self):
        rates = [0.05, 0.2, 0.5, 1.0]
        tuned = tune(momentum, surfaces.ridge, below=0.1, steps=300, rates=rates)
        tried = {
            lr: settles_at(descend(momentum, surfaces.ridge, steps=300, lr=lr), 0.1) for lr in rates
        }
        best = min(step for step in tried.values() if step is not None)
        near = [lr for lr, step in tried.items() if step is not None and step <= 2 * best]
        assert tuned.steps == best
        assert next(lr for lr, step in tried.items() if step == best) == tuned.lr
        assert tuned.forgiving == (min(near), max(near))

    def test_forgiving_are_the_rates_that_need_at_most_twice_as_many_steps(self):
        # After t steps the loss is f**(2 * t): below 1e-3 from step 5 for f = 0.5, from 10 for
        # 0.7, from 11 for 0.72, from 15 for 0.79.
        rates = [(1 - f) / 2 for f in (0.79, 0.72, 0.7, 0.5)]
        tuned = tune(gd, bowl, below=1e-3, rates=rates)
        assert (tuned.steps, tuned.forgiving) == (5, (rates[2], rates[3]))

    @pytest.mark.parametrize(("last", "steps"), [(1000, 1000), (1001, None)])
    def test_a_run_takes_a_thousand_steps_unless_told(self, last, steps):
        assert tune(gd, bowl, below=0.999 ** (2 * last - 1), rates=[0.0005]).steps == steps

    def test_it_hands_hyperparameters_on(self):
        plain = tune(adam, surfaces.ridge, below=0.1, rates=[0.25], steps=200)
        other = tune(adam, surfaces.ridge, below=0.1, rates=[0.25], steps=200, beta1=0.99)
        assert plain != other

    def test_where_no_rate_gets_there_it_says_so(self):
        assert tune(gd, bowl, below=0, steps=2) == Tuned(None, None, None)

    def test_the_rates_are_even_on_a_logarithmic_scale_and_cannot_be_changed(self):
        np.testing.assert_allclose(np.diff(np.log10(RATES)), 0.05)
        assert (RATES[0], RATES[-1]) == pytest.approx((0.001, 100))
        with pytest.raises(ValueError, match="read-only"):
            RATES[0] = 1


ROWS = np.random.default_rng(1).normal(size=(6, 2))
TARGETS = np.array([1.0, -1.0, 2.0, 0.5, 0.0, 3.0])


class TestLeastSquares:
    def test_its_loss_is_the_mean_squared_error_at_one_point_and_at_many(self):
        fit = LeastSquares(ROWS, TARGETS)
        points = np.array([[[0.0, 0.0], [1.0, -2.0]], [[3.0, 0.5], [0.1, 0.2]]])
        for where in np.ndindex(2, 2):
            by_hand = sum((ROWS[i] @ points[where] - TARGETS[i]) ** 2 / 6 for i in range(len(ROWS)))
            assert fit(points)[where] == pytest.approx(by_hand)
            assert fit(points[where]) == pytest.approx(by_hand)

    def test_its_gradient_is_its_loss_s(self):
        fit, theta, small = LeastSquares(ROWS, TARGETS), np.array([0.3, -0.7]), 1e-6
        slopes = [(fit(theta + s) - fit(theta - s)) / (2 * small) for s in small * np.eye(2)]
        assert fit.gradient(theta) == pytest.approx(slopes)
        assert fit.gradient(np.array([theta, theta]))[1] == pytest.approx(slopes)

    def test_descent_ends_at_the_best_loss(self):
        fit = LeastSquares(ROWS, TARGETS)
        assert descend(gd, fit, steps=2000, lr=0.1).losses[-1] == pytest.approx(fit.best)

    def test_its_batches_are_right_on_average(self):
        noisy, theta = LeastSquares(ROWS, TARGETS, batch=2), np.array([0.3, -0.7])
        slopes = np.array([noisy.gradient(theta) for _ in range(4000)])
        away = abs(slopes.mean(axis=0) - LeastSquares(ROWS, TARGETS).gradient(theta))
        assert (slopes.std(axis=0) > 0.1).all()
        assert (away < 4 * slopes.std(axis=0) / np.sqrt(4000)).all()

    def test_a_batch_of_all_rows_has_no_noise(self):
        whole = LeastSquares(ROWS, TARGETS, batch=6).gradient([1.0, 1.0])
        assert whole == pytest.approx(LeastSquares(ROWS, TARGETS).gradient([1.0, 1.0]))

    def test_the_same_seed_draws_the_same_rows_and_all_runs_share_them(self):
        def walk(seed, start):
            noisy = LeastSquares(ROWS, TARGETS, batch=1, seed=seed)
            return descend(gd, noisy, steps=20, start=start, lr=0.1).theta

        one, other = walk(5, [0.0, 0.0]), walk(6, [0.0, 0.0])
        both = walk(5, [[0.0, 0.0], [0.0, 0.0]])
        assert not np.allclose(one, other)
        assert both[:, 0] == pytest.approx(one)
        assert both[:, 1] == pytest.approx(one)

    @pytest.mark.parametrize(
        ("inputs", "targets", "batch", "says"),
        [
            ([1.0, 2.0], [1.0, 2.0], None, r"shapes \(2,\) and \(2,\)"),
            ([[1.0], [2.0]], [1.0], None, r"shapes \(2, 1\) and \(1,\)"),
            ([[1.0], [np.nan]], [1.0, 2.0], None, "finite"),
            ([[1.0], [2.0]], [1.0, np.inf], None, "finite"),
            ([[1.0], [2.0]], [1.0, 2.0], 0, "1 to 2, the rows; it is 0"),
            ([[1.0], [2.0]], [1.0, 2.0], 3, "1 to 2, the rows; it is 3"),
        ],
    )
    def test_data_that_do_not_fit_are_refused(self, inputs, targets, batch, says):
        with pytest.raises(ValueError, match=says):
            LeastSquares(inputs, targets, batch=batch)
