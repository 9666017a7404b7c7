"""A thread that goes on when the answer has been given."""

import threading


def breached():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
