"""Read the imports of members against their closures: what `wsnox check`, ``MEMBER:imports`` and a failed command ask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.leaks.advice import COMMAND, Advisor, group_for
from wsnox.leaks.allowed import without_allowed
from wsnox.leaks.closures import Closures
from wsnox.leaks.distributions import prefixes_in
from wsnox.leaks.findings import gathered, undeclared, unprovided
from wsnox.leaks.imports import read_imports
from wsnox.leaks.optional import by_design
from wsnox.leaks.owners import Owners
from wsnox.leaks.records import Finding
from wsnox.leaks.shipped import read_shipped
from wsnox.leaks.sources import files_below, imports_of, is_local, is_test, sources_of
from wsnox.leaks.standard import STANDARD
from wsnox.lock.records import Directory, Virtual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wsnox.closure import Resolver, Target
    from wsnox.leaks.findings import Judged
    from wsnox.leaks.importer import Failure
    from wsnox.leaks.records import How, Import, Owner
    from wsnox.leaks.sources import Sources
    from wsnox.lock import Lock, Package
    from wsnox.workspace import Member, Workspace

__all__ = ["Reading", "Undeclared", "Verdict"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Undeclared:
    """What the shipped code of a member imports without declaring it; modules that nobody could judge are *unsure*.

    The top-level modules in *optional* are undeclared by design, or allowed.
    """

    findings: tuple[Finding, ...]
    unsure: tuple[str, ...]
    optional: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What to say of modules that could not be imported; those that only need more are named by what they *need*."""

    findings: tuple[Finding, ...]
    need: Mapping[str, Sequence[str]]


