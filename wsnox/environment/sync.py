"""Bring an environment to a closure, and prove that it is there.

1. Read what is installed and clear away what no installer can or may remove: strays, and metadata whose RECORD is not
   to be believed, which leaves its files as strays.
2. Let the installer do the rest, and install again what is not known to be from the locked files, as it was proven; look
   again; where something still differs, mend just that, once.
3. What differs after that fails the session.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.environment.model import Proof
from wsnox.environment.removal import remove
from wsnox.environment.site_packages import installed_in
from wsnox.environment.verify import compare
from wsnox.errors import InstallError, ProofError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Protocol

    from wsnox.closure import Closure
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job
    from wsnox.environment.provenance import Memory
    from wsnox.environment.site_packages import Distribution, Installed
    from wsnox.environment.verify import Difference

    class Installer(Protocol):
        """What installs: uv or pip. Each call may start processes; none resolves anything."""

        keep: frozenset[str]

        def sync(self, closure: Closure, difference: Difference, outdated: frozenset[str]) -> None:
            """Bring the environment, which has this *difference*, to *closure*; install what is *outdated* again."""

        def mend(self, closure: Closure, difference: Difference) -> None:
            """Remove and install again exactly what *difference* names."""


__all__ = ["sync", "verify_only"]

PIP = frozenset({"pip"})

BORN = frozenset({"_virtualenv.pth", "_virtualenv.py", "activate_this.py"})
"""What uv and `virtualenv` put into an environment that Python can import: no closure has it, and no session needs it.

The first two keep old versions of `distutils` from settings that neither installer goes by.
"""


def verify_only(closure: Closure, interpreter: Interpreter, job: Job, memory: Memory) -> Proof:
    """Return the proof that the environment holds *closure* as it is; raise `ProofError` where it does not."""
    keep = PIP if job.uv is None else frozenset()
    installed = installed_in(interpreter, memory.listing)
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
    return _proof(closure, installed, memory)


def sync(closure: Closure, interpreter: Interpreter, installer: Installer, job: Job, memory: Memory) -> Proof:
    """Make the environment of *interpreter* hold exactly *closure*, with what is outdated installed again.

    So is what *memory* does not know to be from what is locked, or otherwise than it was proven: its RECORD may name less
    or more than was installed. Raise `ProofError` for what remains different, `InstallError` where an install fails.
    """

    def look(listing: str | None = None) -> tuple[Installed, Difference]:
        installed = installed_in(interpreter, listing)
        return installed, compare(closure, installed, root=job.root, keep=installer.keep)

    installed, found = look(memory.listing)
    before = now = _with_contents(found, closure, installed, memory)
    removed = _removed(before, named=bool(memory.listing))
    if unremovable := [found.place for found in _unremovable(before, installer.keep)]:
        _clear(unremovable, job)
        installed, found = look(memory.listing)
        now = _with_contents(found, closure, installed, memory)
        removed += tuple(path.name for path in now.strays if path not in before.strays)
    _clear(now.strays, job)
    # Of these the version is right, and installers leave them alone unless told.
    installer.sync(closure, now, memory.outdated.union(memory.otherwise(installed)))
    installed, remaining = look()
    if remaining:
        installer.mend(closure, remaining)
        # What a cut RECORD did not name stays behind where its distribution was removed.
        _clear(look()[1].strays, job)
        installed, remaining = look()
    if remaining:
        raise ProofError(job.label, remaining.lines(), hint=_hint(remaining, job))
    return _proof(closure, installed, memory, removed)


def _hint(remaining: Difference, job: Job) -> str:
    """Return what may help where an install did not: uv takes the same file from its cache again."""
    damaged = sorted({found.name for _, installed, _ in remaining.wrong for found in installed if found.flaw})
    if damaged and job.uv is not None:
        return f"run `uv cache clean {' '.join(damaged)}`, in case the files in uv's cache are damaged, and try again"
    return "run `uv lock` where a version differs, and try again"


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


def _proof(closure: Closure, installed: Installed, memory: Memory, removed: tuple[str, ...] = ()) -> Proof:
    names = tuple(package.name for package in closure.packages)
    return Proof(names=names, sites=installed.sites, contents=memory.contents(installed), removed=removed)


def _unremovable(difference: Difference, keep: frozenset[str]) -> Iterable[Distribution]:
    """Yield what is not to be removed by its RECORD: installers follow that wherever it leads, and of copies remove one."""
    found = [(each, False) for each in difference.extraneous]
    found += [(each, len(installed) > 1) for _, installed, _ in difference.wrong for each in installed]
    return (each for each, copied in found if (each.legacy or each.flaw or copied) and each.name not in keep)


def _removed(before: Difference, *, named: bool) -> tuple[str, ...]:
    """Return what is about to be removed; what makes an environment puts some there itself, and is *named* only later."""
    wrong = (each for _, installed, _ in before.wrong for each in installed)
    distributions = [f"{each.name} {each.version}".strip() for each in (*before.extraneous, *wrong)]
    return (*distributions, *(path.name for path in before.strays if named or path.name not in BORN))


def _clear(places: Iterable[Path], job: Job) -> None:
    place = job.location
    try:
        for place in places:
            remove(place, home=job.location)
    except OSError as error:
        hint = f"`{place.name}` cannot be removed from the environment ({error.strerror or error})"
        raise InstallError(job.label, "wsnox", hint=hint) from error
