"""What every figure is made of: a `Picture` with its sentence, and one look for each optimizer.

Matplotlib loads when the first figure is drawn. Figures go straight to PNG, without pyplot, and the
same data gives the same bytes.
"""

from __future__ import annotations

import base64
import functools
import io
import itertools
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec

import numpy as np

from adamedu.content.ladder import rungs
from adamedu.core.errors import ArgumentError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure
    from PIL.Image import Image

P = ParamSpec("P")

SCALE: Final = 1.5
"""Pixels in the file for each pixel on the page, so that text stays sharp on fine screens."""

COLORS: Final = 64
"""How many colors a picture has."""

TINY: Final = 1e-9

INK: Final = "#222222"
FAINT: Final = "#8A939B"
PALETTE: Final = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999",
)  # fmt: skip
"""Okabe and Ito's colors, told apart by color-blind readers too; gray stands for their yellow."""

SHADES: Final = ("#FFFFFF", "#D3DDE6")
"""The colors of the lowest and the highest ground."""

CONTOUR: Final = "#A9B8C4"
GROUND: Final = "#E6ECF1"

LINE_WIDTH: Final = 1.6
"""How wide lines are drawn; dashes are multiples of it."""

DECADES: Final = 10
"""So many powers of ten are on a logarithmic axis."""

DASHES: Final = ("-", "--", (0, (5, 1, 1, 1)), (0, (1, 1)))
MARKERS: Final = "osD^vPX*<>pd"

MAX_LOOKS: Final = 2 * len(PALETTE)
"""So many looks are told apart in one picture: two of a color differ in dash and marker."""

