"""Loops and classes: t and the state are the learner's own, and each way to lose them shows."""

from __future__ import annotations

import re

import pytest

from adamedu import adam
from tests.support.submitting import CLASS, HEAD, RUN, ask, defined, judged, passed, step

STEP = step(adam)


def judge_run(source, **how):
    return judged("adam.run", defined(STEP + source)["adam_run"], **how)


def judge_class(source, **how):
    return judged("adam.class", defined(STEP + source)["Adam"], **how)


def changed(source, *pairs):
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert source.count(old) >= 1, old
        source = source.replace(old, new)
    return source


RIGHT_RUNS = {
    "a list of arrays": RUN,
    "one array": changed(RUN, "return path", "return np.array(path)"),
    "lists of numbers": changed(RUN, "path.append(theta)", "path.append(theta.tolist())"),
    "a tuple": changed(RUN, "return path", "return tuple(path)"),
    "copies of arrays changed in place": changed(
        RUN,
        "path = []",
        "path, theta = [], theta.copy()",
        "theta, m, v = adam_step(",
        "theta[...], m, v = adam_step(",
        "append(theta)",
        "append(theta.copy())",
    ),
    "an array filled row by row": """
def adam_run(theta, gradients, **h):
    rows = np.empty((len(gradients), *theta.shape))
    m = v = np.zeros(theta.shape)
    for t in range(1, len(gradients) + 1):
        rows[t - 1], m, v = adam_step(theta, gradients[t - 1], t, m, v, **h)
        theta = rows[t - 1]
    return rows
""",
    "while": """
def adam_run(theta, gradients, *, lr, beta1, beta2, eps):
    t, m, v, thetas = 0, 0.0, 0.0, []
    while t < len(gradients):
        g = gradients[t]
        t += 1
        theta, m, v = adam_step(theta, g, t, m, v, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        thetas.append(theta)
    return thetas
""",
    "recursion": """
def adam_run(theta, gradients, t=1, m=0.0, v=0.0, **h):
    if not len(gradients):
        return []
    theta, m, v = adam_step(theta, gradients[0], t, m, v, **h)
    return [theta, *adam_run(theta, gradients[1:], t + 1, m, v, **h)]
""",
    "itertools.accumulate": """
import itertools
def adam_run(theta, gradients, **h):
    steps = itertools.accumulate(
        enumerate(gradients, 1),
        lambda state, tg: adam_step(state[0], tg[1], tg[0], state[1], state[2], **h),
        initial=(theta, 0 * theta, 0 * theta),
    )
    return [state[0] for state in steps][1:]
""",
    "by the class": CLASS
    + """
def adam_run(theta, gradients, **h):
    optimizer = Adam([theta], **h)
    path = []
    for g in gradients:
        optimizer.step([g])
        path.append(optimizer.params[0])
    return path
""",
}

