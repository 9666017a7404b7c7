"""Level D: a fresh process per submission, for systems that offer nothing better."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from adamedu.sandbox.outside.processes import end, python, start
from adamedu.sandbox.outside.replies import CHUNK
from adamedu.sandbox.outside.temp_folders import temporary
from adamedu.sandbox.outside.uids import unprivileged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adamedu.sandbox.outside.zygote_client import Listener


class OneShotClient:
    """Answers each request in a process of its own."""

    level = "D"

    def ask(
        self,
        request: Mapping[str, object],
        listener: Listener,
        seconds: float,
        *,
        modules: Sequence[str] = (),
    ) -> bool:
        """Have a process answer a request; return whether it ended within its time.

        The parameters are those of `adamedu.sandbox.outside.zygote_client.ZygoteClient.ask`.
        """
        uid = unprivileged()
        with temporary() as folder:
            if uid is not None:
                os.chown(folder, uid, uid)
            process = start(
                python("one_shot", modules=list(modules), seconds=seconds, uid=uid),
                folder,
                folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            told = json.dumps(request).encode() + b"\n"
            talk = threading.Thread(target=_talk, args=(process, told, listener), daemon=True)
            try:
                talk.start()
                talk.join(seconds)
                in_time = not talk.is_alive()
            finally:  # also when the user interrupts it
                end(process)
            talk.join(1.0)
            listener.full = True  # whoever else holds the pipe talks to nobody
            return in_time

    def close(self) -> None:
        """Nothing is left running."""


def _talk(process: subprocess.Popen[bytes], told: bytes, listener: Listener) -> None:
    """Tell a process what is asked; take its replies until there are no more, or too many."""
    assert process.stdin is not None  # noqa: S101  (both are pipes)
    assert process.stdout is not None  # noqa: S101
    with suppress(OSError), process.stdin as stdin:
        stdin.write(told)
    with process.stdout as stdout:
        while not listener.full and (raw := os.read(stdout.fileno(), CHUNK)):
            listener.feed(raw)
