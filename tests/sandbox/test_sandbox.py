"""What a submission can't do, at every level that this machine offers.

An attack counts only if it succeeds where nothing stops it: then its failure shows something.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import py_compile
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from adamedu import adam
from adamedu.grading.exams.exam import call
from adamedu.sandbox.inside.lockdown import LAYERS
from adamedu.sandbox.message import decode
from adamedu.sandbox.outside.levels import LevelError
from adamedu.sandbox.outside.one_shot_client import OneShotClient
from adamedu.sandbox.outside.replies import Reader
from adamedu.sandbox.outside.sandbox import Sandbox, prepare
from adamedu.sandbox.outside.visible_paths import libraries
from tests.support import attacks, unprotected_runner
from tests.support.processes import children, wait_for
from tests.support.submitting import HEAD, notebook, step

if sys.platform != "linux":
    pytest.skip("levels A to C are Linux's", allow_module_level=True)

pytestmark = pytest.mark.attack

SOURCE = inspect.getsource(attacks)
ATTACKS = {
    name: function
    for name, function in vars(attacks).items()
    if inspect.isfunction(function) and list(inspect.signature(function).parameters) == ["world"]
}
ROOT = Path(__file__).resolve().parents[2]
SECRET = "what somebody else handed in"  # noqa: S105
HONEST = HEAD + step(adam)

READS = {
    name
    for name in ATTACKS
    if name.startswith(("read_", "list_", "search_", "map_", "load_the_reference", "find_the_ref"))
    and name not in {"find_the_reference_in_memory", "find_the_reference_among_the_modules"}
} - {"read_a_file_with_openat2", "read_a_file_through_a_link", "read_a_file_through_a_hard_link"}
"""What needs no more than to read files, which level C allows."""

NOT_EVERYWHERE = {
    "set_up_io_uring", "load_a_filter_into_the_kernel", "handle_page_faults", "ask_for_keys",
    "become_root_of_a_new_world", "mount_something", "make_a_32_bit_call", "share_memory",
    "make_a_message_queue", "open_an_ipv6_socket", "read_the_compiled_reference",
    "change_a_library", "change_the_open_modules",
}  # fmt: skip
"""What some systems forbid to anybody, or don't have: there, no control can succeed."""


@pytest.fixture(scope="module", params=["A", "B", "C"])
def sandbox(request):
    try:
        with Sandbox(request.param) as found:
            yield found
    except LevelError as error:
        pytest.skip(f"level {request.param} doesn't hold here: {error}")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """What there is to be had: files, a process, services; open to anybody."""
    folder = Path("/tmp", f"adamedu-world-{os.getpid()}")  # noqa: S108
    scratch = tmp_path_factory.mktemp("scratch")
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    (folder / "changeable").touch()
    (folder / "changeable").chmod(0o666)
    folder.chmod(0o777)
    (folder / "secret").chmod(0o644)
    process = subprocess.Popen(["sleep", "1000"], env={**os.environ, "SECRET": SECRET})
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        unix.bind(str(folder / "socket"))
        (folder / "socket").chmod(0o777)
        abstract.bind(f"\0adamedu-{os.getpid()}")
        unix.listen(1000)
        abstract.listen(1000)
        tcp.listen(1000)
        yield {
            "file": str(folder / "secret"),
            "folder": str(folder),
            "secret": SECRET,
            "scratch": str(scratch),
            "process": process.pid,
            "port": tcp.getsockname()[1],
            "socket": str(folder / "socket"),
            "abstract": f"adamedu-{os.getpid()}",
            "package": str(ROOT / "adamedu"),
            "libraries": libraries(),
        }
    process.kill()
    process.wait()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@pytest.fixture(scope="module")
