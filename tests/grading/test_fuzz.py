"""Whatever comes back from the untrusted side, whatever is handed in: the grader says something.

Garbage is random, or an honest reply or notebook with a few of its parts replaced: that reaches
deeper.
"""

from __future__ import annotations

import copy
import functools
import json
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adamedu.content.catalogue import exercise
from adamedu.grading.grader import Job, Settings, perform, prepare
from adamedu.grading.judge import exams_for
from adamedu.grading.probes import seed_for
from adamedu.grading.report import schema, written
from adamedu.grading.submissions import find
from adamedu.sandbox.inside.notebook import cells
from adamedu.sandbox.inside.runner import load, perform_all
from adamedu.sandbox.outside.levels import guarantees
from adamedu.sandbox.outside.replies import CHUNK, Reader
from adamedu.sandbox.outside.sandbox import Sandbox
from tests.support.submitting import answers_in

SOLUTION = Path(__file__).parents[2] / "solutions" / "05_adam.ipynb"
SET = exercise("05")
SEEDS = {task.id: seed_for("a secret", "a student", task.id) for task in SET.tasks}
MEGABYTE = 1_000_000

texts = st.text(st.characters(exclude_categories=()), max_size=20)
numbers = (
    st.integers()
    | st.floats()
    | st.sampled_from([0, -1, 2**63, 10**700, 10**4000, 1e308, 5e-324, -0.0])
)
leaves = st.none() | st.booleans() | numbers | texts
tags = st.sampled_from(
    ["array", "list", "tuple", "scalar", "dict", "fraction", "float", "slot", "other", "value"]
)
tensors = st.builds(
    lambda dtype, shape, raw: {"array": [dtype, shape, raw]},
    st.sampled_from(["<f8", "<f4", "|b1", "<i8", "|u1", "|O", "<c16", "x"]),
    st.lists(st.integers(-1, 4) | st.just(10**30), max_size=4),
    st.sampled_from(["", "AAAAAAAA8H8=", "AAAAAAAA+H8AAAAAAADwfw==", "////////", "é", "A" * 44]),
)
garbage = st.recursive(
    leaves | tensors,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(tags | texts, inner, max_size=3)
        | st.dictionaries(tags, inner, min_size=1, max_size=1)
    ),
    max_leaves=8,
)


@functools.cache
def honest_replies(task_id: str) -> Any:
    """What the solution's answer to one task gives."""
    namespace, _ = load(cells(SOLUTION.read_text(encoding="utf-8"), "ipynb"), "ipynb", 30.0)
    [exam] = exams_for([task for task in SET.tasks if task.id == task_id], SEEDS)
    replies = perform_all(exam.scripts(), {exam.task.answer: namespace[exam.task.answer]})
    return json.loads(json.dumps({"task": task_id, "found": True, "replies": replies}))


@functools.cache
def honest_notebook() -> Any:
    whole = json.loads(SOLUTION.read_text(encoding="utf-8"))
    whole["cells"] = [cell for cell in whole["cells"] if "adam_step" in "".join(cell["source"])][:6]
    for cell in whole["cells"]:
        cell["outputs"] = []
    return whole


def places(data: Any) -> list[tuple[Any, Any]]:
    """All that can be replaced: what holds it, and where."""
    found = []
    keys = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
    for key in keys:
        found += [(data, key), *places(data[key])]
    return found


@st.composite
def spoiled(draw: st.DrawFn, honest: Any) -> Any:
    """Honest data, with some of its parts removed, replaced by others of them, or by garbage."""
    data = copy.deepcopy(honest)
    for _ in range(draw(st.integers(1, 3))):
        if not (found := places(data)):
            break
        holder, key = draw(st.sampled_from(found))
        how = draw(st.sampled_from(["remove", "exchange", "replace", "replace"]))
        if how == "remove":
            del holder[key]
        elif how == "exchange":
            other, place = draw(st.sampled_from(found))
            holder[key] = copy.deepcopy(other[place])
        else:
            holder[key] = draw(garbage)
    return data


def job(task_ids: list[str], source: str = "") -> Job:
    seeds = {task_id: SEEDS[task_id] for task_id in task_ids}
    return Job("a student", "05", "05_adam.ipynb", "ipynb", source, None, seeds, False, 1.0)  # noqa: FBT003


