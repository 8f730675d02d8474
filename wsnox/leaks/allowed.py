"""Which findings the workspace allows: ``[tool.wsnox.imports]`` of the member and of the root."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from wsnox.leaks.records import Finding
    from wsnox.workspace import Workspace
    from wsnox.workspace.settings import Allowance

__all__ = ["without_allowed"]


def without_allowed(findings: Iterable[Finding], workspace: Workspace) -> tuple[Finding, ...]:
    """Return *findings* without the places that the tables of *workspace* allow."""
    return tuple(each for finding in findings for each in _rest(finding, workspace))


def _rest(finding: Finding, workspace: Workspace) -> Iterator[Finding]:
    member = workspace.member(finding.member)
    path = "" if member is None or member.path == "." else f"{member.path}/"
    own = () if member is None or member.path == "." else member.manifest.config.imports
    allowances = [each for each in (*own, *workspace.manifest.config.imports) if _is_about(each, finding)]
    places = [
        (file, line)
        for file, line in finding.places
        if not any(_matches(file.removeprefix(path), each.files) for each in allowances)
    ]
    if places:
        yield replace(finding, places=tuple(places))


def _is_about(allowance: Allowance, finding: Finding) -> bool:
    names = [finding.module]
    while "." in names[-1]:
        names.append(names[-1].rpartition(".")[0])
    return (
        any(_matches(name, allowance.modules) for name in names)
        and (allowance.kinds is None or finding.kind in allowance.kinds)
        and _matches(finding.member, allowance.members)
    )


def _matches(text: str, patterns: Collection[str] | None) -> bool:
    return patterns is None or any(fnmatchcase(text, pattern) for pattern in patterns)
