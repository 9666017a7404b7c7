"""It blocks every signal, then sleeps."""

import signal
import time


def adam_step(*given, **rates):
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    time.sleep(1000)
