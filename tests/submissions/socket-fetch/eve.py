"""A page from the web."""

import urllib.error
import urllib.request


def breached():
    try:
        urllib.request.urlopen("http://127.0.0.1:@port@/", timeout=0.2)
    except TimeoutError:
        return True


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
