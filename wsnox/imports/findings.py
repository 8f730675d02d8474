"""The sources of a workspace with their owners: what every question about imports is asked of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.imports.advice import COMMAND, group_for
from wsnox.imports.declared import Closures
from wsnox.imports.judge import by_design, undeclared, unprovided
from wsnox.imports.members import (
    application_code,
    files_below,
    is_local,
    is_script,
    without_tests,
)
from wsnox.imports.model import Finding
from wsnox.imports.owners import STANDARD
from wsnox.imports.parser import read_imports

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wsnox.closure import Resolver
    from wsnox.imports.importer import Failure
    from wsnox.imports.inventory import Inventory
    from wsnox.imports.judge import Judged
    from wsnox.imports.members import Sources
    from wsnox.imports.model import Import
    from wsnox.workspace import Member

__all__ = ["CheckedMember", "FailedCommand", "JudgedFailures", "check_command", "check_member", "judge_failures"]


# --- What to say of modules that could not be imported, beyond what reading them said already ---


class JudgedFailures(Record, kw_only=True):
    """What to say of modules that could not be imported; those that only need more are named by what they *need*."""

    findings: tuple[Finding, ...]
    need: Mapping[str, Sequence[str]]


def judge_failures(
    reading: Inventory, member: Member, failed: Sequence[Failure], read: CheckedMember
) -> JudgedFailures:
    """Return what to say of modules of *member* that *failed* to be imported, beyond what was *read* already.

    A module that needs an extra may fail without it, one for another platform may miss what that alone has, and one that
    notices an absence may say so in its own words. What nobody could judge may be an extra's as well. Of modules that
    fail in the same line, the first is named.
    """
    need: dict[str, list[str]] = {}
    findings: list[Finding] = []
    files = {module.name: module.file for module in reading.sources(member).shipped.modules}
    for each in failed:
        failure = _finding(reading, member, each, files)
        if needed := _needed(reading, member, each, read):
            need.setdefault(needed, []).append(each.module)
        elif not _is_explained(each, failure, read.findings):
            findings.append(failure)
    return JudgedFailures(findings=tuple(_once(reading.allowed(findings))), need=need)


def _once(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the first of *findings* with the same place and words, with the number of the others."""
    same: dict[object, list[Finding]] = {}
    for each in findings:
        same.setdefault((each.places, each.raised), []).append(each)
    for first, *others in same.values():
        more = f" (and {len(others)} more of its modules, for that)" if others else ""
        yield replace(first, raised=f"{first.raised}{more}")


def _needed(reading: Inventory, member: Member, failed: Failure, read: CheckedMember) -> str:
    """Return what *failed* is allowed to need, in words: an extra, or a module that need not be there."""
    top = failed.missing.partition(".")[0]
    extras = reading.by_extra(member)
    owners = reading.owners.of(failed.missing) if failed.missing else ()
    extra = next((extras[owner.name] for owner in owners if owner.name in extras), "")
    if extra:
        return f"the extra `{extra}`"
    unsure = {module.partition(".")[0] for module in read.unsure}
    spared = failed.handled or top in read.optional or top in unsure or (failed.elsewhere and top in STANDARD)
    return f"`{top}`" if spared else ""


def _finding(reading: Inventory, member: Member, failed: Failure, files: Mapping[str, str]) -> Finding:
    """Return the finding for *failed*, at the last line of the member's own *files*, by module, that the traceback has."""
    root, own = reading.workspace.root.resolve(), member.directory.resolve()
    places = [(_own_file(Path(file).resolve(), own, files), line) for file, line in failed.places]
    inside = [(path, line) for path, line in places if path is not None]
    path, line = inside[-1] if inside else (own / files[failed.module], 0)
    place = (path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix(), line)
    return Finding(member=member.name, kind="failing", module=failed.module, places=(place,), raised=failed.words)


def _is_explained(failed: Failure, failure: Finding, findings: Sequence[Finding]) -> bool:
    """Tell whether one of *findings* is why importing *failed*: of the module that is missing, or in the same line."""
    heads = {failed.missing, failed.missing.partition(".")[0]} if failed.missing else set()
    return any(each.module in heads or not {*each.places}.isdisjoint(failure.places) for each in findings)


def _own_file(path: Path, own: Path, files: Mapping[str, str]) -> Path | None:
    """Return the source of *path* among *files*, by module, of the project *own*: itself, or what its wheel installed."""
    *_, last = (0, *(index for index, part in enumerate(path.parts, 1) if part == "site-packages"))
    if not last:
        return path if path.is_relative_to(own) and path.relative_to(own).as_posix() in files.values() else None
    name = ".".join(path.parts[last:]).removesuffix(".py").removesuffix(".__init__")
    return own / files[name] if name in files else None


# --- What the code that a member ships imports, against what the member declares ---


