"""Why a program is not in a session's environment, and what to do about it: who would bring it, or how to allow it.

The lockfile does not know which distribution has a program. The metadata of environments at hand tells, and so do the
manifests of members; otherwise a locked distribution of the program's name is taken to have it.
"""

from __future__ import annotations

import json
import re
import shutil
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Literal

from packaging.utils import canonicalize_name, is_normalized_name

from wsnox._record import Record
from wsnox.closure import Resolver
from wsnox.closure.request import request_for
from wsnox.environment.interpreter import cached_interpreter
from wsnox.environment.locked import lock_of
from wsnox.environment.programs import plain_name
from wsnox.environment.variables import known_site_packages
from wsnox.errors import ProgramError, WsnoxError
from wsnox.workspace.model import MemberSelection
from wsnox.workspace.suite import EVERYBODY
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.metadata import Distribution
    from pathlib import Path

    from packaging.utils import NormalizedName

    from wsnox.environment.model import Job
    from wsnox.environment.programs import Programs
    from wsnox.workspace import Manifest, Member
    from wsnox.workspace.sessions import Session
    from wsnox.workspace.settings import Names

__all__ = ["program_error"]

_PYTHON = re.compile(r"py|(python|pypy|graalpy)w?(\d+(\.\d+)*)?t?")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCRIPTS = ("console_scripts", "gui_scripts")


def program_error(
    program: str, programs: Programs, job: Job, spec: Session, *, names: Sequence[str], decorated: bool
) -> ProgramError:
    """Return the refusal of *program*, which *programs* has outside, in a session whose closure is *names*.

    A function of the noxfile has its settings in its decorator, if it is *decorated*.
    """
    name, settings = plain_name(program), _Settings(job, spec, decorated=decorated)
    own = f"the environment of {job.label}"
    anew = f"make it anew: `nox --reuse-venv=never -s '{job.label}'`"
    if not name:
        return ProgramError(f"`{program}` is no program, but the first word of a command of {job.label}")
    if name != program and programs.kind(name) == "environment":
        return ProgramError(f"`{program}` is outside of {own}", hint=f"`{name}` is the environment's")
    if name == program and (broken := programs.broken(program)) is not None:
        why = "cannot be executed" if broken.exists() else "leads nowhere"
        return ProgramError(f"`{broken.name}` in {own} {why}", hint=anew)
    if _PYTHON.fullmatch(name):
        version = cached_interpreter(job).target.python
        chosen = "`pythons` chooses its version"
        return ProgramError(f"`{program}` is not the Python of {own}, {version}", hint=f"`python` is; {chosen}")
    try:
        return _explained(program, _Seeker(job, spec), settings, names=names, anew=anew)
    except WsnoxError:
        # What cannot be read now was read for the proof: somebody is at work there, and the refusal stands.
        return ProgramError(f"`{program}` is not in {own}", hint=settings.allows(name))


def _explained(program: str, seeker: _Seeker, settings: _Settings, *, names: Sequence[str], anew: str) -> ProgramError:
    """Return the refusal of *program* with who has it; *anew* says how the environment is made anew."""
    name = plain_name(program)
    owners = [*seeker.owners(name)]
    for owner in owners:
        if owner in names:
            return ProgramError(f"`{program}` of `{owner}` is gone from the environment", hint=anew)
    same_name = canonicalize_name(name)
    if same_name in seeker.lock.by_name and same_name not in names and same_name not in owners:
        owners.append(same_name)
    for owner in owners:
        shown = f"`{program}`" if owner == same_name else f"`{program}` of `{owner}`"
        source = next(seeker.sources(owner), None)
        if source is not None:
            hint = seeker.setting(owner, source, settings) or settings.adds(owner)
            return ProgramError(f"{shown} is in {source.shown}, which this session does not install", hint=hint)
    found = shutil.which(program) is not None
    where = "is not in the environment" if found else "is neither on `PATH` nor in the environment"
    allows = settings.allows(name) if found else f"install it, and {settings.allows(name)}"
    if owners:
        hint = f"{settings.adds(owners[0])}, or {allows}"
    else:
        # Not every program has a name that a distribution could have, such as `g++`.
        may_be = f"; where a distribution has it, {settings.adds(same_name)}" if is_normalized_name(same_name) else ""
        hint = f"{allows}{may_be}"
    return ProgramError(f"`{program}` {where} of {settings.label}", hint=hint)


