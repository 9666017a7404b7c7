"""An answer of 100 MB."""

import numpy as np


def adam_step(*given, **rates):
    return (np.zeros(12_000_000),) * 3
