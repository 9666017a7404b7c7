"""What every lesson keeps to: it has run, it says nothing that no cell shows, and it leads on."""

import ast
import itertools
import math
import re
import textwrap
from html import unescape
from pathlib import Path

import pytest

from tests.support.pages import (
    anchors,
    cells_of,
    headings,
    numbers_in,
    numbers_shown,
    prose_of,
    read,
    shows,
    text_of,
    texts_shown,
)
from tools.notebooks import METADATA

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = [path for path in PAGES if path.name[:2].isdecimal()]
LINES_PER_CELL = 12
LARGEST = 1_000_000  # bytes,
LARGEST_OF = {"playgrounds": 1_500_000}  # but for the page that holds every scene and its still
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGETS = "application/vnd.jupyter.widget-state+json"
PARTS_OF = {"01", "02", "03", "04", "05"}  # the lessons on optimizers

AVERAGES = {"m", "v", "m_hat", "v_hat", "theta", "velocity", "momentum", "cache"}
MACHINE = re.compile(
    r"/(?:home|root|tmp|usr|work|Users|private|var|opt|mnt)/|[A-Z]:\\\\|\b0x[0-9a-f]{6,}"
    r"|\b\d{4}-\d\d-\d\d[T ]\d\d:|\b\d\d:\d\d:\d\d\b"
)


every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
every_page = pytest.mark.parametrize("lesson", PAGES, ids=lambda path: path.stem)
every_optimizers_lesson = pytest.mark.parametrize(
    "lesson", [p for p in LESSONS if p.name[:2] in PARTS_OF], ids=lambda path: path.stem
)


def test_the_course_has_a_lesson_for_each_rung_up_to_adam():
    assert [path.name[:2] for path in LESSONS[:6]] == ["00", "01", "02", "03", "04", "05"]


@pytest.mark.parametrize("folder", ["notebooks", "exercises", "solutions"])
def test_every_notebook_s_metadata_is_what_jupyterlab_writes(folder):
    for path in (ROOT / folder).glob("*.ipynb"):
        assert read(path)["metadata"].items() >= METADATA.items(), path


@every_page
class TestOutputs:
    def test_every_cell_has_run_in_order_and_none_failed_or_warned(self, lesson):
        code = cells_of(lesson, "code")
        assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
        for cell in code:
            kinds = {(o["output_type"], o.get("name")) for o in cell["outputs"]}
            assert not kinds & {("error", None), ("stream", "stderr")}, cell["id"]

    def test_a_cell_that_ends_in_a_value_shows_it(self, lesson):
        for cell in cells_of(lesson, "code"):
            last = ast.parse(text_of(cell)).body[-1]
            if isinstance(last, ast.Expr):
                assert any(text.strip() for text in texts_shown(cell)), cell["id"]

    def test_every_picture_says_in_words_with_numbers_what_it_shows(self, lesson):
        for cell in cells_of(lesson, "code"):
            for k, output in enumerate(cell["outputs"]):
                if "image/png" not in output.get("data", {}):
                    continue
                alt = output["metadata"]["image/png"]["alt"]
                assert re.search(r"\d", alt), cell["id"]
                assert "".join(output["data"]["text/plain"]) == alt, cell["id"]
                caption = cell["outputs"][k + 1]["data"]
                assert "".join(caption["text/plain"]) == alt, cell["id"]
                visible = re.sub(r"\\(.)", r"\1", "".join(caption["text/markdown"]))
                assert visible == alt, cell["id"]

    def test_pictures_are_png_or_playgrounds_whose_state_is_stored(self, lesson):
        kinds = {
            kind
            for cell in cells_of(lesson, "code")
            for output in cell["outputs"]
            for kind in output.get("data", {})
        }
        assert kinds <= {
            "image/png",
            "text/html",
            "text/latex",
            "text/markdown",
            "text/plain",
            WIDGET,
        }
        stored = read(lesson)["metadata"].get("widgets", {}).get(WIDGETS, {"state": {}})["state"]
        shown = {
            output["data"][WIDGET]["model_id"]
            for cell in cells_of(lesson, "code")
            for output in cell["outputs"]
            if WIDGET in output.get("data", {})
        }
        assert shown <= set(stored)

    def test_every_playground_stands_after_its_still(self, lesson):
        for cell in cells_of(lesson, "code"):
            for k, output in enumerate(cell["outputs"]):
                if WIDGET in output.get("data", {}):
                    still = cell["outputs"][k - 2]
                    assert "image/png" in still["data"], cell["id"]

    def test_nothing_tells_the_moment_or_the_machine(self, lesson):
        for cell in cells_of(lesson, "code"):
            for text in texts_shown(cell):
                assert not MACHINE.search(text), (cell["id"], text)
        for cell in read(lesson)["cells"]:
            assert "execution" not in cell["metadata"], cell["id"]

    def test_it_is_no_larger_than_a_page_should_be(self, lesson):
        assert lesson.stat().st_size < LARGEST_OF.get(lesson.stem, LARGEST)


