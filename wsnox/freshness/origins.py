"""Where a requirement comes from, as one text that manifests and lockfile share.

Paths are relative to the root; URLs are without credentials and fragments, spelled as in lockfiles (the URL Standard; uv's
`url`). A manifest may leave open which of several origins it means, where only the file system or a variable tells.
"""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit, urlunsplit

from wsnox.markers.points import Unreadable
from wsnox.urls import is_absolute

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from wsnox.lock import RequirementSource
    from wsnox.workspace.declarations import SourceEntry
    from wsnox.workspace.model import Member, Workspace

__all__ = [
    "ANYWHERE",
    "SOMEWHERE",
    "MemberKinds",
    "among",
    "direct_origins",
    "git_origins",
    "index_url",
    "locked_origin",
    "path_origins",
    "relative",
    "url_origin",
]

ANYWHERE: frozenset[str] = frozenset()
"""The origins of a requirement of which wsnox cannot tell where it comes from."""

_NO_INDEX = "?"
SOMEWHERE = frozenset({_NO_INDEX})
"""The origins of a requirement that comes from no index; wsnox cannot tell more."""


def among(origins: frozenset[str], candidates: AbstractSet[str]) -> frozenset[str]:
    """Return those of the *candidates* that *origins* may be."""
    if _NO_INDEX not in origins:
        return origins & candidates
    return (origins & candidates) | {origin for origin in candidates if origin and not origin.startswith("index ")}


