"""What to say of modules that could not be imported, beyond what reading them said already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.leaks.records import Finding
from wsnox.leaks.standard import STANDARD
from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wsnox.leaks.importer import Failure
    from wsnox.leaks.reading import Reading
    from wsnox.leaks.runtime import Undeclared
    from wsnox.workspace import Member

__all__ = ["Verdict", "verdict_on"]


class Verdict(Record, kw_only=True):
    """What to say of modules that could not be imported; those that only need more are named by what they *need*."""

    findings: tuple[Finding, ...]
    need: Mapping[str, Sequence[str]]


def verdict_on(reading: Reading, member: Member, failed: Sequence[Failure], read: Undeclared) -> Verdict:
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
    return Verdict(findings=tuple(_once(reading.allowed(findings))), need=need)


def _once(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the first of *findings* with the same place and words, with the number of the others."""
    same: dict[object, list[Finding]] = {}
    for each in findings:
        same.setdefault((each.places, each.raised), []).append(each)
    for first, *others in same.values():
        more = f" (and {len(others)} more of its modules, for that)" if others else ""
        yield replace(first, raised=f"{first.raised}{more}")


def _needed(reading: Reading, member: Member, failed: Failure, read: Undeclared) -> str:
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


def _finding(reading: Reading, member: Member, failed: Failure, files: Mapping[str, str]) -> Finding:
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
