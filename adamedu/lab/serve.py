"""JupyterLab, opened on the learner's own copy of the course."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from adamedu.content.course import FIRST_LESSON
from adamedu.lab.copying import copy_course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adamedu.lab.copying import CopyReport

_PACKAGE = Path(__file__).resolve().parents[1]


def serve(destination: Path | None = None, jupyter_args: Sequence[str] = ()) -> int:
    """Copy the course, then serve it in JupyterLab, opened on the first lesson, until it stops.

    Parameters
    ----------
    destination
        The learner's folder, as for `copy_course`.
    jupyter_args
        Arguments for JupyterLab, such as ``["--no-browser", "--port", "9999"]``.

    Returns
    -------
    int
        JupyterLab's exit status.

    Raises
    ------
    CourseError
        If the course can't be copied.
    """
    report = copy_course(destination)
    sys.stdout.write(f"{report}\n")
    sys.stdout.flush()
    _sign(report)
    from jupyterlab.labapp import LabApp

    arguments = [
        f"--ServerApp.root_dir={report.folder}",
        f"--LabApp.default_url=/lab/tree/{FIRST_LESSON}",
        "--ServerApp.kernel_spec_manager_class=adamedu.lab.kernel.KernelSpecs",
    ]
    os.environ["PATH"] = _with_own_commands(os.environ.get("PATH", os.defpath))
    # A first lesson shouldn't begin with a question about news.
    places = (os.environ.get("JUPYTER_CONFIG_PATH"), str(_PACKAGE / "lab_settings"))
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, places))
    if sys.platform != "win32" and os.geteuid() == 0:
        arguments.append("--allow-root")  # in a container there is often nobody else
    try:
        LabApp.launch_instance([*arguments, *jupyter_args])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _with_own_commands(path: str) -> str:
    """Put the folders of this Python's commands first: kernels and terminals find ``adamedu``."""
    schemes = [sysconfig.get_default_scheme()]
    if site.ENABLE_USER_SITE:
        schemes.append(sysconfig.get_preferred_scheme("user"))
    own = [sysconfig.get_path("scripts", scheme) for scheme in schemes]
    known = {os.path.normcase(each) for each in own}
    others = (each for each in path.split(os.pathsep) if os.path.normcase(each) not in known)
    return os.pathsep.join([*own, *others])


def _sign(report: CopyReport) -> None:
    """Let JupyterLab trust the notebooks that were just given out: their playgrounds play at once.

    What the learner wrote is not signed here: JupyterLab does that when its cells are run.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()  # type: ignore[no-untyped-call]
    for name in report.given:
        if name.endswith(".ipynb"):
            text = (report.folder / name).read_text(encoding="utf-8")
            notary.sign(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]
