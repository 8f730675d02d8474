"""Why a program is not in a session's environment, and what to do about it: the setting that would install it, or allow it.

The lockfile does not record which distribution has a program. The metadata of environments at hand does, and so do the
manifests of members; otherwise a locked distribution of the program's name is taken to have it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import suppress
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Literal

from wsnox._record import Record, replace
from wsnox.closure import Resolver
from wsnox.closure.request import Contents, session_closure
from wsnox.environment.interpreter import cached_interpreter
from wsnox.environment.isolation import plain_name
from wsnox.environment.lockfile import parsed_lock
from wsnox.errors import CommandError, ProgramError, WsnoxError
from wsnox.noxfile.import_findings import inventory_of
from wsnox.package_names import canonicalize_name, is_valid_name
from wsnox.text import near_miss
from wsnox.workspace.commands import Remedies, default_command, together
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.shell_syntax import without_program
from wsnox.workspace.suite import suite_of
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.metadata import Distribution
    from pathlib import Path

    from packaging.utils import NormalizedName

    from wsnox.environment.isolation import Programs
    from wsnox.environment.model import Job
    from wsnox.workspace import Manifest, Member
    from wsnox.workspace.model import MemberSelection
    from wsnox.workspace.sessions import Session

__all__ = ["command_error_of_all", "program_error"]

_PYTHON = re.compile(r"py|(python|pypy|graalpy)w?(\d+(\.\d+)*)?t?")


def command_error_of_all(error: CommandError, job: Job, session: Session) -> CommandError:
    """Return *error* of *session* as one for all members whose sessions on the same Pythons fail alike."""
    if job.run is not None:
        # At another resolution, each has a lockfile of its own.
        return error
    resolver = Resolver(parsed_lock(job.workspace.root), cached_interpreter(job.venv).target)
    runs = {run.session.name: run for run in runs_of(suite_of(job.workspace).configured())}
    errors: list[CommandError] = []
    for run in runs.values():
        other = run.session
        if other.kind == session.kind and other.pythons == session.pythons and other.default and not other.skip:
            with suppress(WsnoxError):
                closure = session_closure(resolver, job.workspace, run)
                try:
                    names = [package.name for package in closure.packages]
                    _ = other.commands or default_command(other, names, job.workspace.manifest)
                except CommandError as another:
                    errors.append(another)
    return together(errors).get(error.hint, error)


def program_error(
    words: Sequence[str], programs: Programs, job: Job, session: Session, *, names: Sequence[str], decorated: bool
) -> ProgramError:
    """Return the refusal of the command *words*, whose program *programs* has outside, in a session whose closure is *names*.

    A function of the noxfile has its settings in its decorator: then it is *decorated*.
    """
    program = words[0]
    name, environment = plain_name(program), f"the environment of {job.label}"
    if not name:
        return ProgramError(f"`{program}` is not a program, but the first word of a command of {job.label}")
    if " " in program and os.path.dirname(program) == "":  # noqa: PTH120 - any text, even no path
        sentence = f"`{program}` is a single word of a command of {job.label}, and no program has that name"
        return ProgramError(
            sentence, hint=f"separate the words: {', '.join(json.dumps(word) for word in program.split())}"
        )
    if name != program and programs.kind(name) == "environment":
        return ProgramError(f"`{program}` is outside of {environment}", hint=f"write `{name}`, which is its own")
    recreate = f"recreate it: `nox --reuse-venv=never -s '{job.label}'`"
    if name == program and (broken := programs.broken(program)) is not None:
        fault = "cannot be executed" if broken.exists() else "is a broken link"
        return ProgramError(f"`{broken.name}` in {environment} {fault}", hint=recreate)
    if _PYTHON.fullmatch(name):
        version = cached_interpreter(job.venv).target.python
        hint = "write `python`; `pythons` chooses its version"
        return ProgramError(f"`{program}` is not the Python of {environment}, {version}", hint=hint)
    remedies = Remedies(session=session, root=job.workspace.manifest, decorated=decorated)
    if syntax := without_program(program):
        hint = "see `session.chdir` and `session.env`" if decorated else syntax.hint
        return ProgramError(f"{syntax.sentence} in {job.label}", hint=hint)
    if hint := _left_out(name, words, remedies):
        return ProgramError(f"`{program}` is not in {environment}", hint=hint)
    try:
        return _absence(program, _Search(job, session), remedies, job=job, names=names, recreate=recreate)
    except WsnoxError:
        # The files were readable for the proof: somebody is changing them, and the refusal stands.
        return ProgramError(f"`{program}` is not in {environment}", hint=remedies.allow(name))


def module_error(words: Sequence[str], job: Job, session: Session, *, names: Sequence[str]) -> ProgramError | None:
    """Return why ``python -m MODULE`` failed in *words*, if the lockfile has a distribution of the module and *names* not."""
    if len(words) < 3 or not _PYTHON.fullmatch(plain_name(words[0])):
        return None
    # The command's own failure is what counts.
    with suppress(WsnoxError):
        search, remedies = _Search(job, session), Remedies(session=session, root=job.workspace.manifest)
        for owner in search.owners_of_module(words[2]):
            if owner not in names and (source := next(search.sources(owner), None)) is not None:
                return _in_source(f"`{words[2]}`", search, owner, source, remedies)
    return None


def _in_source(shown: str, search: _Search, owner: str, source: _Source, remedies: Remedies) -> ProgramError:
    hint = search.setting(owner, source, remedies) or remedies.add(owner)
    return ProgramError(f"{shown} is in {source.shown}, which this session does not install", hint=hint)


def _absence(
    program: str, search: _Search, remedies: Remedies, *, job: Job, names: Sequence[str], recreate: str
) -> ProgramError:
    """Return the refusal of *program*, which the environment lacks, with the setting that would install it."""
    name = plain_name(program)
    owners = list(search.owners(name))
    for owner in owners:
        if owner in names:
            return ProgramError(f"`{program}` of `{owner}` is gone from the environment", hint=recreate)
    namesake = canonicalize_name(name)
    if namesake in search.lock.by_name and namesake not in (*names, *owners):
        owners.append(namesake)
    for owner in owners:
        source = next(search.sources(owner), None)
        if source is not None:
            shown = f"`{program}`" if owner == namesake else f"`{program}` of `{owner}`"
            return _in_source(shown, search, owner, source, remedies)
    on_path = shutil.which(program) is not None
    if not (on_path or owners) and (guess := near_miss(name, [*search.programs(), *search.lock.by_name])):
        return ProgramError(f"`{program}` is neither on `PATH` nor in the environment of {job.label}", hint=guess)
    where = "is not in the environment" if on_path else "is neither on `PATH` nor in the environment"
    allow = remedies.allow(name) if on_path else f"install it, and {remedies.allow(name)}"
    if owners:
        hint = f"{remedies.add(owners[0])}, or {allow}"
    elif is_valid_name(namesake):
        hint = f"{allow}; where a distribution has it, {remedies.add(namesake)}"
    else:
        # Some programs, such as `g++`, have a name that no distribution can have.
        hint = allow
    return ProgramError(f"`{program}` {where} of {job.label}", hint=hint)


_RUNNERS = re.compile(r"(uv|poetry|pdm|hatch|pipenv|rye|conda) run( |$)")
_INSTALLERS = re.compile(
    r"(pip3? install|uv (pip install|pip sync|sync|add|lock)|(poetry|pdm) (install|sync|add))( |$)"
)


def _left_out(name: str, words: Sequence[str], remedies: Remedies) -> str:
    """Return the hint to a command *words* of the program *name* that does what the session does itself, empty for others."""
    command = " ".join((name, *words[1:]))
    if _RUNNERS.match(command):
        return f"leave `{name} run` out: a command runs in the environment of its session"
    installer = _INSTALLERS.match(command)
    if installer is None:
        return ""
    package = canonicalize_name(command[installer.end() :])
    more = f"; if that lacks it, {remedies.add(package)}" if is_valid_name(package) else ""
    return f"leave it out: the session installs its closure itself{more}"


class _Source(Record, kw_only=True):
    """A group, an extra, or with neither the closure of *owner* (`None`: the root), which is *alone* in the session."""

    kind: Literal["group", "extra", "closure"]
    name: str = ""
    owner: Member | None = None
    alone: bool = False

    @property
    def shown(self) -> str:
        """The source in words."""
        owner = "the workspace root" if self.owner is None else f"`{self.owner.name}`"
        if self.kind == "closure":
            return f"the closure of {owner}"
        return f"{self.kind} `{self.name}`" if self.alone else f"{self.kind} `{self.name}` of {owner}"


class _Search:
    """A search for distributions that a session of *job* does not install: in metadata, manifests and the lockfile."""

    def __init__(self, job: Job, session: Session) -> None:
        self._job, self._session, self._inventory = job, session, inventory_of(job)
        self.lock = self._inventory.lock

    def programs(self) -> list[str]:
        """Return the names of the programs in the environment."""
        return [plain_name(file.name) for file in self._job.venv.bin.iterdir()]

    def owners_of_module(self, module: str) -> list[str]:
        """Return the distributions that own *module*."""
        return [owner.name for owner in self._inventory.owners.of(module)]

    def owners(self, program: str) -> Iterator[NormalizedName]:
        """Yield the distributions that are known to have a *program* of this name."""
        yield from dict.fromkeys(_distributions_with(program, self._inventory.site_packages))
        for member in self._job.workspace.members:
            project = open_table(member.manifest.path).table("project")
            if any(program in project.table(key) for key in ("scripts", "gui-scripts")):
                yield member.name

    def sources(self, distribution: str) -> Iterator[_Source]:
        """Yield the sources that would bring *distribution*: first those of the session's members, then those of others."""
        workspace, members = self._job.workspace, self._session.members
        for member in members:
            yield from self._parts("group", member, distribution)
        if workspace.project not in members:
            for group in _naming_first(workspace.manifest, workspace.manifest.groups, distribution):
                if distribution in self._closure((), root_groups=(group,)):
                    yield _Source(kind="group", name=group)
        for member in members:
            yield from self._parts("extra", member, distribution)
        others = [member for member in workspace.members if member not in members]
        # A group that names it is a better hint than one that happens to get it.
        others.sort(key=lambda member: not member.manifest.groups_with(distribution))
        for member in others:
            yield from self._parts("group", member, distribution)
            yield from self._parts("extra", member, distribution)
        for member in others:
            with suppress(WsnoxError):
                if distribution in self._inventory.closures(member).plain:
                    yield _Source(kind="closure", owner=member)

    def _parts(self, kind: Literal["group", "extra"], member: Member, distribution: str) -> Iterator[_Source]:
        """Yield the groups or the extras of *member* that bring *distribution*, none where it has that without any."""
        alone = self._session.members == (member,) and not self._session.integration
        with suppress(WsnoxError):
            closures = self._inventory.closures(member)
            names = (closures.groups if kind == "group" else closures.extras).get(distribution, ())
            for name in _naming_first(member.manifest, names, distribution) if kind == "group" else names:
                yield _Source(kind=kind, name=name, owner=member, alone=alone)

    def setting(self, distribution: str, source: _Source, remedies: Remedies) -> str:
        """Return the setting that installs *distribution* from *source* in the session too, empty if there is none."""
        parts, session, name = self._job.selections, self._session, canonicalize_name(source.name)
        if source.owner is not None and source.owner not in session.members:
            return ""
        root_groups, root_defaults = session.root_groups, session.root_defaults
        if source.kind == "group" and source.owner is None:
            key, values = "root-groups", (*root_groups, name)
            root_groups = values
        elif source.kind == "group":
            key, values = "groups", self._groups_with(name)
            # They replace the default groups, the root's as well; in an integration session the root counts as one more member.
            root_defaults = False
            if session.integration:
                root_manifest_groups = self._job.workspace.manifest.groups
                root_groups = (*root_groups, *(group for group in values if group in root_manifest_groups))
            parts = tuple(replace(part, groups=part.member.manifest.existing_groups(values)) for part in parts)
        elif source.kind == "extra" and len(session.variants) == 1:
            existing = (extra for part in parts if part.extras != "all" for extra in part.extras)
            key, values = "extras", tuple(dict.fromkeys((*existing, name)))
            parts = tuple(
                part
                if part.extras == "all"
                else replace(part, extras=tuple(extra for extra in values if extra in part.member.manifest.extras))
                for part in parts
            )
        else:
            return ""
        closure = self._closure(parts, root_groups=root_groups, root_defaults=root_defaults)
        return remedies.set(key, values) if distribution in closure else ""

    def _groups_with(self, group: NormalizedName) -> tuple[NormalizedName, ...]:
        """Return the groups that the session installs, those of the root too if it counts as one more member, and *group*."""
        groups = [
            name
            for part in self._job.selections
            for name in (part.member.manifest.groups_by_default() if part.groups is None else part.groups)
        ]
        root_groups = self._job.workspace.manifest.groups_by_default() if self._session.root_defaults else ()
        return tuple(dict.fromkeys((*groups, *root_groups, group)))

    def _closure(
        self, parts: Sequence[MemberSelection], *, root_groups: Sequence[str] = (), root_defaults: bool = False
    ) -> frozenset[str]:
        """Return the names in the closure of *parts* and *root_groups*, none where it is refused."""
        try:
            contents = Contents(selections=parts, root_groups=root_groups, root_defaults=root_defaults)
            closure = session_closure(self._inventory.resolver, self._job.workspace, contents)
            return frozenset(package.name for package in closure.packages)
        except WsnoxError:
            return frozenset()


def _naming_first(manifest: Manifest, groups: Iterable[NormalizedName], distribution: str) -> list[NormalizedName]:
    """Return *groups* of *manifest*, those first that name the *distribution* themselves."""
    naming = manifest.groups_with(distribution)
    return sorted(groups, key=lambda group: (group not in naming, group))


def _distributions_with(program: str, sites: Iterable[Path]) -> Iterator[NormalizedName]:
    """Yield the distributions in *sites* that have a *program* of this name, as their metadata says."""
    in_record = re.compile(rf"(?:^|/)(?:bin|Scripts)/{re.escape(program)}(?:\.exe)?,", re.MULTILINE)
    for site in sites:
        for distribution in distributions(path=[str(site)]):
            # The metadata of an environment at hand may be in any state.
            with suppress(Exception):
                if _has_script(distribution, program) or in_record.search(distribution.read_text("RECORD") or ""):
                    yield canonicalize_name(distribution.metadata["Name"])


def _has_script(distribution: Distribution, program: str) -> bool:
    return any(
        entry.group in ("console_scripts", "gui_scripts") and plain_name(entry.name) == program
        for entry in distribution.entry_points
    )
