"""The playground's two sides: the kernel's widget, and the browser's engine, run by node."""

import base64
import json
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import nbformat
import numpy as np
import pytest

from adamedu import adam, descend, gd, momentum, playground, race, surfaces
from adamedu.core.descent import LIMIT
from adamedu.drawing.pictures import CONTOUR, MARKERS
from adamedu.optimizers import LADDER
from adamedu.playgrounds import bundle, reloading, widget
from adamedu.playgrounds.bundle import CONSTANTS, FOLDER, constants, script, source, style
from adamedu.playgrounds.runners import runners
from adamedu.playgrounds.scene import describe
from adamedu.playgrounds.schema import SceneError
from adamedu.playgrounds.stills import still, suits
from adamedu.publishing.pages import STATE
from tests.support.in_browser import until
from tools.notebooks import VIEW, execute

ROOT = Path(__file__).resolve().parents[2]
TWO = "a start is a list of 2 finite numbers here"


def looped(theta, g, t, s, *, lr=0.5):
    """A step that can't be printed: it has a loop."""
    for _ in range(2):
        s = s + g / 2
    return theta - lr * s, s


def unpacked(module):
    """A module with the source that it unpacks in the open: compressors differ in their bytes."""
    return re.sub(r'(?<=packed = ")[A-Za-z0-9+/=]+', lambda packed: unzipped(packed[0]), module)


def unzipped(packed):
    return zlib.decompress(base64.b64decode(packed)).decode()


