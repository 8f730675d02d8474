"""Source trees of a closure: those that are installed in place, and wheels of the others, built once a change.

A wheel is kept by the digest of its tree and by its interpreter, so that every session that needs it takes the same
file. Builds of one tree wait for each other: setuptools writes into the tree it builds.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.environment.inputs import tree_name
from wsnox.environment.locks import file_lock
from wsnox.errors import InstallError
from wsnox.files import remove
from wsnox.lock import Archive, Artifact, Directory
from wsnox.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.closure import Closure
    from wsnox.environment.sync import Environment
    from wsnox.lock import Package

__all__ = ["WheelStore", "lock_trees", "outdated", "tree_names", "without_trees"]

KEPT = 4
"""How many wheels of one tree are kept for an interpreter: for a change that is undone again."""


def without_trees(closure: Closure) -> Closure:
    """Return *closure* without the trees that are still to be built."""
    sources = ((entry, entry.package.source) for entry in closure.entries)
    built = (entry for entry, source in sources if not isinstance(source, Directory) or source.editable)
    return replace(closure, entries=tuple(built))


def tree_names(closure: Closure) -> dict[str, str]:
    """Return the names of the packages of *closure* that are source trees by the `tree_name` of each."""
    sources = ((package.name, package.source) for package in closure.packages)
    return {
        tree_name(source.path, editable=source.editable): name
        for name, source in sources
        if isinstance(source, Directory)
    }


def outdated(closure: Closure, before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the packages of *closure* whose tree had another digest *before* than *now*."""
    trees = tree_names(closure).items()
    return frozenset(package for tree, package in trees if before.get(tree, now[tree]) != now[tree])


class WheelStore(Record):
    """The wheels of source *trees* for the interpreter of an *environment*, by the digests of these.

    They are kept in the folder that all environments share, and built by the installer of this one.
    """

    environment: Environment
    trees: Mapping[str, str]

    def fill(self, closure: Closure, *, build: bool = True) -> Closure:
        """Return *closure* with a wheel for each tree that is not installed in place.

        A wheel that is not there yet is built; without *build*, its tree stays as it is.
        """

        def built(package: Package) -> Package:
            match package.source:
                case Directory(path=path, editable=False):
                    wheel = self._wheel(package.name, path, build=build)
                    if wheel is None:
                        return package
                    artifact = Artifact(wheel.name, hash=f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
                    return replace(package, source=Archive(wheel.as_posix()), wheels=(artifact,), sdist=None)
                case _:
                    return package

        return closure.mapped(built)

    def _wheel(self, name: str, path: str, *, build: bool) -> Path | None:
        environment, shared = self.environment, self.environment.venv.shared
        tree, digest = absolute(environment.root, path), self.trees[tree_name(path, editable=False)]
        folder = shared / "wheels" / name / environment.interpreter.platform.abi / digest[:16]
        with lock_trees([tree], shared):
            if build and not any(folder.glob("*.whl")):
                self._build(tree, folder)
                newest = sorted(folder.parent.iterdir(), key=lambda kept: kept.stat().st_mtime_ns, reverse=True)
                for other in newest[KEPT:]:
                    with suppress(OSError):
                        remove(other, inside=shared)
            return next(folder.glob("*.whl"), None)

    def _build(self, tree: str, folder: Path) -> None:
        """Build the wheel of *tree* into *folder*, which appears only when it is complete."""
        environment, draft = self.environment, folder.with_name(f"{folder.name}.draft")
        remove(draft, inside=environment.venv.shared)
        environment.installer.build(tree, draft)
        if len([*draft.glob("*.whl")]) != 1:
            raise InstallError(environment.label, "wsnox", hint=f"the build of `{tree}` gave no wheel")
        # What a killed run pruned in part.
        remove(folder, inside=environment.venv.shared)
        draft.replace(folder)


@contextmanager
def lock_trees(paths: Iterable[str], shared: Path) -> Iterator[None]:
    """Hold the locks of the source trees at *paths*, in one order for everybody; they are kept in the folder *shared*."""
    with ExitStack() as stack:
        for path in sorted(set(paths)):
            name = hashlib.sha256(path.encode()).hexdigest()[:16]
            stack.enter_context(file_lock(shared / "locks" / f"{name}.lock"))
        yield
