"""Every term is introduced in the lesson that the glossary names, and in no lesson used before."""

import re
from itertools import takewhile
from pathlib import Path

import pytest

from adamedu.content.lessons import lessons
from adamedu.pages.glossary import glossary, terms
from tests.support.pages import cells_of, headings_in, prose_of, text_of, texts_shown

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PAGE = NOTEBOOKS / "glossary.ipynb"
every_term = pytest.mark.parametrize("term", terms(), ids=lambda term: term.name.replace(" ", "-"))


NAME = re.compile(r"(?<!stochastic )\bgradient descent\b", re.IGNORECASE)  # of an optimizer


def prose_without_names(path):
    return [(where, NAME.sub(" ", prose)) for where, prose in prose_of(path)]


def page_of(term):
    return NOTEBOOKS / f"{lessons()[term.lesson].name}.ipynb"


def written(term):
    """What finds the term in running text, in each of its forms."""
    forms = [term.name, f"{term.name}s", *term.forms]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, forms))})(?![\w-])", re.IGNORECASE)


def section_of(path, section):
    """The prose below a heading, up to the next one."""
    found, inside = [], False
    for cell in cells_of(path, "markdown"):
        for line in text_of(cell).splitlines():
            if line.startswith("#"):
                inside = line.lstrip("# ").strip() == section
            elif inside:
                found.append(line)
    return "\n".join(found)


def test_there_are_terms_and_none_twice():
    names = [term.name.lower() for term in terms()]
    assert len(names) >= 25
    assert len(set(names)) == len(names)


@every_term
class TestTerm:
    def test_it_is_one_sentence(self, term):
        assert re.fullmatch(r"[A-Z][^.]*\.", term.says), term.says
        assert len(term.says) <= 140

    def test_its_lesson_introduces_it_in_bold_in_that_section(self, term):
        bold = re.findall(r"\*\*([^*]+)\*\*", section_of(page_of(term), term.section))
        assert any(written(term).fullmatch(each) for each in bold), bold

    def test_no_earlier_lesson_uses_it(self, term):
        names = [lesson.name for lesson in lessons().values()]
        for name in takewhile(lambda name: name != page_of(term).stem, names):
            path = NOTEBOOKS / f"{name}.ipynb"
            if path.is_file():
                *cells, _ = prose_without_names(path)  # the last says what is ahead
                used = [(where, match[0]) for where, prose in cells
                        if (match := written(term).search(prose))]  # fmt: skip
                assert not used, (name, used)

    def test_its_lesson_does_not_use_it_before(self, term):
        _, *cells = cells_of(page_of(term), "markdown")  # the first says what is ahead
        prose = dict(prose_without_names(page_of(term)))
        for cell in cells:
            if re.search(r"\*\*[^*]*" + written(term).pattern, text_of(cell), re.IGNORECASE):
                return
            found = written(term).search(prose[cell["id"]])
            in_a_heading = any(written(term).search(text) for _, text in headings_in(cell))
            assert not found or in_a_heading, (cell["id"], found)

    def test_the_page_shows_it_with_a_link(self, term):
        shown = "\n".join(text for cell in cells_of(PAGE, "code") for text in texts_shown(cell))
        (row,) = [line for line in shown.splitlines() if line.startswith(f"| **{term.name}** |")]
        assert term.says in row
        assert f"](../notebooks/{page_of(term).name}#" in row


def test_the_glossary_is_in_the_alphabet_s_order():
    names = [row[0].lower() for row in glossary().text[1:]]
    assert names == sorted(names)
