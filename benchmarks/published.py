"""Published checks of an Adam, implemented again from what they do.

Inputs, hyperparameters, numbers of steps and tolerances are those of the originals. The expected
values are the originals' own numbers; where an original compares with another library's Adam, ours
takes its place. Each check's docstring says whose it is, what it does, where that can be read, and
what differs here.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from adamedu.optimizers import adam
from benchmarks.network import (
    Array,
    Layer,
    cross_entropy,
    linear,
    loss_and_gradients,
    normalized,
    relu,
)

Step: TypeAlias = Callable[..., Any]
Gradients: TypeAlias = Callable[[Sequence[Array]], Sequence[Array]]

USUAL = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


@dataclass(frozen=True)
class PublishedCheck:
    """A check that others use.

    Attributes
    ----------
    name : str
        Whose it is.
    accepts : callable
        Takes a step function, returns whether the check accepts it.
    says : str
        What a learner reads when it doesn't.
    """

    name: str
    accepts: Callable[[Step], bool]
    says: str

    def passes(self, step: Step) -> bool:
        """Return whether the check lets a step function pass; one that fails to compute doesn't."""
        try:
            with np.errstate(all="ignore"):
                return bool(self.accepts(step))
        except ArithmeticError:
            return False


def walk(
    step: Step,
    parameters: Sequence[Array],
    gradients: Gradients,
    *,
    weight_decay: float = 0.0,
    **hyperparameters: float,
) -> Iterator[list[Array]]:
    """Yield the parameters after every update; the decay is part of the gradient (L2)."""
    now = list(parameters)
    states = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
    for t in itertools.count(1):
        for i, g in enumerate(gradients(now)):
            decayed = g + weight_decay * now[i]
            now[i], *states[i] = step(now[i], decayed, t, *states[i], **hyperparameters)
        yield list(now)


def after(steps: int, walked: Iterator[list[Array]]) -> list[Array]:
    """Return the parameters after some steps."""
    return next(itertools.islice(walked, steps - 1, None))


def close(actual: Any, desired: Any, *, rtol: float, atol: float) -> bool:
    """Compare as NumPy, PyTorch, Keras and chex do: NaN is close to nothing."""
    return np.allclose(actual, desired, rtol=rtol, atol=atol)


def numbers(text: str) -> Array:
    """Read the numbers that an original expects."""
    return np.array(text.split(), dtype=float)


def single(*values: float) -> Array:
    """Return numbers in single precision, which most libraries compute in."""
    return np.array(values, np.float32)


def cs231n(step: Step) -> bool:
    """Stanford CS231n, assignment 2, ``FullyConnectedNets.ipynb``: the update after t = 5.

    Parameters, gradient and both averages are evenly spaced numbers, the learning rate is 0.01, the
    rest as usual. The notebook prints the largest relative error of each array against 8 printed
    digits, and the student is told to expect about 1e-7 or less: here, an exponent of -7 or less.

    Described at https://cs231n.github.io/assignments2025/assignment2/; the notebook is in the
    assignment's archive.
    """
    ends = ((-0.4, 0.6), (-0.6, 0.4), (0.6, 0.9), (0.7, 0.5))
    theta, g, m, v = (np.linspace(*pair, 20).reshape(4, 5) for pair in ends)
    expected = (
        numbers("""
            -0.40094747 -0.34836187 -0.29577703 -0.24319299 -0.19060977
            -0.1380274  -0.08544591 -0.03286534  0.01971428  0.0722929
             0.1248705   0.17744702  0.23002243  0.28259667  0.33516969
             0.38774145  0.44031188  0.49288093  0.54544852  0.59801459"""),
        numbers("""
             0.48        0.49947368  0.51894737  0.53842105  0.55789474
             0.57736842  0.59684211  0.61631579  0.63578947  0.65526316
             0.67473684  0.69421053  0.71368421  0.73315789  0.75263158
             0.77210526  0.79157895  0.81105263  0.83052632  0.85"""),
        numbers("""
             0.69966     0.68908382  0.67851319  0.66794809  0.65738853
             0.64683452  0.63628604  0.6257431   0.61520571  0.60467385
             0.59414753  0.58362676  0.57311152  0.56260183  0.55209767
             0.54159906  0.53110598  0.52061845  0.51013645  0.49966"""),
    )
    got = (np.ravel(x) for x in step(theta, g, 6, m, v, lr=0.01, **USUAL))
    largest = 1e-6
    return all(
        np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))) < largest
        for x, y in zip(got, expected, strict=True)
    )