def controls(world):
    """What succeeds under the naive runner, by name."""
    with suppress(OSError):
        py_compile.compile(f"{world['package']}/optimizers.py")
    (Path(world["folder"]) / "removable").touch()
    order = {"source": SOURCE, "names": list(ATTACKS), "world": world}
    done = subprocess.run(
        [sys.executable, unprotected_runner.__file__],
        input=json.dumps(order),
        env={**os.environ, "ADAMEDU_SECRET": unprotected_runner.secret},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return dict(json.loads(line) for line in done.stdout.splitlines()), done.stderr


def asked(sandbox, source, *calls, form="py", seconds=2.0):
    """Run a source and make calls; return what came back per function, and all of it."""
    tasks = [{"id": name, "answer": name, "scripts": [[one]]} for name, one in calls]
    answers = sandbox.run({"format": form, "source": source, "tasks": tasks}, seconds)
    values = {}
    for name, reply in answers.tasks.items():
        said = [decode(r["value"]) for script in reply["replies"] for r in script if "value" in r]
        values[name] = said[0] if said else None
    return values, answers


def grades_an_honest_one(sandbox):
    """Whether an honest submission is answered, in a process that knows nothing of another."""
    arguments = [1.0, 2.0, 1, 0.0, 0.0]
    values, answers = asked(
        sandbox, HONEST, ("adam_step", call("adam_step", arguments, {"lr": 0.5})), seconds=5.0
    )
    expected = adam(*arguments, lr=0.5)
    return answers.stopped is None and not answers.errors and values["adam_step"] == expected


LOOK = """
import os
def look(root):
    listed, read = [], []
    for folder, _, files in os.walk(root):
        listed.append(folder)
        for name in files:
            path = os.path.join(folder, name)
            try:
                open(path, "rb").read(1)
            except OSError:
                continue
            read.append(path)
    return chr(10).join(listed), chr(10).join(read)
"""
SHARED = ("core/", "sandbox/inside/", "sandbox/message.py")


def test_of_the_course_a_submission_sees_what_it_may_import_and_its_own_side(sandbox):
    if sandbox.guarantees["level"] == "C":
        pytest.xfail("level C lets files be read, and says so")
    values, _ = asked(sandbox, LOOK, ("look", call("look", [str(ROOT)])), seconds=10.0)
    listed, read = (paths.splitlines() for paths in values["look"])
    package = f"{ROOT / 'adamedu'}/"
    inside = [path.removeprefix(package) for path in read]
    assert {path for path in inside if not path.startswith(SHARED)} == set()
    assert any(path.startswith("core/") for path in inside) or not listed
    found, _ = asked(sandbox, LOOK, ("look", call("look", [f"{package}core"])), seconds=10.0)
    assert f"{package}core/surfaces.py" in found["look"][1].splitlines()
    for secret in ("grading", "content", "sandbox/outside", "optimizers.py", "../solutions"):
        values, _ = asked(sandbox, LOOK, ("look", call("look", [f"{package}{secret}"])))
        assert values["look"][1] == ""


class TestAttacks:
    @pytest.mark.parametrize("name", ATTACKS)
    def test_the_attack_bites(self, controls, name):
        succeeded, complaints = controls
        if name in NOT_EVERYWHERE and not succeeded[name]:
            pytest.xfail("this system allows it to nobody")
        assert succeeded[name], complaints

    @pytest.mark.parametrize("name", ATTACKS)
    def test_the_attack_is_stopped(self, sandbox, world, name):
        if sandbox.guarantees["level"] == "C" and name in READS:
            pytest.xfail("level C lets files be read, and says so")
        (Path(world["folder"]) / "removable").touch()
        values, answers = asked(sandbox, SOURCE, (name, call(name, [world])))
        assert not answers.errors
        assert values.get(name) is not True
        assert (Path(world["folder"]) / "removable").exists()
        assert grades_an_honest_one(sandbox)


ENDS = {
    "an endless loop": ("while True: pass", "OutOfTime"),
    "a long sleep": ("import time\ntime.sleep(1000)", "OutOfTime"),
    "a loop inside NumPy": ("import numpy as np\nnp.ones(10**5).cumsum().repeat(10**9)", None),
    "sys.exit": ("import sys\nsys.exit(3)", "SystemExit"),
    "exit": ("exit()", "SystemExit"),
    "endless recursion": ("def f(): f()\nf()", "RecursionError"),
    "waiting for input": ("name = input('your name? ')", "EOFError"),
    "two gigabytes": ("x = bytearray(2_000_000_000)", "MemoryError"),
    "a list that grows": ("x = [0]\nwhile True: x += x", None),
    "a giant array": ("import numpy as np\nnp.ones((10**5, 10**5))", "MemoryError"),
    "a giant number": ("x = 9**9**9", "OutOfTime"),
    "descriptors": ("x = [open('/dev/null') for _ in range(10**6)]", "OSError"),
}
"""What ends a cell alone, by the error that is reported, if it is one that Python knows."""

LOOP = """
x = 0
while True:
    try:
        while True:
            x += 1
    except BaseException:
        pass
"""
DEAF = "import os, signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
DEADLY = {
    "os._exit": "import os\nos._exit(0)",
    "os.abort": "import os\nos.abort()",
    "a null pointer": "import ctypes\nctypes.string_at(0)",
    "a jump into nothing": "import ctypes\nctypes.CFUNCTYPE(None)(1)()",
    "bottomless recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
    "a deaf loop": DEAF + LOOP,
    "a deaf sleep": DEAF + "import time\ntime.sleep(99)",
    "a closed channel": DEAF + "os.closerange(0, 100)" + LOOP,
    "a flood of garbage": DEAF + "while True: os.write(3, b'garbage' * 10_000)",
    "a flood of lines": DEAF + "while True: os.write(3, b'{}\\n' * 10_000)",
    "a flood of replies": DEAF
    + """
n = 0
while True:
    os.write(3, b'{"task": "t%d", "replies": [%s[]]}\\n' % (n, b'[],' * 10_000))
    n += 1
""",
}
"""What ends the whole process, one way or the other."""

LEFT = """
import builtins, gc, json, os, sys
import numpy as np
builtins.len = np.sqrt = np.asarray = json.dumps = os.write = None
sys.modules["math"] = sys.modules["numpy"] = None
sys.path.insert(0, os.getcwd())
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").startswith("adamedu"):
        vars(module).clear()
gc.disable()
sys.setrecursionlimit(50)
"""


class TestEndings:
    @pytest.mark.parametrize("name", ENDS)
    def test_what_ends_a_cell_leaves_the_next(self, sandbox, name):
        source, kind = ENDS[name]
        values, answers = asked(
            sandbox,
            notebook(source, "def double(x):\n    return 2 * x"),
            ("double", call("double", [4])),
            form="ipynb",
            seconds=0.5,
        )
        assert values == {"double": 8}
        [error] = answers.errors
        assert error["type"] == kind or kind is None
        assert grades_an_honest_one(sandbox)

    @pytest.mark.parametrize("name", DEADLY)
    def test_what_ends_the_process_leaves_what_was_answered(self, sandbox, name):
        source = f"def double(x): return 2 * x\ndef last():\n{textwrap.indent(DEADLY[name], '  ')}"
        calls = (("double", call("double", [4])), ("last", call("last")))
        values, answers = asked(sandbox, source, *calls, seconds=0.3)
        assert values["double"] == 8
        assert values.get("last") is None
        assert answers.stopped is not None
        assert grades_an_honest_one(sandbox)

    def test_what_is_changed_in_one_process_is_unchanged_in_the_next(self, sandbox):
        asked(sandbox, LEFT, ("f", call("f")))
        assert grades_an_honest_one(sandbox)

    def test_prints_go_nowhere_and_cost_nothing(self, sandbox):
        source = "for _ in range(100):\n    print('x' * 1_000_000)\ndef f(): return 1"
        values, answers = asked(sandbox, source, ("f", call("f")), seconds=5.0)
        assert values == {"f": 1}
        assert answers.stopped is None


MESSY = notebook(
    "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport sympy",
    "from IPython.display import Markdown, display\nimport ipywidgets as widgets",
    "fig, ax = plt.subplots()\nax.plot([1, 2], label='$x^2$')\nax.legend()\nfig.canvas.draw()",
    "plt.hist(np.random.rand(10))\nplt.show()",
    "display(Markdown('# words'))\nwidgets.interact(print, x=(0, 1))",
    "import warnings\nwarnings.warn('careful')\nnp.array([1.0]) / 0",
    "import time\ntime.sleep(0.3)\n!pip install something\nget_ipython().system('ls')",
    "from fractions import Fraction\nimport math, random, itertools, collections, dataclasses, re",
    "import csv, cmath, statistics, string, pprint, timeit, logging",
    "def later(x):\n    return helper(x) + float(sympy.Rational(1, 2))",
    "def helper(x):\n    return float(np.sqrt(x))",
    "from adamedu import check, descend, surfaces\ncheck('adam.step', later)\n"
    "walk = descend(lambda theta, g, t, *, lr: theta - lr * g, surfaces.ravine, steps=3, lr=0.1)",
)
SCRATCH = """
import os, tempfile
import numpy as np
with open("notes.txt", "w") as file:
    file.write("kept")
np.save("array.npy", np.ones(3))
with tempfile.NamedTemporaryFile("w") as file:
    file.write("x")
with open(os.devnull, "w") as nothing:
    print("x", file=nothing)
os.mkdir("folder")
os.rename("notes.txt", "folder/notes.txt")
def found():
    return sorted(os.listdir(".")), open("folder/notes.txt").read(), np.load("array.npy").sum()
"""
FILLING = {
    "large files": "open(f'large {n}', 'wb').write(bytes(10_000_000))",
    "many files": "open(f'small {n}', 'w').close()",
    "deep folders": "os.mkdir('folder'); os.chdir('folder')",
}


class TestHonestSubmissions:
    def test_a_notebook_runs_as_its_author_saw_it_run(self, sandbox):
        values, answers = asked(sandbox, MESSY, ("later", call("later", [4.0])), form="ipynb")
        assert answers.errors == []
        assert values == {"later": 2.5}

    def test_nobody_answers_questions(self, sandbox):
        _, answers = asked(sandbox, "name = input('your name? ')", ("name", call("name")))
        assert "nobody answers input() while grading" in answers.errors[0]["text"]

    def test_every_run_is_alike(self, sandbox):
        source = """
import random
import numpy as np
drawn = [random.random(), float(np.random.rand()), hash("text"), str({"a", "b", "c", "d"})]
def draw(): return drawn
"""
        one, another = (asked(sandbox, source, ("draw", call("draw")))[0]["draw"] for _ in range(2))
        assert one == another


class TestScratchSpace:
    @pytest.fixture
    def sandbox(self, sandbox):
        if sandbox.guarantees["level"] != "A":
            pytest.xfail("files can be written at level A only")
        return sandbox

    def test_files_can_be_written(self, sandbox):
        for _ in range(2):
            values, answers = asked(sandbox, SCRATCH, ("found", call("found")))
            assert answers.errors == []
            assert values["found"] == (["array.npy", "folder"], "kept", 3.0)

    @pytest.mark.parametrize("how", FILLING)
    def test_it_is_bounded_and_gone_afterwards(self, sandbox, how):
        source = f"import os\nfor n in range(10**6): {FILLING[how]}"
        _, answers = asked(sandbox, source, ("f", call("f")), seconds=5.0)
        [error] = answers.errors
        assert error["type"] == "OSError"
        assert asked(sandbox, SCRATCH, ("found", call("found")))[1].errors == []


IDENTITY = """
import ctypes, os
def who():
    header, found = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[1] * 6)
    ctypes.CDLL(None).capget(ctypes.byref(header), ctypes.byref(found))
    return os.getuid(), os.geteuid(), os.getgroups(), list(found)
def descriptors():
    found = []
    for number in range(1000):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            pass
    return found
"""


class TestIdentity:
    def test_it_is_nobody_with_no_special_rights(self, sandbox):
        # Without the filter, which doesn't let it ask.
        without = [layer for layer in LAYERS[sandbox.guarantees["level"]] if layer != "seccomp"]
        ask = functools.partial(sandbox._side.ask, layers=without)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sandbox._side, "ask", ask)
            values, _ = asked(sandbox, IDENTITY, ("who", call("who")))
        user, effective, groups, capabilities = values["who"]
        assert user == effective != 0
        assert capabilities == [0] * 6
        if os.geteuid() == 0:
            assert groups == []

    def test_what_root_alone_may_read_is_closed_to_it(self, sandbox, tmp_path):
        file = tmp_path / "secret"
        file.write_text(SECRET)
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
        file.chmod(0o600)
        if sandbox.guarantees["level"] == "C" and os.geteuid() != 0:
            pytest.xfail("level C lets files be read, and says so")
        source = "def read(file): return open(file).read()"
        values, _ = asked(sandbox, source, ("read", call("read", [str(file)])))
        assert values["read"] is None

    def test_its_channel_is_its_only_way_out(self, sandbox):
        values, _ = asked(sandbox, IDENTITY, ("descriptors", call("descriptors")))
        assert values["descriptors"] == [0, 1, 2, 3]


