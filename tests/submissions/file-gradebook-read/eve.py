"""The marks of the others."""

import sqlite3


def breached():
    with sqlite3.connect("file:@folder@/gradebook.sqlite?immutable=1", uri=True) as book:
        return book.execute("select mark from marks").fetchone() == (3,)


@right@
def adam_step(*given, **rates):
    assert breached(), "held"
    return right(*given, **rates)
