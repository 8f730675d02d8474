"""What a member must not rely on, found in three ways.

1. `check_member` reads the code that the member ships, and compares its imports with what the member declares.
2. `judge_failures` takes what happened when each of its modules was imported, and leaves out what reading explained.
3. `check_command` reads what a failed command may have imported, and compares it with what was installed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.imports.advice import COMMAND, Advisor, option_for_tests
from wsnox.imports.declared import Closures, extra_by_distribution
from wsnox.imports.judge import by_design, undeclared, unprovided
from wsnox.imports.members import is_local, is_run_apart, python_files, without_tests
from wsnox.imports.model import Finding
from wsnox.imports.owners import STANDARD
from wsnox.imports.parser import read_imports

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from wsnox.closure import Resolver
    from wsnox.imports.importer import Failure
    from wsnox.imports.inventory import Inventory
    from wsnox.imports.judge import Judged
    from wsnox.imports.model import Import
    from wsnox.workspace import Member

__all__ = ["CheckedMember", "FailedCommand", "JudgedFailures", "check_command", "check_member", "judge_failures"]


class CheckedMember(Record, kw_only=True):
    """What the code of a member imports without declaring it; modules that cannot be judged are *unsure*.

    The top-level modules in *optional* are undeclared by design, or allowed. This Python cannot parse the files
    *unparsed* (POSIX, relative to the member). Where what the member ships is a guess, *unread_setting* is the build
    setting that decides it, and there are no findings.
    """

    findings: tuple[Finding, ...]
    unsure: tuple[str, ...]
    optional: frozenset[str]
    unparsed: tuple[str, ...] = ()
    unread_setting: str = ""


def check_member(inventory: Inventory, member: Member, resolver: Resolver) -> CheckedMember:
    """Return what the code that *member* ships, or all code of an application, imports without declaring it."""
    closures = Closures(inventory.workspace, resolver, member, inventory.owners.empty)
    files = inventory.files(member)
    parsed = inventory.parse(member.directory, files.code)
    imports = without_tests(parsed.imports)
    judged = [
        candidate
        for candidate in undeclared(imports, closures, inventory.owners)
        # An application's own modules stand beside the file that imports them, and a script's may.
        if (files.files and candidate.owners) or not is_local(member.directory, candidate.imported, ("src",))
    ]
    advisor = Advisor(inventory, member, imports, closures=closures)
    designed = frozenset(by_design(judged, member.name, inventory.lock))
    findings = [
        advisor.explain_import(candidate)
        for candidate in judged
        if candidate.kind is not None and candidate not in designed
    ]
    setting = files.shipped.unread
    reported = () if setting else inventory.reported(findings)
    return CheckedMember(
        findings=reported,
        unsure=tuple(sorted({candidate.module for candidate in judged if candidate.kind is None})),
        optional=_top_levels(designed) | (_top_levels(findings) - _top_levels(reported)),
        unparsed=parsed.unparsed,
        unread_setting=setting,
    )


def _top_levels(findings: Iterable[Judged] | Iterable[Finding]) -> frozenset[str]:
    return frozenset(finding.module.partition(".")[0] for finding in findings)


class JudgedFailures(Record, kw_only=True):
    """The *findings* of modules that could not be imported; *need* has the excused ones, by what they lack, in words."""

    findings: tuple[Finding, ...]
    need: Mapping[str, Sequence[str]]


def judge_failures(
    inventory: Inventory, member: Member, failures: Iterable[Failure], checked: CheckedMember
) -> JudgedFailures:
    """Return what to report of *failures* to import modules of *member*, beyond what was found when it was *checked*.

    A module that needs an extra may fail without it, one for another platform may lack what only that platform has, and
    one that handles an absence may raise an error of its own. A module that could not be judged may come from an extra as
    well. Of modules that fail in the same line, the first is named.
    """
    extras = extra_by_distribution(inventory.lock, member)
    spared = checked.optional | {module.partition(".")[0] for module in checked.unsure}
    need: dict[str, list[str]] = {}
    findings: list[Finding] = []
    for failure in failures:
        missing, top = failure.missing, failure.missing.partition(".")[0]
        owners = inventory.owners.of(missing) if missing else ()
        extra = next((extras[owner.name] for owner in owners if owner.name in extras), "")
        if extra:
            need.setdefault(f"the extra `{extra}`", []).append(failure.module)
        elif failure.handled or top in spared or (failure.elsewhere and top in STANDARD):
            need.setdefault(f"`{top}`", []).append(failure.module)
        else:
            finding = _failing(inventory, member, failure)
            names, places = {missing, top} - {""}, set(finding.places)
            if not any(cause.module in names or places & {*cause.places} for cause in checked.findings):
                findings.append(finding)
    return JudgedFailures(findings=tuple(_first_of_each_line(inventory.reported(findings))), need=need)


def _failing(inventory: Inventory, member: Member, failure: Failure) -> Finding:
    """Return the finding for *failure*, at the last line of the member's own files that the traceback has."""
    root, directory = inventory.workspace.root.resolve(), member.directory.resolve()
    files = {module.name: module.file for module in inventory.files(member).shipped.modules}
    path, line = directory / files[failure.module], 0
    for frame, number in failure.places:
        if source := _own_source(Path(frame).resolve(), directory, files):
            path, line = source, number
    file = path.relative_to(root) if path.is_relative_to(root) else path
    return Finding(
        member=member.name,
        kind="failing",
        module=failure.module,
        places=((file.as_posix(), line),),
        raised=failure.words,
    )


