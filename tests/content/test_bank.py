"""The bank of mistakes is well formed and complete, and its rows differ from one another."""

import functools
import itertools
import re
import tomllib
from importlib import resources

import numpy as np
import pytest

import adamedu.optimizers
from adamedu.content.mistakes import Edit, bank, forms

LADDER = {optimizer.name: optimizer for optimizer in adamedu.optimizers.LADDER}
KEYS = {"id", "kind", "says", "hints", "symptom", "whose", "edits", "tasks"}
TASKS = {"step", "run", "class", "by-hand"}

# What people get wrong, by the number in the list that the bank was made from: rows, or the reason
# why there is none, where a question is the place for it.
KNOWN = {
    1: ["plus-sign"],
    2: "a choice of the rate, not an error in a step",
    3: "tasks hand out gradients, so no loss is averaged",
    4: "tasks hand out gradients, so none can pile up",
    5: "tasks hand out gradients, so none can be taken afresh per coordinate",
    6: "tasks have no epochs: every gradient that they hand out is one step",
    7: ["changes-arguments", "history-aliases"],
    8: ["truncates-integers"],
    9: ["heavy-ball"],
    10: ["lr-inside-m", "lr-twice"],
    11: ["m-starts-raw"],
    12: ["velocity-sign", "velocity-downhill"],
    13: ["state-reset"],
    14: ["state-shared-between-parameters"],
    15: ["momentum-for-nesterov"],
    16: ["stale-m"],
    17: ["m-weights-exchanged"],
    18: ["heavy-ball", "m-weight-missing"],
    19: ["state-reset"],
    20: ["average-for-sum"],
    21: ["root-forgotten"],
    22: ["eps-inside-root"],
    23: ["v-starts-at-0.1", "v-starts-at-1"],
    24: ["one-norm-for-all"],
    25: ["not-squared"],
    26: ["eps-outside-fraction"],
    27: "an expectation, not code",
    28: ["v-weight-missing"],
    29: ["v-weights-exchanged"],
    30: ["not-squared"],
    31: ["v-starts-raw"],
    32: ["v-starts-at-1"],
    33: ["eps-inside-root"],
    34: ["root-forgotten"],
    35: ["sum-for-average"],
    36: ["stale-v"],
    37: "an expectation, not code",
    38: ["no-correction"],
    39: ["v-not-corrected"],
    40: ["m-not-corrected"],
    41: ["t-one-behind"],
    42: ["t-one-ahead"],
    43: ["t-stuck"],
    44: ["t-once-per-parameter"],
    45: ["exponent-two"],
    46: ["times-t", "power-of-difference"],
    47: ["m-overwritten"],
    48: ["v-overwritten"],
    49: ["v-of-m"],
    50: ["average-squared"],
    51: ["betas-exchanged"],
    52: ["eps-inside-root"],
    53: ["eps-outside-fraction"],
    54: ["eps-hat", "eps-hat-without-root"],
    55: ["eps-subtracted"],
    56: ["stale-m", "stale-v"],
    57: ["root-forgotten"],
    58: ["absolute-for-square"],
    59: ["correction-multiplies"],
    60: ["m-hat-uses-beta2", "v-hat-uses-beta1"],
    61: ["state-shared-between-parameters"],
    62: ["t-lost-on-resume"],
    63: ["truncates-integers", "promotes-single-precision"],
    64: ["changes-arguments"],
    65: ["aliases-arguments"],
    66: ["l2-for-decay"],
    67: ["decay-sign"],
    68: ["decay-after-step"],
    69: ["maximum-of-v-hat", "maximum-of-last-two"],
    70: ["maximum-always-on"],
}


def raw_rows():
    folder = resources.files("adamedu.content.mistakes")
    files = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml"))
    assert files
    return [
        pytest.param(row, id=row["id"])
        for name in files
        for row in tomllib.loads((folder / name).read_text(encoding="utf-8"))["mistake"]
    ]


@pytest.mark.parametrize("row", raw_rows())
def test_a_row_is_well_formed(row):
    assert row.keys() <= KEYS
    assert re.fullmatch(r"[a-z][a-z0-9.]*(-[a-z0-9.]+)*", row["id"])
    assert row["kind"] in {"mistake", "convention", "behavior"}
    assert (row["kind"] == "convention") == ("whose" in row)
    assert (row["kind"] == "behavior") == ("edits" not in row)
    assert set(row.get("tasks", TASKS)) <= TASKS
    assert row["says"][0].islower()
    assert len(row["says"]) <= 100
    assert not row["says"].endswith(".")
    assert row["symptom"].endswith(".")


@pytest.mark.parametrize("row", raw_rows())
def test_a_row_has_three_hints(row):
    assert len(set(row["hints"])) == 3
    assert all(hint.strip() == hint and hint[-1] in ".?" for hint in row["hints"])


def test_ids_are_unique():
    ids = [row.values[0]["id"] for row in raw_rows()]
    assert len(ids) == len(set(ids)) == len(bank())


def test_sentences_are_unique():
    says = [mistake.says for mistake in bank().values()]
    assert len(says) == len(set(says))


