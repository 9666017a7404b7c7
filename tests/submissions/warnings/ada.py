import warnings

import numpy as np

warnings.warn('careful')
np.seterr(all='raise')
@adam_step@
