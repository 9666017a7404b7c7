"""Run notebooks in place: ``python -m tools.notebooks notebooks/*.ipynb solutions/*.ipynb``.

The same notebook gives the same file: nothing is stored that depends on the moment or the machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any, Final

import click
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from adamedu.files import write_whole
from adamedu.publishing.pages import STATE

# What JupyterLab writes, too, but for the version of Python: opening a notebook changes little.
METADATA: Final[dict[str, dict[str, Any]]] = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
SECONDS_PER_CELL: Final = 120
VIEW: Final = "application/vnd.jupyter.widget-view+json"
REFERENCE: Final = re.compile(r"IPY_MODEL_(\w+)")


class NotebookError(Exception):
    """A notebook that isn't stored; the message says which cell is at fault, and why."""


def execute(path: Path) -> None:
    """Run a notebook in a fresh kernel, in its own folder, and store it whole or not at all.

    Parameters
    ----------
    path : Path
        The notebook.

    Raises
    ------
    NotebookError
        When it can't be read, or a cell fails or writes to standard error.
    """
    notebook = run(path)
    notebook.metadata.update(METADATA)
    _keep_shown_widgets(notebook)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    stored = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    write_whole(path, f"{stored}\n".encode())


def run(path: Path, **environment: str) -> Any:
    """Run a notebook in a fresh kernel, in its own folder, and return it with its outputs.

    Parameters
    ----------
    path : Path
        The notebook.
    **environment
        What is added to the kernel's environment.

    Raises
    ------
    NotebookError
        When it can't be read, or a cell fails or writes to standard error.
    """
    try:
        text = json.dumps(_with_ids(json.loads(path.read_text(encoding="utf-8"))))
        notebook: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except (ValueError, KeyError, TypeError, nbformat.ValidationError) as error:
        raise NotebookError(f"{path} isn't a notebook: {error}") from error
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name=METADATA["kernelspec"]["name"],
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )
    try:
        asyncio.run(client.async_execute(env=os.environ | {"ADAMEDU_DATA": ""} | environment))
    except (CellExecutionError, CellTimeoutError) as error:
        raise NotebookError(f"{path}: {error}") from error
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise NotebookError(f"{path}, cell {number} warns: {output.text}")
    return notebook


def _with_ids(notebook: dict[str, Any]) -> dict[str, Any]:
    """Give an id to each cell that has none of its own, the same one every time."""
    taken: set[str] = set()
    for number, cell in enumerate(notebook["cells"]):
        if cell.get("id", "") in taken | {""}:
            text = f"{number} {''.join(cell['source'])}"
            cell["id"] = hashlib.sha256(text.encode()).hexdigest()[:8]
        taken.add(cell["id"])
    notebook["nbformat_minor"] = max(notebook["nbformat_minor"], 5)
    return notebook


def _keep_shown_widgets(notebook: Any) -> None:
    """Keep the widgets that outputs show, and what they refer to, under the same ids every time."""
    stored = notebook.metadata.pop("widgets", {}).get(STATE)
    if stored is None:
        return
    renamed: dict[str, str] = {}
    for cell in notebook.cells:
        views = [output.get("data", {}).get(VIEW) for output in cell.get("outputs", [])]
        for number, view in enumerate(filter(None, views), start=1):
            _name(view["model_id"], f"{cell['id']}-{number}", stored["state"], renamed)
            view["model_id"] = renamed[view["model_id"]]
    text = json.dumps({new: stored["state"][old] for old, new in renamed.items()})
    state = json.loads(REFERENCE.sub(lambda found: f"IPY_MODEL_{renamed[found[1]]}", text))
    if state:
        notebook.metadata["widgets"] = {STATE: {**stored, "state": state}}


def _name(old: str, new: str, state: dict[str, Any], renamed: dict[str, str]) -> None:
    """Give a model its name, and names that follow from it to those that it refers to."""
    if old in renamed:
        return
    renamed[old] = new
    for number, other in enumerate(REFERENCE.findall(json.dumps(state[old])), start=1):
        _name(other, f"{new}-{number}", state, renamed)


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
def main(paths: tuple[Path, ...]) -> None:
    """Run notebooks, each in a fresh kernel, and store their outputs in place."""
    for path in paths:
        try:
            execute(path)
        except NotebookError as error:
            raise click.ClickException(str(error)) from error
        click.echo(path)


if __name__ == "__main__":
    main()
