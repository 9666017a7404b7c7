"""What holds on this machine while submissions run, and what to do for more: for people."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from adamedu.sandbox.outside.levels import LEVELS, LevelError, guarantees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adamedu.sandbox.outside.probe import Finding

_MEANS: Final = {
    "bubblewrap": "a world of its own: no other files, no network, no other processes",
    "scratch": "an empty folder for each submission, gone afterwards",
    "identity": "no special rights, and not root's if root grades",
    "limits": "so much memory, processor time and disk, and no more",
    "landlock": "no files but Python's own can be opened",
    "seccomp": "no system calls but harmless ones",
    "together": "all of this at once, and NumPy still computes",
}
_OTHER_SYSTEMS: Final = (
    "Only Linux can keep submissions apart. To grade a class on this computer, install adamedu in "
    "WSL2 (Windows) or in a Linux container (macOS)."
)
_INSTALL: Final = (
    "For level A, install bubblewrap: sudo apt install bubblewrap, sudo dnf install bubblewrap, or "
    "the package of that name where you are."
)
_FORBIDDEN: Final = (
    "For level A, bubblewrap is there but can't be used. Containers often forbid it, and some "
    "systems do by a setting: sysctl kernel.apparmor_restrict_unprivileged_userns or "
    "kernel.unprivileged_userns_clone shows it."
)
_LANDLOCK: Final = (
    "For level B, Landlock is needed: Linux 5.13 or newer, with landlock among the security "
    "modules that the kernel starts with (lsm=landlock,… on its command line)."
)
_SECCOMP: Final = (
    "For level C, seccomp is needed, and a processor of the kind x86_64 or aarch64; this one is "
    f"{platform.machine() or 'unknown'}."
)


@dataclass(frozen=True)
class Examined:
    """What was found out about a level.

    Attributes
    ----------
    level : str
        ``"A"`` to ``"C"``.
    findings : tuple of Finding
        Layer by layer.
    refused : str or None
        Why it couldn't be tried out at all.
    """

    level: str
    findings: tuple[Finding, ...] = ()
    refused: str | None = None

    @property
    def holds(self) -> bool:
        """Whether everything about it holds."""
        return self.refused is None and all(finding.holds for finding in self.findings)


def examine(level: str) -> Examined:
    """Try a level out on this machine."""
    if sys.platform != "linux":
        return Examined(level, refused="it is Linux that offers it")
    from adamedu.sandbox.outside.probe import try_out

    try:
        zygote, findings = try_out(level)
    except LevelError as error:
        return Examined(level, refused=str(error))
    zygote.close()
    return Examined(level, tuple(findings))


def report(examined: list[Examined]) -> Iterator[str]:
    """Write the lines of a report, the best level first."""
    best = best_of(examined)
    yield f"Here, submissions run at level {best}."
    yield f"{LEVELS[best][0].upper()}{LEVELS[best][1:]}."
    for one in examined:
        yield ""
        yield f"Level {one.level} {'holds' if one.holds else 'is not to be had'}"
        if one.refused is not None:
            yield f"  ✗ {one.refused}"
        for finding in one.findings:
            if finding.holds:
                yield f"  ✓ {finding.layer}: {_MEANS[finding.layer]}"
            else:
                yield f"  ✗ {finding}"
    if advised := list(advice(examined)):
        yield ""
        yield from advised


def best_of(examined: list[Examined]) -> str:
    """Return the best level that holds; D always does."""
    return next((one.level for one in examined if one.holds), "D")


def is_isolated(examined: list[Examined]) -> bool:
    """Whether a class can be graded here."""
    isolated: bool = guarantees(best_of(examined), ())["isolated"]
    return isolated


def advice(examined: list[Examined]) -> Iterator[str]:
    """Say what to do for the levels that don't hold."""
    if sys.platform != "linux":
        yield _OTHER_SYSTEMS
        return
    missing = {one.level for one in examined if not one.holds}
    if "C" in missing:
        yield _SECCOMP
    elif "B" in missing:
        yield _LANDLOCK
    if "A" in missing:
        yield _INSTALL if shutil.which("bwrap") is None else _FORBIDDEN
