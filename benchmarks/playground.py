"""How fast a playground follows a slider, side by side: ``python -m benchmarks.playground``.

Six optimizers make 500 steps each. A slider is moved in JupyterLab, and the time is taken from the
event in the browser until the changed pixels can be read: with the steps made in the browser, with
the steps of a function of the learner's own made in the kernel, and with the same paths drawn by
matplotlib under ``interact``, all in one run. A playground that opens on a plain page is timed from
its source text to its first picture. It needs the browser lock and Chromium.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import nbformat
from rich.console import Console
from rich.table import Table

from adamedu import adagrad, adam, gd, momentum, nesterov, rmsprop, surfaces
from adamedu.playgrounds.widget import playground
from tools.browsing import CHROMIUM, DONE, FLAGS, READY, RUN, jupyter
from tools.notebooks import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

STEPS: Final = 500
WARMING: Final = 3
CELLS: Final = {
    "playground": """
from adamedu import adagrad, adam, gd, momentum, nesterov, playground, rmsprop, surfaces
six = [gd, momentum, nesterov, adagrad, rmsprop, adam]
playground(six, surfaces.ravine, steps=500)
""",
    "kernel": """
def own(theta, g, t, m, *, lr=0.3, beta=0.9):
    for _ in range(1):
        m = beta * m + (1 - beta) * g
    return theta - lr * m, m

playground(own, surfaces.ravine, steps=500)
""",
    "interact": """
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatLogSlider, interact
from adamedu import descend
from adamedu.drawing.panels import draw_losses, draw_paths, lines

@interact(lr=FloatLogSlider(0.4, min=-3, max=1, step=0.01))
def draw(lr):
    rates = surfaces.ravine.rates
    traces = [descend(f, surfaces.ravine, steps=500, lr=rates[f.__name__]) for f in six[:-1]]
    drawn = lines([*traces, descend(adam, surfaces.ravine, steps=500, lr=lr)])
    figure, (above, below) = plt.subplots(2, 1, figsize=(7, 6))
    draw_paths(above, surfaces.ravine, drawn)
    draw_losses(below, drawn)
    plt.show()