def test_every_known_mistake_is_a_row_or_has_a_reason():
    assert list(KNOWN) == list(range(1, 71))
    rows = [found for found in KNOWN.values() if isinstance(found, list)]
    assert {row_id for found in rows for row_id in found} <= bank().keys()
    assert all(found for found in KNOWN.values())


@pytest.mark.parametrize("mistake", bank().values(), ids=list(bank()))
def test_a_row_names_optimizers_and_fits_them(mistake):
    assert bool(mistake.edits) == (mistake.kind != "behavior")
    for name, optimizer in LADDER.items():
        for edit in mistake.edits.of(name):
            variant = optimizer.variant(
                incoming=edit.incoming, lines=edit.lines, outgoing=edit.outgoing
            )
            start = optimizer.variant(incoming=edit.start)
            assert variant.incoming or edit.lines or variant.outgoing or start.incoming


def draw(rng, optimizer):
    ranges = {"lr": (0.2, 0.8), "eps": (0.06, 0.3), "weight_decay": (0.2, 0.5)}
    ranges |= {"beta1": (0.55, 0.68), "beta2": (0.72, 0.87)}
    return {
        name: rng.uniform(*ranges.get(name, (0.55, 0.85))) for name in optimizer.hyperparameters
    }


def draw_run(rng, steps):
    """A start and gradients of both signs: one entry tiny, some zero, some repeated."""
    gradients = rng.uniform(0.3, 2.0, (steps, 5)) * [1, -1, 1, -1, 0.02]
    gradients[1::2, 2] *= -1
    gradients[2, 0] = 0
    gradients[3, 1] = gradients[1, 1]
    return rng.uniform(0.5, 2.0, 5) * [1, -1, -1, 1, 1], gradients


def as_tuple(optimizer, out):
    return out if optimizer.state else (out,)


@np.errstate(all="ignore")
def steps(optimizer, edit, seed):
    """All that five steps return, each from the state that the definition left."""
    rng = np.random.default_rng(seed)
    hyper, (theta, gradients) = draw(rng, optimizer), draw_run(rng, 5)
    step = optimizer.variant(incoming=edit.incoming, lines=edit.lines, outgoing=edit.outgoing)
    state = [np.zeros_like(theta)] * len(optimizer.state)
    seen = []
    for t, g in enumerate(gradients, start=1):
        returned = as_tuple(optimizer, step(theta, g, t, *state, **hyper))
        seen += [np.broadcast_to(value, theta.shape) for value in returned]
        theta, *state = as_tuple(optimizer, optimizer(theta, g, t, *state, **hyper))
    return np.concatenate(seen)


@np.errstate(all="ignore")
def path(optimizer, edit, seed):
    """The parameters along a run whose state is its own."""
    rng = np.random.default_rng(seed)
    hyper, (theta, gradients) = draw(rng, optimizer), draw_run(rng, 6)
    step = optimizer.variant(incoming=edit.incoming, lines=edit.lines, outgoing=edit.outgoing)
    first = step.variant(incoming=edit.start)
    state = [np.zeros_like(theta)] * len(optimizer.state)
    seen = []
    for t, g in enumerate(gradients, start=1):
        made = (first if t == 1 else step)(theta, g, t, *state, **hyper)
        theta, *state = as_tuple(optimizer, made)
        seen.append(np.broadcast_to(theta, g.shape))
    return np.concatenate(seen)


@functools.cache
def shown(name, kind):
    """What each form of each row shows in a kind of task, and what the definition shows."""
    show = {"step": steps, "run": path}[kind]
    optimizer = LADDER[name]
    right = np.concatenate([show(optimizer, Edit({}, {}, {}, {}), seed) for seed in (1, 2)])
    rows = [
        (mistake.id, np.concatenate([show(optimizer, edit, seed) for seed in (1, 2)]))
        for mistake, edit in forms(name, kind)
    ]
    return right, rows


def alike(one, other):
    """Equal but for rounding; not finite equals not finite, as in an answer that failed."""
    finite = np.isfinite(one)
    if not np.array_equal(finite, np.isfinite(other)):
        return False
    scale = np.abs(one[finite]).max(initial=1.0)
    return bool(np.all(np.abs(one[finite] - other[finite]) <= 1e-9 * scale))


@pytest.mark.parametrize("kind", ["step", "run"])
@pytest.mark.parametrize("optimizer", LADDER)
def test_every_form_differs_from_the_definition(optimizer, kind):
    right, rows = shown(optimizer, kind)
    assert np.isfinite(right).all()
    assert [name for name, values in rows if alike(right, values)] == []


@pytest.mark.parametrize("kind", ["step", "run"])
@pytest.mark.parametrize("optimizer", LADDER)
def test_every_two_rows_differ(optimizer, kind):
    _, rows = shown(optimizer, kind)
    same = [
        (one, other)
        for (one, x), (other, y) in itertools.combinations(rows, 2)
        if one != other and alike(x, y)
    ]
    assert same == []


@pytest.mark.parametrize("optimizer", LADDER)
def test_every_form_shows_in_some_task(optimizer):
    asked = [edit for kind in ("step", "run") for _, edit in forms(optimizer, kind)]
    for mistake in bank().values():
        assert all(edit in asked for edit in mistake.edits.of(optimizer)), mistake.id
