"""What the code that a member ships imports, against what the member declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.leaks.application import application_code
from wsnox.leaks.closures import Closures
from wsnox.leaks.findings import undeclared
from wsnox.leaks.optional import by_design
from wsnox.leaks.sources import is_local, without_tests
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.closure import Resolver
    from wsnox.leaks.findings import Judged
    from wsnox.leaks.reading import Reading
    from wsnox.leaks.records import Finding
    from wsnox.leaks.sources import Sources
    from wsnox.workspace import Member

__all__ = ["Undeclared", "undeclared_by"]


class Undeclared(Record, kw_only=True):
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


def undeclared_by(reading: Reading, member: Member, resolver: Resolver) -> Undeclared:
    """Return what the shipped code of *member* imports without declaring it; an application's code is all it has."""
    closures = Closures(reading.workspace, resolver, member, reading.owners.empty)
    sources = reading.sources(member)
    read = reading.imports(member, sources.files or application_code(sources))
    imports = without_tests(read.imports)
    judged = [each for each in undeclared(imports, closures, reading.owners) if not _is_own(each, sources)]
    advisor = reading.advisor(member, imports, closures)
    optional = frozenset(by_design(judged, member.name, reading.lock))
    found = [advisor.finding(each) for each in judged if each.kind is not None and each not in optional]
    layout = sources.shipped.unread
    findings = () if layout else reading.allowed(found)
    return Undeclared(
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
