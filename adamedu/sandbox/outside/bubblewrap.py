"""The command that starts a program inside bubblewrap: an empty root, with what a view holds."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from adamedu.sandbox.inside.lockdown import SCRATCH
from adamedu.sandbox.inside.view import DEVICES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamedu.sandbox.inside.view import View


def sources(view: View, also: Sequence[str] = ()) -> list[str]:
    """Return what is shown inside and is no link."""
    shown = (*view.roots, *view.files, *also)
    return [path for path in shown if not os.path.islink(path)]  # noqa: PTH114


def command(
    program: str,
    view: View,
    inner: Sequence[str],
    *,
    also: Sequence[str] = (),
    places: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Write the command.

    Parameters
    ----------
    program : str
        Bubblewrap.
    view : View
        What is shown inside, for reading.
    inner : sequence of str
        The command to start. It keeps one right, to give each child a scratch folder of its own.
    also : sequence of str
        What else is shown, for reading.
    places : mapping of str to str
        Where the sources are to be found, if not under their own names.
    """
    arguments = [program, "--unshare-all", "--unshare-user", "--cap-add", "CAP_SYS_ADMIN"]

    def show(paths: Sequence[str]) -> None:
        for path in paths:
            if os.path.islink(path):  # noqa: PTH114
                arguments.extend(("--symlink", os.readlink(path), path))  # noqa: PTH115
            else:
                arguments.extend(("--ro-bind", places.get(path, path), path))

    show(view.roots)
    for path in view.closed:
        arguments += ["--tmpfs", path]
    show([*view.files, *also])
    for path in DEVICES:
        arguments += ["--dev-bind", path, path]
    arguments += ["--tmpfs", SCRATCH, "--chdir", SCRATCH]
    for path in (*view.closed, "/"):
        arguments += ["--remount-ro", path]
    return [*arguments, "--", *inner]
