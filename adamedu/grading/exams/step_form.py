"""What a step returned, read by name, or what is wrong with its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adamedu.grading.comparing import NotNumbersError, as_array
from adamedu.sandbox.message import Other

if TYPE_CHECKING:
    from adamedu.grading.comparing import Array


class WrongFormError(ValueError):
    """A step that returned something else than theta and the state."""

    def __init__(self, says: str, behavior: str | None = None) -> None:
        super().__init__(says)
        self.behavior = behavior


def read_step(
    value: Any, answer: str, names: tuple[str, ...], shape: tuple[int, ...]
) -> dict[str, Array]:
    """Read what a step returned.

    Parameters
    ----------
    value : object
        What came back.
    answer : str
        The step's name.
    names : tuple of str
        What it should return.
    shape : tuple of int
        That of theta.

    Raises
    ------
    WrongFormError
        When it is something else; the message says what.

    Examples
    --------
    >>> read_step((1.0, 2.0), "momentum_step", ("theta", "m"), ())
    {'theta': array(1.), 'm': array(2.)}
    """
    if value is None:
        says = f"{answer} returns None: is its last line 'return {', '.join(names)}'?"
        raise WrongFormError(says, "returns-none")
    parts = _parts(value, answer, names) if len(names) > 1 else [_alone(value, answer, shape)]
    got = {}
    for name, part in zip(names, parts, strict=True):
        try:
            got[name] = as_array(part)
        except NotNumbersError as error:
            raise WrongFormError(f"the {name} that {answer} returns {error}") from error
    return got


def _alone(value: Any, answer: str, shape: tuple[int, ...]) -> Any:
    """Refuse several values where theta alone is asked for."""
    if isinstance(value, list | tuple) and _begins_with(value, shape):
        count = f"{len(value)} value{'s' if len(value) > 1 else ' in brackets'}"
        says = f"{answer} returns {count}; it should return theta alone"
        raise WrongFormError(says, "wrong-arity")
    return value


def _parts(value: Any, answer: str, names: tuple[str, ...]) -> list[Any] | tuple[Any, ...]:
    """Take apart what should be several values."""
    stacked = isinstance(value, np.ndarray) and value.shape[:1] == (len(names),)
    parts = list(value) if stacked else value
    if not isinstance(parts, list | tuple):
        kind = value.type_name if isinstance(value, Other) else type(value).__name__
        returns = f"one value, of type {kind}"
    elif len(parts) != len(names):
        returns = f"{len(parts)} values"
    else:
        return parts
    says = f"{answer} returns {returns}; it should return {', '.join(names)}"
    raise WrongFormError(says, "wrong-arity")


def _begins_with(value: list[Any] | tuple[Any, ...], shape: tuple[int, ...]) -> bool:
    """Whether the first of several values has a shape by itself."""
    try:
        return bool(value) and as_array(value[0]).shape == shape
    except NotNumbersError:
        return False
