"""Which versions of the course's files a learner was given, and whether a file is still one.

JupyterLab rewrites a notebook's metadata when it opens it, and its outputs when cells are run. So
a notebook is known by what its cells say, any other file by its bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from adamedu.files import write_whole

MANIFEST: Final = ".adamedu-course.json"
SCHEMA_1: Final = Path(__file__).with_name("schema_1.json")
_LINE_END: Final = re.compile(r"\r\n?|\n")


class UnreadableManifestError(Exception):
    """A record of what was given that nobody wrote like this."""


class Version(NamedTuple):
    """A version of a file, known by two digests; they are one where it is no notebook.

    Attributes
    ----------
    content : str
        Of its bytes.
    work : str
        Of its cells' kinds, sources and attachments, in their order.
    """

    content: str
    work: str

    def says_the_same(self, other: Version) -> bool:
        """Whether a learner wrote the same in both."""
        return self.content == other.content or self.work == other.work


def version_of(content: bytes) -> Version:
    r"""Digest a file.

    Empty cells, spaces at the end of a line and empty lines at the end of a cell don't count. The
    digests are kept in learners' folders: whoever changes what counts changes the schema.

    >>> bare, run = (
    ...     b'{"cells": [{"cell_type": "code", "source": "m = 0\\nv = 0", "outputs": []}]}',
    ...     b'{"cells": [{"cell_type": "code", "source": ["m = 0\\n", "v = 0"], "outputs": [1]}]}',
    ... )
    >>> version_of(bare) == version_of(run), version_of(bare).says_the_same(version_of(run))
    (False, True)
    """
    of_bytes = hashlib.sha256(content).hexdigest()
    try:
        work = json.dumps(_work(json.loads(content)), sort_keys=True)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Version(of_bytes, of_bytes)
    return Version(of_bytes, hashlib.sha256(work.encode()).hexdigest())


def _work(notebook: Any) -> list[Any]:
    """Return what learners write in a notebook, cell by cell."""
    cells = [
        (cell["cell_type"], _text(cell["source"]), cell.get("attachments") or {})
        for cell in notebook["cells"]
    ]
    return [cell for cell in cells if any(cell[1:])]


def _text(source: str | list[str]) -> str:
    text = source if isinstance(source, str) else "".join(source)
    return "\n".join(line.rstrip() for line in _LINE_END.split(text)).rstrip()


class Given:
    """The versions that a learner was given of each file, the latest last.

    They are kept in the learner's folder. Schema 1 had digests of bytes only; for each notebook
    that was given then, ``schema_1.json`` has the other one.

    Parameters
    ----------
    versions
        By the files' names.

    Examples
    --------
    >>> lesson, given = version_of(b"first edition"), Given({})
    >>> given.note("lesson", lesson)
    >>> given.is_ours("lesson", lesson), given.is_ours("lesson", version_of(b"my own words"))
    (True, False)
    """

    def __init__(self, versions: dict[str, list[Version]]) -> None:
        self._versions = versions

    @classmethod
    def read(cls, folder: Path) -> Given:
        """Read what a folder's learner was given; nothing where there is no record.

        Raises
        ------
        UnreadableManifestError
            If the record is broken.
        """
        try:
            match json.loads((folder / MANIFEST).read_bytes()):
                case {"schema": 1, "files": dict(files)} if all(
                    isinstance(digest, str) for digest in files.values()
                ):
                    works = json.loads(SCHEMA_1.read_bytes())
                    return cls({name: [Version(d, works.get(d, d))] for name, d in files.items()})
                case {"schema": 2, "files": dict(files)}:
                    return cls({name: _versions(rows) for name, rows in files.items()})
        except FileNotFoundError:
            return cls({})
        except (ValueError, TypeError, RecursionError) as error:
            raise UnreadableManifestError from error
        raise UnreadableManifestError

    def write(self, folder: Path) -> None:
        """Keep it in the learner's folder."""
        text = json.dumps({"schema": 2, "files": self._versions}, indent=1)
        write_whole(folder / MANIFEST, text.encode())

    def note(self, name: str, version: Version) -> None:
        """Add what was just given."""
        before = self._versions.get(name, [])
        self._versions[name] = [*(each for each in before if each != version), version]

    def latest(self, name: str) -> Version | None:
        """Return what was given last."""
        return self._versions.get(name, [None])[-1]

    def is_ours(self, name: str, version: Version) -> bool:
        """Whether it says what one that was given said, so that nothing in it is a learner's."""
        return any(version.says_the_same(each) for each in self._versions.get(name, []))


def _versions(rows: list[list[str]]) -> list[Version]:
    versions = [Version(*row) for row in rows]
    if not versions or not all(isinstance(digest, str) for row in versions for digest in row):
        raise TypeError
    return versions