RIGHT_CLASSES = {
    "lists": CLASS,
    "params as a tuple": changed(CLASS, "self.params", "self._params")
    + "\n    @property\n    def params(self):\n        return tuple(self._params)\n",
    "the parameters changed in place": changed(
        CLASS,
        "[np.array(p) for p in params]",
        "params",
        "self.params[i], self.m",
        "self.params[i][...], self.m",
    ),
    "references that nothing changes in place": changed(CLASS, "m.copy()", "m", "v.copy()", "v"),
    "a deep copy of everything": changed(
        CLASS,
        CLASS[CLASS.index("    def state_dict") :],
        "    def state_dict(self):\n        import copy\n        return copy.deepcopy(vars(self))\n"
        "    def load_state_dict(self, state):\n        import copy\n"
        "        vars(self).update(copy.deepcopy(state))\n",
    ),
    "a state by parameter": """
class Adam:
    def __init__(self, params, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.params = list(params)
        self.h = dict(lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        self.state = {np.int64(i): (0, 0.0, 0.0) for i in range(len(params))}
    def step(self, gradients):
        for i, g in zip(self.state, gradients):
            t, m, v = self.state[i]
            self.params[i], m, v = adam_step(self.params[i], g, t + 1, m, v, **self.h)
            self.state[i] = (t + 1, m, v)
    def state_dict(self):
        return dict(self.state)
    def load_state_dict(self, state):
        self.state = dict(state)
""",
    "one long vector": """
class Adam:
    def __init__(self, params, **h):
        self.shapes = [p.shape for p in params]
        self.flat = np.concatenate([p.ravel() for p in params])
        self.t, self.m, self.v, self.h = 0, 0 * self.flat, 0 * self.flat, h
    @property
    def params(self):
        ends = np.cumsum([int(np.prod(s)) for s in self.shapes])[:-1]
        return [p.reshape(s) for p, s in zip(np.split(self.flat, ends), self.shapes)]
    def step(self, gradients):
        self.t += 1
        g = np.concatenate([np.ravel(g) for g in gradients])
        self.flat, self.m, self.v = adam_step(self.flat, g, self.t, self.m, self.v, **self.h)
    def state_dict(self):
        return np.concatenate([[self.t], self.m, self.v])
    def load_state_dict(self, state):
        self.t, (self.m, self.v) = int(state[0]), np.split(state[1:], 2)
""",
    "a text of JSON": changed(
        CLASS,
        CLASS[CLASS.index("    def state_dict") :],
        "    def state_dict(self):\n        import json\n"
        "        lists = [[x.tolist() for x in state] for state in (self.m, self.v)]\n"
        "        return json.dumps([self.t, *lists])\n"
        "    def load_state_dict(self, state):\n        import json\n"
        "        self.t, m, v = json.loads(state)\n"
        "        self.m, self.v = [np.array(x) for x in m], [np.array(x) for x in v]\n",
    ),
    "attributes with slots": changed(
        CLASS,
        "class Adam:\n",
        "class Adam:\n    __slots__ = ('params', 'hyperparameters', 't', 'm', 'v')\n",
    ),
    "a factory": CLASS.replace("class Adam", "class Optimizer")
    + "\ndef Adam(params, **h):\n    return Optimizer(params, **h)\n",
}


class TestRightLoops:
    @pytest.mark.parametrize("form", RIGHT_RUNS)
    @pytest.mark.parametrize("seed", [0, 2026])
    def test_every_form_of_run_passes(self, form, seed):
        result = judge_run(RIGHT_RUNS[form], seed=seed)
        assert result.facts == ()
        assert (result.status, result.points) == ("passed", 5)

    @pytest.mark.parametrize("form", RIGHT_CLASSES)
    @pytest.mark.parametrize("seed", [0, 2026])
    def test_every_form_of_class_passes(self, form, seed):
        result = judge_class(RIGHT_CLASSES[form], seed=seed)
        assert result.facts == ()
        assert (result.status, result.points) == ("passed", 5)

    def test_both_pass_in_a_process_of_their_own(self):
        results = ask(HEAD + STEP + RUN + CLASS, "adam.run", "adam.class", seconds=5.0)
        assert {result.status for result in results.values()} == {"passed"}


