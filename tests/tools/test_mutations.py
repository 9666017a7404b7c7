"""The tool that changes the code in small ways: what it changes, and what it prints."""

import textwrap

import pytest
from click.testing import CliRunner

from tools.mutations import main, mutants

WAGE = """
def wage(hours):
    if hours > 40:
        return 2 * hours
    return hours


def unused():
    raise ValueError
"""
TESTS = """
from wage import wage

def test_a_long_week_pays_twice():
    assert wage(50) == 100

def test_a_short_week_pays_once():
    assert wage(30) == 30
"""


def changes(text):
    return [str(mutant).partition(": ")[2] for mutant in mutants("a.py", textwrap.dedent(text))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a < b", {"a < b -> (a <= b)", "a < b -> (a >= b)"}),
        ("a if b and c else d", {"b and c -> (b or c)", "b and c -> (not (b and c))"}),
        ("not a", {"not a -> a"}),
        ("x = 1e12", {"1e12 -> 10000000000000.0", "1e12 -> 100000000000.0"}),
        ("x: list[3] = True", {"True -> False"}),
        ("def f(a: 1) -> 2:\n    return a", {"a -> None"}),
        ("x = f'{1 + 1}'", set()),
        ("'''Text.'''\nif TYPE_CHECKING:\n    x = 1", set()),
        ("for a in b:\n    a += c\n    break", {"a += c -> pass", "break -> pass"}),
        ("x = 'größer', a + b", {"a + b -> (a - b)"}),
    ],
)
def test_what_is_changed(text, wanted):
    assert set(changes(text)) - {f"{text} -> pass"} == wanted


def test_each_change_is_where_it_says_and_the_rest_stays():
    first = next(mutants("a.py", "ü = 'é'\npay = (rate\n  * hours)  # by hand\n"))
    assert (first.line, first.text) == (2, "ü = 'é'\npay = ((rate / hours))  # by hand\n")


@pytest.fixture
def project(tmp_path):
    (tmp_path / "wage.py").write_text(WAGE, encoding="utf-8")
    (tmp_path / "test_wage.py").write_text(TESTS, encoding="utf-8")
    return tmp_path


def run(project, *options):
    arguments = ["wage.py", "--tests", "test_wage.py", "--root", str(project), *options]
    return CliRunner().invoke(main, arguments)


@pytest.mark.slow
def test_it_prints_what_no_test_notices(project):
    printed = run(project).output.splitlines()
    assert sorted(printed[:-1]) == [
        "wage.py:3: 40 -> 39",
        "wage.py:3: 40 -> 41",
        "wage.py:3: hours > 40 -> (hours >= 40)",
        "wage.py:9: raise ValueError -> pass",
    ]
    assert printed[-1] == "noticed 6 of 10 changes, 60 %; there are 10 in all"
    assert (project / "wage.py").read_text(encoding="utf-8") == WAGE


@pytest.mark.slow
def test_a_sample_is_the_same_each_time_and_time_is_bounded(project):
    assert run(project, "--sample", "2").output == run(project, "--sample", "2").output
    assert "noticed 0 of 0 changes; there are 10" in run(project, "--minutes", "0").output


@pytest.mark.slow
def test_what_runs_on_and_on_is_noticed(project, monkeypatch):
    monkeypatch.setattr("tools.mutations._AT_LEAST", 2.0)
    (project / "wage.py").write_text("def wage(x):\n    while x < 0:\n        x += 1\n    return x")
    (project / "test_wage.py").write_text(
        "from wage import wage\ndef test_it():\n    assert wage(-3) == 0\n"
    )
    assert "x += 1 -> pass" not in run(project).output


@pytest.mark.slow
def test_what_is_only_called_to_find_tests_is_noticed(project):
    (project / "wage.py").write_text("def names():\n    return ['a', 'b'] * 1\n")
    (project / "test_wage.py").write_text(
        "import pytest, wage\n"
        "@pytest.mark.parametrize('name', wage.names())\n"
        "def test_it(name):\n    assert wage.__doc__ is None\n"
    )
    assert "['a', 'b'] * 1 -> " not in run(project).output


def test_where_tests_fail_already_it_says_so(project):
    (project / "test_wage.py").write_text("def test_it():\n    assert False\n")
    result = run(project)
    assert result.exit_code == 1
    assert "1 failed" in result.output
