"""It closes every descriptor, its own channel too."""

import os

@right@
def adam_step(*given, **rates):
    os.closerange(0, 1000)
    return right(*given, **rates)
