"""Compare what is installed with a closure: the same distributions, from the same places, and nothing besides.

What the proof looks at: name and version of every distribution, its origin (index, directory and whether editable, URL
with hash, commit), whether the files are there that its RECORD names, whether its scripts are there and for this Python,
and what lies in the site directories and beside the scripts that belongs to none. What it does not look at: the contents
of the files.
"""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from wsnox._record import Record
from wsnox.environment.locations import absolute
from wsnox.lock.fields import same_version
from wsnox.lock.model import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.text import printable_line
from wsnox.urls import without_credentials

if TYPE_CHECKING:
    from collections.abc import Collection

    from wsnox.closure import Closure
    from wsnox.environment.site_packages import Distribution, Installed
    from wsnox.lock import Package

__all__ = ["Difference", "compare"]


class Difference(Record, kw_only=True):
    """How an environment differs from a closure: what is too many, what is wrong and why, what is missing, what strays."""

    extraneous: tuple[Distribution, ...] = ()
    wrong: tuple[tuple[Package, tuple[Distribution, ...], str], ...] = ()
    missing: tuple[Package, ...] = ()
    strays: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.extraneous or self.wrong or self.missing or self.strays)

    @property
    def wanting(self) -> tuple[Package, ...]:
        """The packages that are to be installed, or installed again."""
        return (*self.missing, *(package for package, _, _ in self.wrong))

    def lines(self) -> list[str]:
        """Return a line for each difference, in the manner of a diff: ``+`` is there and must not be."""
        lines = (
            *(f"+ {found.name} {found.version}" for found in self.extraneous),
            *(f"- {package}" for package in self.missing),
            *(f"! {package}: {why}" for package, _, why in self.wrong),
            *(f"+ {path.name} in {path.parent.name}" for path in self.strays),
        )
        return [*map(printable_line, lines)]


def compare(closure: Closure, installed: Installed, *, root: str, keep: Collection[str] = ()) -> Difference:
    """Return how *installed* differs from *closure*, for a workspace at *root*.

    Distributions whose names are in *keep* may be there although the closure has none: the installer itself.
    """
    by_name: dict[str, list[Distribution]] = {}
    for distribution in installed.distributions:
        by_name.setdefault(distribution.name, []).append(distribution)
    wanted = {package.name: package for package in closure.packages}
    extraneous = [
        found for name, all_found in by_name.items() if name not in wanted and name not in keep for found in all_found
    ]
    wrong = [
        (package, tuple(by_name[name]), why)
        for name, package in wanted.items()
        if name in by_name and (why := _why_wrong(package, by_name[name], root))
    ]
    return Difference(
        extraneous=tuple(extraneous),
        wrong=tuple(wrong),
        missing=tuple(package for name, package in wanted.items() if name not in by_name),
        strays=installed.strays,
    )


def _why_wrong(package: Package, found: list[Distribution], root: str) -> str:
    if len(found) > 1:
        return f"installed {len(found)} times ({', '.join(each.version for each in found)})"
    one = found[0]
    if one.legacy:
        return f"installed as `{one.place.name}`, without a record of its files"
    if one.flaw:
        return f"installed only in part: {one.flaw}"
    if package.version is not None and not same_version(one.version, package.version):
        return f"installed as {one.version}"
    return _wrong_origin(package, one, root)


def _wrong_origin(package: Package, one: Distribution, root: str) -> str:
    url = str(one.origin.get("url", ""))
    match package.source:
        case Registry():
            return f"installed from {url or 'an unknown place'}" if one.origin else ""
        case Directory(path=path, editable=editable):
            return _wrong_tree(one, absolute(root, path), editable=editable)
        case Archive(path=path):
            if not _same(_file(url), absolute(root, path)):
                return f"installed from {url or 'an index'}"
            return _wrong_hash(package, one)
        case Url(url=wanted):
            # Installers write down no credentials.
            if without_credentials(url).partition("#")[0] != without_credentials(wanted).partition("#")[0]:
                return f"installed from {url or 'an index'}"
            return _wrong_hash(package, one)
        case Git() as git:
            commit = one.origin.get("vcs_info", {}).get("commit_id", "")
            if commit != git.commit:
                return f"installed from {url or 'an index'} at {commit or 'no commit'}"
            return _wrong_folder(one, git.subdirectory)
        case Virtual():  # pragma: no cover - a closure's packages are those that are installed
            return ""


def _wrong_folder(one: Distribution, wanted: str) -> str:
    found = str(one.origin.get("subdirectory") or "")
    same = posixpath.normpath(f"/{found}") == posixpath.normpath(f"/{wanted}")
    return "" if same else f"installed from the folder `{found or '.'}`"


def _wrong_hash(package: Package, one: Distribution) -> str:
    """Return what is wrong with the hash that an installer wrote down (PEP 610), which some do."""
    info = one.origin.get("archive_info", {})
    hashes = info.get("hashes")
    found = dict(hashes) if isinstance(hashes, dict) else {}
    kind, _, value = str(info.get("hash") or "").partition("=")
    found.setdefault(kind, value)
    locked = (file.hash.partition(":") for file in (*package.wheels, *([package.sdist] if package.sdist else [])))
    others = any(kind in found and found[kind] != wanted for kind, _, wanted in locked if wanted)
    return "installed from a file of another hash" if others else ""


def _wrong_tree(one: Distribution, wanted: str, *, editable: bool) -> str:
    found = _file(str(one.origin.get("url", "")))
    if not _same(found, wanted):
        return f"installed from {one.origin.get('url') or 'an index'}"
    is_editable = bool(one.origin.get("dir_info", {}).get("editable", False))
    if is_editable != editable:
        return "installed editable" if is_editable else "not installed editable"
    return ""


def _same(found: str | None, wanted: str) -> bool:
    if found is None:
        return False
    if found == wanted:
        return True
    try:
        if os.path.normcase(os.path.realpath(found)) == os.path.normcase(os.path.realpath(wanted)):
            return True
        # A file system may ignore case where `normcase` does not.
        return Path(found).samefile(wanted)
    except (OSError, ValueError):
        return False


def _file(url: str) -> str | None:
    """Return the path of a ``file:`` *url* as POSIX text, `None` for another."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    # The host of a share on Windows.
    host = parts.netloc.removeprefix("localhost")
    path = f"//{host}{unquote(parts.path)}" if host else unquote(parts.path)
    return path[1:] if path[2:3] == ":" else path.rstrip("/") or "/"
