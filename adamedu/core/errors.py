"""The course's own errors: a sentence that says what to write instead.

In a notebook that sentence is all that is shown, without the lines of code that led to it; they
come with ``%tb`` in the next cell. What a learner's own function raises is shown as ever.
"""

from __future__ import annotations

import difflib
import math
import sys
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable


class LearnerError(Exception):
    """What all of the course's errors are; the message is for whoever wrote the call.

    Examples
    --------
    >>> from adamedu import descend, gd, surfaces
    >>> try:
    ...     descend(gd, surfaces.ravine, lrr=0.5)
    ... except LearnerError as error:
    ...     print(error)
    gd has no hyperparameter 'lrr'; it has lr. Did you mean lr?
    """

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows: one line as it happens, and everything for ``%tb``."""
        shell: Any = running_shell()
        if shell is None or sys.exc_info()[1] is self:
            return [self._line()]
        found: list[str] = shell.InteractiveTB.structured_traceback(
            type(self), self, self.__traceback__
        )
        return found

    def _line(self) -> str:
        return f"{type(self).__name__}: {self}"


class Notice(LearnerError):  # noqa: N818  (it isn't an error of anyone's code)
    """What stops a cell although nothing in it is wrong; its sentence stands alone."""

    def _line(self) -> str:
        return str(self)


class ArgumentError(LearnerError, ValueError):
    """An argument that makes no sense, or doesn't fit the others."""


class UnknownNameError(LearnerError, LookupError):
    """A name that the course doesn't have; the message says what it has."""


class UnknownAttributeError(LearnerError, AttributeError):
    """An attribute that isn't there; the message says what is."""


def running_shell() -> Any:
    """Return the IPython that runs this code, or None; it isn't imported for that."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant, if there is one.

    >>> nearest("beta_1", ["lr", "beta1", "beta2"]), nearest("rho", ["lr"])
    ('beta1', None)
    """
    return next(iter(difflib.get_close_matches(str(name), list(known), 1)), None)


def there_is(name: object, known: Iterable[str], start: str = "there is") -> str:
    """Say which names there are, and which of them was probably meant.

    >>> there_is("beta_1", ["lr", "beta1"], "it has")
    'it has lr, beta1. Did you mean beta1?'
    >>> there_is("x", [])
    'there is none'
    """
    names = list(known)
    near = nearest(name, names)
    return f"{start} {', '.join(names) or 'none'}" + (f". Did you mean {near}?" if near else "")


def is_whole(value: object, low: int = 0, high: float = math.inf) -> TypeGuard[int]:
    """Whether a value is a whole number of a range.

    >>> is_whole(3), is_whole(-1), is_whole(1.5), is_whole(True), is_whole(9, 1, 8)
    (True, False, False, False, False)
    """
    is_number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_number and low <= value <= high  # type: ignore[operator]
