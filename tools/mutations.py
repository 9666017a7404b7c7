"""Change the code in small ways, one at a time, and see whether a test fails.

``python -m tools.mutations`` changes all that decides a number or a mark; name files or folders to
change those. It prints what no test noticed: that is worth a test, or changes nothing that matters.
It works in a copy, and asks of each change the tests that call the function in which it is.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parents[1]
SCOPE: Final = (
    "adamedu/core", "adamedu/optimizers.py", "adamedu/content", "adamedu/grading/comparing.py",
    "adamedu/grading/judge.py", "adamedu/grading/exams", "adamedu/grading/diagnosis",
)  # fmt: skip
"""What is changed when nothing is named."""
TESTS: Final = (
    *SCOPE, "tests/algebra", "tests/content", "tests/core", "tests/grading/diagnosis",
    "tests/grading/exams", "tests/grading/test_grade.py", "tests/learning/test_basins.py",
    "tests/learning/test_checking.py", "tests/sandbox/test_answers.py", "tests/test_defaults.py",
    "tests/test_optimizer_properties.py", "tests/test_oracles.py",
)  # fmt: skip
"""What watches over it; `make test` runs more, but nothing that is meant to fail for these."""

_OTHERS: Final[Mapping[type[ast.AST], Sequence[type[Any]]]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.And: (ast.Or,), ast.Or: (ast.And,),
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.Mult,), ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
}  # fmt: skip
_FOR_READERS: Final = frozenset({"annotation", "returns"})
_PYTEST: Final = (
    "-m", "pytest", "-q", "-x", "--rootdir=.", "-p", "no:cacheprovider",
    "-p", "_hypothesis_pytestplugin",
)  # fmt: skip
_QUICKLY: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # to load the others takes longest
_TIMES_AS_LONG: Final = 5
_AT_LEAST: Final = 20.0
"""A change may make tests so many times as long, or so many seconds; then it is noticed."""


@dataclass(frozen=True)
class Mutant:
    """A small change of a file.

    Attributes
    ----------
    file : str
        The file, seen from the project's folder.
    line : int
        Where the change is, counted from 1.
    function : int or None
        The line in which the function around it begins; None outside of all.
    before, after : str
        What stands there, and what takes its place.
    text : str
        The whole file with the change.
    """

    file: str
    line: int
    function: int | None
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {' '.join(self.before.split())} -> {self.after}"


def mutants(file: str, text: str) -> Iterator[Mutant]:
    """Find every small change of a file's text.

    >>> for mutant in mutants("wage.py", "pay = hours * 12"):
    ...     print(mutant)
    wage.py:1: hours * 12 -> (hours / 12)
    wage.py:1: 12 -> 13
    wage.py:1: 12 -> 11
    """
    raw = text.encode()
    begins = [0]
    for line in raw.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    for node, other, function in _changes(ast.parse(raw), None):
        first = begins[node.lineno - 1] + node.col_offset
        last = begins[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
        after = ast.unparse(other)
        if isinstance(other, ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp):
            after = f"({after})"
        whole = raw[:first] + after.encode() + raw[last:]
        yield Mutant(file, node.lineno, function, raw[first:last].decode(), after, whole.decode())


def _changes(
    tree: ast.AST, function: int | None
) -> Iterator[tuple[ast.expr | ast.stmt, ast.AST, int | None]]:
    """Yield what stands where, what could stand there instead, and in which function that is."""
    if isinstance(tree, ast.expr | ast.stmt):
        for node, other in _instead_of(tree):
            yield node, other, function
    inner = function
    if isinstance(tree, ast.FunctionDef):
        inner = min([tree.lineno, *(decorator.lineno for decorator in tree.decorator_list)])
    for name, value in ast.iter_fields(tree):
        here = inner if name == "body" else function
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST) and name not in _FOR_READERS and _is_run(part):
                yield from _changes(part, here)


def _is_run(node: ast.AST) -> bool:
    """Whether a part decides anything; Python 3.11 doesn't say where an f-string's parts are."""
    for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    return not for_types and not isinstance(node, ast.JoinedStr)


def _instead_of(node: ast.expr | ast.stmt) -> Iterator[tuple[ast.expr | ast.stmt, ast.AST]]:
    """Yield a node, or a part of it, and what could stand there."""
    if isinstance(node, ast.expr):
        yield from ((node, other) for other in _other_values(node))
    match node:
        case ast.If(test) | ast.While(test) | ast.IfExp(test):
            if not isinstance(test, ast.UnaryOp | ast.Compare):
                yield test, ast.UnaryOp(ast.Not(), test)
        case ast.Return(ast.expr() as value) if ast.unparse(value) != "None":
            yield value, ast.Constant(None)
        case ast.Raise() | ast.AugAssign() | ast.Continue() | ast.Break():
            yield node, ast.Pass()
        case ast.Expr(value) if not isinstance(value, ast.Constant | ast.Yield | ast.YieldFrom):
            yield node, ast.Pass()


def _other_values(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Constant(value=bool(flag)):
            yield ast.Constant(not flag)
        case ast.Constant(value=int(count)):
            yield from map(ast.Constant, (count + 1, count - 1))
        case ast.Constant(value=float(number)):
            yield from map(ast.Constant, (10 * number, number / 10) if number else (1.0,))
        case ast.Compare(left, ops, right):
            for i, op in enumerate(ops):
                for other in _OTHERS[type(op)]:
                    yield ast.Compare(left, [*ops[:i], other(), *ops[i + 1 :]], right)
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator):
            for other in _OTHERS.get(type(operator), ()):
                changed = copy.copy(node)
                changed.op = other()
                yield changed
        case ast.UnaryOp(operand=operand):
            yield operand


class Project:
    """A copy of a project, in which changes are tried.

    Parameters
    ----------
    root : Path
        The project.
    copy : Path
        Where the copy goes; nothing is there yet.
    tests : sequence of str
        The files and folders whose tests are asked.

    Raises
    ------
    ClickException
        When a test fails before anything is changed.
    """

    def __init__(self, root: Path, copy: Path, tests: Sequence[str]) -> None:
        self._copy = copy
        ignore = shutil.ignore_patterns(".*", "build", "dist")
        shutil.copytree(root, self._copy, ignore=ignore, symlinks=True)
        calls = self._copy / "calls.json"
        output = self._copy / "output.txt"
        if not self._passes(["-p", "tools.calls", *tests], None, {"CALLS": str(calls)}, output):
            raise click.ClickException(output.read_text(encoding="utf-8")[-2000:])
        self._seconds: dict[str, float] = {}
        self._of_function: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._of_file: dict[str, set[str]] = defaultdict(set)
        for test, (seconds, called) in json.loads(calls.read_text(encoding="utf-8")).items():
            self._seconds[test] = seconds
            for file, line in called:
                self._of_function[file, line].add(test)
                self._of_file[file].add(test)

    def notices(self, mutant: Mutant) -> bool:
        """Whether a test fails, or runs on and on, when this is changed."""
        if mutant.function is None:
            tests = self._of_file[mutant.file]
        else:
            tests = self._of_function[mutant.file, mutant.function]
        if not tests:
            return False
        quickest = sorted(tests, key=self._seconds.__getitem__)
        limit = _AT_LEAST + _TIMES_AS_LONG * sum(self._seconds[test] for test in tests)
        file = self._copy / mutant.file
        whole, stat = file.read_bytes(), file.stat()
        try:
            file.write_text(mutant.text, encoding="utf-8")
            return not self._passes(quickest, limit, {"PYTHONDONTWRITEBYTECODE": "1"})
        finally:
            file.write_bytes(whole)
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as it was compiled

    def _passes(
        self,
        arguments: Sequence[str],
        seconds: float | None,
        environment: Mapping[str, str],
        output: Path = Path(os.devnull),
    ) -> bool:
        path = os.pathsep.join([str(self._copy), str(ROOT)])
        with output.open("wb") as stream:
            running = subprocess.Popen(  # noqa: S603  (our own words)
                [sys.executable, *_PYTEST, *arguments],
                cwd=self._copy,
                env=os.environ | {"PYTHONPATH": path, **_QUICKLY, **environment},
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        try:
            return running.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--tests", multiple=True, default=TESTS, help="Ask these; may be repeated.")
@click.option("--sample", type=click.IntRange(min=1), default=None, help="Try so many, drawn.")
@click.option("--seed", default=0, show_default=True, help="Draws other ones.")
@click.option("--minutes", default=60.0, show_default=True, help="Try no more after so long.")
@click.option("--root", default=ROOT, hidden=True, type=click.Path(path_type=Path))
def main(  # noqa: PLR0913, PLR0917  (a command takes the options that it has)
    paths: tuple[str, ...],
    tests: tuple[str, ...],
    sample: int | None,
    seed: int,
    minutes: float,
    root: Path,
) -> None:
    """Change PATHS in small ways, one at a time; print each change that no test notices."""
    until = time.monotonic() + 60 * minutes
    named = [root / path for path in paths or SCOPE]
    files = [
        f for path in named for f in ([path] if path.is_file() else sorted(path.rglob("*.py")))
    ]
    found = [
        mutant
        for file in files
        for mutant in mutants(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8"))
    ]
    drawn = random.Random(seed).sample(found, min(sample or len(found), len(found)))  # noqa: S311
    tried = noticed = 0
    with TemporaryDirectory() as folder:
        project = Project(root, Path(folder, root.name), tests)
        for mutant in drawn:
            if time.monotonic() > until:
                break
            tried += 1
            if project.notices(mutant):
                noticed += 1
            else:
                click.echo(mutant)
    share = f", {100 * noticed / tried:.0f} %" if tried else ""
    click.echo(f"noticed {noticed} of {tried} changes{share}; there are {len(found)} in all")


if __name__ == "__main__":
    main()
