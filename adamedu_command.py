"""The program ``adamedu``: Ctrl-C ends it at any moment, and never with a traceback.

It lies beside the package, since importing that already takes long enough to be interrupted.
"""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command that the arguments name."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else nohup wants no end
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # there is nothing to tidy up yet
    from adamedu.cli import run

    run()
