"""Playgrounds where learners have them: however one scrolls, none in view is blank or dead."""

import pytest

from tests.support.in_browser import InLab, Shown, until
from tests.support.pages import NOTEBOOKS, views

pytestmark = pytest.mark.browser

PLAYED = {path.stem: path for path in NOTEBOOKS if views(path)}
SLOW, BRISK, FAST = 300, 700, 3000  # pixels at once
JUMPS = 8
BOX = "() => window.jupyterapp.shell.currentWidget.content.outerNode.getBoundingClientRect()"
TO = """(part) => {
  const {outerNode} = window.jupyterapp.shell.currentWidget.content;
  outerNode.scrollTop = part * outerNode.scrollHeight;
}"""
LEFT = """(by) => {
  const {scrollTop, scrollHeight, clientHeight} =
    window.jupyterapp.shell.currentWidget.content.outerNode;
  return by < 0 ? scrollTop : scrollHeight - clientHeight - scrollTop;
}"""
# What is wrong with the playgrounds that are in view, and which are. Within a second all are right.
LOOK = """async (tried) => {
  const {outerNode} = window.jupyterapp.shell.currentWidget.content;
  const {top, bottom} = outerNode.getBoundingClientRect();
  const inView = (box) => box.height > 0 && box.bottom > top + 10 && box.top < bottom - 10;
  const cards = [...document.querySelectorAll('.adamedu-playground')];
  const blank = (canvas) => {
    const {width, height} = canvas;
    if (!(width && height)) return true;
    const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
    return new Uint32Array(data.buffer).every((color, _, [first]) => color === first);
  };
  const dead = (card) => {
    const said = () => card.querySelector('.count').textContent;
    const before = [said(), card.querySelector('canvas').toDataURL()];
    const press = (name) => card.querySelector(`[aria-label="One step ${name}"]`).click();
    press('back');
    const after = [said(), card.querySelector('canvas').toDataURL()];
    press('forward');
    return before.some((one, i) => one === after[i]) || said() !== before[0];
  };
  const faultsOf = (card, number) => [
    [...card.querySelectorAll('canvas')].some(blank) && 'is blank',
    [...card.closest('.jp-OutputArea').querySelectorAll('img')].some((img) => img.checkVisibility())
      && 'stands below its still',
    !tried.includes(number) && dead(card) && 'is dead',
  ].filter(Boolean).map((fault) => `playground ${number} ${fault}`);
  let seen = [];
  let faults = [];
  for (const latest = performance.now() + 1000; performance.now() < latest;) {
    await new Promise(requestAnimationFrame);
    seen = [...cards.keys()].filter((number) => inView(cards[number].getBoundingClientRect()));
    faults = seen.flatMap((number) => faultsOf(cards[number], number));
    if (!faults.length) break;
  }
  return [seen, faults];
}"""


class Walk:
    """Goes through a notebook, and looks at every playground that comes into view."""

    def __init__(self, page):
        self.page = page
        self.seen = set()
        page.locator(".jp-RenderedMarkdown h1").first.wait_for()
        box = page.evaluate(BOX)
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)

    def look(self):
        seen, faults = self.page.evaluate(LOOK, sorted(self.seen))
        assert faults == []
        self.seen |= set(seen)

    def press(self, key):
        self.page.keyboard.press(key)
        self.look()

    def scroll(self, by):
        """Turn the wheel until there is no further way to go, also where cells grow when seen."""
        rests = 0
        while rests < 2:
            self.page.mouse.wheel(0, by)
            self.look()
            rests = 0 if self.page.evaluate(LEFT, by) > 1 else rests + 1

    def jump(self):
        """Follow links to headings, from the last to the first."""
        links = self.page.locator(".jp-RenderedMarkdown .jp-InternalAnchorLink")
        for number in reversed(range(0, links.count(), -(-links.count() // JUMPS))):
            links.nth(number).evaluate("(link) => link.click()")
            self.look()


@pytest.mark.parametrize("name", PLAYED)
def test_no_playground_is_blank_however_one_scrolls(visit, host, name):
    every = set(range(len(views(PLAYED[name]))))
    opened = InLab(visit(host.put(PLAYED[name], trusted=True)))
    walk = Walk(opened.page)
    walk.press("End")
    walk.press("Home")
    opened.shows(len(every))
    opened.page.evaluate(TO, 0)
    walk.scroll(SLOW)
    assert walk.seen == every
    opened.wear("JupyterLab Dark")
    walk.seen.clear()
    walk.scroll(-BRISK)
    assert walk.seen == every
    walk.scroll(FAST)
    walk.jump()
    opened.wear("JupyterLab Light")
    walk.look()


@pytest.mark.parametrize("windowing", ["", "full"])
def test_a_playground_that_was_scrolled_away_comes_back_as_it_was(visit, serve, windowing):
    host = serve("lab", windowing)
    opened = InLab(visit(host.put(PLAYED["playgrounds"], trusted=True)))
    opened.shows(len(views(PLAYED["playgrounds"])))
    p = Shown(opened.page, 0)
    walk = Walk(opened.page)
    walk.look()
    p.root.get_by_label("Show momentum").uncheck()
    p.root.get_by_label("speed").select_option(value="0.25")
    p.hyperparameters[0].press("Home")
    rate = p.hyperparameters[0].get_attribute("aria-valuetext")
    p.slider("Step").press("Home")
    p.press("Play")
    opened.page.evaluate(TO, 1)
    walk.look()
    opened.page.wait_for_timeout(500)
    opened.page.evaluate(TO, 0)
    p.root.get_by_role("button", name="Pause").wait_for()
    step = p.step
    assert until(lambda: p.step > step)
    p.press("Pause")
    walk.look()
    assert 0 in walk.seen
    assert not p.root.get_by_label("Show momentum").is_checked()
    assert p.root.get_by_label("speed").input_value() == "0.25"
    assert p.hyperparameters[0].get_attribute("aria-valuetext") == rate
