"""A link of its own to what somebody else handed in."""

import os
import tempfile


def breached():
    link = os.path.join(tempfile.mkdtemp(), "link")
    os.symlink("@folder@/bea.py", link)
    return open(link).read() == "@secret@"


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
