"""The closures of a run in two states of the workspace, compared target by target.

A difference is a distribution added, removed, of another version or another source, or with other artifacts: what uv
would fetch. Wheels for other Pythons than the target's do not count; that a release got some is no news to a session.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wsnox.change.records import NoClosure, PackagesChanged
from wsnox.closure.explain import compare
from wsnox.closure.request import request_for
from wsnox.closure.walk import Resolver
from wsnox.errors import PythonRangeError, WsnoxError
from wsnox.lock.records import Archive, Directory, Git, Virtual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.change.records import Reason, Run, State
    from wsnox.closure import Closure, Entry, Request, Target
    from wsnox.lock import Artifact, Package

__all__ = ["Closures", "Comparison", "concerns"]


class Closures:
    """The closures of runs in one *state*, each worked out once."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._requests: dict[tuple[str, str, str], Request | WsnoxError] = {}
        self._resolvers: dict[Target, Resolver | WsnoxError] = {}
        self._known: dict[tuple[Request, Target], Closure | WsnoxError] = {}

    def request(self, run: Run) -> Request | WsnoxError:
        """Return what *run* asks for, or why it cannot."""
        workspace, lock, spec = self._state.workspace, self._state.lock, run.spec
        if run.key not in self._requests:
            try:
                self._requests[run.key] = request_for(
                    workspace, lock, run.parts, root_groups=spec.root_groups, root_defaults=spec.root_defaults
                )
            except WsnoxError as error:
                self._requests[run.key] = error
        return self._requests[run.key]

    def of(self, run: Run, target: Target) -> Closure | WsnoxError:
        """Return the closure of *run* on *target*, or why there is none."""
        resolver, request = self._resolver(target), self.request(run)
        if isinstance(resolver, WsnoxError):
            return resolver
        if isinstance(request, WsnoxError):
            return request
        if (request, target) not in self._known:
            try:
                self._known[request, target] = resolver.resolve(request)
            except WsnoxError as error:
                self._known[request, target] = error
        return self._known[request, target]

    def _resolver(self, target: Target) -> Resolver | WsnoxError:
        if target not in self._resolvers:
            try:
                self._resolvers[target] = Resolver(self._state.lock, target)
            except WsnoxError as error:
                self._resolvers[target] = error
        return self._resolvers[target]

    def local(self, run: Run, targets: tuple[Target, ...]) -> frozenset[str] | None:
        """Return the names of the local packages in the closures of *run*, `None` where there is no closure to tell."""
        found = [closure for target in targets if not isinstance(closure := self.of(run, target), WsnoxError)]
        if not found:
            return None
        return frozenset(
            entry.package.name
            for closure in found
            for entry in closure.entries
            if isinstance(entry.package.source, Directory | Virtual | Archive)
        )


class Comparison:
    """Compares the closures of runs *before* and *after*; which packages are alike is worked out once."""

    def __init__(self, before: Closures, after: Closures) -> None:
        self._before, self._after = before, after
        self._alike: dict[tuple[int, int, int], bool] = {}

    def differences(self, old: Run, new: Run, targets: tuple[Target, ...]) -> Iterator[Reason]:
        """Yield how the closure of *new* differs from that of *old*, but for a Python that neither lockfile is for."""
        both = [(target, self._before.of(old, target), self._after.of(new, target)) for target in targets]
        fitting = [each for each in both if not all(isinstance(answer, PythonRangeError) for answer in each[1:])]
        if not fitting:
            yield NoClosure(
                new.python, both[0][2].sentence if both and isinstance(both[0][2], WsnoxError) else _UNKNOWN
            )
        for target, was, now in fitting:
            if reason := self._difference(target, was, now):
                yield reason

    def _difference(self, target: Target, was: Closure | WsnoxError, now: Closure | WsnoxError) -> Reason | None:
        if isinstance(now, WsnoxError):
            return NoClosure(target.python, now.sentence)
        if isinstance(was, WsnoxError):
            return NoClosure(target.python, f"before, {was.sentence}")
        minor = int(target.python.split(".")[1])
        old = {entry.package.name: entry for entry in was.entries if entry.installed}
        new = {entry.package.name: entry for entry in now.entries if entry.installed}
        if old.keys() == new.keys() and all(self._same(old[name], entry, minor) for name, entry in new.items()):
            return None
        changes = compare(was, now)
        kept = new.keys() - {change.name for change in changes}
        files = (name for name in sorted(kept) if not self._same(old[name], new[name], minor))
        return PackagesChanged(target.python, changes, tuple(files))

    def _same(self, old: Entry, new: Entry, minor: int) -> bool:
        key = old.index, new.index, minor
        if key not in self._alike:
            self._alike[key] = _alike(old.package, new.package, minor)
        return self._alike[key]


def _alike(old: Package, new: Package, minor: int) -> bool:
    if _identity(old) != _identity(new):
        return False
    return (old.wheels, old.sdist) == (new.wheels, new.sdist) or _files(old, minor) == _files(new, minor)


def _identity(package: Package) -> object:
    source = package.source
    # The branch or tag that led to a commit is no difference.
    return package.version, replace(source, requested="") if isinstance(source, Git) else source


_UNKNOWN = "an interpreter that wsnox cannot describe"


def _files(package: Package, minor: int) -> object:
    artifacts = (*package.wheels, *(() if package.sdist is None else (package.sdist,)))
    return frozenset(_content(each) for each in artifacts if concerns(each.filename, minor))


def _content(artifact: Artifact) -> tuple[str, str]:
    return artifact.filename, artifact.hash or artifact.url or artifact.path


def concerns(filename: str, minor: int) -> bool:
    """Tell whether Python 3.*minor* may take the file: its tags (PEP 425) name this version, any, or a stable ABI."""
    if not filename.endswith(".whl") or filename.count("-") < 4:
        return True
    pythons, abi = filename.split("-")[-3:-1]
    for tag in pythons.split("."):
        if not tag.startswith("cp3") or not tag[3:].isdigit():
            return True
        if int(tag[3:]) == minor or ("abi3" in abi and int(tag[3:]) <= minor):
            return True
    return False
