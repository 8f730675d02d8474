"""What the manifests ask for now, lowered as uv lowers it before it writes a lockfile.

A requirement is combined with ``tool.uv.sources`` (uv docs, concepts/projects/dependencies; crates/uv-distribution,
``metadata/lowering.rs``):

1. A member's own entry for the name hides the root's entirely; entries for another extra or group do not count.
2. Each entry gives one requirement where its marker and the requirement's hold; what no entry covers stays as written.
3. ``workspace = true`` leads to the member's directory: editable, a plain directory, or virtual.

A requirement that wsnox cannot read raises `Unreadable`; an origin that only the file system or the network tells is
left open.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as ParsedRequirement
from packaging.utils import canonicalize_name

from wsnox.lock.freshness.equivalence import Asked, never
from wsnox.lock.freshness.formulas import Atom, MalformedFormula, both, either, formula, negated
from wsnox.lock.freshness.origins import (
    ANYWHERE,
    bare_url,
    direct_origins,
    git_origins,
    path_origins,
    url_origin,
)
from wsnox.workspace.records import GroupInclude

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.lock.freshness.formulas import Formula
    from wsnox.lock.freshness.origins import Kinds
    from wsnox.workspace.declarations import SourceEntry
    from wsnox.workspace.records import Manifest

__all__ = ["Lowering", "Unreadable"]


class Unreadable(Exception):  # noqa: N818 - never leaves this floor
    """A declaration in a form that wsnox does not read."""


class Lowering:
    """The requirements of one *manifest* in *directory* (relative to the root, POSIX); the root's own has ``.``.

    Where the manifest is *alone*, a project of its own to uv, the root's sources and the other members do not count.
    *kinds* carries the workspace, and tells how uv locks its members.
    """

    def __init__(self, kinds: Kinds, manifest: Manifest, directory: str, *, alone: bool = False) -> None:
        workspace = kinds.workspace
        self._workspace, self._kinds, self._manifest = workspace, kinds, manifest
        members = [] if alone else workspace.members
        self._members = {member.name: member for member in members}
        self._tables = ((manifest, directory), *(() if alone else ((workspace.manifest, "."),)))
        self._lowers = not (manifest.declared.no_sources or workspace.manifest.declared.no_sources)

    def requirements(self) -> tuple[Asked, ...]:
        """Return the dependencies and, under their extra, the optional ones."""
        declared = self._manifest.declared
        return (
            *self.lowered(declared.dependencies),
            *(asked for extra, texts in declared.extras.items() for asked in self.lowered(texts, extra=extra)),
        )

    def groups(self) -> Mapping[str, tuple[Asked, ...]]:
        """Return the requirements of each dependency group, those of included groups among them."""
        flat: dict[str, tuple[tuple[str, Formula], ...]] = {}
        for group in self._manifest.groups:
            self._flatten(group, flat)
        legacy = self._manifest.declared.legacy_group
        if legacy:
            flat["dev"] = (*flat.get("dev", ()), *((text, True) for text in legacy))
        # The groups of a virtual root are lowered without their names (crates/uv, ``lock_target.rs``).
        named = self._manifest.name is not None
        return {
            group: tuple(
                asked
                for text, condition in entries
                for asked in self.lowered((text,), group=group if named else "", condition=condition)
            )
            for group, entries in flat.items()
        }

    def _flatten(self, group: str, flat: dict[str, tuple[tuple[str, Formula], ...]]) -> None:
        """Add to *flat* the entries of *group*, each with the bounds of the groups it came through."""
        if group in flat:
            return
        flat[group] = ()
        declared = self._manifest.declared
        entries: list[tuple[str, Formula]] = []
        for entry in self._own_entries(group):
            if isinstance(entry, GroupInclude):
                self._flatten(entry.group, flat)
                entries += flat[entry.group]
            else:
                entries.append((entry, True))
        bounds = _bounds(declared.group_bounds.get(canonicalize_name(group), ""))
        flat[group] = tuple((text, both(condition, bounds)) for text, condition in entries)

    def _own_entries(self, group: str) -> tuple[str | GroupInclude, ...]:
        """Return the entries of *group* as ``[dependency-groups]`` has them, uv's legacy ones left out."""
        entries = self._manifest.groups.get(canonicalize_name(group), ())
        legacy = len(self._manifest.declared.legacy_group)
        return entries[:-legacy] if group == "dev" and legacy else entries

    def group_bounds(self) -> Mapping[str, tuple[str, ...]]:
        """Return the ``requires-python`` of each group that has one, the ones of included groups among them."""
        found = {group: self._group_bounds(group, frozenset()) for group in self._manifest.groups}
        return {group: bounds for group, bounds in found.items() if bounds}

    def _group_bounds(self, group: str, above: frozenset[str]) -> tuple[str, ...]:
        own = self._manifest.declared.group_bounds.get(canonicalize_name(group))
        included = (
            bound
            for entry in self._own_entries(group)
            if isinstance(entry, GroupInclude) and entry.group not in above
            for bound in self._group_bounds(entry.group, above | {group})
        )
        return (*included, *((own,) if own else ()))

    def lowered(
        self, texts: Iterable[str], *, extra: str = "", group: str = "", condition: Formula = True
    ) -> Iterator[Asked]:
        """Yield the requirements that each of *texts* gives in this *extra* or *group*, where *condition* holds."""
        for text in texts:
            asked = _parsed(text, extra, condition)
            entries = self._entries(asked.name) if self._lowers else None
            if entries is None:
                yield asked if asked.name not in self._members or self._is_own(asked.name) else _anywhere(asked)
            else:
                chosen = [each for each in entries if each[0].extra in (None, extra) and each[0].group in (None, group)]
                yield from self._sourced(asked, chosen, extra or group)

    def _is_own(self, name: str) -> bool:
        return name == self._manifest.name

    def _entries(self, name: str) -> tuple[tuple[SourceEntry, str], ...] | None:
        """Return the source entries for *name*, each with the directory that its paths are relative to."""
        key = canonicalize_name(name)
        for manifest, directory in self._tables:
            if key in manifest.declared.sources:
                return tuple((entry, directory) for entry in manifest.declared.sources[key])
        return None

    def _sourced(self, asked: Asked, entries: Iterable[tuple[SourceEntry, str]], part: str) -> Iterator[Asked]:
        covered: Formula = False
        for entry, directory in entries:
            where = _formula(entry.marker)
            covered = either(covered, where)
            if not never(condition := both(asked.condition, where)):
                yield self._placed(asked, entry, directory, condition, part)
        if not never(condition := both(asked.condition, negated(covered))):
            yield replace(asked, condition=condition)

    def _placed(self, asked: Asked, entry: SourceEntry, directory: str, condition: Formula, part: str) -> Asked:
        specifier = asked.specifier if entry.kind == "index" else ""
        return replace(
            asked, condition=condition, specifier=specifier, origins=self._origins(asked, entry, directory, part)
        )

    def _origins(self, asked: Asked, entry: SourceEntry, directory: str, part: str) -> frozenset[str]:
        match entry.kind:
            case "workspace":
                member = self._members.get(canonicalize_name(asked.name))
                return frozenset({self._kinds.origin(member)}) if member else ANYWHERE
            case "path":
                return path_origins(self._workspace, entry, directory)
            case "git":
                return git_origins(entry)
            case "url":
                return frozenset({url_origin(entry.value, entry.subdirectory)})
            case "index":
                return self._index_origins(entry, part)
            case "unknown":
                return ANYWHERE

    def _index_origins(self, entry: SourceEntry, part: str) -> frozenset[str]:
        for manifest, _ in self._tables:
            url = manifest.declared.indexes.get(entry.value)
            if url is not None:
                limited = f" for {self._manifest.name}:{part}" if entry.extra or entry.group else ""
                return frozenset({f"index {bare_url(url)}{limited}"}) if "://" in url else ANYWHERE
        return ANYWHERE


