"""Right answers as learners write them: many forms of the same steps, none of them the grader's.

`FORMS` has forms by task; `WRAPPERS` dress any right function up in another way.
"""

ADAM = {
    "interpolating": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g * g - v)
    return theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "fused, with eps rescaled": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    root = np.sqrt(1 - beta2**t)
    alpha = lr * root / (1 - beta1**t)
    return theta - alpha * m / (np.sqrt(v) + eps * root), m, v
""",
    "in place, on copies": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    theta, m, v = (np.array(x, copy=True) for x in (theta, m, v))
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g**2
    theta -= lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, m, v
""",
    "in place, on copies of floats": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    theta, m, v = np.array(theta, float), np.array(m, float), np.array(v, float)
    m += (1 - beta1) * (g - m)
    v += (1 - beta2) * (np.square(g) - v)
    theta -= lr * m / (1 - beta1**t) / (eps + (v / (1 - beta2**t)) ** 0.5)
    return theta, m, v
""",
    "one element after the other": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    shape = np.shape(theta)
    theta, g, m, v = (np.array(x, dtype=float).ravel() for x in (theta, g, m, v))
    for i in range(len(theta)):
        m[i] = beta1 * m[i] + (1 - beta1) * g[i]
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] ** 2
        m_hat = m[i] / (1 - beta1**t)
        v_hat = v[i] / (1 - beta2**t)
        theta[i] = theta[i] - lr * m_hat / (math.sqrt(v_hat) + eps)
    return theta.reshape(shape), m.reshape(shape), v.reshape(shape)
""",
    "np.nditer": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    out = [np.empty(np.shape(theta)) for _ in range(3)]
    rows = np.nditer([theta, g, m, v, *out], op_flags=[["readonly"]] * 4 + [["writeonly"]] * 3,
                     op_dtypes=[float] * 7, casting="same_kind", flags=["buffered"])
    with rows:
        for a, b, c, d, x, y, z in rows:
            y[...] = beta1 * c + (1 - beta1) * b
            z[...] = beta2 * d + (1 - beta2) * b**2
            x[...] = a - lr * (y / (1 - beta1**t)) / (math.sqrt(z / (1 - beta2**t)) + eps)
    return tuple(out)
""",
    "np.vectorize": """
