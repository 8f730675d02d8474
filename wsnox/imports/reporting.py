"""Findings: which are reported, and their words, for people, as data, and as annotations of GitHub Actions."""

from __future__ import annotations

from dataclasses import asdict, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

from wsnox._record import Record
from wsnox.annotations import annotation
from wsnox.imports.shipped import parents

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from wsnox.imports.owners import How
    from wsnox.workspace import Workspace
    from wsnox.workspace.settings import Allowance

__all__ = [
    "Finding",
    "Kind",
    "combined_fixes",
    "finding_annotations",
    "finding_data",
    "finding_lines",
    "merged",
    "reported",
    "sentence",
    "without_allowed",
]

Kind = Literal["missing", "transitive", "group", "failing", "unshipped"]

PLACES = 3
"""How many places of a finding are listed before the rest is counted."""


class Finding(Record, kw_only=True):
    """An import that *member* (empty: the workspace root) must not count on, of one *kind*, wherever it stands.

    ``missing`` nothing in the closure provides the *module*; ``transitive`` only a dependency's dependency does, along
    the *chain*; ``group`` only the dependency *groups* do; ``failing`` importing the module raised *raised*;
    ``unshipped`` the wheel leaves out a file that the sources have, and *module* is its path in the wheel.

    *places* are the files (POSIX, relative to the workspace root) and lines; *owner* is the distribution that has the
    module, with its *version*, *how* that is known and the members by which it is *declared*; *fix* is the command that
    declares it. Without an owner, *beside* is the path at which the workspace has such a module, and nothing installs it.
    """

    member: str
    kind: Kind
    module: str
    places: tuple[tuple[str, int], ...]
    owner: str = ""
    version: str = ""
    how: How | None = None
    declared: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    raised: str = ""
    beside: str = ""
    fix: str = ""


def reported(findings: Iterable[Finding], workspace: Workspace) -> tuple[Finding, ...]:
    """Return *findings*, one for each module, without what *workspace* allows."""
    return tuple(without_allowed(merged(findings), workspace))


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return *findings* with one for each member, kind and module, all its places in it, sorted."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.member, finding.kind, finding.module), []).append(finding)
    return tuple(
        replace(group[0], places=tuple(sorted({place for finding in group for place in finding.places})))
        for _, group in sorted(groups.items())
    )


def without_allowed(findings: Iterable[Finding], workspace: Workspace) -> Iterator[Finding]:
    """Yield *findings* without the places that ``[tool.wsnox.imports]`` of the root or of the member allows."""
    for finding in findings:
        member = workspace.member(finding.member)
        inner = member if member is not None and member.path != "." else None
        prefix = f"{inner.path}/" if inner else ""
        entries = (*(inner.manifest.config.imports if inner else ()), *workspace.manifest.config.imports)
        allowances = [entry for entry in entries if _is_about(entry, finding)]
        places = tuple(
            (file, line)
            for file, line in finding.places
            if not any(_matches(file.removeprefix(prefix), allowance.files) for allowance in allowances)
        )
        if places:
            yield replace(finding, places=places)


def _is_about(allowance: Allowance, finding: Finding) -> bool:
    return (
        any(_matches(name, allowance.modules) for name in (finding.module, *parents(finding.module)))
        and (allowance.kinds is None or finding.kind in allowance.kinds)
        and _matches(finding.member, allowance.members)
    )


def _matches(text: str, patterns: Collection[str] | None) -> bool:
    return patterns is None or any(fnmatchcase(text, pattern) for pattern in patterns)


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
        return f"{provider}, through {' -> '.join(finding.chain)}"
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


def sentence(finding: Finding, *, hints: bool = True) -> str:
    """Return *finding* in one line, with what to do unless *hints* are said elsewhere."""
    first, *more = (line.strip() for line in finding_lines(finding))
    return "; ".join((first, *more)) if hints else first


def finding_data(finding: Finding, *, hints: bool = True) -> dict[str, Any]:
    """Return *finding* as JSON has it: what is not known is null. Its sentence says what to do, if it is to have *hints*."""
    places = [{"file": file, "line": line} for file, line in finding.places]
    known = {name: None if value == "" else value for name, value in asdict(finding).items()}
    return {**known, "places": places, "sentence": sentence(finding, hints=hints)}


def finding_annotations(findings: Iterable[Finding], *, prefix: str = "", hints: bool = True) -> Iterator[str]:
    """Yield an annotation for each place of *findings*; *prefix* is where the workspace lies in its repository.

    They say what to do, if they are to have *hints*.
    """
    for finding in findings:
        text, title = sentence(finding, hints=hints), f"wsnox: {_member(finding)}"
        for file, line in finding.places:
            yield annotation(text, title=title, file=f"{prefix}{file}", line=line)
