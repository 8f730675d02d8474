"""Source trees of a closure: which are installed in place, and wheels of the others, built once a change.

A wheel is kept by the digest of its tree and by its interpreter, so that every session that needs it takes the same
file. Builds of one tree wait for each other: setuptools writes into the tree it builds.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from filelock import FileLock

from wsnox.environment.inputs import tree_digests, tree_name
from wsnox.environment.locations import absolute
from wsnox.environment.pylock import files_without_hash
from wsnox.environment.removal import remove
from wsnox.environment.uv import build_settings
from wsnox.errors import InstallError
from wsnox.lock.model import Archive, Artifact, Directory
from wsnox.workspace.discovery import MANIFEST
from wsnox.workspace.pyproject import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from wsnox.closure import Closure
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job
    from wsnox.lock import Package
    from wsnox.lock.model import Source
    from wsnox.workspace.model import Workspace

__all__ = ["as_they_are", "as_wheels", "local_trees", "locked", "outdated", "with_wheels", "without_trees"]

KEPT = 4
"""How many wheels of one tree are kept for an interpreter: for a change that is undone again."""


def as_wheels(closure: Closure, members: Iterable[str]) -> Closure:
    """Return *closure* with every one of *members* to be installed as a wheel instead of in place."""
    names = frozenset(members)

    def not_in_place(package: Package) -> Package:
        match package.source:
            case Directory(path=path, editable=True) if package.name in names:
                return replace(package, source=Directory(path, editable=False))
            case _:
                return package

    return closure.mapped(not_in_place)


def as_they_are(closure: Closure, workspace: Workspace) -> Closure:
    """Return *closure* with each source tree in the version that it has now, whatever the lockfile says.

    Only a build tells the version where a tree does not say it itself: then it may be any, as where it is dynamic.
    """
    versions = {member.path: member.manifest.declared.version for member in workspace.members}

    def now(package: Package) -> Package:
        match package.source:
            case Directory(path=path):
                known = versions[path] if path in versions else _version_at(workspace.root / path)
                return replace(package, version=known)
            case _:
                return package

    return closure.mapped(now)


def _version_at(tree: Path) -> str | None:
    manifest = tree / MANIFEST
    return read_manifest(manifest).declared.version if manifest.is_file() else None


def local_trees(closure: Closure, job: Job) -> Mapping[str, str]:
    """Return the digests of the source trees that *closure* installs, by `tree_name`, and of local files without a hash."""
    trees = [
        tree_name(package.source.path, editable=package.source.editable)
        for package in closure.packages
        if isinstance(package.source, Directory)
    ]
    files = [f"file {path}" for path in files_without_hash(closure, job.root)]
    return tree_digests(job.workspace, [*trees, *files], job.outer)


def outdated(closure: Closure, before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the distributions in *closure* whose tree had another digest *before* than *now*."""
    return frozenset(
        package.name
        for package in closure.packages
        if isinstance(package.source, Directory)
        and before.get(name := tree_name(package.source.path, editable=package.source.editable), now[name]) != now[name]
    )


def with_wheels(
    closure: Closure, trees: Mapping[str, str], job: Job, interpreter: Interpreter, *, build: bool = True
) -> Closure:
    """Return *closure* with a wheel for each tree that is not installed in place.

    A wheel that is not there yet is built; without *build*, its tree stays as it is.
    """

    def built(package: Package) -> Package:
        match package.source:
            case Directory(path=path, editable=False):
                digest = trees[tree_name(path, editable=False)]
                wheel = _wheel(package.name, path, digest, job, interpreter, build=build)
                if wheel is None:
                    return package
                artifact = Artifact(wheel.name, hash=f"sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")
                return replace(package, source=Archive(wheel.as_posix()), wheels=(artifact,), sdist=None)
            case _:
                return package

    return closure.mapped(built)


def without_trees(closure: Closure) -> Closure:
    """Return *closure* without the trees that are still to be built."""

    def is_built(source: Source) -> bool:
        return not isinstance(source, Directory) or source.editable

    return replace(closure, entries=tuple(each for each in closure.entries if is_built(each.package.source)))


@contextmanager
def locked(paths: Iterable[str], shared: Path) -> Iterator[None]:
    """Hold the locks of the source trees at *paths*, in one order for everybody."""
    (shared / "locks").mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for path in sorted(set(paths)):
            name = hashlib.sha256(path.encode()).hexdigest()[:16]
            stack.enter_context(FileLock(shared / "locks" / f"{name}.lock"))
        yield


def _wheel(name: str, path: str, digest: str, job: Job, interpreter: Interpreter, *, build: bool) -> Path | None:
    folder = job.shared / "wheels" / name / interpreter.platform.abi / digest[:16]
    tree = absolute(job.root, path)
    with locked([tree], job.shared):
        if build and not any(folder.glob("*.whl")):
            _build(tree, folder, job)
            _prune(folder.parent, job.shared)
        return next(folder.glob("*.whl"), None)


def _build(tree: str, folder: Path, job: Job) -> None:
    """Build the wheel of *tree* into *folder*, which appears only when it is whole."""
    draft = folder.with_name(f"{folder.name}.draft")
    remove(draft, home=job.shared)
    if job.uv is not None:
        command = [job.uv, "build", "--quiet", "--wheel", *build_settings(job), "--python", str(job.python)]
        command += ["--out-dir", str(draft), tree]
    else:
        command = [str(job.python), "-m", "pip", "wheel", "--disable-pip-version-check", "--no-deps"]
        command += ["--wheel-dir", str(draft), tree]
    job.install(*command)
    if len([*draft.glob("*.whl")]) != 1:
        raise InstallError(job.label, "wsnox", hint=f"the build of `{tree}` gave no wheel")
    # What a killed run pruned in part.
    remove(folder, home=job.shared)
    draft.replace(folder)


def _prune(folder: Path, home: Path) -> None:
    kept = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime_ns, reverse=True)[:KEPT]
    for other in folder.iterdir():
        if other not in kept:
            with suppress(OSError):
                remove(other, home=home)