def deeplearning_ai(step: Step) -> bool:
    """deeplearning.ai, Deep Learning Specialization, course 2, week 2, exercise 6: one update.

    Two layers of seeded normal numbers, averages of zero although t = 2, and no usual
    hyperparameter. Of each array the shape and the first row are compared. The corrected averages,
    which the original compares too, are not among what a step returns.

    Described at https://www.coursera.org/learn/deep-neural-network; its ``public_tests.py`` is at
    https://github.com/shivamaggarwal513/coursera-deep-learning-specialization, folder
    c2-improving-deep-neural-networks/week-2.
    """
    expected = {
        (2, 3): (
            "1.63937725 -0.62327448 -0.54308727",
            "-0.17557168 0.00844275 0.11656304",
            "0.08631117 0.00019958 0.03804344",
        ),
        (2, 1): ("1.72995096", "0.10049887", "0.02828006"),
        (3, 2): ("0.33400549 -0.23563857", "-0.13674557 -0.02457805", "0.05235818 0.00169142"),
        (3, 1): ("1.14852557", "-0.07935071", "0.0176303"),
    }
    settings = {"lr": 0.02, "beta1": 0.8, "beta2": 0.888, "eps": 0.01}
    draw = np.random.RandomState(1).randn
    parameters, gradients = ([draw(*shape) for shape in expected] for _ in range(2))
    return all(
        np.shape(x) == theta.shape and np.allclose(x[0], numbers(row))
        for theta, g, rows in zip(parameters, gradients, expected.values(), strict=True)
        for x, row in zip(step(theta, g, 2, 0 * g, 0 * g, **settings), rows, strict=True)
    )


def cmu(step: Step) -> bool:
    """CMU 10-414/714 Deep Learning Systems, homework 2: the last loss of five short trainings.

    A network of 64, 32 and 16 units learns from 32 batches of seeded data, in single precision and
    with the usual betas and eps: plain, with weight decay, with batch normalization (in training
    and after it) and with layer normalization. The loss is compared with one number (rtol and atol
    1e-5).

    Described at https://github.com/dlsyscourse/hw2: hw2.ipynb and tests/hw2/test_nn_and_optim.py
    (``test_optim_adam_*``; what counts tensors, looks for a changed gradient or is sent in for
    a mark is left out).
    """
    batch, layer = (functools.partial(normalized, axis=axis) for axis in (0, 1))
    trainings: tuple[tuple[float, dict[str, Any]], ...] = (
        (3.703999, {"lr": 0.001}),
        (3.705134, {"lr": 0.001, "weight_decay": 0.01}),
        (3.296256, {"lr": 0.001, "weight_decay": 0.001, "norm": batch}),
        (3.192054, {"lr": 0.001, "weight_decay": 0.001, "norm": batch, "unseen": True}),
        (2.82192, {"lr": 0.01, "weight_decay": 0.01, "norm": layer}),
    )
    return all(
        close(_cmu_loss(step, **training), loss, rtol=1e-5, atol=1e-5)
        for loss, training in trainings
    )


