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

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.errors import Doubt
from wsnox.freshness.origins import (
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
from wsnox.markers.points import Unreadable
from wsnox.markers.requirement import parse_lenient_requirement, parse_requirement
from wsnox.markers.versions import clause, clauses
from wsnox.package_names import canonicalize_name
from wsnox.workspace.model import GroupInclude
from wsnox.workspace.uv_settings import named_indexes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from packaging.utils import NormalizedName

    from wsnox.freshness.origins import MemberKinds
    from wsnox.lock import Requirement
    from wsnox.markers.expressions import Expression
    from wsnox.workspace.declarations import SourceEntry
    from wsnox.workspace.model import Manifest, Workspace

__all__ = [
    "LoweredRequirement",
    "Lowering",
    "Requirements",
    "UnreadRequirement",
    "locked_groups",
    "locked_requirements",
    "manifest_file",
]


class LoweredRequirement(Record, kw_only=True):
    """A requirement on *name*, where *condition* holds, as uv lowers it.

    *clauses* are those of its version specifier, sorted. *origins* are the places that it may come from, each one text;
    none where wsnox cannot tell. *text* is for people.
    """

    name: str
    condition: Expression = True
    extras: frozenset[str] = frozenset()
    clauses: tuple[str, ...] = ()
    origins: frozenset[str] = frozenset({""})
    text: str = ""

    @property
    def meaning(self) -> tuple[object, ...]:
        """All but name and text."""
        return self.condition, self.extras, self.clauses, self.origins


class UnreadRequirement(Record):
    """In place of a requirement that cannot be read: the *name* that it may be on, empty where nobody knows, and why."""

    name: str
    doubt: Doubt

    @classmethod
    def of(cls, unreadable: Unreadable, where: str) -> UnreadRequirement:
        """Return what stands for the *unreadable* requirement *where*; its text begins with the name."""
        name = re.match(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)", unreadable.text)
        return cls(canonicalize_name(name[1]) if name else "", unreadable.doubt(where))


Requirements = tuple[LoweredRequirement | UnreadRequirement, ...]


def manifest_file(directory: str) -> str:
    """Return the path of the manifest in *directory*, relative to the root."""
    return "pyproject.toml" if directory == "." else f"{directory}/pyproject.toml"


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
        return UnreadRequirement(locked.name, Unreadable(text, "declaration").doubt("`uv.lock`"))


class Lowering:
    """The requirements of one *manifest* in *directory* (relative to the root, POSIX); the root's own has ``.``.

    Where the manifest is *alone*, a project of its own to uv, the root's sources and the other members do not count.
    *kinds* tells how uv locks the members of *workspace*.
    """

    def __init__(
        self, workspace: Workspace, kinds: MemberKinds, manifest: Manifest, directory: str, *, alone: bool = False
    ) -> None:
        self._workspace, self._kinds, self._manifest = workspace, kinds, manifest
        self._file, self._owner = (
            manifest_file(directory),
            f"`{manifest.name}`" if manifest.name else "the workspace root",
        )
        self._tables = ((manifest, directory), *(() if alone else ((workspace.manifest, "."),)))
        # With a `uv.toml` beside it, uv takes no such option from the manifest.
        declared = None if workspace.settings_file else workspace.manifest.declared
        self._no_sources = declared is not None and declared.no_sources
        self._no_sources_package = declared.no_sources_package if declared else frozenset()
        # Where some source does not count, uv looks for no members at all (crates/uv-distribution, ``requires_dist.rs``).
        self._members = {} if alone or self._no_sources_package else workspace.by_name

    def requirements(self) -> Requirements:
        """Return the dependencies and, under their extra, the optional ones."""
        declared = self._manifest.declared
        lowered = [*self.lowered(declared.dependencies, "project.dependencies")]
        for extra, texts in declared.extras.items():
            lowered += self.lowered(texts, f"project.optional-dependencies.{extra}", extra=extra)
        return tuple(lowered)

    def groups(self) -> Mapping[str, Requirements]:
        """Return the requirements of each dependency group, those of included groups among them."""
        # The groups of a virtual root are lowered without their names (crates/uv, ``lock_target.rs``).
        named = self._manifest.name is not None
        groups: dict[str, Requirements] = {
            group: tuple(self._group(group, for_group=group if named else "")) for group in self._manifest.groups
        }
        if legacy := self._manifest.declared.legacy_group:
            dev = canonicalize_name("dev")
            groups[dev] += self.lowered(legacy, "tool.uv.dev-dependencies", group=dev if named else "")
        return groups

    def _group(
        self, group: NormalizedName, for_group: str, *, condition: Expression = True
    ) -> Iterator[LoweredRequirement | UnreadRequirement]:
        """Yield the requirements of *group*, as those of *for_group*, within *condition* and the group's own bounds."""
        try:
            condition = both(condition, _bounds(self._manifest.declared.group_bounds.get(group, "")))
        except Unreadable as unreadable:
            yield UnreadRequirement("", unreadable.doubt(f"`requires-python` of the group `{group}` of {self._owner}"))
        for entry in self._written_entries(group):
            if isinstance(entry, GroupInclude):
                yield from self._group(entry.group, for_group, condition=condition)
            else:
                yield from self.lowered((entry,), f"dependency-groups.{group}", group=for_group, condition=condition)

    def _written_entries(self, group: NormalizedName) -> tuple[str | GroupInclude, ...]:
        """Return the entries of *group* as ``[dependency-groups]`` has them, uv's legacy ones left out."""
        entries = self._manifest.groups.get(group, ())
        legacy = len(self._manifest.declared.legacy_group)
        return entries[:-legacy] if group == "dev" and legacy else entries

    def group_pythons(self) -> Mapping[str, str]:
        """Return the ``requires-python`` of each group that has one, the ones of included groups among them.

        One that cannot be read is left out: it is told with the requirements of the group.
        """
        pythons = {group: ",".join(self._group_pythons(group)) for group in self._manifest.groups}
        return {group: text for group, text in pythons.items() if text}

    def _group_pythons(self, group: NormalizedName) -> Iterator[str]:
        for entry in self._written_entries(group):
            if isinstance(entry, GroupInclude):
                yield from self._group_pythons(entry.group)
        bound = self._manifest.declared.group_bounds.get(group, "")
        with suppress(Unreadable):
            if clauses(bound):
                yield bound

    def misplaced_sources(self) -> Iterator[Doubt]:
        """Yield the sources of a project for an extra or a group that does not ask for it, which uv refuses.

        uv: crates/uv-distribution, ``RequiresDist::validate_sources``.
        """
        declared = self._manifest.declared
        limited = [
            (name, entry)
            for name, entries in declared.sources.items()
            for entry in entries
            if entry.group or (entry.extra and not self._manifest.dynamic_extras)
        ]
        groups = self.groups() if limited else {}
        for name, entry in limited:
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
        parse = parse_lenient_requirement if key.startswith("project.") else parse_requirement
        lowered: list[LoweredRequirement | UnreadRequirement] = []
        for text in texts:
            try:
                parsed = parse(text)
                shown = " ".join(text.split())
                if extra:  # as a lockfile has it
                    shown = f"{shown}{' and' if ';' in shown else ' ;'} extra == '{extra}'"
                written = LoweredRequirement(
                    name=parsed.name,
                    condition=both(parsed.condition, condition, Fact("extra", "==", extra) if extra else True),
                    extras=parsed.extras,
                    clauses=parsed.clauses,
                    origins=direct_origins(self._workspace, parsed.url) if parsed.url else frozenset({""}),
                    text=shown,
                )
                lowered += self._with_sources(written, extra, group)
            except Unreadable as unreadable:
                lowered.append(UnreadRequirement.of(unreadable, f"`{key}` of `{self._file}`"))
        return tuple(lowered)

    def _with_sources(self, written: LoweredRequirement, extra: str, group: str) -> Requirements:
        """Return what the requirement as *written* becomes by the source entries for its name; raise `Unreadable`."""
        name = canonicalize_name(written.name)
        if self._no_sources or name in self._no_sources_package:
            return (written,)
        table = next((table for table in self._tables if name in table[0].declared.sources), None)
        declared = table[0].declared.sources[name] if table else ()
        entries = [entry for entry in declared if entry.extra in (None, extra) and entry.group in (None, group)]
        of_workspace = table and all(entry.kind == "workspace" and not entry.value for entry in entries)
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
                where = f"`tool.uv.sources.{name}` of `{manifest_file(table[1])}`"
                return (UnreadRequirement(name, unreadable.doubt(where)),)
            covered = either(covered, marker)
            # Where the entry counts nowhere, uv refuses what it names all the same.
            origins = self._origins(name, entry, table[1], extra or group)
            if not is_unsatisfiable(condition := both(written.condition, marker)):
                specifier = written.clauses if entry.kind == "index" else ()
                lowered.append(replace(written, condition=condition, clauses=specifier, origins=origins))
        if not is_unsatisfiable(condition := both(written.condition, negated(covered))):
            lowered.append(replace(written, condition=condition))
        return tuple(lowered)

    def _origins(self, name: NormalizedName, entry: SourceEntry, directory: str, part: str) -> frozenset[str]:
        match entry.kind:
            case "workspace" if entry.value:
                return SOMEWHERE
            case "workspace":
                member = self._members.get(name)
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


def _bounds(requires_python: str) -> Expression:
    """Return the outer bounds that *requires_python* sets as an expression; raise `Unreadable`."""
    specifiers = [clause(text) for text in clauses(requires_python)]
    compared = (
        compared_versions(VERSIONS[0], specifier.operator, specifier.version)
        for specifier in specifiers
        if specifier.operator != "!="
    )
    return both(*(bound for bound in compared if bound is not None))
