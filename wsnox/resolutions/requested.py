"""What a session at another resolution asks for: all that decides which versions its file has, without network or uv.

It is kept in the file as lines that a person can read, so that a later comparison names what came or went
(`wsnox.resolutions.staleness`). These are the requirements of the members that are installed, of the projects of the
workspace that they need, and of the groups, each with its source; the Pythons; what the root's settings say of versions;
and the keys of the resolution. Versions in ``uv.lock`` are none of it, nor is what a file contains.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox._record import Record, field, replace
from wsnox.errors import ManifestError
from wsnox.files import read_regular
from wsnox.freshness.origins import MemberKinds
from wsnox.freshness.requirements import Lowering, UnreadRequirement
from wsnox.markers.equivalence import PythonRange
from wsnox.markers.requirement import parse_lenient_requirement
from wsnox.python_ranges import allows
from wsnox.resolutions.older_pythons import newer_groups, part_of, refuse_broken_promises
from wsnox.urls import without_credentials
from wsnox.workspace.discovery import project_at
from wsnox.workspace.pythons import MINORS, fits, range_of, workspace_range
from wsnox.workspace.uv_settings import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.closure.request import SessionContents
    from wsnox.freshness.requirements import LoweredRequirement, Requirements
    from wsnox.resolutions.older_pythons import Members
    from wsnox.workspace.model import Manifest, Member, Workspace
    from wsnox.workspace.settings import Resolution

__all__ = ["CONSTRAINING", "Requested", "requested"]

CONSTRAINING = ("constraint-dependencies", "override-dependencies", "exclude-dependencies")
"""The keys of the root's ``[tool.uv]`` that no user of a member has."""

_OF_MANIFEST = (*CONSTRAINING, "build-constraint-dependencies", "environments", "required-environments")
_OF_NO_VERSION = {
    "allow-insecure-host",
    "keyring-provider",
    "native-tls",
    "preview",
    "preview-features",
    "system-certs",
}
_OF_LOCK_ALONE = {"required-version", "resolution", "fork-strategy"}


class Requested(Record, kw_only=True):
    """What is asked for: *lines* that decide the versions, and *direct* requirements of each member on others' distributions.

    *members* are installed with these extras and groups, *root_groups* as well; *python* is the lowest version, by its patch
    only where not every one counts. *projects* are all that are on disk, with the extras that are asked for, *elsewhere* the
    direct dependencies that come from no index, such as a repository, *of_groups* what groups require of others likewise,
    *unread* the projects whose dependencies only a build tells, and *omitted* groups (``member:group``) that are left out, as
    they are for newer Pythons, with what says so.
    """

    lines: tuple[str, ...]
    direct: Mapping[str, tuple[LoweredRequirement, ...]]
    members: Members
    root_groups: tuple[str, ...]
    python: str
    pythons: PythonRange = field(compare=False)
    projects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    of_groups: tuple[LoweredRequirement, ...] = ()
    unread: tuple[str, ...] = ()
    omitted: Mapping[str, str] = field(default_factory=dict)


