"""The playground in a browser: as a plain page without a kernel, and in JupyterLab with one."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from adamedu.publishing.pages import page as page_of
from benchmarks.playground import opened as opened_on_a_page
from tests.support.in_browser import PLAYGROUND, InLab, Shown, playgrounds_on, until, violations

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
CELLS = {
    "map": "from adamedu import adam, gd, momentum, playground, surfaces\n"
    "p = playground([gd, momentum, adam], surfaces.double_well)\np",
    "hill": "playground([gd, momentum], surfaces.hills)",
    "gradients": 'playground(adam, [[1.0, -1.0]] * 20, curve="m_hat")',
    "many": "from adamedu.optimizers import LADDER\n"
    "many = [*LADDER, *LADDER][:16]\n"
    "playground(many, surfaces.ravine, labels=[f'runner {k}' for k in range(16)])",
    "own": "def looped(theta, g, t, s, *, lr=0.05):\n"
    "    for _ in range(2):\n"
    "        s = s + g / 2\n"
    "    return theta - lr * s, s\n\n"
    "q = playground([gd, looped], surfaces.ravine, steps=40)\nq",
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A notebook that has run, with a playground of each kind."""
    file = tmp_path_factory.mktemp("notebook") / "each_kind.ipynb"
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(text, id=name) for name, text in CELLS.items()]
    file.write_text(nbformat.writes(made))
    subprocess.run([sys.executable, "-m", "tools.notebooks", file], check=True, cwd=ROOT)
    return file