class TestKernel:
    def test_a_keyword_reaches_every_runner_that_has_it(self):
        p = playground([gd, momentum], steps=5, lr=0.25, beta=0.5)
        assert p.settings == {"gd": {"lr": 0.25}, "momentum": {"lr": 0.25, "beta": 0.5}}

    def test_a_surface_has_its_rates(self):
        p = playground([gd, adam], surfaces.double_well, steps=5)
        rates = surfaces.double_well.rates
        assert [p.settings[name]["lr"] for name in ("gd", "adam")] == [rates["gd"], rates["adam"]]

    def test_hyperparameters_are_attributes(self):
        p = playground([gd, momentum], steps=5)
        p.lr = 0.125
        assert p.settings == {"gd": {"lr": 0.125}, "momentum": {"lr": 0.125, "beta": 0.9}}
        assert (p.lr, p.beta) == (0.125, 0.9)
        p.set("gd", lr=1.0)
        assert p.settings["gd"] == {"lr": 1.0}
        with pytest.raises(AttributeError, match="lr differs between the runners"):
            _ = p.lr

    def test_the_trace_follows_what_is_set(self):
        p = playground(gd, surfaces.ravine, steps=4, start=(4.0, 1.0))
        p.lr = 0.5
        np.testing.assert_allclose(p.trace.theta[:, 0], 4 * 0.95 ** np.arange(5))
        np.testing.assert_allclose(p.trace.theta[:, 1], [1, 0, 0, 0, 0], atol=1e-15)
        p.start, p.steps = [0.0, 2.0], 2
        np.testing.assert_allclose(p.trace.theta, [[0, 2], [0, 0], [0, 0]], atol=1e-15)

    def test_given_gradients_are_steps(self):
        p = playground(gd, [1.0, 2.0, -1.0], lr=0.5, curve="move")
        assert p.steps == 3
        np.testing.assert_allclose(p.trace.theta.ravel(), [0, -0.5, -1.5, -1])
        with pytest.raises(SceneError, match="steps should be 1 to 3 here, not 4"):
            p.steps = 4

    def test_assigned_settings_may_be_a_part(self):
        p = playground([gd, momentum], steps=5)
        p.settings = {"gd": {"lr": 0.75}}
        assert p.settings["gd"] == {"lr": 0.75}
        assert p.settings["momentum"]["beta"] == 0.9

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda p: p.set("sgd", lr=1), "no runner 'sgd'; there is gd, adam"),
            (lambda p: p.set("gd", beta1=1), "gd has no hyperparameter 'beta1'"),
            (lambda p: p.set(rho=1), "no runner has no hyperparameter|no hyperparameter 'rho'"),
            (lambda p: setattr(p, "lr", "fast"), "lr of gd should be one number; it is 'fast'"),
            (lambda p: setattr(p, "settings", {"adam": {"b": 1}}), "no hyperparameter 'b'"),
            (lambda p: setattr(p, "steps", 0), "steps should be 1 to 1000 here, not 0"),
            (lambda p: setattr(p, "start", [1.0]), TWO),
            (
                lambda p: setattr(p, "start", [1.0, np.inf]),
                TWO,
            ),
            (lambda p: setattr(p, "chosen", "sgd"), "no runner 'sgd'; there is gd, adam"),
            (lambda p: setattr(p, "start", [1e9, 1.0]), "a start lies on the map here, x from -10"),
            (lambda p: setattr(p, "start", "here"), "expected a float"),
            (lambda p: setattr(p, "steps", 2.5), "expected an int"),
            (
                lambda p: setattr(p, "beta3", 5),
                r"'beta3'; it has lr, beta1, beta2, eps, start, steps, .* Did you mean beta",
            ),
            (lambda p: p.beta3, "a playground has no 'beta3'; it has lr, beta1"),
            (lambda p: p.trace, r"several traces: traces\[…\] of gd, adam"),
        ],
    )
    def test_what_does_not_fit_is_refused_in_words_and_changes_nothing(self, change, says):
        p = playground([gd, adam], steps=5)
        before = p.get_state(["start", "steps", "settings", "chosen"])
        with pytest.raises((SceneError, AttributeError), match=says):
            change(p)
        assert p.get_state(["start", "steps", "settings", "chosen"]) == before

    def test_a_step_beyond_the_end_is_the_last_one(self):
        p = playground(gd, steps=5)
        p.step = 99
        assert p.step == 5

    @pytest.mark.parametrize(
        ("optimizers", "arguments", "says"),
        [
            (gd, {"steps": 1001}, "1 to 1000 steps, not 1001"),
            (gd, {"steps": 0}, "1 to 1000 steps, not 0"),
            (gd, {"steps": -1}, "steps should be a whole number, 0 or more, not -1"),
            (gd, {"steps": "9"}, "steps should be a whole number, 0 or more, not '9'"),
            (gd, {"surface": np.ones(1001)}, "1 to 1000 steps, not 1001"),
            (gd, {"surface": "ravine"}, "write surfaces.ravine, not 'ravine'"),
            (gd, {"surface": "revine"}, "write surfaces.ravine, not 'revine'"),
            (gd, {"surface": surfaces.ravine.function}, "decorate it with @surface"),
            (gd, {"surface": None}, "this should be a surface, such as surfaces.ravine"),
            (
                gd,
                {"start": [1e9, 1]},
                r"x from -10 to 10, y from -4 to 4; \[1000000000.0, 1\] doesn't",
            ),
            (gd, {"start": [1.0]}, TWO),
            (gd, {"start": 3}, "a start is a list of 2 finite numbers here, not 3"),
            (gd, {"start": "ab"}, "a start is a list of 2 finite numbers here, not 'ab'"),
            (gd, {"start": [np.nan, 0]}, TWO),
            (gd, {"lr": "fast"}, "lr of gd should be one number; it is 'fast'"),
            (gd, {"lrr": 1}, "no runner has a hyperparameter 'lrr'; there is lr. Did you mean lr?"),
            (gd, {"views": "map"}, r"views should be a list: write views=\['map'\]"),
            (gd, {"labels": "one"}, r"labels should be a list: write labels=\['one'\]"),
            (gd, {"curve": "v"}, "the curve can't show 'v'; there is loss, move, theta"),
            ("adm", {}, "an optimizer isn't given by its name: write adam, not 'adm'"),
            (["gd", adam], {}, "write gd, not 'gd'"),
            (int, {}, "this is the class int"),
        ],
    )
    def test_what_cannot_be_played_is_said_before_a_step_is_made(
        self, monkeypatch, optimizers, arguments, says
    ):
        monkeypatch.setattr(widget, "descend", lambda *_, **__: pytest.fail("it was computed"))
        with pytest.raises(ValueError, match=says):
            playground(optimizers, **arguments)

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ({"steps": 10**12}, "1 to 1000 steps, not 1000000000000"),
            ({"surface": "ravine"}, "write surfaces.ravine, not 'ravine'"),
            ({"surface": [1.0, 2.0]}, "this should be a surface"),
            ({"optimizers": "adam"}, "write adam, not 'adam'"),
        ],
    )
    def test_nor_is_what_cannot_be_raced(self, monkeypatch, arguments, says):
        monkeypatch.setattr(widget, "descend", lambda *_, **__: pytest.fail("it was computed"))
        with pytest.raises(ValueError, match=says):
            race(**arguments)

    def test_whole_numbers_will_do(self):
        p = playground(gd, start=(-9, 2), lr=1, steps=2)
        assert (p.start, p.lr) == ([-9.0, 2.0], 1.0)
        assert p.trace.theta[0].tolist() == [-9.0, 2.0]

    def test_a_start_that_the_browser_has_rounded_may_miss_the_map_by_a_little(self):
        p = playground(gd, steps=2)
        p.start = [10.05, -4.01]
        assert p.start == [10.05, -4.01]

    def test_what_cannot_be_printed_is_computed_here_and_sent_as_numbers(self):
        p = playground([gd, looped], steps=3, start=(1.0, 1.0))
        assert list(p.buffers) == ["looped"]
        p.start = [2.0, -1.0]
        sent = np.frombuffer(p.buffers["looped"]).reshape(-1, 2)
        trace = descend(looped, surfaces.ravine, steps=3, start=(2.0, -1.0))
        np.testing.assert_array_equal(sent, trace.theta)

    def test_what_never_ends_with_new_settings_is_stopped(self, monkeypatch):
        def slow(theta, g, t, *, lr=0.5):
            while lr > 1:
                pass
            return theta - lr * g

        monkeypatch.setattr(widget, "SECONDS", 0.1)
        p = playground(slow, steps=3)
        with pytest.raises(SceneError, match=r"a step of slow was stopped after 0\.1 s"):
            p.lr = 2.0
        assert np.isnan(np.frombuffer(p.buffers["slow"])).all()
        p.lr = 1.0
        assert np.isfinite(np.frombuffer(p.buffers["slow"])).all()

    def test_it_opens_where_something_is_to_be_seen(self):
        assert playground(gd, steps=80).step == 10
        assert playground(gd, steps=1).step == 1

    def test_the_title_names_runners_and_surface(self):
        p = playground([gd, momentum, adam], surfaces.double_well, steps=2)
        assert p.scene["title"] == "Gradient descent, momentum and Adam on the double well"
        assert playground(adam, [1.0]).scene["title"] == "Adam with given gradients"
        assert playground([gd] * 9, steps=2).scene["title"] == "9 optimizers on the ravine"


