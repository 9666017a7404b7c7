"""The self-test says that all is ready, or what to do about each thing that isn't."""

import platform
import re
import sys
from importlib import metadata

import pytest

import adamedu
from adamedu.learning import progress_store
from adamedu.pages.self_test import self_test


def of(found, what):
    (finding,) = [each for each in found.findings if each.what == what]
    return finding.wrong


def test_here_all_is_ready():
    found = self_test()
    assert [str(finding) for finding in found.findings if finding.wrong] == []
    assert str(found).splitlines()[0] == "ready    Python >=3.11"
    assert str(found).splitlines()[-1] == "All is ready."
    assert len(str(found).splitlines()) == len(found.findings) + 1


def test_versions_are_those_that_are_installed():
    versions = self_test().versions
    assert versions["Python"] == platform.python_version()
    assert versions["adamedu"] == adamedu.__version__
    assert versions["numpy"] == sys.modules["numpy"].__version__
    assert {"jupyterlab", "matplotlib", "sympy"} <= versions.keys()
    assert "torch" not in versions


def test_an_old_python_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(platform, "python_version", lambda: "3.9.18")
    assert re.match(
        r"this is 3\.9\.18; install a newer one, then ", of(self_test(), "Python >=3.11")
    )


def test_a_missing_and_an_old_library_are_named(monkeypatch):
    installed = metadata.version

    def version(name):
        if name == "sympy":
            raise metadata.PackageNotFoundError(name)
        return "1.26.4" if name == "numpy" else installed(name)

    monkeypatch.setattr(metadata, "version", version)
    found = self_test()
    wrong = of(found, "the libraries")
    assert re.search(r"numpy.* is needed, and here it is 1\.26\.4; set up the course again", wrong)
    assert re.search(r"sympy.* is needed, and here it is missing; set up the course again", wrong)
    assert wrong.count("is needed") == 2
    assert found.versions["sympy"] == "missing"
    assert str(found).splitlines()[-1] == "Not ready yet: 1."


def test_what_is_needed_is_what_the_installation_says_of_this_machine(monkeypatch):
    asked = [
        "numpy>=1",
        "pillow>=999",
        "nowhere-to-be-found<2",
        "of-old-times>1; python_version < '3'",
        "of-this-python>1; python_version > '3'",
        "only-some-want-it>1; extra == 'book'",
    ]
    monkeypatch.setattr(metadata, "requires", lambda _: asked)
    wrong = of(self_test(), "the libraries")
    named = re.findall(r"(\S+)[<>]\S+ .*?is needed", wrong)
    assert named == ["pillow", "nowhere-to-be-found", "of-this-python"]


@pytest.mark.parametrize(
    ("what", "broken"),
    [
        ("a step of Adam", ("adamedu.optimizers", "adam", lambda *_, **__: (0.7, 0.0, 0.0))),
        ("pictures", ("adamedu.drawing.figures", "losses", lambda *_: 1 / 0)),
        ("checks of your answers", ("adamedu.learning.checking", "examine", lambda *_: 1 / 0)),
        ("lessons and exercises", ("adamedu.content.course", "find", lambda *_: None)),
    ],
)
def test_what_doesn_t_work_is_said_and_the_rest_is_tried(monkeypatch, what, broken):
    module, name, stand_in = broken
    monkeypatch.setattr(sys.modules[module], name, stand_in)
    found = self_test()
    assert "set up the course again: make lab in its folder" in of(found, what)
    assert of(found, "the libraries") is None
    assert of(found, "a place to keep your progress") is None


def test_a_place_that_can_t_keep_progress_is_said(monkeypatch, tmp_path):
    place = tmp_path / "data"
    place.write_text("a file where the folder should be")
    monkeypatch.setenv("ADAMEDU_DATA", str(place))
    wrong = of(self_test(), "a place to keep your progress")
    assert str(place) in wrong
    assert wrong.endswith("name a folder in ADAMEDU_DATA")
    monkeypatch.setenv("ADAMEDU_DATA", str(tmp_path / "new"))
    assert of(self_test(), "a place to keep your progress") is None
    assert progress_store.read() == {}