def one(theta, g, t, m, v, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * m / (1 - beta1**t) / (math.sqrt(v / (1 - beta2**t)) + eps), m, v

many = np.vectorize(one, otypes=[float, float, float])

def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    return many(theta, g, t, m, v, lr, beta1, beta2, eps)
""",
    "helper functions": """
def average(old, new, decay):
    return decay * old + (1 - decay) * new

def corrected(x, decay, t):
    return x / (1 - decay**t)

def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m, v = average(m, g, beta1), average(v, g**2, beta2)
    return theta - lr * corrected(m, beta1, t) / (np.sqrt(corrected(v, beta2, t)) + eps), m, v
""",
    "a function inside": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    def average(old, new, decay):
        return decay * old + (1 - decay) * new
    m = average(m, g, beta1)
    v = average(v, g * g, beta2)
    return theta - (lr / (1 - beta1**t)) * m / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "ufuncs": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = np.add(np.multiply(beta1, m), np.multiply(1 - beta1, g))
    v = np.add(np.multiply(beta2, v), np.multiply(1 - beta2, np.square(g)))
    m_hat = np.divide(m, 1 - np.power(beta1, t))
    v_hat = np.true_divide(v, 1 - np.power(beta2, t))
    return np.subtract(theta, np.divide(lr * m_hat, np.add(np.sqrt(v_hat), eps))), m, v
""",
    "ufuncs with out=": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    theta, g = np.asarray(theta, float), np.asarray(g, float)
    m_new, v_new, step = np.empty_like(theta), np.empty_like(theta), np.empty_like(theta)
    np.multiply(m, beta1, out=m_new)
    np.add(m_new, (1 - beta1) * g, out=m_new)
    np.multiply(v, beta2, out=v_new)
    np.add(v_new, (1 - beta2) * g * g, out=v_new)
    np.divide(v_new, 1 - beta2**t, out=step)
    np.sqrt(step, out=step)
    np.add(step, eps, out=step)
    np.divide(m_new / (1 - beta1**t), step, out=step)
    return theta - lr * step, m_new, v_new
""",
    "einsum": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = np.einsum("i,i...->...", [beta1, 1 - beta1], np.stack([m, g]))
    v = np.einsum("i,i...->...", [beta2, 1 - beta2], np.stack([v, np.multiply(g, g)]))
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "tensordot": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = np.tensordot([beta1, 1 - beta1], np.array([m, g]), axes=1)
    v = np.tensordot([beta2, 1 - beta2], np.array([v, np.array(g) ** 2]), axes=1)
    return theta - lr / (1 - beta1**t) * m / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "np.average": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = np.average([m, g], axis=0, weights=[beta1, 1 - beta1])
    v = np.average([v, np.square(g)], axis=0, weights=[beta2, 1 - beta2])
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "dtype kept": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    kind = np.asarray(theta).dtype if np.asarray(theta).dtype.kind == "f" else float
    m = (beta1 * np.asarray(m) + (1 - beta1) * np.asarray(g)).astype(kind)
    v = (beta2 * np.asarray(v) + (1 - beta2) * np.asarray(g) ** 2).astype(kind)
    step = lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return (theta - step).astype(kind), m, v
""",
    "everything in double precision": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    theta, g, m, v = (np.asarray(x, dtype=np.float64) for x in (theta, g, m, v))
    m = np.float64(beta1) * m + np.float64(1 - beta1) * g
    v = np.float64(beta2) * v + np.float64(1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "whole numbers refused": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    if np.asarray(theta).dtype.kind != "f":
        raise TypeError("the parameters should be floats")
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "powers by logarithms": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - math.exp(t * math.log(beta1)))
    v_hat = v / (1 - np.exp(t * np.log(beta2)))
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v
""",
    "powers by products": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    b1 = b2 = 1.0
    for _ in range(t):
        b1 *= beta1
        b2 *= beta2
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - b1)) / (np.sqrt(v / (1 - b2)) + eps), m, v
""",
    "the sum of the weights": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    weight1 = sum((1 - beta1) * beta1**k for k in range(t))
    weight2 = np.sum((1 - beta2) * beta2 ** np.arange(t))
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / weight1) / (np.sqrt(v / weight2) + eps), m, v
""",
    "math.expm1": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = beta1 * m - np.expm1(np.log(beta1)) * g
    v = beta2 * v - np.expm1(np.log(beta2)) * g**2
    m_hat = m / -np.expm1(t * np.log(beta1))
    v_hat = v / -np.expm1(t * np.log(beta2))
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v
""",
    "the reciprocal root": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    scale = 1.0 / (np.sqrt(v) / math.sqrt(1 - beta2**t) + eps)
    return theta - scale * lr / (1 - beta1**t) * m, m, v
""",
    "a power of one half": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * pow(g, 2)
    m_hat, v_hat = m / (1 - pow(beta1, t)), v / (1 - pow(beta2, t))
    return theta - lr * m_hat / (v_hat**0.5 + eps), m, v
""",
    "np.hypot": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    root = np.hypot(np.sqrt(beta2 * v), np.sqrt(1 - beta2) * g)
    m = beta1 * m + (1 - beta1) * g
    return theta - lr * m / (1 - beta1**t) / (root / np.sqrt(1 - beta2**t) + eps), m, root**2
""",
    "signs and sizes apart": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * np.sign(g) * np.abs(g)
    v = beta2 * v + (1 - beta2) * np.abs(g) ** 2
    step = np.abs(m) / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta + -lr * np.where(m < 0, -step, step), m, v
""",
    "lists": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    m = beta1 * np.array(m) + (1 - beta1) * np.array(g)
    v = beta2 * np.array(v) + (1 - beta2) * np.array(g) ** 2
    theta = theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return [theta.tolist(), m.tolist(), v.tolist()]
""",
    "list comprehensions": """
def nested(function, *lists):
    if not isinstance(lists[0], list):
        return function(*lists)
    return [nested(function, *items) for items in zip(*lists)]

def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    theta, g, m, v = (np.asarray(x).tolist() for x in (theta, g, m, v))
    m = nested(lambda m, g: beta1 * m + (1 - beta1) * g, m, g)
    v = nested(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, g)
    step = lambda x, m, v: x - lr * m / (1 - beta1**t) / (math.sqrt(v / (1 - beta2**t)) + eps)
    return nested(step, theta, m, v), m, v