class TestStill:
    def test_it_says_what_it_shows(self):
        p = playground([gd, adam], surfaces.ravine, steps=30)
        assert str(p.still).startswith("Paths and losses on the ravine. From (-9, 2.5) in 30 steps")
        assert p.scene["alt"] == str(p.still) == repr(p)

    @pytest.mark.parametrize("ground", [surfaces.ravine, surfaces.hills, [1.0, -1.0]])
    def test_whoever_is_off_is_neither_drawn_nor_spoken_of(self, ground):
        labels = [f"runner {k}" for k in range(10)]
        first = playground([gd] * 8, ground, lr=0.2, labels=labels[:8], title="A race")
        p = playground([gd] * 10, ground, lr=0.2, labels=labels, title="A race")
        assert p.still == first.still
        assert "runner 7" in repr(p)
        assert p.chosen == "gd-8"
        assert list(p.traces) == ["gd", *(f"gd-{k}" for k in range(2, 11))]

    def test_a_race_of_ten_has_the_same_start_for_all(self):
        p = race([*LADDER[:4], *LADDER[:4], gd, adam], steps=5)
        assert len(p.traces) == 10
        assert len({trace.theta[0].tobytes() for trace in p.traces.values()}) == 1

    def test_hills_have_a_profile(self):
        traces = [descend(gd, surfaces.hills, steps=5)]
        assert str(still(traces, surfaces.hills, quantity="g")).startswith("Profile of the hills")

    def test_losses_that_fall_far_are_read_by_powers_of_ten(self):
        assert suits([np.array([10.0, 1.0]), np.array([10.0, 0.1, np.nan])]) == "log"
        assert suits([np.array([10.0, 1.0])]) == "linear"
        assert suits([np.array([10.0, -0.1])]) == "linear"
        assert playground(adam, surfaces.ravine, lr=1e-9).scene["curve"]["scale"] == "linear"


