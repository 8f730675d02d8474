"""A closure as a PEP 751 file: one entry a distribution, no markers left, equal closures giving equal bytes.

uv installs from it without resolving anything, and enforces its hashes. Relative paths of the lockfile are made
relative to *base*, or absolute where there is none.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wsnox.environment.locations import absolute, artifact_location, is_url
from wsnox.errors import InstallError
from wsnox.files import read_regular
from wsnox.lock.model import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.urls import without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.closure import Closure
    from wsnox.lock import Artifact, Package

__all__ = ["dumps", "files_without_hash", "local_digests", "pylock"]

# --- Write TOML quickly: the plan of a cold session names thousands of files ---


_scalar = json.JSONEncoder(ensure_ascii=False).encode


def dumps(document: Mapping[str, Any], name: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """Return the TOML text of *document*, and of *tables* as the array of tables called *name*.

    Keys are bare keys; values are strings, integers, booleans, lists, and dictionaries with such keys.
    """
    lines = [*_pairs(document), *([] if tables else [f"{name} = []"])]
    for table in tables:
        lines += ["", f"[[{name}]]", *_pairs(table)]
    return "\n".join([*lines, ""]).replace("\x7f", "\\u007f")


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(_pairs(value))} }}" if value else "{}"
    if isinstance(value, list):
        # One a line, as in a lockfile of uv.
        return "".join(["[\n", *(f"    {_value(each)},\n" for each in value), "]"])
    return _scalar(value)


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

    *root* is the workspace's directory and *base* that of the file (POSIX, absolute). *digests* are the SHA-256 hashes
    of local files that the lockfile has none for, by absolute path. *environments* are markers, one of which must hold
    where the file is installed. URLs stand there without credentials unless *credentials* are asked for.
    """
    writer = _Writer(root, base, digests, credentials=credentials)
    document: dict[str, Any] = {"lock-version": "1.0", "created-by": "wsnox"}
    if environments:
        document["environments"] = list(environments)
    if requires_python:
        document["requires-python"] = requires_python
    return dumps(document, "packages", [writer.entry(package) for package in closure.packages]).encode()


class _Writer:
    """What every entry needs to know: where paths start, and the hashes that the lockfile lacks."""

    def __init__(self, root: str, base: str, digests: Mapping[str, str], *, credentials: bool) -> None:
        self.root, self.base, self.digests = root, base, digests
        self._credentials = credentials

    def entry(self, package: Package) -> dict[str, Any]:
        """Return the ``[[packages]]`` entry of *package*."""
        entry: dict[str, Any] = {"name": package.name}
        match package.source:
            case Registry() as registry:
                return entry | {"version": package.version} | self._files(package, registry)
            case Directory(path=path, editable=editable):
                return entry | {"directory": {"path": self._path(path), "editable": editable}}
            case Archive(path=path):
                return (
                    entry | _version(package) | {"archive": {"path": self._path(path)} | self._own_hash(package, path)}
                )
            case Url(url=url, subdirectory=subdirectory):
                archive = {
                    "url": self._url(url),
                    **self._own_hash(package, ""),
                    **_optional("subdirectory", subdirectory),
                }
                return entry | _version(package) | {"archive": archive}
            case Git() as git:
                return entry | _version(package) | {"vcs": _vcs(git, self._url(git.url))}
            case Virtual():  # pragma: no cover - a closure's packages are those that are installed
                return entry

    def _files(self, package: Package, registry: Registry) -> dict[str, Any]:
        index = registry.location
        files: dict[str, Any] = {"index": self._url(index) if is_url(index) else _file_url(absolute(self.root, index))}
        if package.sdist is not None:
            files["sdist"] = self._file(package.sdist, registry)
        if package.wheels:
            files["wheels"] = [self._file(wheel, registry) for wheel in package.wheels]
        return files

    def _file(self, artifact: Artifact, registry: Registry) -> dict[str, Any]:
        place = artifact_location(artifact, registry, self.root)
        found = {"url": self._url(place)} if is_url(place) else {"path": self._path(place)}
        size = {} if artifact.size is None else {"size": artifact.size}
        return {"name": artifact.filename, **found, **size, "hashes": self._hashes(artifact.hash, place)}

    def _own_hash(self, package: Package, path: str) -> dict[str, Any]:
        artifact = package.wheels[0] if package.wheels else package.sdist
        place = absolute(self.root, path) if path else ""
        return {"hashes": self._hashes(artifact.hash if artifact else "", place)}

    def _hashes(self, digest: str, place: str) -> dict[str, str]:
        kind, _, value = (digest or self.digests.get(place, "")).partition(":")
        return {kind: value} if value else {}

    def _url(self, url: str) -> str:
        return url if self._credentials else without_credentials(url)

    def _path(self, path: str) -> str:
        place = absolute(self.root, path)
        # Nothing leads from one drive to another.
        reachable = self.base and PureWindowsPath(place).drive == PureWindowsPath(self.base).drive
        return posixpath.relpath(place, self.base) if reachable else place


def _version(package: Package) -> dict[str, str]:
    return {"version": package.version} if package.version else {}


def _optional(key: str, value: str) -> dict[str, str]:
    return {key: value} if value else {}


def _vcs(git: Git, url: str) -> dict[str, str]:
    return {
        "type": "git",
        "url": url,
        **_optional("requested-revision", git.requested),
        "commit-id": git.commit,
        **_optional("subdirectory", git.subdirectory),
    }


def _file_url(path: str) -> str:
    drive = re.match(r"[A-Za-z]:/", path)
    return f"file://{'/' if drive else ''}{quote(path, safe='/:')}"


# --- SHA-256 hashes of local files: a lockfile has none for the wheels of a local folder, and PEP 751 wan ---


def local_digests(closure: Closure, root: str, *, needed: bool = True) -> dict[str, str]:
    """Return ``sha256:…`` by absolute path for every local file of *closure* whose hash the lockfile leaves out.

    Raise `InstallError` for one that cannot be read; where nothing is installed from them it is not *needed*, and left out.
    """
    files = files_without_hash(closure, root).items()
    return {place: f"sha256:{_sha256(Path(place), name)}" for place, name in files if needed or Path(place).is_file()}


def files_without_hash(closure: Closure, root: str) -> dict[str, str]:
    """Return the absolute paths of these files, each with the name of its package."""
    return {
        place: package.name
        for package in closure.packages
        if isinstance(package.source, Registry)
        for artifact in (*package.wheels, *([package.sdist] if package.sdist else []))
        if not artifact.hash and not is_url(place := artifact_location(artifact, package.source, root))
    }


def _sha256(path: Path, name: str) -> str:
    try:
        return hashlib.sha256(read_regular(path)).hexdigest()
    except OSError as error:
        hint = f"`{path}`, which the lockfile names for `{name}`, cannot be read ({error.strerror or error})"
        raise InstallError("the session", "wsnox", hint=hint) from error
