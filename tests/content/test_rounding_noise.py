"""The course says the same on every machine: a last bit that falls otherwise changes no text."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.pages import cells_of
from tools.notebooks import run

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("solutions/*.ipynb")])
SEEDS = (1, 2)
EXACT = {
    ("01_gradient_descent", "factor"): "halves, and a step to exactly 0",
    ("01_gradient_descent", "the-loop"): "a step to exactly 0",
    ("04_rmsprop", "rotated-ridge"): "the best of 101 runs, some of them chaotic, by sums alone",
    ("05_adam", "rotated"): "the same comparison",
}
"""Cells that may depend on a gradient's last bit: sums and products, the same on every machine."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def noisy_homes(tmp_path_factory):
    """For each seed a folder of IPython's settings that makes every kernel noisy."""
    homes = []
    for seed in SEEDS:
        home = tmp_path_factory.mktemp("ipython")
        startup = home / "profile_default" / "startup"
        startup.mkdir(parents=True)
        text = f"from tests import rounding_noise\nrounding_noise.install({seed})\n"
        (startup / "noise.py").write_text(text, encoding="utf-8")
        homes.append(home)
    return homes


def said(path, cells):
    """What the code cells say that has to stay as it is, by cell and kind."""
    return {
        (cell["id"], number, kind): "".join(text)
        for cell in cells
        for number, output in enumerate(cell.get("outputs", []))
        for kind, text in [("stream", output.get("text", "")), *output.get("data", {}).items()]
        if (path.stem, cell["id"]) not in EXACT and (kind == "stream" or kind.startswith("text/"))
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[f"{p.parent.name}/{p.stem}" for p in NOTEBOOKS])
def test_no_text_depends_on_the_last_bit(path, noisy_homes):
    with ThreadPoolExecutor() as pool:
        runs = pool.map(lambda home: run(path, IPYTHONDIR=str(home)), noisy_homes)
    stored = said(path, cells_of(path, "code"))
    for noisy in runs:
        assert said(path, noisy.cells) == stored


def test_what_may_stay_exact_is_still_there():
    there = {(path.stem, cell["id"]) for path in NOTEBOOKS for cell in cells_of(path, "code")}
    assert there >= EXACT.keys()