def _parsed(text: str, extra: str, condition: Formula) -> Asked:
    try:
        parsed = ParsedRequirement(text)
        marker = formula(str(parsed.marker)) if parsed.marker else True
    except (InvalidRequirement, MalformedFormula):
        raise Unreadable(text) from None
    parts = (marker, condition, Atom(f"extra {extra}") if extra else True)
    return Asked(
        name=canonicalize_name(parsed.name),
        condition=both(*parts),
        extras=frozenset(canonicalize_name(name) for name in parsed.extras),
        specifier=str(parsed.specifier),
        origins=direct_origins(parsed.url) if parsed.url else frozenset({""}),
        text=_said(text, extra),
    )


def _said(text: str, extra: str) -> str:
    """Return *text* as a lockfile would have it, its *extra* among its markers."""
    requirement = " ".join(text.split())
    return f"{requirement}{' and' if ';' in requirement else ' ;'} extra == '{extra}'" if extra else requirement


def _anywhere(asked: Asked) -> Asked:
    """Return *asked* with its origin left open: uv itself refuses a member without a workspace source."""
    return replace(asked, origins=ANYWHERE)


def _formula(marker: str) -> Formula:
    try:
        return formula(marker)
    except MalformedFormula:
        raise Unreadable(marker) from None


def _bounds(requires_python: str) -> Formula:
    """Return the outer bounds that *requires_python* sets as a formula."""
    parts = (re.fullmatch(r"\s*([<>=~]{1,3})\s*(.+?)\s*", part) for part in requires_python.split(","))
    return both(*(Atom("python_full_version", part[1], part[2]) for part in parts if part))