class CheckedMember(Record, kw_only=True):
    """What the shipped code of a member imports without declaring it; modules that nobody could judge are *unsure*.

    The top-level modules in *optional* are undeclared by design, or allowed. The files in *unread* (POSIX, relative to
    the member) this Python cannot parse. Where what the member ships is a guess, *layout* names the build setting that
    is not read: nothing of its imports is a finding then.
    """

    findings: tuple[Finding, ...]
    unsure: tuple[str, ...]
    optional: frozenset[str]
    unread: tuple[str, ...] = ()
    layout: str = ""


def check_member(reading: Inventory, member: Member, resolver: Resolver) -> CheckedMember:
    """Return what the shipped code of *member* imports without declaring it; an application's code is all it has."""
    closures = Closures(reading.workspace, resolver, member, reading.owners.empty)
    sources = reading.sources(member)
    read = reading.imports(member, sources.files or application_code(sources))
    imports = without_tests(read.imports)
    judged = [each for each in undeclared(imports, closures, reading.owners) if not _is_own(each, sources)]
    advisor = reading.advisor(member, imports, closures)
    optional = frozenset(by_design(judged, member.name, reading.lock))
    found = [advisor.explain_import(each) for each in judged if each.kind is not None and each not in optional]
    layout = sources.shipped.unread
    findings = () if layout else reading.allowed(found)
    return CheckedMember(
        findings=findings,
        unsure=tuple(sorted({each.module for each in judged if each.kind is None})),
        optional=frozenset({*_tops(optional), *(_tops(found) - _tops(findings))}),
        unread=read.unread,
        layout=layout,
    )


def _is_own(judged: Judged, sources: Sources) -> bool:
    """Tell whether what is imported stands beside, as an application's own modules do, and as a script's may."""
    aside = not sources.files or not judged.owners
    return aside and is_local(sources.member.directory, judged.imported, ("src",))


def _tops(each: Iterable[Judged] | Iterable[Finding]) -> frozenset[str]:
    return frozenset(one.module.partition(".")[0] for one in each)


# --- What cannot be imported in a session's environment: the reading that a failed command asks for ---


class FailedCommand(Record, kw_only=True):
    """What ran: commands of *members* in *directory*, where exactly the distributions *provided* are installed.

    *tests* tells whether they can have been tests; *code* is a program that a command had on its line.
    """

    members: Sequence[Member]
    directory: Path
    provided: Collection[str]
    tests: bool
    code: str = ""


def check_command(reading: Inventory, ran: FailedCommand) -> tuple[Finding, ...]:
    """Return the imports that cannot work in what *ran*.

    All files of its members are read, of other members that are installed what they ship, and where it may have been
    tests, what else lies below its directory.
    """
    return reading.allowed([*_of_command(reading, ran), *_of_members(reading, ran), *_of_directory(reading, ran)])


def _of_command(reading: Inventory, ran: FailedCommand) -> Iterator[Finding]:
    imports = read_imports(ran.code.encode(), COMMAND, reading.target) or ()
    yield from _aside(reading, ran.members[0] if len(ran.members) == 1 else None, imports, ran.provided)


def _of_members(reading: Inventory, ran: FailedCommand) -> Iterator[Finding]:
    for member in reading.workspace.members:
        if member.name in ran.provided or member in ran.members:
            yield from _missing(reading, member, reading.sources(member).files, ran.provided)
    for member in ran.members if ran.tests else ():
        rest = [file for file in reading.sources(member).rest if not is_script(file)]
        yield from _missing(reading, member, rest, ran.provided, part=group_for(member))


def _of_directory(reading: Inventory, ran: FailedCommand) -> Iterator[Finding]:
    if ran.tests and all(member.directory != ran.directory for member in ran.members):
        files = (file for file in files_below(ran.directory) if not is_script(file))
        read = reading.imports_below(ran.directory, files)
        around = [each for each in read.imports if not is_local(ran.directory, each)]
        yield from _aside(reading, None, around, ran.provided)


def _missing(
    reading: Inventory, member: Member, files: Sequence[str], provided: Collection[str], part: str = ""
) -> Iterator[Finding]:
    imports = reading.imports(member, files).imports
    shipped = frozenset(reading.sources(member).files)
    advisor = reading.advisor(member, imports, None, part=part)
    for each in unprovided(imports, provided, reading.owners):
        if each.kind and (each.imported.file in shipped or not is_local(member.directory, each.imported, ("src",))):
            yield advisor.explain_import(each)


def _aside(
    reading: Inventory, member: Member | None, imports: Sequence[Import], provided: Collection[str]
) -> Iterator[Finding]:
    """Yield what *imports* that are not of a member's files need in vain; a fix is for *member*, or the root's tests."""
    part = "--dev" if member is None else group_for(member)
    advisor = reading.advisor(member, imports, None, part=part)
    yield from (advisor.explain_import(each) for each in unprovided(imports, provided, reading.owners) if each.kind)
