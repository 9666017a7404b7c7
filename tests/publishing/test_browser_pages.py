"""Every page with playgrounds: opened from a file without a network, and in JupyterLab."""

import json

import pytest
from click.testing import CliRunner

from adamedu.cli import main
from adamedu.publishing.pages import STATE, write_page
from tests.support.in_browser import InLab, Shown, assert_plays, playgrounds_on, until, violations
from tests.support.pages import NOTEBOOKS, read, views
from tools.notebooks import VIEW

PLAYED = {path.stem: path for path in NOTEBOOKS if views(path)}
LESSONS = [name for name in PLAYED if name[:2].isdecimal()]

pytestmark = pytest.mark.browser


def test_every_lesson_up_to_adam_has_playgrounds():
    assert {name[:2] for name in PLAYED} >= {"00", "01", "02", "03", "04", "05"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """All of them, made by the command."""
    folder = tmp_path_factory.mktemp("site")
    ran = CliRunner().invoke(main, ["page", *map(str, PLAYED.values()), "--out", str(folder)])
    assert ran.exit_code == 0, ran.output
    return folder


@pytest.mark.parametrize("name", PLAYED)
class TestFromAFile:
    @pytest.fixture
    def playgrounds(self, visit, site, name):
        page = visit((site / f"{name}.html").as_uri())
        return playgrounds_on(page, len(views(PLAYED[name])))

    def test_every_playground_plays(self, playgrounds):
        for playground in playgrounds:
            assert_plays(playground)

    def test_the_screen_has_the_playgrounds_and_paper_their_stills(self, playgrounds):
        page = playgrounds[0].page
        stills = page.locator(".adamedu-still img")
        assert until(lambda: stills.count() == len(playgrounds))
        for k, playground in enumerate(playgrounds):
            assert playground.root.is_visible()
            assert not stills.nth(k).is_visible()
        page.emulate_media(media="print")
        for k, playground in enumerate(playgrounds):
            assert not playground.root.is_visible()
            assert stills.nth(k).is_visible()

    def test_the_playgrounds_keep_to_the_accessibility_guidelines(self, playgrounds):
        assert violations(playgrounds[0].page) == []


def test_on_a_page_a_widget_that_needs_jupyter_says_so_and_stops_no_other(visit, tmp_path):
    notebook = read(PLAYED["00_start_here"])
    slider = {"model_name": "IntSliderModel", "model_module": "@jupyter-widgets/controls"}
    notebook["metadata"]["widgets"][STATE]["state"]["slider"] = slider | {"state": {}}
    output = {"output_type": "display_data", "metadata": {}}
    output["data"] = {VIEW: {"model_id": "slider"}, "text/plain": "A slider"}
    before = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    before["outputs"].insert(0, output)
    file = tmp_path / "slider.ipynb"
    file.write_text(json.dumps(notebook), encoding="utf-8")
    page = visit(write_page(file, tmp_path).as_uri())
    assert_plays(Shown(page, 0))
    assert page.get_by_text("can't be shown (it plays only in Jupyter)").count() == 1
    assert ["only in Jupyter" in problem for problem in visit.problems] == [True]
    visit.problems.clear()


@pytest.mark.parametrize("name", LESSONS)
def test_in_jupyterlab_playgrounds_play_before_and_after_a_run(visit, lab, name):
    opened = InLab(visit(lab.put(PLAYED[name], trusted=True)))
    count = len(views(PLAYED[name]))
    opened.shows(count)
    assert_plays(Shown(opened.page, 0))

    opened.run()
    outputs = opened.outputs()
    assert [output for output in outputs if output["output_type"] == "error"] == []
    models = [o["data"][VIEW]["model_id"] for o in outputs if VIEW in o.get("data", {})]
    for playground, model in zip(playgrounds_on(opened.page, count), models, strict=True):
        assert_plays(playground)
        assert until(lambda p=playground, m=model: rate_in_the_kernel(opened, m) == rate_of(p))
    assert violations(opened.page) == []


def rate_of(playground):
    return float(playground.hyperparameters[0].get_attribute("aria-valuetext"))


def rate_in_the_kernel(opened, model):
    """The first hyperparameter of a playground's chosen runner, as a cell would read it."""
    widget = f"__import__('ipywidgets').widgets.widget._instances[{model!r}]"
    return float(opened.ask(f"list({widget}.settings[{widget}.chosen].values())[0]"))