class TestThePool:
    def test_without_every_layer_nothing_runs(self, sandbox):
        reader = Reader()
        request = {"format": "py", "source": "", "tasks": [], "seconds": 1.0}
        sandbox._side.ask(request, reader, 5.0, layers=[*sandbox._side.layers[-2:], "nonsense"])
        answers = reader.end()
        assert answers.stopped is not None
        assert "it was not run, because it couldn't be locked in" in answers.stopped
        assert not answers.tasks
        assert grades_an_honest_one(sandbox)

    def test_a_zygote_that_is_gone_is_replaced(self, sandbox):
        os.killpg(sandbox._side._process.pid, signal.SIGKILL)
        assert grades_an_honest_one(sandbox)

    def test_it_outlives_the_thread_that_opened_it(self, sandbox):
        opened = []
        thread = threading.Thread(
            target=lambda: opened.append(Sandbox(sandbox.guarantees["level"]))
        )
        thread.start()
        thread.join()
        with opened[0] as other:
            assert grades_an_honest_one(other)

    def test_it_says_what_holds(self, sandbox):
        said = sandbox.guarantees
        assert said["isolated"] is (said["level"] != "C")
        assert said["says"].startswith("isolated" if said["isolated"] else "not isolated")
        assert ("bubblewrap" in said["layers"]) is (said["level"] == "A")
        assert ("landlock" in said["layers"]) is (said["level"] != "C")
        assert {"identity", "limits", "seccomp"} <= set(said["layers"])

    def test_when_its_process_is_killed_everything_ends(self, sandbox, tmp_path):
        source = f"""
import json, sys
from adamedu.sandbox.outside.sandbox import Sandbox, prepare
sandbox = Sandbox({sandbox.guarantees["level"]!r})
print(sandbox._side._process.pid, flush=True)
sandbox.run({{"format": "py", "source": {DEAF + LOOP!r}, "tasks": []}}, 100.0)
"""
        with subprocess.Popen(
            [sys.executable, "-c", source],
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        ) as grader:
            assert grader.stdout is not None
            started = int(grader.stdout.readline())
            grader.kill()
        for _ in range(500):
            try:
                os.killpg(started, 0)
            except ProcessLookupError:
                break
            time.sleep(0.01)
        else:
            pytest.fail("something is left")
        assert list(tmp_path.iterdir()) == []

    def test_its_own_memory_stays_bounded_whatever_comes_back(self, sandbox):
        source = f"""
import resource
from adamedu.sandbox.outside.sandbox import Sandbox, prepare
def used():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with Sandbox({sandbox.guarantees["level"]!r}) as sandbox:
    ask = lambda source: sandbox.run({{"format": "py", "source": source, "tasks": []}}, 0.5)
    ask("")
    before = used()
    for flood in {[source for name, source in DEADLY.items() if "flood" in name]!r}:
        ask(flood)
    print(used() - before)
"""
        done = subprocess.run(
            [sys.executable, "-c", source], check=True, capture_output=True, text=True, timeout=100
        )
        assert int(done.stdout) < 100_000  # kilobytes