class MemberKinds:
    """How uv locks each member of *workspace*."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        # The workspace entries by name, the root's first, then each member's; a project's entry for itself is none.
        self._entries: dict[str, list[SourceEntry]] = {}
        for manifest in (workspace.manifest, *(member.manifest for member in workspace.members)):
            for name, entries in manifest.declared.sources.items():
                if name != manifest.name:
                    of_workspace = (entry for entry in entries if entry.kind == "workspace")
                    self._entries.setdefault(name, []).extend(of_workspace)

    def of(self, member: Member) -> str:
        """Return the kind of *member*: ``editable``, ``directory`` or ``virtual`` (crates/uv-workspace, ``workspace.rs``).

        A member without a build system is a package all the same where some source table names it as a workspace
        member; the last such entry also says whether it is editable.
        """
        entries, declared = self._entries.get(member.name), member.manifest.declared
        is_package = declared.package if declared.package is not None else declared.build_system or bool(entries)
        if not is_package:
            return "virtual"
        return "directory" if entries and entries[-1].editable is False else "editable"

    def origin(self, member: Member) -> str:
        """Return the origin of *member*."""
        return f"{self.of(member)} {relative(self._workspace, member.path)}"


def locked_origin(workspace: Workspace, source: RequirementSource | None) -> str:
    """Return the origin of a requirement that the lockfile has from *source*, the empty text for any index."""
    if source is None:
        return ""
    match source.kind:
        case "git":
            parts = parse_qs(_split(source.location).query, keep_blank_values=True)
            query = {key: values[-1] for key, values in parts.items()}
            reference = next((f"{key}={query[key]}" for key in ("rev", "tag", "branch") if key in query), "")
            lfs = query.get("lfs", "").lower() == "true"
            return _git(source.location, reference, query.get("subdirectory", ""), query.get("path", ""), lfs=lfs)
        case "url":
            return url_origin(source.location, source.subdirectory)
        case "index":
            item = source.conflict
            return f"index {index_url(source.location, workspace.root)}{f' for {item.package}:{item.name}' if item else ''}"
        case "path" | "directory" | "editable" | "virtual":
            return f"{source.kind} {relative(workspace, source.location)}"


def path_origins(workspace: Workspace, entry: SourceEntry, directory: str) -> frozenset[str]:
    """Return what a path may be: whether it is an archive, or not a package, only the file system tells."""
    path = relative(workspace, posixpath.join(directory, entry.value.replace("\\", "/")))
    if entry.editable:
        return frozenset({f"editable {path}"})
    kinds = {True: ("directory",), False: ("virtual", "path"), None: ("directory", "virtual", "path")}
    return frozenset(f"{kind} {path}" for kind in kinds[entry.package])


def git_origins(entry: SourceEntry) -> frozenset[str]:
    """Return the origins that a git *entry* may name: where it does not say, a variable tells whether LFS is on."""
    settings = (True, False) if entry.lfs is None else (entry.lfs,)
    return frozenset(_git(entry.value, entry.reference, entry.subdirectory, entry.file, lfs=lfs) for lfs in settings)


def direct_origins(workspace: Workspace, url: str) -> frozenset[str]:
    """Return the origins of a requirement's own *url* (PEP 508), in which uv fills in variables.

    It may be a path, too; raise `Unreadable` for a relative one, which uv refuses.
    """
    if "${" in url:
        return SOMEWHERE
    scheme, _, rest = url.partition("://")
    parts = _split(url)
    subdirectory = parse_qs(parts.fragment).get("subdirectory", [""])[0]
    if scheme.startswith("git+") and rest:
        path, _, revision = parts.path.rpartition("@")
        repository = urlunsplit((scheme, parts.netloc, path or parts.path, "", ""))
        reference = f"rev={revision}" if path else ""
        return frozenset(_git(repository, reference, subdirectory, lfs=lfs) for lfs in (True, False))
    if scheme in ("http", "https"):
        return frozenset({url_origin(url, subdirectory)})
    # A ``file:`` URL, or the path in its place (crates/uv-pep508, ``verbatim_url.rs``).
    local = url.partition("#")[0]
    if local.startswith("file:"):
        local = unquote(re.sub(r"file:(//(localhost(?=/))?)?(/(?=[A-Za-z]:))?", "", local))
    if not is_absolute(local):
        raise Unreadable(url, "URL or absolute path")
    path = relative(workspace, local)
    return frozenset({f"directory {path}", f"path {path}"})


def _git(url: str, reference: str, subdirectory: str, file: str = "", *, lfs: bool) -> str:
    parts = [f"{key}={_components(path)}" for key, path in (("subdirectory", subdirectory), ("path", file)) if path]
    return " ".join(filter(None, ["git", _spelled(url).partition("?")[0], reference, *parts, "lfs" if lfs else ""]))


def url_origin(url: str, subdirectory: str) -> str:
    """Return the origin of an archive at *url*."""
    return f"url {_spelled(url)}{f' subdirectory={_components(subdirectory)}' if subdirectory else ''}"


def relative(workspace: Workspace, path: str) -> str:
    """Return the *path*, relative to the root unless absolute, relative to the root and without detours."""
    root = workspace.root.as_posix()
    return posixpath.relpath(posixpath.join(root, path.replace("\\", "/")), root)


def _components(path: str) -> str:
    """Return *path* without slashes too many and dots in its middle: by the rest uv compares it (Rust's ``Path``)."""
    parts = path.replace("\\", "/").split("/")
    return "/".join(part for position, part in enumerate(parts) if not position or part not in ("", "."))


# --- URLs ----------------------------------------------------------------------------------------------------------------


def index_url(text: str, base: Path) -> str:
    """Return the URL of the index that *text* names by a URL or by a path relative to *base*."""
    if "://" in text and not text.startswith("file://"):
        return _spelled(text)
    path = unquote(urlsplit(text).path) if "://" in text else posixpath.join(base.as_posix(), text.replace("\\", "/"))
    return f"file://{posixpath.normpath(path)}"


_PORTS = {"http": "80", "https": "443", "ftp": "21"}
"""The schemes of the web, in which more is the same, and their own ports."""

_SAFE = "!$%&'()*+,-./:;=?@[\\]^_|~"


def _spelled(url: str) -> str:
    """Return *url* without credentials and fragment, and spelled as in lockfiles."""
    parts = _split(url.removeprefix("git+").partition("#")[0])
    user, _, address = parts.netloc.rpartition("@")
    host, port = re.fullmatch(r"(.*?)(?::([0-9]*))?", address, re.DOTALL).groups()  # type: ignore[union-attr] # matches any text
    path, query = parts.path, quote(parts.query, safe=_SAFE)
    if parts.scheme in _PORTS:
        path, query = path.replace("\\", "/") or "/", query.replace("'", "%27")
        host = host.lower()
        with suppress(UnicodeError):
            host = host if host.isascii() else host.encode("idna").decode()
    port = (port.lstrip("0") or "0") if port else ""
    port = f":{port}" if port and port != _PORTS.get(parts.scheme) else ""
    # That user is no credential.
    user = "git@" if user == "git" and parts.scheme == "ssh" else ""
    query = f"?{query}" if "?" in url.partition("#")[0] else ""
    return f"{parts.scheme}://{user}{host}{port}{quote(_without_dots(path), safe=_SAFE)}{query}"


def _without_dots(path: str) -> str:
    """Return the *path* of a URL without the segments ``.`` and ``..``, one at its end leaving the slash before it."""
    kept: list[str] = []
    dots = ""
    for segment in path.split("/"):
        dots = segment.replace("%2e", ".").replace("%2E", ".")
        if dots == "..":
            del kept[max(1, len(kept) - 1) :]
        elif dots != ".":
            kept.append(segment)
    if dots in (".", ".."):
        kept.append("")
    return "/".join(kept)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise Unreadable(url, "URL") from None
