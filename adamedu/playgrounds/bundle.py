"""Join the browser's modules into the one text that a widget carries."""

from __future__ import annotations

import base64
import functools
import json
import re
import zlib
from graphlib import TopologicalSorter
from importlib import resources
from typing import Final

from adamedu.core.descent import LIMIT
from adamedu.drawing.pictures import CONTOUR, DECADES, GROUND, LINE_WIDTH
from adamedu.playgrounds.objective import GRID_POINTS, ROUNDING

FOLDER: Final = resources.files("adamedu.playgrounds").joinpath("browser")
ENTRY: Final = "playground.js"
CONSTANTS: Final = "constants.js"
FAILING: Final = "failing.js"

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const) (\w+))", re.MULTILINE)
_COMMENT = re.compile(r"^\s*//.*\n|(?<=[;,{}]) // .*$|/\*\*[\s\S]*?\*/\s*", re.MULTILINE)
_INDENT = re.compile(r"\n\s*")
_COLOR = re.compile(r"--(ink|soft): (#\w+);")


_PACKED: Final = """\
// The modules of adamedu/playgrounds/browser, compressed: each stored playground carries them.
{failing}
const packed = "{packed}";
let widget;
try {{
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const text = await new Response(stream).text();
  const address = URL.createObjectURL(new Blob([text], {{ type: "text/javascript" }}));
  widget = (await import(address)).default;
}} catch (error) {{
  widget = {{ render: ({{ el }}) => apologize(el, error) }};
}}
export default widget;
"""


@functools.cache
def script() -> str:
    """Return `source` as a module that unpacks itself, a third as large.

    >>> len(script()) < 0.5 * len(source())
    True
    """
    packed = base64.b64encode(zlib.compress(source().encode(), level=9)).decode()
    unpacks = _PACKED.format(failing=_scoped(FAILING, _texts()[FAILING]), packed=packed)
    return _INDENT.sub("\n", unpacks)


@functools.cache
def source() -> str:
    """Return all modules as one, each after those that it imports, without comments and indents.

    >>> source().count("export default {"), source().count("import {")
    (1, 0)
    """
    texts = _texts()
    needs = {name: _IMPORT.findall(text) for name, text in sorted(texts.items())}
    ordered = TopologicalSorter(needs).static_order()
    return _INDENT.sub("\n", "".join(_scoped(name, texts[name]) for name in ordered)).lstrip()


def constants() -> str:
    """Return the module of what the browser shares with Python and with the style sheet.

    >>> print(constants().splitlines()[0])
    export const CONTOUR = "#A9B8C4";
    """
    shared = {
        "CONTOUR": CONTOUR,
        "DECADES": DECADES,
        "GRID_POINTS": GRID_POINTS,
        "GROUND": GROUND,
        "LIMIT": LIMIT,
        "LINE_WIDTH": LINE_WIDTH,
        "ROUNDING": ROUNDING,
        **{name.upper(): color for name, color in _COLOR.findall(_style())},
    }
    return "".join(
        f"export const {name} = {json.dumps(shared[name])};\n" for name in sorted(shared)
    )


def _texts() -> dict[str, str]:
    files = {
        file.name: file.read_text(encoding="utf-8")
        for file in FOLDER.iterdir()
        if file.name.endswith(".js")
    }
    return files | {CONSTANTS: constants()}


def _scoped(name: str, text: str) -> str:
    """Keep a module's own names to itself; what it exports is seen by those that follow."""
    text = _COMMENT.sub("", _IMPORT.sub("", text))
    if name == ENTRY:
        return text
    exported = ", ".join(found for _, found in _EXPORT.findall(text))
    body = _EXPORT.sub(r"\1", text)
    return f"const {{ {exported} }} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"


@functools.cache
def style() -> str:
    """Return the style sheet, without indents."""
    return _INDENT.sub("\n", _style())


def _style() -> str:
    return FOLDER.joinpath("playground.css").read_text(encoding="utf-8")
