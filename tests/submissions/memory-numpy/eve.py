"""A giant array."""

import numpy as np


def breached():
    return np.zeros((20_000, 20_000)).shape == (20_000, 20_000)


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
