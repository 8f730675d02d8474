"""What the manifests ask for now, lowered as uv lowers it before it writes a lockfile.

A requirement is combined with ``tool.uv.sources`` (uv docs, concepts/projects/dependencies; crates/uv-distribution,
``metadata/lowering.rs``):

1. A member's own entry for the name hides the root's entirely; entries for another extra or group do not count.
2. Each entry gives one requirement where its marker and the requirement's hold; what no entry covers stays as written.
3. ``workspace = true`` leads to the member's directory: editable, a plain directory, or virtual.

4. With ``no-sources`` in the root's ``[tool.uv]`` nothing of that is done, with ``no-sources-package`` not for these.

In place of a requirement that cannot be read stands an `Unread`; an origin that only the file system or the network tells
is left open.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from wsnox._record import Record
from wsnox.errors import Doubt
from wsnox.freshness.equivalence import LoweredRequirement, is_unsatisfiable
from wsnox.freshness.registries import index_location
from wsnox.freshness.sources import ANYWHERE, SOMEWHERE, bare_url, direct_origins, git_origins, path_origins, url_origin
from wsnox.freshness.unreadable import Unread, unread
from wsnox.markers.expressions import Atom, both, either, negated, parse_marker
from wsnox.markers.requirement import parse_lenient_requirement, parse_requirement
from wsnox.markers.unreadable import Unreadable
from wsnox.markers.versions import clause, clauses
from wsnox.workspace.model import GroupInclude

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.freshness.sources import Kinds
    from wsnox.markers.expressions import Expression
    from wsnox.workspace.declarations import SourceEntry
    from wsnox.workspace.model import Manifest

__all__ = ["Lowering", "manifest_file"]

GROUPS = "dependency-groups"
LEGACY = "tool.uv.dev-dependencies"


class _Entry(Record):
    """The *text* of a requirement in a group, the *key* under which it stands, and the bounds that it came through."""

    text: str
    key: str
    condition: Expression = True


class Lowering:
    """The requirements of one *manifest* in *directory* (relative to the root, POSIX); the root's own has ``.``.

    Where the manifest is *alone*, a project of its own to uv, the root's sources and the other members do not count.
    *kinds* carries the workspace, and tells how uv locks its members.
    """

    def __init__(self, kinds: Kinds, manifest: Manifest, directory: str, *, alone: bool = False) -> None:
        workspace = kinds.workspace
        self._workspace, self._kinds, self._manifest = workspace, kinds, manifest
        self._file = manifest_file(directory)
        self._tables = ((manifest, directory), *(() if alone else ((workspace.manifest, "."),)))
        # With a `uv.toml` beside it, uv takes no such option from the manifest.
        declared = None if workspace.settings_file else workspace.manifest.declared
        self._lowers = declared is None or not declared.no_sources
        self._plain = declared.no_sources_package if declared else frozenset()
        # Where some source does not count, uv looks for no members at all (crates/uv-distribution, ``requires_dist.rs``).
        members = [] if alone or self._plain else workspace.members
        self._members = {member.name: member for member in members}

    def requirements(self) -> tuple[LoweredRequirement | Unread, ...]:
        """Return the dependencies and, under their extra, the optional ones."""
        declared = self._manifest.declared
        return (
            *self.lowered(declared.dependencies, "project.dependencies"),
            *(
                asked
                for extra, texts in declared.extras.items()
                for asked in self.lowered(texts, f"project.optional-dependencies.{extra}", extra=extra)
            ),
        )

    def groups(self) -> Mapping[str, tuple[LoweredRequirement | Unread, ...]]:
        """Return the requirements of each dependency group, those of included groups among them."""
        flat: dict[str, tuple[_Entry, ...]] = {}
        for group in self._manifest.groups:
            self._flatten(group, flat)
        legacy = self._manifest.declared.legacy_group
        if legacy:
            flat["dev"] = (*flat.get("dev", ()), *(_Entry(text, LEGACY) for text in legacy))
        # The groups of a virtual root are lowered without their names (crates/uv, ``lock_target.rs``).
        named = self._manifest.name is not None
        return {
            group: tuple(
                asked
                for entry in entries
                for asked in self.lowered(
                    (entry.text,), entry.key, group=group if named else "", condition=entry.condition
                )
            )
            for group, entries in flat.items()
        }

    def misplaced_sources(self) -> Iterator[Doubt]:
        """Yield the sources of a project for an extra or a group that does not ask for it, which uv refuses.

        uv: crates/uv-distribution, ``RequiresDist::validate_sources``.
        """
        declared = self._manifest.declared
        limited = [(name, entry) for name, entries in declared.sources.items() for entry in entries]
        limited = [(name, entry) for name, entry in limited if entry.extra or entry.group]
        groups = self.groups() if limited else {}
        for name, entry in limited:
            if entry.extra and self._manifest.dynamic_extras:
                continue
            asked = self.lowered(declared.extras.get(entry.extra, ()), "project.") if entry.extra else ()
            if all(each.name != name for each in (*asked, *groups.get(entry.group or "", ()))):
                part = f"the extra `{entry.extra}`" if entry.extra else f"the group `{entry.group}`"
                yield Doubt(f"`tool.uv.sources.{name}` of `{self._file}` is for {part}, which does not ask for it")

    def _flatten(self, group: str, flat: dict[str, tuple[_Entry, ...]]) -> None:
        """Add to *flat* the entries of *group*, each with the bounds of the groups it came through."""
        if group in flat:
            return
        flat[group] = ()
        entries: list[_Entry] = []
        for entry in self._own_entries(group):
            if isinstance(entry, GroupInclude):
                self._flatten(entry.group, flat)
                entries += flat[entry.group]
            else:
                entries.append(_Entry(entry, f"{GROUPS}.{group}"))
        bounds = _bounds(self._manifest.declared.group_bounds.get(canonicalize_name(group), ""))
        flat[group] = tuple(replace(each, condition=both(each.condition, bounds)) for each in entries)

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
        self, texts: Iterable[str], key: str, *, extra: str = "", group: str = "", condition: Expression = True
    ) -> Iterator[LoweredRequirement | Unread]:
        """Yield the requirements that each of *texts*, standing under *key*, gives where *condition* holds.

        They are those of one *extra* or *group*, or of neither.
        """
        for text in texts:
            yield from self._lowered(text, key, extra, group, condition)

    def _lowered(
        self, text: str, key: str, extra: str, group: str, condition: Expression
    ) -> Sequence[LoweredRequirement | Unread]:
        try:
            return self._placed(_parsed(text, key, extra, condition), extra, group)
        except Unreadable as unreadable:
            return [unread(unreadable, f"`{key}` of `{self._file}`")]

    def _placed(self, asked: LoweredRequirement, extra: str, group: str) -> Sequence[LoweredRequirement | Unread]:
        if not self._lowers or asked.name in self._plain:
            return [asked]
        entries = self._entries(asked.name)
        chosen = [each for each in entries or () if each[0].extra in (None, extra) and each[0].group in (None, group)]
        of_workspace = entries is not None and all(_is_ours(entry) for entry, _ in chosen)
        if asked.name in self._members and asked.name != self._manifest.name and not of_workspace:
            # uv refuses that, so no lockfile can say what it comes to.
            needs = f"needs `{{ workspace = true }}` in `tool.uv.sources`, as `{asked.name}` is a member"
            return [Unread(asked.name, Doubt(f"`{asked.text}` in `{self._file}` {needs}"))]
        return [asked] if entries is None else self._sourced(asked, chosen, extra or group)

    def _entries(self, name: str) -> tuple[tuple[SourceEntry, str], ...] | None:
        """Return the source entries for *name*, each with the directory that its paths are relative to."""
        key = canonicalize_name(name)
        for manifest, directory in self._tables:
            if key in manifest.declared.sources:
                return tuple((entry, directory) for entry in manifest.declared.sources[key])
        return None

    def _sourced(
        self, asked: LoweredRequirement, entries: Iterable[tuple[SourceEntry, str]], part: str
    ) -> Sequence[LoweredRequirement | Unread]:
        found: list[LoweredRequirement | Unread] = []
        covered: Expression = False
        for entry, directory in entries:
            try:
                where = parse_marker(entry.marker)
            except Unreadable as unreadable:
                key = f"`tool.uv.sources.{asked.name}` of `{manifest_file(directory)}`"
                return [unread(unreadable, key, name=asked.name)]
            covered = either(covered, where)
            if not is_unsatisfiable(condition := both(asked.condition, where)):
                found.append(self._from(asked, entry, directory, condition, part))
        if not is_unsatisfiable(condition := both(asked.condition, negated(covered))):
            found.append(replace(asked, condition=condition))
        return found

    def _from(
        self, asked: LoweredRequirement, entry: SourceEntry, directory: str, condition: Expression, part: str
    ) -> LoweredRequirement:
        found = asked.clauses if entry.kind == "index" else ()
        return replace(asked, condition=condition, clauses=found, origins=self._origins(asked, entry, directory, part))

    def _origins(self, asked: LoweredRequirement, entry: SourceEntry, directory: str, part: str) -> frozenset[str]:
        match entry.kind:
            case "workspace" if entry.value:
                return SOMEWHERE
            case "workspace":
                member = self._members.get(canonicalize_name(asked.name))
                if member is None:
                    raise Unreadable(
                        f"{asked.name} = {{ workspace = true }}", "workspace source (there is no such member)"
                    )
                return frozenset({self._kinds.origin(member)})
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
        for manifest, directory in self._tables:
            url = manifest.declared.indexes.get(entry.value)
            if url is not None:
                limited = f" for {self._manifest.name}:{part}" if entry.extra or entry.group else ""
                place = url if "://" in url else f"file://{index_location(url, self._workspace.root / directory)}"
                return frozenset({f"index {bare_url(place)}{limited}"})
        return ANYWHERE


def _is_ours(entry: SourceEntry) -> bool:
    """Tell whether *entry* leads to a member of this workspace."""
    return entry.kind == "workspace" and not entry.value


def _parsed(text: str, key: str, extra: str, condition: Expression) -> LoweredRequirement:
    parsed = (parse_lenient_requirement if key.startswith("project.") else parse_requirement)(text)
    return LoweredRequirement(
        name=parsed.name,
        condition=both(parsed.condition, condition, Atom(f"extra {extra}") if extra else True),
        extras=parsed.extras,
        clauses=parsed.clauses,
        origins=direct_origins(parsed.url) if parsed.url else frozenset({""}),
        text=_said(text, extra),
    )


def _said(text: str, extra: str) -> str:
    """Return *text* as a lockfile would have it, its *extra* among its markers."""
    requirement = " ".join(text.split())
    return f"{requirement}{' and' if ';' in requirement else ' ;'} extra == '{extra}'" if extra else requirement


def manifest_file(directory: str) -> str:
    """Return the path of the manifest in *directory*, relative to the root."""
    return "pyproject.toml" if directory == "." else f"{directory}/pyproject.toml"


def _bounds(requires_python: str) -> Expression:
    """Return the outer bounds that *requires_python* sets as an expression; of what cannot be read others tell."""
    try:
        found = [clause(each) for each in clauses(requires_python)]
    except Unreadable:
        return True
    return both(*(Atom("python_full_version", each.operator, each.version) for each in found if each.operator != "!="))
