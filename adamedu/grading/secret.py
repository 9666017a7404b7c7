"""The secret of a gradebook's folder: what nobody's answer can be made for beforehand."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from adamedu.grading.errors import GradingError

FILE: Final = "secret.txt"


def fresh() -> str:
    """Draw a secret.

    >>> fresh() == fresh()
    False
    """
    return secrets.token_urlsafe(24)


def kept_in(folder: Path) -> str:
    """Return a folder's secret; the first time, draw one that its owner alone can read.

    Graders that begin at the same time have the same one.

    Raises
    ------
    GradingError
        When it can't be written or read, or is empty.
    """
    file = folder / FILE
    try:
        if not file.exists():
            draft, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=folder)  # its owner's alone
            try:
                with os.fdopen(draft, "w", encoding="utf-8") as new:
                    new.write(f"{fresh()}\n")
                with suppress(FileExistsError):  # somebody else was first
                    os.link(name, file)
            finally:
                Path(name).unlink()
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise GradingError(f"the secret {file} can't be used: {error}") from error
    if not text:
        raise GradingError(f"the secret {file} is empty: delete it, and all is graded anew")
    return text
