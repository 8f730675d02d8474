"""The words of findings: for people, as data, and as annotations of GitHub Actions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from wsnox.annotations import annotation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsnox.imports.model import Finding

__all__ = [
    "combined_fixes",
    "finding_annotations",
    "finding_data",
    "finding_lines",
    "sentence",
]

PLACES = 3
"""How many places of a finding are listed before the rest is counted."""


def finding_lines(finding: Finding) -> Iterator[str]:
    """Yield what to print of *finding*: what is wrong and where, who has the module, and what to do."""
    yield _problem(finding)
    if finding.kind == "failing":
        yield "  hint: where it must fail without something outside, allow it in `[tool.wsnox.imports]`"
    elif finding.kind != "unshipped":
        yield f"  {_provider(finding)}"
        if finding.fix:
            yield f"  hint: {finding.fix}"


def _problem(finding: Finding) -> str:
    member, module = _member(finding), f"`{finding.module}`"
    shown = [f"{file}:{line}" if line else file for file, line in finding.places[:PLACES]]
    rest = len(finding.places) - len(shown)
    places = f"({', '.join(shown)}{f' and {rest} more' if rest else ''})"
    match finding.kind:
        case "missing":
            return f"{member} imports {module} {places}, which nothing in its locked closure provides"
        case "transitive":
            return f"{member} imports {module} {places}, which it does not declare"
        case "group":
            groups = " and ".join(f"`{group}`" for group in finding.groups)
            give = f"group {groups} gives" if len(finding.groups) == 1 else f"groups {groups} give"
            return f"{member} imports {module} {places}, which only its dependency {give} it"
        case "failing":
            return f"{member} cannot import its module {module} {places}: {finding.raised}"
        case "unshipped":
            return f"the wheel of {member} leaves out {module} {places}, which the command needs"


def _member(finding: Finding) -> str:
    return finding.member or "the workspace root"


def _provider(finding: Finding) -> str:
    if finding.beside:
        return f"it stands in `{finding.beside}`, which nothing installs"
    if not finding.owner:
        return "no distribution of `uv.lock` is known to provide it"
    name = " ".join(filter(None, (finding.owner, finding.version)))
    provider = f"provided by {name}{' (by its name)' if finding.how == 'name' else ''}"
    if finding.chain:
        return f"{provider}, through {finding.chain}"
    if finding.declared:
        return f"{provider}, declared by {', '.join(finding.declared)}"
    return f"{provider}, {'a member of the workspace' if finding.how == 'sources' else 'which no member declares'}"


def combined_fixes(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the commands that do what several *findings* hint at, one for each member and part of it."""
    names: dict[str, set[str]] = {}
    for finding in findings:
        command, _, name = finding.fix.rpartition(" ")
        names.setdefault(command, set()).add(name)
    return (f"{command} {' '.join(sorted(added))}" for command, added in names.items() if len(added) > 1)


def sentence(finding: Finding) -> str:
    """Return *finding* in one line."""
    first, *more = (line.strip() for line in finding_lines(finding))
    return f"{first}; {', '.join(more)}" if more else first


def finding_data(finding: Finding) -> dict[str, Any]:
    """Return *finding* as JSON data."""
    places = [{"file": file, "line": line} for file, line in finding.places]
    return {**asdict(finding), "places": places, "sentence": sentence(finding)}


def finding_annotations(findings: Iterable[Finding], *, prefix: str = "") -> Iterator[str]:
    """Yield an annotation for each place of *findings*; *prefix* is where the workspace lies in its repository."""
    for finding in findings:
        text, title = sentence(finding), f"wsnox: {_member(finding)}"
        for file, line in finding.places:
            yield annotation(text, title=title, file=f"{prefix}{file}", line=line)