@every_page
class TestCode:
    def test_a_cell_has_at_most_a_dozen_lines(self, lesson):
        for cell in cells_of(lesson, "code"):
            lines = [line for line in text_of(cell).splitlines() if line.strip()]
            assert len(lines) <= LINES_PER_CELL, cell["id"]

    def test_no_optimizers_mathematics_is_spelled_outside_the_package(self, lesson):
        for cell in cells_of(lesson, "code"):
            assert not respelled(text_of(cell)), cell["id"]
        for cell in cells_of(lesson, "markdown"):
            for block in re.findall(r"```(?:python)?\n(.*?)```", text_of(cell), flags=re.DOTALL):
                assert not respelled(block), cell["id"]


def respelled(code):
    """Lines that define a step or make one: a moving average, an accumulator, a move by a rate."""
    found = []
    for node in ast.walk(ast.parse(textwrap.dedent(code))):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            names = {argument.arg for argument in node.args.args + node.args.kwonlyargs}
            if {"theta", "g"} <= names or names & {"lr", "beta1"}:
                found.append(ast.unparse(node))
        elif isinstance(node, ast.AugAssign) and ast.unparse(node.target) in AVERAGES:
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            read = {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}
            if {ast.unparse(target) for target in node.targets} & read & AVERAGES:
                found.append(ast.unparse(node))
        if is_average(node) or is_scaled(node):
            found.append(ast.unparse(node))
    return found


def is_average(node):
    """``a * x + (1 - a) * y``, in any order."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return False
    left, right = factors(node.left), factors(node.right)
    return any(f"1 - {x}" in right for x in left) or any(f"1 - {x}" in left for x in right)


def factors(node):
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return {ast.unparse(node.left), ast.unparse(node.right)}
    return set()


def is_scaled(node):
    """``x / (sqrt(v) + eps)``."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return False
    divisor = ast.unparse(node.right)
    return "sqrt(v" in divisor or bool(re.search(r"sqrt\(.*\) \+", divisor))


@pytest.mark.parametrize(
    "code",
    [
        "def step(theta, g, t, m, *, lr):\n    return theta - lr * g",
        "m = beta * m + (1 - beta) * g",
        "average = 0.9 * average + g * (1 - 0.9)",
        "v += g**2",
        "theta = theta - 0.1 * slope",
        "x = x - lr * m_hat / (np.sqrt(v_hat) + eps)",
        "step = lambda w, lr: w - lr * slope(w)",
    ],
)
def test_a_respelled_optimizer_is_noticed(code):
    assert respelled(code)


@pytest.mark.parametrize(
    "code",
    [
        "trace = descend(adam, ridge, lr=0.1)",
        'nearly = adam.variant(lines={"m_hat": "m"})',
        "print(trace.theta[1] - trace.theta[0])",
        "bound = (1 - 0.9) / np.sqrt(1 - 0.999)",
    ],
)
def test_a_call_is_no_respelling(code):
    assert not respelled(code)