class TestBundle:
    def test_it_is_small(self):
        assert len(source().encode()) < 60_000
        assert len((script() + style()).encode()) < 35_000

    def test_it_asks_for_nothing(self):
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", source() + script() + style())
        assert "fetch(" not in source() + script()
        assert "@import" not in style()
        assert "url(" not in style()

    def test_modules_keep_their_own_names(self):
        shared = re.findall(r"^const \{ (.*) \} = \(", source(), re.MULTILINE)
        names = [name for names in shared for name in names.split(", ")]
        assert len(names) == len(set(names)) > 20

    def test_what_python_knows_is_not_written_again(self):
        declared = FOLDER.joinpath("constants.d.ts").read_text(encoding="utf-8")
        names = re.findall(r"^export const (\w+)", constants(), re.MULTILINE)
        assert names == re.findall(r"^export const (\w+)", declared, re.MULTILINE)
        known = dict(re.findall(r"^export const (\w+) = (.*);", constants(), re.MULTILINE))
        assert float(known["LIMIT"]) == LIMIT
        assert known["CONTOUR"] == f'"{CONTOUR}"'
        assert f"--ink: {known['INK']}".replace('"', "") in style()
        colors = "|".join(json.loads(known[name]) for name in known if "#" in known[name])
        again = re.compile(rf"1e12|10¹²|lineWidth = 1\.6|{colors}", re.IGNORECASE)
        for file in FOLDER.iterdir():
            if file.name.endswith(".js"):
                assert not again.search(file.read_text(encoding="utf-8")), file.name

    def test_a_widget_carries_it_packed(self):
        assert source() in unpacked(script())


