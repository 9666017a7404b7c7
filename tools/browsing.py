"""What drives a browser here: Chromium, and a Jupyter that knows nothing of the user's."""

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
HOSTS: Final = {
    "lab": ("jupyterlab", "LabApp", "lab/tree/"),
    "notebook": ("notebook", "JupyterNotebookApp", "notebooks/"),
}
"""What serves notebooks: a module, its app, and where a notebook is opened."""
_FOLDERS: Final = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "IPYTHONDIR": "ipython",
    "XDG_DATA_HOME": "share",  # a learner's progress
}
_SECONDS: Final = 60


@contextlib.contextmanager
def jupyter(course: Path, home: Path, host: str = "lab", *, windowing: str = "") -> Iterator[str]:
    """Serve a folder in JupyterLab or Notebook 7, and stop it at the end.

    Parameters
    ----------
    course : Path
        The folder that is served.
    home : Path
        An empty folder for Jupyter's own settings.
    host : {"lab", "notebook"}, optional
        What serves it.
    windowing : str, optional
        Which cells are on the page: ``"none"`` has them all there at once. What learners have
        unless told.

    Yields
    ------
    str
        The address to which a notebook's path is added.

    Raises
    ------
    TimeoutError
        When it doesn't answer.
    """
    module, app, opens = HOSTS[host]
    settings = {"apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}
    if windowing:
        settings["notebook-extension/tracker"] = {"windowingMode": windowing}
    for name, values in settings.items():
        file = home / f"config/lab/user-settings/@jupyterlab/{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603  (our own words)
        [sys.executable, "-m", module, "--no-browser", "--ip=127.0.0.1", f"--port={port}",
         "--allow-root", "--IdentityProvider.token=", f"--ServerApp.root_dir={course}",
         f"--{app}.expose_app_in_browser=True"],
        env=os.environ | {name: str(home / folder) for name, folder in _FOLDERS.items()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(port, module)
        yield f"http://127.0.0.1:{port}/{opens}"
    finally:
        server.terminate()
        server.wait(_SECONDS)


def _await(port: int, module: str) -> None:
    latest = time.monotonic() + _SECONDS
    while time.monotonic() < latest:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise TimeoutError(f"{module} doesn't answer")