def is_sound(one: Any) -> None:
    """The report can be written and read, shown anywhere, and adds up."""
    assert 0 <= one.score <= one.max_score
    whole = json.loads("".join(written([one.as_data()], guarantees("D", ()))))
    jsonschema.validate(whole, schema())
    shown = [one.message or "", *(fact for task in one.tasks for fact in task.facts)]
    assert all(text.isprintable() for text in shown), shown


def judged(raw: bytes, task_ids: list[str]) -> Any:
    found = perform(job(task_ids), lambda _request, _seconds: answers_in(raw))
    is_sound(found)
    return found


class TestReplies:
    def test_the_honest_ones_get_all_points(self):
        raw = b"\n".join(json.dumps(honest_replies(task_id)).encode() for task_id in SEEDS)
        found = judged(raw, list(SEEDS))
        assert found.score == found.max_score > 30

    @given(st.binary(max_size=300))
    def test_random_bytes_are_worth_nothing(self, raw):
        assert judged(raw, list(SEEDS)).score == 0

    @given(st.lists(garbage | st.fixed_dictionaries({"task": st.sampled_from(list(SEEDS))})))
    def test_random_json_is_worth_nothing(self, lines):
        raw = b"\n".join(json.dumps(line).encode() for line in lines)
        assert judged(raw, list(SEEDS)).score == 0

    @pytest.mark.parametrize("task_id", SEEDS)
    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_spoiled_ones_are_judged(self, task_id, data):
        reply = data.draw(spoiled(honest_replies(task_id)))
        judged(json.dumps(reply).encode(), [task_id])

    @given(st.data())
    @settings(max_examples=60, deadline=None)
    def test_spoiled_texts_are_judged(self, data):
        raw = bytearray(json.dumps(honest_replies("adam.step")).encode())
        for _ in range(data.draw(st.integers(1, 4))):
            start = data.draw(st.integers(0, len(raw)))
            raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
        judged(bytes(raw), ["adam.step"])


PIECES = [
    b"[", b"{", b"[],", b"{},", b'{"a":', b"1,", b'"x",', b"9", b"null,", b"\\u0000", b'"',
    b"1e9,", b"\n", b"{}\n", b'{"task":"x"}\n', b'{"errors":[1,2,3]}\n', b"\xff", b" ",
    b'{"task": "adam.step", "found": true, "replies": [[{"value": {"list": [1]}}]]}\n',
]  # fmt: skip


class TestMemory:
    @pytest.mark.parametrize("piece", PIECES)
    @pytest.mark.parametrize("start", [b"", b'{"task": "adam.step", "found": true, "replies": ['])
    def test_what_a_flood_makes_the_grader_hold_is_bounded(self, piece, start):
        flood = piece * (CHUNK // len(piece))
        reader = Reader()
        tracemalloc.start()
        try:
            reader.feed(start)
            for _ in range(40 * MEGABYTE // CHUNK):
                if reader.full:
                    break
                reader.feed(flood)
            answers = reader.end()
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < 100 * MEGABYTE
        is_sound(perform(job(["adam.step"]), lambda _request, _seconds: answers))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as found:
        yield found


def handed_in(raw: bytes, run: Any) -> Any:
    """Grade a file that holds these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "05_adam.ipynb").write_bytes(raw)
        [one] = find(Path(folder))
        found = perform(prepare(one, Settings(seconds=0.5)), run)
    is_sound(found)
    return found


RUNS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.attack
class TestNotebooks:
    @RUNS
    @given(raw=st.binary(max_size=300))
    def test_random_bytes_are_reported(self, sandbox, raw):
        assert handed_in(raw, sandbox.run).score == 0

    @RUNS
    @given(data=garbage)
    def test_random_json_is_reported(self, sandbox, data):
        found = handed_in(json.dumps(data).encode(), sandbox.run)
        assert (found.status, found.score) == ("unreadable", 0)

    @RUNS
    @given(data=st.data())
    def test_spoiled_notebooks_are_graded_or_reported(self, sandbox, data):
        spoilt = data.draw(spoiled(honest_notebook()))
        found = handed_in(json.dumps(spoilt).encode(), sandbox.run)
        assert found.status in {"graded", "unreadable"}

    @RUNS
    @given(source=texts | st.text("()[]{}:=\"'\\\n\t #%!?@xdef1.,*", max_size=60))
    def test_random_code_is_graded(self, sandbox, source):
        cell = {"cell_type": "code", "source": source}
        assert handed_in(json.dumps({"cells": [cell]}).encode(), sandbox.run).score == 0
