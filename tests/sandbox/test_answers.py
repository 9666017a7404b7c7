"""Replies are read as they arrive, in whatever pieces."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adamedu.sandbox.outside.replies import Reader
from tests.support.submitting import answers_in

LINES = st.lists(
    st.sampled_from(
        [
            b'{"problem": null}',
            b'{"errors": [{"type": "NameError", "text": "x", "where": null}]}',
            b'{"task": "adam.m", "found": true, "replies": []}',
            b'{"task": "adam.step", "found": false, "replies": []}',
            b'{"done": true}',
            b'{"refused": "seccomp: no"}',
        ]
    )
    | st.binary(max_size=40),
    max_size=12,
)


@given(LINES, st.lists(st.integers(0, 500), max_size=12))
def test_how_replies_are_cut_makes_no_difference(lines, cuts):
    raw = b"\n".join(lines)
    places = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    reader = Reader()
    for start, end in itertools.pairwise(places):
        reader.feed(raw[start:end])
    assert reader.end() == answers_in(raw)


def test_a_line_that_goes_on_for_ever_is_left_out_and_the_next_is_read():
    reader = Reader()
    for _ in range(200):
        reader.feed(b"x" * 65_536)
    reader.feed(b'\n{"task": "adam.m", "found": false}\n')
    assert list(reader.end().tasks) == ["adam.m"]
    assert not reader.full


def test_what_would_take_much_room_is_left_out():
    many = json.dumps({"task": "adam.m", "replies": [[]] * 200_000}).encode()
    read = answers_in(many + b'\n{"task": "adam.step", "found": false}\n{"done": true}')
    assert list(read.tasks) == ["adam.step"]
    assert read.stopped is None


def test_many_answers_that_together_take_much_room_end_the_reading():
    line = b'{"task": "%d", "replies": [' + b"[]," * 9_000 + b"[]]}\n"
    reader = Reader()
    for number in range(1_000):
        if reader.full:
            break
        reader.feed(line % number)
    answers = reader.end()
    assert 0 < len(answers.tasks) < 20
    assert answers.stopped == "its answers were too large to be read to the end"


def test_a_submission_that_wasnt_run_says_why():
    read = answers_in(b'{"refused": "landlock: no such call"}')
    assert read.stopped is not None
    assert read.stopped.startswith("it was not run, because it couldn't be locked in: landlock")


def test_a_listener_says_when_it_is_full():
    reader = Reader()
    while not reader.full:
        reader.feed(b"\n" * 65_536)
    assert reader.end().stopped == "its answers were too large to be read to the end"
    assert reader.end("late").stopped == "late"


@pytest.mark.parametrize(("lines", "read"), [(9_000, ["adam.m"]), (11_000, [])])
def test_no_more_than_ten_thousand_lines_are_read(lines, read):
    answers = answers_in(b"\n" * lines + b'{"task": "adam.m", "found": false}\n{"done": true}')
    assert list(answers.tasks) == read


def test_what_came_with_a_flood_but_before_it_is_kept():
    read = answers_in(b'{"task": "adam.m", "found": false}\n' + b"\n" * 60_000)
    assert list(read.tasks) == ["adam.m"]
    assert read.stopped == "its answers were too large to be read to the end"