RUN_CHECKS = {"first", "path", "again", "arguments"}
LATER = {"path", "again", "arguments"}
WRONG_RUNS = {
    "t stuck at 1": (changed(RUN, "g, t, m", "g, 1, m"), LATER, r"^t = 2: your theta\[\d\] is "),
    "t from 0": (
        changed(RUN, "start=1", "start=0"),
        RUN_CHECKS,
        r"^t = 1: your theta\[\d\] is (nan|-?inf), expected",
    ),
    "t one ahead": (changed(RUN, "start=1", "start=2"), RUN_CHECKS, r"^t = 1: your theta\[\d\] is"),
    "the state reset at every step": (
        changed(
            RUN,
            "        theta, m, v = adam",
            "        m = v = 0 * theta\n        theta, m, v = adam",
        ),
        LATER,
        r"^t = 2: your theta\[\d\] is .*; all agrees up to t = 1$",
    ),
    "the state not carried along": (
        changed(RUN, "theta, m, v = adam_step", "theta, _, _ = adam_step"),
        LATER,
        r"^t = 2: your theta\[\d\] is ",
    ),
    "theta not carried along": (
        changed(RUN, "theta, m, v = adam", "new, m, v = adam", "append(theta)", "append(new)"),
        LATER,
        r"^t = 2: your theta\[\d\] is ",
    ),
    "t kept between runs": (
        "t = 0\n"
        + changed(
            RUN,
            "    path = []\n",
            "    global t\n    path = []\n",
            "for t, g in enumerate(gradients, start=1):\n",
            "for g in gradients:\n        t += 1\n",
        ),
        LATER,
        r"^t = 1: your theta\[\d\] is ",
    ),
    "the state kept between runs": (
        "m = v = 0.0\n" + changed(RUN, "    m = v = np.zeros_like(theta)\n", "    global m, v\n"),
        LATER,
        r"^t = 1: your theta\[\d\] is ",
    ),
    "the path kept between runs": (
        changed(
            RUN, "(theta, gradients, **", "(theta, gradients, path=[], **", "    path = []\n", ""
        ),
        LATER,
        r"^adam_run returns shape \(7, 3\), expected \(6, 3\): one theta per gradient$",
    ),
    "the same array appended again and again": (
        changed(RUN, "theta, m, v = adam_step(", "theta[...], m, v = adam_step("),
        LATER,
        r"^t = 1: your theta\[\d\] is ",
    ),
    "the start changed in place": (
        RIGHT_RUNS["copies of arrays changed in place"].replace("theta.copy()\n", "theta\n", 1),
        {"arguments"},
        "^adam_run changes the arrays that it is given; work on a copy$",
    ),
    "gradients changed in place": (
        changed(RUN, "append(theta)\n", "append(theta)\n        g *= 0\n"),
        {"arguments"},
        "^adam_run changes the arrays that it is given; work on a copy$",
    ),
    "the list of gradients used up": (
        "from itertools import count\n"
        + changed(
            RUN,
            "for t, g in enumerate(gradients, start=1):\n",
            "for t in count(1):\n        if not gradients: break\n        g = gradients.pop(0)\n",
        ),
        {"arguments"},
        "^adam_run changes the arrays that it is given; work on a copy$",
    ),
    "the start returned too": (
        changed(RUN, "path = []", "path = [theta]"),
        RUN_CHECKS,
        "^adam_run should return theta_1 to theta_T, without the starting point$",
    ),
    "the last step only": (
        changed(RUN, "return path", "return theta"),
        RUN_CHECKS,
        r"^adam_run returns shape \(3,\), expected \(1, 3\): one theta per gradient$",
    ),
    "returned inside the loop": (
        changed(RUN, "    return path", "        return path"),
        LATER,
        r"^adam_run returns shape \(1, 3\), expected \(6, 3\)",
    ),
    "the last gradient left out": (
        changed(RUN, "enumerate(gradients,", "enumerate(gradients[:-1],"),
        RUN_CHECKS,
        r"^adam_run returns shape \(0,\), expected \(1, 3\)",
    ),
    "all of theta, m and v": (
        changed(RUN, "append(theta)", "append((theta, m, v))"),
        RUN_CHECKS,
        r"^adam_run returns shape \(1, 3, 3\), expected \(1, 3\)",
    ),
    "None": (
        changed(RUN, "return path", "return None"),
        RUN_CHECKS,
        "^what adam_run returns is None; it should be a list of arrays$",
    ),
    "a generator": (
        changed(RUN, "path.append(theta)", "yield theta"),
        RUN_CHECKS,
        "^what adam_run returns is of type generator, ",
    ),
    "its own learning rate": (
        changed(RUN, "    path = []\n", "    path = []\n    hyperparameters['lr'] = 0.001\n"),
        RUN_CHECKS,
        r"^t = 1: your theta\[\d\] is ",
    ),
}