def _cmu_loss(
    step: Step, *, norm: Layer | None = None, unseen: bool = False, **settings: float
) -> Any:
    """Return the loss of the last batch, or of an unseen one with the batches' running averages."""
    rand = np.random.RandomState(42).rand

    def uniform(inputs: int, outputs: int) -> Array:
        bound = np.sqrt(6 / inputs)
        drawn: Array = rand(inputs, outputs) * 2 * bound - bound
        return drawn.astype(np.float32)

    def examples(count: int) -> tuple[Array, Array]:
        x = np.random.RandomState(count * 64 * 2).randint(0, 100, size=(count, 64)) / 20
        return x.astype(np.float32), np.random.RandomState(count).randint(0, 16, size=count)

    weights = [uniform(64, 32), uniform(32, 1).T, uniform(32, 16), uniform(16, 1).T]
    layers: list[tuple[Layer, int]] = [(linear, 2), (relu, 0), (linear, 2)]
    if norm:
        layers.insert(2, (norm, 2))
        weights[2:2] = [np.ones((1, 32), np.float32), np.zeros((1, 32), np.float32)]
    batches = zip(*(np.split(x, 32) for x in examples(1024)), strict=True)
    losses, hidden = [], []

    def gradients(parameters: Sequence[Array]) -> Sequence[Array]:
        x, labels = next(batches)
        loss, found = loss_and_gradients(layers, parameters, x, labels)
        losses.append(loss)
        hidden.append(relu(linear(x, *parameters[:2])[0])[0])
        return found

    trained = after(32, walk(step, weights, gradients, **settings, **USUAL))
    if not unseen:
        return losses[-1]
    mean, variance = np.zeros(32, np.float32), np.ones(32, np.float32)
    for h in hidden:
        mean, variance = 0.9 * mean + 0.1 * h.mean(0), 0.9 * variance + 0.1 * h.var(0)
    weight, bias, scale, shift, *last = trained
    x, labels = examples(32)
    normal = (relu(linear(x, weight, bias)[0])[0] - mean) / np.sqrt(variance + np.float32(1e-5))
    return cross_entropy(linear(normal * scale + shift, *last)[0], labels)[0]


def arena(step: Step) -> bool:
    """ARENA, chapter 0, part 3 ("Optimization"): the first weights after four updates of a network.

    Units 2, 32, 32 and 2 learn scikit-learn's two moons in batches of 128, with three settings of
    uncommon betas and a large eps, two of them with weight decay. The original compares with
    PyTorch's Adam (atol 1e-5); weights and order of the data, which it draws with PyTorch's
    generator, are drawn with NumPy's from the same distributions.

    Described at https://github.com/callummcdougall/ARENA_3.0, in
    chapter0_fundamentals/exercises/part3_optimization/tests.py (``test_adam``).
    """
    settings = (
        {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 0.001, "weight_decay": 0.0},
        {"lr": 0.1, "beta1": 0.8, "beta2": 0.9, "eps": 0.001, "weight_decay": 0.05},
        {"lr": 0.2, "beta1": 0.9, "beta2": 0.95, "eps": 0.01, "weight_decay": 0.08},
    )
    return all(
        close(_arena_weights(step, given), _arena_weights(adam, given), rtol=0, atol=1e-5)
        for given in settings
    )


def _arena_weights(step: Step, settings: dict[str, float]) -> Array:
    from sklearn.datasets import make_moons

    rng = np.random.default_rng(819)

    def uniform(inputs: int, outputs: int) -> Array:
        bound = 1 / np.sqrt(fan_in)
        return rng.uniform(-bound, bound, (inputs, outputs)).astype(np.float32)

    weights = []
    for fan_in, outputs in itertools.pairwise((2, 32, 32, 2)):
        weights += [uniform(fan_in, outputs), uniform(1, outputs)]
    layers: list[tuple[Layer, int]] = [(linear, 2), (relu, 0), (linear, 2), (relu, 0), (linear, 2)]
    points, classes = make_moons(n_samples=512, noise=0.05, random_state=354)
    batches = iter(np.split(rng.permutation(512), 4))

    def gradients(parameters: Sequence[Array]) -> Sequence[Array]:
        rows = next(batches)
        x = points[rows].astype(np.float32)
        return loss_and_gradients(layers, parameters, x, classes[rows])[1]

    return after(4, walk(step, weights, gradients, **settings))[0]