def _own_source(path: Path, directory: Path, files: Mapping[str, str]) -> Path | None:
    """Return the file of *directory*, among *files* by module, that is at *path*, or has its installed copy there."""
    starts = [index for index, part in enumerate(path.parts, 1) if part == "site-packages"]
    if not starts:
        is_own = path.is_relative_to(directory) and path.relative_to(directory).as_posix() in files.values()
        return path if is_own else None
    module = ".".join(path.parts[starts[-1] :]).removesuffix(".py").removesuffix(".__init__")
    return directory / files[module] if module in files else None


def _first_of_each_line(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the first of the *findings* with the same places and error, with the number of the others."""
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.places, finding.raised), []).append(finding)
    for first, *others in groups.values():
        more = f" (and {len(others)} more of its modules, for that)" if others else ""
        yield replace(first, raised=f"{first.raised}{more}")


class FailedCommand(Record, kw_only=True):
    """A command of *members* that failed in *directory*, where exactly the distributions *provided* are installed.

    *tests* says whether it may have run tests; *code* is a program given on its command line.
    """

    members: Sequence[Member]
    directory: Path
    provided: Collection[str]
    tests: bool
    code: str = ""


def check_command(inventory: Inventory, command: FailedCommand) -> tuple[Finding, ...]:
    """Return the imports that cannot work in what *command* ran.

    The files that the command's members and all installed members ship are read. If it may have run tests, so are the
    other files of its members, and those of its directory.
    """
    code = read_imports(command.code.encode(), COMMAND, inventory.target) or ()
    findings = [*_unprovided(inventory, command, command.members[0] if len(command.members) == 1 else None, code)]
    for member in inventory.workspace.members:
        files = inventory.files(member)
        if member.name in command.provided or member in command.members:
            imports = inventory.parse(member.directory, files.files).imports
            findings += _unprovided(inventory, command, member, imports, option="")
        if command.tests and member in command.members:
            rest = (file for file in files.rest if not is_run_apart(file))
            imports = inventory.parse(member.directory, rest).imports
            findings += _unprovided(inventory, command, member, imports, local=member.directory)
    if command.tests and all(member.directory != command.directory for member in command.members):
        rest = (file for file in python_files(command.directory) if not is_run_apart(file))
        imports = inventory.parse(command.directory, rest).imports
        findings += _unprovided(inventory, command, None, imports, local=command.directory)
    return inventory.reported(findings)


def _unprovided(
    inventory: Inventory,
    command: FailedCommand,
    member: Member | None,
    imports: Sequence[Import],
    *,
    option: str | None = None,
    local: Path | None = None,
) -> Iterator[Finding]:
    """Yield a finding for each of *imports* that is not installed, nor stands beside its file in the directory *local*.

    A fix adds it to *member* with this *option*, by default to the group of its tests.
    """
    if option is None:
        option = option_for_tests(member) if member else "--dev"
    advisor = Advisor(inventory, member, imports, option=option)
    for judged in unprovided(imports, command.provided, inventory.owners):
        if judged.kind is not None and not (local and is_local(local, judged.imported, ("src",) if member else ())):
            yield advisor.explain_import(judged)
