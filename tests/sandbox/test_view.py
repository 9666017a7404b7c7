"""What the untrusted side may read holds Python and its libraries, and nothing of the reference."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import pytest

from adamedu.optimizers import LADDER
from adamedu.sandbox.inside.view import View
from adamedu.sandbox.outside import visible_paths as module
from adamedu.sandbox.outside.visible_paths import view

PACKAGE = Path(module.__file__).parents[2]


def beneath(path, folder):
    return Path(folder) == Path(path) or Path(folder) in Path(path).parents


@pytest.fixture
def tree(tmp_path):
    for name in ("lib/a.py", "lib/deep/b.py", "lib/deep/shut/c.py", "lib/deep/shut/open.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "lib" / "link").symlink_to(tmp_path / "lib" / "deep" / "shut")
    return tmp_path


def test_what_is_closed_is_left_out_with_all_that_leads_to_it(tree):
    shut = str(tree / "lib/deep/shut")
    found = View((str(tree / "lib"),), (shut,), (f"{shut}/open.py",)).open_paths()
    assert sorted(found) == [
        str(tree / "lib/a.py"),
        str(tree / "lib/deep/b.py"),
        str(tree / "lib/deep/shut/open.py"),
    ]


def test_a_closed_root_leaves_nothing(tree):
    assert list(View((str(tree / "lib"),), (str(tree / "lib"),), ()).open_paths()) == []


def test_the_package_is_closed_but_for_its_open_files():
    shown = view()
    assert str(PACKAGE) in shown.closed
    allowed = list(shown.open_paths())
    ours = {path for path in allowed if beneath(path, PACKAGE)}
    assert ours == set(shown.files)
    assert not any(beneath(PACKAGE, path) for path in allowed)
    assert ours == {
        str(PACKAGE / name) for name in ("core", "sandbox/inside", "sandbox/message.py")
    }


def test_no_other_copy_of_the_package_is_open():
    for path in view().open_paths():
        assert Path(path).name != PACKAGE.name
        assert not (Path(path) / PACKAGE.name).exists()
        assert not [*Path(path).glob(f"python3*/*-packages/{PACKAGE.name}")]


@pytest.mark.parametrize("optimizer", LADDER[1:], ids=lambda optimizer: optimizer.name)
def test_no_open_file_defines_an_optimizer(optimizer):
    body = [line.strip() for line in inspect.getsource(optimizer.function).splitlines()]
    texts = [
        file.read_text()
        for path in view().files
        for file in ([*Path(path).rglob("*.py")] if Path(path).is_dir() else [Path(path)])
        if file.suffix == ".py"
    ]
    assert len(texts) > 10
    assert not any(f"def {optimizer.name}(" in text for text in texts)
    last = next(line for line in reversed(body) if line.startswith(("theta =", "return theta -")))
    assert not any(last in text for text in texts)


def test_a_copy_among_the_libraries_is_closed(tmp_path, monkeypatch):
    libraries = tmp_path / "site-packages"
    (libraries / PACKAGE.name).mkdir(parents=True)
    (libraries / "another").mkdir()
    monkeypatch.setattr(sys, "path", [str(libraries)])
    shown = view()
    assert str(libraries / PACKAGE.name) in shown.closed
    allowed = set(shown.open_paths())
    assert str(libraries / "another") in allowed
    assert str(libraries) not in allowed
