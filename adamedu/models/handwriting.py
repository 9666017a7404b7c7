"""Real data: handwritten digits as numbers, and as sparse features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adamedu.core.errors import ArgumentError, is_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLACK = 16
"""The darkest gray level of the digits; white is 0."""


class Digits(NamedTuple):
    """Pictures of handwritten digits, and which digit each of them is.

    Attributes
    ----------
    images : ndarray of int, shape (n, 8, 8)
        Gray levels, 0 to 16.
    labels : ndarray of int, shape (n,)
        0 to 9.
    """

    images: NDArray[np.int_]
    labels: NDArray[np.int_]


def read_digits() -> Digits:
    """Read the digits that come with scikit-learn, in their order there.

    Source: Alpaydin & Kaynak (1998), "Optical recognition of handwritten digits", UCI Machine
    Learning Repository; the part that scikit-learn bundles.

    >>> images, labels = read_digits()
    >>> images.shape, labels[:5]
    ((1797, 8, 8), array([0, 1, 2, 3, 4]))
    """
    from sklearn.datasets import load_digits

    bundled = load_digits()
    return Digits(bundled.images.astype(int), bundled.target.astype(int))


def one_hot(images: NDArray[np.int_], *, side: int = 1, grays: int = BLACK + 1) -> NDArray[Any]:
    """Turn pictures into sparse features: one for each place and each thing that may be seen there.

    A picture is cut into squares. For each square and each pattern of gray levels there is one
    feature, which is 1 where the square shows that pattern, and 0 elsewhere.

    Parameters
    ----------
    images : ndarray of int, shape (n, height, width)
        Gray levels, 0 to 16.
    side : int, optional
        The squares' side in pixels; it divides the height and the width.
    grays : int, optional
        How many gray levels are told apart, 1 to 17.

    Returns
    -------
    ndarray of float, shape (n, squares * grays**side**2)
        Each row has one 1 for each square.

    Raises
    ------
    ArgumentError
        When the squares don't fit the pictures, or the gray levels don't fit 0 to 16.

    Examples
    --------
    >>> one_hot(np.array([[[0, 16]]]), grays=2)
    array([[1., 0., 0., 1.]])
    """
    n, height, width = images.shape
    if not is_whole(side, 1) or height % side or width % side:
        raise ArgumentError(f"squares of {side} pixels don't cut up {height} x {width} pixels")
    if not is_whole(grays, 1, BLACK + 1):
        raise ArgumentError(f"there are 1 to {BLACK + 1} gray levels to tell apart, not {grays}")
    if images.size and not 0 <= images.min() <= images.max() <= BLACK:
        raise ArgumentError(f"gray levels are 0 to {BLACK}, not {images.min()} to {images.max()}")
    squares = images.reshape(n, height // side, side, width // side, side).swapaxes(2, 3)
    coarse = (squares * grays // (BLACK + 1)).reshape(n, -1, side**2)
    patterns = coarse @ grays ** np.arange(side**2)
    features = patterns[..., None] == np.arange(grays**side**2)
    return np.asarray(features.reshape(n, -1), float)
