"""START HERE: the ladder, from gradient descent to Adam and four steps beyond.

Each rung is one step of one optimizer, written as in its paper; this is the only place where its
mathematics is spelled. Every rung says which line of the one above it changed.

All of them share one form: ``theta, g, t`` come first, then the state, then the hyperparameters by
name. ``theta`` and ``g`` are arrays of one shape and float dtype (or plain floats), every state has
that shape and starts at zero, and ``t`` counts the updates from 1. State comes in and goes out;
nothing is changed in place. ``lr`` is the step size that the papers call alpha or eta.
"""

from typing import Any

from numpy import maximum, sqrt

from adamedu.core.errors import UnknownNameError, there_is
from adamedu.core.recurrence import Recurrence, recurrence

__all__ = [  # noqa: RUF022  (the ladder, the plainest first)
    "gd",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "amsgrad",
    "adamw",
    "adamax",
    "nadam",
]


@recurrence
def gd(theta, g, t, *, lr=0.1):
    """Gradient descent: one step against the slope.

    Returns the new ``theta`` alone, for there is no state.

    Source: Cauchy (1847), "Méthode générale pour la résolution des systèmes d'équations
    simultanées".

    >>> gd(1.0, 2.0, 1, lr=0.25)
    0.5
    """
    theta = theta - lr * g
    return theta


@recurrence
def momentum(theta, g, t, m, *, lr=0.1, beta=0.9):
    """Momentum: `gd` with the gradient replaced by a moving average of all gradients so far.

    The average is weighted: the new gradient counts ``1 - beta``. The "heavy ball" form without
    that factor takes steps ``1 / (1 - beta)`` times as long, so PyTorch's SGD agrees at the rate
    ``lr * (1 - beta)``.

    Source: Polyak (1964), "Some methods of speeding up the convergence of iteration methods"; the
    moving-average form is the one of Kingma & Ba (2015).

    >>> momentum(1.0, 2.0, 1, 0.0, lr=0.5, beta=0.5)
    (0.5, 1.0)
    """
    m = beta * m + (1 - beta) * g
    theta = theta - lr * m
    return theta, m


@recurrence
def nesterov(theta, g, t, m, *, lr=0.1, beta=0.9):
    """Nesterov momentum: `momentum` that steps as if the average were already one update further.

    ``theta`` is the look-ahead point, and ``g`` is the gradient there: the form that most libraries
    use. It equals PyTorch's SGD with ``nesterov=True`` at the rate ``lr * (1 - beta)``.

    Source: Nesterov (1983), "A method of solving a convex programming problem with convergence rate
    O(1/k^2)"; in this form Sutskever et al. (2013) and Bengio et al. (2013).

    >>> nesterov(1.0, 2.0, 1, 0.0, lr=0.5, beta=0.5)
    (0.25, 1.0)
    """
    m = beta * m + (1 - beta) * g
    theta = theta - lr * (beta * m + (1 - beta) * g)
    return theta, m


@recurrence
def adagrad(theta, g, t, v, *, lr=0.01, eps=1e-8):
    """AdaGrad: `gd` with a step size of its own for each coordinate.

    ``v`` is the sum of all squared gradients. It only grows, so the effective rate
    ``lr / (sqrt(v) + eps)`` only falls. ``eps`` is outside the root, and ``v`` starts at 0 (Keras
    and optax start it at 0.1).

    Source: Duchi, Hazan & Singer (2011), "Adaptive subgradient methods for online learning and
    stochastic optimization", the diagonal form.

    >>> adagrad(1.0, 2.0, 1, 0.0, lr=0.5, eps=0.0) == (0.5, 4.0)
    True
    """
    v = v + g**2
    theta = theta - lr * g / (sqrt(v) + eps)
    return theta, v


@recurrence
def rmsprop(theta, g, t, v, *, lr=0.01, rho=0.9, eps=1e-8):
    """RMSProp: `adagrad` with the sum of squares replaced by a moving average, so that it forgets.

    ``eps`` is outside the root, as in PyTorch; there is no bias correction.

    Source: Tieleman & Hinton (2012), "Lecture 6.5: rmsprop", Neural Networks for Machine Learning.

    >>> rmsprop(1.0, 2.0, 1, 0.0, lr=0.5, rho=0.75, eps=0.0) == (0.0, 1.0)
    True
    """
    v = rho * v + (1 - rho) * g**2
    theta = theta - lr * g / (sqrt(v) + eps)
    return theta, v


