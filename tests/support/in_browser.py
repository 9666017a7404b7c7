"""Chromium and JupyterLab as a learner meets them: pages that are visited, playgrounds used."""

import hashlib
import shutil
import time
from urllib.parse import urlsplit

import pytest

from tools.browsing import DONE, READY, RUN

PLAYGROUND = ".adamedu-playground"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
LOCAL = {"127.0.0.1", "localhost"}
OF_THE_PAGE = {"file", "blob", "data"}
# Jupyter's own: Notebook 7.6 looks for a list of shortcuts that it doesn't have, on every page;
# on a busy machine ipywidgets may look for a stored widget before it has read the notebook.
ITS_OWN = (
    "Cannot read properties of undefined (reading 'schema')",
    "Error: widget model not found",
)
ASK = """async (text) => {
  const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const asked = {code: '', silent: true, user_expressions: {answer: text}};
  const {content} = await kernel.requestExecute(asked).done;
  return content.user_expressions.answer.data['text/plain'];
}"""
TELL = """async (code) => {
  const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
  return (await kernel.requestExecute({code}).done).content.status;
}"""
OUTPUTS = """() => window.jupyterapp.shell.currentWidget.model.sharedModel.toJSON().cells
  .flatMap((cell) => cell.outputs ?? [])"""
WEAR = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"


class Visits:
    """Opens addresses, and notes what fails there and what is asked for outside.

    A page that is opened from a file has no network at all.
    """

    def __init__(self, chromium):
        self.chromium = chromium
        self.contexts = []
        self.problems = []

    def __call__(self, address, **options):
        alone = urlsplit(address).scheme == "file"
        context = self.chromium.new_context(
            **{"viewport": {"width": 1040, "height": 900}, "offline": alone, **options}
        )
        self.contexts.append(context)

        def guard(route):
            asked = urlsplit(route.request.url)
            if asked.scheme in OF_THE_PAGE or (not alone and asked.hostname in LOCAL):
                route.continue_()
            else:
                self.problems.append(f"asked for {route.request.url}")
                route.abort()

        context.route("**/*", guard)
        page = context.new_page()
        page.on("pageerror", lambda error: self._hear("error", str(error)))
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.goto(address)
        return page

    def _hear(self, kind, text):
        if kind == "error" and not text.startswith(ITS_OWN):
            self.problems.append(text)

    def close(self):
        for context in self.contexts:
            context.close()


class Host:
    """A Jupyter that serves a folder."""

    def __init__(self, folder, data, root):
        self.folder = folder
        self.data = data
        self.root = root

    def put(self, notebook, *, trusted=False):
        """Serve a copy of a notebook, as if the learner's own runs had made it if it is trusted."""
        shutil.copy(notebook, self.folder)
        if trusted:
            from nbformat import read
            from nbformat.sign import NotebookNotary

            notary = NotebookNotary(data_dir=str(self.data))
            notary.sign(read(notebook, 4))
            notary.store.close()
        return f"{self.root}{notebook.name}?reset"


class InLab:
    """A notebook that is open in Jupyter, with its kernel ready."""

    def __init__(self, page):
        self.page = page
        page.wait_for_function(READY, timeout=90_000)

    def run(self):
        self.page.evaluate(RUN)
        self.page.wait_for_function(DONE, timeout=300_000)

    def ask(self, expression):
        """What the kernel takes an expression for."""
        return self.page.evaluate(ASK, expression)

    def tell(self, code):
        """How a cell's code went in the kernel."""
        return self.page.evaluate(TELL, code)

    def outputs(self):
        return self.page.evaluate(OUTPUTS)

    def shows(self, count):
        """Wait for so many playgrounds; where ipywidgets has lost a stored one, load it anew."""
        found = self.page.locator(PLAYGROUND)
        lost = self.page.get_by_text("Error displaying widget")
        for _ in range(3):
            until(lambda: found.count() == count or lost.count(), seconds=60)
            if not lost.count():
                break
            self.page.reload()
            self.page.wait_for_function(READY, timeout=90_000)
        assert found.count() == count

    def wear(self, theme):
        self.page.evaluate(WEAR, theme)


class Shown:
    """One playground on a page, as its user meets it."""

    def __init__(self, page, number):
        self.page = page
        self.root = page.locator(PLAYGROUND).nth(number)
        self.root.scroll_into_view_if_needed()
        self.root.locator(".count", has_text="step").wait_for()
        self.map = self.root.locator(".map")

    def pixels(self, which=0):
        """A fingerprint of what a canvas shows."""
        canvas = self.root.locator("canvas").nth(which)
        return hashlib.sha256(canvas.evaluate("c => c.toDataURL()").encode()).hexdigest()

    def slider(self, name):
        return self.root.get_by_role("slider", name=name, exact=True)

    @property
    def hyperparameters(self):
        return self.root.locator(".sliders").first.get_by_role("slider").all()

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()

    def text(self, what):
        return self.root.locator(f".{what}").inner_text().replace("\N{MINUS SIGN}", "-")

    @property
    def step(self):
        return int(self.text("count").split()[1])

    def drag(self, locator, right, down=0):
        locator.scroll_into_view_if_needed()
        box = locator.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right / 2, y + down / 2)
        self.page.mouse.move(x + right, y + down)
        self.page.mouse.up()


def until(holds, seconds=10):
    for _ in range(10 * seconds):
        if holds():
            return True
        time.sleep(0.1)
    return False


def assert_plays(p):
    """Play, move the sliders and the start: each time pixels change, and numbers with them."""
    assert_changes(p, lambda: p.press("Play"))
    p.press("Pause")
    p.slider("Step").press("End")
    assert_changes(p, lambda: p.slider("Step").press("Home"))
    assert_changes(p, lambda: p.press("One step forward"))
    assert_changes(p, lambda: [p.drag(slider, -20) for slider in p.hyperparameters])
    if p.root.locator(".grip").count():
        assert_changes(p, lambda: p.drag(p.root.locator(".grip"), 30, 10))


def assert_changes(p, act):
    pixels, words = p.pixels(), p.text("words")
    act()
    assert until(lambda: p.pixels() != pixels and p.text("words") != words), words


def playgrounds_on(page, count):
    """All playgrounds on a page, which should be so many, once they are there."""
    found = page.locator(PLAYGROUND)
    assert until(lambda: found.count() == count, seconds=30), found.count()
    return [Shown(page, number) for number in range(count)]


def violations(page):
    """The accessibility guidelines' rules, levels A and AA, that the page's playgrounds break."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page, PLAYGROUND, RULES).response
    assert found["passes"]
    return [rule["id"] for rule in found["violations"]]