""",
    "exact fractions": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    b1, b2 = Fraction(beta1), Fraction(beta2)
    c1, c2 = float(1 - b1**t), float(1 - b2**t)
    m = beta1 * m + float(1 - b1) * g
    v = beta2 * v + float(1 - b2) * g**2
    return theta - lr * (m / c1) / (np.sqrt(v / c2) + eps), m, v
""",
    "its own defaults": """
def adam_step(theta, g, t, m, v, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "walrus": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    return (
        theta - lr * ((m := beta1 * m + (1 - beta1) * g) / (1 - beta1**t))
        / (np.sqrt((v := beta2 * v + (1 - beta2) * g**2) / (1 - beta2**t)) + eps),
        m,
        v,
    )
""",
    "lambda": """
average = lambda old, new, decay: decay * old + (1 - decay) * new
move = lambda theta, t, m, v, lr, beta1, beta2, eps: (
    theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
)
adam_step = lambda theta, g, t, m, v, *, lr, beta1, beta2, eps: move(
    theta, t, average(m, g, beta1), average(v, g**2, beta2), lr, beta1, beta2, eps
)
""",
    "keyword dictionary": """
def adam_step(theta, g, t, *state, **h):
    m, v = state
    m = h["beta1"] * m + (1 - h["beta1"]) * g
    v = h["beta2"] * v + (1 - h["beta2"]) * g**2
    hats = [x / (1 - h[b] ** t) for x, b in ((m, "beta1"), (v, "beta2"))]
    return theta - h["lr"] * hats[0] / (np.sqrt(hats[1]) + h["eps"]), m, v
""",
    "other names": """
def adam_step(w, grad, step, first, second, *, lr, beta1, beta2, eps):
    first = beta1 * first + (1 - beta1) * grad
    second = beta2 * second + (1 - beta2) * grad**2
    root = np.sqrt(second / (1 - beta2**step))
    return w - lr * first / (1 - beta1**step) / (root + eps), first, second
""",
    "more than asked": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps, weight_decay=0.0, verbose=False):
    g = g + weight_decay * theta
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    print("t =", t, "m =", m, "v =", v)
    assert np.all(np.asarray(v) >= 0), "a mean of squares"
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "warnings and settings of its own": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    warnings.warn("learning rates are hard", stacklevel=2)
    with np.errstate(all="raise"):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
    "arguments made read-only": """
def adam_step(theta, g, t, m, v, *, lr, beta1, beta2, eps):
    for x in (theta, g, m, v):
        if isinstance(x, np.ndarray):
            x.setflags(write=False)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v
""",
}

MOMENTUM = {
    "interpolating": """
def momentum_step(theta, g, t, m, *, lr, beta):
    m = m + (1 - beta) * (g - m)
    return theta - lr * m, m
""",
    "interpolating from the gradient": """
def momentum_step(theta, g, t, m, *, lr, beta):
    m = g + beta * (m - g)
    return theta - lr * m, m
""",
    "the velocity scaled by the rate": """
def momentum_step(theta, g, t, m, *, lr, beta):
    velocity = beta * (lr * m) + lr * (1 - beta) * g
    return theta - velocity, velocity / lr
""",
    "the heavy ball's velocity": """
def momentum_step(theta, g, t, m, *, lr, beta):
    ball = beta * (m / (1 - beta)) + g
    return theta - lr * (1 - beta) * ball, (1 - beta) * ball
""",
    "np.interp": """
def momentum_step(theta, g, t, m, *, lr, beta):
    m = np.vectorize(lambda a, b: np.interp(beta, [0, 1], [b, a]), otypes=[float])(m, g)
    return theta - lr * m, m
""",
    "matrix product": """
def momentum_step(theta, g, t, m, *, lr, beta):
    shape = np.shape(theta)
    rows = np.array([np.ravel(x) for x in (theta, m, g)], dtype=float)
    mixing = np.array([[1, -lr * beta, -lr * (1 - beta)], [0, beta, 1 - beta]])
    theta, m = mixing @ rows
    return theta.reshape(shape), m.reshape(shape)
""",
}

ADAGRAD = {
    "squares by np.square": """
def adagrad_step(theta, g, t, v, *, lr, eps):
    v = v + np.square(g)
    return theta - lr * g / (np.sqrt(v) + eps), v
""",
    "a rate for each coordinate": """
def adagrad_step(theta, g, t, v, *, lr, eps):
    v = v + abs(g) ** 2
    rate = lr / (eps + v**0.5)
    return theta - rate * g, v
""",
    "np.hypot": """
def adagrad_step(theta, g, t, v, *, lr, eps):
    root = np.hypot(np.sqrt(v), g)
    return theta - lr * (g / (root + eps)), root * root
""",
    "a stacked sum": """
def adagrad_step(theta, g, t, v, *, lr, eps):
    v = np.sum([v, np.multiply(g, g)], axis=0)
    return np.array(theta) - np.array(g) * lr / (np.sqrt(v) + eps), v
""",
}