""",
}
# Each moves a slider and returns the milliseconds until the pixels that follow can be read.
IN_BROWSER: Final = """(k) => {
  const root = document.querySelectorAll('.adamedu-playground')[0];
  const slider = root.querySelector('input[aria-label^="lr"]');
  const picture = root.querySelector('canvas').getContext('2d');
  const read = () => picture.getImageData(0, 0, picture.canvas.width, picture.canvas.height).data;
  const before = read();
  slider.value = 200 + (k % 2 ? 1 : -1) * (10 + k);
  const start = performance.now();
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  const after = read();
  const ready = performance.now() - start;
  if (after.every((value, i) => value === before[i])) throw new Error('nothing has changed');
  return new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
    done([ready, performance.now() - start]))));
}"""
IN_KERNEL: Final = """async (k) => {
  const root = document.querySelectorAll('.adamedu-playground')[1];
  const slider = root.querySelector('input[aria-label^="lr"]');
  const picture = root.querySelector('canvas').getContext('2d');
  const size = [picture.canvas.width, picture.canvas.height];
  const read = () => picture.getImageData(0, 0, ...size).data.join();
  slider.value = 200 + (k % 2 ? 1 : -1) * (10 + k);
  const clear = picture.clearRect;
  const before = read();
  const start = performance.now();
  const drawn = new Promise((done, fail) => {
    let count = 0;
    picture.clearRect = function (...box) {
      clear.apply(this, box);
      count += 1; // the slider's own picture is the first, the kernel's the second
      if (count > 1) queueMicrotask(() => done(performance.now() - start));
    };
    setTimeout(fail, 5000, new Error('the kernel did not answer'));
  });
  slider.dispatchEvent(new Event('input', {bubbles: true}));
  const ready = await drawn;
  delete picture.clearRect;
  if (read() === before) throw new Error('nothing has changed');
  return new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
    done([ready, performance.now() - start]))));
}"""
INTERACT: Final = """async (k) => {
  const handle = document.querySelector('.noUi-handle');
  const panel = handle.closest('.jp-Cell');
  const before = panel.querySelector('.jp-RenderedImage img').src;
  const start = performance.now();
  const changed = new Promise((done, fail) => {
    const look = async () => {
      const image = panel.querySelector('.jp-RenderedImage img');
      if (!image || image.src === before) return;
      watch.disconnect();
      await image.decode();
      done(performance.now() - start);
    };
    const watch = new MutationObserver(look);
    watch.observe(panel, {subtree: true, childList: true, attributes: true});
    setTimeout(fail, 20000, new Error('nothing has changed'));
  });
  const key = k % 2 ? 'ArrowRight' : 'ArrowLeft';
  handle.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  const ready = await changed;
  return new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
    done([ready, performance.now() - start]))));
}"""
OPEN: Final = """async ([script, state]) => {
  const model = {get: (name) => state[name], set() {}, on() {}, off() {}, save_changes() {}};
  const start = performance.now();
  const source = URL.createObjectURL(new Blob([script], {type: 'text/javascript'}));
  const {default: widget} = await import(source);
  await widget.render({model, el: document.querySelector('main')});
  await new Promise((shown) => requestAnimationFrame(() => setTimeout(shown)));
  const canvas = document.querySelector('canvas');
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  if (!data.some(Boolean)) throw new Error('nothing was drawn');
  return performance.now() - start;
}"""
PAGE: Final = "<!doctype html><html lang=en><title>A playground</title><main></main></html>"


@dataclass(frozen=True)
class Followed:
    """How a slider was followed.

    Attributes
    ----------
    way : str
        Who drew, and where the steps were made.
    ready : list of float
        Milliseconds until the changed pixels could be read.
    shown : list of float
        Milliseconds until a frame with them had been shown.
    received : float
        Bytes that the kernel sent for one move.
    """

    way: str
    ready: list[float]
    shown: list[float]
    received: float


def followed(browser: Browser, folder: Path, moves: int) -> list[Followed]:
    """Move each slider so many times in JupyterLab."""
    course = folder / "course"
    course.mkdir()
    notebook = nbformat.v4.new_notebook(metadata=METADATA)  # type: ignore[no-untyped-call]
    for text in CELLS.values():
        notebook.cells.append(nbformat.v4.new_code_cell(text.strip()))  # type: ignore[no-untyped-call]
    (course / "sliders.ipynb").write_text(nbformat.writes(notebook))  # type: ignore[no-untyped-call]
    with jupyter(course, folder, windowing="none") as root:
        page = browser.new_page(viewport={"width": 1200, "height": 1000})
        received: list[int] = []
        page.on("websocket", lambda socket: socket.on(
            "framereceived", lambda frame: received.append(len(frame))))  # fmt: skip
        page.goto(f"{root}sliders.ipynb?reset")
        page.wait_for_function(READY, timeout=90_000)
        page.evaluate(RUN)
        page.wait_for_function(DONE, timeout=120_000)
        page.locator(".noUi-handle").wait_for()
        page.wait_for_timeout(2000)
        return [
            _moved(page, received, way, script, moves)
            for way, script in (
                ("a playground, in the browser", IN_BROWSER),
                ("a playground, its own step in the kernel", IN_KERNEL),
                ("matplotlib under interact", INTERACT),
            )
        ]


def _moved(page: Page, received: list[int], way: str, script: str, moves: int) -> Followed:
    for k in range(WARMING):
        page.evaluate(script, k)
    page.wait_for_timeout(500)
    received.clear()
    found: list[list[float]] = []
    for k in range(WARMING, WARMING + moves):
        found.append(page.evaluate(script, k))
        page.wait_for_timeout(50)
    page.wait_for_timeout(500)
    ready, shown = zip(*found, strict=True)
    return Followed(way, list(ready), list(shown), sum(received) / moves)


def opened(browser: Browser, times: int) -> tuple[list[float], int]:
    """Open a playground so many times, each on a page of its own; return milliseconds and bytes."""
    six: list[Callable[..., Any]] = [gd, momentum, nesterov, adagrad, rmsprop, adam]
    state: dict[str, Any] = playground(six, surfaces.ravine, steps=STEPS).get_state()
    stored = json.dumps({name: value for name, value in state.items() if name != "buffers"})
    found = []
    for _ in range(times):
        page = browser.new_page(viewport={"width": 1040, "height": 1000})
        page.set_content(PAGE)
        page.add_style_tag(content=state["_css"])
        found.append(page.evaluate(OPEN, [state["_esm"], json.loads(stored)]))
        page.close()
    return found, len(stored.encode())


def table(found: list[Followed]) -> Table:
    """Set what was found side by side, with the ratios to matplotlib."""
    shown = Table("a slider is followed by", "moves")
    slowest = statistics.median(found[-1].ready)
    for title in ("pixels, median", "slowest of 20", "frame shown", "kernel sends", "ratio"):
        shown.add_column(title, justify="right", no_wrap=True)
    for one in found:
        median = statistics.median(one.ready)
        late = statistics.quantiles(one.ready, n=20)[-1]
        shown.add_row(
            one.way,
            str(len(one.ready)),
            f"{median:.1f} ms",
            f"{late:.1f} ms",
            f"{statistics.median(one.shown):.1f} ms",
            f"{one.received / 1000:.1f} kB",
            f"{float(f'{slowest / median:.2g}'):g} x",
        )
    return shown


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.playground", description=__doc__)
    parser.add_argument("--moves", type=int, default=60, help="how often each slider is moved")
    parser.add_argument("--times", type=int, default=15, help="how often a playground is opened")
    chosen = parser.parse_args(arguments)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        found = followed(browser, Path(folder), chosen.moves)
        times, size = opened(browser, chosen.times)
        browser.close()
    console = Console(width=150)
    console.print(table(found))
    console.print(
        f"A playground with six runners opens in {statistics.median(times):.0f} ms (median of "
        f"{len(times)}, slowest {max(times):.0f} ms); it is {size / 1000:.0f} kB, all of it."
    )


if __name__ == "__main__":
    main()
