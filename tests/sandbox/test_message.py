"""The format between the two halves of grading: what it carries, and what it refuses."""

from __future__ import annotations

import base64
import json
import math
from collections import OrderedDict
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from adamedu.sandbox.message import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_ITEMS,
    MAX_NAME,
    MAX_TEXT,
    MessageError,
    Other,
    Slot,
    decode,
    encode,
    plain,
)
from adamedu.sandbox.outside.replies import Answers
from tests.support.submitting import answers_in

DTYPES = ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")


def crossed(value):
    """A value after the whole way: written, sent as text, read."""
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)))


def same(one, other):
    """Whether two values are the same in type and content, NaN and the sign of zero included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    return one == other


arrays = st.sampled_from(DTYPES).flatmap(
    lambda code: npst.arrays(
        code, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    )
)
integers = st.integers() | st.integers(-MAX_INTEGER + 1, MAX_INTEGER - 1)
keys = st.recursive(
    st.text(max_size=9) | integers | st.floats(allow_nan=False) | st.none() | st.fractions(),
    lambda one: st.tuples(one, one),
    max_leaves=3,
)
leaves = (
    st.none()
    | st.booleans()
    | integers
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.fractions()
    | arrays
    | arrays.filter(lambda array: array.size > 0).map(lambda array: array.flat[0])
    | st.builds(Slot, st.text("abc_1", max_size=9))
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=12,
)


class TestRoundTrip:
    @given(values)
    def test_what_fits_crosses_unchanged(self, value):
        assert same(crossed(value), value)

    @pytest.mark.parametrize("code", DTYPES)
    @pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (0, 5), (1,) * MAX_DEPTH])
    def test_every_dtype_in_every_kind_of_shape(self, code, shape):
        assert same(crossed(np.ones(shape, code)), np.ones(shape, code))

    def test_views_cross_as_what_they_show(self):
        whole = np.arange(24.0).reshape(4, 6)
        for view in (whole.T, whole[::2, ::-1], np.broadcast_to(1.5, (3, 4))):
            assert same(crossed(view), np.array(view, order="C"))

    @pytest.mark.parametrize("code", ["f8", "f4", "f2", "i8", "u4", "i2"])
    def test_numbers_of_the_other_byte_order_arrive_as_numbers(self, code):
        numbers = np.array([1, 2, 300], code)
        swapped = numbers.astype(numbers.dtype.newbyteorder())
        assert swapped.tobytes() != numbers.tobytes()
        assert same(crossed(swapped), numbers)
        assert same(crossed(swapped[2]), numbers[2])

    def test_long_doubles_arrive_in_double_precision(self):
        long = np.array([1, 3], np.longdouble) / 7
        assert same(crossed(long), long.astype(float))
        assert same(crossed(long[1]), np.float64(3 / 7))
        if np.finfo(np.longdouble).maxexp > 1024:
            assert crossed(np.longdouble(10) ** 400) == np.inf

    def test_what_arrives_is_a_writable_copy(self):
        array = np.zeros(3)
        array.flags.writeable = False
        arrived = crossed(array)
        arrived += 1
        assert array.sum() == 0

    @pytest.mark.parametrize(
        ("number", "fraction"),
        [
            (sympy.Rational(3, 10), Fraction(3, 10)),
            (sympy.Integer(-2), Fraction(-2)),
            (sympy.S.Half, Fraction(1, 2)),
            (sympy.S.Zero, Fraction(0)),
        ],
    )
    def test_rationals_of_sympy_arrive_as_fractions(self, number, fraction):
        assert same(crossed(number), fraction)


class Pretender:
    """Claims to be an array by every means that Python gives it."""

    __class__ = np.ndarray  # type: ignore[assignment]
    dtype = np.dtype(float)
    nbytes = 8
    shape = ()
    ndim = 0
    __module__ = "sympy.core.numbers"
    p = q = 1

    def tobytes(self):
        return b"\0" * 8


class Impostor(type):
    """A metaclass whose types claim to equal list, and to be called anything."""

    def __eq__(cls, other):
        return True

    def __hash__(cls):
        return hash(list)

    @property
    def __name__(cls):  # type: ignore[override]
        return "array"


class Listed(metaclass=Impostor):
    def __len__(self):
        return 0

    def __iter__(self):
        return iter(())


class Unhashable(type):
    __hash__ = None  # type: ignore[assignment]


class Rude(metaclass=Unhashable):
    def __getattribute__(self, name):
        raise RuntimeError(name)


def subclass(kind, *arguments):
    return type("Mine", (kind,), {})(*arguments)


def truly_named(type_name):
    return type(type_name, (), {})()


EVIL = {
    "a subclass of int": subclass(int, 3),
    "a subclass of float": subclass(float, 3.0),
    "a subclass of str": subclass(str, "text"),
    "a subclass of list": subclass(list, [1]),
    "a subclass of dict": OrderedDict(a=1),
    "a subclass of Fraction": subclass(Fraction, 1, 2),
    "a subclass of a NumPy scalar": subclass(np.float64, 1.0),
    "a subclass of ndarray": np.zeros(2).view(type("Mine", (np.ndarray,), {})),
    "a masked array": np.ma.masked_array([1.0, 2.0], [True, False]),
    "a lie about __class__": Pretender(),
    "a metaclass that equals list": Listed(),
    "what can't be touched": Rude(),
    "an array of objects": np.array([object()]),
    "an array of complex numbers": np.zeros(2, complex),
    "an array of texts": np.array(["a"]),
    "an array with fields": np.zeros(2, [("a", "f8")]),
    "an array of dates": np.zeros(2, "M8[s]"),
    "a date": np.datetime64(0, "s"),
    "a set": {1},
    "bytes": b"bytes",
    "a complex number": 1j,
    "a type": int,
    "a function": print,
    "a generator": (x for x in "ab"),
    "a symbol": sympy.Symbol("x"),
    "an irrational number": sympy.sqrt(2),
    "a huge int": MAX_INTEGER,
    "a huge fraction": Fraction(1, MAX_INTEGER),
    "a long text": "x" * (MAX_TEXT + 1),
    "a giant array": np.broadcast_to(1.0, (10**6, 10**6)),
    "a giant array of long doubles": np.broadcast_to(np.longdouble(1), (10**6, 10**6)),
    "an array just too large": np.zeros(MAX_BYTES + 1, "u1"),
    "an array with too many axes": np.zeros((1,) * (MAX_DEPTH + 1)),
    "a slot whose name is no text": Slot(3),  # type: ignore[arg-type]
    "a name that can't be shown": truly_named("a\x1b[2J\u202e"),
    "a long name": truly_named("n" * 10**6),
}


class TestWhatCannotCross:
    def test_a_named_tuple_crosses_as_what_it_holds_whatever_it_claims(self):
        class Lying(tuple[float, ...]):
            __slots__ = ()

            def __iter__(self):
                return iter(["something else"])

            def __len__(self):
                return 10**9

        assert crossed(Lying((1, 2.5))) == (1, 2.5)
        assert type(crossed(Lying((1, 2.5)))) is tuple

    @pytest.mark.parametrize("evil", EVIL)
    def test_only_its_name_arrives(self, evil):
        value = EVIL[evil]
        written: Any = encode(value)
        assert list(written) == ["other"]
        arrived = crossed(value)
        assert type(arrived) is Other
        assert len(arrived.type_name) <= MAX_NAME
        assert arrived.type_name.isprintable()

    @pytest.mark.parametrize("evil", EVIL)
    def test_in_a_list_it_doesnt_take_the_rest_with_it(self, evil):
        first, between, last = crossed([1, EVIL[evil], 2.5])
        assert (first, type(between), last) == (1, Other, 2.5)

    @pytest.mark.parametrize(
        ("value", "name"),
        [
            (Pretender(), "Pretender"),
            (Listed(), "Listed"),
            ({1}, "set"),
            (np.zeros(2, complex), "ndarray of complex128"),
            (10**600, "int (too large)"),
            ([0] * MAX_ITEMS, "list (too large)"),
        ],
    )
    def test_the_name_is_the_one_that_helps(self, value, name):
        assert crossed(value) == Other(name)

    def test_nesting_ends_at_a_depth(self):
        value: object = 1
        for _ in range(1000):
            value = [value]
        arrived, depth = crossed(value), 0
        while isinstance(arrived, list):
            [arrived] = arrived
            depth += 1
        assert depth == MAX_DEPTH + 1
        assert arrived == Other("list (nested too deeply)")

    def test_a_list_that_holds_itself(self):
        knot: list[object] = [1]
        knot.append(knot)
        assert isinstance(crossed(knot), list)

    def test_a_list_that_holds_itself_many_times_is_cut_short(self):
        knot: list[object] = []
        knot.extend([knot] * MAX_ITEMS)
        assert crossed(knot) == Other("list (too large)")

    def test_items_and_bytes_are_counted_over_the_whole_value(self):
        row = [0] * 200
        assert crossed([row] * 200) == Other("list (too large)")
        half = np.zeros(MAX_BYTES // 16)
        assert same(crossed([half])[0], half)
        assert crossed([half] * 3) == Other("list (too large)")
        assert crossed(dict.fromkeys(range(500), "x" * MAX_TEXT)) == Other("dict (too large)")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
tags = st.sampled_from(
    ["array", "scalar", "list", "tuple", "dict", "fraction", "float", "slot", "other"]
)
tagged = st.recursive(
    json_values
    | st.sampled_from(["<f8", "|b1", "<i4", "nan", "inf", "AAAA", "AAAAAAAA4D8="])
    | st.integers(-3, 3)
    | st.integers(10**18, 10**40),
    lambda inner: (
        st.dictionaries(tags, inner, min_size=1, max_size=1) | st.lists(inner, max_size=4)
    ),
    max_leaves=20,
)
shaped = st.tuples(
    st.sampled_from(["<f8", "|b1", "<i4", "<c16", "|O", "<f8,<f8", ""]),
    st.lists(st.integers(-1, 3) | st.sampled_from([10**9, 10**30, True, 1.0, None]), max_size=10),
    st.binary(max_size=64).map(lambda raw: base64.b64encode(raw).decode()) | st.text(),
).map(lambda parts: {"array": list(parts)})


class TestReadingStrictly:
    @settings(max_examples=200)
    @given(json_values | tagged | shaped)
    def test_any_json_is_a_value_or_refused(self, data):
        try:
            value = decode(data)
        except MessageError:
            return
        assert same(crossed(value), value)

    @pytest.mark.parametrize(
        "data",
        [
            math.nan,
            math.inf,
            10**600,
            {},
            [],
            {"list": [], "tuple": []},
            {"list": {}},
            {"pickle": "gASVAAAA"},
            {"array": ["|O", [1], "AAAAAAAAAAA="]},
            {"array": ["<f8", [2], "AAAAAAAA4D8="]},
            {"array": ["<f8", [1], "AAAAAAAA4D8"]},
            {"array": ["<f8", [1], "AAAAAAAA4D8=\n"]},
            {"array": ["<f8", [-1], "AAAAAAAA4D8="]},
            {"array": ["<f8", [True], "AAAAAAAA4D8="]},
            {"array": ["<f8", [0, 10**30], ""]},
            {"array": ["<f8", [10**30], ""]},
            {"array": ["<f8", [1] * (MAX_DEPTH + 1), "AAAAAAAA4D8="]},
            {"scalar": ["<c16", "AAAAAAAAAAAAAAAAAAAAAA=="]},
            {"fraction": [1, 0]},
            {"fraction": [True, 2]},
            {"fraction": [1.0, 2]},
            {"fraction": [1, 10**600]},
            {"float": "1.5"},
            {"dict": [["a"]]},
            {"dict": [[{"list": []}, 1]]},
            {"dict": [[{"array": ["<f8", [0], ""]}, 1]]},
            {"other": "n" * (MAX_NAME + 1)},
            {"other": "\x1b[2J"},
            {"slot": 3},
            "x" * (MAX_TEXT + 1),
            {"list": [0] * MAX_ITEMS},
            {"list": [{"list": [0] * 200}] * 200},
        ],
    )
    def test_what_isnt_in_the_format_is_refused(self, data):
        with pytest.raises(MessageError, match="not a message"):
            decode(data)

    def test_deep_nesting_is_refused_at_once(self):
        data: object = 1
        for _ in range(100_000):
            data = {"list": [data]}
        with pytest.raises(MessageError, match="deeply"):
            decode(data)


LINES = [
    b'{"problem": null}',
    b'{"task": "adam.step", "found": true, "replies": [[{"value": 1}]]}',
    b'{"done": true}',
]


def as_lines(found):
    return b"\n".join(json.dumps(one).encode() for one in found)


class TestRepliesAreReadFromAnything:
    @given(st.binary() | st.lists(json_values | tagged).map(as_lines))
    def test_garbage_is_left_out(self, raw):
        answers = answers_in(raw)
        assert isinstance(answers, Answers)
        assert all(isinstance(task, str) for task in answers.tasks)

    @given(
        st.lists(st.sampled_from(LINES) | st.binary(max_size=30).filter(lambda b: b"\n" not in b))
    )
    def test_lines_count_one_by_one(self, lines):
        read = answers_in(b"\n".join([*lines, *LINES]))
        assert read.tasks["adam.step"]["replies"] == [[{"value": 1}]]
        assert read.problem is None
        assert read.stopped is None

    @given(json_values, json_values | st.lists(tagged))
    def test_what_a_loading_says_is_read_as_texts(self, problem, errors):
        answers = answers_in(as_lines([{"problem": problem}, {"errors": errors}]))
        assert answers.problem is None or answers.problem.isprintable()
        for error in answers.errors:
            assert set(error) == {"type", "text", "where"}
            assert all(text is None or str(text).isprintable() for text in error.values())

    def test_the_first_word_on_a_problem_counts(self):
        forged = b'{"problem": "unreadable, says its author"}'
        assert answers_in(b"\n".join([*LINES, forged])).problem is None

    def test_the_first_reply_to_a_task_counts(self):
        forged = b'{"task": "adam.step", "found": true, "replies": [[{"value": 2}]]}'
        read = answers_in(b"\n".join([*LINES, forged]))
        assert read.tasks["adam.step"]["replies"] == [[{"value": 1}]]

    def test_what_came_before_too_much_is_kept(self):
        flood = b'{"task": "adam.run", "found": true, "replies": "' + b"x" * 33_000_000 + b'"}'
        read = answers_in(b"\n".join([*LINES[:2], flood]))
        assert list(read.tasks) == ["adam.step"]
        assert read.stopped == "its answers were too large to be read to the end"

    def test_ending_early_is_noticed(self):
        read = answers_in(b"\n".join(LINES[:2]))
        assert read.stopped == "its process ended before all was answered"
        assert list(read.tasks) == ["adam.step"]

    def test_deep_json_is_left_out(self):
        read = answers_in(b"\n".join([*LINES[:2], b"[" * 10**6, LINES[2]]))
        assert list(read.tasks) == ["adam.step"]


class TestPlain:
    @given(st.text(st.characters(exclude_categories=())), st.integers(0, 40))
    def test_is_printable_and_short(self, text, most):
        shown = plain(text, most)
        assert shown.isprintable()
        assert len(shown) == min(len(text), most)
        assert all(a in (b, " ") for a, b in zip(shown, text, strict=False))

    def test_keeps_what_can_be_shown(self):
        assert plain("θ ← θ + η·m̂", 50) == "θ ← θ + η·m̂"


def test_names_of_kinds_are_told_apart_by_their_one_key():
    samples = [np.zeros(1), np.float64(1), [], (), {}, Fraction(1, 2), math.nan, Slot("a"), {1}]
    written: list[Any] = [encode(sample) for sample in samples]
    assert len({key for one in written for key in one}) == len(samples)
