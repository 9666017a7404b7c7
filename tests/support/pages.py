"""Notebooks as a reader meets them: cells, headings, prose, and what outputs say in words."""

import json
import re
from pathlib import Path

from tools.notebooks import VIEW

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def cells_of(path, kind):
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == kind]


def views(path):
    """The outputs that are widgets."""
    outputs = [output for cell in cells_of(path, "code") for output in cell["outputs"]]
    return [output for output in outputs if VIEW in output.get("data", {})]


def text_of(cell):
    return "".join(cell["source"])


def texts_shown(cell):
    """All that a cell's outputs say in words."""
    for output in cell["outputs"]:
        yield "".join(output.get("text", ""))
        for kind, data in output.get("data", {}).items():
            if not kind.startswith("image/"):
                yield "".join(data)


def headings_in(cell):
    """A cell's headings' levels and texts, as they are written."""
    prose = re.sub(r"```.*?```", "", text_of(cell), flags=re.DOTALL)
    found = re.findall(r"^(#+) (.+?)\s*$", prose, flags=re.MULTILINE)
    return [(len(marks), heading) for marks, heading in found]


def headings(path):
    return [heading for cell in cells_of(path, "markdown") for heading in headings_in(cell)]


def anchors(path):
    """What links to a notebook's headings end with."""
    return {heading.replace(" ", "-") for _, heading in headings(path)}


def prose_of(path):
    """What a reader reads, without code, formulas, links' targets, tags and numbers of sections."""
    sections = {match[0] for _, h in headings(path) if (match := re.match(r"\d\.\d+", h))}
    of_no_measurement = re.compile(
        rf"\d+ minutes|\b(?:{'|'.join(map(re.escape, sections)) or '!'})\b"
    )
    for cell in cells_of(path, "markdown"):
        prose = re.sub(r"```.*?```|`[^`\n]*`", " ", text_of(cell), flags=re.DOTALL)
        prose = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", " ", prose, flags=re.DOTALL)
        prose = of_no_measurement.sub(" ", re.sub(r"\]\([^)]*\)", "]", prose))
        yield cell["id"], re.sub(r"<code>.*?</code>|<[^>]+>", " ", prose)


def numbers_in(text):
    """Numbers as they are written, but for small whole ones, which count things in words' stead."""
    written = re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])", text)
    plain = (number.replace(",", "") for number in written)
    return {n for n in plain if "." in n or (int(n) > 12 and not n.startswith("0"))}


def numbers_shown(texts):
    return {n for text in texts for n in re.findall(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)}


def shows(shown, number):
    """Whether a number stands among those shown, as it is or before it was rounded."""
    decimals = len(number.partition(".")[2])
    return number in shown or any(
        f"{float(other):.{decimals}f}" == number for other in shown if "." in other and decimals
    )
