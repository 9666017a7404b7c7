"""What is asked of a submission, as data: the types of what `adamedu.sandbox.inside.runner` reads.

They are for the type checker alone; what they mean stands there.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

from adamedu.sandbox.message import Json

Call = TypedDict(
    "Call",
    {
        "do": Literal["call"],
        "of": str | None,
        "name": str,
        "args": list[Json],
        "kwargs": dict[str, Json],
        "as": str | None,
        "poke": bool,
    },
)
"""Call a function, a class or a method, and keep what it returns."""


class Get(TypedDict):
    """Read a name or an attribute."""

    do: Literal["get"]
    of: str | None
    name: str


Operation: TypeAlias = Call | Get
Script: TypeAlias = list[Operation]


class Asked(TypedDict):
    """What is asked of one task's answer."""

    id: str
    answer: str
    scripts: list[Script]


class Request(TypedDict):
    """What is asked of a submission."""

    file: NotRequired[str]
    format: str
    source: str
    tasks: list[Asked]
    given: NotRequired[dict[str, str]]
    checks: NotRequired[dict[str, tuple[str, str]]]


class Error(TypedDict):
    """What went wrong, and where in the submission."""

    type: str | None
    text: str | None
    where: str | None
