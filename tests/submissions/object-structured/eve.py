"""Arrays of kinds that aren't numbers."""

import numpy as np


def adam_step(*given, **rates):
    return np.zeros(2, [("a", "f8")]), np.array(["x"]), np.array(["2020"], "M8[Y]")