CLASS_CHECKS = {"steps", "separate", "resume"}
SHARED = changed(
    CLASS,
    "class Adam:\n",
    "class Adam:\n    m, v = [0.0, 0.0], [0.0, 0.0]\n",
    "        self.m = [np.zeros_like(p) for p in self.params]\n",
    "",
    "        self.v = [np.zeros_like(p) for p in self.params]\n",
    "",
)
IN_PLACE = changed(
    CLASS,
    "            self.params[i], self.m[i], self.v[i] = adam_step(",
    "            self.params[i], self.m[i][...], self.v[i][...] = adam_step(",
)
WRONG_CLASSES = {
    "t stuck at 1": (
        changed(CLASS, "self.t += 1", "self.t = 1"),
        CLASS_CHECKS,
        r"^t = 2: your params\[0\]\[\d\] is ",
    ),
    "t from 0": (
        changed(
            CLASS,
            "        self.t += 1\n",
            "",
            "        for i, g",
            "        self.t += 1\n        for i, g",
            "g, self.t,",
            "g, self.t - 1,",
        ),
        CLASS_CHECKS,
        r"^t = 1: your params\[0\]\[\d\] is (nan|-?inf), expected ",
    ),
    "t advancing once per parameter": (
        changed(
            CLASS,
            "        self.t += 1\n",
            "",
            "(gradients):\n",
            "(gradients):\n            self.t += 1\n",
        ),
        CLASS_CHECKS,
        r"^t = 1: your params\[1\]\[\d, \d\] is ",
    ),
    "one state for all parameters": (
        changed(
            CLASS,
            "self.m = [np.zeros_like(p) for p in self.params]",
            "self.m = [0.0] * 2",
            "self.v = [np.zeros_like(p) for p in self.params]",
            "self.v = [0.0] * 2",
            "self.params[i], self.m[i], self.v[i] = adam_step(",
            "self.params[i], self.m[0], self.v[0] = adam_step(",
            "self.m[i], self.v[i], **",
            "np.mean(self.m[0]), np.mean(self.v[0]), **",
        ),
        CLASS_CHECKS,
        r"^t = 1: your params\[1\]\[\d, \d\] is ",
    ),
    "the state reset at every step": (
        changed(
            CLASS,
            "self.t += 1\n",
            "self.t += 1\n        self.m, self.v = [0.0, 0.0], [0.0, 0.0]\n",
        ),
        CLASS_CHECKS,
        r"^t = 2: your params\[0\]\[\d\] is ",
    ),
    "the state shared by a class attribute": (
        SHARED,
        {"separate", "resume"},
        r"^two optimizers side by side: t = \d: your params\[0\]",
    ),
    "t shared by a class attribute": (
        changed(
            CLASS,
            "self.t += 1",
            "type(self).t += 1",
            "        self.t = 0\n",
            "",
            "class Adam:\n",
            "class Adam:\n    t = 0\n",
            'self.t = state["t"]',
            'type(self).t = state["t"]',
        ),
        {"separate", "resume"},
        r"^two optimizers side by side: t = 1: your params\[0\]",
    ),
    "t lost on resume": (
        changed(CLASS, '        self.t = state["t"]\n', ""),
        {"resume"},
        r"^after saving and loading: t = 4: your params\[0\]\[\d\] is ",
    ),
    "m lost on resume": (
        changed(CLASS, '        self.m = [m.copy() for m in state["m"]]\n', ""),
        {"resume"},
        r"^after saving and loading: t = 4: your params\[0\]\[\d\] is ",
    ),
    "v lost on resume": (
        changed(CLASS, '        self.v = [v.copy() for v in state["v"]]\n', ""),
        {"resume"},
        r"^after saving and loading: t = 4: your params\[0\]\[\d\] is ",
    ),
    "nothing loaded": (
        CLASS[: CLASS.index('        self.t = state["t"]')] + "        pass\n",
        {"resume"},
        r"^after saving and loading: t = 4: ",
    ),
    "t one behind on resume": (
        changed(CLASS, 'self.t = state["t"]', 'self.t = state["t"] - 1'),
        {"resume"},
        r"^after saving and loading: t = 4: ",
    ),
    "the saved state goes on changing": (
        changed(
            IN_PLACE,
            "m.copy() for m in self.m",
            "m for m in self.m",
            "v.copy() for v in self.v",
            "v for v in self.v",
        ),
        {"resume"},
        r"^after saving and loading: t = 4: ",
    ),
    "the loaded state is changed by the next steps": (
        changed(
            IN_PLACE,
            'm.copy() for m in state["m"]',
            'm for m in state["m"]',
            'v.copy() for v in state["v"]',
            'v for v in state["v"]',
        ),
        {"resume"},
        r"^after loading the same state again: t = 4: ",
    ),
    "no state_dict": (
        changed(CLASS, "def state_dict", "def state"),
        {"resume"},
        "^AttributeError: 'Adam' object has no attribute 'state_dict'",
    ),
    "state_dict still blank": (
        changed(
            CLASS,
            "    def state_dict(self):\n",
            "    def state_dict(self):\n        raise NotImplementedError\n",
        ),
        {"resume"},
        r"^a part that it needs is still blank \(line \d+\)$",
    ),
    "params by another name": (
        changed(CLASS, "self.params", "self.parameters"),
        CLASS_CHECKS,
        "^AttributeError: 'Adam' object has no attribute 'params'",
    ),
    "params as a dictionary": (
        changed(
            CLASS,
            "self.params = [np.array(p) for p in params]",
            "self.params = {i: np.array(p) for i, p in enumerate(params)}",
            "for p in self.params]",
            "for p in params]",
        ),
        CLASS_CHECKS,
        "^params should be a list of 2 arrays$",
    ),
    "params never moved": (
        changed(CLASS, "            self.params[i], self.m[i]", "            _, self.m[i]"),
        CLASS_CHECKS,
        r"^t = 1: your params\[0\]\[\d\] is ",
    ),
    "the constructor without hyperparameters": (
        changed(
            CLASS,
            "params, **hyperparameters):",
            "params):",
            "self.hyperparameters = hyperparameters",
            "self.hyperparameters = {}",
        ),
        CLASS_CHECKS,
        "^TypeError: .*unexpected keyword argument 'lr'",
    ),
}


