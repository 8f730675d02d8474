"""Why sessions are affected: in words, grouped by what they have in common, as Markdown, and in JSON.

A change of one file can affect ninety sessions. So a reason is told once, with its sessions, and reasons that affect the
same sessions are told together; only JSON has every reason of every session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsnox.affected.model import (
    Configured,
    Defined,
    Everything,
    FileChanged,
    MemberChanged,
    New,
    NoClosure,
    PackagesChanged,
    Requires,
)
from wsnox.cli.output import json_of, package_text
from wsnox.markdown import cell, code, prose
from wsnox.text import counted, first_of, printable_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wsnox.affected.model import Affected, AffectedRun, Reason
    from wsnox.closure.model import Change

    Mark = Callable[[str], str]

__all__ = ["MARK", "markdown", "reason_data", "reason_lines", "reason_text"]

_KINDS = {
    Everything: "everything",
    MemberChanged: "member",
    FileChanged: "file",
    PackagesChanged: "packages",
    NoClosure: "no-closure",
    Configured: "configuration",
    New: "new",
    Requires: "requires",
    Defined: "noxfile",
}


def reason_data(reason: Reason) -> dict[str, Any]:
    """Return *reason* with its kind, its words and its fields."""
    return {"kind": _KINDS[type(reason)], "text": reason_text(reason), **json_of(reason)}


def reason_text(reason: Reason) -> str:
    """Return *reason* in a few words."""
    if isinstance(reason, PackagesChanged):
        return f"{_some([*_package_texts(reason)])} (Python {reason.python})"
    return _text(reason)


def _text(reason: Reason, name: Mark = str, prose: Mark = str) -> str:
    """Return *reason* in words, each name and path in it marked by *name*, and sentences by *prose*."""
    match reason:
        case Everything(words=words):
            return prose(words)
        case MemberChanged(member=member, paths=paths):
            return f"{name(member)} changed ({_some([*map(name, paths)], 2)})"
        case FileChanged(path=path, why=why):
            return f"{name(path)} changed{f', {prose(why)}' if why else ''}"
        case PackagesChanged():
            return _some([*_package_texts(reason, name)])
        case NoClosure(python=python, words=words):
            return f"no closure to compare{f' on Python {python}' if python else ''}: {prose(words)}"
        case Configured(keys=keys):
            return prose(f"other {_some([f'`{key}`' for key in keys])} in `tool.wsnox`")
        case New():
            return "new session"
        case Defined():
            return "defined by the noxfile, which selects it"
        case Requires(session=session):
            return f"requires {name(session)}"


def _package_texts(reason: PackagesChanged, name: Mark = str) -> Iterator[str]:
    yield from (_change(change, name) for change in reason.changes)
    yield from (f"{name(package)} has other files" for package in reason.files)


def _change(change: Change, name: Mark) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        package = after or before
        version = package_text(package) if package else ""
        return f"{name(change.name)} {version} is {'new' if before is None else 'gone'}"
    if before.version == after.version:
        return f"{name(change.name)} has another source"
    return f"{name(change.name)} {package_text(before)} -> {package_text(after)}"


def _some(texts: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(texts[:most])
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown


# --- grouped ---

_SESSIONS = 5
_LINES = 20


def reason_lines(affected: Affected) -> list[str]:
    """Return a line for what concerns every session, and one for each group of reasons with its sessions."""
    lines = [
        *(f"everything: {reason_text(reason)}" for reason in affected.everything),
        *(f"{_some(texts)}: {_some(titles, _SESSIONS)}" for texts, titles in _grouped(affected.runs)),
    ]
    if len(lines) > _LINES:
        lines[_LINES:] = [f"and {counted(len(lines) - _LINES, 'more line')}, which `--json` has"]
    return [printable_line(line) for line in lines]


def _grouped(runs: Iterable[AffectedRun], name: Mark = str, prose: Mark = str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the reasons of *runs*, those of one kind that affect the same together, with the titles of these, most first.

    Packages are told one by one, and without the Python: the next session may have some of them.
    """
    titles: dict[tuple[str, str], dict[str, None]] = {}
    for affected_run in runs:
        for reason in affected_run.reasons:
            texts = (
                _package_texts(reason, name) if isinstance(reason, PackagesChanged) else [_text(reason, name, prose)]
            )
            for text in texts:
                titles.setdefault((_KINDS[type(reason)], text), {})[affected_run.run.title] = None
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (kind, text), affected_titles in titles.items():
        groups.setdefault((kind, tuple(affected_titles)), []).append(text)
    ordered = sorted(groups.items(), key=lambda group: -len(group[0][1]))
    yield from ((texts, [*affected_titles]) for (_, affected_titles), texts in ordered)


# --- Markdown ---

MARK = "<!-- wsnox affected -->"
"""The first line of a comment, by which a workflow finds the one that it wrote before."""

_LENGTH = 60_000
"""The characters of a comment at most: GitHub takes 65,536, GitLab a million."""


def markdown(affected: Affected, since: str) -> str:
    """Return a comment on a change that says what is *affected*; *since* says what was compared with, if anything.

    A table has a row for each group of reasons; all names stand below it, folded. What is too long for a comment is counted.
    """
    count = len(affected.runs)
    head = [MARK, f"### {count} of {counted(affected.total, 'session')} affected{prose(since)}"]
    rows = [f"| {cell([prose(reason.words)])} | *every session* |" for reason in affected.everything]
    for texts, titles in _grouped(affected.runs, code, prose):
        names = _some([*map(code, titles[:_SESSIONS]), *titles[_SESSIONS:]], _SESSIONS)
        rows.append(f"| {cell(first_of(texts, _LINES))} | {cell([names])} |")
    shown = _fitting(rows, _LENGTH // 2)
    table = ["", "| because of | sessions |", "| --- | --- |", *shown] if rows else []
    if len(shown) < len(rows):
        table.append(f"| and {len(rows) - len(shown)} more | |")
    if count <= _SESSIONS and len(rows) > 0:
        return "\n".join([*head, *table, ""])
    all_names = [code(affected_run.run.title) for affected_run in affected.runs]
    names_shown = _fitting(all_names, _LENGTH // 2)
    more = f" and {count - len(names_shown)} more" if len(names_shown) < count else ""
    folded = ["", "<details><summary>all of them</summary>", "", f"{', '.join(names_shown)}{more}", "", "</details>"]
    return "\n".join([*head, *table, *(folded if all_names else []), ""])


def _fitting(texts: Sequence[str], length: int) -> list[str]:
    """Return those of *texts* that come before *length* characters are used up."""
    shown = []
    for text in texts:
        length -= len(text) + 2
        if length < 0:
            break
        shown.append(text)
    return shown
