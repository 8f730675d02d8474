"""The options and indexes that uv would resolve with now, compared with those that it resolved the lockfile with.

uv writes an option down where it is not its default, so that one which nobody sets any more is noticed, too. What a
lockfile does not say is the default of the uv that wrote it; of those, one is named otherwise since uv 0.12.

Of indexes, what is locked tells: uv looks at the members and at what they depend on directly (crates/uv-lock,
``Lock::satisfies``), and only if any index is configured. Its own default is one of the indexes unless another is the
default; a mirror may stand in its place, so that one URL which nobody names is taken for it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from wsnox._record import replace
from wsnox.freshness.comparison import paired
from wsnox.freshness.cutoff import keeps, read_cutoff
from wsnox.freshness.origins import index_url
from wsnox.lock import Registry
from wsnox.lock.fields import MalformedField
from wsnox.lock.locked_declarations import read_static_metadata
from wsnox.markers.points import Unreadable
from wsnox.markers.requirement import Requirement, parse_requirement
from wsnox.markers.versions import clauses, parsed_version, same_clauses
from wsnox.package_names import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.version import Version

    from wsnox.freshness.comparison import Comparison
    from wsnox.lock import Package, StaticMetadata
    from wsnox.markers.equivalence import PythonRange
    from wsnox.workspace.uv_settings import Index, Layer, Setting

__all__ = ["compare_indexes", "compare_options"]


_WHERE = "the settings of uv, or in `uv.lock`"


def compare_options(comparison: Comparison) -> None:
    """Compare each option; one that cannot be read is a doubt."""
    for compare in (
        _modes,
        _prerelease_package,
        _exclude_newer,
        _exclude_newer_package,
        _minimum_libc,
        _dependency_metadata,
    ):
        with comparison.doubting(_WHERE):
            compare(comparison)


def _modes(comparison: Comparison) -> None:
    locked_options = comparison.lock.options
    for key, locked, default in (
        ("resolution", locked_options.resolution, "highest"),
        ("prerelease", locked_options.prerelease, "if-necessary"),
        ("fork-strategy", locked_options.fork_strategy, "requires-python"),
    ):
        setting = comparison.settings.first(key)
        if _mode(setting.value if setting else default) != _mode(locked or default):
            comparison.add(f"{_set(key, setting)}, and `uv.lock` was made with `{locked or default}`")


def _prerelease_package(comparison: Comparison) -> None:
    key = "prerelease-package"
    now, before = _by_package(comparison, key), comparison.lock.options.prerelease_package
    for name in sorted({*now, *before}):
        setting, locked = now.get(name), before.get(name)
        if (setting and _mode(setting.value)) != (locked and _mode(locked)):
            comparison.add(f"{_set(key, setting, name)}, and {_made_with(locked)}")


def _mode(value: object) -> object:
    return "if-necessary" if value == "if-necessary-or-explicit" else value


def _exclude_newer(comparison: Comparison) -> None:
    key = "exclude-newer"
    setting, locked = comparison.settings.first(key), comparison.lock.options.exclude_newer
    if not keeps(read_cutoff(locked), read_cutoff(setting.value if setting else None)):
        comparison.add(f"{_set(key, setting)}, and {_made_with(locked)}")


def _exclude_newer_package(comparison: Comparison) -> None:
    """Compare the times of single packages; one for a name that the lockfile does not have at all has no effect."""
    key, lock = "exclude-newer-package", comparison.lock
    now, before = _by_package(comparison, key), lock.options.exclude_newer_package
    for name in sorted({*before, *(now.keys() & lock.by_name.keys())}):
        with comparison.doubting(_WHERE):
            setting, locked = now.get(name), before.get(name)
            cutoff = read_cutoff(setting.value if setting else None)
            # To let everything count keeps what is locked.
            if setting is None or (cutoff is not None and not keeps(read_cutoff(locked), cutoff)):
                lifted = name in before and locked is None
                comparison.add(f"{_set(key, setting, name)}, and {_made_with(False if lifted else locked)}")


def _by_package(comparison: Comparison, key: str) -> Mapping[str, Setting]:
    settings: dict[str, Setting] = {}
    for setting in comparison.settings.in_order(key):
        if not isinstance(setting.value, dict):
            raise Unreadable(str(setting.value), f"value of `{key}`")
        for name, value in setting.value.items():
            settings.setdefault(canonicalize_name(name), replace(setting, value=value))
    return settings


def _minimum_libc(comparison: Comparison) -> None:
    now, before = comparison.workspace.manifest.declared.minimum_libc, comparison.lock.options.minimum_libc
    if now != before:
        texts = ("none" if libc is None else " ".join(map(" ".join, libc.items())) for libc in (now, before))
        comparison.add("`minimum-libc-version` in `[tool.uv]` is not the one in `uv.lock` ({}, {})".format(*texts))


def _set(key: str, setting: Setting | None, name: str = "") -> str:
    """Return how *key* is set now, for the package *name* or for all."""
    of = f" for `{name}`" if name else ""
    if setting is None:
        return f"`{key}`{of} is not set"
    where = setting.where if setting.where.startswith("`UV_") else f"`{key}`{of} in {setting.where}"
    return f"{where} is `{_shown(setting.value)}`"


def _made_with(locked: object) -> str:
    return "`uv.lock` was made without it" if locked is None else f"`uv.lock` was made with `{_shown(locked)}`"


def _shown(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


# --- dependency-metadata -------------------------------------------------------------------------------------------------


class _Metadata(NamedTuple):
    """One entry of ``dependency-metadata``, as uv compares it (crates/uv-distribution-types, ``StaticMetadata``)."""

    name: str
    version: Version | None
    extras: tuple[str, ...]
    requires_python: tuple[str, ...] | None
    requirements: tuple[Requirement, ...]

    @classmethod
    def of(cls, entry: StaticMetadata) -> _Metadata:
        return cls(
            name=canonicalize_name(entry.name),
            version=None if entry.version is None else parsed_version(entry.version),
            extras=tuple(map(canonicalize_name, entry.provides_extras)),
            requires_python=None if entry.requires_python is None else clauses(entry.requires_python),
            requirements=tuple(map(parse_requirement, entry.requires_dist)),
        )

    def same(self, other: _Metadata, pythons: PythonRange) -> bool:
        """Return whether this entry says what *other* does, requirements in the same order."""
        return (
            self[:3] == other[:3]
            and (self.requires_python is None) == (other.requires_python is None)
            and same_clauses(self.requires_python or (), other.requires_python or ())
            and len(self.requirements) == len(other.requirements)
            and all(
                (mine.name, mine.extras, mine.url) == (theirs.name, theirs.extras, theirs.url)
                and same_clauses(mine.clauses, theirs.clauses)
                and pythons.same(mine.condition, theirs.condition)
                for mine, theirs in zip(self.requirements, other.requirements, strict=True)
            )
        )


def _dependency_metadata(comparison: Comparison) -> None:
    """Compare the metadata that is given for packages; what is given for an unlocked name has no effect."""
    before = [*map(_Metadata.of, comparison.lock.declared.dependency_metadata)]
    now: list[_Metadata] = []
    for setting in comparison.settings.in_order("dependency-metadata"):
        for entry in setting.value if isinstance(setting.value, list) else [setting.value]:
            try:
                now.append(_Metadata.of(read_static_metadata(entry if isinstance(entry, dict) else {})))
            except MalformedField as error:
                raise Unreadable(str(entry), "entry of `dependency-metadata`") from error
    locked = {entry.name for entry in before}
    for name in sorted(locked | {entry.name for entry in now if entry.name in comparison.lock.by_name}):
        ours, theirs = ([entry for entry in side if entry.name == name] for side in (now, before))
        if not paired(ours, theirs, lambda mine, other: mine.same(other, comparison.pythons)):
            comparison.add(f"`dependency-metadata` for `{name}` is not the one in `uv.lock`")


# --- indexes -------------------------------------------------------------------------------------------------------------

# No file of wsnox names the host of a registry: this is the SHA-256 digest of the URL.
_DEFAULT = "5a06749b2297be54ac5699f6f2761716adc5001a2d5f8b915ab2172922dd5706"


def compare_indexes(comparison: Comparison) -> None:
    """Tell the registries in the lockfile that none of the configured indexes is, with what is locked from them."""
    root, lock, layers = comparison.workspace.root, comparison.lock, comparison.settings.layers
    project = [index for layer in layers if layer.project for index in _indexes(layer)]
    closed = any(layer.no_index for layer in layers if layer.project)
    if not project and not closed:
        return
    urls = {index.url for index in _in_effect(project)}
    default = any(index.default for index in project)
    # Where this machine alone looks, somebody may have locked from.
    others = (index for layer in layers if not layer.project for index in _indexes(layer))
    urls.update(index.url for index in others if not (index.default and default))
    visited = [*_visited(comparison)]
    # What a requirement names itself needs no setting of the root.
    declared = [package.requires_dist for package in visited] + [*lock.root_groups.values()]
    declared += [requirements for package in visited for requirements in package.declared_groups.values()]
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
        listed = ", ".join(sorted(names)[:3])
        comparison.add(f"{listed}{more}: locked from `{location}`, which is none of the configured indexes")


def _default_among(locations: Iterable[str]) -> str:
    """Return which of the *locations* is uv's own default index, or a mirror that stands in its place."""
    urls = [url for url in locations if "://" in url and not url.startswith("file:")]
    defaults = (url for url in urls if hashlib.sha256(url.rstrip("/").encode()).hexdigest() == _DEFAULT)
    return next(defaults, urls[0] if len(urls) == 1 else "")


def _indexes(layer: Layer) -> Iterator[Index]:
    return (replace(index, url=index_url(index.url, layer.base)) for index in layer.indexes)


def _in_effect(indexes: Iterable[Index]) -> Iterator[Index]:
    """Yield the *indexes* that count: of several with one name, and of several defaults, the first does."""
    names: set[str | None] = set()
    default = False
    for index in indexes:
        if (index.name is None or index.name not in names) and not (index.default and default):
            yield index
        names.add(index.name)
        default = default or index.default


def _visited(comparison: Comparison) -> Iterator[Package]:
    """Yield the packages that uv looks at: the members, and what every source tree or archive among them depends on."""
    lock = comparison.lock
    waiting = [index for member in comparison.workspace.members for index in lock.by_name.get(member.name, ())]
    seen = set(waiting)
    while waiting:
        package = lock.packages[waiting.pop()]
        yield package
        if not package.source.immutable:
            parts = (package.dependencies, *package.extras.values(), *package.groups.values())
            targets = {edge.target for edges in parts for edge in edges} - seen
            seen |= targets
            waiting.extend(targets)
