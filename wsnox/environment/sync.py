"""Bring an environment to a closure, and prove that it holds exactly that.

1. Clear away what no installer can or may remove: strays, and metadata whose RECORD is not to be believed, which leaves
   its files as strays.
2. Let the installer do the rest, and install again what may be from other files than are locked; look again; where
   something still differs, mend just that, once.
3. What differs after that fails the session.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from wsnox._record import Record
from wsnox.environment.site_packages import installed_in
from wsnox.environment.verify import compare
from wsnox.errors import InstallError, ProofError
from wsnox.files import remove

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wsnox.closure import Closure
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.provenance import Provenance
    from wsnox.environment.site_packages import Distribution, Installed
    from wsnox.environment.verify import Difference

__all__ = ["Environment", "Installer", "sync", "verify_only"]

# What uv and `virtualenv` put into an environment that Python can import: no closure has it, and no session needs it. The
# first two keep old versions of `distutils` from settings that neither installer goes by.
_MADE_WITH = frozenset({"_virtualenv.pth", "_virtualenv.py", "activate_this.py"})


class Installer(Protocol):
    """uv or pip, whose own distributions may *keep* their place. Each call may start processes; none resolves anything."""

    keep: frozenset[str]

    def sync(self, closure: Closure, difference: Difference, reinstall: frozenset[str]) -> None:
        """Bring the environment, which has this *difference*, to *closure*, and *reinstall* these distributions."""

    def mend(self, closure: Closure, difference: Difference) -> None:
        """Remove and install again exactly what *difference* names."""

    def hint(self, damaged: Iterable[str]) -> str:
        """Return what may help where the distributions *damaged* are incomplete after they were installed."""


class Environment(Record, kw_only=True):
    """The environment of *interpreter* at *location*, in the workspace *root*, whose *installer* works for *label*."""

    label: str
    location: Path
    root: str
    interpreter: Interpreter
    installer: Installer

    def difference(self, closure: Closure, installed: Installed, doubts: Mapping[str, str] | None = None) -> Difference:
        """Return how *installed* differs from *closure*; there may be *doubts* about where it is from."""
        return compare(closure, installed, root=self.root, keep=self.installer.keep, doubts=doubts or {})

    def clear(self, paths: Iterable[Path]) -> None:
        """Remove *paths*, all of them in the environment."""
        path = self.location
        try:
            for path in paths:
                remove(path, inside=self.location)
        except OSError as error:
            hint = f"`{path.name}` cannot be removed from the environment ({error.strerror or error})"
            raise InstallError(self.label, "wsnox", hint=hint) from error


def verify_only(environment: Environment, closure: Closure, provenance: Provenance, installed: Installed) -> None:
    """Raise `ProofError` where *installed* is not exactly *closure*."""
    doubts = provenance.doubts(installed)
    difference = environment.difference(closure, installed, doubts if provenance.contents else {})
    wrong = tuple(mismatch for mismatch in difference.wrong if mismatch.package.name not in provenance.outdated)
    lines = [
        *replace(difference, wrong=wrong).lines(),
        *(f"! {name}: its sources changed since it was installed" for name in sorted(provenance.outdated)),
    ]
    if doubts and not provenance.contents:
        lines.append("! nothing is remembered of what its distributions were installed from")
    if lines:
        raise ProofError(environment.label, lines, hint="run nox without `-R`, so that it may be mended")


def sync(
    environment: Environment, closure: Closure, provenance: Provenance, installed: Installed
) -> tuple[Installed, tuple[str, ...]]:
    """Bring *environment*, in which *installed* was found, to exactly *closure*; return what it holds then.

    Return the names of all that was removed as well. Outdated distributions are installed again, and so are those that
    may be from other files, or otherwise than they were proven: a RECORD may name less or more than was installed. Raise
    `ProofError` where a difference remains, `InstallError` where an install fails.
    """
    interpreter, installer = environment.interpreter, environment.installer
    doubts = provenance.doubts(installed)
    before = difference = environment.difference(closure, installed, doubts)
    removed = _removed(before, named=bool(provenance.fingerprint))
    if unremovable := [distribution.metadata for distribution in _unremovable(before, installer.keep)]:
        environment.clear(unremovable)
        installed = installed_in(interpreter, provenance.fingerprint)
        doubts = provenance.doubts(installed)
        difference = environment.difference(closure, installed, doubts)
        removed += tuple(path.name for path in difference.strays if path not in before.strays)
    environment.clear(difference.strays)
    # Of these the version is right, and installers leave them alone unless told.
    installer.sync(closure, difference, provenance.outdated.union(doubts))
    # Files that were there before have been looked at, and an installer writes whole ones, unless it takes them from a
    # cache that was damaged with them.
    sizes = any(copy.flaw for mismatch in before.wrong for copy in mismatch.copies)
    installed = installed_in(interpreter, sizes=sizes)
    if difference := environment.difference(closure, installed):
        installer.mend(closure, difference)
        # What a cut RECORD did not name stays behind where its distribution was removed.
        environment.clear(installed_in(interpreter, sizes=False).strays)
        installed = installed_in(interpreter, sizes=sizes)
        difference = environment.difference(closure, installed)
    if difference:
        damaged = {copy.name for mismatch in difference.wrong for copy in mismatch.copies if copy.flaw}
        raise ProofError(environment.label, difference.lines(), hint=installer.hint(sorted(damaged)))
    return installed, removed


def _removed(difference: Difference, *, named: bool) -> tuple[str, ...]:
    """Return the names of everything that will be removed; what an environment is made with is *named* only later."""
    copies = (copy for mismatch in difference.wrong for copy in mismatch.copies)
    distributions = (f"{removed.name} {removed.version}".strip() for removed in (*difference.extraneous, *copies))
    return (*distributions, *(path.name for path in difference.strays if named or path.name not in _MADE_WITH))


def _unremovable(difference: Difference, keep: frozenset[str]) -> Iterable[Distribution]:
    """Yield those that no installer may remove by their RECORD: it follows that wherever it leads, and removes one copy."""
    for distribution in difference.extraneous:
        if (distribution.legacy or distribution.flaw) and distribution.name not in keep:
            yield distribution
    for mismatch in difference.wrong:
        for copy in mismatch.copies:
            if (copy.legacy or copy.flaw or len(mismatch.copies) > 1) and copy.name not in keep:
                yield copy
