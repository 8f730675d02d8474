"""What cannot be imported in a session's environment: the reading that a failed command asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.leaks.advice import COMMAND, group_for
from wsnox.leaks.application import is_script
from wsnox.leaks.findings import unprovided
from wsnox.leaks.imports import read_imports
from wsnox.leaks.sources import files_below, is_local
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from wsnox.leaks.reading import Reading
    from wsnox.leaks.records import Finding, Import
    from wsnox.workspace import Member

__all__ = ["Ran", "unprovided_in"]


class Ran(Record, kw_only=True):
    """What ran: commands of *members* in *directory*, where exactly the distributions *provided* are installed.

    *tests* tells whether they can have been tests; *code* is a program that a command had on its line.
    """

    members: Sequence[Member]
    directory: Path
    provided: Collection[str]
    tests: bool
    code: str = ""


def unprovided_in(reading: Reading, ran: Ran) -> tuple[Finding, ...]:
    """Return the imports that cannot work in what *ran*.

    All files of its members are read, of other members that are installed what they ship, and where it may have been
    tests, what else lies below its directory.
    """
    return reading.allowed([*_of_command(reading, ran), *_of_members(reading, ran), *_of_directory(reading, ran)])


def _of_command(reading: Reading, ran: Ran) -> Iterator[Finding]:
    imports = read_imports(ran.code.encode(), COMMAND, reading.target) or ()
    yield from _aside(reading, ran.members[0] if len(ran.members) == 1 else None, imports, ran.provided)


def _of_members(reading: Reading, ran: Ran) -> Iterator[Finding]:
    for member in reading.workspace.members:
        if member.name in ran.provided or member in ran.members:
            yield from _missing(reading, member, reading.sources(member).files, ran.provided)
    for member in ran.members if ran.tests else ():
        rest = [file for file in reading.sources(member).rest if not is_script(file)]
        yield from _missing(reading, member, rest, ran.provided, part=group_for(member))


def _of_directory(reading: Reading, ran: Ran) -> Iterator[Finding]:
    if ran.tests and all(member.directory != ran.directory for member in ran.members):
        files = (file for file in files_below(ran.directory) if not is_script(file))
        read = reading.imports_below(ran.directory, files)
        around = [each for each in read.imports if not is_local(ran.directory, each)]
        yield from _aside(reading, None, around, ran.provided)


def _missing(
    reading: Reading, member: Member, files: Sequence[str], provided: Collection[str], part: str = ""
) -> Iterator[Finding]:
    imports = reading.imports(member, files).imports
    shipped = frozenset(reading.sources(member).files)
    advisor = reading.advisor(member, imports, None, part=part)
    for each in unprovided(imports, provided, reading.owners):
        if each.kind and (each.imported.file in shipped or not is_local(member.directory, each.imported, ("src",))):
            yield advisor.finding(each)


def _aside(
    reading: Reading, member: Member | None, imports: Sequence[Import], provided: Collection[str]
) -> Iterator[Finding]:
    """Yield what *imports* that are not of a member's files need in vain; a fix is for *member*, or the root's tests."""
    part = "--dev" if member is None else group_for(member)
    advisor = reading.advisor(member, imports, None, part=part)
    yield from (advisor.finding(each) for each in unprovided(imports, provided, reading.owners) if each.kind)