_STYLE: Final[dict[str, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.constrained_layout.use": True,
    "font.size": 9.5,
    "grid.color": "#E3E7EA",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": LINE_WIDTH,
    "text.color": INK,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
}


class FigureError(ArgumentError):
    """A figure that can't be drawn of what was given."""


class Look(NamedTuple):
    """How an optimizer is drawn, in every figure alike."""

    label: str
    color: str
    dash: Any
    marker: str


_DASHES: Final = dict(zip(("solid", "dashed", "dash-dotted", "dotted"), DASHES, strict=True))
LOOKS: Final = {
    name: Look(rung.label, rung.color, _DASHES[rung.dash], rung.marker)
    for name, rung in rungs().items()
}


def look(name: str) -> Look:
    """Return the look of an optimizer: its own, or one that depends on its name alone.

    >>> look("adam").label, look("my_step").label
    ('Adam', 'my_step')
    """
    if name in LOOKS:
        return LOOKS[name]
    code = zlib.crc32(name.encode())
    return Look(
        name,
        PALETTE[code % len(PALETTE)],
        DASHES[1 + code // len(PALETTE) % (len(DASHES) - 1)],
        MARKERS[code // 32 % len(MARKERS)],
    )


def looks(names: Sequence[str]) -> list[Look]:
    """Return a look for each of several runs, told apart by more than their colors.

    The first run of a known optimizer has that one's look. Every other has its own where nobody
    looks like it, or the one that is most unlike theirs.

    >>> [own.color for own in looks(["adam", "gd", "adam"])]
    ['#D55E00', '#000000', '#0072B2']
    """
    known = {names.index(name): LOOKS[name] for name in names if name in LOOKS}
    chosen = dict(known)
    for i, name in enumerate(names):
        if i not in known:
            own, others = look(name), list(chosen.values())
            alike = any(own.color == one.color or own.marker == one.marker for one in others)
            chosen[i] = unlike(own.label, others) if alike else own
    return [chosen[i] for i in range(len(names))]


def unlike(label: str, others: Sequence[Look]) -> Look:
    """Return the look that is most unlike those of others.

    Nobody has its dash with its marker, or its dash with its color, as long as there are such; of
    these it is made of what the fewest have.

    >>> unlike("mine", [LOOKS["gd"]])
    Look(label='mine', color='#0072B2', dash='--', marker='s')
    """
    pairs = Counter((one.dash, one.marker) for one in others)
    pairs.update((one.dash, one.color) for one in others)
    parts = Counter(part for one in others for part in one[1:])

    def likeness(color: str, dash: Any, marker: str) -> tuple[int, ...]:
        same = pairs[dash, marker] + pairs[dash, color]
        return same, parts[color], parts[marker], parts[dash]

    every = itertools.product(PALETTE, DASHES, MARKERS)
    return Look(label, *min(every, key=lambda candidate: likeness(*candidate)))


@dataclass(frozen=True, repr=False)
class Picture:
    """A figure that knows what it shows.

    In a notebook it is a PNG with its sentence as alternative text, and the sentence again as a
    caption, which is what a reader sees in a viewer that ignores alternative text.

    Attributes
    ----------
    png : bytes
        The picture.
    alt : str
        What it shows, in one or more sentences, with its numbers.
    width : int
        Its width on the page in pixels.

    Examples
    --------
    >>> from adamedu import adam, descend, figures, surfaces
    >>> trace = descend(adam, surfaces.ravine, steps=60, lr=0.4)
    >>> print(figures.losses(trace))
    Loss over 60 steps on the ravine. Adam goes from 10.3 to 0.001944.
    """

    png: bytes
    alt: str
    width: int

    def __str__(self) -> str:
        return self.alt

    def __repr__(self) -> str:
        return self.alt

    def _ipython_display_(self) -> None:
        from IPython.display import display

        image = {"image/png": base64.b64encode(self.png).decode(), "text/plain": self.alt}
        display(image, raw=True, metadata={"image/png": {"alt": self.alt, "width": self.width}})  # type: ignore[no-untyped-call]
        caption = re.sub(r"([\\`*_<\[$])", r"\\\1", self.alt)
        display({"text/markdown": caption, "text/plain": self.alt}, raw=True)  # type: ignore[no-untyped-call]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the PNG to a file, all of it or nothing.

        Raises
        ------
        FigureError
            When the file's name doesn't end in ``.png``.
        """
        target = Path(path)
        if target.suffix != ".png":
            raise FigureError(f"pictures are saved as PNG: write {target.with_suffix('.png').name}")
        partial = target.with_name(f".{target.name}.partial")
        partial.write_bytes(self.png)
        partial.replace(target)


def drawing(draw: Callable[P, tuple[Figure, str]]) -> Callable[P, Picture]:
    """Make a `Picture` of what a function draws and says (a decorator)."""

    @functools.wraps(draw)
    def picture(*args: P.args, **kwargs: P.kwargs) -> Picture:
        from matplotlib import style
        from PIL.Image import open as read

        with style.context(["default", _STYLE]):
            figure, alt = draw(*args, **kwargs)
            buffer = io.BytesIO()
            figure.savefig(
                buffer, format="png", dpi=100 * SCALE, bbox_inches="tight", pad_inches=0.08
            )
        image = read(buffer).convert("RGB")
        small = io.BytesIO()
        _with_few_colors(image).save(small, format="png", optimize=True)
        return Picture(small.getvalue(), alt, round(image.width / SCALE))

    return picture


def _with_few_colors(image: Image) -> Image:
    """Make a picture a third as large: the commonest colors stay, others turn to the nearest."""
    from PIL import Image as Pillow

    pixels = np.asarray(image).astype(np.int64)
    codes, where, counts = np.unique(
        pixels @ (1 << 16, 1 << 8, 1), return_inverse=True, return_counts=True
    )
    colors = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1)
    kept = colors[np.argsort(-counts, kind="stable")[:COLORS]]
    distances = (kept**2).sum(-1) - 2 * colors @ kept.T
    small = Pillow.fromarray(distances.argmin(-1).astype(np.uint8)[where].reshape(pixels.shape[:2]))
    small.putpalette(kept.astype(np.uint8).tobytes())
    return small


def number(value: float) -> str:
    """Round to 4 significant digits.

    >>> number(0.000123456), number(-0.0), number(12345.6)
    ('0.0001235', '0', '1.235e+04')
    """
    return f"{value + 0.0:.4g}"


def point(values: Any) -> str:
    """Write a point, rounded; a single coordinate goes without parentheses.

    What is nearer to 0 than `TINY` is 0: its digits are noise, and differ between machines.

    >>> point([1.0, -1e-13]), point([2.0])
    ('(1, 0)', '2')
    """
    written = ", ".join(number(0.0 if abs(value) <= TINY else value) for value in values)
    return written if len(values) == 1 else f"({written})"


def height(loss: float) -> str:
    """Write a loss, rounded; of one below `TINY` only that.

    >>> height(0.25), height(2e-17)
    ('0.25', 'below 1e-09')
    """
    return f"below {TINY:g}" if 0 < loss < TINY else number(loss)
