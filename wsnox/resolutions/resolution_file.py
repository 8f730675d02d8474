"""The file of another resolution, as read: a PEP 751 file, with what wsnox knows of it in ``[tool.wsnox]``.

It becomes a `Lock` like ``uv.lock``, in which the members that it is for have edges to all that they bring: so closures
and chains come from it as from any other. An edge to a package has the marker of that package.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

import tomli

from wsnox._record import Record, field, replace
from wsnox.files import read_regular
from wsnox.lock import Archive, Artifact, Dependency, Directory, Git, Lock, Package, Registry, Requirement, Url, Virtual
from wsnox.resolution_errors import ResolutionFileError
from wsnox.urls import absolute, file_path, is_absolute
from wsnox.workspace.sessions import RESOLUTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from packaging import pylock

    from wsnox.workspace.model import Workspace
    from wsnox.workspace.sessions import SessionRun

__all__ = ["Facts", "ResolutionFile", "read_resolution", "unused_files"]

VERSION = 1
"""The version of the procedure: a file of another one is stale."""


class Facts(Record, kw_only=True):
    """What ``[tool.wsnox]`` of the file says: which *resolution* it is, of which *base*, the *requests* that it answers, and how near it came to them.

    *groups* are the direct dependencies of each group (``member:group``) and of each virtual member, by name. *floors* are
    the lowest versions of direct dependencies, *lifted* those of them that something else holds higher, with what, and
    *untested* those without a bound, *unreleased* members that stand for a release to come, *omitted* groups (``member:group``)
    that are for newer Pythons, with what says so. *unlike* are the versions in ``uv.lock`` of distributions that could not be kept. *cutoff* is ``exclude-newer`` of the run that resolved, *uv* its version.
    """

    resolution: str
    base: str
    requests: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    floors: Mapping[str, str]
    lifted: Mapping[str, str]
    untested: tuple[str, ...]
    unreleased: tuple[str, ...]
    uv: str
    omitted: Mapping[str, str] = field(default_factory=dict)
    unlike: Mapping[str, str] = field(default_factory=dict)
    cutoff: str = ""
    version: int = VERSION


class ResolutionFile(Record, kw_only=True):
    """A file as read: its *facts*, and its packages as a *lock*."""

    facts: Facts
    lock: Lock


def read_resolution(workspace: Workspace, path: str, title: str) -> ResolutionFile:
    """Return the file at *path* (from the root) for session *title*; raise `ResolutionFileError` if it is absent or broken."""
    from packaging.pylock import Pylock, PylockValidationError  # noqa: PLC0415 - few sessions read such a file

    try:
        content = tomli.loads(read_regular(workspace.root / path).decode())
        document = Pylock.from_dict(content)
        facts = _facts(content["tool"]["wsnox"])
    except FileNotFoundError:
        raise ResolutionFileError(path, "does not exist", title) from None
    except OSError as error:
        raise ResolutionFileError(path, f"cannot be read ({error.strerror or error})", title) from error
    except (KeyError, TypeError, AttributeError):
        raise ResolutionFileError(path, "has no `[tool.wsnox]` that wsnox wrote", title) from None
    except (ValueError, RecursionError, PylockValidationError) as error:
        raise ResolutionFileError(path, f"is not a lockfile of PEP 751: {error}", title) from error
    try:
        return ResolutionFile(facts=facts, lock=_lock(document, facts, workspace))
    except KeyError as error:
        raise ResolutionFileError(path, f"has no package {error} that another depends on", title) from error


def unused_files(root: Path, runs: Iterable[SessionRun]) -> list[str]:
    """Return the paths from *root* of the files that wsnox wrote for none of *runs*; what others wrote is theirs."""
    used = {run.resolution_file for run in runs}
    paths = (f"{RESOLUTIONS}/{file.name}" for file in sorted((root / RESOLUTIONS).glob("pylock.*.toml")))
    return [path for path in paths if path not in used and _is_ours(root / path)]


def _is_ours(file: Path) -> bool:
    try:
        return b"[tool.wsnox]" in read_regular(file)
    except OSError:
        return False


def _facts(table: Mapping[str, Any]) -> Facts:
    """Return what *table* says; raise `KeyError`, `TypeError` or `AttributeError` if wsnox did not write it."""

    def texts(values: Any) -> tuple[str, ...]:
        return tuple(map(str, list(values)))

    return Facts(
        version=int(table["version"]),
        resolution=str(table["resolution"]),
        base=str(table["base"]),
        requests=texts(table["requests"]),
        groups={str(part): texts(names) for part, names in table.get("groups", {}).items()},
        floors={str(name): str(version) for name, version in table.get("floors", {}).items()},
        lifted={str(name): str(why) for name, why in table.get("lifted", {}).items()},
        untested=texts(table.get("untested", ())),
        unreleased=texts(table.get("unreleased", ())),
        omitted={str(part): str(why) for part, why in table.get("omitted", {}).items()},
        unlike={str(name): str(version) for name, version in table.get("unlike", {}).items()},
        uv=str(table.get("uv", "")),
        cutoff=str(table.get("cutoff", "")),
    )


def _lock(document: pylock.Pylock, facts: Facts, workspace: Workspace) -> Lock:
    packages = [_package(entry, workspace) for entry in document.packages]
    indexes: dict[str, list[int]] = {}
    for index, package in enumerate(packages):
        indexes.setdefault(package.name, []).append(index)

    def edges(references: Iterable[Mapping[str, Any]]) -> tuple[Dependency, ...]:
        return tuple(
            Dependency(index, (), packages[index].markers[0] if packages[index].markers else "")
            for reference in references
            for index in indexes[reference["name"]]
            if reference.get("version") in (None, packages[index].version)
        )

    def named(names: Sequence[str]) -> tuple[Dependency, ...]:
        return edges({"name": name} for name in names)

    groups: dict[str, dict[str, tuple[Dependency, ...]]] = {}
    for part, names in facts.groups.items():
        owner, _, group = part.partition(":")
        groups.setdefault(owner, {})[group] = named(names)
    records = [
        replace(package, dependencies=edges(entry.dependencies or ()), groups=groups.get(package.name, {}))
        for package, entry in zip(packages, document.packages, strict=True)
    ]
    # A member that is not installed passes its dependencies on, and the root may have nothing but groups.
    for owner, parts in groups.items():
        if owner and owner not in indexes:
            member = workspace.named(owner)
            own = {group: targets for group, targets in parts.items() if group}
            records.append(Package(owner, None, Virtual(member.path), dependencies=parts.get("", ()), groups=own))
    return Lock(
        revision=0,
        requires_python=str(document.requires_python or ""),
        packages=tuple(records),
        partial=True,
        root_groups={
            group: tuple(Requirement(packages[edge.target].name) for edge in targets)
            for group, targets in groups.get("", {}).items()
        },
    )


def _package(entry: pylock.Package, workspace: Workspace) -> Package:
    """Return the package of *entry* without its edges, its paths relative to the root as in ``uv.lock``."""
    root = workspace.root.as_posix()

    def moved(path: str | None) -> str:
        # In the file they start at its folder.
        at = absolute(absolute(root, RESOLUTIONS), path or ".")
        return at if is_absolute(path or ".") else posixpath.relpath(at, root)

    def artifact(file: Any) -> Artifact:
        kind, digest = next(iter(sorted(file.hashes.items(), reverse=True)))
        name = getattr(file, "filename", "") or posixpath.basename(file.url or file.path)
        # A path is one from the folder that is the index.
        return Artifact(name, file.url or "", "" if file.url else name, f"{kind}:{digest}", file.size)

    member = workspace.member(entry.name) if entry.directory is not None else None
    version = str(entry.version) if entry.version else None
    if member is not None:
        version = member.manifest.declared.version
    markers = () if entry.marker is None else (str(entry.marker),)
    package = Package(entry.name, version, Registry(""), markers)
    if entry.directory is not None:
        return replace(package, source=Directory(moved(entry.directory.path), bool(entry.directory.editable)))
    if entry.vcs is not None:
        vcs = entry.vcs
        source = Git(vcs.url or "", vcs.commit_id, vcs.subdirectory or "", requested=vcs.requested_revision or "")
        return replace(package, source=source)
    if entry.archive is not None:
        archive = entry.archive
        source_of = Url(archive.url, archive.subdirectory or "") if archive.url else Archive(moved(archive.path))
        return replace(package, source=source_of, wheels=(artifact(archive),))
    wheels = tuple(map(artifact, entry.wheels or ()))
    sdist = None if entry.sdist is None else artifact(entry.sdist)
    files: tuple[Any, ...] = (*(entry.wheels or ()), *filter(None, [entry.sdist]))
    location = entry.index or posixpath.dirname(files[0].url or moved(files[0].path))
    folder = file_path(location)
    return replace(package, source=Registry(location if folder is None else folder), wheels=wheels, sdist=sdist)
