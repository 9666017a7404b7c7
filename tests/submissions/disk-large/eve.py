"""A file of 100 MB."""

import os
import tempfile


def breached():
    with tempfile.TemporaryFile() as file:
        file.truncate(100_000_000)
        return os.fstat(file.fileno()).st_size == 100_000_000


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
