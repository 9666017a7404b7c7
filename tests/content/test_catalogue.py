"""Whatever is wrong with the catalogue is said in one line: the file, the row, the field, and why.

Each case is the real content with one change.
"""

import copy
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli

from adamedu import cli
from adamedu.content import catalogue, ladder, lessons, loading, mistakes
from adamedu.content.loading import CatalogueError, Row, load
from adamedu.content.mistakes import names_of
from adamedu.optimizers import LADDER
from adamedu.pages import claims, glossary

CONTENT = Path(catalogue.__file__).parent
CACHED = (
    catalogue.exercises, catalogue.tasks, mistakes.bank, lessons.lessons, glossary.terms,
    claims._read, ladder.rungs,
)  # fmt: skip
ADAM = "exercises/05_adam.toml"
FIRST = "mistakes/1_step.toml"
CLAIMS = "claims/01_gradient_descent.toml"
TABLES = {
    "exercises": "task", "mistakes": "mistake", "claims": "claim", "glossary.toml": "term",
    "lessons.toml": "lesson",
}  # fmt: skip
FILES: dict[Path, Any] = {
    **dict.fromkeys(sorted(CONTENT.glob("exercises/*.toml")), catalogue.Exercise),
    **dict.fromkeys(sorted(CONTENT.glob("mistakes/*.toml")), mistakes._File),
    **dict.fromkeys(sorted(CONTENT.glob("claims/*.toml")), claims._File),
    CONTENT / "glossary.toml": glossary._File,
    CONTENT / "lessons.toml": lessons._File,
}
DEFAULTS = {"theta", "tasks", "covers", "forms"}
"""What a row may leave out."""


@pytest.fixture
def content(tmp_path, monkeypatch):
    """A copy of all content, from which everything is read."""
    home = tmp_path / "content"
    shutil.copytree(CONTENT, home, ignore=shutil.ignore_patterns("*.py*", "__pycache__"))
    monkeypatch.setattr(loading, "_HOME", home)
    for cached in CACHED:
        cached.cache_clear()
    yield home
    for cached in CACHED:
        cached.cache_clear()


def make(file, row, old, new):
    """Make a change behind the name of a row, or anywhere."""
    text = file.read_text(encoding="utf-8")
    start = text.index(f'"{row}"') if row else 0
    assert old in text[start:]
    file.write_text(text[:start] + text[start:].replace(old, new, 1), encoding="utf-8")


def read_all():
    catalogue.tasks()
    mistakes.bank()
    lessons.lessons()
    claims.claims()
    glossary.terms()


