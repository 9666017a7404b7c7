"""An optimizer that the ladder lacks joins it by a change of three files: AdaBelief, in a copy.

Its function, its row and its derivation by hand are all that is written. The sweep finds its rates,
and everything that is tested of every optimizer is tested of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FUNCTION = '''
@recurrence
def adabelief(theta, g, t, m, v, *, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """AdaBelief: `adam` that divides by how far gradients are from what `m` expects.

    Source: Zhuang et al. (2020), "AdaBelief optimizer: adapting stepsizes by the belief in observed
    gradients", arXiv 2010.07468, with eps outside the root alone.

    >>> theta, m, v = adabelief(3.0, 12.0, 1, 0.0, 0.0, beta1=0.5, beta2=0.5)
    >>> m, float(v)
    (6.0, 18.0)
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (g - m) ** 2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (sqrt(v_hat) + eps)
    return theta, m, v


'''

ROW = """
[adabelief]
label = "AdaBelief"
color = "#0072B2"
dash = "dotted"
marker = "d"
lesson = "06"
changed = "The squares are those of what a gradient differs from the average by."
helps = "gradients keep their direction: the steps are long where they come as expected."
watch = "a gradient that never changes: it is divided by nearly nothing."
"""

# m = 6; 3 - 3 = 0, so g - m = 6, -6
# v = 36/2; 9 + 18 = 27, and 1 - (1/2)^t = 1/2, 3/4, so m_hat = 12, 0 and v_hat = 36, 36
# so theta = 3 - 1/2 * 12/7; 15/7 - 0
DERIVED = """    "adabelief": Derivation(
        hyper={"lr": F(1, 2), "beta1": F(1, 2), "beta2": F(1, 2), "eps": F(1)},
        start=F(3),
        gradients=(12, -6),
        after={"theta": (F(15, 7), F(15, 7)), "m": (6, 0), "v": (18, 27)},
        recorded_from=(),
    ),
"""

CHANGES = {
    "adamedu/optimizers.py": [
        ('    "nadam",\n]\n', '    "nadam",\n    "adabelief",\n]\n'),
        ("\nLADDER", f"{FUNCTION}LADDER"),
    ],
    "adamedu/content/ladder.toml": [("\n[nadam]\n", f"{ROW}\n[nadam]\n")],
    "tests/oracles/by_hand.py": [("}\n", f"{DERIVED}}}\n")],
}

TESTS = {  # of the definition, the equations, figures and playgrounds, the page, grading
    "bank", "catalogue", "descent", "figures", "javascript", "kill_matrix", "onepage",
    "optimizer_properties", "oracles", "playground", "public_face", "recurrence", "scene",
    "surfaces", "typesetting", "unrolling", "view", "walkthrough",
}  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.browser]  # its JavaScript runs in Node.js


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A copy of the repository in which three files are changed and the rates are found."""
    copy = tmp_path_factory.mktemp("clone")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.split("\0"):
        if (ROOT / name).is_file() and not name.startswith(("tests/submissions/", "docs/")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    for name, edits in CHANGES.items():
        text = (copy / name).read_text(encoding="utf-8")
        for old, new in edits:
            before, found, after = text.rpartition(old)
            assert found == old
            text = before + new + after
        (copy / name).write_text(text, encoding="utf-8")
    said = run(copy, "-m", "tools.rates")
    assert said.count("adabelief none -> ") == said.count("\n")
    return copy


def run(copy, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    for name in ("ADAMEDU_REQUIRE_ALL", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def test_three_files_are_changed():
    assert len(CHANGES) == 3


def test_everything_that_is_tested_of_an_optimizer_holds_for_it(changed):
    chosen = ["-m", "not cluster and not classroom and not attack", "-k", "adabelief"]
    files = [str(path) for name in TESTS for path in changed.rglob(f"test_{name}.py")]
    assert len(files) == len(TESTS)
    asked = ["-p", "no:cacheprovider", *chosen, "adamedu/optimizers.py", *files]
    said = run(changed, "-m", "pytest", "-q", *asked)
    passed = int(said.rpartition(" passed")[0].split()[-1])
    assert passed > 250


def test_it_races_plays_unrolls_and_stands_on_the_page(changed):
    code = (
        "from adamedu import adabelief, gd, ladder, playground, race, surfaces, unroll\n"
        "assert 'AdaBelief ends at' in str(race([gd, adabelief]))\n"
        "assert playground(adabelief, surfaces.ravine).scene['runners'][0]['code']\n"
        "assert 'v_hat_3' in str(unroll(adabelief))\n"
        "assert 'AdaBelief' in str(ladder())\n"
    )
    run(changed, "-c", code)


def test_a_mistake_in_it_is_named_by_the_bank_as_it_stands(changed):
    code = (
        "from adamedu.content.mistakes import forms\n"
        "print(len({mistake.id for mistake, _ in forms('adabelief', 'step')}))\n"
    )
    assert int(run(changed, "-c", code)) > 20
