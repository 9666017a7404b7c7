"""`descend` and its `Trace`: the record is true, complete and can't be changed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adamedu import adagrad, adam, descend, gd, momentum, rmsprop, surfaces
from adamedu.core.descent import BLOCK, DescentError
from adamedu.core.recurrence import RecurrenceError
from adamedu.optimizers import LADDER

LADDERED = pytest.mark.parametrize("optimizer", LADDER, ids=lambda optimizer: optimizer.name)
POINTS = st.tuples(st.floats(-5, 5), st.floats(-3, 3))


class Bowl:
    """Half the squared distance from the origin, one point at a time."""

    name = "bowl"

    def __call__(self, theta):
        return float(theta @ theta) / 2

    def gradient(self, theta):
        return theta


class TestRecord:
    def test_gradient_descent_on_a_quadratic_shrinks_each_coordinate_by_its_own_factor(self):
        trace = descend(gd, surfaces.ravine, steps=30, start=(3.0, -2.0), lr=0.25)
        k = np.arange(31)
        np.testing.assert_allclose(trace.theta[:, 0], 3 * (1 - 0.1 * 0.25) ** k)
        np.testing.assert_allclose(trace.theta[:, 1], -2 * (1 - 2 * 0.25) ** k)

    @LADDERED
    def test_losses_and_gradients_belong_to_the_parameters(self, optimizer):
        trace = descend(optimizer, surfaces.double_well, steps=25, lr=0.1)
        np.testing.assert_array_equal(trace.theta[0], surfaces.double_well.start)
        np.testing.assert_array_equal(trace.losses, surfaces.double_well(trace.theta))
        slopes = surfaces.double_well.gradient(trace.theta[:-1])
        np.testing.assert_allclose(trace.gradients, slopes, rtol=1e-13, atol=1e-13)

    def test_it_takes_a_hundred_steps_unless_told(self):
        assert descend(gd, surfaces.ravine).steps == 100
        assert descend(gd, surfaces.ravine).theta.shape == (101, 2)

    def test_no_steps_leave_the_start(self):
        trace = descend(adam, surfaces.ravine, steps=0)
        np.testing.assert_array_equal(trace.theta, [surfaces.ravine.start])
        assert trace.gradients.shape == (0, 2)
        assert trace["m"].shape == (0, 2)

    def test_adam_without_eps_steps_by_lr_under_a_constant_gradient(self):
        trace = descend(adam, [3.0, 3.0, 3.0, 3.0], lr=0.5, eps=0.0)
        np.testing.assert_allclose(trace.theta, [0, -0.5, -1, -1.5, -2], atol=1e-12)

    def test_named_values_are_those_found_by_hand(self):
        trace = descend(adam, [[1.0], [1.0], [-3.0]], beta1=0.5, beta2=0.75, lr=0.5, eps=0.0)
        assert list(trace.values) == ["m", "v", "m_hat", "v_hat", "theta"]
        np.testing.assert_allclose(trace["m"][:, 0], [1 / 2, 3 / 4, -9 / 8])
        np.testing.assert_allclose(trace["v"][:, 0], [1 / 4, 7 / 16, 165 / 64])
        np.testing.assert_allclose(trace["m_hat"][:, 0], [1, 1, -9 / 7])
        np.testing.assert_allclose(trace["v_hat"][:, 0], [1, 1, 165 / 37])
        np.testing.assert_allclose(trace["theta"], trace.theta[1:])

    @LADDERED
    def test_the_last_named_theta_is_where_the_step_went(self, optimizer):
        trace = descend(optimizer, surfaces.ravine, steps=20, lr=0.2)
        np.testing.assert_array_equal(trace["theta"], trace.theta[1:])

    def test_a_variant_records_its_own_lines_and_walks_with_what_it_returns(self):
        wrong = adam.variant(outgoing={"m": "m_hat"})
        trace = descend(wrong, [1.0, 1.0], beta1=0.5, beta2=0.5)
        np.testing.assert_allclose(trace["m"], [0.5, 1.0])

    def test_hyperparameters_hold_what_was_given_and_the_defaults(self):
        trace = descend(rmsprop, surfaces.ravine, steps=3, lr=0.25)
        assert dict(trace.hyperparameters) == {"lr": 0.25, "rho": 0.9, "eps": 1e-8}

    def test_an_unknown_value_is_said(self):
        with pytest.raises(DescentError, match="momentum has no value 'v'; it has m, theta"):
            descend(momentum, surfaces.ravine, steps=1)["v"]

    def test_nothing_in_it_can_be_changed(self):
        trace = descend(adam, surfaces.ravine, steps=5)
        for array in (trace.theta, trace.losses, trace.gradients, *trace.values.values()):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1.0
        with pytest.raises(TypeError):
            trace.hyperparameters["lr"] = 1.0  # type: ignore[index]
        with pytest.raises(AttributeError):
            trace.theta = trace.losses  # type: ignore[misc]

    def test_the_given_arrays_are_left_alone(self):
        start, gradients = np.array([1.0, 2.0]), np.ones((3, 2))
        trace = descend(gd, gradients, start=start)
        start[:] = 9.0
        gradients[:] = 9.0
        np.testing.assert_array_equal(trace.theta[0], [1.0, 2.0])
        np.testing.assert_array_equal(trace.gradients, np.ones((3, 2)))

    @LADDERED
    def test_float32_stays_float32(self, optimizer):
        start = np.array([1.0, 2.0], np.float32)
        for trace in (
            descend(optimizer, surfaces.ravine, start=start, steps=5, lr=0.1),
            descend(optimizer, surfaces.ravine, start=start, steps=5, sweep={"lr": [0.1, 0.2]}),
            descend(optimizer, surfaces.ravine, start=start, steps=2, lr=[0.1, 0.2]),
        ):
            for array in (trace.theta, trace.losses, trace.gradients, *trace.values.values()):
                assert array.dtype == np.float32


class TestManyAtOnce:
    @LADDERED
    @settings(max_examples=20)
    @given(starts=st.lists(POINTS, min_size=1, max_size=4))
    def test_many_starts_are_each_alone(self, optimizer, starts):
        batch = descend(optimizer, surfaces.double_well, start=starts, steps=12, lr=0.05)
        assert batch.theta.shape == (13, len(starts), 2)
        for i, start in enumerate(starts):
            alone = descend(optimizer, surfaces.double_well, start=start, steps=12, lr=0.05)
            np.testing.assert_allclose(batch.theta[:, i], alone.theta, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(batch.losses[:, i], alone.losses, rtol=1e-9, atol=1e-9)

    def test_a_sweep_runs_all_combinations_each_as_if_alone(self):
        sweep = {"lr": [0.1, 0.2, 0.4], "beta1": [0.5, 0.9]}
        starts = [[[1.0, 2.0]], [[-3.0, 1.0]], [[0.5, 0.5]], [[4.0, -1.0]]]
        batch = descend(adam, surfaces.ravine, steps=15, start=starts, sweep=sweep)
        assert batch.theta.shape == (16, 3, 2, 4, 1, 2)
        assert batch.losses.shape == (16, 3, 2, 4, 1)
        assert batch["v_hat"].shape == (15, 3, 2, 4, 1, 2)
        for i, lr in enumerate(sweep["lr"]):
            for j, beta1 in enumerate(sweep["beta1"]):
                alone = descend(adam, surfaces.ravine, steps=15, start=starts, lr=lr, beta1=beta1)
                np.testing.assert_allclose(batch.theta[:, i, j], alone.theta, rtol=1e-9)
                np.testing.assert_allclose(batch["m_hat"][:, i, j], alone["m_hat"], rtol=1e-9)

    def test_a_sweep_over_given_scalar_gradients_has_one_path_per_value(self):
        trace = descend(gd, [1.0, 1.0], sweep={"lr": [1.0, 2.0, 3.0]})
        np.testing.assert_array_equal(trace.theta, [[0, 0, 0], [-1, -2, -3], [-2, -4, -6]])
        assert trace.losses.shape == (3, 3)

    def test_one_run_can_be_taken_out(self):
        starts = [[1.0, 2.0], [-3.0, 1.0]]
        batch = descend(
            adam, surfaces.ravine, steps=9, start=starts, sweep={"beta1": [0.5, 0.9, 0.99]}, lr=0.2
        )
        taken = batch.run(2, 1)
        alone = descend(adam, surfaces.ravine, steps=9, start=starts[1], beta1=0.99, lr=0.2)
        assert taken.hyperparameters == alone.hyperparameters
        assert taken.swept == ()
        assert taken.diverged_at is None
        np.testing.assert_array_equal(taken.theta, batch.theta[:, 2, 1])
        np.testing.assert_allclose(taken["v_hat"], alone["v_hat"], rtol=1e-9)
        np.testing.assert_array_equal(taken.losses, batch.losses[:, 2, 1])

    @pytest.mark.parametrize("index", [(), (0,), (0, 0, 0)])
    def test_taking_one_out_needs_a_number_per_axis(self, index):
        batch = descend(gd, np.ones((2, 3, 1)), sweep={"lr": [0.1, 0.2]})
        with pytest.raises(DescentError, match=r"the runs have shape \(2, 3\)"):
            batch.run(*index)


class TestSchedules:
    def test_one_value_per_step(self):
        trace = descend(gd, [1.0, 1.0, 1.0], lr=[1.0, 0.5, 0.25])
        np.testing.assert_array_equal(trace.theta, [0, -1, -1.5, -1.75])

    def test_any_hyperparameter_may_have_one(self):
        trace = descend(momentum, [1.0, 1.0], lr=1.0, beta=np.array([0.0, 0.5]))
        np.testing.assert_array_equal(trace["m"], [1.0, 1.0])

    def test_one_value_per_coordinate_has_an_axis_for_the_steps(self):
        trace = descend(gd, np.ones((3, 2)), lr=[[1.0, 0.5]])
        np.testing.assert_array_equal(trace.theta[-1], [-3.0, -1.5])

    def test_per_step_and_coordinate_and_a_sweep_go_together(self):
        rates = np.array([[1.0, 2.0], [3.0, 4.0]])
        trace = descend(momentum, np.ones((2, 2)), lr=rates, sweep={"beta": [0.0, 0.5, 0.75]})
        np.testing.assert_allclose(trace.theta[-1], [[-4.0, -6.0], [-2.75, -4.0], [-1.5625, -2.25]])

    @pytest.mark.parametrize("values", [[0.1, 0.2], [], np.ones((4, 2))])
    def test_a_wrong_length_is_refused(self, values):
        with pytest.raises(DescentError, match=r"lr has \d values for 3 steps: give one number"):
            descend(gd, surfaces.ravine, steps=3, lr=values)

    def test_a_wrong_number_of_coordinates_is_refused(self):
        says = r"lr at one step has shape \(3,\), which doesn't fit parameters of shape \(2,\)"
        with pytest.raises(DescentError, match=says):
            descend(gd, surfaces.ravine, steps=3, lr=np.ones((3, 3)))


class TestProjection:
    @LADDERED
    @settings(max_examples=20)
    @given(start=POINTS, lr=st.floats(0.01, 5))
    def test_every_step_ends_in_the_box(self, optimizer, start, lr):
        box = ((-1.0, 0.5), (0.25, 2.0))
        trace = descend(optimizer, surfaces.ravine, steps=10, start=start, lr=lr, project=box)
        assert (trace.theta[1:] >= [-1.0, 0.25]).all()
        assert (trace.theta[1:] <= [0.5, 2.0]).all()

    def test_inside_the_box_it_changes_nothing(self):
        free = descend(adam, surfaces.ravine, lr=0.3)
        boxed = descend(adam, surfaces.ravine, lr=0.3, project=(-100, 100))
        np.testing.assert_array_equal(free.theta, boxed.theta)

    def test_the_next_step_starts_from_the_clipped_point(self):
        trace = descend(gd, [1.0, 1.0, -4.0], lr=1.0, project=(-1.5, 1.5))
        np.testing.assert_array_equal(trace.theta, [0.0, -1.0, -1.5, 1.5])

    @pytest.mark.parametrize("box", [(1.0, -1.0), ((0, 1),), 3.0, "box", ((0, 1),) * 3])
    def test_what_is_no_box_is_refused(self, box):
        with pytest.raises(DescentError, match=r"project should be \(lowest, highest\)"):
            descend(gd, surfaces.ravine, project=box)


class TestDivergence:
    def test_it_is_said_with_its_step_and_hidden_after_it(self):
        trace = descend(gd, surfaces.ravine, start=(0.0, 1.0), lr=5.5, steps=40)
        # y grows tenfold in size each step, its square is the loss: above 1e12 after step 7.
        assert trace.diverged_at == 7
        np.testing.assert_allclose(trace.theta[:7, 1], (-10.0) ** np.arange(7))
        for array in (trace.theta[7:], trace.losses[7:], trace.gradients[7:], trace["theta"][7:]):
            assert np.isnan(array).all()
        assert np.isfinite(trace["theta"][:6]).all()
        assert repr(trace) == "<gd on ravine: 40 steps, diverged at step 7>"

    @pytest.mark.parametrize(("size", "step"), [(1e12, None), (-1e12, None), (1.01e12, 2)])
    def test_a_parameter_beyond_a_million_millions_is_one(self, size, step):
        assert descend(gd, [0.0, size], lr=1.0).diverged_at == step

    @pytest.mark.parametrize(("start", "step"), [(0.999e6, None), (1.01e6, 0)])
    def test_a_loss_beyond_a_million_millions_is_one(self, start, step):
        # Half the square of 2**0.5 * 1e6 is 1e12.
        trace = descend(gd, Bowl(), start=[2**0.5 * start], steps=1, lr=0.5)
        assert trace.diverged_at == step

    def test_other_runs_go_on(self):
        trace = descend(gd, surfaces.ravine, start=(0.0, 1.0), sweep={"lr": [0.5, 5.5]}, steps=40)
        assert trace.diverged_at.tolist() == [None, 7]
        assert np.isfinite(trace.theta[:, 0]).all()
        assert "2 runs of shape (2,)" in repr(trace)
        assert "1 diverged" in repr(trace)

    def test_overflow_is_a_divergence_and_no_warning(self):
        trace = descend(gd, surfaces.double_well, start=(1e2, 0.0), lr=1.0, steps=100)
        assert trace.diverged_at == 1

    def test_a_function_that_makes_nan_diverges(self):
        def rootless(theta, g, t, *, lr):
            return theta - lr * np.sqrt(g)

        assert descend(rootless, [1.0, -1.0, 1.0], lr=1.0).diverged_at == 2

    def test_without_one_there_is_none(self):
        assert descend(gd, surfaces.ravine).diverged_at is None
        assert descend(gd, [1.0, 2.0]).diverged_at is None


class TestGivenGradients:
    def test_they_set_the_steps_and_the_shape(self):
        trace = descend(gd, np.ones((4, 3)), lr=0.5)
        assert trace.steps == 4
        np.testing.assert_array_equal(trace.theta[-1], [-2.0, -2.0, -2.0])
        assert np.isnan(trace.losses).all()
        assert trace.surface is None

    def test_whole_numbers_will_do(self):
        np.testing.assert_array_equal(descend(gd, [3, -1], lr=0.5).theta, [0.0, -1.5, -1.0])

    def test_every_start_gets_the_same_ones(self):
        trace = descend(gd, [[1.0, 2.0]], start=[[0.0, 0.0], [5.0, 5.0]], lr=1.0)
        np.testing.assert_array_equal(trace.theta[-1], [[-1.0, -2.0], [4.0, 3.0]])

    def test_one_number_starts_every_coordinate(self):
        trace = descend(gd, [[1.0, 2.0]], start=5.0, lr=1.0)
        np.testing.assert_array_equal(trace.theta[-1], [4.0, 3.0])

    @pytest.mark.parametrize(
        ("gradients", "arguments", "says"),
        [
            (1.0, {}, "should be a list, one per step"),
            ([], {}, "should be a list, one per step"),
            ([1.0, np.nan], {}, "the gradients should be finite"),
            (["a"], {}, "the gradients should be numbers"),
            ([[1.0], [1.0, 2.0]], {}, "the gradients should be an array"),
            ([1.0, 2.0], {"steps": 3}, "2 gradients make 2 steps, not 3"),
            (np.ones((4, 3)), {"start": np.ones(2)}, r"each gradient has shape \(3,\)"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, gradients, arguments, says):
        with pytest.raises(DescentError, match=says):
            descend(gd, gradients, **arguments)


class TestYourOwn:
    def test_an_optimizer_is_a_function_with_the_same_signature(self):
        def sign_descent(theta, g, t, *, lr=0.5):
            return theta - lr * np.sign(g)

        trace = descend(sign_descent, [3.0, -0.1, 0.0])
        np.testing.assert_array_equal(trace.theta, [0.0, -0.5, 0.0, 0.0])

    def test_one_whose_lines_cannot_be_read_has_its_state_alone(self):
        def counted(theta, g, t, count, *, lr=0.5):
            if t > 1:
                count = count + 1
            return theta - lr * g, count

        trace = descend(counted, [1.0, 1.0, 1.0])
        assert list(trace.values) == ["count"]
        np.testing.assert_array_equal(trace["count"], [0.0, 1.0, 2.0])

    def test_one_that_works_in_place_cannot_change_the_past(self):
        def in_place(theta, g, t, m, *, lr=1.0):
            m += g
            theta -= lr * m
            g *= 0
            return theta, m

        trace = descend(in_place, [1.0, 1.0, 1.0])
        np.testing.assert_array_equal(trace.theta, [0.0, -1.0, -3.0, -6.0])
        np.testing.assert_array_equal(trace.gradients, [1.0, 1.0, 1.0])
        np.testing.assert_array_equal(trace["m"], [1.0, 2.0, 3.0])

    def test_a_surface_is_anything_with_a_loss_and_a_gradient(self):
        trace = descend(gd, Bowl(), start=[1.0, 2.0, 2.0], lr=0.5, steps=2)
        np.testing.assert_allclose(trace.theta, np.outer([1, 0.5, 0.25], [1, 2, 2]))
        np.testing.assert_allclose(trace.losses, [4.5, 4.5 / 4, 4.5 / 16])
        assert "gd on bowl" in repr(trace)

    def test_its_own_error_is_shown_as_it_is(self):
        def broken(theta, g, t):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            descend(broken, [1.0])

    @pytest.mark.parametrize(
        ("returned", "says"),
        [
            (lambda *run: run[0], r"should return theta, m \(2 values\); it returned ndarray"),
            (lambda *run: (*run, 0.0), r"return theta, m \(2 values\); it returned 3 values"),
            (lambda *_: None, r"return theta, m \(2 values\); it returned NoneType"),
            (lambda *run: (1.0, run[1]), r"the theta that .* have shape \(2,\); it has \(\)"),
            (lambda *run: (run[0], np.ones(3)), r"the m that step returns has shape \(3,\)"),
            (lambda *run: ("ab", run[1]), "the theta that .* should be numbers; it is str"),
        ],
    )
    def test_what_a_step_may_not_return(self, returned, says):
        def step(theta, g, t, m):
            return returned(theta, m)

        with pytest.raises(DescentError, match=says):
            descend(step, surfaces.ravine)

    def test_a_step_without_state_returns_theta_alone(self):
        def step(theta, g, t, *, lr=0.1):
            return (theta - lr * g,)

        with pytest.raises(DescentError, match="the theta that step returns should"):
            descend(step, surfaces.ravine)

    def test_another_signature_is_refused(self):
        with pytest.raises(RecurrenceError, match=r"should take \(theta, g, t"):
            descend(lambda w, dw: w - dw, surfaces.ravine)


GRID = np.stack(np.meshgrid(np.linspace(-2, 2, 7), np.linspace(-1, 1, 5)), axis=-1)
BATCHES = {
    "many starts": lambda **more: descend(adam, surfaces.double_well, start=GRID, lr=0.1, **more),
    "a sweep over them": lambda **more: descend(
        momentum, surfaces.ravine, start=GRID, sweep={"lr": [0.1, 9.0], "beta": [0.5, 0.9]}, **more
    ),
    "a schedule": lambda **more: descend(
        rmsprop, surfaces.ridge, start=GRID, steps=23, lr=np.geomspace(0.5, 0.01, 23), **more
    ),
    "a rate for each start": lambda **more: descend(
        gd,
        surfaces.ravine,
        start=GRID,
        lr=np.linspace(0.1, 1.0, 70).reshape(1, *GRID.shape),
        **more,
    ),
    "a rate for each row": lambda **more: descend(
        gd, surfaces.ravine, start=GRID, lr=np.linspace(0.1, 1.0, 5).reshape(1, 5, 1, 1), **more
    ),
    "a box": lambda **more: descend(
        adam, surfaces.ravine, start=GRID, lr=0.3, project=[[-1.5, 1.5], [0.0, 1.0]], **more
    ),
    "noise": lambda **more: descend(adam, surfaces.noisy_bowl, start=GRID, lr=0.3, seed=4, **more),
    "some diverge": lambda **more: descend(gd, surfaces.rosenbrock, start=3 * GRID, **more),
    "gradients for each start": lambda **more: descend(
        adagrad, np.random.default_rng(0).normal(size=(12, *GRID.shape)), start=GRID, **more
    ),
    "one coordinate": lambda **more: descend(
        adam, surfaces.hills, start=np.linspace(-7, 7, 35)[:, None], lr=0.3, **more
    ),
    "any objective": lambda **more: descend(
        adam, Bowls(), start=GRID.astype(np.float32), lr=0.3, steps=31, **more
    ),
    "no steps": lambda **more: descend(adam, surfaces.ravine, start=GRID, steps=0, **more),
}
BATCHED = pytest.mark.parametrize("run", BATCHES.values(), ids=BATCHES)


class Bowls:
    """Half the squared distance from the origin, of many points at once."""

    def __call__(self, theta):
        return (theta**2).sum(-1) / 2

    def gradient(self, theta):
        return theta.copy()


class TestBlocks:
    @BATCHED
    @pytest.mark.parametrize("size", [1, 20, 40])
    def test_what_is_walked_in_blocks_is_the_same(self, run, size, monkeypatch):
        whole = run()
        monkeypatch.setattr("adamedu.core.descent.BLOCK", size)
        blocks = run()
        for name in ("theta", "losses", "gradients"):
            np.testing.assert_array_equal(getattr(blocks, name), getattr(whole, name))
        np.testing.assert_array_equal(blocks.diverged_at.mask, whole.diverged_at.mask)
        np.testing.assert_array_equal(blocks.diverged_at.data, whole.diverged_at.data)
        for name, values in whole.values.items():
            np.testing.assert_array_equal(blocks[name], values)

    @BATCHED
    @pytest.mark.parametrize("size", [1, 20, 10_000])
    def test_the_ends_alone_are_those_of_the_whole_record(self, run, size, monkeypatch):
        whole = run()
        monkeypatch.setattr("adamedu.core.descent.BLOCK", size)
        ends = run(record=False)
        assert ends.steps == whole.steps
        assert ends.gradients.shape == (0, *whole.theta.shape[1:])
        np.testing.assert_array_equal(ends.theta, whole.theta[[0, -1]])
        np.testing.assert_array_equal(ends.losses, whole.losses[[0, -1]])
        np.testing.assert_array_equal(ends.diverged_at.mask, whole.diverged_at.mask)
        np.testing.assert_array_equal(ends.diverged_at.data, whole.diverged_at.data)
        assert repr(ends) == repr(whole)

    def test_one_run_of_many_keeps_its_ends(self):
        ends = descend(adam, surfaces.ravine, start=GRID, lr=0.3, record=False)
        alone = descend(adam, surfaces.ravine, start=GRID[2, 3], lr=0.3, record=False)
        np.testing.assert_allclose(ends.run(2, 3).theta, alone.theta, rtol=1e-12)
        assert alone.theta.shape == (2, 2)
        assert alone.losses.shape == (2,)

    def test_the_lines_of_a_descent_that_was_not_recorded_are_not_known(self):
        ends = descend(adam, surfaces.ravine, record=False)
        with pytest.raises(DescentError, match=r"only the ends .* were recorded \(record=False\)"):
            ends["m_hat"]
        with pytest.raises(ValueError, match="read-only"):
            ends.theta[0] = 1.0

    def test_one_run_with_more_coordinates_than_a_block_holds(self):
        trace = descend(gd, np.ones((2, BLOCK + 1)), lr=0.5)
        assert trace.theta.shape == (3, BLOCK + 1)
        assert (trace.theta[-1] == -1).all()

    def test_more_starts_than_a_block_holds(self):
        starts = np.random.default_rng(0).uniform(-2, 2, (20_000, 2))
        trace = descend(momentum, surfaces.ravine, start=starts, steps=3, lr=0.5)
        m = np.zeros_like(starts)
        for k in range(3):
            np.testing.assert_allclose(trace.gradients[k], trace.theta[k] * (0.1, 2.0), atol=1e-15)
            m = 0.9 * m + 0.1 * trace.gradients[k]
            np.testing.assert_allclose(trace.theta[k + 1], trace.theta[k] - 0.5 * m, atol=1e-15)


class TestNoise:
    def test_it_is_added_to_the_slope_at_each_step(self):
        trace = descend(gd, surfaces.noisy_bowl, steps=30, lr=0.2, seed=5)
        slopes = surfaces.noisy_bowl.gradient(trace.theta[:-1])
        rows = surfaces.noisy_bowl.noise_rows(30, 5)
        np.testing.assert_allclose(trace.gradients - slopes, rows, atol=1e-14)
        np.testing.assert_array_equal(trace.losses, surfaces.noisy_bowl(trace.theta))
        np.testing.assert_allclose(trace.theta[1:], trace.theta[:-1] - 0.2 * trace.gradients)

    def test_a_seed_chooses_it_and_all_runs_meet_the_same(self):
        first = descend(adam, surfaces.noisy_bowl, lr=0.2)
        again = descend(adam, surfaces.noisy_bowl, sweep={"lr": [0.2, 0.1]})
        other = descend(adam, surfaces.noisy_bowl, lr=0.2, seed=1)
        np.testing.assert_array_equal(again.theta[:, 0], first.theta)
        assert np.abs(other.theta[1:] - first.theta[1:]).min() > 0

    def test_float32_stays_float32(self):
        trace = descend(gd, surfaces.noisy_bowl, start=np.ones(2, np.float32), steps=3)
        assert trace.gradients.dtype == trace.theta.dtype == np.float32


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ({"start": (True, False)}, "the parameters should be numbers, not bool"),
            ({"start": (1.0, np.nan)}, "the parameters should be finite"),
            ({"start": ("a", "b")}, "the parameters should be numbers"),
            ({"steps": -1}, "steps should be a whole number, 0 or more, not -1"),
            ({"steps": 2.5}, "steps should be a whole number, 0 or more, not 2.5"),
            ({"steps": True}, "steps should be a whole number"),
            ({"seed": -1}, "a seed is a whole number, 0 or more, not -1"),
            ({"seed": 0.5}, "a seed is a whole number, 0 or more, not 0.5"),
            ({"beta_1": 0.5}, "adam has no hyperparameter 'beta_1'; it has .* Did you mean beta1?"),
            ({"sweep": {"rho": [0.5]}}, "adam has no hyperparameter 'rho'"),
            ({"lr": 0.1, "sweep": {"lr": [0.5]}}, "lr is both given and swept"),
            ({"sweep": {"lr": []}}, "the sweep over lr should be a list of numbers"),
            ({"sweep": {"lr": 0.1}}, "the sweep over lr should be a list of numbers"),
            ({"sweep": {"lr": [[0.1]]}}, "the sweep over lr should be a list of numbers"),
            ({"lr": "fast"}, "lr should be a number, or an array with one per step; it is 'fast'"),
            ({"lr": None}, "lr should be a number"),
            ({"lr": np.nan}, "lr should be finite; it is nan"),
            ({"lr": [0.1] * 99 + [np.inf]}, "lr should be finite"),
            ({"steps": "9"}, "steps should be a whole number, 0 or more, not '9'"),
            ({"steps": np.nan}, "steps should be a whole number, 0 or more, not nan"),
            ({"seed": True}, "a seed is a whole number, 0 or more, not True"),
            ({"sweep": "lr"}, r"sweep should be a dict, \{'lr': \[0.1, 0.2\]\}; it is 'lr'"),
        ],
    )
    def test_what_cannot_be_run_is_said(self, arguments, says):
        with pytest.raises(DescentError, match=says):
            descend(adam, surfaces.ravine, **arguments)

    def test_whole_numbers_will_do(self):
        whole = descend(gd, surfaces.ravine, start=(-9, 2), lr=1, steps=3)
        np.testing.assert_array_equal(
            whole.theta, descend(gd, surfaces.ravine, start=(-9.0, 2.0), lr=1.0, steps=3).theta
        )
        assert descend(gd, surfaces.hills, start=np.array([[1], [2]])).theta.dtype == np.float64

    @pytest.mark.parametrize(
        ("surface", "says"),
        [
            ("ravine", "write surfaces.ravine, not 'ravine'"),
            ("himelblau", "write surfaces.himmelblau, not 'himelblau'"),
            (None, "this should be a surface, such as surfaces.ravine; it is of type NoneType"),
            (surfaces, "it is of type module"),
            ({"x": 1}, "it is of type dict"),
            (Bowl, r"Bowl is a class: give what it makes, Bowl\(…\)"),
        ],
    )
    def test_what_is_no_surface_is_answered_with_what_is(self, surface, says):
        with pytest.raises(ValueError, match=says):
            descend(gd, surface)

    def test_the_surface_says_which_parameters_it_takes(self):
        with pytest.raises(ValueError, match=r"ravine takes 2 numbers \(x, y\)"):
            descend(gd, surfaces.ravine, start=(1.0, 2.0, 3.0))

    def test_a_missing_hyperparameter_is_named(self):
        def step(theta, g, t, *, lr, rho):
            return theta - lr * rho * g

        with pytest.raises(DescentError, match="step needs a value for rho: rho=…"):
            descend(step, surfaces.ravine, lr=0.1)

    def test_a_function_without_a_gradient_is_refused(self):
        with pytest.raises(DescentError, match="has no gradient: decorate it with @surface"):
            descend(gd, surfaces.ravine.function)  # type: ignore[arg-type]

    def test_a_surface_without_a_start_needs_one(self):
        with pytest.raises(DescentError, match="bowl has no start of its own: give start=…"):
            descend(gd, Bowl())

    def test_a_gradient_of_another_shape_is_refused(self):
        class Wrong(Bowl):
            def gradient(self, theta):
                return theta[:1]

        with pytest.raises(DescentError, match="bowl's gradient should have shape"):
            descend(gd, Wrong(), start=[1.0, 2.0])

    def test_a_loss_of_another_shape_is_refused(self):
        class Wrong(Bowl):
            def __call__(self, theta):
                return theta

        with pytest.raises(DescentError, match="bowl's loss should have shape"):
            descend(gd, Wrong(), start=[1.0, 2.0])


@pytest.mark.parametrize(
    ("trace", "shown"),
    [
        (
            descend(gd, surfaces.ravine, steps=1, start=(10.0, 0.0), lr=1.0),
            "<gd on ravine: 1 step, loss 5 -> 4.05, ends at (9, 0)>",
        ),
        (
            descend(gd, surfaces.ravine, steps=1, start=(10.0, 0.0), sweep={"lr": [0.0, 10.0]}),
            "<gd on ravine: 1 step, 2 runs of shape (2,), final loss 0 to 5>",
        ),
        (
            descend(adagrad, [3.0, 4.0], lr=1.0),
            "<adagrad on given gradients: 2 steps, ends at (-1.8)>",
        ),
        (descend(gd, np.ones((1, 9))), "<gd on given gradients: 1 step>"),
    ],
)
def test_it_says_in_one_line_what_happened(trace, shown):
    assert repr(trace) == shown
