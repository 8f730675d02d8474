"""Bring an environment to a closure, and prove that it is there.

1. Read what is installed and clear away what no installer can remove: strays, and metadata without a record.
2. Let the installer do the rest, and install again what is not known to be from the locked files; look again; where something still differs, mend just that, once.
3. What differs after that fails the session.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.environment.installed import read_installed
from wsnox.environment.proof import compare
from wsnox.environment.records import Proof
from wsnox.errors import InstallError, ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Protocol

    from wsnox.closure import Closure
    from wsnox.environment.contents import Memory
    from wsnox.environment.installed import Distribution, Installed
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


def compare_only(closure: Closure, interpreter: Interpreter, job: Job, memory: Memory) -> Proof:
    """Return the proof that the environment holds *closure* as it is; raise `ProofError` where it does not."""
    installed = read_installed(interpreter.site)
    keep = PIP if job.uv is None else frozenset()
    difference = compare(closure, installed, root=job.root, keep=keep)
    if memory.known:
        difference = _with_contents(difference, closure, installed, memory)
    wrong = tuple(each for each in difference.wrong if each[0].name not in memory.outdated)
    lines = [
        *replace(difference, wrong=wrong).lines(),
        *(f"! {name}: its sources changed since it was installed" for name in sorted(memory.outdated)),
    ]
    if not memory.known and memory.otherwise(installed):
        lines.append("! nothing is remembered of what its distributions were installed from")
    if lines:
        raise ProofError(job.label, lines, hint="run nox without `-R`, so that it may be mended")
    return _proof(closure, difference, memory.contents(installed))


def bring(closure: Closure, interpreter: Interpreter, installer: Installer, job: Job, memory: Memory) -> Proof:
    """Make the environment of *interpreter* hold exactly *closure*, with what is outdated installed again.

    So is what *memory* does not know to be from what is locked. Raise `ProofError` for what remains different,
    `InstallError` where an install fails.
    """

    def look() -> tuple[Installed, Difference]:
        installed = read_installed(interpreter.site)
        return installed, compare(closure, installed, root=job.root, keep=installer.keep)

    installed, found = look()
    before = now = _with_contents(found, closure, installed, memory)
    removed = _removed(before)
    if unremovable := [found.place for found in _unremovable(before)]:
        _clear(unremovable, job.label)
        installed, found = look()
        now = _with_contents(found, closure, installed, memory)
        removed += tuple(path.name for path in now.strays if path not in before.strays)
    _clear(now.strays, job.label)
    # Of these the version is right, and installers leave them alone unless told.
    installer.sync(closure, now, memory.outdated.union(memory.otherwise(installed)))
    installed, remaining = look()
    if remaining:
        installer.mend(closure, remaining)
        # What a cut RECORD did not name stays behind where its distribution was removed.
        _clear(look()[1].strays, job.label)
        installed, remaining = look()
    if remaining:
        raise ProofError(job.label, remaining.lines(), hint="run `uv lock` where a version differs, and try again")
    return _proof(closure, remaining, memory.contents(installed), removed)


def _with_contents(difference: Difference, closure: Closure, installed: Installed, memory: Memory) -> Difference:
    """Return *difference* with those *installed* added that have the right version, and may be from other files."""
    otherwise, wrong = memory.otherwise(installed), {package.name for package, _, _ in difference.wrong}
    found = {each.name: each for each in installed.distributions}
    more = tuple(
        (package, (found[package.name],), otherwise[package.name])
        for package in closure.packages
        if package.name in otherwise and package.name not in wrong
    )
    return replace(difference, wrong=(*difference.wrong, *more))


def _proof(closure: Closure, seen: Difference, contents: Mapping[str, str], removed: tuple[str, ...] = ()) -> Proof:
    names = tuple(package.name for package in closure.packages)
    return Proof(names=names, listing=seen.listing, contents=contents, removed=removed)


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
