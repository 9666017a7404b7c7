"""A notebook's page: whole, alone, and with its formulas and widgets in place."""

import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from adamedu.cli import main
from adamedu.publishing.mathml import FormulaError, mathml
from adamedu.publishing.pages import STATE, PageError, page

ESM = "export default { render({ model, el }) { el.textContent = `</script>${model.get('n')}`; } }"
VIEW = "application/vnd.jupyter.widget-view+json"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAEFAQGGzqrPAAAAAElFTkSuQmCC"
)


def widget(model_id):
    return nbformat.v4.new_output(
        "display_data", {VIEW: {"model_id": model_id}, "text/plain": "a widget"}
    )


def stored(**state):
    return {"state": {"_esm": ESM, "_css": "b{}", "_view_name": "x", **state}, "buffers": []}


@pytest.fixture
def write(tmp_path):
    def write(*cells, states=None, name="lesson"):
        notebook = nbformat.v4.new_notebook(cells=list(cells))
        if states is not None:
            notebook.metadata.widgets = {STATE: {"version_major": 2, "state": states}}
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    return write


def code(*outputs, source="1"):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs))


def text(source):
    return nbformat.v4.new_markdown_cell(source)


def read(path):
    return BeautifulSoup(page(path), "html.parser")


class TestFormulas:
    def test_a_formula_in_the_text_becomes_mathml(self, write):
        document = read(write(text("# T\n\nThe rate $\\alpha$ and\n\n$$v_t = g_t^2$$")))
        inline, block = document.find_all("math")
        assert inline["display"], block["display"] == ("inline", "block")
        assert inline.text == "α"
        assert block.msubsup.text == "gt2"
        assert "$" not in document.main.text

    def test_a_formula_in_an_output_does_too(self, write):
        latex = nbformat.v4.new_output("display_data", {"text/latex": "$$x < 1$$"})
        assert read(write(code(latex))).find("math").text == "x<1"

    def test_aligned_rows_and_columns_are_a_table(self):
        table = BeautifulSoup(
            mathml(r"\begin{aligned}a &= 1\\[4pt] bc &= 2 & &= 3\end{aligned}"), "html.parser"
        )
        rows = [[cell.text for cell in row.find_all("mtd")] for row in table.find_all("mtr")]
        assert rows == [["a", "=1"], ["bc", "=2", "", "=3"]]

    def test_dollars_in_code_stay(self, write):
        document = read(write(text("Pay `$x$` now."), code(source="price = '$y$'")))
        assert document.find("math") is None
        assert "$x$" in document.text
        assert "'$y$'" in document.text

    @pytest.mark.parametrize("tex", [r"\left(", r"\unheard", "x^"])
    def test_one_that_cannot_be_read_is_shown_in_the_error(self, tex):
        with pytest.raises(FormulaError, match=re.escape(tex)):
            mathml(tex)

    @given(st.integers(0, 10**6), st.sampled_from("abxyz"))
    def test_numbers_and_letters_come_through(self, number, letter):
        assert BeautifulSoup(mathml(f"{letter} + {number}"), "html.parser").text == (
            f"{letter}+{number}"
        )


class TestWidgets:
    def test_each_module_is_there_once_and_each_state_is_kept(self, write):
        path = write(
            code(widget("a")), code(widget("b")), states={"a": stored(n=1), "b": stored(n=2)}
        )
        document = read(path)
        data = json.loads(document.find(id="widgets").string)
        assert data["modules"] == [{"code": ESM, "style": "b{}"}]
        assert {k: m["state"] for k, m in data["models"].items()} == {"a": {"n": 1}, "b": {"n": 2}}
        assert [el["data-widget"] for el in document.find_all(attrs={"data-widget": True})] == [
            "a",
            "b",
        ]

    def test_a_state_that_ends_a_script_does_not(self, write):
        text = page(write(code(widget("a")), states={"a": stored(n="</script><b>out</b>")}))
        assert "<b>out</b>" not in text

    def test_a_view_whose_state_is_not_stored_gives_way_to_its_text(self, write):
        document = read(write(code(widget("gone"))))
        assert document.find(attrs={"data-widget": True}) is None
        assert "a widget" in document.main.text

    def test_a_page_without_widgets_has_no_script(self, write):
        assert read(write(text("# T"))).find("script") is None


class TestPages:
    def test_a_picture_keeps_its_words(self, write):
        picture = nbformat.v4.new_output(
            "display_data",
            {"image/png": PIXEL, "text/plain": "a dot"},
            metadata={"image/png": {"alt": 'One "dot" & 2 lines', "width": 7}},
        )
        image = read(write(code(picture))).find("img")
        assert (image["alt"], image["width"]) == ('One "dot" & 2 lines', "7")

    def test_links_between_notebooks_lead_from_page_to_page(self, write):
        document = read(write(text("[a](b.ipynb#Part-1) [c](../x/d.ipynb) [e](https://f/g.ipynb)")))
        assert [a["href"] for a in document.select("p a")] == [
            "b.html#Part-1",
            "../x/d.html",
            "https://f/g.ipynb",
        ]

    def test_its_title_is_the_first_heading(self, write):
        assert read(write(text("# 5 · *Adam*"))).title.text == "5 · Adam"

    def test_nothing_is_asked_of_the_network(self, write):
        path = write(text("# T\n\n$x$"), code(widget("a")), states={"a": stored(n=1)})
        text_of_page = re.sub(r"/\*.*?\*/", "", page(path), flags=re.DOTALL)
        asked = re.findall(
            r"(?:src|href)=[\"'](?!data:|#)[^\"']+|url\([\"']?(?!data:)[^)]+", text_of_page
        )
        assert asked == []

    def test_the_command_writes_one_for_each_notebook(self, write, tmp_path):
        paths = [write(text("# B"), name="b"), write(text("# A"), name="a")]
        site = tmp_path / "site"
        ran = CliRunner().invoke(main, ["page", *map(str, paths), "--out", str(site)])
        assert ran.exit_code == 0, ran.output
        assert ran.output.split() == [str(site / "b.html"), str(site / "a.html")]
        for path in site.iterdir():
            assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")

    def test_the_command_says_which_notebook_is_broken(self, tmp_path):
        path = tmp_path / "broken.ipynb"
        path.write_text("{")
        ran = CliRunner().invoke(main, ["page", str(path), "--out", str(tmp_path / "site")])
        assert ran.exit_code == 1
        assert "broken.ipynb isn't a notebook" in ran.output
        assert not (tmp_path / "site").exists()

    @pytest.mark.parametrize("content", ["", "{", "[]", "null"])
    def test_what_is_no_notebook_is_named(self, tmp_path, content):
        path = tmp_path / "broken.ipynb"
        path.write_text(content)
        with pytest.raises(PageError, match=r"broken\.ipynb isn't a notebook"):
            page(path)
