"""That what is locked comes from an index that the project still has.

uv looks at the members and at what they depend on directly (crates/uv-lock, ``Lock::satisfies``), and only where any
index is configured. Its own default is one of the indexes unless another is the default; a mirror may stand in its place,
so that one URL which nobody names is taken for it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from wsnox.freshness.sources import index_url
from wsnox.lock import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.freshness.comparison import Comparison
    from wsnox.lock import Lock, Package
    from wsnox.workspace.model import Workspace
    from wsnox.workspace.uv_settings import Index, Layer

__all__ = ["gone_registries"]

# No file of wsnox names the host of a registry: this is the SHA-256 digest of the URL.
_DEFAULT = "5a06749b2297be54ac5699f6f2761716adc5001a2d5f8b915ab2172922dd5706"


def gone_registries(comparison: Comparison) -> Iterator[str]:
    """Yield the registries in the lockfile that none of the configured indexes is, with what is locked from them."""
    root, layers = comparison.workspace.root, comparison.settings.layers
    project = [index for layer in layers if layer.project for index in _indexes(layer)]
    closed = any(layer.no_index for layer in layers if layer.project)
    if not project and not closed:
        return
    urls = {index.url for index in _in_effect(project)}
    default = any(index.default for index in project)
    # Where this machine alone looks, somebody may have locked from.
    others = (index for layer in layers if not layer.project for index in _indexes(layer))
    urls.update(index.url for index in others if not (index.default and default))
    visited = [*_visited(comparison.workspace, comparison.lock)]
    # What a requirement names itself needs no setting of the root.
    declared = [package.requires_dist for package in visited]
    declared += [requirements for package in visited for requirements in package.declared_groups.values()]
    declared += comparison.lock.root_groups.values()
    sources = (requirement.source for requirements in declared for requirement in requirements)
    urls.update(index_url(source.location, root) for source in sources if source is not None and source.kind == "index")
    gone: dict[str, list[str]] = {}
    for package in visited:
        if isinstance(package.source, Registry) and index_url(package.source.location, root) not in urls:
            gone.setdefault(package.source.location, []).append(f"`{package.name}`")
    if not closed and not default:
        gone.pop(_default_among(gone), None)
    for location, names in sorted(gone.items()):
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"{', '.join(sorted(names)[:3])}{more}: locked from `{location}`, which is none of the configured indexes"


def _default_among(locations: Iterable[str]) -> str:
    """Return which of the *locations* is uv's own default index, or a mirror that stands in its place."""
    urls = [url for url in locations if "://" in url and not url.startswith("file:")]
    digests = (hashlib.sha256(url.rstrip("/").encode()).hexdigest() for url in urls)
    default = next((url for url, digest in zip(urls, digests, strict=True) if digest == _DEFAULT), "")
    return default or (urls[0] if len(urls) == 1 else "")


def _indexes(layer: Layer) -> Iterator[Index]:
    return (index._replace(url=index_url(index.url, layer.base)) for index in layer.indexes)


def _in_effect(indexes: Iterable[Index]) -> Iterator[Index]:
    """Yield the *indexes* that count: of several with one name, and of several defaults, the first does."""
    names: set[str | None] = set()
    default = False
    for index in indexes:
        if (index.name is None or index.name not in names) and not (index.default and default):
            yield index
        names.add(index.name)
        default = default or index.default


def _visited(workspace: Workspace, lock: Lock) -> Iterator[Package]:
    """Yield the packages that uv looks at: the members, and what every source tree or archive among them depends on."""
    waiting = [index for member in workspace.members for index in lock.by_name.get(member.name, ())]
    seen = set(waiting)
    while waiting:
        package = lock.packages[waiting.pop()]
        yield package
        if package.source.immutable:
            continue
        parts = (package.dependencies, *package.extras.values(), *package.groups.values())
        targets = {edge.target for edges in parts for edge in edges} - seen
        seen |= targets
        waiting.extend(targets)
