"""The learner's copy is opened in JupyterLab, saved there, and brought up to date."""

import json

import pytest

from adamedu.content import course
from adamedu.lab.copying import copy_course
from tests.support.giving_out import ROOT, publish
from tests.support.in_browser import InLab, until
from tests.support.pages import cells_of, read, text_of
from tools.notebooks import METADATA

LESSON, EXERCISE = "notebooks/00_start_here.ipynb", "exercises/01_gradient_descent.ipynb"
SAVE = "window.jupyterapp.commands.execute('docmanager:save')"
MODEL = "window.jupyterapp.shell.currentWidget.model"
RAN = f"""() => {{
  const code = {MODEL}.sharedModel.toJSON().cells.filter((cell) => cell.cell_type === 'code');
  return code[1].execution_count === 1;
}}"""

pytestmark = pytest.mark.browser


def edition(name, sentence):
    """A notebook of the course that ends with a sentence of its own."""
    made = read(ROOT / name)
    made["cells"].append(
        {"cell_type": "markdown", "id": "last", "metadata": {}, "source": [sentence]}
    )
    return json.dumps(made)


@pytest.fixture
def published(tmp_path, monkeypatch):
    root = tmp_path / "published"
    monkeypatch.setattr(course, "_BUNDLED", root)
    for name in [LESSON, EXERCISE]:
        publish(root, name, edition(name, "The first edition."))
    return root


@pytest.fixture
def mine(published, lab, tmp_path):
    """A learner's folder that JupyterLab serves."""
    folder = lab.folder / tmp_path.name
    copy_course(folder)
    return folder


@pytest.fixture
def visit_mine(lab, mine, visit):
    def opened(name):
        page = visit(f"{lab.root}{mine.name}/{name}?reset")
        InLab(page)
        return page

    return opened


def save(page, path):
    """Save as JupyterLab does by itself after a while."""
    before = path.read_bytes()
    page.evaluate(SAVE)
    page.wait_for_function(f"!{MODEL}.dirty")
    assert until(lambda: path.read_bytes() != before)


def test_a_lesson_that_was_run_and_saved_is_brought_up_to_date_in_place(
    visit_mine, published, mine
):
    page = visit_mine(LESSON)
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(1).click()
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(RAN)
    save(page, mine / LESSON)
    page.close()
    assert [cell["execution_count"] for cell in cells_of(mine / LESSON, "code")][:2] == [1, 1]

    newer = edition(LESSON, "The second edition.")
    publish(published, LESSON, newer)
    report = copy_course(mine)
    assert (report.updated, report.offered) == ([LESSON], {})
    assert (mine / LESSON).read_text() == newer


def test_an_exercise_that_was_written_in_is_kept_and_the_new_one_put_beside_it(
    visit_mine, published, mine
):
    page = visit_mine(EXERCISE)
    editor = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    editor.click()
    page.keyboard.type("my_answer = 3")
    save(page, mine / EXERCISE)
    page.close()

    newer = edition(EXERCISE, "The second edition.")
    publish(published, EXERCISE, newer)
    report = copy_course(mine)
    beside = "exercises/01_gradient_descent.new.ipynb"
    assert (report.updated, report.offered) == ([], {EXERCISE: beside})
    assert any("my_answer = 3" in text_of(cell) for cell in read(mine / EXERCISE)["cells"])
    assert (mine / beside).read_text() == newer


def test_opening_and_saving_adds_python_s_version_and_nothing_else(visit_mine, mine):
    page = visit_mine(EXERCISE)
    page.wait_for_function(f"{MODEL}.dirty")
    before = read(mine / EXERCISE)
    assert before["metadata"].items() >= METADATA.items()
    save(page, mine / EXERCISE)
    saved = read(mine / EXERCISE)
    assert saved["metadata"]["language_info"].pop("version")
    assert saved == before