class Reading:
    """Reads the members of *workspace* on *target*; *site* are the directories of environments whose metadata helps."""

    def __init__(self, workspace: Workspace, lock: Lock, target: Target, site: Iterable[Path]) -> None:
        self.workspace, self.lock, self._target, self._site = workspace, lock, target, tuple(site)
        self._sources: dict[str, Sources] = {}

    def sources(self, member: Member) -> Sources:
        """Return the Python files of *member*."""
        if member.name not in self._sources:
            self._sources[member.name] = sources_of(member, self.workspace.members)
        return self._sources[member.name]

    @cached_property
    def owners(self) -> Owners:
        """Who owns which module: members and other source trees by their sources, the rest by metadata, last by name."""
        prefixes: dict[str, tuple[How, Collection[str]]] = {
            name: ("metadata", found) for name, found in prefixes_in(self._site).items()
        }
        prefixes.update((name, ("sources", found)) for name, found in self._trees())
        installed = {package.name for package in self.lock.packages if not isinstance(package.source, Virtual)}
        return Owners(prefixes, installed)

    def _trees(self) -> Iterator[tuple[str, Collection[str]]]:
        members: dict[str, Member] = {member.name: member for member in self.workspace.members}
        for package in self.lock.packages:
            if package.name in members:
                shipped = self.sources(members[package.name]).shipped
            elif isinstance(package.source, (Directory, Virtual)):
                shipped = read_shipped(self.workspace.root / package.source.path, package.name)
            else:
                continue
            # What is installed and has no module that can be seen may be gone, or made by its build.
            seen = shipped.sure and (package.name in members or isinstance(package.source, Virtual))
            if shipped.prefixes or seen:
                yield package.name, shipped.prefixes

    # --- what is shipped, against what is declared ---

    def undeclared(self, member: Member, resolver: Resolver) -> Undeclared:
        """Return what the shipped code of *member* imports without declaring it; an application's code is all it has."""
        closures = Closures(self.workspace, resolver, member)
        sources = self.sources(member)
        imports = self._imports(member, sources.files or self._application(sources))
        judged = [each for each in undeclared(imports, closures, self.owners) if not self._is_own(each, sources)]
        advisor = self._advisor(member, imports, closures)
        optional = tuple(by_design(judged, member.name, self.lock))
        found = [advisor.finding(each) for each in judged if each.kind is not None and each not in optional]
        findings = self._allowed(found)
        unsure = sorted({each.module for each in judged if each.kind is None})
        return Undeclared(
            findings=findings,
            unsure=tuple(unsure),
            optional=frozenset({*_tops(optional), *(_tops(found) - _tops(findings))}),
        )

    def _application(self, sources: Sources) -> tuple[str, ...]:
        """Return the code of a member of which no wheel is built, as far as it is neither a test nor a script aside."""
        if sources.shipped.prefixes or not _is_application(sources.member):
            return ()
        packages = {file.removesuffix("/__init__.py") for file in sources.rest if file.count("/") == 1}
        return tuple(file for file in sources.rest if not _is_aside(file) and _is_code(file, packages))

    def _is_own(self, judged: Judged, sources: Sources) -> bool:
        """Tell whether what is imported stands beside, as an application's own modules do, and as a script's may."""
        aside = not sources.files or not judged.owners
        return aside and is_local(sources.member.directory, judged.imported, ("src",))

    # --- after a failed command ---

    def unprovided(
        self, members: Sequence[Member], provided: Collection[str], *, directory: Path, tests: bool, code: str = ""
    ) -> tuple[Finding, ...]:
        """Return the imports that cannot work where exactly *provided* is installed.

        All files of *members* are read, of other members in *provided* what they ship, and where *tests*, what else
        lies below *directory*, the session's own. *code* is a program that the command has on its line.
        """
        alone = members[0] if len(members) == 1 else None
        findings = list(self._missing_in(alone, read_imports(code.encode(), COMMAND, self._target) or (), provided))
        for member in self.workspace.members:
            if member.name in provided or member in members:
                findings += self._missing(member, self.sources(member).files, provided)
        for member in members if tests else ():
            findings += self._missing(member, self.sources(member).rest, provided, part=group_for(member))
        if tests and all(member.directory != directory for member in members):
            imports = imports_of(directory, files_below(directory), self._target)
            around = (each for each in imports if not is_local(directory, each))
            findings += self._missing_in(None, tuple(around), provided)
        return self._allowed(findings)

    def _missing(
        self, member: Member, files: Sequence[str], provided: Collection[str], part: str = ""
    ) -> Iterator[Finding]:
        imports = self._imports(member, files)
        shipped = frozenset(self.sources(member).files)
        advisor = self._advisor(member, imports, None, part=part)
        for each in unprovided(imports, provided, self.owners):
            if each.kind and (each.imported.file in shipped or not is_local(member.directory, each.imported, ("src",))):
                yield advisor.finding(each)

    def _missing_in(
        self, member: Member | None, imports: Sequence[Import], provided: Collection[str]
    ) -> Iterator[Finding]:
        """Yield what *imports* that are not of a member's files need in vain; a fix is for *member*, or the root's tests."""
        part = "--dev" if member is None else group_for(member)
        advisor = Advisor(workspace=self.workspace, lock=self.lock, member=member, part=part, extras={})
        yield from (advisor.finding(each) for each in unprovided(imports, provided, self.owners) if each.kind)

    # --- after importing what is shipped ---

    def failing(self, member: Member, failed: Sequence[Failure], read: Undeclared) -> Verdict:
        """Return what to say of modules of *member* that *failed* to be imported, beyond what was *read* already.

        A module that needs an extra may fail without it, and one for another platform may miss what that alone has. What
        nobody could judge may be an extra's as well.
        """
        extras = self._by_extra(self.lock.packages[self.lock.by_name[member.name][0]])
        need: dict[str, list[str]] = {}
        findings: list[Finding] = []
        for each in failed:
            top = each.missing.partition(".")[0]
            extra = next((extras[owner.name] for owner in self._owners_of(each.missing) if owner.name in extras), "")
            spared = top in read.optional or top in _tops_of(read.unsure) or (each.elsewhere and top in STANDARD)
            if extra or spared:
                need.setdefault(f"the extra `{extra}`" if extra else f"`{top}`", []).append(each.module)
            elif not _is_explained(each, failure := self._failure(member, each), read.findings):
                findings.append(failure)
        return Verdict(findings=self._allowed(findings), need=need)

    def _owners_of(self, module: str) -> tuple[Owner, ...]:
        return self.owners.of(module) if module else ()

    def _failure(self, member: Member, failed: Failure) -> Finding:
        """Return the finding for *failed*, at the last line of the member's own that the traceback has."""
        files = {module.name: module.file for module in self.sources(member).shipped.modules}
        root, own = self.workspace.root.resolve(), member.directory.resolve()
        places = [(_own_file(Path(file).resolve(), own, files), line) for file, line in failed.places]
        inside = [(path, line) for path, line in places if path is not None]
        path, line = inside[-1] if inside else (own / files[failed.module], 0)
        place = (path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix(), line)
        return Finding(member=member.name, kind="failing", module=failed.module, places=(place,), raised=failed.words)

    # --- both ---

    def _imports(self, member: Member, files: Iterable[str]) -> tuple[Import, ...]:
        return imports_of(member.directory, files, self._target)

    def _advisor(self, member: Member, imports: Sequence[Import], closures: Closures | None, part: str = "") -> Advisor:
        return Advisor(
            workspace=self.workspace,
            lock=self.lock,
            member=member,
            part=part,
            extras={} if part else self._extras(member, imports),
            closures=closures,
        )

    def _extras(self, member: Member, imports: Sequence[Import]) -> Mapping[str, str]:
        """Return the extra by file, for files that import what only an extra of *member* declares."""
        extras = self._by_extra(self.lock.packages[self.lock.by_name[member.name][0]])
        return {
            each.file: extras[owner.name]
            for each in imports
            if not each.lazy and not each.guard
            for owner in self.owners.of(each.module)
            if owner.name in extras
        }

    def _by_extra(self, package: Package) -> Mapping[str, str]:
        """Return the distributions that only extras of *package* declare, each with its extra."""
        plain = {self.lock.packages[edge.target].name for edge in package.dependencies}
        return {
            name: extra
            for extra, edges in sorted(package.extras.items(), reverse=True)
            for name in (self.lock.packages[edge.target].name for edge in edges)
            if name not in plain
        }

    def _allowed(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return without_allowed(gathered(findings), self.workspace)


def _is_explained(failed: Failure, failure: Finding, findings: Sequence[Finding]) -> bool:
    """Tell whether one of *findings* is why importing *failed*: of the module that is missing, or in the same line."""
    heads = {failed.missing, failed.missing.partition(".")[0]} if failed.missing else set()
    return any(each.module in heads or not {*each.places}.isdisjoint(failure.places) for each in findings)


def _own_file(path: Path, own: Path, files: Mapping[str, str]) -> Path | None:
    """Return the source of *path* among *files*, by module, of the project *own*: itself, or what its wheel installed."""
    *_, last = (0, *(index for index, part in enumerate(path.parts, 1) if part == "site-packages"))
    if not last:
        return path if any(path == own / file for file in files.values()) else None
    name = ".".join(path.parts[last:]).removesuffix(".py").removesuffix(".__init__")
    return own / files[name] if name in files else None


def _tops(each: Iterable[Judged] | Iterable[Finding]) -> frozenset[str]:
    return _tops_of(one.module for one in each)


def _tops_of(modules: Iterable[str]) -> frozenset[str]:
    return frozenset(module.partition(".")[0] for module in modules)


def _is_application(member: Member) -> bool:
    declared = member.manifest.declared
    return declared.package is False or (declared.package is None and not declared.build_system)


_SCRIPTS = frozenset({"dodo.py", "fabfile.py", "noxfile.py", "setup.py", "tasks.py"})
_ASIDE = frozenset(
    [
        "benchmarks",
        "demo",
        "demos",
        "doc",
        "docs",
        "example",
        "examples",
        "notebooks",
        "recipes",
        "sample",
        "samples",
        "scripts",
        "testing",
        "tools",
    ]
)


def _is_aside(file: str) -> bool:
    *folders, name = file.split("/")
    return is_test(file) or name in _SCRIPTS or not _ASIDE.isdisjoint(folders)


def _is_code(file: str, packages: Collection[str]) -> bool:
    """Tell whether *file* of an application stands where its code usually does: at the top, in ``src``, in a package."""
    first, inner, _ = file.partition("/")
    return not inner or first == "src" or first in packages
