"""Film the README's picture, a playground that plays: ``python -m tools.filming``.

The browser's clock is ours while it plays, so each frame shows its own moment on any machine.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nbformat
from PIL import Image

from adamedu.publishing.pages import page
from tools.browsing import CHROMIUM, FLAGS
from tools.notebooks import METADATA, execute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator

FILM: Final = Path(__file__).resolve().parents[1] / "docs" / "race.webp"
CELL: Final = """
from adamedu import adagrad, adam, gd, momentum, race, rmsprop, surfaces

film = race([gd, momentum, adagrad, rmsprop, adam], surfaces.double_well, steps=60)
film.chosen = "momentum"
film
"""
PER_SECOND: Final = 25  # frames
SPEED: Final = "2"  # of the play, which takes eight seconds at speed 1
REST: Final = 2  # seconds, before it begins anew
WIDTH: Final = 900  # of the card, in pixels
COLORS: Final = 256
SHORT: Final = ".adamedu-playground .details { display: none !important; }"


def frames(address: str) -> Iterator[Image.Image]:
    """Play the first playground of a page, and return each frame of its card.

    Parameters
    ----------
    address : str
        The page.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        opened = browser.new_page(viewport={"width": WIDTH + 100, "height": WIDTH})
        opened.clock.install(time=0)
        opened.goto(address)
        opened.add_style_tag(content=SHORT)
        card = opened.locator(".adamedu-playground").first
        card.evaluate("(card, width) => { card.style.width = `${width}px`; }", WIDTH)
        card.get_by_label("speed").select_option(value=SPEED)
        card.get_by_role("slider", name="Step", exact=True).press("Home")
        opened.mouse.move(0, 0)
        opened.evaluate("document.activeElement.blur()")
        opened.clock.pause_at(60_000)
        yield _photograph(card)
        card.get_by_role("button", name="Play").evaluate("(button) => button.click()")
        while card.get_by_role("button", name="Pause").count():
            opened.clock.run_for(1000 // PER_SECOND)
            yield _photograph(card)
        browser.close()


def _photograph(card: Locator) -> Image.Image:
    return Image.open(io.BytesIO(card.screenshot())).convert("RGB")


def main() -> None:
    """Make the page, play it, and write the film."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / "film.ipynb"
        cell = nbformat.v4.new_code_cell(CELL.strip())  # type: ignore[no-untyped-call]
        made = nbformat.v4.new_notebook(cells=[cell], metadata=METADATA)  # type: ignore[no-untyped-call]
        notebook.write_text(nbformat.writes(made))  # type: ignore[no-untyped-call]
        execute(notebook)
        shown = notebook.with_suffix(".html")
        shown.write_text(page(notebook), encoding="utf-8")
        film = list(frames(shown.as_uri()))
    write(film)
    print(f"{FILM.name}: {len(film)} frames, {FILM.stat().st_size / 1000:.0f} kB")  # noqa: T201


def write(film: list[Image.Image]) -> None:
    """Write the frames in the few colors that all of them share; the last one rests.

    Parameters
    ----------
    film : list of Image
        The frames.
    """
    width, height = film[0].size
    some = film[:: len(film) // 8]
    sheet = Image.new("RGB", (width, height * len(some)))
    for k, frame in enumerate(some):
        sheet.paste(frame, (0, height * k))
    palette = sheet.quantize(COLORS, Image.Quantize.FASTOCTREE, kmeans=1)
    first, *others = [
        frame.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB") for frame in film
    ]
    first.save(
        FILM,
        save_all=True,
        append_images=others,
        duration=[1000 // PER_SECOND] * len(others) + [1000 * REST],
        loop=0,
        lossless=True,
        method=4,
        minimize_size=True,
    )


if __name__ == "__main__":
    main()
