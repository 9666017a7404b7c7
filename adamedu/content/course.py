"""The course's own files, as they are given out."""

from __future__ import annotations

from pathlib import Path

FIRST_LESSON = "notebooks/00_start_here.ipynb"

_PACKAGE = Path(__file__).resolve().parents[1]
_BUNDLED = _PACKAGE / "_course"  # in an installed wheel; a clone has the folders at its root


def find(name: str) -> Path | None:
    """Return a file of the course as it is given out, or None where it isn't installed.

    >>> find("exercises/05_adam.ipynb").name
    '05_adam.ipynb'
    >>> find("notebooks/99_the_end.ipynb")
    """
    path = home() / name
    return path if path.is_file() else None


def exercise_text(name: str) -> str | None:
    """Return a blank exercise set as it is handed out, or None where it isn't installed.

    >>> exercise_text("05_adam")[:1]
    '{'
    """
    path = find(f"exercises/{name}.ipynb")
    return None if path is None else path.read_text(encoding="utf-8")


def home() -> Path:
    """Return the folder that has the course's folders.

    >>> (home() / "notebooks").is_dir()
    True
    """
    return _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent


def own_folder() -> Path:
    """Return where a learner's copy is if not said: in the clone, else in the current folder.

    >>> own_folder().name
    'my-course'
    """
    return (Path.cwd() if _BUNDLED.is_dir() else _PACKAGE.parent) / "my-course"
