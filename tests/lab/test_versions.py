"""A notebook is known by what its cells say, any other file by its bytes."""

import json

import pytest

from adamedu.lab.versions import SCHEMA_1, version_of
from tests.support.pages import text_of
from tests.support.submitting import code, notebook
from tools.schema_1 import works

PICTURE = {"image/png": "iVBORw0KGgo="}
PROSE = {"cell_type": "markdown", "metadata": {}, "source": ["# Momentum\n", "\n", "It adds."]}
GIVEN = notebook(PROSE | {"id": "prose"}, code("m = 0\nfor g in gs:\n    m += g") | {"id": "sum"})


def with_cells(change):
    made = json.loads(GIVEN)
    made["cells"] = change(*made["cells"])
    return json.dumps(made)


def each_cell(**values):
    return with_cells(lambda *cells: [cell | values for cell in cells])


def each_text(change):
    return with_cells(lambda *cells: [cell | {"source": change(text_of(cell))} for cell in cells])


ALIKE = {
    "written with another indent": json.dumps(json.loads(GIVEN), indent=4),
    "with a byte order mark": "\N{ZERO WIDTH NO-BREAK SPACE}" + GIVEN,
    "lines end as on Windows": GIVEN.replace(", ", ",\r\n"),
    "metadata": json.dumps(json.loads(GIVEN) | {"metadata": {"widgets": {}}, "nbformat_minor": 4}),
    "ids": with_cells(lambda *cells: [cell | {"id": cell["id"][::-1]} for cell in cells]),
    "cells' metadata": each_cell(metadata={"collapsed": True}),
    "outputs": each_cell(outputs=[{"text": "3"}], execution_count=3),
    "sources in one piece": each_text(str),
    "sources' lines end as on Windows": each_text(lambda text: text.replace("\n", "\r\n")),
    "spaces at the ends": each_text(lambda text: text.replace("\n", "  \n") + "\n\n"),
    "an empty cell": with_cells(lambda *cells: [*cells, code(""), code("\n ")]),
    "no attachments": each_cell(attachments={}),
}

CHANGED = {
    "a word": each_text(lambda text: text.replace("adds", "averages").replace("m += g", "pass")),
    "an indent": each_text(lambda text: text.replace("    m", "  m")),
    "a line between": each_text(lambda text: text.replace("\n", "\n\n")),
    "the order": with_cells(lambda *cells: cells[::-1]),
    "a kind": each_cell(cell_type="raw"),
    "a cell more": with_cells(lambda *cells: [*cells, code("m")]),
    "a cell less": with_cells(lambda *cells: cells[:1]),
    "a cell in two": with_cells(lambda prose, _: [prose, code("m = 0"), code("for g in gs:")]),
    "an attachment": each_cell(attachments={"me.png": PICTURE}),
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_jupyterlab_and_git_change_does_not_count(name):
    version, other = version_of(GIVEN.encode()), version_of(ALIKE[name].encode())
    assert version.content != other.content
    assert version.says_the_same(other)


@pytest.mark.parametrize("name", CHANGED)
def test_what_a_learner_writes_counts(name):
    assert not version_of(GIVEN.encode()).says_the_same(version_of(CHANGED[name].encode()))


@pytest.mark.parametrize(
    "content",
    [b"", b"x,y\n1,2\n", b"\x89PNG", b"{}", b"3", b'{"cells": [[]]}', b"[" * 100_000],
)
def test_what_is_no_notebook_is_known_by_its_bytes(content):
    version = version_of(content)
    assert version.content == version.work
    assert version.says_the_same(version_of(content))
    assert not version.says_the_same(version_of(content + b"\n"))


def test_all_that_was_given_out_with_a_record_of_bytes_is_known():
    """Where this fails: python -m tools.schema_1."""
    assert works().items() <= json.loads(SCHEMA_1.read_bytes()).items()
