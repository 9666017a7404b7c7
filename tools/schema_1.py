"""Make ``adamedu/lab/schema_1.json`` again from git's history: ``python -m tools.schema_1``.

Learners' folders with a record of schema 1 know the bytes of the notebooks that were given to them.
The file says what those notebooks said, for every commit that wrote such records. It has all of
them, so it changes only where a branch from before schema 2 comes in.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from adamedu.files import write_whole
from adamedu.lab.versions import SCHEMA_1, version_of

ROOT = Path(__file__).resolve().parents[1]


def works() -> dict[str, str]:
    """Return the digest of what each notebook said by the digest of its bytes."""
    writes_it = ["grep", "-lF", '"schema": 1', *_lines("rev-list", "HEAD")]
    commits = [line.partition(":")[0] for line in _lines(*writes_it, "--", "adamedu/course.py")]
    objects = ["rev-list", "--objects", "--no-walk", *commits, "--", "notebooks", "exercises"]
    notebooks = [line.split()[0] for line in _lines(*objects) if line.endswith(".ipynb")]
    return dict(version_of(_git("cat-file", "blob", each)) for each in notebooks)


def _lines(*arguments: str) -> list[str]:
    return _git(*arguments).decode().splitlines()


def _git(*arguments: str) -> bytes:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603


if __name__ == "__main__":
    write_whole(SCHEMA_1, f"{json.dumps(works(), indent=1, sort_keys=True)}\n".encode())