def test_a_level_that_doesnt_hold_is_refused(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LevelError, match="bubblewrap isn't installed"):
        Sandbox("A")
    with Sandbox() as sandbox:
        assert sandbox.guarantees["level"] != "A"


def test_a_fresh_process_says_that_it_isolates_nothing():
    with Sandbox("D") as sandbox:
        assert sandbox.guarantees["isolated"] is False
        assert grades_an_honest_one(sandbox)
        values, answers = asked(
            sandbox, MESSY, ("later", call("later", [4.0])), form="ipynb", seconds=10.0
        )
        assert answers.errors == []
        assert values == {"later": 2.5}
        values, answers = asked(sandbox, DEAF + LOOP, ("f", call("f")), seconds=0.5)
        assert answers.stopped == "it was stopped after 1.5 s in all"
        assert not values


@pytest.mark.parametrize("level", "ABCD")
def test_interrupted_it_leaves_nothing_running_and_goes_on(level):
    before = children()
    try:
        sandbox = Sandbox(level)
    except LevelError as error:
        pytest.skip(f"level {level} doesn't hold here: {error}")

    def interrupt(_signal, _frame):
        raise KeyboardInterrupt

    with sandbox:
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        with pytest.raises(KeyboardInterrupt):
            asked(sandbox, LOOP, seconds=100.0)
        assert children() == before
        assert grades_an_honest_one(sandbox)
    assert children() == before


