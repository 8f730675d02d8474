"""Compare what is installed with a closure: the same distributions, from the same files, and nothing besides.

The proof looks at name and version of every distribution, at its origin (index, directory and whether editable, URL with
hash, commit), whether the files that its RECORD names are complete, whether its scripts are present and for this Python,
and for strays in the site directories and beside the scripts. It does not look at the contents of files.

From which files a distribution was installed, an environment does not tell. A version may be locked with other files than
before: a release that was built again, another index, a local wheel that was replaced. Installers look at the version
alone and keep what they find. So the stamp remembers for each distribution

- the files that the lockfile offered the interpreter when it was installed, by hash: its wheels where one may fit and be
  taken, else its source distribution with the settings that decide how it is built, or the commit and folder of a
  repository;
- the digest of its RECORD, which names the hash of each of its files: who installs another by hand changes that;
- as part of the fingerprint of all directories, the state of its metadata, its files at the top and its scripts.

A distribution of which no such memory remains is in doubt, and installed again. Whether a source tree changed its digest
tells.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wsnox._record import Record
from wsnox.environment.inputs import build_inputs
from wsnox.environment.pylock import artifact_location
from wsnox.lock import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.markers.versions import same_version
from wsnox.text import printable_line
from wsnox.urls import absolute, file_path, without_credentials

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from wsnox.closure import Closure
    from wsnox.closure.compatibility import Compatibility
    from wsnox.environment.site_packages import Distribution, Installed
    from wsnox.lock import Package
    from wsnox.workspace.model import Workspace

__all__ = ["Difference", "Mismatch", "compare", "contents_of", "doubts_about", "offered_files"]


class Mismatch(NamedTuple):
    """A *package* of which not exactly what is locked is installed: its *copies* in the environment, and the *reason*."""

    package: Package
    copies: tuple[Distribution, ...]
    reason: str


class Difference(Record, kw_only=True):
    """How an environment differs from a closure: *extraneous* distributions, *wrong* ones, *missing* ones, and *strays*."""

    extraneous: tuple[Distribution, ...] = ()
    wrong: tuple[Mismatch, ...] = ()
    missing: tuple[Package, ...] = ()
    strays: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.extraneous or self.wrong or self.missing or self.strays)

    @property
    def to_install(self) -> tuple[Package, ...]:
        """The packages that are to be installed, or installed again."""
        return (*self.missing, *(mismatch.package for mismatch in self.wrong))

    def lines(self) -> list[str]:
        """Return a line for each difference, in the manner of a diff: ``+`` is there and must not be."""
        lines = (
            *(f"+ {distribution.name} {distribution.version}" for distribution in self.extraneous),
            *(f"- {package}" for package in self.missing),
            *(f"! {mismatch.package}: {mismatch.reason}" for mismatch in self.wrong),
            *(f"+ {path.name} in {path.parent.name}" for path in self.strays),
        )
        return [*map(printable_line, lines)]


def compare(
    closure: Closure,
    installed: Installed,
    *,
    root: str,
    keep: Collection[str],
    doubts: Mapping[str, str],
) -> Difference:
    """Return how *installed* differs from *closure*, for a workspace at *root*.

    Distributions whose names are in *keep* may be there although the closure has none: the installer itself. Those of
    which there are *doubts*, a reason by name, are wrong even if they look as locked.
    """
    by_name: dict[str, list[Distribution]] = {}
    for distribution in installed.distributions:
        by_name.setdefault(distribution.name, []).append(distribution)
    packages = {package.name: package for package in closure.packages}
    wrong, unsure = [], []
    for name, package in packages.items():
        if name in by_name:
            if reason := _why_wrong(package, by_name[name], root):
                wrong.append(Mismatch(package, tuple(by_name[name]), reason))
            elif name in doubts:
                unsure.append(Mismatch(package, tuple(by_name[name]), doubts[name]))
    return Difference(
        extraneous=tuple(
            distribution
            for name, distributions in by_name.items()
            if name not in packages and name not in keep
            for distribution in distributions
        ),
        wrong=(*wrong, *unsure),
        missing=tuple(package for name, package in packages.items() if name not in by_name),
        strays=installed.strays,
    )


def _why_wrong(package: Package, copies: list[Distribution], root: str) -> str:
    if len(copies) > 1:
        return f"installed {len(copies)} times ({', '.join(copy.version for copy in copies)})"
    (distribution,) = copies
    if distribution.legacy:
        return f"installed as `{distribution.metadata.name}`, without a record of its files"
    if distribution.flaw:
        return f"installed only in part: {distribution.flaw}"
    if package.version is not None and not same_version(distribution.version, package.version):
        return f"installed as {distribution.version}"
    return _wrong_origin(package, distribution, root)


def _wrong_origin(package: Package, distribution: Distribution, root: str) -> str:  # noqa: C901 - an arm a source
    """Return what is wrong with the origin that the installer wrote down (PEP 610), empty if nothing is."""
    origin = distribution.origin
    url = str(origin.get("url", ""))
    match package.source:
        case Registry():
            return f"installed from {url or 'an unknown place'}" if origin else ""
        case Directory(path=path, editable=editable):
            if not _is_same_path(file_path(url), absolute(root, path)):
                return f"installed from {url or 'an index'}"
            if bool(origin.get("dir_info", {}).get("editable", False)) != editable:
                return "not installed editable" if editable else "installed editable"
            return ""
        case Archive(path=path):
            if not _is_same_path(file_path(url), absolute(root, path)):
                return f"installed from {url or 'an index'}"
            return _wrong_hash(package, distribution)
        case Url(url=locked):
            # Installers write down no credentials.
            if without_credentials(url).partition("#")[0] != without_credentials(locked).partition("#")[0]:
                return f"installed from {url or 'an index'}"
            return _wrong_hash(package, distribution)
        case Git() as git:
            return _wrong_commit(git, distribution)
        case Virtual():  # pragma: no cover - a closure's packages are those that are installed
            return ""


def _wrong_commit(git: Git, distribution: Distribution) -> str:
    origin = distribution.origin
    commit = origin.get("vcs_info", {}).get("commit_id", "")
    if commit != git.commit:
        return f"installed from {origin.get('url') or 'an index'} at {commit or 'no commit'}"
    folder = str(origin.get("subdirectory") or "")
    is_same = posixpath.normpath(f"/{folder}") == posixpath.normpath(f"/{git.subdirectory}")
    return "" if is_same else f"installed from the folder `{folder or '.'}`"


def _wrong_hash(package: Package, distribution: Distribution) -> str:
    """Return what is wrong with the hash of the archive, which some installers write down."""
    info = distribution.origin.get("archive_info", {})
    hashes = info.get("hashes")
    installed = dict(hashes) if isinstance(hashes, dict) else {}
    kind, _, value = str(info.get("hash") or "").partition("=")
    installed.setdefault(kind, value)
    locked = (file.hash.partition(":") for file in package.files)
    differs = any(kind in installed and installed[kind] != digest for kind, _, digest in locked if digest)
    return "installed from a file of another hash" if differs else ""


def _is_same_path(installed: str | None, locked: str) -> bool:
    if installed is None:
        return False
    if installed == locked:
        return True
    try:
        if os.path.normcase(os.path.realpath(installed)) == os.path.normcase(os.path.realpath(locked)):
            return True
        # A file system may ignore case where `normcase` does not.
        return Path(installed).samefile(locked)
    except (OSError, ValueError):
        return False


# --- the files that distributions are from --------------------------------------------------------------------------


def offered_files(
    closure: Closure, compatibility: Compatibility, digests: Mapping[str, str], workspace: Workspace
) -> dict[str, str]:
    """Return, by the name of each package of *closure*, a digest of the files that the lockfile of *workspace* offers.

    *digests* are the hashes of local files that the lockfile has none for, by absolute path.
    """
    options, settings, root = workspace.build_options, build_inputs(workspace), workspace.root.as_posix()

    def facts(package: Package) -> Iterator[str]:
        source = package.source
        if isinstance(source, Directory):
            return
        wheels = () if options.no_binary(package.name) else compatibility.wheels_of(package)
        for file in wheels or ([] if package.sdist is None else [package.sdist]):
            if file.hash or not isinstance(source, Registry):
                yield file.hash
            else:
                # Where nobody knows its hash, its location tells it from others.
                location = artifact_location(file, source, root)
                yield digests.get(location) or without_credentials(location)
        match source:
            case Git(commit=commit, subdirectory=subdirectory, path=path, lfs=lfs):
                yield f"{commit} {subdirectory} {path} {lfs}"
            case Url(subdirectory=subdirectory):
                yield subdirectory
            case _:
                pass
        if not wheels:
            yield from settings

    return {package.name: _digest("\n".join(facts(package))) for package in closure.packages}


def contents_of(installed: Installed, offered: Mapping[str, str]) -> dict[str, str]:
    """Return digests of the contents of the distributions *installed* by name, as installed from the files *offered*."""
    return {
        distribution.name: _digest(f"{offered[distribution.name]} {distribution.owned.digest}")
        for distribution in installed.distributions
        if distribution.name in offered
    }


def doubts_about(installed: Installed, offered: Mapping[str, str], remembered: Mapping[str, str]) -> dict[str, str]:
    """Return, by name, why those *installed* may not be from the files *offered*, given the contents *remembered*."""
    changed = {distribution.name for distribution in installed.distributions if distribution.changed}
    doubts = {}
    for name, content in contents_of(installed, offered).items():
        if name not in remembered:
            doubts[name] = "nothing is remembered of what it was installed from"
        elif remembered[name] != content:
            doubts[name] = "installed from other files than are locked"
        elif name in changed:
            doubts[name] = "it changed since it was proven"
    return doubts


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
