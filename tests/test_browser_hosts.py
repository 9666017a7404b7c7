"""Playgrounds where learners have them: however one scrolls, none in view is blank or dead."""

import pytest

from tests.in_browser import InLab
from tests.pages import NOTEBOOKS, views

pytestmark = pytest.mark.browser

PLAYED = {path.stem: path for path in NOTEBOOKS if views(path)}
SLOW, BRISK, FAST = 300, 700, 3000  # pixels at once
JUMPS = 8
BOX = "() => window.jupyterapp.shell.currentWidget.content.outerNode.getBoundingClientRect()"
SCROLLED = """() => {
  const {outerNode} = window.jupyterapp.shell.currentWidget.content;
  return [outerNode.scrollTop, outerNode.scrollHeight - outerNode.clientHeight];
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
        """Turn the wheel until there is no further way to go."""
        at = None
        while at != (at := self.page.evaluate(SCROLLED)):
            self.page.mouse.wheel(0, by)
            self.look()

    def jump(self):
        """Follow links to headings, from the last to the first."""
        links = self.page.locator(".jp-RenderedMarkdown .jp-InternalAnchorLink")
        for number in reversed(range(0, links.count(), -(-links.count() // JUMPS))):
            links.nth(number).evaluate("(link) => link.click()")
            self.look()


@pytest.mark.parametrize("name", PLAYED)
def test_no_playground_is_blank_however_one_scrolls(visit, host, name):
    opened = InLab(visit(host.put(PLAYED[name], trusted=True)))
    walk = Walk(opened.page)
    every = set(range(len(views(PLAYED[name]))))
    walk.press("End")
    walk.press("Home")
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