class _Source(Record, kw_only=True):
    """A group, an extra, or with neither the closure of *owner* (`None`: the root), which is *alone* in the session."""

    kind: Literal["group", "extra", "closure"]
    name: str = ""
    owner: Member | None = None
    alone: bool = False

    @property
    def shown(self) -> str:
        """Where a program is, in words."""
        owner = "the workspace root" if self.owner is None else f"`{self.owner.name}`"
        if self.kind == "closure":
            return f"the closure of {owner}"
        return f"{self.kind} `{self.name}`" if self.alone else f"{self.kind} `{self.name}` of {owner}"


class _Seeker:
    """Looks for distributions that a session of *job* does not install: in metadata, manifests and the lockfile."""

    def __init__(self, job: Job, spec: Session) -> None:
        self.lock = lock_of(job)
        self._job, self._spec, self._interpreter = job, spec, cached_interpreter(job)
        self._resolver = Resolver(self.lock, self._interpreter.target)

    def owners(self, name: str) -> Iterator[NormalizedName]:
        """Yield the distributions that are known to have a program of this *name*."""
        near = known_site_packages(self._job.workspace.root, self._job.location.parent)
        yield from dict.fromkeys((*_with_program(name, [*self._interpreter.site, *near]), *self._members_with(name)))

    def _members_with(self, name: str) -> Iterator[NormalizedName]:
        for member in self._job.workspace.members:
            project = open_table(member.manifest.path).table("project")
            if any(name in project.table(key) for key in ("scripts", "gui-scripts")):
                yield member.name

    def sources(self, owner: str) -> Iterator[_Source]:
        """Yield what would bring the distribution *owner*: what is the session's first, then what others have."""
        workspace, own = self._job.workspace, self._spec.members
        yield from (each for member in own for each in self._groups(member, owner))
        if workspace.project not in own:
            for group in _sorted_groups(workspace.manifest, owner):
                if owner in self._names((), root_groups=(group,)):
                    yield _Source(kind="group", name=group)
        yield from (each for member in own for each in self._extras(member, owner))
        others = [member for member in workspace.members if member not in own]
        # Who names it says more than who happens to get it.
        others.sort(key=lambda member: not member.manifest.groups_with(owner))
        for member in others:
            yield from self._groups(member, owner)
            yield from self._extras(member, owner)
        for member in others:
            if owner in self._names([MemberSelection(member=member, groups=())]):
                yield _Source(kind="closure", owner=member)

    def _groups(self, member: Member, owner: str) -> Iterator[_Source]:
        plain = self._names([MemberSelection(member=member, groups=())])
        for group in _sorted_groups(member.manifest, owner) if owner not in plain else ():
            if owner in self._names([MemberSelection(member=member, groups=(group,))]):
                yield _Source(kind="group", name=group, owner=member, alone=self._is_alone(member))

    def _extras(self, member: Member, owner: str) -> Iterator[_Source]:
        extras = sorted(self.lock.packages[self.lock.by_name[member.name][0]].extras)
        plain = self._names([MemberSelection(member=member, groups=())]) if extras else ()
        for extra in extras if owner not in plain else ():
            if owner in self._names([MemberSelection(member=member, extras=(canonicalize_name(extra),), groups=())]):
                yield _Source(kind="extra", name=extra, owner=member, alone=self._is_alone(member))

    def _is_alone(self, member: Member) -> bool:
        return self._spec.members == (member,) and not self._spec.integration

    def setting(self, owner: str, source: _Source, settings: _Settings) -> str:
        """Return what to set so that the session installs *owner* from *source* too, empty where nothing would."""
        parts, spec, name = self._job.parts, self._spec, canonicalize_name(source.name)
        if source.owner is not None and source.owner not in spec.members:
            return ""
        if source.kind == "group" and source.owner is None:
            groups = (*spec.root_groups, name)
            if owner in self._names(parts, root_groups=groups, defaults=spec.root_defaults):
                return settings.sets("root-groups", groups)
        elif source.kind == "group":
            groups = self._all_groups(name)
            of_root = filter(self._job.workspace.manifest.groups.__contains__, groups) if spec.integration else ()
            changed = [replace(part, groups=part.member.manifest.existing_groups(groups)) for part in parts]
            if owner in self._names(changed, root_groups=(*spec.root_groups, *of_root)):
                return settings.sets("groups", groups)
        elif source.kind == "extra" and len(spec.variants) == 1:
            extras = tuple(dict.fromkeys((*(each for part in parts for each in _extras(part)), name)))
            changed = [replace(part, extras=_had(part, extras)) for part in parts]
            if owner in self._names(changed, root_groups=spec.root_groups, defaults=spec.root_defaults):
                return settings.sets("extras", extras)
        return ""

    def _all_groups(self, *more: NormalizedName) -> Names:
        """Return the groups that the session installs, of the root too where it is asked as one more member, and *more*."""
        manifest = self._job.workspace.manifest
        of_root = manifest.groups_by_default() if self._spec.root_defaults else ()
        own = (each for part in self._job.parts for each in _groups(part))
        return tuple(dict.fromkeys((*own, *of_root, *more)))

    def _names(
        self, parts: Sequence[MemberSelection], *, root_groups: Sequence[str] = (), defaults: bool = False
    ) -> frozenset[str]:
        """Return the names in the closure of *parts* and *root_groups*, none where it is refused."""
        try:
            request = request_for(
                self._job.workspace, self.lock, parts, root_groups=root_groups, root_defaults=defaults
            )
            return frozenset(package.name for package in self._resolver.resolve(request).packages)
        except WsnoxError:
            return frozenset()


