"""A part of the file system, as a process is shown it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/urandom")


@dataclass(frozen=True)
class View:
    """A part of the file system.

    Attributes
    ----------
    roots : tuple of str
        What is readable, with all that is beneath.
    closed : tuple of str
        Folders beneath the roots that are not.
    files : tuple of str
        What is readable nevertheless.
    """

    roots: tuple[str, ...]
    closed: tuple[str, ...]
    files: tuple[str, ...]

    def open_paths(self) -> Iterator[str]:
        """Yield the largest files and folders that hold nothing closed."""
        for root in self.roots:
            yield from self._open_beneath(os.path.realpath(root))
        yield from self.files

    def _open_beneath(self, path: str) -> Iterator[str]:
        if path in self.closed:
            return
        if not any(folder.startswith(f"{path}/") for folder in self.closed):
            yield path
            return
        with os.scandir(path) as entries:
            inside = [entry.path for entry in entries if not entry.is_symlink()]
        for entry in inside:
            yield from self._open_beneath(entry)