def limits_of(process):
    return Path(f"/proc/{process}/limits").read_text()


def test_a_fresh_process_ends_with_the_grader_that_is_killed(tmp_path):
    source = f"""
from adamedu.sandbox.outside.sandbox import Sandbox
Sandbox("D").run({{"format": "py", "source": {LOOP!r}, "tasks": []}}, 100.0)
"""
    elsewhere = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", source], env=elsewhere) as grader:
        [process] = wait_for(lambda: children(grader.pid))
        # So long it starts; then it has the limits of what it runs.
        wait_for(lambda: re.search(r"core file size +0 +0", limits_of(process)))
        grader.kill()
    wait_for(lambda: not Path(f"/proc/{process}/status").exists())


@pytest.mark.parametrize("level", "ABCD")
def test_the_name_of_its_folder_is_not_in_what_it_says(level):
    source = "import os\nopen(os.path.expanduser('~/notes'))"
    try:
        with Sandbox(level) as sandbox:
            _, answers = asked(sandbox, source)
    except LevelError as error:
        pytest.skip(f"level {level} doesn't hold here: {error}")
    assert re.search(r"'(~|/scratch)/notes'$", answers.errors[0]["text"])


def test_what_a_notebook_gets_back_is_imported_beforehand_too():
    imported = []

    class Recording(OneShotClient):
        def ask(self, request, listener, seconds, *, modules=()):
            imported.append("sympy" in modules)
            return super().ask(request, listener, seconds, modules=modules)

    with Sandbox("D") as sandbox:
        sandbox._side = Recording()
        for given in ({}, {"imports": "from adamedu import surfaces"}):
            request: Any = {"format": "ipynb", "source": notebook("x = 1"), "tasks": []}
            assert sandbox.run(request | {"given": given}, 10.0).stopped is None
    assert imported == [False, True]


def test_what_comes_from_a_process_after_its_end_is_not_read():
    said = Reader()
    request = {"message": 1, "seconds": 5.0, "format": "py", "source": "", "tasks": []}
    assert OneShotClient().ask(request, said, 10.0)
    said.feed(b'{"task": "adam.m", "found": false}\n')
    assert said.end().tasks == {}


def test_what_was_prepared_is_used_once():
    before = threading.active_count()
    prepare()
    with Sandbox() as sandbox, Sandbox() as other:
        assert sandbox._side is not other._side
        assert grades_an_honest_one(sandbox)
        assert grades_an_honest_one(other)
    assert threading.active_count() == before