def requested(
    workspace: Workspace, contents: SessionContents, resolution: Resolution, pythons: Sequence[str] | None
) -> Requested:
    """Return what a session with these *contents*, on *pythons*, asks for at *resolution*.

    Raise `ManifestError` for a requirement that cannot be read, `OlderPythonError` for a member that needs another one
    which is not for its Pythons.
    """
    members: Members = {
        selection.member.name: (
            tuple(sorted(selection.member.manifest.extras if selection.extras == "all" else selection.extras)),
            tuple(selection.member.manifest.groups_by_default() if selection.groups is None else selection.groups),
        )
        for selection in contents.selections
    }
    defaults = workspace.manifest.groups_by_default() if contents.root_defaults and workspace.project is None else ()
    root_groups: list[str] = [*dict.fromkeys((*contents.root_groups, *defaults))]
    reach = _reached(workspace, members, root_groups, of_members=resolution.base == "published")
    below, omitted = resolution.base == "below", dict[str, str]()
    allowed = range_of(workspace.named(name).manifest for name in members) if below else workspace_range(workspace)
    minors = [minor for minor in MINORS if fits(minor, allowed) and _is_among(minor, pythons)] or [MINORS[-1]]
    if below:
        refuse_broken_promises(workspace, reach.edges, members, minors)
        omitted = newer_groups(workspace, reach.edges, members, root_groups, minors)
        members = {
            name: (extras, tuple(group for group in groups if f"{name}:{group}" not in omitted))
            for name, (extras, groups) in members.items()
        }
        root_groups = [group for group in root_groups if f":{group}" not in omitted]
        reach = _reached(workspace, members, root_groups, of_members=False)
    python = _first_release(minors[0], allowed)
    lines = [
        f"Python: {python}",
        *(f"session: without {part} ({why})" for part, why in omitted.items()),
        *(f"session: {_selected(name, extras, groups)}" for name, (extras, groups) in members.items()),
        *(f"session: the group {group} of the root" for group in root_groups),
        *reach.lines,
        *_setting_lines(workspace),
        *_resolution_lines(resolution),
    ]
    return Requested(
        lines=tuple(dict.fromkeys(lines)),
        direct={name: tuple(reach.direct.get(name, ())) for name in members},
        members=members,
        root_groups=tuple(root_groups),
        python=python,
        pythons=PythonRange(",".join(filter(None, (allowed, f">={python}")))),
        projects={
            name: tuple(sorted(extra for other, extra in reach.seen if other == name and extra))
            for name in sorted({name for name, _ in reach.seen})
        },
        elsewhere=tuple(sorted(reach.elsewhere)),
        of_groups=tuple(reach.of_groups),
        unread=tuple(sorted(reach.unread)),
        omitted=omitted,
    )


def _selected(name: str, extras: Sequence[str], groups: Sequence[str]) -> str:
    return name + (f"[{','.join(extras)}]" if extras else "") + (f":{','.join(groups)}" if groups else "")


def _first_release(minor: str, allowed: str) -> str:
    """Return the first release of *minor* that is *allowed*, to uv the *minor* itself where that is its first of all."""
    patch = next((patch for patch in range(100) if allows(allowed, f"{minor}.{patch}")), 0)
    return f"{minor}.{patch}" if patch else minor


def _is_among(minor: str, pythons: Sequence[str] | None) -> bool:
    return pythons is None or any(fits(python, f"=={minor}.*") for python in pythons)


def _reached(workspace: Workspace, members: Members, root_groups: Sequence[str], *, of_members: bool) -> _Reach:
    """Return what *members*, with these extras and groups, and *root_groups* ask for."""
    reach = _Reach(workspace, of_members=of_members)
    for name, (extras, groups) in members.items():
        reach.add(workspace.named(name), ("", *extras))
        reach.add_groups(name, workspace.named(name).manifest, workspace.named(name).path, groups)
    reach.add_groups("", workspace.manifest, ".", root_groups)
    reach.follow()
    return reach


