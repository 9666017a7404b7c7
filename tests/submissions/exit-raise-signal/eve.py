"""It raises a signal of a fault."""

import signal


def adam_step(*given, **rates):
    signal.raise_signal(signal.SIGSEGV)