class TestWrongLoops:
    @pytest.mark.parametrize("mistake", WRONG_RUNS)
    def test_a_wrong_run_loses_just_what_it_shows_in(self, mistake):
        source, lost, says = WRONG_RUNS[mistake]
        result = judge_run(source)
        assert RUN_CHECKS - passed(result) == lost
        assert any(re.search(says, fact) for fact in result.facts), result.facts
        assert result.hint

    @pytest.mark.parametrize("mistake", WRONG_CLASSES)
    def test_a_wrong_class_loses_just_what_it_shows_in(self, mistake):
        source, lost, says = WRONG_CLASSES[mistake]
        result = judge_class(source)
        assert CLASS_CHECKS - passed(result) == lost
        assert any(re.search(says, fact) for fact in result.facts), result.facts
        assert result.hint

    @pytest.mark.parametrize(
        ("mistake", "named"),
        [
            ("the saved state goes on changing", "saved-state-aliases"),
            ("the loaded state is changed by the next steps", "loaded-state-aliases"),
        ],
    )
    def test_where_saved_and_loaded_share_their_memory_is_named(self, mistake, named):
        result = judge_class(WRONG_CLASSES[mistake][0])
        assert [found.id for found in result.mistakes] == [named]

    @pytest.mark.parametrize(
        ("save", "load", "named"),
        [
            ("dict(m=list(self.m), v=self.v, t=self.t)", "vars(self).update(state)", "saved"),
            (
                "dict(m=list(self.m), v=list(self.v), t=self.t)",
                "vars(self).update(state)",
                "loaded",
            ),
            (
                "dict(m=list(self.m), v=list(self.v), t=self.t)",
                "self.t, self.m, self.v = state['t'], list(state['m']), state['v']",
                "loaded",
            ),
        ],
    )
    def test_lists_that_are_shared_are_named_too(self, save, load, named):
        head = CLASS[: CLASS.index("    def state_dict")]
        source = (
            f"{head}    def state_dict(self):\n        return {save}\n"
            f"    def load_state_dict(self, state):\n        {load}\n"
        )
        result = judge_class(source)
        assert passed(result) == {"steps", "separate"}
        assert [found.id for found in result.mistakes] == [f"{named}-state-aliases"]

    def test_saving_that_disturbs_the_optimizer_is_not_taken_for_shared_memory(self):
        source = changed(
            CLASS,
            "        return {\n",
            "        t, self.t = self.t, 0\n        return {\n",
            '"t": self.t',
            '"t": t',
        )
        result = judge_class(source)
        assert passed(result) == {"steps", "separate"}
        assert result.mistakes == ()

    def test_what_is_blank_is_missing(self):
        run = judge_run("def adam_run(theta, gradients, **h):\n    raise NotImplementedError\n")
        kind = judge_class(
            "class Adam:\n    def __init__(self, *a, **k):\n        raise NotImplementedError\n"
        )
        assert (run.status, run.points, kind.status, kind.points) == ("missing", 0, "missing", 0)
        assert "still blank" in run.facts[0]

    def test_what_never_ends_is_said_once(self):
        run = judge_run("def adam_run(theta, gradients, **h):\n    while True: pass\n", seconds=0.2)
        assert (run.status, run.points) == ("error", 0)
        assert run.facts[0].startswith("it took too long")

    def test_an_endless_longer_run_keeps_what_came_before(self):
        source = changed(
            RUN, "    path = []\n", "    path = []\n    while len(gradients) > 6: pass\n"
        )
        run = judge_run(source, seconds=0.2)
        assert passed(run) == {"first", "path"}
        assert any(fact.startswith("it took too long") for fact in run.facts)

    def test_an_error_says_its_place(self):
        result = judge_class(changed(CLASS, "self.t += 1", "self.time += 1"))
        assert result.status == "error"
        assert re.match(r"AttributeError: .* \(line \d+\)$", result.facts[0])
