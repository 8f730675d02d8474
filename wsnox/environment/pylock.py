"""A closure as a PEP 751 file: one entry a distribution, no markers left, equal closures giving equal bytes.

uv installs from it without resolving anything, and enforces its hashes. Relative paths of the lockfile become relative to
the file, or absolute. A lockfile has no hashes for the wheels of a local folder, and PEP 751 wants them.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
from functools import lru_cache
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from wsnox.errors import InstallError
from wsnox.files import read_regular
from wsnox.lock import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.toml_text import dumps
from wsnox.urls import absolute, file_url, is_url, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.closure import Closure
    from wsnox.lock import Artifact, Package

__all__ = ["artifact_location", "files_without_hash", "local_digests", "pylock"]


def pylock(
    closure: Closure,
    *,
    requires_python: str,
    root: str,
    digests: Mapping[str, str],
    base: str = "",
    environments: Sequence[str] = (),
    credentials: bool = False,
) -> bytes:
    """Return *closure* as the text of a ``pylock.toml``.

    *root* is the workspace's directory and *base* that of the file (POSIX, absolute); without *base*, paths are absolute.
    *digests* are the SHA-256 hashes of local files that the lockfile has none for, by absolute path. *environments* are
    markers, one of which must hold where the file is installed. URLs stand there without credentials unless *credentials*
    are asked for.
    """
    writer = _Writer(root, base, digests, credentials=credentials)
    document: dict[str, Any] = {"lock-version": "1.0", "created-by": "wsnox"}
    if environments:
        document["environments"] = list(environments)
    if requires_python:
        document["requires-python"] = requires_python
    return dumps(document, "packages", [writer.entry(package) for package in closure.packages]).encode()


class _Writer:
    """What every entry needs: where paths start, and the hashes that the lockfile lacks."""

    def __init__(self, root: str, base: str, digests: Mapping[str, str], *, credentials: bool) -> None:
        self._root, self._base, self._digests = root, base, digests
        self._credentials = credentials

    def entry(self, package: Package) -> dict[str, Any]:
        """Return the ``[[packages]]`` entry of *package*."""
        entry: dict[str, Any] = {"name": package.name}
        version = {"version": package.version} if package.version else {}
        match package.source:
            case Registry() as registry:
                return entry | {"version": package.version} | self._files(package, registry)
            case Directory(path=path, editable=editable):
                return entry | {"directory": {"path": self._path(path), "editable": editable}}
            case Archive(path=path):
                archive = {"path": self._path(path), **self._archive_hashes(package, absolute(self._root, path))}
                return entry | version | {"archive": archive}
            case Url(url=url, subdirectory=subdirectory):
                archive = {"url": self._url(url), **self._archive_hashes(package, "")}
                return entry | version | {"archive": archive | _optional("subdirectory", subdirectory)}
            case Git(url=url, commit=commit, subdirectory=subdirectory, requested=requested):
                vcs = {"type": "git", "url": self._url(url), **_optional("requested-revision", requested)}
                return entry | version | {"vcs": vcs | {"commit-id": commit} | _optional("subdirectory", subdirectory)}
            case Virtual():  # pragma: no cover - a closure's packages are those that are installed
                return entry

    def _files(self, package: Package, registry: Registry) -> dict[str, Any]:
        index = registry.location
        files: dict[str, Any] = {"index": self._url(index) if is_url(index) else file_url(absolute(self._root, index))}
        if package.sdist is not None:
            files["sdist"] = self._file(package.sdist, registry)
        if package.wheels:
            files["wheels"] = [self._file(wheel, registry) for wheel in package.wheels]
        return files

    def _file(self, artifact: Artifact, registry: Registry) -> dict[str, Any]:
        location = artifact_location(artifact, registry, self._root)
        address = {"url": self._url(location)} if is_url(location) else {"path": self._path(location)}
        size = {} if artifact.size is None else {"size": artifact.size}
        return {"name": artifact.filename, **address, **size, "hashes": self._hashes(artifact.hash, location)}

    def _archive_hashes(self, package: Package, location: str) -> dict[str, Any]:
        digest = package.files[0].hash if package.files else ""
        return {"hashes": self._hashes(digest, location)}

    def _hashes(self, digest: str, location: str) -> dict[str, str]:
        kind, _, value = (digest or self._digests.get(location, "")).partition(":")
        return {kind: value} if value else {}

    def _url(self, url: str) -> str:
        return url if self._credentials else without_credentials(url)

    def _path(self, path: str) -> str:
        path = absolute(self._root, path)
        # Nothing leads from one drive to another.
        reachable = self._base and PureWindowsPath(path).drive == PureWindowsPath(self._base).drive
        return posixpath.relpath(path, self._base) if reachable else path


def _optional(key: str, value: str) -> dict[str, str]:
    return {key: value} if value else {}


def artifact_location(artifact: Artifact, registry: Registry, root: str) -> str:
    """Return the URL or absolute path of an *artifact* of *registry*; its path is relative to the registry's."""
    if artifact.url:
        return artifact.url
    if is_url(artifact.path):
        return artifact.path
    if is_url(registry.location):
        return f"{registry.location.rstrip('/')}/{artifact.path}"
    return absolute(absolute(root, registry.location), artifact.path)


def local_digests(closure: Closure, root: str, *, needed: bool = True) -> dict[str, str]:
    """Return ``sha256:…`` by absolute path for every local file of *closure* whose hash the lockfile leaves out.

    Raise `InstallError` for one that cannot be read; where nothing is installed from them it is not *needed*, and left out.
    """
    files = files_without_hash(closure, root).items()
    return {path: f"sha256:{_sha256(path, name)}" for path, name in files if needed or Path(path).is_file()}


def _sha256(path: str, name: str) -> str:
    try:
        state = os.stat(path)  # noqa: PTH116 - text is quicker
        return _digest(path, (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    except OSError as error:
        hint = f"`{path}`, which the lockfile names for `{name}`, cannot be read ({error.strerror or error})"
        raise InstallError("the session", "wsnox", hint=hint) from error


# The sessions of a run install the same files. Where one is another by now in spite of its state, installers refuse it.
@lru_cache(maxsize=1024)
def _digest(path: str, state: tuple[int, ...]) -> str:
    """Return the digest of the file at *path*, as long as it has this *state*."""
    del state
    return hashlib.sha256(read_regular(path)).hexdigest()


def files_without_hash(closure: Closure, root: str) -> dict[str, str]:
    """Return the absolute paths of these files, each with the name of its package."""
    return {
        location: package.name
        for package in closure.packages
        if isinstance(package.source, Registry)
        for artifact in package.files
        if not artifact.hash and not is_url(location := artifact_location(artifact, package.source, root))
    }
