"""Notebooks need `adamedu` alone; what they imported from deeper down still works, for now."""

import ast
import importlib
import sys

import pytest

import adamedu
from adamedu import _moved
from tests.support.pages import NOTEBOOKS, cells_of, text_of

PUBLIC = {"adamedu", "adamedu.models"}
OLD = {
    "adamedu.descent": ["descend"],
    "adamedu.experiments": ["RATES", "LeastSquares", "destinations", "settles_at", "tune"],
    "adamedu.landscape": ["surface"],
    "adamedu.learning.onepage": ["ladder"],
    "adamedu.learning.readiness": ["self_test"],
    "adamedu.learning.terms": ["glossary"],
    "adamedu.learning.verdicts": ["claims", "tally"],
    "adamedu.surfaces": ["ravine", "surface"],
}


def imported(path):
    for cell in cells_of(path, "code"):
        lines = [line for line in text_of(cell).splitlines() if not line.startswith(("%", "!"))]
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.ImportFrom):
                yield node.module
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_import_no_private_module(path):
    ours = {name for name in imported(path) if name.startswith("adamedu")}
    assert ours <= PUBLIC


@pytest.mark.parametrize("name", adamedu.__all__)
def test_what_is_public_is_there_and_says_what_it_is(name):
    thing = getattr(adamedu, name)
    assert thing.__doc__


def test_every_old_place_is_tried():
    assert OLD.keys() == _moved.HOMES.keys()


@pytest.mark.parametrize("module", OLD)
def test_an_old_place_works_and_says_where_to_look(module, monkeypatch):
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.warns(FutureWarning, match=f"{module} has moved: import what you need"):
        old = importlib.import_module(module)
    for name in OLD[module]:
        homes = (adamedu, adamedu.models, adamedu.surfaces)
        new = next(getattr(home, name) for home in homes if name in dir(home))
        assert getattr(old, name) is new