class TestReloading:
    @pytest.fixture
    def edited(self, tmp_path, monkeypatch):
        for file in FOLDER.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        monkeypatch.setattr(bundle, "FOLDER", tmp_path)
        yield tmp_path
        monkeypatch.undo()
        reloading.refresh()

    @pytest.mark.parametrize(
        ("name", "trait", "more"),
        [
            ("words.js", "_esm", "export const edited = 1;\n"),
            ("playground.css", "_css", ".edited {}"),
        ],
    )
    def test_an_open_playground_follows_an_edit(self, edited, monkeypatch, name, trait, more):
        monkeypatch.setenv("ANYWIDGET_HMR", "1")
        p, file = playground(gd, steps=2), edited / name
        file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")

        def followed():
            file.touch()  # the first edit may come before it is watched
            return "edited" in unpacked(getattr(p, trait))

        assert until(followed, seconds=30)

    def test_a_learners_playground_watches_nothing(self):
        code = (
            "import sys, threading; from adamedu import gd, playground; playground(gd, steps=2); "
            "assert 'watchfiles' not in sys.modules; assert threading.active_count() == 1"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def browser_side(tmp_path_factory):
    """Call functions of a module of the browser's, in node: ``run(module, body, given)``."""
    if not shutil.which("node"):
        pytest.skip("Node.js is needed to run JavaScript: install your system's package nodejs")
    folder = tmp_path_factory.mktemp("browser")
    for file in FOLDER.iterdir():
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / CONSTANTS).write_text(constants(), encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}')

    def run(module, body, given=None):
        program = (
            f"import * as it from './{module}.js';\n"
            "const given = JSON.parse(process.env.GIVEN_FILE ? "
            "(await import('fs')).readFileSync(process.env.GIVEN_FILE) : 'null');\n"
            f"const answer = await (async () => {{ {body} }})();\n"
            "console.log(JSON.stringify(answer, (_, x) => ArrayBuffer.isView(x) ? [...x] : x));"
        )
        (folder / "given.json").write_text(json.dumps(given))
        done = subprocess.run(
            ["node", "--input-type=module", "-e", program],
            cwd=folder,
            env={"GIVEN_FILE": str(folder / "given.json")},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


WALKS = """
const found = [];
for (const scene of given) {
  const { steps: [step], surface } = await it.load(scene);
  const values = scene.runners[0].sliders.map(({ value }) => value);
  const task = { start: scene.start, steps: scene.steps, values };
  const way = it.walk(step, surface, scene.objective, task);
  const named = scene.runners[0].lines.map(({ name }) => name);
  const { theta, losses, gradients, length, left } = way;
  const last = it.valuesAt(way, scene.runners[0], length - 1, 0);
  found.push({ theta, losses, gradients, length, left, last });
}
return found;
"""


class TestEngine:
    def test_it_descends_as_the_kernel_does(self, browser_side):
        pairs = [(step, ground) for step in LADDER for ground in surfaces.ALL.values()]
        scenes = [describe(runners(*pair), pair[1], steps=200) for pair in pairs]
        for (step, ground), way in zip(pairs, browser_side("engine", WALKS, scenes), strict=True):
            trace = descend(step, ground, steps=200, lr=ground.rates[step.name])
            for name, ours in (("theta", trace.theta), ("losses", trace.losses)):
                theirs = np.array(way[name]).reshape(ours.shape)
                assert np.abs(theirs - ours).max() <= 1e-9 * np.abs(ours).max(), (step, ground)
            slopes = np.array(way["gradients"]).reshape(trace.theta.shape)[:-1]
            np.testing.assert_allclose(slopes, trace.gradients, rtol=1e-6, atol=1e-9)
            for name, values in trace.values.items():
                assert way["last"][name] == pytest.approx(values[-1, 0], rel=1e-6, abs=1e-9)

    def test_it_stops_where_the_kernel_stops(self, browser_side):
        entered = runners(gd, surfaces.ravine, lr=5.5)
        scene = describe(entered, surfaces.ravine, steps=40, start=(0.0, 1.0))
        (way,) = browser_side("engine", WALKS, [scene])
        assert (way["left"], way["length"]) == (7, 7)
        np.testing.assert_allclose(way["theta"][1:14:2], (-10.0) ** np.arange(7))

    def test_given_gradients_are_taken_one_by_one(self, browser_side):
        scene = describe(runners(gd, None, lr=0.5), [[1.0, 2.0], [3.0, -4.0]], steps=2)
        (way,) = browser_side("engine", WALKS, [scene])
        assert way["theta"] == [0, 0, -0.5, -1, -2, 1]

    def test_a_path_from_the_kernel_is_followed_until_it_leaves(self, browser_side):
        sent = base64.b64encode(np.array([1.0, 2.0, np.nan, np.nan]).tobytes()).decode()
        body = """
        const bytes = Uint8Array.from(Buffer.from(given, "base64"));
        const objective = { kind: "gradients", values: [[0], [0], [0]] };
        return it.follow(new DataView(bytes.buffer), null, objective, { start: [1] });
        """
        way = browser_side("engine", body, sent)
        assert way["theta"][:2] == [1, 2]
        assert (way["left"], way["length"]) == (2, 2)

    def test_quantities_are_along_a_coordinate(self, browser_side):
        scene = describe(runners(momentum, None, lr=0.5, beta=0.5), [[4.0, 8.0]] * 2, steps=2)
        body = """
        const { steps: [step] } = await it.load(given);
        const task = { start: [0, 0], steps: 2, values: [0.5, 0.5] };
        const way = it.walk(step, null, given.objective, task);
        const [runner] = given.runners;
        return ["m", "move", "g", "theta"].map((name) => it.quantity(way, runner, name, 1));
        """
        assert browser_side("engine", body, scene) == [
            [None, 4, 6], [None, 2, 3], [None, 8, 8], [None, -2, -5],
        ]  # fmt: skip


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (0, "0"),
            (0.4, "0.4"),
            (-2.4, "-2.4"),
            (1234.56, "1235"),
            (-0.0123456, "-0.01235"),
            (1e-8, "10⁻⁸"),
            (-1.234e-7, "-1.234·10⁻⁷"),
            (1e12, "10¹²"),
            (9.9999e5, "10⁶"),
        ],
    )
    def test_they_are_written_to_be_read(self, browser_side, value, written):
        found = browser_side("numbers", "return it.format(given);", value)
        assert found.replace("\N{MINUS SIGN}", "-") == written
        assert ("\N{MINUS SIGN}" in found) == (value < 0)

    def test_a_slider_gives_back_what_it_was_set_to(self, browser_side):
        scales = [
            {"scale": "log", "low": 1e-3, "high": 10, "values": [1e-3, 0.4, 0.01, 10]},
            {"scale": "one-minus", "low": 0, "high": 0.9999, "values": [0, 0.9, 0.999, 0.9999]},
            {"scale": "linear", "low": -10, "high": 10, "values": [-9, 2.5, 0, 10]},
        ]
        body = """return given.map((slider) => slider.values.map((value) =>
          it.valueAt(slider, it.positionOf(slider, value))));"""
        found = browser_side("numbers", body, scales)
        assert found == [scale["values"] for scale in scales]

    def test_ticks_are_round_and_inside(self, browser_side):
        body = "return given.map(([low, high]) => it.linearTicks(low, high, 5));"
        first, second = browser_side("numbers", body, [[-10, 10], [0, 0.07]])
        assert first == [-10, -5, 0, 5, 10]
        assert second == [0, 0.02, 0.04, 0.06]

    def test_labels_keep_apart_and_inside(self, browser_side):
        body = "return it.spread([50, 10, 50, 100], 20, 0, 100);"
        assert browser_side("drawing", body) == [40, 10, 60, 100]

    def test_every_marker_has_an_outline(self, browser_side):
        assert browser_side("drawing", "return Object.keys(it.OUTLINES);") == [*MARKERS]