def fastai(step: Step) -> bool:
    """fast.ai, fastai's notebook of its optimizers: two updates with a constant gradient.

    With the library's betas (0.9, 0.99) and eps (1e-5), three parameters with gradients 0.1, 0.2
    and 0.3 move by 0.1 / (1 + 1e-7) each: within 1e-5 after one update, within 1e-3 after two.

    Described at https://docs.fast.ai/optimizer.html#adam, in
    https://github.com/fastai/fastai/blob/main/nbs/12_optimizer.ipynb.
    """
    start, g = single(1, 2, 3), single(0.1, 0.2, 0.3)
    walked = walk(step, [start], lambda _: [g], lr=0.1, beta1=0.9, beta2=0.99, eps=1e-5)
    moved = 0.1 / (1 + 1e-7)
    return all(
        bool(np.all(np.abs(theta - single(*(k - t * moved for k in (1, 2, 3)))) < within))
        for t, within, [theta] in zip((1, 2), (1e-5, 1e-3), walked, strict=False)
    )


def keras(step: Step) -> bool:
    """Keras, the library's own test of its Adam: one long update, and five usual ones.

    ``test_single_step`` moves four parameters by 0.5 each (rtol and atol 1e-4).
    ``test_correctness_with_golden`` gives ten parameters one small gradient, then four times their
    own, and compares them with five numbers (rtol and atol 5e-4, half an update each). It has
    AMSGrad on, which changes nothing, since v only grows.

    Described at
    https://github.com/keras-team/keras/blob/master/keras/src/optimizers/adam_test.py.
    """
    own = USUAL | {"eps": 1e-7}
    start, g = single(1, 2, 3, 4), single(1, 6, 7, 2)
    [moved] = after(1, walk(step, [start], lambda _: [g], lr=0.5, **own))
    usual = single(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    given = iter([single(*[0.01] * 10), *[usual] * 4])
    walked = walk(step, [single(*[1] * 10)], lambda _: [next(given)], lr=0.001, **own)
    golden = (0.999, 0.9982, 0.9974, 0.9965, 0.9955)
    return close(moved, start - 0.5, rtol=1e-4, atol=1e-4) and all(
        close(theta, number, rtol=5e-4, atol=5e-4)
        for number, [theta] in zip(golden, walked, strict=False)
    )


def pytorch(step: Step) -> bool:
    """PyTorch, the library's own test of all its optimizers: 20 updates go the right way.

    A linear layer of 5 inputs and 10 outputs learns to give zero; its loss is then less than at
    first, or more where it is maximized. Settings: the usual ones, a learning rate of 0.01, weight
    decay, weight decay while maximizing; each twice, with numbers of its own. They are seeded
    normal numbers of NumPy's here, unseeded ones of PyTorch's there. The setting with AMSGrad is
    left out.

    Described at https://github.com/pytorch/pytorch/blob/main/test/test_optim.py
    (``test_forloop_goes_right_direction``) and in its torch/testing/_internal/common_optimizers.py.
    """
    rng = np.random.default_rng(0)

    def right(sign: int, lr: float, decay: float) -> bool:
        shapes = ((10, 5), (10,), (5,))
        weight, bias, x = (rng.standard_normal(shape, dtype=np.float32) for shape in shapes)

        def gradients(parameters: Sequence[Array]) -> Sequence[Array]:
            d = sign * 2 * (parameters[0] @ x + parameters[1])
            return np.outer(d, x), d

        def loss(parameters: Sequence[Array]) -> Any:
            return sign * np.sum((parameters[0] @ x + parameters[1]) ** 2)

        walked = walk(step, [weight, bias], gradients, weight_decay=decay, lr=lr, **USUAL)
        return bool(loss(after(20, walked)) < loss([weight, bias]))

    settings = ((1, 0.001, 0.0), (1, 0.01, 0.0), (1, 0.001, 0.1), (-1, 0.001, 0.1))
    return all(right(*given) for given in settings for _ in range(2))


def jax(step: Step) -> bool:
    """JAX, the library's own test of its example optimizers: a parabola is descended.

    From (1, 1), after 100 updates at rate 0.1, the sum of squares is less than 0.01.

    Described at https://github.com/jax-ml/jax/blob/main/tests/optimizers_test.py
    (``testAdamVector``).
    """
    [theta] = after(100, walk(step, [single(1, 1)], lambda p: [2 * p[0]], lr=0.1, **USUAL))
    enough = 0.01
    return bool(theta @ theta < enough)


def optax(step: Step) -> bool:
    """optax, the library's own test of all its optimizers: two minima are found.

    From (-1, 10, 1) on a parabola, and from (0, 0) on Rosenbrock's function, 10,000 updates at rate
    0.1 end at the minimum (rtol and atol 0.03). Its same runs with complex numbers are left out.

    Described at
    https://github.com/google-deepmind/optax/blob/main/optax/_src/alias_test.py
    (``test_optimization``).
    """
    center = single(1, -1, 1)

    def parabola(p: Sequence[Array]) -> Sequence[Array]:
        return [2 * (p[0] - center)]

    def rosenbrock(p: Sequence[Array]) -> Sequence[Array]:
        x, y = p[0]
        return [np.array([2 * (x - 1) - 400 * x * (y - x**2), 200 * (y - x**2)])]

    def found(gradients: Gradients, start: Array, minimum: Array) -> bool:
        [theta] = after(10_000, walk(step, [start], gradients, lr=0.1, **USUAL))
        return close(theta, minimum, rtol=0.03, atol=0.03)

    return found(parabola, single(-1, 10, 1), center) and found(
        rosenbrock, single(0, 0), single(1, 1)
    )


def tinygrad(step: Step) -> bool:
    """tinygrad, the library's own test: one, two and ten updates as PyTorch makes them.

    Two arrays of seeded numbers and a loss of their product, at rates 0.001, 1.1 and 10, in single
    precision. The original compares with PyTorch's Adam: within 1e-5 at the small rate, more
    loosely at the others.

    Described at https://github.com/tinygrad/tinygrad/blob/master/test/backend/test_optim.py
    (``test_adam`` and the four others with Adam's name).
    """
    draw = np.random.RandomState(1337).randn
    x, weight, mask = (draw(*shape).astype(np.float32) for shape in ((1, 4), (4, 4), (1, 4)))

    def teeny(p: Sequence[Array]) -> Sequence[Array]:
        return p[1].sum(0, keepdims=True), np.repeat(p[0], 4, axis=0)

    def tiny(p: Sequence[Array]) -> Sequence[Array]:
        scores = np.maximum(p[0] @ p[1], 0)
        powers = np.exp(scores - scores.max())
        d = (mask - mask.sum() * powers / powers.sum()) * (scores > 0)
        return d @ p[1].T, p[0].T @ d

    cases = (
        (tiny, 1, 0.001, 1e-5, 0.0),
        (tiny, 1, 10.0, 1e-4, 1e-4),
        (tiny, 10, 0.001, 1e-5, 0.0),
        (tiny, 10, 10.0, 2e-3, 5e-4),
        (teeny, 2, 1.1, 2e-4, 5e-4),
    )
    return all(
        close(ours, theirs, rtol=rtol, atol=atol)
        for gradients, steps, lr, atol, rtol in cases
        for ours, theirs in zip(
            *(after(steps, walk(s, [x, weight], gradients, lr=lr, **USUAL)) for s in (step, adam)),
            strict=True,
        )
    )


CHECKS: tuple[PublishedCheck, ...] = (
    PublishedCheck("Stanford CS231n, assignment 2", cs231n, "three relative errors"),
    PublishedCheck("deeplearning.ai, Optimization Methods", deeplearning_ai, "which array differs"),
    PublishedCheck("CMU 10-414/714, homework 2", cmu, "two losses that differ"),
    PublishedCheck("ARENA, Optimization", arena, "how many weights differ, how far"),
    PublishedCheck("fast.ai, fastai's notebook", fastai, "two arrays that are not close"),
    PublishedCheck("Keras, adam_test.py", keras, "how many elements differ, how far"),
    PublishedCheck("tinygrad, test_optim.py", tinygrad, "how many elements differ, how far"),
    PublishedCheck("optax, alias_test.py", optax, "how many elements differ, how far"),
    PublishedCheck("JAX, optimizers_test.py", jax, "a loss that is not below 0.01"),
    PublishedCheck("PyTorch, test_optim.py", pytorch, "a loss that is not below the first"),
)
