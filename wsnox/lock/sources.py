"""The ``source`` of a package: six kinds, each known by its key; another key is a kind that wsnox does not know."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from wsnox.lock.records import Archive, Directory, Git, Registry, Url, Virtual
from wsnox.lock.wire import Broken, string, text

if TYPE_CHECKING:
    from wsnox.lock.records import Source

__all__ = ["read_source"]

_KINDS = ("registry", "git", "url", "path", "directory", "editable", "virtual")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def read_source(raw: dict[str, Any], where: str) -> Source:
    """Return the source that the table *raw* describes."""
    for kind in _KINDS:
        string(raw, kind, where)
    match raw:
        case {"registry": str(location)}:
            return Registry(location)
        case {"git": str(url)}:
            return _git(url, where)
        case {"url": str(url)}:
            return Url(url, string(raw, "subdirectory", where) or "")
        case {"path": str(path)}:
            return Archive(_clean(path))
        case {"directory": str(path)}:
            return Directory(_clean(path), editable=False)
        case {"editable": str(path)}:
            return Directory(_clean(path), editable=True)
        case {"virtual": str(path)}:
            return Virtual(_clean(path))
        case _:
            raise Broken(f"unknown source kind {{{', '.join(raw)}}}", where)


def _clean(path: str) -> str:
    """Return *path* without a trailing slash, doubled slashes or steps that cancel each other."""
    return posixpath.normpath(path) if path else "."


def _git(told: str, where: str) -> Git:
    """Read ``URL?subdirectory=s&path=f&lfs=true&tag=t#COMMIT``; the fragment alone decides what is installed."""
    try:
        parts = urlsplit(told)
        query = {key: text(values[-1], where) for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    except ValueError as error:
        raise Broken(f"`{told}` is not a URL ({error})", where) from None
    commit = parts.fragment
    if not _COMMIT.fullmatch(commit):
        raise Broken(f"`{told}` does not end in a full commit", where)
    rev = query.get("rev", "")
    if _COMMIT.fullmatch(rev) and rev != commit:
        raise Broken(f"the commit of `{told}` contradicts its `rev`", where)
    return Git(
        url=urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        commit=commit,
        subdirectory=query.get("subdirectory", ""),
        path=query.get("path", ""),
        lfs=query.get("lfs") == "true",
        requested=rev or query.get("tag") or query.get("branch") or "",
    )