def _sorted_groups(manifest: Manifest, owner: str) -> list[NormalizedName]:
    """Return the groups of *manifest*, those first that name the distribution *owner* themselves."""
    direct = manifest.groups_with(owner)
    return sorted(manifest.groups, key=lambda group: (group not in direct, group))


def _groups(part: MemberSelection) -> Iterable[NormalizedName]:
    return part.member.manifest.groups_by_default() if part.groups is None else part.groups


def _extras(part: MemberSelection) -> Names:
    return () if part.extras == "all" else part.extras


def _had(part: MemberSelection, extras: Names) -> Names | Literal["all"]:
    return "all" if part.extras == "all" else tuple(each for each in extras if each in part.member.manifest.extras)


# --- metadata ---


def _with_program(name: str, sites: Iterable[Path]) -> Iterator[NormalizedName]:
    """Yield the distributions in *sites* that have a program of this *name*, as their metadata says."""
    in_record = re.compile(rf"(?:^|/)(?:bin|Scripts)/{re.escape(name)}(?:\.exe)?,", re.MULTILINE)
    for site in sites:
        for found in distributions(path=[str(site)]):
            # Metadata of any environment at hand, in any state.
            with suppress(Exception):
                if _has_script(found, name) or in_record.search(found.read_text("RECORD") or ""):
                    yield canonicalize_name(found.metadata["Name"])


def _has_script(found: Distribution, name: str) -> bool:
    return any(each.group in _SCRIPTS and plain_name(each.name) == name for each in found.entry_points)


# --- settings ---


class _Settings:
    """Says what to write where for the session of *spec*."""

    def __init__(self, job: Job, spec: Session, *, decorated: bool) -> None:
        self.label = job.label
        self._job, self._spec, self._decorated = job, spec, decorated

    def sets(self, key: str, values: Sequence[str]) -> str:
        """Return that *key* is to be set to *values*, in the table that wins for the session."""
        shown = json.dumps([*values], ensure_ascii=False)
        if self._decorated:
            return f"set `{key.replace('-', '_')}={shown}` in the decorator of `{self._spec.name}`"
        table, manifest = self._table()
        return f"set `{key} = {shown}` in `[{table}]` of `{manifest.path}`"

    def allows(self, program: str) -> str:
        """Return how *program* is allowed to come from outside."""
        return f"{self.sets('external', (*self._spec.external, program))} to allow it"

    def adds(self, distribution: str) -> str:
        """Return the command that adds *distribution* to what the session installs."""
        root, spec = self._job.workspace.manifest, self._spec
        if spec.integration and (spec.root_groups or spec.root_defaults):
            return f"`uv add {_option(spec.root_groups or root.uv_default_groups())} {distribution}`"
        part = self._job.parts[0]
        groups = part.member.manifest.uv_default_groups() if part.groups is None else part.groups
        command = f"`uv add --package {part.member.name} {_option(groups)} {distribution}`"
        return command if groups else f"{command}, and {self.sets('groups', ['dev'])}"

    def _table(self) -> tuple[str, Manifest]:
        """Return the table of the session, and the manifest that has it or would."""
        root, spec = self._job.workspace.manifest, self._spec
        if spec.integration:
            return f"tool.wsnox.integration.{_key(EVERYBODY if spec.kind == 'workspace' else spec.name)}", root
        manifest, task = spec.members[0].manifest, spec.name.partition(":")[2]
        if not task:
            return "tool.wsnox", manifest
        if task in root.config.tasks and task not in manifest.config.tasks:
            return f"tool.wsnox.tasks.{_key(task)}", root
        return f"tool.wsnox.tasks.{_key(task)}", manifest


def _option(groups: Sequence[str] | Literal["all"]) -> str:
    """Return the option of ``uv add`` for the first of *groups*, for ``dev`` where there is none."""
    return "--dev" if groups == "all" or not groups or "dev" in groups else f"--group {groups[0]}"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name)
