"""That what is locked comes from an index that the project still has.

uv looks at the members and at what they depend on directly (crates/uv-lock, ``Lock::satisfies``), and only where any
index is configured. Its own default is one of the indexes unless another is the default; a mirror may stand in its place,
so that one URL which nobody names is taken for it.
"""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from wsnox.lock.model import Git, Registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from wsnox.lock.model import Lock, Package
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.uv_settings import Layer, UvSettings

__all__ = ["gone_registries", "index_location"]

# No file of wsnox names the host of a registry: this is the SHA-256 digest of the URL.
_DEFAULT = "5a06749b2297be54ac5699f6f2761716adc5001a2d5f8b915ab2172922dd5706"


class _Index(NamedTuple):
    name: object
    location: str
    default: bool = False


def gone_registries(workspace: Workspace, lock: Lock, settings: UvSettings) -> Iterator[str]:
    """Yield the registries in *lock* that none of the indexes in *settings* is, with what is locked from them."""
    project = [index for layer in settings.layers if layer.project for index in _indexes(layer)]
    closed = any(layer.values.get("no-index") is True for layer in settings.layers if layer.project)
    if not project and not closed:
        return
    found = {index.location for index in _counting(project)}
    default = any(index.default for index in project)
    # Where this machine alone looks, somebody may have locked from.
    others = (index for layer in settings.layers if not layer.project for index in _indexes(layer))
    found.update(index.location for index in others if not (index.default and default))
    visited = [*_visited(workspace, lock)]
    found.update(index_location(url, workspace.root) for url in _named(visited, lock))
    gone: dict[str, list[str]] = {}
    for package in visited:
        source = package.source
        if isinstance(source, Registry) and index_location(source.location, workspace.root) not in found:
            gone.setdefault(source.location, []).append(f"`{package.name}`")
    if not closed and not default:
        gone.pop(_own(gone), None)
    for location, names in sorted(gone.items()):
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"{', '.join(sorted(names)[:3])}{more}: locked from `{location}`, which is none of the configured indexes"


def _own(unknown: Iterable[str]) -> str:
    """Return which of the *unknown* registries is uv's own default index, or a mirror that stands in its place."""
    urls = [url for url in unknown if "://" in url and not url.startswith("file:")]
    return next((url for url in urls if _is_default(url)), urls[0] if len(urls) == 1 else "")


def index_location(text: str, base: Path) -> str:
    """Return the URL or absolute path that *text* names an index by; a path is relative to *base*."""
    if text.startswith("file://"):
        return posixpath.normpath(unquote(urlsplit(text).path))
    if "://" not in text:
        return posixpath.normpath(posixpath.join(base.as_posix(), text.replace("\\", "/")))
    parts = urlsplit(text)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2].lower(), parts.path, parts.query, parts.fragment))


def _is_default(location: str) -> bool:
    return hashlib.sha256(location.rstrip("/").encode()).hexdigest() == _DEFAULT


def _indexes(layer: Layer) -> Iterator[_Index]:
    """Yield the indexes of *layer* in the order in which uv looks at them; ``find-links`` come last."""
    values = layer.values
    if values.get("no-index") is not True:
        for table in _items(values.get("index")):
            match table:
                case {"url": str(url), **rest}:
                    # A name of another type is told where the manifest is read.
                    name = rest["name"] if isinstance(rest.get("name"), str) else None
                    yield _Index(name, index_location(url, layer.base), rest.get("default") is True)
        for url in filter(_is_text, _items(values.get("extra-index-url"))):
            yield _Index(None, index_location(url, layer.base))
        for url in filter(_is_text, _items(values.get("index-url"))):
            yield _Index(None, index_location(url, layer.base), default=True)
    for url in filter(_is_text, _items(values.get("find-links"))):
        yield _Index(None, index_location(url, layer.base))


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _counting(indexes: Iterable[_Index]) -> Iterator[_Index]:
    """Yield the *indexes* that count: of several with one name, and of several defaults, the first does."""
    names: set[object] = set()
    default = False
    for index in indexes:
        if (index.name is None or index.name not in names) and not (index.default and default):
            yield index
        names |= {index.name}
        default = default or index.default


def _named(visited: Iterable[Package], lock: Lock) -> Iterator[str]:
    """Yield the indexes that a requirement names itself, which need no setting of the root."""
    manifest = lock.declared.get("manifest", {})
    for metadata in (package.declared.get("metadata", {}) for package in visited):
        yield from _in_wires([metadata.get("requires-dist"), *dict(metadata.get("requires-dev") or {}).values()])
    yield from _in_wires(dict(manifest.get("dependency-groups") or {}).values())


def _in_wires(lists: Iterable[object]) -> Iterator[str]:
    for wires in lists:
        for wire in wires if isinstance(wires, list) else []:
            if isinstance(wire, dict) and isinstance(wire.get("index"), str):
                yield wire["index"]


def _visited(workspace: Workspace, lock: Lock) -> Iterator[Package]:
    """Yield the packages that uv looks at: the members, and what every source tree or archive among them depends on."""
    waiting = [index for member in workspace.members for index in lock.by_name.get(member.name, ())]
    seen = set(waiting)
    while waiting:
        package = lock.packages[waiting.pop()]
        yield package
        if isinstance(package.source, Registry | Git):
            continue
        parts = (package.dependencies, *package.extras.values(), *package.groups.values())
        targets = {edge.target for edges in parts for edge in edges} - seen
        seen |= targets
        waiting.extend(targets)