@pytest.fixture(scope="module")
def address(notebook):
    """The notebook as a page that is opened from a file."""
    file = notebook.with_suffix(".html")
    file.write_text(page_of(notebook), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def shown(visit, address):
    def show(name="map", **options):
        return Shown(visit(address, **options), list(CELLS).index(name))

    return show


class TestPage:
    def test_it_plays_and_pauses(self, shown):
        p = shown()
        first, before = p.step, (p.pixels(0), p.pixels(1), p.text("values"))
        p.press("Play")
        p.page.wait_for_function(
            "n => parseInt(document.querySelector('.count').textContent.slice(5)) > n",
            arg=first + 3,
        )
        p.press("Pause")
        paused = p.step
        assert paused > first + 3
        after = (p.pixels(0), p.pixels(1), p.text("values"))
        assert all(one != other for one, other in zip(before, after, strict=True))
        p.page.wait_for_timeout(300)
        assert p.step == paused

    def test_it_stops_at_the_end_and_starts_again(self, shown):
        p = shown()
        p.slider("Step").press("End")
        assert p.text("count") == "step 100 of 100"
        p.root.get_by_label("speed").select_option(value="4")
        p.press("Play")
        assert until(lambda: p.step < 50)
        assert until(lambda: p.step == 100)
        assert p.root.get_by_role("button", name="Play").is_visible()

    def test_a_slider_changes_pixels_numbers_and_words(self, shown):
        p = shown()
        before = (p.pixels(0), p.pixels(1), p.text("values"), p.text("words"))
        p.drag(p.slider("lr (α)"), 40)
        after = (p.pixels(0), p.pixels(1), p.text("values"), p.text("words"))
        assert all(one != other for one, other in zip(before, after, strict=True))

    def test_a_double_click_and_a_button_go_back(self, shown):
        p = shown()
        before = p.pixels()
        p.slider("beta1 (β₁)").press("Home")
        assert p.pixels() != before
        p.slider("beta1 (β₁)").dblclick()
        assert p.pixels() == before
        p.slider("beta1 (β₁)").press("End")
        p.press("Back to 0.9")
        assert p.pixels() == before

    def test_one_slider_may_move_those_of_all(self, shown):
        p = shown()
        p.root.get_by_label("move the others' sliders").check()
        p.slider("lr (α)").press("Home")
        rate = p.slider("lr (α)").get_attribute("aria-valuetext")
        p.root.get_by_role("button", name="momentum").click()
        assert p.slider("lr (α)").get_attribute("aria-valuetext") == rate

    @pytest.mark.parametrize(("name", "down"), [("map", 60), ("hill", 0)])
    def test_the_start_is_dragged(self, shown, name, down):
        p = shown(name)
        before, x = p.pixels(), p.slider("start x").get_attribute("aria-valuetext")
        p.drag(p.root.locator(".grip"), 80 if name == "hill" else -80, down)
        assert p.pixels() != before
        assert p.slider("start x").get_attribute("aria-valuetext") != x

    def test_the_curve_is_a_timeline(self, shown):
        p = shown()
        box = p.root.locator("canvas").nth(1).bounding_box()
        p.page.mouse.click(box["x"] + 120, box["y"] + 100)
        first = p.step
        p.page.mouse.click(box["x"] + 180, box["y"] + 100)
        assert p.step > first > 0

    def test_everything_works_from_the_keyboard(self, shown):
        p = shown()
        p.map.focus()
        first = p.step
        for key, step in (("ArrowRight", first + 1), ("ArrowDown", first), ("PageUp", first + 10),
                          ("End", 100), ("Home", 0)):  # fmt: skip
            p.page.keyboard.press(key)
            assert p.step == step
        p.page.keyboard.press(" ")
        assert until(lambda: p.step > 2)
        p.page.keyboard.press(" ")
        reached = set()
        for _ in range(40):
            p.page.keyboard.press("Tab")
            focused = p.page.locator(":focus")
            inside = focused.evaluate(
                "e => e.closest('.adamedu-playground') === "
                "document.querySelector('.adamedu-playground')"
            )
            if not inside:
                break
            reached.add(
                focused.get_attribute("aria-label") or focused.inner_text() or focused.input_value()
            )
        assert {"Play", "One step back", "Step", "lr (α)", "beta1 (β₁)", "start x",
                "start y", "Show Adam", "Adam", "See the code"} <= reached  # fmt: skip
        start = p.pixels()
        p.slider("start x").press("ArrowLeft")
        assert p.pixels() != start

    def test_runners_are_chosen_and_hidden(self, shown):
        p = shown()
        p.root.get_by_role("button", name="gradient descent").click()
        assert p.text("values .heading").startswith("gradient descent: step")
        before = p.pixels()
        p.root.get_by_label("Show momentum").uncheck()
        assert p.pixels() != before

    def test_whoever_is_off_at_first_may_be_switched_on_or_chosen(self, shown):
        p = shown("many")
        ticks = [tick.is_checked() for tick in p.root.locator(".chip input").all()]
        assert ticks == [True] * 8 + [False] * 8
        assert p.text("values .heading").startswith("runner 7: step")
        before = p.pixels(0), p.pixels(1)
        p.root.get_by_label("Show runner 8").check()
        after = p.pixels(0), p.pixels(1)
        assert all(one != other for one, other in zip(before, after, strict=True))
        p.root.get_by_role("button", name="runner 15").click()
        assert p.root.get_by_label("Show runner 15").is_checked()
        assert p.pixels(1) != after[1]

    @pytest.mark.parametrize("width", [360, 700, 1200])
    def test_sixteen_fit_any_width(self, shown, width):
        p = shown("many", viewport={"width": width, "height": 900})
        for tick in p.root.locator(".chip input").all():
            tick.check()
        assert p.root.evaluate("e => e.scrollWidth <= e.clientWidth")
        for canvas in p.root.locator("canvas").all():
            box, room = canvas.bounding_box(), p.root.bounding_box()
            assert room["x"] <= box["x"] < box["x"] + box["width"] <= room["x"] + room["width"]
        assert p.root.locator("canvas").nth(1).bounding_box()["height"] >= 16 * 16

    def test_numbers_are_put_into_the_equations(self, shown):
        p = shown("gradients")
        p.slider("Step").press("Home")
        p.press("One step forward")
        found = re.sub(r"\s+", " ", p.text("values"))
        assert "m̂ₜ = mₜ / (1 - β₁t) = 0.1 / (1 - 0.91) = 1" in found
        p.press("2")
        assert "= -0.1 / (1 - 0.91) = -1" in re.sub(r"\s+", " ", p.text("values"))

    def test_what_diverges_is_said(self, shown):
        p = shown("own")
        p.root.get_by_role("button", name="gradient descent").click()
        p.slider("lr (α)").press("End")
        p.slider("Step").press("End")
        said = r"Diverged at step \d+, beyond 10¹²: gradient descent\."
        assert re.search(said, p.text("words"))

    def test_what_only_the_kernel_can_run_says_so_and_shows_its_stored_path(self, shown):
        p = shown("own")
        assert "computed in the notebook's kernel" in p.text("note")
        with_it = p.pixels()
        p.root.get_by_label("Show looped").uncheck()
        assert p.pixels() != with_it

    def test_the_code_is_there_to_be_read(self, shown):
        p = shown()
        p.root.get_by_text("See the code").click()
        code = p.root.locator("pre").inner_text()
        assert "const m_hat = m / (1 - beta1 ** t);" in code
        assert "function double_well(x, y)" in code

    def test_what_is_seen_is_said_politely_when_it_rests(self, shown):
        p = shown()
        said = p.root.get_by_role("status")
        assert said.inner_text() == ""
        p.press("One step forward")
        p.page.wait_for_function("document.querySelector('[role=status]').textContent")
        assert p.text("said") == p.text("words")
        assert re.match(r"Step \d+ of 100: Adam at \(.+\), loss ", p.text("words"))

    def test_where_motion_is_not_wanted_play_shows_a_few_steps(self, shown):
        p = shown(reduced_motion="reduce")
        p.slider("Step").press("Home")
        p.press("Play")
        seen = set()
        for _ in range(30):
            seen.add(p.step)
            p.page.wait_for_timeout(50)
        assert len(seen) > 1
        assert all(step % 10 == 0 for step in seen)

    def test_print_has_the_still_and_the_screen_the_playground(self, shown):
        p = shown()
        still = p.page.get_by_role("img", name="Paths and losses on the double well.").first
        assert p.root.is_visible()
        assert not still.is_visible()
        p.page.emulate_media(media="print")
        assert still.is_visible()
        assert not p.root.is_visible()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [1040, 360])
    def test_it_keeps_to_the_accessibility_guidelines(self, shown, scheme, width):
        p = shown(color_scheme=scheme, viewport={"width": width, "height": 900})
        p.root.get_by_text("See the code").click()
        assert violations(p.page) == []

    def test_it_fits_the_width_it_gets(self, shown):
        p = shown(viewport={"width": 360, "height": 900})
        first, second = (p.root.locator("canvas").nth(k).bounding_box() for k in (0, 1))
        assert second["y"] >= first["y"] + first["height"]
        p.page.set_viewport_size({"width": 1040, "height": 900})
        p.page.wait_for_timeout(200)
        first, second = (p.root.locator("canvas").nth(k).bounding_box() for k in (0, 1))
        assert second["x"] >= first["x"] + first["width"]
        assert p.root.evaluate("e => e.scrollWidth <= e.clientWidth")

    def test_it_is_sharp_on_fine_screens(self, shown):
        p = shown(device_scale_factor=2)
        canvas = p.root.locator("canvas").first
        assert canvas.evaluate("c => c.width / c.clientWidth") == pytest.approx(2, rel=0.01)


