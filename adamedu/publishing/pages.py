"""Make a plain web page of a notebook: one file, whose playgrounds play without a kernel."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from adamedu.core.errors import ArgumentError
from adamedu.publishing.mathml import set_formulas

if TYPE_CHECKING:
    from pathlib import Path

STATE: Final = "application/vnd.jupyter.widget-state+json"
_NOTEBOOK: Final = re.compile(r"^(?!https?:)([^#?]*)\.ipynb(?=$|#)")


class PageError(ArgumentError):
    """A notebook of which no page can be made; the message says why."""


def page(path: Path) -> str:
    """Return the web page of a stored notebook, as it is: nothing is run.

    Formulas become MathML, pictures and styles are inside, links to other notebooks lead to their
    pages, and each widget that is an anywidget is shown live from its stored state. The page asks
    the network for nothing.

    Parameters
    ----------
    path : Path
        The notebook.

    Raises
    ------
    PageError
        When the file is no notebook.
    FormulaError
        When a formula can't be read.
    OSError
        When the file can't be read.
    """
    import nbformat
    from bs4 import BeautifulSoup
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    try:
        notebook: Any = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(notebook)
    except (ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        raise PageError(f"{path} isn't a notebook: {error}") from error
    parts = resources.files("adamedu.publishing")
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        config=Config(HTMLExporter={"embed_images": True, "mathjax_url": "", "require_js_url": ""}),
        raw_template=parts.joinpath("page.html.j2").read_text(encoding="utf-8"),
    )
    body, _ = exporter.from_notebook_node(
        notebook,
        resources={
            "metadata": {"name": _title(notebook) or path.stem},
            "page_style": parts.joinpath("page.css").read_text(encoding="utf-8"),
            "page_script": parts.joinpath("alone.js").read_text(encoding="utf-8"),
            "widgets": stored_widgets(notebook),
        },
    )
    document = BeautifulSoup(body, "html.parser")
    set_formulas(document)
    for link in document.find_all("a", href=_NOTEBOOK):
        link["href"] = _NOTEBOOK.sub(r"\1.html", str(link["href"]))
    return str(document)


def stored_widgets(notebook: Any) -> dict[str, Any]:
    """Return the widgets that a notebook stores: modules, each once, and models by id.

    >>> stored_widgets({"metadata": {}})
    {'modules': [], 'models': {}}
    """
    stored = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    modules: list[dict[str, str]] = []
    models: dict[str, Any] = {}
    for model_id, model in stored.items():
        state = model.get("state", {})
        if "_esm" not in state:
            continue
        module = {"code": state["_esm"], "style": state.get("_css", "")}
        if module not in modules:
            modules.append(module)
        models[model_id] = {
            "module": modules.index(module),
            "state": {name: value for name, value in state.items() if not name.startswith("_")},
            "buffers": [{k: b[k] for k in ("path", "data")} for b in model.get("buffers", [])],
        }
    return {"modules": modules, "models": models}


def _title(notebook: Any) -> str | None:
    """Find the first heading, in plain words."""
    for cell in notebook["cells"]:
        match = re.search(r"^# (.+)$", cell["source"], re.MULTILINE)
        if cell["cell_type"] == "markdown" and match:
            return re.sub(r"[*`$]", "", match[1]).strip()
    return None


def write_page(path: Path, folder: Path) -> Path:
    """Write the page of a notebook into a folder, whole or not at all, and return its path.

    Parameters
    ----------
    path : Path
        The notebook.
    folder : Path
        Where the page goes; it is made if need be.

    Raises
    ------
    PageError, FormulaError, OSError
        As `page`.
    """
    from adamedu.files import write_whole

    target = folder / f"{path.stem}.html"
    write_whole(target, page(path).encode())
    return target
