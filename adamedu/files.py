"""Files that are written whole or not at all, and names that nothing has yet."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def unused(path: Path, word: str) -> Path:
    """Name a place beside a file that nothing is at yet.

    >>> from pathlib import Path
    >>> unused(Path("no-such-folder") / "05_adam.ipynb", "before-reset").name
    '05_adam.before-reset.ipynb'
    """
    return next(place for place in numbered(path, word) if not place.exists())


def numbered(path: Path, word: str) -> Iterator[Path]:
    """Name places beside a file, as many as wanted.

    >>> from pathlib import Path
    >>> places = numbered(Path("exercises") / "05_adam.ipynb", "new")
    >>> next(places).name, next(places).name
    ('05_adam.new.ipynb', '05_adam.new2.ipynb')
    """
    for number in chain([""], count(2)):
        yield path.with_suffix(f".{word}{number}{path.suffix}")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; the folders it needs are made.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "notes" / "first.txt", b"m is an average")
    ...     (Path(folder) / "notes" / "first.txt").read_text()
    'm is an average'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
