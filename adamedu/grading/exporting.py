"""Files made from a gradebook: the report, a table of marks, and a page for each student.

They are read from the gradebook one submission at a time, and written whole or not at all.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import re
import sys
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from adamedu.content import catalogue
from adamedu.content.tasks import Check, Task
from adamedu.grading.cards import Card
from adamedu.grading.errors import GradingError
from adamedu.grading.report import SubmissionReport, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adamedu.grading.gradebook.book import Gradebook
    from adamedu.grading.judge import TaskResult

REPORT: Final = "report.json"
GRADES: Final = "grades.csv"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_BYTE_ORDER_MARK: Final = "\ufeff"


def report_from(book: Gradebook) -> Iterator[str]:
    """Write all that counts in a gradebook as a report, piece by piece."""
    version, guarantees = book.graded_with()
    return written(book.reports(), guarantees, version)


def grades_from(book: Gradebook) -> Iterator[str]:
    """Write all that counts in a gradebook as a CSV table, line by line.

    Each submission has a row, each task a column of points, which stays empty where it wasn't
    asked. No cell is a formula. A byte order mark comes first where there is something that isn't
    ASCII: without it, Excel gets names wrong.
    """
    known = list(catalogue.tasks())
    tasks = sorted(book.tasks(), key=lambda t: (known.index(t) if t in known else len(known), t))
    if any(not line.isascii() for line in _table(book.reports(), tasks)):
        yield _BYTE_ORDER_MARK
    yield from _table(book.reports(), tasks)


def _table(reports: Iterable[dict[str, Any]], tasks: list[str]) -> Iterator[str]:
    columns = ["student", "exercise", "file", "status", "message", "score", "max_score"]
    yield _line([*columns, *tasks])
    for report in reports:
        points = {task["id"]: task["points"] for task in report["tasks"]}
        yield _line([*(report[name] for name in columns), *(points.get(task) for task in tasks)])


def _line(cells: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(map(inert, cells))
    return buffer.getvalue()


def inert(cell: Any) -> Any:
    """Return a cell that a spreadsheet takes for text where it would take it for a formula.

    >>> inert("=1+1"), inert("ada"), inert(3)
    ("'=1+1", 'ada', 3)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def write_pages(book: Gradebook, folder: Path) -> int:
    """Write an HTML page for each student into a folder; return how many."""
    import jinja2

    text = (resources.files("adamedu.grading") / "page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string(text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GradingError(f"pages can't be kept in {folder}: {error.strerror}") from error
    pages = 0
    reports = map(SubmissionReport.from_data, book.reports(by_student=True))
    for student, own in itertools.groupby(reports, key=lambda report: report.student):
        submissions = [(one, list(map(_card, one.tasks))) for one in own]
        page = template.generate(student=student, submissions=submissions)
        write(page, folder / page_of(student), "a page")
        pages += 1
    return pages


def page_of(student: str) -> str:
    """Return the name of a student's page: no two have the same, on no system.

    >>> page_of("../Ada L."), page_of("ada")
    ('ada-l-9ea6abe7.html', 'ada-fdee430d.html')
    """
    words = "-".join(re.findall(r"[a-z0-9]+", student.lower()))[:40]
    code = hashlib.sha256(student.encode()).hexdigest()[:8]
    return f"{words}-{code}.html" if words else f"{code}.html"


def _card(result: TaskResult) -> Card:
    """Return the card of a result, also of one whose task has changed or gone since."""
    task = catalogue.tasks().get(result.id)
    if task is None or [c.id for c in task.checks] != [c.id for c in result.checks]:
        checks = tuple(Check(c.id, c.max_points, c.id) for c in result.checks)
        task = Task(
            id=result.id, answer="", title=result.id, minutes=0, checks=checks, hints=("", "", "")
        )
    return Card(task, result)


def write(pieces: Iterable[str], file: Path, what: str = "the report") -> None:
    """Write a file whole or not at all, and to standard output (``-``) or a pipe as it comes.

    Raises
    ------
    GradingError
        When it can't be written.
    """
    if file == Path("-"):
        sys.stdout.buffer.writelines(piece.encode() for piece in pieces)
        return
    try:
        if file.exists() and not file.is_file() and not file.is_dir():
            with file.open("w", encoding="utf-8", newline="") as pipe:
                pipe.writelines(pieces)
        else:
            with _draft(file) as draft:
                draft.writelines(pieces)
    except OSError as error:
        raise GradingError(f"{what} can't be written to {file}: {error.strerror}") from error


@contextmanager
def _draft(file: Path) -> Iterator[TextIO]:
    """Open a file under another name, and give it its name once it is whole."""
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as draft:
            yield draft
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
