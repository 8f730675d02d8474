"""Bring an environment to a closure, and prove that it holds exactly that.

1. Clear away what no installer can or may remove: strays, and metadata whose RECORD is not to be believed, which leaves
   its files as strays.
2. Let the installer do the rest, and install again what may be from other files than are locked; look again; where
   something still differs, repair just that, once.
3. What differs after that fails the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.environment.site_packages import installed_in
from wsnox.environment.snapshot import fingerprint
from wsnox.environment.verify import compare, contents_of, doubts_about
from wsnox.errors import InstallError, ProofError
from wsnox.files import remove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.closure import Closure
    from wsnox.environment.installers import Installer
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Venv
    from wsnox.environment.site_packages import Distribution, Installed
    from wsnox.environment.verify import Difference

__all__ = ["Environment", "State", "sync", "verified"]

# What uv and `virtualenv` put into an environment that Python can import: no closure has it, and no session needs it. The
# first two keep old versions of `distutils` from settings that neither installer goes by.
_MADE_WITH = frozenset({"_virtualenv.pth", "_virtualenv.py", "activate_this.py"})


class State(Record, kw_only=True):
    """What an environment holds: the distributions *installed*, and the *contents* that were proven of them, by name.

    *fingerprint* is that of the directories when these contents were proven, empty if nothing was. *outdated* names the
    distributions of source trees that changed since, *removed* all that was removed so far.
    """

    installed: Installed
    contents: Mapping[str, str]
    fingerprint: str
    outdated: frozenset[str]
    removed: tuple[str, ...] = ()


class Environment(Record, kw_only=True):
    """The environment *venv* of *interpreter*, in the workspace *root*, whose *installer* works for *label*.

    *offered* returns, by name, digests of the files that the packages of a closure are installed from.
    """

    label: str
    venv: Venv
    root: str
    interpreter: Interpreter
    installer: Installer
    offered: Callable[[Closure], Mapping[str, str]]

    def difference(self, closure: Closure, installed: Installed, doubts: Mapping[str, str]) -> Difference:
        """Return how *installed* differs from *closure*; there may be *doubts* about which files it is from."""
        return compare(closure, installed, root=self.root, keep=self.installer.keep, doubts=doubts)

    def clear(self, paths: Iterable[Path]) -> None:
        """Remove *paths*, all of them in the environment."""
        path = self.venv.location
        try:
            for path in paths:
                remove(path, inside=self.venv.location)
        except OSError as error:
            hint = f"`{path.name}` cannot be removed from the environment ({error.strerror or error})"
            raise InstallError(self.label, "wsnox", hint=hint) from error


def verified(environment: Environment, closure: Closure, state: State) -> State:
    """Return *state* with its contents, if it is exactly *closure*; raise `ProofError` otherwise."""
    offered, outdated = environment.offered(closure), state.outdated
    doubts = doubts_about(state.installed, offered, state.contents)
    difference = environment.difference(closure, state.installed, doubts if state.contents else {})
    wrong = tuple(mismatch for mismatch in difference.wrong if mismatch.package.name not in outdated)
    lines = [
        *replace(difference, wrong=wrong).lines(),
        *(f"! {name}: its sources changed since it was installed" for name in sorted(outdated)),
    ]
    if doubts and not state.contents:
        lines.append("! nothing is remembered of what its distributions were installed from")
    if lines:
        raise ProofError(environment.label, lines, hint="run nox without `-R`, so that it can be repaired")
    return replace(state, contents=contents_of(state.installed, offered))


def sync(environment: Environment, closure: Closure, state: State) -> State:
    """Bring *environment* from its *state* to exactly *closure*, and return the state then.

    Outdated distributions are installed again, and so are those that may be from other files, or otherwise than they were
    proven: a RECORD may name less or more than was installed. Raise `ProofError` where a difference remains,
    `InstallError` where an install fails.
    """
    interpreter, installer = environment.interpreter, environment.installer
    offered = environment.offered(closure)
    doubts = doubts_about(state.installed, offered, state.contents)
    before = difference = environment.difference(closure, state.installed, doubts)
    removed = _removed(before, named=bool(state.fingerprint))
    if unremovable := [distribution.metadata for distribution in _unremovable(before, installer.keep)]:
        environment.clear(unremovable)
        installed = installed_in(interpreter, state.fingerprint)
        doubts = doubts_about(installed, offered, state.contents)
        difference = environment.difference(closure, installed, doubts)
        removed += tuple(path.name for path in difference.strays if path not in before.strays)
    environment.clear(difference.strays)
    # Of these the version is right, and installers leave them alone unless told.
    installer.sync(closure, difference, state.outdated.intersection(offered).union(doubts))
    # Files that were there before have been looked at, and an installer writes whole ones, unless it takes them from a
    # cache that was damaged with them.
    sizes = any(copy.flaw for mismatch in before.wrong for copy in mismatch.copies)
    installed = installed_in(interpreter, sizes=sizes)
    if difference := environment.difference(closure, installed, {}):
        installer.repair(closure, difference)
        # What a cut RECORD did not name stays behind where its distribution was removed.
        environment.clear(installed_in(interpreter, sizes=False).strays)
        installed = installed_in(interpreter, sizes=sizes)
        difference = environment.difference(closure, installed, {})
    if difference:
        damaged = {copy.name for mismatch in difference.wrong for copy in mismatch.copies if copy.flaw}
        raise ProofError(environment.label, difference.lines(), hint=installer.hint(sorted(damaged)))
    return State(
        installed=installed,
        contents=contents_of(installed, offered),
        fingerprint=fingerprint(installed.sites),
        outdated=state.outdated.difference(offered),
        removed=(*state.removed, *removed),
    )


def _removed(difference: Difference, *, named: bool) -> tuple[str, ...]:
    """Return the names of everything that will be removed; what an environment is made with is *named* only later."""
    copies = (copy for mismatch in difference.wrong for copy in mismatch.copies)
    distributions = (f"{removed.name} {removed.version}".strip() for removed in (*difference.extraneous, *copies))
    return (*distributions, *(path.name for path in difference.strays if named or path.name not in _MADE_WITH))


def _unremovable(difference: Difference, keep: frozenset[str]) -> Iterator[Distribution]:
    """Yield those that no installer may remove by their RECORD: it follows that wherever it leads, and removes one copy."""
    for distribution in difference.extraneous:
        if (distribution.legacy or distribution.flaw) and distribution.name not in keep:
            yield distribution
    for mismatch in difference.wrong:
        for copy in mismatch.copies:
            if (copy.legacy or copy.flaw or len(mismatch.copies) > 1) and copy.name not in keep:
                yield copy