def test_the_benchmark_opens_a_playground_whole(chromium):
    times, size = opened_on_a_page(chromium, times=2)
    assert len(times) == 2
    assert all(time > 0 for time in times)
    assert 50_000 < size < 200_000


@pytest.fixture
def opened(visit, lab, notebook):
    return InLab(visit(lab.put(notebook)))


class TestLab:
    def test_where_no_widget_is_shown_the_still_stays(self, opened):
        opened.page.locator(".jp-RenderedImage img").first.wait_for()
        assert opened.page.locator(PLAYGROUND).count() == 0
        assert opened.page.locator(".jp-RenderedImage img").first.is_visible()
        assert opened.page.get_by_text("To play with it, run this cell").count() == len(CELLS)

    def test_style_sheets_of_other_extensions_add_no_boxes(self, opened):
        """Nbgrader's, which `make test-system` installs, has one for every ``.row``."""
        opened.run()
        p, *_ = playgrounds_on(opened.page, len(CELLS))
        added = p.root.evaluate(
            """(root) => [...root.querySelectorAll("*")].filter((element) =>
              ["::before", "::after"].some((part) =>
                getComputedStyle(element, part).content !== "none")).map((e) => e.className)"""
        )
        assert added == []

    def test_browser_and_kernel_share_what_is_set(self, opened):
        opened.run()
        p, *_ = playgrounds_on(opened.page, len(CELLS))
        assert until(lambda: opened.page.locator(".adamedu-still").count() == 2 * len(CELLS))
        p.root.scroll_into_view_if_needed()
        assert not opened.page.locator(".jp-RenderedImage img").first.is_visible()

        rate, before = opened.ask("p.settings['adam']['lr']"), (p.pixels(), p.text("values"))
        p.drag(p.slider("lr (α)"), 40)
        assert (p.pixels(), p.text("values")) != before
        assert until(lambda: opened.ask("p.settings['adam']['lr']") != rate)
        assert float(opened.ask("p.traces['adam'].hyperparameters['lr']")) == float(
            p.slider("lr (α)").get_attribute("aria-valuetext")
        )

        assert opened.tell("p.lr = 0.05; p.step = 42; p.chosen = 'momentum'") == "ok"
        assert until(lambda: p.step == 42)
        assert p.text("values .heading").startswith("momentum: step 42")
        assert until(lambda: p.slider("lr (α)").get_attribute("aria-valuetext") == "0.05")

        cells = opened.page.locator(".jp-Cell").count()
        p.map.focus()
        for key in ("ArrowRight", "b", "a", "x"):
            p.page.keyboard.press(key)
        assert opened.page.locator(".jp-Cell").count() == cells
        assert until(lambda: opened.ask("p.step") == "43")

        p.press("Play")
        assert until(lambda: p.step > 46)
        p.press("Pause")
        assert until(lambda: opened.ask("(p.step, p.playing)") == f"({p.step}, False)")

        own = Shown(opened.page, list(CELLS).index("own"))
        before, start = own.pixels(), opened.ask("q.start")
        own.drag(own.root.locator(".grip"), 120, -20)
        assert until(lambda: opened.ask("q.start") != start)
        assert own.pixels() != before
        path = own.pixels()
        assert opened.tell("q.set('looped', lr=0.2)") == "ok"
        assert until(lambda: own.pixels() != path)