NOTEBOOK = {
    "cells": [
        "from adamedu import gd, playground\nimport ipywidgets\nunseen = ipywidgets.IntSlider()",
        "playground(gd, steps=3)",
    ],
}


class TestStoredNotebook:
    @pytest.fixture(scope="class")
    @staticmethod
    def stored(tmp_path_factory):
        folder = tmp_path_factory.mktemp("notebooks")
        notebook = nbformat.v4.new_notebook()
        for k, text in enumerate(NOTEBOOK["cells"]):
            notebook.cells.append(nbformat.v4.new_code_cell(text, id=f"cell-{k}"))
        files = [folder / "one.ipynb", folder / "two.ipynb"]
        for file in files:
            file.write_text(nbformat.writes(notebook))
            execute(file)
        return [file.read_text() for file in files]

    def test_it_is_the_same_every_time(self, stored):
        one, two = stored
        assert one == two

    def test_it_holds_the_widgets_that_it_shows_and_no_others(self, stored):
        notebook = json.loads(stored[0])
        state = notebook["metadata"]["widgets"][STATE]["state"]
        outputs = notebook["cells"][1]["outputs"]
        views = [output["data"][VIEW] for output in outputs if VIEW in output["data"]]
        assert [view["model_id"] for view in views] == ["cell-1-1"]
        assert {model["model_name"] for model in state.values()} == {"AnyModel", "LayoutModel"}
        assert state["cell-1-1"]["state"]["steps"] == 3
        assert state["cell-1-1"]["state"]["layout"].removeprefix("IPY_MODEL_") in state

    def test_the_still_comes_first(self, stored):
        outputs = json.loads(stored[0])["cells"][1]["outputs"]
        kinds = [set(output["data"]) - {"text/plain"} for output in outputs]
        assert kinds == [{"image/png"}, {"text/markdown"}, {VIEW}]
        assert all("text/plain" in output["data"] for output in outputs)
        alt = outputs[0]["metadata"]["image/png"]["alt"]
        assert alt.startswith("Paths and losses on the ravine.")


STORED = [
    path
    for folder in ("notebooks", "solutions", "exercises")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
]


@pytest.mark.parametrize("path", STORED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_stored_playgrounds_have_the_browsers_code_as_it_is(path):
    widgets = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("widgets", {})
    models = [model["state"] for model in widgets.get(STATE, {}).get("state", {}).values()]
    for model in models:
        if "scene" in model:
            stale = f"run it again: python -m tools.notebooks {path.parent.name}/{path.name}"
            now = (unpacked(script()), style())
            assert (unpacked(model["_esm"]), model["_css"]) == now, stale
