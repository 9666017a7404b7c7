"""Find out what holds on this machine: every layer of a level attacked alone, then all together.

Nothing is concluded from a version or from a call that returned without an error.
"""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adamedu.sandbox.inside.lockdown import LAYERS
from adamedu.sandbox.outside import escapes
from adamedu.sandbox.outside.escapes import HONEST, OUTSIDE, STOPPED_BY, Bait, succeeded
from adamedu.sandbox.outside.temp_folders import temporary
from adamedu.sandbox.outside.zygote_client import ZygoteClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SECONDS: Final = 20.0
TOGETHER: Final = "together"


@dataclass(frozen=True)
class Finding:
    """What was found out about one layer, or about all of them together.

    Attributes
    ----------
    layer : str
        Its name.
    breached : tuple of str
        The attempts that succeeded.
    refused : str or None
        Why it couldn't be put in force.
    """

    layer: str
    breached: tuple[str, ...] = ()
    refused: str | None = None

    @property
    def holds(self) -> bool:
        """Whether it stopped every attempt."""
        return not self.breached and self.refused is None

    def __str__(self) -> str:
        if self.refused is not None:
            return f"{self.layer} can't be put in force: {self.refused}"
        if self.breached:
            return f"{self.layer} doesn't stop an attempt to {', '.join(self.breached)}"
        return f"{self.layer} holds"


class _Said:
    """What a child says about its attempts."""

    def __init__(self) -> None:
        self.full = False
        self._raw = bytearray()

    def feed(self, raw: bytes) -> None:
        self._raw += raw

    def finding(self, layer: str) -> Finding:
        try:
            said = json.loads(self._raw)
        except ValueError:
            return Finding(layer, refused="the process that tried it out didn't come back")
        if "refused" in said:
            return Finding(layer, refused=said["refused"])
        if HONEST not in said["succeeded"]:
            return Finding(layer, refused="nothing can be computed under it")
        return Finding(layer, tuple(name for name in said["succeeded"] if name != HONEST))


def try_out(level: str) -> tuple[ZygoteClient, list[Finding]]:
    """Start a zygote and attack it; return it with what was found, for better or worse.

    Raises
    ------
    LevelError
        When it can't even be started.
    """
    with _bait() as outside, _bait() as shown:
        zygote = ZygoteClient(level, also=[shown.folder])
        return zygote, list(_findings(zygote, outside, shown))


@contextmanager
def _bait() -> Iterator[Bait]:
    """Lay out what the attempts are after, where any user can reach it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(temporary()))
        folder.chmod(0o777)
        file = folder / "readable"
        file.write_bytes(b"anything")
        file.chmod(0o644)
        network = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        local = stack.enter_context(socket.socket(socket.AF_UNIX))
        local.bind(str(folder / "service"))
        (folder / "service").chmod(0o777)
        local.listen()
        yield Bait(str(file), str(folder), network.getsockname()[1], str(folder / "service"))


def _findings(zygote: ZygoteClient, outside: Bait, shown: Bait) -> Iterator[Finding]:
    """Attack a zygote.

    Parameters
    ----------
    zygote : ZygoteClient
        The process.
    outside, shown : Bait
        One that bubblewrap hides; one that it shows, so that another layer must protect it.
    """
    # What doesn't even succeed here proves nothing there.
    proven = {name for name in OUTSIDE if name in succeeded(OUTSIDE, outside)}

    text = Path(escapes.__file__).read_text(encoding="utf-8")

    def attack(layer: str, layers: Sequence[str], names: Sequence[str], what: Bait) -> Finding:
        tried = [name for name in names if name not in OUTSIDE or name in proven]
        said = _Said()
        request = {"attempts": [*tried, HONEST], "escapes": text, "bait": what.as_data()}
        zygote.ask(request, said, _SECONDS, layers=layers)
        return said.finding(layer)

    own = LAYERS[zygote.level]
    if zygote.level == "A":
        yield attack("bubblewrap", (), STOPPED_BY["bubblewrap"], outside)
    for layer in own:
        found = attack(layer, (layer,), STOPPED_BY[layer], shown)
        if layer == "scratch" and found.holds:  # the second process finds what the first left
            found = attack(layer, (layer,), STOPPED_BY[layer], shown)
        yield found
    everything = dict.fromkeys(name for layer in own for name in STOPPED_BY[layer])
    yield attack(TOGETHER, own, tuple(everything), outside)