@recurrence
def adam(theta, g, t, m, v, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam: the average of `momentum` over the root of `rmsprop`, both corrected for their start.

    ``m`` and ``v`` start at zero, so after ``t`` updates their weights sum to ``1 - beta**t``
    instead of 1; ``m_hat`` and ``v_hat`` divide by that sum. ``eps`` is outside the root, as in the
    paper's Algorithm 1.

    Source: Kingma & Ba (2015), "Adam: a method for stochastic optimization", arXiv 1412.6980.

    >>> theta, m, v = adam(1.0, 2.0, 1, 0.0, 0.0, lr=0.5, beta1=0.5, beta2=0.75, eps=0.0)
    >>> (theta, m, v) == (0.5, 1.0, 1.0)
    True
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (sqrt(v_hat) + eps)
    return theta, m, v


@recurrence
def amsgrad(theta, g, t, m, v, v_max, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """AMSGrad: `adam` divided by the root of the largest ``v`` so far, which never shrinks.

    The maximum is taken over ``v`` and then corrected, as in PyTorch; optax and Keras take other
    forms.

    Source: Reddi, Kale & Kumar (2018), "On the convergence of Adam and beyond", Algorithm 2, with
    the bias corrections of Adam.

    >>> theta, *state = amsgrad(1.0, 2.0, 1, 0.0, 0.0, 9.0, lr=0.5, beta1=0.5, beta2=0.75, eps=0.0)
    >>> [round(float(x), 4) for x in (theta, *state)]
    [0.8333, 1.0, 1.0, 9.0]
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    v_max = maximum(v_max, v)
    m_hat = m / (1 - beta1**t)
    v_hat = v_max / (1 - beta2**t)
    theta = theta - lr * m_hat / (sqrt(v_hat) + eps)
    return theta, m, v, v_max


@recurrence
def adamw(theta, g, t, m, v, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    """AdamW: `adam` that also shrinks every parameter by the same fraction, outside the root.

    The decay ``lr * weight_decay * theta`` is not divided by ``sqrt(v_hat)``; that is the
    difference from adding ``weight_decay * theta`` to the gradient (L2 regularization).

    Source: Loshchilov & Hutter (2019), "Decoupled weight decay regularization", Algorithm 2, with
    the decay scaled by ``lr`` as in PyTorch.

    >>> theta, m, v = adamw(1.0, 0.0, 1, 0.0, 0.0, lr=0.5, weight_decay=0.5)
    >>> float(theta)
    0.75
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * (m_hat / (sqrt(v_hat) + eps) + weight_decay * theta)
    return theta, m, v


@recurrence
def adamax(theta, g, t, m, u, *, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    """AdaMax: `adam` with the root of squares replaced by the largest size, which slowly fades.

    ``u`` is the size of the largest gradient so far, where each step back counts ``beta2`` times as
    much. It needs no correction: a maximum isn't drawn toward its start at zero. The paper has no
    ``eps``; it stands outside, as in Keras (PyTorch and optax add it to the gradient's size).

    Source: Kingma & Ba (2015), "Adam: a method for stochastic optimization", arXiv 1412.6980,
    section 7.1, Algorithm 2.

    >>> theta, m, u = adamax(1.0, -2.0, 1, 0.0, 0.0, lr=0.5, beta1=0.5, beta2=0.75, eps=0.0)
    >>> (theta, m, float(u)) == (1.5, -1.0, 2.0)
    True
    """
    m = beta1 * m + (1 - beta1) * g
    u = maximum(beta2 * u, abs(g))
    m_hat = m / (1 - beta1**t)
    theta = theta - lr * m_hat / (u + eps)
    return theta, m, u


@recurrence
def nadam(theta, g, t, m, v, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """NAdam: `adam` that steps as if its first average were already one update further.

    It is to Adam what `nesterov` is to `momentum`. The average that has looked ahead is corrected
    for ``t + 1`` updates, the gradient in it for ``t``. ``beta1`` stays as it is, as in optax;
    PyTorch lets it grow as training goes on.

    Source: Dozat (2016), "Incorporating Nesterov momentum into Adam", ICLR workshop, Algorithm 2.

    >>> theta, m, v = nadam(1.0, 2.0, 1, 0.0, 0.0, lr=0.5, beta1=0.5, beta2=0.75, eps=0.0)
    >>> [round(float(x), 4) for x in (theta, m, v)]
    [0.3333, 1.0, 1.0]
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (sqrt(v_hat) + eps)
    return theta, m, v


LADDER: tuple[Recurrence[..., Any], ...] = tuple(globals()[name] for name in __all__)
"""Every rung, the plainest first."""


def optimizer(name: str) -> Recurrence[..., Any]:
    """Find a rung of the ladder by its name.

    Raises
    ------
    UnknownNameError
        When there is none of that name; the message says which there are.

    Examples
    --------
    >>> optimizer("adam") is adam
    True
    """
    for rung in LADDER:
        if rung.name == name:
            return rung
    known = there_is(name, [rung.name for rung in LADDER], "there are")
    raise UnknownNameError(f"there is no optimizer {name!r}; {known}")
