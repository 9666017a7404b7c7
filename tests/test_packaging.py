"""What is pinned, what is asked for, and what a bare machine is told agree."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
UNLOCKED = {"peers"}
LOCKS = ["base", "dev", "uv", *sorted(EXTRAS.keys() - UNLOCKED)]


def named(lines):
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): each.specifier for each in requirements}


def entries(lock):
    """Every requirement of a lock with its hashes, one string each."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def pins(lock):
    return named(entry.split(" --hash")[0] for entry in entries(lock))


def version(pin):
    (only,) = pin
    assert only.operator == "=="
    return only.version


@pytest.fixture(scope="module")
def conda():
    return yaml.safe_load((ROOT / "environment.yml").read_text())


def test_conda_asks_for_what_the_package_asks_for(conda):
    *requirements, pip = conda["dependencies"]
    ours = named(re.sub(r"(?<=\w)=(?=\d)", "==", each) for each in requirements)
    python, _ = ours.pop("python"), ours.pop("pip")
    assert ours == named(PROJECT["dependencies"])
    assert SpecifierSet(PROJECT["requires-python"]).contains(version(python))
    assert f"Programming Language :: Python :: {version(python)}" in PROJECT["classifiers"]
    assert pip == {"pip": ["-e ."]}
    assert conda["channels"] == ["conda-forge", "nodefaults"]


def test_every_group_but_the_peers_has_a_lock():
    found = {path.stem for path in (ROOT / "requirements").iterdir()}
    assert found == {*LOCKS, "constraints"}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_one_hashed_version_of_each_package(lock):
    names = [
        canonicalize_name(Requirement(each.split(" --hash")[0]).name) for each in entries(lock)
    ]
    assert len(names) == len(set(names)) > 0
    for entry in entries(lock):
        requirement, *hashes = entry.split(" --hash=")
        assert version(Requirement(requirement).specifier)
        assert hashes
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", each.strip()) for each in hashes)


@pytest.mark.parametrize("lock", [*LOCKS, "constraints"])
def test_a_lock_names_no_address(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--?(i|f|extra|index|find|trusted)", text, flags=re.MULTILINE)


def test_the_lock_of_what_checks_javascript_has_hashes_and_no_address():
    folder = ROOT / "tools" / "javascript"
    asked = json.loads((folder / "package.json").read_text())["devDependencies"]
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert packages.pop("")["devDependencies"] == asked
    assert (
        asked.items()
        <= {
            name.removeprefix("node_modules/"): each["version"] for name, each in packages.items()
        }.items()
    )
    for each in packages.values():
        assert each["integrity"].startswith("sha512-")
        assert "resolved" not in each


@pytest.mark.parametrize("lock", [each for each in LOCKS if each != "uv"])
def test_a_lock_satisfies_what_is_asked_for(lock):
    asked = named(PROJECT["dependencies"] + EXTRAS.get(lock, []))
    pinned = pins(lock)
    for name, specifier in asked.items():
        assert specifier.contains(version(pinned[name])), name


def test_all_locks_agree_so_that_they_can_be_installed_together():
    agreed: dict[str, SpecifierSet] = {}
    for lock in LOCKS:
        for name, pin in pins(lock).items():
            assert agreed.setdefault(name, pin) == pin, f"{name} in {lock}"
    assert pins("base").keys() <= pins("dev").keys()


@pytest.mark.parametrize(
    "path",
    [
        "my-course/notebooks/00_start_here.ipynb",
        "tools/javascript/node_modules/.package-lock.json",
        ".venv/pyvenv.cfg",
        ".venv-lowest/pyvenv.cfg",
    ],
)
def test_what_is_a_learner_s_or_installed_is_ignored_by_git(path):
    assert (
        subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode == 0
    )


@pytest.fixture
def bare(tmp_path):
    """Run make on a machine whose Pythons are these scripts."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "path"
    path.mkdir()
    make = shutil.which("make") or "make"

    def run(**pythons):
        for name, script in pythons.items():
            program = path / name.replace("_", ".")
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)
        return subprocess.run(
            [make, "lab"],
            cwd=tmp_path,
            env={"PATH": str(path)},
            check=False,
            capture_output=True,
            text=True,
        )

    return run


OLD = "exit 1"
NEW = 'case "$*" in -c*) exit 0;; --version) echo "Python 3.12.9";; *) exit 9;; esac'


def test_make_says_that_python_is_too_old(bare, tmp_path):
    done = bare(python3=OLD)
    assert done.returncode != 0
    assert "adamedu needs Python 3.11 or newer, and python3 is none." in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_finds_a_newer_python_beside_an_old_one(bare):
    done = bare(python3=OLD, python3_12=NEW)
    assert "Setting up .venv with Python 3.12.9" in done.stdout
    assert "adamedu needs" not in done.stderr


@pytest.mark.parametrize(
    ("required", "outcome"),
    [("0", "1 passed, 3 skipped"), ("1", "1 failed, 1 passed, 2 errors")],
)
def test_a_skip_is_a_failure_only_where_all_is_required(tmp_path, required, outcome):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_marked.py").write_text(
        "import pytest\n@pytest.mark.skip(reason='no browser')\ndef test_it(): pass"
    )
    (tmp_path / "test_inside.py").write_text(
        "import pytest\ndef test_it(): pytest.skip('no browser')"
    )
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_browser')")
    (tmp_path / "test_passing.py").write_text("def test_it(): pass")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--continue-on-collection-errors", "--rootdir=."],
        cwd=tmp_path,
        env=os.environ | {"ADAMEDU_REQUIRE_ALL": required, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome in done.stdout
    assert (done.returncode == 0) is (required == "0")


@pytest.mark.slow
def test_what_tests_find_doesn_t_depend_on_who_starts_them():
    some = [
        "tests/grading/test_grade.py::TestAFolder::test_the_terminal_shows_every_file_with_its_score_or_reason",
        "tests/learning/test_progress.py::TestSolutions::test_the_learner_s_copy_in_a_clone_finds_them",
        "tests/grading/test_batch.py::TestStopped::test_interrupted_without_out_it_says_that_nothing_is_kept",
        "tests/playgrounds/test_playground.py::TestStoredNotebook::test_the_still_comes_first",
    ]
    said = {"COLUMNS": "40", "FORCE_COLOR": "1", "PYTHONIOENCODING": "latin-1"}
    said |= {"IPYTHONDIR": "/dev/null/nowhere", "JUPYTER_CONFIG_DIR": "/dev/null/nowhere"}
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as of a job in the background
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *some],
            cwd=ROOT,
            env=os.environ | said,
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
        )
    finally:
        signal.signal(signal.SIGINT, ours)
    assert b"4 passed" in done.stdout
