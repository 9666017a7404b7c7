"""`self_test`: does all that the course needs work here, and what to do where it doesn't."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_AGAIN: Final = "set up the course again: make lab in its folder, or pip install --upgrade adamedu"


@dataclass(frozen=True)
class Finding:
    """One thing that the course needs.

    Attributes
    ----------
    what : str
        What was tried.
    wrong : str or None
        What is wrong with it, and what to do; None where it is ready.
    """

    what: str
    wrong: str | None

    def __str__(self) -> str:
        return (
            f"ready    {self.what}" if self.wrong is None else f"not yet  {self.what}: {self.wrong}"
        )


@dataclass(frozen=True, repr=False)
class SelfTest:
    """What was found out about this installation; it shows itself as lines of text.

    Attributes
    ----------
    findings : tuple of Finding
        In the order in which they were tried.
    versions : dict of str to str
        Python's version and those of the libraries, for whoever is asked for help.
    """

    findings: tuple[Finding, ...]
    versions: dict[str, str]

    def __repr__(self) -> str:
        missing = sum(finding.wrong is not None for finding in self.findings)
        last = "All is ready." if missing == 0 else f"Not ready yet: {missing}."
        return "\n".join([*map(str, self.findings), last])


def self_test() -> SelfTest:
    """Try out all that the course needs on this machine.

    Examples
    --------
    >>> self_test().findings[0].wrong  # Python is new enough
    """
    ours = metadata.metadata("adamedu")
    needed = [r for r in map(Requirement, metadata.requires("adamedu") or []) if _applies(r)]
    tried: dict[str, Callable[[], str | None]] = {
        "the libraries": lambda: "; ".join(_wrong_with(needed)) or None,
        "a step of Adam": _step,
        "equations from code": _equations,
        "pictures": _picture,
        "checks of your answers": _check,
        "lessons and exercises": _lessons,
        "a place to keep your progress": _progress,
    }
    python = SpecifierSet(ours["Requires-Python"] or "")
    old = f"this is {platform.python_version()}; install a newer one, then {_AGAIN}"
    fits = python.contains(platform.python_version(), prereleases=True)
    findings = [Finding(f"Python {python}", None if fits else old)]
    findings += [Finding(what, _outcome(trial)) for what, trial in tried.items()]
    versions = {"Python": platform.python_version(), "adamedu": ours["Version"]}
    versions |= {r.name: _version(r.name) or "missing" for r in needed}
    return SelfTest(tuple(findings), versions)


def _outcome(trial: Callable[[], str | None]) -> str | None:
    try:
        return trial()
    except Exception as error:  # noqa: BLE001  (whatever is broken here, the learner is told)
        return f"{type(error).__name__}: {error}; {_AGAIN}"


def _applies(requirement: Requirement) -> bool:
    """Whether it holds on this machine, and without any extra."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _wrong_with(needed: list[Requirement]) -> Iterator[str]:
    for requirement in needed:
        found = _version(requirement.name)
        if found is None or not requirement.specifier.contains(found, prereleases=True):
            yield f"{requirement} is needed, and here it is {found or 'missing'}; {_AGAIN}"


def _step() -> str | None:
    from adamedu.optimizers import adam

    right = 0.5
    theta, *_ = adam(1.0, 2.0, 1, 0.0, 0.0, lr=0.5, eps=0.0)
    return None if theta == right else f"from 1 it goes to {theta}, not to {right}; {_AGAIN}"


def _equations() -> str | None:
    from adamedu.algebra.unrolling import unroll
    from adamedu.optimizers import adam

    shown: str = unroll(adam)._repr_latex_()
    return None if r"\hat{m}_{3}" in shown else f"there is no third step; {_AGAIN}"


def _picture() -> str | None:
    from adamedu.core import surfaces
    from adamedu.core.descent import descend
    from adamedu.drawing import figures
    from adamedu.optimizers import gd

    drawn = figures.losses(descend(gd, surfaces.ravine, steps=3, lr=0.1))
    return None if drawn.png.startswith(b"\x89PNG") else f"it is no PNG; {_AGAIN}"


def _check() -> str | None:
    from adamedu.content.catalogue import task
    from adamedu.learning.checking import examine
    from adamedu.optimizers import momentum, nesterov

    found = [examine(task("momentum.step"), of).status for of in (momentum, nesterov)]
    return None if found == ["passed", "partial"] else f"they say {' and '.join(found)}; {_AGAIN}"


def _lessons() -> str | None:
    from adamedu.content.lessons import lessons

    here = any(lesson.page and lesson.exercises for lesson in lessons().values())
    return None if here else f"they aren't installed; {_AGAIN}"


def _progress() -> str | None:
    from adamedu.learning import progress_store

    found = progress_store.trouble()
    return None if found is None else f"{found} Make room there, or name a folder in ADAMEDU_DATA"
