"""Five thousand files."""

import os
import tempfile


def breached():
    with tempfile.TemporaryDirectory() as folder:
        for number in range(5000):
            open(os.path.join(folder, str(number)), "x").close()
    return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
