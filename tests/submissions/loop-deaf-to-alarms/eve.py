"""The alarm is switched off before the loop."""

import signal

signal.setitimer(signal.ITIMER_REAL, 0)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    pass


def adam_step():
    pass
