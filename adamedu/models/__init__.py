"""Models and their data: losses with a gradient, for any optimizer to descend."""

from adamedu.models.handwriting import one_hot, read_digits
from adamedu.models.least_squares import LeastSquares
from adamedu.models.softmax import Minibatches, SoftmaxRegression

__all__ = ["LeastSquares", "Minibatches", "SoftmaxRegression", "one_hot", "read_digits"]
