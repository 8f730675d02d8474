"""Where a requirement comes from, in one text each, the same for manifests and lockfile.

Paths are relative to the root; URLs are without credentials and fragments.
"""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, quote, urlsplit, urlunsplit

from wsnox.markers.unreadable import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from wsnox.workspace.declarations import SourceEntry
    from wsnox.workspace.model import Member, Workspace

__all__ = [
    "ANYWHERE",
    "SOMEWHERE",
    "Kinds",
    "bare_url",
    "direct_origins",
    "git_origin",
    "git_origins",
    "known_among",
    "path_origins",
    "placed",
    "split_url",
    "url_origin",
]

ANYWHERE: frozenset[str] = frozenset()
"""The origins of a requirement of which wsnox cannot tell where it comes from."""

_NO_INDEX = "?"
SOMEWHERE = frozenset({_NO_INDEX})
"""The origins of a requirement that comes from no index; wsnox cannot tell more."""


def known_among(origins: frozenset[str], known: AbstractSet[str]) -> frozenset[str]:
    """Return the *known* origins that *origins* may be."""
    direct = {each for each in known if each and not each.startswith("index ")} if _NO_INDEX in origins else set()
    return (origins & known) | direct


class Kinds:
    """How uv locks each member of the *workspace* that it carries along."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @cached_property
    def _entries(self) -> Mapping[str, list[SourceEntry]]:
        """The workspace entries by name, the root's first, then each member's; a project's entry for itself is none."""
        found: dict[str, list[SourceEntry]] = {}
        for manifest in (self.workspace.manifest, *(member.manifest for member in self.workspace.members)):
            for name, entries in manifest.declared.sources.items():
                if name != manifest.name:
                    found.setdefault(name, []).extend(each for each in entries if each.kind == "workspace")
        return found

    def of(self, member: Member) -> str:
        """Return the kind of *member*: ``editable``, ``directory`` or ``virtual`` (crates/uv-workspace, ``workspace.rs``).

        A member without a build system is a package all the same where some source table names it as a workspace
        member; the last such entry also says whether it is editable.
        """
        asked, declared = self._entries.get(member.name), member.manifest.declared
        is_package = declared.package if declared.package is not None else declared.build_system or bool(asked)
        if not is_package:
            return "virtual"
        return "directory" if asked and asked[-1].editable is False else "editable"

    def origin(self, member: Member) -> str:
        """Return the origin of *member*."""
        return f"{self.of(member)} {placed(self.workspace, member.path)}"


def placed(workspace: Workspace, path: str) -> str:
    """Return the *path*, relative to the root unless absolute, relative to the root and without detours."""
    root = workspace.root.as_posix()
    return posixpath.relpath(posixpath.join(root, path.replace("\\", "/")), root)


def path_origins(workspace: Workspace, entry: SourceEntry, directory: str) -> frozenset[str]:
    """Return what a path may be: whether it is an archive, or not a package, only the file system tells."""
    path = placed(workspace, posixpath.join(directory, entry.value.replace("\\", "/")))
    if entry.editable:
        return frozenset({f"editable {path}"})
    kinds = {True: ("directory",), False: ("virtual", "path"), None: ("directory", "virtual", "path")}
    return frozenset(f"{kind} {path}" for kind in kinds[entry.package])


def direct_origins(url: str) -> frozenset[str]:
    """Return the origin of a requirement's own *url* (PEP 508), in which uv fills in variables."""
    if "${" in url:
        return SOMEWHERE
    scheme, _, rest = url.partition("://")
    parts = split_url(url)
    subdirectory = parse_qs(parts.fragment).get("subdirectory", [""])[0]
    if scheme.startswith("git+") and rest:
        path, _, reference = parts.path.rpartition("@")
        plain = urlunsplit((scheme.removeprefix("git+"), parts.netloc, path or parts.path, "", ""))
        reference = f"rev={reference}" if path else ""
        return frozenset(git_origin(plain, reference, subdirectory, lfs=lfs) for lfs in (True, False))
    return frozenset({url_origin(url, subdirectory)}) if scheme in ("http", "https") else SOMEWHERE


def git_origins(entry: SourceEntry) -> frozenset[str]:
    """Return the origins that a git *entry* may name: where it does not say, a variable tells whether LFS is on."""
    return frozenset(
        git_origin(entry.value, entry.reference, entry.subdirectory, file=entry.file, lfs=lfs)
        for lfs in ((True, False) if entry.lfs is None else (entry.lfs,))
    )


def git_origin(url: str, reference: str, subdirectory: str, *, file: str = "", lfs: bool = False) -> str:
    """Return the origin of a repository at *url*."""
    more = [reference, f"subdirectory={_components(subdirectory)}" if subdirectory else ""]
    more += [f"path={_components(file)}" if file else "", "lfs" if lfs else ""]
    return " ".join(["git", bare_url(url).partition("?")[0], *filter(None, more)])


def url_origin(url: str, subdirectory: str) -> str:
    """Return the origin of an archive at *url*."""
    return f"url {bare_url(url)}{f' subdirectory={_components(subdirectory)}' if subdirectory else ''}"


def bare_url(url: str) -> str:
    """Return *url* without credentials and fragment, spelled as in lockfiles (the URL Standard; uv's `url`)."""
    parts = split_url(url.removeprefix("git+"))
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(_PORTS.get(parts.scheme, " "))
    return urlunsplit((parts.scheme, host, quote(parts.path, safe=_SAFE), quote(parts.query, safe=_SAFE), ""))


_PORTS = {"http": ":80", "https": ":443"}
_SAFE = "!$%&'()*+,-./:;=?@[\\]^_|~"


def split_url(url: str) -> SplitResult:
    """Return the parts of *url*; raise `Unreadable` where it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        raise Unreadable(url, "URL") from None


def _components(path: str) -> str:
    """Return *path* without slashes too many and dots in its middle: by the rest uv compares it (Rust's ``Path``)."""
    parts = path.replace("\\", "/").split("/")
    return "/".join(part for place, part in enumerate(parts) if not place or part not in ("", "."))
