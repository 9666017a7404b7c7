"""How a process locks itself in before it runs a submission: one layer after the other.

Each layer raises when it can't be put in force, and then nothing may run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from adamedu.sandbox.inside import landlock, linux, seccomp
from adamedu.sandbox.inside.limits import impose, limits
from adamedu.sandbox.inside.view import DEVICES, View

SCRATCH: Final = "/scratch"
"""Where each submission has an empty folder of its own, at level A."""
_SCRATCH_OPTIONS: Final = "size=64m,nr_inodes=4096,mode=0700"

LAYERS: Final = {
    "A": ("scratch", "identity", "limits", "landlock", "seccomp"),
    "B": ("identity", "limits", "landlock", "seccomp"),
    "C": ("identity", "limits", "seccomp"),
}
"""What a process does to itself at each level; at A, all of it is inside bubblewrap."""


@dataclass
class Lockdown:
    """The layers of one level, prepared.

    Attributes
    ----------
    level : str
        A key of `LAYERS`.
    view : View
        What may be read.
    uid : int or None
        The user to become; None when the grader isn't root.
    """

    level: str
    view: View
    uid: int | None

    def __post_init__(self) -> None:
        linux.gain_no_privileges()
        self._filter = seccomp.prepared(may_write=self.level == "A")
        # Elsewhere the rules are the same for all submissions, so they are made once.
        readable = (*self.view.open_paths(), *DEVICES)
        self._rules = landlock.ruleset(readable) if self.level == "B" else -1

    def put_in_force(self, layer: str, seconds: float) -> None:
        """Put one layer in force, for this process and for good.

        Raises
        ------
        OSError, ValueError
            When it can't be.
        """
        getattr(self, f"_{layer}")(seconds)

    def _scratch(self, _: float) -> None:
        linux.separate_mounts()
        linux.mount_memory(SCRATCH, _SCRATCH_OPTIONS)
        os.chdir(SCRATCH)

    def _identity(self, _: float) -> None:
        parent = os.getppid()
        if self.uid is not None:
            linux.become(self.uid)
        linux.drop_capabilities()
        linux.die_with(parent)

    def _limits(self, seconds: float) -> None:
        impose({**limits(seconds), "RLIMIT_NPROC": 0})

    def _landlock(self, _: float) -> None:
        if self.level == "A":  # bubblewrap has left out what is closed
            readable = (*self.view.roots, *self.view.files, *DEVICES)
            self._rules = landlock.ruleset(readable, [SCRATCH, "/dev/null"])
        landlock.restrict(self._rules)

    def _seccomp(self, _: float) -> None:
        linux.filter_calls(self._filter)
