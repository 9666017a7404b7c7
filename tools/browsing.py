"""What drives a browser here: Chromium, and a JupyterLab that knows nothing of the user's."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
READY: Final = (
    "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
)
RUN: Final = "void window.jupyterapp.commands.execute('notebook:run-all-cells')"
DONE: Final = """() => {
  const {model, sessionContext} = window.jupyterapp.shell.currentWidget;
  const cells = model.sharedModel.toJSON().cells.filter((c) => c.cell_type === 'code' && c.source);
  return cells.every((c) => c.execution_count) && sessionContext.session.kernel.status === 'idle';
}"""
_SETTINGS: Final = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # all cells are there at once
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
_FOLDERS: Final = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "IPYTHONDIR": "ipython",
    "XDG_DATA_HOME": "share",  # a learner's progress
}
_SECONDS: Final = 60


@contextlib.contextmanager
def jupyterlab(course: Path, home: Path) -> Iterator[str]:
    """Serve a folder in JupyterLab, and stop it at the end.

    Parameters
    ----------
    course : Path
        The folder that is served.
    home : Path
        An empty folder for JupyterLab's own settings.

    Yields
    ------
    str
        The address to which a notebook's path is added.

    Raises
    ------
    TimeoutError
        When it doesn't answer.
    """
    for name, values in _SETTINGS.items():
        file = home / f"config/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603  (our own words)
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
         "--allow-root", "--IdentityProvider.token=", f"--ServerApp.root_dir={course}",
         "--LabApp.expose_app_in_browser=True"],
        env=os.environ | {name: str(home / folder) for name, folder in _FOLDERS.items()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}/lab/tree/"
    finally:
        server.terminate()
        server.wait(_SECONDS)


def _await(port: int) -> None:
    latest = time.monotonic() + _SECONDS
    while time.monotonic() < latest:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise TimeoutError("JupyterLab doesn't answer")
