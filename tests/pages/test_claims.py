"""Every claim of the article has a verdict, and a cell that has run and shows its numbers."""

import re
from itertools import chain
from pathlib import Path

import pytest

from adamedu.content.lessons import lessons
from adamedu.pages.claims import VERDICTS, Claim, Claims, claims, tally
from tests.support.pages import (
    cells_of,
    headings_in,
    numbers_in,
    numbers_shown,
    read,
    shows,
    text_of,
    texts_shown,
)

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PAGE = NOTEBOOKS / "claims.ipynb"
ROWS = claims().rows
every_claim = pytest.mark.parametrize("claim", ROWS, ids=lambda claim: claim.id)

# What each lesson must settle: the article's lost figures (F) and equations (E), and its loose
# sentences, by the id of a row or by what the row covers.
REQUIRED = {
    "01": {
        "F1",  # a ball rolls into the global minimum
        "F2",  # the ball is stuck in a local minimum
        "F4",  # plain descent oscillates across a valley
        "gradient-is-zero",  # a minimum is anywhere where
        "finding-the-global-minimum",
        "biggest-problems",  # local minima
        "exploding-gradients",  # a step that is too large
    },
    "02": {
        "F3",  # with momentum the ball crosses the minimum
        "F3-twin",  # where it does not
        "E1-m",  # the average's equation
        "E2",  # the average expanded for t = 1, 2, 3
        "skips-minima",  # momentum helps skip local minima
        "weights-change",  # it constantly changes which past gradients to consider
    },
    "03": {
        "F5",  # the ridge and its cliff
        "cliff-by-axes",  # a step size for x and one for y
        "denominator",  # AdaGrad's drastic diminishing
    },
    "04": {
        "F6",  # no bouncing
        "F6-twin",  # the cycle
        "E3",  # the average of squares, and the step
        "average-of-gradients",  # g_t is calculated by a decaying average
        "derived-from-adagrad",
        "calmly-settles",
        "two-betas",  # RMSProp's beta1 and beta2, and an average called m
        "nabla",  # the funny looking n
    },
    "05": {
        "F7",  # fast, then settled
        "E1-v",  # the average of squares
        "E4",  # the loop, line by line
        "presented-2015",
        "both-for-momentum",
        "best-defaults",
        "epochs",
        "squared-gradients",
        "epsilon",
        "biased-towards-0",
        "alpha-is-a-proportion",
        "adapts-the-rate",
        "does-not-converge",
        "benefit-code",
        "benefit-cost",
        "benefit-memory",
        "benefit-sparse",
        "benefit-non-stationary",
    },
}


def lesson_of(claim):
    return NOTEBOOKS / f"{lessons()[claim.lesson].name}.ipynb"


def cell_of(claim):
    """The claim's cell, and the headings above it as a reader who scrolls back meets them."""
    above = []
    for cell in read(lesson_of(claim))["cells"]:
        if cell["cell_type"] == "markdown":
            above += headings_in(cell)
        if cell["id"] == claim.cell:
            return cell, above[::-1]
    raise AssertionError(f"{claim.id}: lesson {claim.lesson} has no cell {claim.cell!r}")


def test_ids_are_unique_and_speak():
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each) for each in ids)


@pytest.mark.parametrize("lesson", REQUIRED)
def test_a_lesson_settles_what_is_its_to_settle(lesson):
    mine = [row for row in ROWS if row.lesson == lesson]
    settled = {row.id for row in mine} | set(chain.from_iterable(row.covers for row in mine))
    assert settled >= REQUIRED[lesson], REQUIRED[lesson] - settled


@every_claim
class TestClaim:
    def test_its_quote_is_short(self, claim):
        assert 1 <= len(claim.quote.split()) <= 12
        assert "  " not in claim.quote

    def test_its_verdict_is_one_of_three(self, claim):
        assert claim.verdict in VERDICTS

    def test_it_says_what_holds_in_whole_sentences(self, claim):
        assert claim.says.endswith(".")
        assert 30 <= len(claim.says) <= 400

    def test_its_cell_is_code_that_has_run_and_shows_something(self, claim):
        cell, _ = cell_of(claim)
        assert cell["cell_type"] == "code"
        assert cell["execution_count"]
        assert any(text.strip() for text in texts_shown(cell))

    def test_its_section_is_the_one_that_the_cell_stands_under(self, claim):
        _, above = cell_of(claim)
        nearest, heading = above[0]
        around = next((text for level, text in above if level < nearest), None)
        assert claim.section in {heading, around}

    def test_every_number_it_states_is_shown_or_set_by_its_cell(self, claim):
        cell, _ = cell_of(claim)
        shown = numbers_shown([text_of(cell).replace("_", ""), *texts_shown(cell)])
        stated = re.sub(r"\$[^$]*\$|`[^`]*`", " ", claim.says)
        missing = {n for n in numbers_in(stated) if not shows(shown, n)}
        assert not missing

    def test_the_page_shows_it(self, claim):
        texts = "\n".join(chain.from_iterable(map(texts_shown, cells_of(PAGE, "code"))))
        assert Claims((claim,))._repr_markdown_().splitlines()[2] in texts


def test_the_page_counts_them():
    shown = "\n".join(chain.from_iterable(map(texts_shown, cells_of(PAGE, "code"))))
    assert tally() in shown
    verdicts, phrases, *counts = [int(n) for n in re.findall(r"\d+", tally())]
    assert verdicts == sum(counts) == len(ROWS)
    assert phrases == len({row.quote for row in ROWS})


def test_a_table_of_claims_survives_any_text():
    row = Claim("x", "a | b", "holds", "It holds: |x| < 1.", "cell", "5. Play with it", lesson="05")
    head, rule, line = Claims((row,))._repr_markdown_().splitlines()
    assert line == (
        r'| "a \| b" | **holds** | It holds: \|x\| < 1. '
        "([05, 5](../notebooks/05_adam.ipynb#cell-id=cell)) |"
    )
    assert head.count("|") == rule.count("|") == len(re.findall(r"(?<!\\)\|", line))


@pytest.mark.parametrize(
    ("quote", "words"),
    [("of *m *considers", "of m considers"), ("0.9 * 0.9 = 0.81", "0.9 * 0.9 = 0.81")],
)
def test_the_article_s_italics_are_no_part_of_its_words(quote, words):
    row = Claim("x", quote, "holds", "It holds.", "cell", "5. Play with it", lesson="05")
    assert f'| "{words}" |' in Claims((row,))._repr_markdown_()


def test_a_lesson_without_claims_is_answered_with_those_that_have_some():
    with pytest.raises(
        LookupError, match=r"no claim belongs to lesson '99'; there are some in .*05"
    ):
        claims("99")
