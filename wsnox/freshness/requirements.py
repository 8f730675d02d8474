"""What is asked for, lowered as uv lowers it before it writes a lockfile, and what a lockfile says was asked for.

A requirement is combined with ``tool.uv.sources`` (uv docs, concepts/projects/dependencies; crates/uv-distribution,
``metadata/lowering.rs``):

1. A member's own entry for the name hides the root's entirely; entries for another extra or group do not count.
2. Each entry gives one requirement where its marker and the requirement's hold; what no entry covers stays as written.
3. ``workspace = true`` leads to the member's directory: editable, a plain directory, or virtual.
4. With ``no-sources`` in the root's ``[tool.uv]`` nothing of that is done, with ``no-sources-package`` not for these.

In place of a requirement that cannot be read stands an `UnreadRequirement`; an origin that only the file system or the
network tells is left open.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox._record import Record
from wsnox.errors import Doubt
from wsnox.freshness.normalized_requirements import LoweredRequirement
from wsnox.freshness.refusals import UnreadRequirement, unread_requirement
from wsnox.freshness.sources import (
    ANYWHERE,
    SOMEWHERE,
    direct_origins,
    git_origins,
    index_url,
    locked_origin,
    path_origins,
    url_origin,
)
from wsnox.markers.equivalence import is_unsatisfiable
from wsnox.markers.expressions import VERSIONS, Fact, both, compared_versions, either, negated, parse_marker
from wsnox.markers.requirement import parse_lenient_requirement, parse_requirement
from wsnox.markers.versions import Unreadable, clause, clauses
from wsnox.workspace.model import GroupInclude
from wsnox.workspace.uv_settings import named_indexes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.utils import NormalizedName

    from wsnox.freshness.sources import MemberKinds
    from wsnox.lock import Requirement
    from wsnox.markers.expressions import Expression
    from wsnox.workspace.declarations import SourceEntry
    from wsnox.workspace.model import Manifest, Workspace

    Requirements = tuple[LoweredRequirement | UnreadRequirement, ...]

__all__ = ["Lowering", "locked_groups", "locked_requirements", "manifest_file"]


def manifest_file(directory: str) -> str:
    """Return the path of the manifest in *directory*, relative to the root."""
    return "pyproject.toml" if directory == "." else f"{directory}/pyproject.toml"


# --- the lockfile --------------------------------------------------------------------------------------------------------


def locked_requirements(workspace: Workspace, requirements: Iterable[Requirement]) -> Requirements:
    """Return *requirements* of the lockfile, with `UnreadRequirement` for what cannot be read of them."""
    return tuple(_locked(workspace, requirement) for requirement in requirements)


def locked_groups(workspace: Workspace, groups: Mapping[str, Iterable[Requirement]]) -> Mapping[str, Requirements]:
    """Return the requirements of each of the *groups* in the same manner."""
    return {group: locked_requirements(workspace, requirements) for group, requirements in groups.items()}


def _locked(workspace: Workspace, locked: Requirement) -> LoweredRequirement | UnreadRequirement:
    extras = f"[{','.join(sorted(locked.extras))}]" if locked.extras else ""
    text = f"{locked.name}{extras}{locked.specifier}{f' ; {locked.marker}' if locked.marker else ''}"
    try:
        return LoweredRequirement(
            name=locked.name,
            condition=parse_marker(locked.marker),
            extras=frozenset(locked.extras),
            clauses=clauses(locked.specifier),
            origins=frozenset({locked_origin(workspace, locked.source)}),
            text=text,
        )
    except Unreadable:
        return unread_requirement(Unreadable(text, "declaration"), "`uv.lock`", name=locked.name)


# --- the manifests -------------------------------------------------------------------------------------------------------


class _GroupEntry(Record):
    """The *text* of a requirement in a group, the *key* under which it stands, and the bounds that it came through."""

    text: str
    key: str
    condition: Expression = True


class Lowering:
    """The requirements of one *manifest* in *directory* (relative to the root, POSIX); the root's own has ``.``.

    Where the manifest is *alone*, a project of its own to uv, the root's sources and the other members do not count.
    *kinds* tells how uv locks the members of *workspace*.
    """

    def __init__(
        self, workspace: Workspace, kinds: MemberKinds, manifest: Manifest, directory: str, *, alone: bool = False
    ) -> None:
        self._workspace, self._kinds, self._manifest = workspace, kinds, manifest
        self._file = manifest_file(directory)
        self._tables = ((manifest, directory), *(() if alone else ((workspace.manifest, "."),)))
        # With a `uv.toml` beside it, uv takes no such option from the manifest.
        declared = None if workspace.settings_file else workspace.manifest.declared
        self._no_sources = declared is not None and declared.no_sources
        self._no_sources_package = declared.no_sources_package if declared else frozenset()
        # Where some source does not count, uv looks for no members at all (crates/uv-distribution, ``requires_dist.rs``).
        members = [] if alone or self._no_sources_package else workspace.members
        self._members = {member.name: member for member in members}

    def requirements(self) -> Requirements:
        """Return the dependencies and, under their extra, the optional ones."""
        declared = self._manifest.declared
        return (
            *self.lowered(declared.dependencies, "project.dependencies"),
            *(
                requirement
                for extra, texts in declared.extras.items()
                for requirement in self.lowered(texts, f"project.optional-dependencies.{extra}", extra=extra)
            ),
        )

    def groups(self) -> Mapping[str, Requirements]:
        """Return the requirements of each dependency group, those of included groups among them."""
        flat: dict[NormalizedName, tuple[_GroupEntry, ...]] = {}
        for group in self._manifest.groups:
            self._flatten(group, flat)
        if legacy := self._manifest.declared.legacy_group:
            dev = canonicalize_name("dev")
            flat[dev] = (*flat.get(dev, ()), *(_GroupEntry(text, "tool.uv.dev-dependencies") for text in legacy))
        # The groups of a virtual root are lowered without their names (crates/uv, ``lock_target.rs``).
        named = self._manifest.name is not None
        return {
            group: tuple(
                requirement
                for entry in entries
                for requirement in self.lowered(
                    (entry.text,), entry.key, group=group if named else "", condition=entry.condition
                )
            )
            for group, entries in flat.items()
        }

    def _flatten(self, group: NormalizedName, flat: dict[NormalizedName, tuple[_GroupEntry, ...]]) -> None:
        """Add to *flat* the entries of *group*, each with the bounds of the groups it came through."""
        if group in flat:
            return
        flat[group] = ()
        entries: list[_GroupEntry] = []
        for entry in self._written_entries(group):
            if isinstance(entry, GroupInclude):
                self._flatten(entry.group, flat)
                entries += flat[entry.group]
            else:
                entries.append(_GroupEntry(entry, f"dependency-groups.{group}"))
        bounds = _bounds(self._manifest.declared.group_bounds.get(group, ""))
        flat[group] = tuple(replace(entry, condition=both(entry.condition, bounds)) for entry in entries)

    def _written_entries(self, group: NormalizedName) -> tuple[str | GroupInclude, ...]:
        """Return the entries of *group* as ``[dependency-groups]`` has them, uv's legacy ones left out."""
        entries = self._manifest.groups.get(group, ())
        legacy = len(self._manifest.declared.legacy_group)
        return entries[:-legacy] if group == "dev" and legacy else entries

    def group_pythons(self) -> Mapping[str, tuple[str, ...]]:
        """Return the ``requires-python`` of each group that has one, the ones of included groups among them."""
        pythons = {group: self._group_pythons(group, frozenset()) for group in self._manifest.groups}
        return {group: texts for group, texts in pythons.items() if texts}

    def _group_pythons(self, group: NormalizedName, including: frozenset[NormalizedName]) -> tuple[str, ...]:
        bound = self._manifest.declared.group_bounds.get(group)
        included = (
            text
            for entry in self._written_entries(group)
            if isinstance(entry, GroupInclude) and entry.group not in including
            for text in self._group_pythons(entry.group, including | {group})
        )
        return (*included, *((bound,) if bound else ()))

    def misplaced_sources(self) -> Iterator[Doubt]:
        """Yield the sources of a project for an extra or a group that does not ask for it, which uv refuses.

        uv: crates/uv-distribution, ``RequiresDist::validate_sources``.
        """
        declared = self._manifest.declared
        entries = [(name, entry) for name, entries in declared.sources.items() for entry in entries]
        entries = [(name, entry) for name, entry in entries if entry.extra or entry.group]
        groups = self.groups() if entries else {}
        for name, entry in entries:
            if entry.extra and self._manifest.dynamic_extras:
                continue
            of_extra = self.lowered(declared.extras.get(entry.extra, ()), "project.") if entry.extra else ()
            if all(requirement.name != name for requirement in (*of_extra, *groups.get(entry.group or "", ()))):
                part = f"the extra `{entry.extra}`" if entry.extra else f"the group `{entry.group}`"
                yield Doubt(f"`tool.uv.sources.{name}` of `{self._file}` is for {part}, which does not ask for it")

    def lowered(
        self, texts: Iterable[str], key: str, *, extra: str = "", group: str = "", condition: Expression = True
    ) -> Requirements:
        """Return the requirements that each of *texts*, standing under *key*, gives where *condition* holds.

        They are those of one *extra* or *group*, or of neither.
        """
        lowered: list[LoweredRequirement | UnreadRequirement] = []
        for text in texts:
            try:
                lowered += self._with_sources(self._parsed(text, key, extra, condition), extra, group)
            except Unreadable as unreadable:
                lowered.append(unread_requirement(unreadable, f"`{key}` of `{self._file}`"))
        return tuple(lowered)

    def _with_sources(self, written: LoweredRequirement, extra: str, group: str) -> Requirements:
        """Return what the requirement as *written* becomes by the source entries for its name."""
        if self._no_sources or written.name in self._no_sources_package:
            return (written,)
        name = canonicalize_name(written.name)
        table = next((table for table in self._tables if name in table[0].declared.sources), None)
        manifest, directory = table or (self._manifest, ".")
        entries = [
            entry
            for entry in manifest.declared.sources.get(name, ())
            if entry.extra in (None, extra) and entry.group in (None, group)
        ]
        of_workspace = table is not None and all(entry.kind == "workspace" and not entry.value for entry in entries)
        if name in self._members and name != self._manifest.name and not of_workspace:
            # uv refuses that, so no lockfile can say what it comes to.
            needs = f"needs `{{ workspace = true }}` in `tool.uv.sources`, as `{name}` is a member"
            return (UnreadRequirement(name, Doubt(f"`{written.text}` in `{self._file}` {needs}")),)
        if table is None:
            return (written,)
        lowered: list[LoweredRequirement] = []
        covered: Expression = False
        for entry in entries:
            try:
                marker = parse_marker(entry.marker)
            except Unreadable as unreadable:
                key = f"`tool.uv.sources.{name}` of `{manifest_file(directory)}`"
                return (unread_requirement(unreadable, key, name=name),)
            covered = either(covered, marker)
            # Where the entry counts nowhere, uv refuses what it names all the same.
            origins = self._origins(written.name, entry, directory, extra or group)
            if not is_unsatisfiable(condition := both(written.condition, marker)):
                specifier = written.clauses if entry.kind == "index" else ()
                lowered.append(replace(written, condition=condition, clauses=specifier, origins=origins))
        if not is_unsatisfiable(condition := both(written.condition, negated(covered))):
            lowered.append(replace(written, condition=condition))
        return tuple(lowered)

    def _origins(self, name: str, entry: SourceEntry, directory: str, part: str) -> frozenset[str]:
        match entry.kind:
            case "workspace" if entry.value:
                return SOMEWHERE
            case "workspace":
                member = self._members.get(canonicalize_name(name))
                if member is None:
                    raise Unreadable(f"{name} = {{ workspace = true }}", "workspace source (there is no such member)")
                return frozenset({self._kinds.origin(member)})
            case "path":
                return path_origins(self._workspace, entry, directory)
            case "git":
                return git_origins(entry)
            case "url":
                return frozenset({url_origin(entry.value, entry.subdirectory)})
            case "index":
                return self._index_origins(name, entry, part)
            case "unknown":
                return ANYWHERE

    def _index_origins(self, name: str, entry: SourceEntry, part: str) -> frozenset[str]:
        """Return the index that a variable, the project or the root declares, in this order; a ``uv.toml`` cannot."""
        root, limit = self._workspace.root, f" for {self._manifest.name}:{part}" if entry.extra or entry.group else ""
        of_manifests = [(manifest.declared.indexes, directory) for manifest, directory in self._tables]
        for urls, directory in ((named_indexes(self._workspace.environ), "."), *of_manifests):
            if (url := urls.get(entry.value)) is not None:
                # A relative path starts where uv was started: at the root, or at the project.
                return frozenset(f"index {index_url(url, base)}{limit}" for base in {root, root / directory})
        raise Unreadable(f'{name} = {{ index = "{entry.value}" }}', "source (no `[[tool.uv.index]]` has that name)")

    def _parsed(self, text: str, key: str, extra: str, condition: Expression) -> LoweredRequirement:
        parsed = (parse_lenient_requirement if key.startswith("project.") else parse_requirement)(text)
        shown = " ".join(text.split())
        if extra:  # as a lockfile has it
            shown = f"{shown}{' and' if ';' in shown else ' ;'} extra == '{extra}'"
        return LoweredRequirement(
            name=parsed.name,
            condition=both(parsed.condition, condition, Fact("extra", "==", extra) if extra else True),
            extras=parsed.extras,
            clauses=parsed.clauses,
            origins=direct_origins(self._workspace, parsed.url) if parsed.url else frozenset({""}),
            text=shown,
        )


def _bounds(requires_python: str) -> Expression:
    """Return the outer bounds that *requires_python* sets as an expression; `unread_settings` tells of what cannot be read."""
    try:
        specifiers = [clause(text) for text in clauses(requires_python)]
    except Unreadable:
        return True
    compared = [
        compared_versions(VERSIONS[0], each.operator, each.version) for each in specifiers if each.operator != "!="
    ]
    return both(*(each for each in compared if each is not None))
