"""The command line: ``adamedu lab``, ``progress`` and ``reset``, and what a teacher needs."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

import adamedu
from adamedu.core.errors import LearnerError, UnknownNameError
from adamedu.interrupts import interruptible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamedu.content.catalogue import Exercise
    from adamedu.content.tasks import Task

INTERRUPTED: Final = 130
"""The exit status of what Ctrl-C has stopped."""
CUT_OFF: Final = 74
"""The exit status of what couldn't write what it had to say, as in sysexits.h."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(adamedu.__version__, prog_name="adamedu")
def main() -> None:
    """From gradient descent to Adam: open the course, grade answers."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that lacks a check mark shows "?"
        sys.stdout.reconfigure(errors="replace")


def run() -> None:
    """Be the program: what was interrupted tidies up, and ends with the status that shells use."""
    try:
        with interruptible():
            sys.exit(_said())  # type: ignore[arg-type]
    except OSError as error:  # where it writes to: a full disk, a pipe that nobody reads
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python tries again as it ends
        if not isinstance(error, BrokenPipeError):
            where = "" if error.filename is None else f": {error.filename}"
            click.echo(f"Error: {error.strerror or error}{where}", err=True)
        sys.exit(CUT_OFF)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LearnerError as error:  # a broken catalogue, which only its author can meet
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)


def _said() -> object:
    """Run the command until all that it says is written; return its exit status."""
    status: object
    try:
        status = main(prog_name="adamedu", standalone_mode=False)
    except SystemExit as end:
        status = end.code
    sys.stdout.flush()
    return status


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Where your copy of the course lives; my-course if not said.")  # fmt: skip
@click.argument("jupyter_args", nargs=-1, type=click.UNPROCESSED)
def lab(folder: Path | None, jupyter_args: tuple[str, ...]) -> None:
    """Copy the course into your own folder and open JupyterLab on lesson 00.

    Everything else on the line goes to JupyterLab: adamedu lab --no-browser --port 9999
    """
    from adamedu.lab.copying import CourseError
    from adamedu.lab.serve import serve

    try:
        sys.exit(serve(folder, list(jupyter_args)))
    except CourseError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("lesson", required=False)
def progress(lesson: str | None) -> None:
    """Show the map of the course with what you have done, or the tasks of one LESSON: 05."""
    from rich.console import Console
    from rich.table import Table

    from adamedu.learning import progress_map

    try:
        overview = progress_map.progress(lesson)
    except UnknownNameError as error:
        raise click.UsageError(str(error)) from error
    table = Table(*overview.head, title=overview.title, title_justify="left", box=None,
                  pad_edge=False)  # fmt: skip
    for row in overview.rows:
        table.add_row(*(cell.text for cell in row))
    console = Console(highlight=False, markup=False)
    console.print(table)
    console.print(overview.last)


@main.command()
@click.argument("lesson")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Where your copy of the course lives; my-course if not said.")  # fmt: skip
@click.option("--progress", "forgetting", is_flag=True,
              help="Forget the points of these exercises, too.")  # fmt: skip
def reset(lesson: str, folder: Path | None, forgetting: bool) -> None:
    """Start the exercises of a LESSON again: 03. Your own version is kept beside the blank one."""
    from adamedu.content import catalogue
    from adamedu.lab import copying
    from adamedu.learning import progress_store

    try:
        exercise = catalogue.exercise(lesson)
        aside = copying.reset(exercise.name, folder)
    except UnknownNameError as error:
        raise click.UsageError(str(error)) from error
    except copying.CourseError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"exercises/{exercise.name}.ipynb is blank.")
    if aside is not None:
        click.echo(f"Yours is now {aside}.")
    click.echo("If it is open in JupyterLab, close it there without saving, and open it again.")
    if forgetting:
        progress_store.forget(task.id for task in exercise.tasks)
        click.echo(f"Your points in exercises {exercise.number} are forgotten.")


@main.command()
@click.argument("paths", nargs=-1, required=True,
                type=click.Path(path_type=Path, exists=True, readable=False))  # fmt: skip
@click.option("--exercise", "exercise_name", default=None, help="Grade for this exercise set: 05.")
@click.option(
    "--task", "task_ids", multiple=True, help="Grade for this task only; may be repeated."
)
@click.option("--json", "json_file", default=None,
              type=click.Path(path_type=Path, allow_dash=True, dir_okay=False, writable=True),
              help="Write the report here; - for standard output, alone.")  # fmt: skip
@click.option("--secret", envvar="ADAMEDU_SECRET", default="",
              help="What nobody can guess, so that nobody knows what answers are tried on; "
              "without it, what is kept in --out has its own.", show_envvar=True)  # fmt: skip
@click.option("--personal", is_flag=True,
              help="By-hand tasks have numbers of one's own (release --student).")  # fmt: skip
@click.option("--time-limit", "seconds", type=click.FloatRange(min=0.1, max=600), default=5.0,
              show_default=True, help="Seconds per cell and per call.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), default=None,
              help="Keep a gradebook, the report and a table of marks in this folder; what is in "
              "the gradebook and unchanged isn't graded again.")  # fmt: skip
@click.option("--regrade", "again", is_flag=True, help="Grade what is unchanged, too.")
@click.option("--diff", is_flag=True, help="List the marks that have changed.")
@click.option("--workers", type=click.IntRange(min=1), default=None,
              help="How many processes grade at the same time.")  # fmt: skip
@click.option("--cluster", metavar="ADDRESS", default=None,
              help="Grade on the workers of this Dask scheduler: tls://host:8786.")  # fmt: skip
@click.option("--trust-submissions", "trusted", is_flag=True,
              help="Grade many even where they can't be kept apart.")  # fmt: skip
def grade(paths: tuple[Path, ...], exercise_name: str | None, task_ids: tuple[str, ...],
          secret: str, personal: bool, seconds: float, **how: Any) -> None:  # fmt: skip
    """Grade notebooks (.ipynb), Python files (.py), and folders of them.

    Exit status: 0 when all were graded, whatever the marks; 1 when something was unreadable; 2 for
    wrong usage, or when something was refused.
    """
    from adamedu.sandbox.outside import sandbox

    if len(paths) == 1 and paths[0].is_file():  # nobody should wait for one file
        sandbox.prepare()

    from adamedu.grading import commands
    from adamedu.grading.grader import Settings

    if how["out"] is None and (how["again"] or how["diff"]):
        raise click.UsageError("--regrade and --diff need --out: without it nothing is kept")
    if how["workers"] is not None and how["cluster"] is not None:
        raise click.UsageError("--cluster has its own workers: leave out --workers")
    exercise, tasks = _asked_for(exercise_name, task_ids)
    _check_folders(how["json_file"])
    settings = Settings(exercise, tasks, secret, personal=personal, seconds=seconds)
    order = commands.Order(paths, settings, warn=_warn, **how)
    try:
        with _told():
            status = commands.grade(order)
    except KeyboardInterrupt:
        kept = "nothing is kept without --out"
        if order.out is not None:
            kept = f"what was graded is kept in {order.out}; the same command goes on from there"
        click.echo(f"Stopped: {kept}", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(status)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--json", "json_file", default=None,
              type=click.Path(path_type=Path, allow_dash=True, dir_okay=False, writable=True),
              help="Write the report here; - for standard output.")  # fmt: skip
@click.option("--csv", "csv_file", default=None,
              type=click.Path(path_type=Path, allow_dash=True, dir_okay=False, writable=True),
              help="Write a table of marks here; - for standard output.")  # fmt: skip
@click.option("--html", "pages", default=None, type=click.Path(path_type=Path, file_okay=False),
              help="Write a page for each student into this folder.")  # fmt: skip
def report(folder: Path, json_file: Path | None, csv_file: Path | None,
           pages: Path | None) -> None:  # fmt: skip
    """Print or export what the gradebook in FOLDER holds, from adamedu grade --out FOLDER."""
    from adamedu.grading import commands

    _check_folders(json_file, csv_file)
    with _told():
        commands.report(folder, json_file, csv_file, pages)


@main.command()
def doctor() -> None:
    """Say how safely submissions are run on this machine, and what to install for more.

    Exit status: 0 when a class can be graded here, 1 when only files of your own should be.
    """
    from adamedu.sandbox.outside.doctor import examine, is_isolated, report

    examined = [examine(level) for level in "ABC"]
    for line in report(examined):
        click.echo(line)
    sys.exit(0 if is_isolated(examined) else 1)


@main.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("exercises"),
              show_default=True, help="Where the exercises go.")  # fmt: skip
@click.option("--student", "students", multiple=True,
              help="Make a copy in OUT/STUDENT whose by-hand tasks have numbers of this student's "
              "own; may be repeated. Grade with --personal and the same secret.")  # fmt: skip
@click.option("--secret", envvar="ADAMEDU_SECRET", default="", help="The secret.")
def release(sources: tuple[Path, ...], out: Path, students: tuple[str, ...], secret: str) -> None:
    """Make blank exercises from solution notebooks; all of solutions/ if none is named."""
    from adamedu.classroom.releasing import ReleaseError
    from adamedu.classroom.releasing import release as release_one
    from adamedu.content import catalogue
    from adamedu.grading.personalize import personalize
    from adamedu.grading.probes import seed_for

    chosen = sources or tuple(sorted(Path("solutions").glob("*.ipynb")))
    if not chosen:
        raise click.UsageError("there is no solutions/*.ipynb here: name the notebooks")
    if strange := [name for name in students if Path(name).name != name or name.startswith(".")]:
        raise click.UsageError(f"{strange[0]!r} can't be the name of a student's folder")
    known = catalogue.tasks().values()
    try:
        for source in chosen:
            if not students:
                click.echo(f"{source} -> {release_one(source, out)}")
            for student in students:
                own = [personalize(t, seed_for(secret, student, t.id)) for t in known]
                click.echo(f"{source} -> {release_one(source, out / student, own)}")
    except (ReleaseError, OSError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("notebooks", nargs=-1, required=True,
                type=click.Path(path_type=Path, exists=True, dir_okay=False))  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("pages"),
              show_default=True, help="Where the pages go.")  # fmt: skip
def page(notebooks: tuple[Path, ...], out: Path) -> None:
    """Make a web page of each notebook, as it was last run; its playgrounds need no kernel."""
    from adamedu.publishing.mathml import FormulaError
    from adamedu.publishing.pages import PageError, write_page

    for notebook in notebooks:
        try:
            click.echo(write_page(notebook, out))
        except (PageError, FormulaError, OSError) as error:
            raise click.ClickException(str(error)) from error


def _asked_for(
    exercise_name: str | None, task_ids: tuple[str, ...]
) -> tuple[Exercise | None, tuple[Task, ...]]:
    """Find what is to be graded for, by name."""
    from adamedu.content import catalogue

    try:
        exercise = catalogue.exercise(exercise_name) if exercise_name is not None else None
        tasks = tuple(catalogue.task(task_id) for task_id in dict.fromkeys(task_ids))
    except UnknownNameError as error:
        raise click.UsageError(str(error)) from error
    if exercise is not None and (strays := [t.id for t in tasks if t not in exercise.tasks]):
        msg = f"{', '.join(strays)} is not in exercise {exercise.number}"
        raise click.UsageError(msg)
    return exercise, tasks


def _warn(text: str) -> None:
    click.echo(f"Warning: {text}", err=True)


def _check_folders(*files: Path | None) -> None:
    """Refuse files in folders that don't exist, before any work is done."""
    for file in files:
        if file is not None and not file.absolute().parent.is_dir():
            msg = f"there is no folder {file.parent} to write {file.name} to"
            raise click.UsageError(msg)


class _Failed(click.ClickException):
    """What isn't the user's fault, with the same status as what is."""

    exit_code = click.UsageError.exit_code


@contextmanager
def _told() -> Iterator[None]:
    """Say what the user can do something about, as wrong usage unless the system said no."""
    from adamedu.grading.errors import GradingError

    try:
        yield
    except GradingError as error:
        failed = isinstance(error.__cause__, OSError)
        raise (_Failed if failed else click.UsageError)(str(error)) from error
