"""What all kinds of task share: an exam asks with scripts, and judges what comes back."""

from __future__ import annotations

import functools
import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from adamedu.content.tasks import Task
from adamedu.sandbox.message import MessageError, decode, encode
from adamedu.sandbox.outside.sandbox import read_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from adamedu.content.mistakes import Mistake as Known
    from adamedu.sandbox.request import Call, Error, Operation, Script

T = TypeVar("T", bound=Task)

REMARK: Final = "a remark, without loss of points"
"""How a fact begins that costs nothing."""


@dataclass(frozen=True)
class Mistake:
    """A mistake that was recognized, or a convention, and whose that is."""

    id: str
    kind: str
    says: str
    whose: str | None = None


@dataclass
class Verdict:
    """What an exam makes of the replies.

    Attributes
    ----------
    passed : set of str
        The ids of the checks that passed.
    facts : list of str
        What is wrong, each a sentence that is true.
    mistakes : list of Mistake
        What was recognized.
    open : set of str
        The ids of checks that can't be judged before others pass.
    trouble : str or None
        ``"error"`` when the answer could not be asked, ``"missing"`` when it is still blank.
    hint : str or None
        A hint that fits better than the task's first one.
    """

    passed: set[str] = field(default_factory=set)
    facts: list[str] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    trouble: str | None = None
    hint: str | None = None


def with_mistakes(verdict: Verdict, known: Iterable[Known | None]) -> Verdict:
    """Add recognized mistakes to a verdict, with a hint of the first one's; the points stay.

    Who follows another convention made no mistake to look for: the hint says how it is here.
    """
    rows = {row.id: row for row in known if row is not None}
    verdict.mistakes += [Mistake(row.id, row.kind, row.says, row.whose) for row in rows.values()]
    if rows and verdict.hint is None:
        first = next(iter(rows.values()))
        verdict.hint = first.hints[0 if first.whose is None else -1]
    return verdict


@dataclass(frozen=True)
class Reply:
    """One operation's reply, read.

    Attributes
    ----------
    value : object
        What came back.
    arguments : tuple
        What had gone in, as it was after the call; empty where it is untouched.
    aliased : bool
        Whether what came back shares memory with what had gone in.
    error : dict or None
        What went wrong.
    untouched : bool
        Whether what had gone in is the same afterwards to the last bit.
    """

    value: Any = None
    arguments: tuple[Any, ...] = ()
    aliased: bool = False
    error: Error | None = None
    untouched: bool = False


class Exam(ABC, Generic[T]):
    """The questions for one task and one seed, and their judgment."""

    def __init__(self, task: T, seed: int) -> None:
        self.task = task
        self.seed = seed

    @functools.cached_property
    def asked(self) -> list[Script]:
        """The scripts, written once."""
        return self.scripts()

    @abstractmethod
    def scripts(self) -> list[Script]:
        """Write what to run on the untrusted side."""

    @abstractmethod
    def judge(self, replies: list[list[Reply]]) -> Verdict:
        """Judge what came back, script by script; a script that was not reached is empty."""


class DataExam(Exam[T]):
    """An exam whose answer is data under a name: numbers, a choice."""

    def scripts(self) -> list[Script]:
        """Ask for the value of the answer."""
        return [[{"do": "get", "of": None, "name": self.task.answer}]]

    def judge(self, replies: list[list[Reply]]) -> Verdict:
        """Judge the value, or say why there is none."""
        reply = replies[0][0] if replies and replies[0] else Reply(error=read_error(None))
        if reply.error is not None:
            return Verdict(facts=[error_fact(reply.error)], trouble="error")
        if is_blank(reply.value):
            return Verdict(facts=[f"{self.task.answer} is still blank"], trouble="missing")
        return self.judge_value(reply.value)

    @abstractmethod
    def judge_value(self, value: Any) -> Verdict:
        """Judge a value that isn't blank."""


def call(  # noqa: PLR0913  (an operation has as many parts)
    name: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    of: str | None = None,
    save: str | None = None,
    poke: bool = False,
) -> Call:
    """Write the operation that calls a function, a class or a method."""
    return {
        "do": "call",
        "of": of,
        "name": name,
        "args": [encode(arg) for arg in args],
        "kwargs": {key: encode(value) for key, value in (kwargs or {}).items()},
        "as": save,
        "poke": poke,
    }


def read_replies(found: object, scripts: Sequence[Script]) -> list[list[Reply]]:
    """Read the replies to a task's scripts, trusting nothing; what can't be read is an error."""
    given = found if isinstance(found, list) else []
    read = [_read_one(one, script) for one, script in zip(given, scripts, strict=False)]
    return read + [[] for _ in range(len(scripts) - len(read))]


def _read_one(found: object, script: Script) -> list[Reply]:
    replies = found if isinstance(found, list) else []
    return [_reply(*pair) for pair in itertools.zip_longest(replies, script[: len(replies)])]


def _reply(data: object, operation: Operation | None) -> Reply:
    if not isinstance(data, dict):
        return Reply(error=read_error(None))
    if "error" in data:
        return Reply(error=read_error(data["error"]))
    try:
        arguments = data.get("args", [])
        untouched = operation is not None and arguments == operation.get("args")
        read = isinstance(arguments, list) and not untouched
        after = tuple(decode(item) for item in arguments) if read else ()
        aliased = data.get("aliased") is True
        return Reply(decode(data.get("value")), after, aliased, untouched=untouched)
    except (MessageError, TypeError, ValueError, OverflowError, RecursionError) as error:
        return Reply(error={"type": "Answer", "text": str(error)[:200], "where": None})


def error_fact(error: Error) -> str:
    """Say an error as the author of the code would want to read it."""
    where = f" ({error['where']})" if error["where"] else ""
    if error["type"] == "OutOfTime":
        return f"it took too long and {error['text']}{where}: is there a loop that never ends?"
    if error["type"] is None:
        return "it gave no answer"
    if error["type"] == "NotImplementedError" and not error["text"]:
        return f"a part that it needs is still blank{where}"
    said = (error["text"] or "").partition(", with gufunc signature")[0]  # means nothing to anyone
    text = f": {said}" if said else ""
    return f"{error['type']}{text}{where}"


def is_blank(value: object) -> bool:
    """Whether an answer is as it was handed out: ``None``, or a list of nothing else."""
    if isinstance(value, list | tuple) and value:
        return all(is_blank(item) for item in value)
    return value is None