class _Reach:
    """The requirements that are reached from the members of a session, through projects of the workspace.

    With *of_members*, those on members count among the direct ones.
    """

    def __init__(self, workspace: Workspace, *, of_members: bool) -> None:
        self._of_members = of_members
        self._workspace, self._kinds = workspace, MemberKinds(workspace)
        self.seen: set[tuple[str, str]] = set()
        self._queue: list[tuple[Member, str]] = []
        self.lines: list[str] = []
        self.direct: dict[str, list[LoweredRequirement]] = {}
        self.unread: set[str] = set()
        self.elsewhere: set[str] = set()
        self.of_groups: list[LoweredRequirement] = []
        self.edges: dict[str, list[tuple[LoweredRequirement, Member]]] = {}

    def add(self, project: Member, parts: Iterable[str]) -> None:
        """Add *parts* of a *project*: extras, or an empty text for its own dependencies."""
        for part in parts:
            if (project.name, part) not in self.seen:
                self.seen.add((project.name, part))
                self._queue.append((project, part))

    def add_groups(self, name: str, manifest: Manifest, path: str, groups: Iterable[str]) -> None:
        """Add *groups* of the *manifest* at *path*, of the member called *name* or of the root."""
        lowered = Lowering(self._workspace, self._kinds, manifest, path).groups() if groups else {}
        for group in groups:
            self.of_groups += self._take(f"{name}:{group}", lowered.get(group, ()), manifest)

    def follow(self) -> None:
        """Add the requirements of everything that is reached."""
        while self._queue:
            project, extra = self._queue.pop(0)
            declared, manifest = project.manifest.declared, project.manifest
            is_member = self._workspace.member(project.name) is not None
            lowering = Lowering(self._workspace, self._kinds, manifest, project.path, alone=not is_member)
            if not extra:
                kind = self._kinds.origin(project) if is_member else project.path
                self.lines.append(f"{project.name}: {kind}, Python {manifest.requires_python or 'any'}")
                if declared.dynamic & {"dependencies", "optional-dependencies"}:
                    self.unread.add(project.name)
                    self.lines.append(f"{project.name}: built from {_build_digest(project)}")
                lowered = lowering.lowered(declared.dependencies, "project.dependencies")
            else:
                key = f"project.optional-dependencies.{extra}"
                lowered = lowering.lowered(declared.extras.get(extra, ()), key, extra=extra)  # type: ignore[call-overload] # a normalised name
            of_others = self._take(part_of(project.name, extra), lowered, manifest, project)
            self.direct.setdefault(project.name, []).extend(of_others)

    def _take(
        self, owner: str, requirements: Requirements, manifest: Manifest, project: Member | None = None
    ) -> list[LoweredRequirement]:
        """Note *requirements* of *owner*, go on with those on projects, and return the others."""
        others = []
        for requirement in requirements:
            if isinstance(requirement, UnreadRequirement):
                raise ManifestError(manifest.path, [requirement.doubt])
            # Of several that wsnox cannot tell apart, always the same.
            origin = min(requirement.origins, default="")
            text = requirement.text.partition(" ; extra ==")[0]
            self.lines.append(f"{owner}: {text}{f' ({without_credentials(origin)})' if origin else ''}")
            parts = ("", *sorted(requirement.extras))
            target = project if project and requirement.name == project.name else self._project(requirement)
            if target is not None:
                self.add(target, parts)
                self.edges.setdefault(owner, []).append((requirement, target))
            if target is None:
                if all(not origin or origin.startswith("index ") for origin in requirement.origins):
                    others.append(requirement)
                elif project and self._workspace.member(project.name):
                    self.elsewhere.add(requirement.name)
            elif self._of_members and target is not project:
                # As a wheel has it: without a source.
                clauses = parse_lenient_requirement(requirement.text).clauses
                others.append(replace(requirement, clauses=clauses, origins=frozenset({""})))
        return others

    def _project(self, requirement: LoweredRequirement) -> Member | None:
        """Return the project on disk that *requirement* leads to, if it leads to one."""
        for origin in sorted(requirement.origins):
            kind, _, path = origin.partition(" ")
            if kind in ("editable", "directory", "virtual"):
                return self._workspace.member(requirement.name) or project_at(self._workspace.root, path)
        return None


def _build_digest(project: Member) -> str:
    """Return a digest of the files by which a build decides what *project* depends on."""
    digest = hashlib.sha256(project.manifest.digest.encode())
    for name in ("setup.py", "setup.cfg"):
        with suppress(OSError):
            digest.update(read_regular(project.directory / name))
    return digest.hexdigest()[:16]


def _setting_lines(workspace: Workspace) -> Iterator[str]:
    """Yield the settings of the project, not of the machine, that decide which versions uv takes."""
    top = workspace.manifest.top
    table = None if top is None else top.table("tool").table("uv")
    values = {} if table is None else {key: table.peek(key) for key in _OF_MANIFEST if key in table}
    for layer in workspace.uv_settings.layers:
        if layer.project:
            values |= {key: layer.values[key] for key in KEYS - _OF_NO_VERSION - _OF_LOCK_ALONE if key in layer.values}
    for key in sorted(values):
        yield f"tool.uv.{key}: {without_credentials(json.dumps(values[key], default=str))}"


def _resolution_lines(resolution: Resolution) -> Iterator[str]:
    yield f"resolution: {resolution.base}"
    for key in ("unbounded", "unreleased", "lifted", "constraints"):
        yield from (f"{key}: {value}" for value in getattr(resolution, key) or ())
    if resolution.siblings == "latest":
        yield "siblings: latest"
    if resolution.build:
        yield "build: true"
