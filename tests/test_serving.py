"""The course is served in JupyterLab, from a clone and from a wheel."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

import adamedu
from tests.giving_out import ROOT, kept_by_git


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "my-course"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def test_the_wheel_carries_the_package_the_lessons_and_the_blank_exercises_only(wheel):
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    lessons = {f"adamedu/_course/{name}" for name in kept_by_git("notebooks", "exercises")}
    assert packed == kept_by_git("adamedu") | lessons
    assert "adamedu/py.typed" in packed
    assert wheel.name == f"adamedu-{adamedu.__version__}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Another environment with the wheel in it, which borrows this one's libraries."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-warn-script-location"]
    subprocess.run([*pip, *install, str(wheel)], check=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    (site,) = {Path(sysconfig.get_path("purelib", vars=paths))}
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return folder


@pytest.fixture
def elsewhere(tmp_path):
    """Variables that keep Jupyter's files out of the user's, and the clone out of Python's path."""
    share = Path(sysconfig.get_path("data")) / "share" / "jupyter"
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return inherited | {
        "JUPYTERLAB_DIR": str(share / "lab"),
        "JUPYTER_PATH": str(share),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }


def server(process, runtime):
    """Where JupyterLab says it serves, once it does."""
    while process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            # The file may be half written, and it is there before anybody listens.
            with contextlib.suppress(json.JSONDecodeError, OSError):
                where = json.loads(path.read_text())
                socket.create_connection(("localhost", where["port"]), timeout=1).close()
                return where
        time.sleep(0.1)
    raise AssertionError(process.stdout.read())


def get(where, path):
    request = urllib.request.Request(
        f"{where['url']}{path}", headers={"Authorization": f"token {where['token']}"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.url, response.read()


def test_the_installed_wheel_serves_the_learner_s_copy(installed, elsewhere, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    process = subprocess.Popen(
        [installed / "bin" / "adamedu", "lab", "--no-browser", "--port=0"],
        cwd=home,
        env=elsewhere,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        where = server(process, tmp_path / "runtime")
        assert Path(where["root_dir"]) == home / "my-course"
        assert json.loads(get(where, "api/status")[1])["kernels"] == 0
        first, page = get(where, "")
        assert first.endswith("/lab/tree/notebooks/00_start_here.ipynb")
        assert b"JupyterLab" in page
        served = json.loads(get(where, "api/contents/exercises?content=1")[1])["content"]
        assert {each["path"] for each in served} == kept_by_git("exercises")
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert f"Your course is in {home / 'my-course'}." in said
    assert [path.name for path in home.iterdir()] == ["my-course"]


def test_what_is_given_out_is_trusted_and_what_is_not_is_not(elsewhere, mine):
    trusts = (
        "import nbformat, sys\n"
        "from nbformat.sign import NotebookNotary\n"
        "print(NotebookNotary().check_signature(nbformat.read(sys.argv[1], as_version=4)))"
    )

    def is_trusted(path):
        command = [sys.executable, "-c", trusts, path]
        return subprocess.run(
            command, env=elsewhere, check=True, capture_output=True, text=True
        ).stdout.strip()

    adamedu_command = Path(sysconfig.get_path("scripts")) / "adamedu"
    command = [adamedu_command, "lab", "--folder", mine, "--version"]
    subprocess.run(command, env=elsewhere, check=True, capture_output=True)
    lesson = mine / "notebooks" / "01_gradient_descent.ipynb"
    assert is_trusted(lesson) == "True"
    lesson.write_text(lesson.read_text(encoding="utf-8").replace("print(", "print(1, "), "utf-8")
    assert is_trusted(lesson) == "False"


def test_jupyterlab_s_exit_status_is_handed_on(elsewhere, mine):
    adamedu_command = Path(sysconfig.get_path("scripts")) / "adamedu"
    command = [adamedu_command, "lab", "--folder", mine, "no-such-file.ipynb"]
    done = subprocess.run(command, env=elsewhere, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "no-such-file.ipynb" in done.stderr
