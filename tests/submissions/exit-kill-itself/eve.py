"""It sends itself a signal that kills."""

import os
import signal


def adam_step(*given, **rates):
    os.kill(os.getpid(), signal.SIGKILL)
