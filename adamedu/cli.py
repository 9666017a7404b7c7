"""The command line: ``adamedu lab``, ``grade``, ``release`` and ``doctor``."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import adamedu

if TYPE_CHECKING:
    from adamedu.grading.report import SubmissionReport


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(adamedu.__version__, prog_name="adamedu")
def main() -> None:
    """From gradient descent to Adam: open the course, grade answers."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that lacks a check mark shows "?"
        sys.stdout.reconfigure(errors="replace")


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Where your copy of the course lives; my-course if not said.")  # fmt: skip
@click.argument("jupyter_args", nargs=-1, type=click.UNPROCESSED)
def lab(folder: Path | None, jupyter_args: tuple[str, ...]) -> None:
    """Copy the course into your own folder and open JupyterLab on lesson 00.

    Everything else on the line goes to JupyterLab: adamedu lab --no-browser --port 9999
    """
    from adamedu import course

    try:
        sys.exit(course.lab(folder, list(jupyter_args)))
    except course.CourseError as error:
        raise click.ClickException(str(error)) from error


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
              help="The course's secret, which nobody can guess.", show_envvar=True)  # fmt: skip
@click.option("--personal", is_flag=True,
              help="By-hand tasks have numbers of one's own (release --student).")  # fmt: skip
@click.option("--time-limit", "seconds", type=click.FloatRange(min=0.1, max=600), default=5.0,
              show_default=True, help="Seconds per cell and per call.")  # fmt: skip
def grade(paths: tuple[Path, ...], exercise_name: str | None, task_ids: tuple[str, ...],
          json_file: Path | None, secret: str, personal: bool,
          seconds: float) -> None:  # fmt: skip
    """Grade notebooks (.ipynb), Python files (.py), and folders of them.

    Exit status: 0 when all were graded, whatever the marks; 1 when something was unreadable; 2 for
    wrong usage.
    """
    from adamedu.grading import grader
    from adamedu.grading.report import report, to_json
    from adamedu.grading.showing import show
    from adamedu.learning import catalogue
    from adamedu.sandbox.pool import guarantees

    try:
        exercise = catalogue.exercise(exercise_name) if exercise_name is not None else None
        tasks = tuple(catalogue.task(task_id) for task_id in dict.fromkeys(task_ids))
    except catalogue.UnknownNameError as error:
        raise click.UsageError(str(error)) from error
    if exercise is not None and (strays := [t.id for t in tasks if t.exercise != exercise.number]):
        msg = f"{', '.join(strays)} is not in exercise {exercise.number}"
        raise click.UsageError(msg)
    if json_file is not None and not json_file.absolute().parent.is_dir():
        msg = f"there is no folder {json_file.parent} to write the report to"
        raise click.UsageError(msg)
    settings = grader.Settings(exercise, tasks, secret, personal=personal, seconds=seconds)
    quiet = json_file == Path("-")
    try:
        reports = grader.grade(paths, settings)
    except grader.NothingToGradeError as error:
        raise click.UsageError(str(error)) from error
    graded: list[SubmissionReport] = []
    for found in reports:
        graded.append(found)
        if not quiet:
            show(found)
    if json_file is not None:
        _write(to_json(report(graded, guarantees())), json_file)
    sys.exit(1 if any(one.status == "unreadable" for one in graded) else 0)


@main.command()
def doctor() -> None:
    """Say how safely submissions are run on this machine, and what to install for more.

    Exit status: 0 when a class can be graded here, 1 when only files of your own should be.
    """
    from adamedu.sandbox.doctor import examine, is_isolated, report

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
    from adamedu.grading.personal import personalize
    from adamedu.grading.probes import seed_for
    from adamedu.learning import catalogue

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


def _write(text: str, file: Path) -> None:
    """Write a file whole or not at all, and to standard output or a pipe as they come."""
    from adamedu.course import write_whole

    try:
        if file == Path("-"):
            sys.stdout.buffer.write(text.encode())
        elif file.exists() and not file.is_file():
            file.write_bytes(text.encode())
        else:
            write_whole(file, text.encode())
    except OSError as error:
        msg = f"the report can't be written to {file}: {error.strerror}"
        raise click.UsageError(msg) from error