@pytest.mark.parametrize(
    ("file", "row", "change", "says"),
    [
        # Keys.
        (ADAM, "adam.step", ("minutes = 10\n", ""), "minutes: is missing"),
        (ADAM, "adam.step", ("minutes = 10\n", "mintues = 10\n"),
         "mintues: there is no such key; there are kind, id, … Did you mean minutes?"),
        (ADAM, "adam.step", ("minutes = 10\n", "minutes = 10\nlenght = 1\n"),
         "lenght: there is no such key; there are kind, id, answer, title, … hints, optimizer"),
        (ADAM, "adam.theta", ('theta = "1"', 'tetha = "1"'),
         "tetha: there is no such key; there are … Did you mean theta?"),
        (ADAM, "adam.step", ('kind = "step"', 'kidn = "step"'),
         "kind: is missing; did you mean it by kidn?"),
        (ADAM, "adam.step", ("points = 2, ", ""), "checks 'm', points: is missing"),
        (ADAM, "", ('id = "adam.scale"\n', ""), "task 1, id: is missing"),
        (ADAM, "", ('number = "05"\n', ""), "number: is missing"),
        ("lessons.toml", "", ("[[lesson]]\n", "[[lessons]]\n"),
         "lessons: there is no such key; there are lesson. Did you mean lesson?"),
        # Kinds of values.
        (ADAM, "adam.step", ("minutes = 10\n", 'minutes = "10"\n'),
         "minutes: expected a whole number, got a text"),
        (ADAM, "adam.step", ("minutes = 10\n", "minutes = 0\n"),
         "minutes: expected a whole number >= 1"),
        (ADAM, "adam.step", ('id = "v", points = 2', 'id = "v", points = 2.5'),
         "checks 'v', points: expected a whole number, got a number"),
        (ADAM, "adam.step", ("hints = [", 'hints = [\n"one",'),
         "hints: expected a list of length 3, got 4"),
        (ADAM, "adam.step", ("hints = [", 'hints = "one"\nmore = ['),
         "hints: expected a list, got a text"),
        (ADAM, "adam.theta", ('lr = "1/10"', "lr = 0.1"),
         "given, lr: expected a text, got a number"),
        (ADAM, "adam.theta", ('["3", "3", "3"]', '["3", "x", "3"]'),
         "gradients 2: expected a text matching regex …"),
        # Choices.
        (ADAM, "adam.step", ('kind = "step"', 'kind = "stepp"'),
         "kind: there is no 'stepp'; there are step, run, class, … Did you mean step?"),
        (ADAM, "adam.design", ('"longest-step"', '"longest-stop"'),
         "goal, name: there is no 'longest-stop'; … Did you mean longest-step?"),
        (ADAM, "adam.scale", ('right = "b"', 'right = "e"'),
         "right: there is no 'e'; there is a, b, c, d"),
        (FIRST, "plus-sign", ('kind = "mistake"', 'kind = "mistaek"'),
         "kind: there is no 'mistaek'; … Did you mean mistake?"),
        (CLAIMS, "funny-looking-n", ('"does not hold"', '"false"'),
         "verdict: there is no 'false'; there are does not hold, holds, holds when"),
        ("glossary.toml", "optimizer", ('lesson = "00"', 'lesson = "99"'),
         "lesson: there is no '99'; there is 00, 01, 02, …"),
        # What a task asks for.
        (ADAM, "adam.step", ('optimizer = "adam"', 'optimizer = "adamm"'),
         "optimizer: there is no optimizer 'adamm'; there are gd, … Did you mean adam?"),
        (ADAM, "adam.bug", ('"one-correction-off"', '"one-corection-off"'),
         "checks: there is no 'one-corection-off'; … Did you mean one-correction-off?"),
        (ADAM, "adam.run", ('id = "again"', 'id = "agian"'),
         "checks: there is no 'agian'; it can be asked for first, … Did you mean again?"),
        (ADAM, "adam.step", ('id = "v"', 'id = "m"'), "checks: 'm' is there 2 times"),
        (ADAM, "adam.m", ('id = "t2"', 'id = "t3"'), "checks: 't3' is there 2 times"),
        (ADAM, "adam.m", ('quantity = "m"', 'quantity = "mm"'),
         "quantity: there is no 'mm'; there is theta, m, v, m_hat, v_hat. Did you mean m?"),
        (ADAM, "adam.m", ('eps = "0"', 'epsilon = "0"'),
         "given: there is no 'epsilon'; there is lr, beta1, beta2, eps"),
        (ADAM, "adam.m", (', eps = "0"', ""),
         "given: there is no 'eps'; there is lr, beta1, beta2"),
        (ADAM, "adam.m", ('gradients = ["4", "2", "-6"]\n', ""),
         "gradients: there are either these, or curvature and steps"),
        (ADAM, "adam.design", ("five = 5.0", "fife = 5.0"),
         "checks: there is no 'five'; it can be asked for paper, fife. Did you mean fife?"),
        # The bank.
        (FIRST, "plus-sign", ("edits.adamw", "edits.adanw"),
         "edits, adanw: there is no optimizer 'adanw'; … Did you mean adamw?"),
        (FIRST, "plus-sign", ("in.lr", "in.lrr"),
         "edits, gd, in: there is no 'lrr'; it has theta, g, t, lr. Did you mean lr?"),
        (FIRST, "plus-sign", ("{ theta =", "{ tetha ="),
         "edits, adamw, lines: there is no 'tetha'; it has theta, m, … Did you mean theta?"),
        (FIRST, "plus-sign", ('"-lr"', "-1"), "edits, gd, in, lr: expected a text"),
        (FIRST, "plus-sign", ('{ in.lr = "-lr" }', "{}"), "edits, gd: it changes nothing"),
        (FIRST, "plus-sign", ('{ in.lr = "-lr" }', '"-lr"'), "edits, gd: expected a table"),
        (FIRST, "plus-sign", ('kind = "mistake"', 'kind = "convention"'),
         "whose: a convention is somebody's, and nothing else is"),
        (FIRST, "plus-sign", ('kind = "mistake"', 'kind = "behavior"'),
         "edits: a behavior has none, and everything else some"),
        # Names of files and rows.
        ("exercises/04_rmsprop.toml", "", ('"rmsprop.step"', '"rmsprop.run"'),
         "'rmsprop.run', id: exercises/04_rmsprop.toml has it, too"),
        (ADAM, "", ('"adam.run"', '"gd.run"'),
         "'gd.run', id: exercises/01_gradient_descent.toml has it, too"),
        (FIRST, "", ('"difference-reversed"', '"plus-sign"'),
         "'plus-sign', id: mistakes/1_step.toml has it, too"),
        ("lessons.toml", "", ('"04_rmsprop"', '"03_rmsprop"'),
         "'03', number: content/lessons.toml has it, too"),
        (ADAM, "", ('name = "05_adam"', 'name = "05_adamm"'),
         "name: the file's name says '05_adam'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(content, file, row, change, says):
    make(content / file, row, *change)
    with pytest.raises(CatalogueError) as raised:
        read_all()
    said = str(raised.value)
    place = file if "/" in file else f"content/{file}"
    start, _, end = says.partition(" …")
    table = TABLES[file.partition("/")[0]]
    assert said.startswith(f"{place}, {table} {row!r}, {start}" if row else f"{place}, {start}")
    assert said.endswith(end)
    assert "\n" not in said


def test_a_file_that_is_no_toml_is_named(content):
    make(content / ADAM, "", '"05_adam"', '"05_adam')
    with pytest.raises(CatalogueError, match=rf"{ADAM} can't be read: Illegal character '\\n'"):
        read_all()


def test_the_course_s_own_content_is_read(content):
    read_all()
    assert len(mistakes.bank()) > 100


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[adam]", "[adan]", "has no row for adam: write [adam]"),
        ("[adam]", "[mine]\n[adam]", "mine, label: is missing"),
        ('label = "Adam"', 'lable = "Adam"', "adam, lable: there is no such key; there are label,"),
        ('color = "#D55E00"', 'color = "red"', "adam, color: "),
        ('marker = "P"', 'marker = "PX"', "adam, marker: "),
        ('dash = "dotted"', 'dash = "wavy"', "nadam, dash: there is no 'wavy'; there are "),
    ],
)
def test_a_row_of_the_ladder_is_named(content, old, new, says):
    make(content / "ladder.toml", "", old, new)
    with pytest.raises(CatalogueError, match=r"content/ladder\.toml") as raised:
        ladder.rungs()
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_row_of_no_optimizer_is_named(content):
    file = content / "ladder.toml"
    rows = file.read_text(encoding="utf-8")
    adam = rows[rows.index("[adam]") : rows.index("[amsgrad]")]
    file.write_text(rows + adam.replace("[adam]", "[adan]"), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"'adan': optimizers\.py has no such name"):
        ladder.rungs()


@pytest.mark.parametrize("optimizer", LADDER, ids=lambda optimizer: optimizer.name)
def test_what_an_edit_may_replace_is_what_the_definition_has(optimizer):
    names = names_of(optimizer.name)
    assert {*names["lines"]} == {line.name for line in optimizer.lines}
    optimizer.variant(incoming=dict.fromkeys(names["in"], "1"))
    optimizer.variant(outgoing=dict.fromkeys(names["out"], "1"))


def test_the_program_says_it_in_one_line(content, monkeypatch, capsys):
    make(content / ADAM, "adam.step", "minutes = 10\n", "")
    monkeypatch.setattr(sys, "argv", ["adamedu", "progress"])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"Error: {ADAM}, task 'adam.step', minutes: is missing\n"


# Any key, of any row, of any file.


def tables_in(data, path=()):
    """Every table in some data, by the way to it."""
    if isinstance(data, dict):
        yield path
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for step, value in items:
        if isinstance(value, dict | list):
            yield from tables_in(value, (*path, step))


def at(data, path):
    for step in path:
        data = data[step]
    return data


def keys_in(file):
    data = tomli.loads(file.read_text(encoding="utf-8"))
    return [(file, path, key) for path in tables_in(data) for key in at(data, path)]


EVERY_KEY = [case for file in FILES for case in keys_in(file)]


def reads(monkeypatch, file, data):
    """What is said of a file if this is in it."""
    monkeypatch.setattr("adamedu.content.loading.tomli.loads", lambda _: data)
    with pytest.raises(CatalogueError) as raised:
        load(file, FILES[file])
    return str(raised.value)


def row_of(data, path):
    """How a message names the row that lies on a path, if there is one."""
    if len(path) < 2:
        return ""
    row = at(data, path[:2])
    name = row.get("id", row.get("name"))
    return f", {path[0]} {path[1] + 1 if name is None else repr(name)}"


@pytest.mark.parametrize("seed", range(8))
def test_any_key_that_is_misspelt_or_missing_is_refused(seed, monkeypatch):
    read_all()
    draw = np.random.default_rng(seed)
    whole = {file: tomli.loads(file.read_text(encoding="utf-8")) for file in FILES}
    for number in draw.choice(len(EVERY_KEY), 60, replace=False):
        file, path, key = EVERY_KEY[number]
        is_left_out = draw.random() < 0.5 and key not in DEFAULTS and "edits" not in path
        data = copy.deepcopy(whole[file])
        value = at(data, path).pop(key)
        if not is_left_out:
            place = int(draw.integers(len(key) + 1))
            at(data, path)[f"{key[:place]}q{key[place:]}"] = value
        said = reads(monkeypatch, file, data)
        start = "/".join(file.parts[-2:]) + row_of(data, path)
        assert re.match(re.escape(start) + r"[,:]", said), (said, path, key)
        assert "\n" not in said


def test_every_row_has_a_type_that_knows_its_keys():
    for file, of in FILES.items():
        assert issubclass(of, Row), file
        assert of.__struct_config__.forbid_unknown_fields, file
