"""Bring an environment to a closure, and prove that it is there.

1. Read what is installed and clear away what no installer can remove: strays, and metadata without a record.
2. Let the installer do the rest; look again; where something still differs, mend just that, once.
3. What differs after that fails the session.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.environment.glance import glance
from wsnox.environment.installed import read_installed
from wsnox.environment.proof import compare
from wsnox.environment.records import Proof
from wsnox.errors import InstallError, ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Protocol

    from wsnox.closure import Closure
    from wsnox.environment.installed import Distribution
    from wsnox.environment.probe import Interpreter
    from wsnox.environment.proof import Difference
    from wsnox.environment.records import Job

    class Installer(Protocol):
        """What installs: uv or pip. Each call may start processes; none resolves anything."""

        keep: frozenset[str]

        def sync(self, closure: Closure, difference: Difference, outdated: frozenset[str]) -> None:
            """Bring the environment, which has this *difference*, to *closure*; install what is *outdated* again."""

        def mend(self, closure: Closure, difference: Difference) -> None:
            """Remove and install again exactly what *difference* names."""


__all__ = ["bring", "compare_only"]

PIP = frozenset({"pip"})


def compare_only(closure: Closure, interpreter: Interpreter, job: Job, outdated: frozenset[str]) -> Proof:
    """Return the proof that the environment holds *closure* as it is; raise `ProofError` where it does not."""
    difference = compare(
        closure, read_installed(interpreter.site), root=job.root, keep=PIP if job.uv is None else frozenset()
    )
    wrong = tuple(each for each in difference.wrong if each[0].name not in outdated)
    lines = [
        *replace(difference, wrong=wrong).lines(),
        *(f"! {name}: its sources changed since it was installed" for name in sorted(outdated)),
    ]
    if lines:
        raise ProofError(job.label, lines, hint="run nox without `-R`, so that it may be mended")
    return _proof(closure, interpreter, difference)


def bring(
    closure: Closure, interpreter: Interpreter, installer: Installer, job: Job, outdated: frozenset[str]
) -> Proof:
    """Make the environment of *interpreter* hold exactly *closure*, with what is *outdated* installed again.

    Raise `ProofError` for what remains different, `InstallError` where an install fails.
    """

    def difference() -> Difference:
        return compare(closure, read_installed(interpreter.site), root=job.root, keep=installer.keep)

    before = now = difference()
    removed = _removed(before)
    if unremovable := [found.place for found in _unremovable(before)]:
        _clear(unremovable, job.label)
        now = difference()
        removed += tuple(path.name for path in now.strays if path not in before.strays)
    _clear(now.strays, job.label)
    installer.sync(closure, now, outdated)
    remaining = difference()
    if remaining:
        installer.mend(closure, remaining)
        # What a cut RECORD did not name stays behind where its distribution was removed.
        _clear(difference().strays, job.label)
        remaining = difference()
    if remaining:
        raise ProofError(job.label, remaining.lines(), hint="run `uv lock` where a version differs, and try again")
    return _proof(closure, interpreter, remaining, removed)


def _proof(closure: Closure, interpreter: Interpreter, seen: Difference, removed: tuple[str, ...] = ()) -> Proof:
    names = tuple(package.name for package in closure.packages)
    sites = tuple(glance(str(directory)) for directory in interpreter.site)
    return Proof(names=names, sites=sites, listing=seen.listing, removed=removed)


def _unremovable(difference: Difference) -> Iterable[Distribution]:
    found = (*difference.extraneous, *(each for _, installed, _ in difference.wrong for each in installed))
    return (each for each in found if each.legacy or not each.complete)


def _removed(before: Difference) -> tuple[str, ...]:
    wrong = (each for _, installed, _ in before.wrong for each in installed)
    distributions = [f"{each.name} {each.version}".strip() for each in (*before.extraneous, *wrong)]
    return (*distributions, *(path.name for path in before.strays))


def _clear(places: Iterable[Path], label: str) -> None:
    for place in places:
        _remove(place, label)


def _remove(place: Path, label: str) -> None:
    try:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
    except FileNotFoundError:
        # Another run of nox that makes this environment may have been there first; what is left is looked at again.
        return
    except OSError as error:
        hint = f"`{place.name}` cannot be removed from the environment ({error.strerror or error})"
        raise InstallError(label, "wsnox", hint=hint) from error