@every_page
class TestEveryPagesProse:
    def test_every_number_it_states_is_shown_or_set_by_a_cell(self, lesson):
        shown = set()
        for cell in cells_of(lesson, "code"):
            shown |= numbers_shown([text_of(cell).replace("_", ""), *texts_shown(cell)])
        for cell_id, prose in prose_of(lesson):
            missing = {n for n in numbers_in(prose) if not shows(shown, n)}
            assert not missing, cell_id

    def test_its_links_lead_somewhere(self, lesson):
        for cell in read(lesson)["cells"]:
            markdown = cell["cell_type"] == "markdown"
            for text in [text_of(cell)] if markdown else texts_shown(cell):
                for target in re.findall(r"\]\(([^)\s]+)\)|href=\"([^\"]+)\"", text):
                    assert leads_somewhere(lesson, unescape("".join(target))), (cell["id"], target)

    def test_it_has_one_title_and_skips_no_level(self, lesson):
        levels = [level for level, _ in headings(lesson)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@every_lesson
class TestProse:
    def test_it_opens_with_its_question_and_three_objectives(self, lesson):
        first = text_of(read(lesson)["cells"][0])
        assert re.search(r"^\*\*The question: .+\?\*\*$", first, flags=re.MULTILINE)
        assert len(re.findall(r"^- ", first, flags=re.MULTILINE)) == 3
        assert re.search(r"^You need ", first, flags=re.MULTILINE)

    def test_it_ends_with_what_was_shown_what_to_try_and_where_next(self, lesson):
        last = text_of(read(lesson)["cells"][-1])
        assert last.startswith("## What was shown, what to try, where next")
        bold = re.findall(r"^\*\*(\w+)\.\*\*", last, flags=re.MULTILINE)
        assert bold == ["Shown", "Try", "Next"]
        assert "](../exercises/" in last

    def test_every_question_has_one_right_answer_and_explains_every_choice(self, lesson):
        for cell in cells_of(lesson, "markdown"):
            blocks = re.findall(r"(?:<details>.*?</details>\n?)+", text_of(cell), flags=re.DOTALL)
            for block in blocks:
                choices = re.findall(
                    r"<details><summary>(.+?)</summary>\n<p>(.+?)</p>\n</details>", block
                )
                assert len(choices) == block.count("<details>") >= 3, cell["id"]
                right = [choice for choice, why in choices if why.startswith("Yes")]
                assert len(right) == 1, (cell["id"], right)


# What a browser leaves as it is in a link, and JupyterLab doesn't take for something else.
SAFE_IN_A_LINK = re.compile(r"[!#-;?-_a-z{-~]*")


def leads_somewhere(page, target):
    """JupyterLab looks for a heading as the link spells it, after the browser has encoded it."""
    if target.startswith(("https://", "http://")):
        return True
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    if not there.is_file() or not anchor:
        return there.is_file()
    if anchor.startswith("cell-id="):
        return anchor.removeprefix("cell-id=") in {cell["id"] for cell in read(there)["cells"]}
    title = headings(there)[0][1].replace(" ", "-")  # where a page opens anyway
    return anchor == title or (anchor in anchors(there) and SAFE_IN_A_LINK.fullmatch(anchor))


@every_optimizers_lesson
class TestOptimizersLesson:
    def test_it_has_the_seven_parts_in_order(self, lesson):
        numbered = [re.match(r"(\d)\. ", text) for level, text in headings(lesson) if level == 2]
        assert [match[1] for match in numbered if match] == list("1234567")

    def test_it_says_how_long_it_takes(self, lesson):
        (minutes,) = re.findall(r"about (\d+) minutes", text_of(read(lesson)["cells"][0]))
        assert 25 <= int(minutes) <= 45

    def test_it_asks_two_or_three_questions(self, lesson):
        prose = "\n".join(text_of(cell) for cell in cells_of(lesson, "markdown"))
        assert len(re.findall(r"^\*\*\d\.\*\* .+\?$", prose, flags=re.MULTILINE)) in {2, 3}

    def test_it_shows_its_verdicts(self, lesson):
        """In the table that the course makes of its claims; test_claims.py asks the rest."""
        last = [text_of(cell).splitlines()[-1] for cell in cells_of(lesson, "code")]
        assert last.count(f'claims("{lesson.name[:2]}")') == 1


class TestAdamsNumbers:
    """The numbers of lesson 05, from formulas of their own: none of them runs an optimizer."""

    lesson = ROOT / "notebooks" / "05_adam.ipynb"

    @staticmethod
    def uncorrected(t, beta1=0.9, beta2=0.999):
        """The t-th move under the slope 1: both averages are 1 - beta**t."""
        return (1 - beta1**t) / math.sqrt(1 - beta2**t)

    def stated(self, cell_id):
        (cell,) = [cell for cell in read(self.lesson)["cells"] if cell["id"] == cell_id]
        shown = "" if cell["cell_type"] == "markdown" else " ".join(texts_shown(cell))
        return shown or text_of(cell)

    def test_moves_without_corrections(self):
        longest = max(range(1, 5000), key=self.uncorrected)
        lasts = max(t for t in range(1, 20_000) if self.uncorrected(t) > 1.01)
        only_m = 1 / math.sqrt(1 - 0.999)
        assert longest == 12
        for cell in ("truth-lab", "truth-lab-read"):
            said = self.stated(cell)
            assert f"{self.uncorrected(1):.2f}" in said
            assert f"{self.uncorrected(12):.2f}" in said
            assert f"{only_m:.2f}" in said
        assert str(lasts) in self.stated("reversal")
        assert str(lasts) in self.stated("reversal-read")

    @pytest.mark.parametrize("beta2", [0.95, 0.98])
    def test_the_reversal(self, beta2):
        for cell in ("reversal", "reversal-read"):
            assert f"{self.uncorrected(1, beta2=beta2):.3f}" in self.stated(cell)
        assert self.uncorrected(1, beta2=0.99) == pytest.approx(1)

    def test_the_bound_and_the_roof(self):
        bound = 0.1 / math.sqrt(0.001)
        roof = bound * math.sqrt(sum((0.81 / 0.999) ** k for k in range(10_000)))
        two = self.uncorrected(2)
        for cell in ("bound", "bound-read"):
            said = self.stated(cell)
            assert all(f"{number:.2f} α" in said for number in (bound, two, roof))

    def test_the_limit_of_momentum_on_the_ridge(self):
        """At the limit the recurrence's characteristic polynomial has the root -1."""
        (rate,) = map(float, re.findall(r"limit ([\d.]+)", self.stated("the-rate")))
        polynomial = (-1) ** 2 - (1 + 0.9 - 0.1 * rate * 10) * (-1) + 0.9
        assert polynomial == pytest.approx(0, abs=1e-12)

    def test_half_life_and_epsilon(self):
        assert str(round(math.log(2) / -math.log(0.999))) in self.stated("the-rate")
        outside, inside = 1e-6 / (1e-6 + 1e-8), 1e-6 / math.sqrt(1e-12 + 1e-8)
        assert f"{outside:.4f}" in self.stated("epsilon")
        assert f"a factor of {outside / inside:.0f}" in self.stated("epsilon-read")
