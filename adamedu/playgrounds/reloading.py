"""While the browser's modules are edited, open playgrounds follow, if developers ask for it.

As with any anywidget, ``ANYWIDGET_HMR=1`` in the kernel's environment asks.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from adamedu.playgrounds import bundle

if TYPE_CHECKING:
    from anywidget import AnyWidget

ASKS: Final = "ANYWIDGET_HMR"

_open: Final[WeakSet[AnyWidget]] = WeakSet()


def follow_edits(playground: AnyWidget) -> None:
    """Show a playground anew whenever a file of the browser's is edited, if developers ask."""
    if os.environ.get(ASKS) == "1":
        _open.add(playground)
        _watch(Path(str(bundle.FOLDER)))


@functools.cache
def _watch(folder: Path) -> None:
    threading.Thread(target=_refresh_at_edits, args=[folder], daemon=True).start()


def _refresh_at_edits(folder: Path) -> None:
    from watchfiles import watch

    for _ in watch(folder):
        with contextlib.suppress(OSError, ValueError):  # the next edit may mend it
            refresh()


def refresh() -> None:
    """Read the browser's modules again, and show all open playgrounds with them."""
    for made in (bundle.source, bundle.script, bundle.style):
        made.cache_clear()
    for playground in list(_open):
        playground.set_trait("_css", bundle.style())
        playground.set_trait("_esm", bundle.script())
