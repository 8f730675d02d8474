"""Where a package comes from: the kinds of ``source`` that uv writes, and how each is read."""

from __future__ import annotations

import posixpath
import re
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qs, urlsplit, urlunsplit

from wsnox._record import Record
from wsnox.lock.fields import MalformedField, string, text

__all__ = ["Archive", "Directory", "Git", "HashRule", "Registry", "Source", "Url", "Virtual", "read_source"]

HashRule = Literal["required", "forbidden", "optional"]
"""Whether a lockfile has hashes for what comes from a source (crates/uv-lock, ``Source::requires_hash``)."""


class Registry(Record):
    """An index at *location*: a URL, or a path relative to the lockfile."""

    location: str

    archive: ClassVar[str] = ""
    hash_rule: ClassVar[HashRule] = "optional"
    immutable: ClassVar[bool] = True
    kind: ClassVar[str] = "registry"

    def __str__(self) -> str:
        return ""


class Git(Record):
    """A repository at *url*, at *commit*; the tree in *subdirectory*, or the archive at *path* in it."""

    url: str
    commit: str
    subdirectory: str = ""
    path: str = ""
    lfs: bool = False
    requested: str = ""

    immutable: ClassVar[bool] = True
    kind: ClassVar[str] = "git"

    @property
    def archive(self) -> str:
        """The archive in the repository, empty for a source tree."""
        return self.path

    @property
    def hash_rule(self) -> HashRule:
        """A source tree has no hash."""
        return "optional" if self.path else "forbidden"

    def __str__(self) -> str:
        return f"git {self.url}@{self.commit[:7]}{_fragment(self.subdirectory)}"


class Url(Record):
    """An archive at *url*."""

    url: str
    subdirectory: str = ""

    hash_rule: ClassVar[HashRule] = "required"
    immutable: ClassVar[bool] = False
    kind: ClassVar[str] = "url"

    @property
    def archive(self) -> str:
        """The URL itself."""
        return self.url

    def __str__(self) -> str:
        return f"url {self.url}{_fragment(self.subdirectory)}"


class Archive(Record):
    """A local archive at *path*, relative to the lockfile unless absolute."""

    path: str

    hash_rule: ClassVar[HashRule] = "required"
    immutable: ClassVar[bool] = False
    kind: ClassVar[str] = "archive"

    @property
    def archive(self) -> str:
        """The path itself."""
        return self.path

    def __str__(self) -> str:
        return f"archive {self.path}"


class Directory(Record):
    """A source tree at *path*, installed in place where *editable*."""

    path: str
    editable: bool

    archive: ClassVar[str] = ""
    hash_rule: ClassVar[HashRule] = "forbidden"
    immutable: ClassVar[bool] = False

    @property
    def kind(self) -> str:
        """A tree that is installed in place is a kind of its own."""
        return "editable" if self.editable else "directory"

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


class Virtual(Record):
    """A source tree at *path* that is never built or installed; only its dependencies are."""

    path: str

    archive: ClassVar[str] = ""
    hash_rule: ClassVar[HashRule] = "forbidden"
    immutable: ClassVar[bool] = False
    kind: ClassVar[str] = "virtual"

    def __str__(self) -> str:
        return f"virtual {self.path}"


Source = Registry | Git | Url | Archive | Directory | Virtual
"""Each has a text for people (empty for a registry), and a *kind*.

It says where its *archive* is, so that artifacts need not repeat it, whether there are hashes (*hash_rule*), and whether
it is *immutable*: then its content stays the same as long as the lockfile does.
"""

_KEYS = ("registry", "git", "url", "path", "directory", "editable", "virtual")
_COMMIT = r"[0-9a-f]{40}|[0-9a-f]{64}"


def _fragment(subdirectory: str) -> str:
    return f"#{subdirectory}" if subdirectory else ""


def read_source(raw: dict[str, Any]) -> Source:
    """Return the source that the table *raw* describes; its key tells the kind."""
    for key in _KEYS:
        string(raw, key)
    match raw:
        case {"registry": str(location)}:
            return Registry(location)
        case {"git": str(url)}:
            return _read_git(url)
        case {"url": str(url)}:
            return Url(url, string(raw, "subdirectory") or "")
        case {"path": str(path)}:
            return Archive(_normal(path))
        case {"directory": str(path)}:
            return Directory(_normal(path), editable=False)
        case {"editable": str(path)}:
            return Directory(_normal(path), editable=True)
        case {"virtual": str(path)}:
            return Virtual(_normal(path))
        case _:
            raise MalformedField(f"unknown source kind {{{', '.join(raw)}}}")


def _normal(path: str) -> str:
    """Return *path* without a trailing slash, doubled slashes or steps that cancel each other."""
    return posixpath.normpath(path) if path else "."


def _read_git(url: str) -> Git:
    """Read ``URL?subdirectory=s&path=f&lfs=true&tag=t#COMMIT``; the fragment alone decides what is installed."""
    try:
        parts = urlsplit(url)
        query = {key: text(values[-1]) for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    except ValueError as error:
        raise MalformedField(f"`{url}` is not a URL ({error})") from None
    commit, rev = parts.fragment, query.get("rev", "")
    if not re.fullmatch(_COMMIT, commit):
        raise MalformedField(f"`{url}` does not end in a full commit")
    if re.fullmatch(_COMMIT, rev) and rev != commit:
        raise MalformedField(f"the commit of `{url}` contradicts its `rev`")
    return Git(
        url=urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        commit=commit,
        subdirectory=query.get("subdirectory", ""),
        path=query.get("path", ""),
        lfs=query.get("lfs") == "true",
        requested=rev or query.get("tag") or query.get("branch") or "",
    )
