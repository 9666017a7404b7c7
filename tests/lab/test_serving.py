"""The course is served in JupyterLab, from a clone and from a wheel."""

import asyncio
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
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from nbformat.sign import NotebookNotary
from tornado.websocket import websocket_connect

import adamedu
from adamedu.lab import serve
from adamedu.lab.copying import CopyReport
from tests.support.giving_out import ROOT, kept_by_git, publish
from tests.support.submitting import code, notebook


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


def test_the_wheel_carries_the_package_its_program_the_lessons_and_blank_exercises_only(wheel):
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    lessons = {f"adamedu/_course/{name}" for name in kept_by_git("notebooks", "exercises")}
    assert packed == kept_by_git("adamedu", "adamedu_command.py") | lessons
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


def ask(where, path, body=None):
    """Get what is at a path of JupyterLab, or post something to it."""
    request = urllib.request.Request(
        f"{where['url']}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"token {where['token']}"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.url, response.read()


def start(installed, home, env, **options):
    home.mkdir()
    return subprocess.Popen(
        [installed / "bin" / "adamedu", "lab", "--no-browser", "--port=0"],
        cwd=home,
        env=env,
        **options,
    )


def test_the_installed_wheel_serves_the_learner_s_copy(installed, elsewhere, tmp_path):
    home = tmp_path / "home"
    to_read = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = start(installed, home, elsewhere, **to_read)
    try:
        where = server(process, tmp_path / "runtime")
        assert Path(where["root_dir"]) == home / "my-course"
        assert json.loads(ask(where, "api/status")[1])["kernels"] == 0
        first, page = ask(where, "")
        assert first.endswith("/lab/tree/notebooks/00_start_here.ipynb")
        assert b"JupyterLab" in page
        served = json.loads(ask(where, "api/contents/exercises?content=1")[1])["content"]
        assert {each["path"] for each in served} == kept_by_git("exercises")
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert f"Your course is in {home / 'my-course'}." in said
    assert [path.name for path in home.iterdir()] == ["my-course"]


@pytest.fixture
def where(installed, elsewhere, tmp_path):
    """JupyterLab, started in a terminal by a user who has another Python's kernel in the way."""
    another = tmp_path / "another" / "kernels" / "python3"
    another.mkdir(parents=True)
    spec = {"argv": ["false", "{connection_file}"], "display_name": "Mine", "language": "python"}
    (another / "kernel.json").write_text(json.dumps(spec))
    kernels = os.pathsep.join([str(tmp_path / "another"), elsewhere["JUPYTER_PATH"]])
    env = elsewhere | {
        "PATH": os.defpath,
        "SHELL": "/bin/sh",
        "JUPYTER_PATH": kernels,
        "JUPYTER_CONFIG_PATH": str(Path(sysconfig.get_path("data")) / "etc" / "jupyter"),
    }
    ours, its = os.openpty()
    process = start(installed, tmp_path / "home", env, stdout=its, stderr=subprocess.DEVNULL)
    try:
        yield server(process, tmp_path / "runtime")
    finally:
        process.terminate()
        process.wait(timeout=60)
        os.close(ours)
        os.close(its)


def test_kernels_are_the_python_that_serves_and_find_its_command(where, installed, tmp_path):
    kernel = json.loads(ask(where, "api/kernels", {"name": "python3"})[1])
    client = BlockingKernelClient(
        connection_file=str(tmp_path / "runtime" / f"kernel-{kernel['id']}.json")
    )
    client.load_connection_file()
    client.start_channels(hb=False)  # a busy machine's heart beats slowly
    try:
        client.wait_for_ready(timeout=60)
        cell = "import sys; print(sys.prefix)\n!adamedu --version"
        printed: list[dict[str, Any]] = []
        client.execute_interactive(cell, timeout=60, output_hook=printed.append)
    finally:
        client.stop_channels()
    text = "".join(message["content"].get("text", "") for message in printed)
    assert text.splitlines() == [str(installed), f"adamedu, version {adamedu.__version__}"]


def test_terminals_find_the_command(where):
    name = json.loads(ask(where, "api/terminals", {})[1])["name"]
    address = where["url"].replace("http", "ws", 1)

    async def type_there(text):
        url = f"{address}terminals/websocket/{name}?token={where['token']}"
        terminal = await websocket_connect(url)
        await terminal.write_message(json.dumps(["stdin", f"{text}\r"]))
        shown = ""
        async with asyncio.timeout(60):
            while "done\r" not in shown:
                kind, *said = json.loads(await terminal.read_message() or "")
                shown += said[0] if kind == "stdout" else ""
        terminal.close()
        return shown

    shown = asyncio.run(type_there("adamedu --version; echo do''ne"))
    assert f"adamedu, version {adamedu.__version__}" in shown


def test_this_python_s_commands_come_first_on_the_path_and_once():
    own, another = sysconfig.get_path("scripts"), str(Path("another").resolve())
    once = serve._with_own_commands(os.pathsep.join([another, own]))
    folders = once.split(os.pathsep)
    assert folders[0] == own
    assert folders[-1] == another
    assert len(folders) == len(set(folders))
    assert serve._with_own_commands(once) == once


def test_what_is_brought_up_to_date_or_put_beside_is_trusted(mine, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    names = ["a.ipynb", "b.ipynb", "b.new.ipynb"]
    texts = {name: notebook(code(f"'{name}'") | {"id": "only"}) for name in names}
    for name, text in texts.items():
        publish(mine, name, text)
    serve._sign(CopyReport(mine, updated=["a.ipynb"], offered={"b.ipynb": "b.new.ipynb"}))
    notary = NotebookNotary()
    read = {name: nbformat.reads(text, as_version=4) for name, text in texts.items()}
    trusted = [name for name in read if notary.check_signature(read[name])]
    notary.store.close()
    assert trusted == ["a.ipynb", "b.new.ipynb"]


@pytest.mark.slow
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
