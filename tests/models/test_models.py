"""Models: their losses and slopes against scikit-learn, finite differences and a count by hand."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss

from adamedu import adam, descend, gd
from adamedu.core.descent import Objective
from adamedu.models.handwriting import one_hot, read_digits
from adamedu.models.softmax import Minibatches, SoftmaxRegression


def some_model(seed=0, n=12, f=4, classes=3):
    rng = np.random.default_rng(seed)
    return SoftmaxRegression(rng.normal(size=(n, f)), rng.integers(0, classes, n), classes)


class TestOneHot:
    def test_the_digits_are_scikit_learns(self):
        images, labels = read_digits()
        bundled = load_digits()
        assert np.array_equal(images.reshape(-1, 64), bundled.data)
        assert np.array_equal(labels, bundled.target)
        assert images.dtype.kind == labels.dtype.kind == "i"

    def test_every_pixel_has_one_feature_for_each_gray(self):
        features = one_hot(np.array([[[0, 3], [16, 8]]]))
        assert features.shape == (1, 4 * 17)
        assert np.flatnonzero(features[0]).tolist() == [0, 17 + 3, 2 * 17 + 16, 3 * 17 + 8]

    @pytest.mark.parametrize(("side", "grays"), [(1, 17), (1, 2), (2, 5), (4, 2), (8, 1)])
    def test_each_square_shows_one_pattern(self, side, grays):
        images = read_digits().images[:40]
        features = one_hot(images, side=side, grays=grays)
        squares = (8 // side) ** 2
        assert features.shape == (40, squares * grays**side**2)
        assert (features.reshape(40, squares, -1).sum(axis=-1) == 1).all()

    def test_features_tell_patterns_in_places_apart_and_nothing_else(self):
        """Two scans share a feature just where they show the same coarse square."""
        images = read_digits().images[:30]
        features = one_hot(images, side=2, grays=5)
        coarse = images * 5 // 17
        for i in range(0, 30, 7):
            same = [
                np.array_equal(coarse[0, y : y + 2, x : x + 2], coarse[i, y : y + 2, x : x + 2])
                for y in range(0, 8, 2)
                for x in range(0, 8, 2)
            ]
            assert features[0] @ features[i] == sum(same)

    @pytest.mark.parametrize(
        ("images", "how", "says"),
        [
            (
                np.zeros((1, 8, 8), int),
                {"side": 3},
                "squares of 3 pixels don't cut up 8 x 8 pixels",
            ),
            (np.zeros((1, 8, 8), int), {"side": 0}, "squares of 0 pixels"),
            (np.zeros((1, 8, 8), int), {"grays": 18}, "there are 1 to 17 gray levels"),
            (np.zeros((1, 8, 8), int), {"grays": 0}, "there are 1 to 17 gray levels"),
            (np.full((1, 8, 8), 17), {}, "gray levels are 0 to 16, not 17 to 17"),
            (np.full((1, 8, 8), -1), {}, "gray levels are 0 to 16, not -1 to -1"),
        ],
    )
    def test_what_doesnt_fit_is_said(self, images, how, says):
        with pytest.raises(ValueError, match=says):
            one_hot(images, **how)


class TestSoftmaxRegression:
    def test_it_is_an_objective(self):
        assert isinstance(some_model(), Objective)
        assert isinstance(Minibatches(some_model(), size=3, seed=0), Objective)

    @pytest.mark.parametrize("seed", range(3))
    def test_its_loss_is_scikit_learns(self, seed):
        model = some_model(seed)
        theta = np.random.default_rng(seed).normal(size=12)
        logits = model.features @ theta.reshape(4, 3)
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        expected = log_loss(model.labels, probabilities, labels=range(3))
        assert float(model(theta)) == pytest.approx(expected, rel=1e-12)
        right = probabilities.argmax(axis=1) == model.labels
        assert float(model.accuracy(theta)) == pytest.approx(right.mean())

    @pytest.mark.parametrize("seed", range(3))
    def test_its_gradient_is_the_slope_of_its_loss(self, seed):
        model = some_model(seed)
        theta = np.random.default_rng(seed).normal(size=12)
        ends = theta + 1e-6 * np.eye(12)[:, None] * [[-1.0], [1.0]]
        slopes = np.diff(model(ends), axis=1)[:, 0] / 2e-6
        assert model.gradient(theta) == pytest.approx(slopes, abs=1e-8)

    def test_with_zeros_all_classes_are_equally_probable(self):
        model = some_model()
        assert float(model(model.start)) == pytest.approx(math.log(3))
        slopes = model.gradient(model.start).reshape(4, 3)
        shares = np.eye(3)[model.labels] - 1 / 3
        assert slopes == pytest.approx(-model.features.T @ shares / 12)

    def test_two_classes_are_logistic_regression(self):
        model = some_model(classes=2)
        w = np.array([1.0, -0.5, 2.0, 0.0])
        theta = np.stack([np.zeros(4), w], axis=1).ravel()
        p = 1 / (1 + np.exp(-model.features @ w))
        expected = -np.log(np.where(model.labels == 1, p, 1 - p)).mean()
        assert float(model(theta)) == pytest.approx(expected)

    def test_many_parameters_at_once_are_each_as_alone(self):
        model = some_model()
        many = np.random.default_rng(5).normal(size=(2, 3, 12))
        for method in (model, model.gradient, model.accuracy):
            alone = np.array([[method(one) for one in row] for row in many])
            assert method(many) == pytest.approx(alone)
        swept = descend(adam, model, steps=5, sweep={"lr": [0.1, 1.0]})
        for k, lr in enumerate((0.1, 1.0)):
            assert swept.theta[:, k] == pytest.approx(descend(adam, model, steps=5, lr=lr).theta)

    def test_huge_logits_dont_overflow(self):
        model = SoftmaxRegression(np.array([[1.0]]), np.array([0]), classes=2)
        assert float(model([-1e6, 1e6])) == 2e6
        assert model.gradient([-1e6, 1e6]).tolist() == [-1.0, 1.0]
        assert float(model([1e6, -1e6])) == 0

    def test_single_precision_stays(self):
        model = SoftmaxRegression(np.eye(2, dtype=np.float32), np.array([0, 1]), classes=2)
        assert descend(gd, model, steps=3, lr=0.1).theta.dtype == np.float32

    @settings(max_examples=25)
    @given(st.integers(0, 1000))
    def test_a_small_step_down_lowers_the_loss(self, seed):
        model = some_model(seed)
        losses = descend(gd, model, steps=5, lr=0.01).losses
        assert (np.diff(losses) < 0).all()

    @pytest.mark.parametrize(
        ("features", "labels", "says"),
        [
            (np.zeros((3, 2)), np.array([0, 1]), r"shape \(3, 2\) don't fit 2 labels"),
            (np.zeros(3), np.array([0, 1, 0]), r"shape \(3,\) don't fit 3 labels"),
            (
                np.zeros((2, 2)),
                np.array([0, 2]),
                "labels of 2 classes are 0 to 1; these are 0 to 2",
            ),
            (np.zeros((2, 2)), np.array([-1, 1]), "labels of 2 classes are 0 to 1"),
            (np.zeros((0, 2)), np.array([], int), "no examples"),
        ],
    )
    def test_data_that_dont_fit_are_said(self, features, labels, says):
        with pytest.raises(ValueError, match=says):
            SoftmaxRegression(features, labels, classes=2)

    def test_parameters_that_dont_fit_are_said(self):
        with pytest.raises(ValueError, match=r"4 features and 3 classes need 12 parameters"):
            some_model()([1.0, 2.0])


class TestMinibatches:
    def test_the_gradients_of_an_epoch_have_the_mean_of_all(self):
        model = some_model()
        theta = np.random.default_rng(1).normal(size=12)
        batches = Minibatches(model, size=3, seed=7)
        slopes = [batches.gradient(theta) for _ in range(4)]
        assert np.mean(slopes, axis=0) == pytest.approx(model.gradient(theta))
        again = [batches.gradient(theta) for _ in range(4)]
        assert np.mean(again, axis=0) == pytest.approx(model.gradient(theta))
        assert not np.allclose(slopes, again)  # in another order

    def test_every_example_has_its_turn_once_before_any_has_it_twice(self):
        model = SoftmaxRegression(np.eye(7), np.zeros(7, int), classes=2)
        batches = Minibatches(model, size=2, seed=0)
        for _ in range(3):
            rows = [np.flatnonzero(batches.gradient(model.start)[::2]) for _ in range(3)]
            counts = Counter(np.concatenate(rows).tolist())
            assert len(counts) == 6  # the seventh alone makes no batch
            assert set(counts.values()) == {1}

    def test_the_same_seed_gives_the_same_run_and_another_one_another(self):
        model = some_model()
        first, same, other = (
            descend(gd, Minibatches(model, size=2, seed=seed), steps=10).theta for seed in (0, 0, 1)
        )
        assert np.array_equal(first, same)
        assert not np.allclose(first, other)

    def test_the_losses_are_those_of_what_is_watched(self):
        model, other = some_model(), some_model(seed=9)
        walk = descend(gd, Minibatches(model, size=2, seed=0), steps=4)
        assert walk.losses == pytest.approx(model(walk.theta))
        watched = descend(gd, Minibatches(model, size=2, seed=0, watch=other), steps=4)
        assert np.array_equal(watched.theta, walk.theta)
        assert watched.losses == pytest.approx(other(walk.theta))

    @pytest.mark.parametrize("size", [0, -1, 13])
    def test_a_batch_that_cant_be_is_said(self, size):
        with pytest.raises(ValueError, match=f"a batch has 1 to 12 examples, not {size}"):
            Minibatches(some_model(), size=size, seed=0)
