"""What a host may do to a playground: draw it unseen, hide it, take it away; and what fails."""

import copy
import json

import pytest

from adamedu import adam, momentum, playground, surfaces
from tests.support.in_browser import Shown, until

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang=en><title>A playground</title>
<main><div><img alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width=40 height=40></div>
<p>{}</p><div id=here></div></main></html>"""
OPEN = """async ([script, state, attached]) => {
  const model = {get: (name) => state[name], set() {}, on() {}, off() {}, save_changes() {}};
  const source = URL.createObjectURL(new Blob([script], {type: 'text/javascript'}));
  const {default: widget} = await import(source);
  const here = document.querySelector('#here');
  if (!attached) here.remove();
  globalThis.here = here;
  globalThis.close = await widget.render({model, el: here});
}"""
ATTACH = "document.querySelector('main').append(here)"
RUIN = """() => {
  CanvasRenderingContext2D.prototype.stroke = () => { throw new Error('no ink is left'); };
}"""
BLANK = """(canvas) => {
  const {width, height} = canvas;
  const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
  return new Set(new Uint32Array(data.buffer)).size < 2;
}"""


@pytest.fixture(scope="module")
def state():
    state = playground([momentum, adam], surfaces.double_well, steps=400).get_state()
    return json.loads(json.dumps({k: v for k, v in state.items() if k != "buffers"}))


@pytest.fixture
def opened(visit, state):
    """Open a playground below a still, on a page of its own, which may have been made ready."""

    def open_(*, attached=True, ready="", **changes):
        page = visit("about:blank")
        page.set_content(PAGE.format(state["scene"]["alt"]))
        page.add_style_tag(content=state["_css"])
        if ready:
            page.evaluate(ready)
        changed = copy.deepcopy(state)
        changed["scene"] |= changes
        page.evaluate(OPEN, [state["_esm"], changed, attached])
        return page

    return open_


@pytest.fixture
def failed(opened, visit):
    """The line that stands in the place of a playground; the console has said it, too."""

    def check(page, why):
        line = page.get_by_role("status")
        line.wait_for()
        assert why in line.inner_text()
        assert line.inner_text().endswith("The picture above shows how it begins.")
        assert page.locator("img").is_visible()
        assert page.locator("canvas, button").count() == 0
        assert [why in problem for problem in visit.problems] == [True]
        visit.problems.clear()

    return check


def assert_drawn(page):
    p = Shown(page, 0)
    assert not page.locator("img").is_visible()
    assert not any(canvas.evaluate(BLANK) for canvas in page.locator("canvas").all())
    return p


class TestSeenLate:
    def test_what_is_rendered_detached_is_drawn_when_it_is_attached(self, opened):
        page = opened(attached=False)
        assert page.locator("img").is_visible()
        page.evaluate(ATTACH)
        before = assert_drawn(page).step
        Shown(page, 0).press("One step forward")
        assert Shown(page, 0).step == before + 1

    @pytest.mark.parametrize("hidden", ["display: none", "content-visibility: hidden", "width: 0"])
    def test_what_is_rendered_hidden_is_drawn_when_it_is_shown(self, opened, hidden):
        page = opened(ready=f"document.querySelector('#here').style = '{hidden}'")
        page.wait_for_timeout(100)
        page.evaluate("here.style = ''")
        assert_drawn(page)

    @pytest.mark.parametrize("width", [45, 60, 120, 640, 2000])
    def test_it_is_drawn_at_any_width(self, opened, width):
        assert_drawn(opened(ready=f"document.querySelector('#here').style.width = '{width}px'"))

    @pytest.mark.parametrize("domain", [[[-1, 1], [-500, 500]], [[-500, 500], [-1, 1]]])
    def test_it_is_drawn_however_long_the_surface_is(self, opened, state, domain):
        page = opened(objective=state["scene"]["objective"] | {"domain": domain, "minima": []})
        assert_drawn(page)
        box = page.locator("canvas").first.bounding_box()
        assert 100 <= box["height"] <= 600

    def test_a_backdrop_that_is_no_picture_is_left_out(self, opened):
        page = opened(backdrop={"image": "data:image/png;base64,AAAA"})
        page.wait_for_timeout(100)
        assert_drawn(page).press("One step forward")


class TestTakenAway:
    @pytest.mark.parametrize(
        ("away", "back"),
        [("here.remove()", ATTACH), ("here.hidden = true", "here.hidden = false")],
        ids=["detached", "hidden"],
    )
    def test_it_comes_back_as_it_was_and_a_play_goes_on(self, opened, away, back):
        page = opened()
        p = Shown(page, 0)
        p.root.get_by_label("Show momentum").uncheck()
        p.root.get_by_label("speed").select_option(value="0.5")
        p.press("y")
        p.slider("beta1 (β₁)").press("Home")
        p.slider("Step").press("Home")
        p.press("Play")
        assert until(lambda: p.step > 2)
        page.evaluate(away)
        page.wait_for_timeout(200)
        told = "here.querySelector('.count').textContent"
        rests = page.evaluate(told)
        page.wait_for_timeout(300)
        assert page.evaluate(told) == rests
        page.evaluate(back)
        step = assert_drawn(page).step
        assert until(lambda: p.step > step)
        p.press("Pause")
        assert not p.root.get_by_label("Show momentum").is_checked()
        assert p.root.get_by_label("speed").input_value() == "0.5"
        assert p.root.get_by_role("button", name="y", exact=True).get_attribute("aria-pressed")
        assert p.slider("beta1 (β₁)").get_attribute("aria-valuetext") == "0"
        before = p.pixels()
        p.slider("lr (α)").press("Home")
        assert p.pixels() != before

    def test_what_was_set_while_it_was_away_is_shown(self, opened):
        page = opened()
        p = Shown(page, 0)
        before = p.pixels()
        page.evaluate("here.remove()")
        page.wait_for_timeout(100)
        page.evaluate("here.querySelector('[aria-label=\"One step forward\"]').click()")
        page.evaluate(ATTACH)
        assert until(lambda: p.pixels() != before)

    def test_a_still_that_was_rendered_again_is_hidden_again(self, opened):
        page = opened()
        assert_drawn(page)
        page.evaluate(
            "document.querySelectorAll('.adamedu-still').forEach((e) => { e.className = ''; })"
        )
        page.set_viewport_size({"width": 700, "height": 900})
        assert until(lambda: not page.locator("img").is_visible())

    def test_when_it_is_closed_the_still_is_back(self, opened):
        page = opened()
        assert_drawn(page)
        page.evaluate("close()")
        assert page.locator("img").is_visible()
        assert page.locator("canvas").count() == 0


class TestFailing:
    @pytest.mark.parametrize(
        ("ready", "why"),
        [
            ("delete globalThis.DecompressionStream", "DecompressionStream is not defined"),
            ("delete globalThis.ResizeObserver", "ResizeObserver is not defined"),
            (RUIN, "no ink is left"),
        ],
        ids=["the modules", "its opening", "the first picture"],
    )
    def test_where_a_browser_lacks_something_a_line_says_so(self, opened, failed, ready, why):
        failed(opened(ready=ready), why)

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"runners": [{"code": "function ("}]}, "Unexpected token"),
            ({"runners": []}, "undefined"),
            ({"views": 5}, "not iterable"),
            ({"curve": None}, "null"),
        ],
        ids=["code", "runners", "panels", "picture"],
    )
    def test_where_a_scene_is_broken_a_line_says_so(self, opened, failed, changes, why):
        failed(opened(**changes), why)

    def test_what_fails_later_is_said_too(self, opened, failed):
        page = opened()
        p = assert_drawn(page)
        p.press("Play")
        page.evaluate(RUIN)
        failed(page, "no ink is left")