RMSPROP = {
    "interpolating": """
def rmsprop_step(theta, g, t, v, *, lr, rho, eps):
    v = v - (1 - rho) * (v - g * g)
    return theta - lr * g / (np.sqrt(v) + eps), v
""",
    "the root kept apart": """
def rmsprop_step(theta, g, t, v, *, lr, rho, eps):
    mean_square = rho * v + (1 - rho) * g**2
    rms = np.sqrt(mean_square)
    return theta - lr * np.divide(g, rms + eps), mean_square
""",
    "an element at a time": """
def rmsprop_step(theta, g, t, v, *, lr, rho, eps):
    new = [np.array(theta, dtype=float), np.array(v, dtype=float)]
    for index in np.ndindex(np.shape(theta)):
        one = np.asarray(g)[index]
        new[1][index] = rho * np.asarray(v)[index] + (1 - rho) * one**2
        new[0][index] -= lr * one / (math.sqrt(new[1][index]) + eps)
    return new[0], new[1]
""",
    "np.linalg.norm": """
def rmsprop_step(theta, g, t, v, *, lr, rho, eps):
    rms = np.linalg.norm([np.sqrt(rho * np.asarray(v)), math.sqrt(1 - rho) * np.asarray(g)], axis=0)
    return theta - lr * g / (rms + eps), rms**2
""",
}

FORMS = {
    "adam.step": ADAM,
    "momentum.step": MOMENTUM,
    "adagrad.step": ADAGRAD,
    "rmsprop.step": RMSPROP,
}

HEAD = """
import functools
import math
import warnings
from fractions import Fraction

import numpy as np
from numpy import maximum, sqrt
"""

WRAPPERS = {
    "as in the lesson": "{name} = {name}",
    "a closure": """
def make(function):
    calls = []
    def step(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)
    return step
{name} = make({name})
""",
    "an object that can be called": """
class Step:
    def __init__(self, function):
        self.function = function
    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)
{name} = Step({name})
""",
    "a partial": """
def scaled(function, scale, theta, *rest, **hyperparameters):
    return function(theta, *rest, **hyperparameters)
{name} = functools.partial(scaled, {name}, 1.0)
""",
    "a method": """
class Optimizer:
    def __init__(self, function):
        self.function = function
    def step(self, theta, g, t, *state, **hyperparameters):
        return self.function(theta, g, t, *state, **hyperparameters)
{name} = Optimizer({name}).step
""",
    "a class method": """
class Optimizer:
    inner = staticmethod({name})
    @classmethod
    def step(cls, *args, **kwargs):
        return cls.inner(*args, **kwargs)
{name} = Optimizer.step
""",
    "a decorator": """
def checked(function):
    @functools.wraps(function)
    def step(theta, g, t, *state, **hyperparameters):
        assert t >= 1 and np.shape(theta) == np.shape(g)
        return function(theta, g, t, *state, **hyperparameters)
    return step
{name} = checked({name})
""",
    "a list": """
inner = {name}
def {name}(*args, **kwargs):
    return list(inner(*args, **kwargs))
""",
    "lists of numbers": """
inner = {name}
def {name}(*args, **kwargs):
    return [np.asarray(x).tolist() for x in inner(*args, **kwargs)]
""",
    "scalars of NumPy": """
inner = {name}
def {name}(theta, *args, **kwargs):
    return tuple(x if np.ndim(x) else np.float64(x) for x in inner(theta, *args, **kwargs))
""",
    "arrays without axes": """
inner = {name}
def {name}(*args, **kwargs):
    return tuple(np.array(x) for x in inner(*args, **kwargs))
""",
    "a namedtuple": """
import collections
inner = {name}
def {name}(*args, **kwargs):
    result = inner(*args, **kwargs)
    Result = collections.namedtuple("Result", "a b c d".split()[: len(result)])
    return Result(*result)
""",
    "one array of all": """
inner = {name}
def {name}(*args, **kwargs):
    return np.array(inner(*args, **kwargs))
""",
    "in Fortran's order": """
inner = {name}
def {name}(*args, **kwargs):
    return tuple(np.asfortranarray(x) if np.ndim(x) else x for x in inner(*args, **kwargs))
""",
    "on copies": """
inner = {name}
def {name}(theta, g, t, *state, **hyperparameters):
    theta, g, *state = (np.copy(x) for x in (theta, g, *state))
    return inner(theta, g, t, *state, **hyperparameters)
""",
    "twice, for luck": """
inner = {name}
def {name}(*args, **kwargs):
    inner(*args, **kwargs)
    return inner(*args, **kwargs)
""",
}
