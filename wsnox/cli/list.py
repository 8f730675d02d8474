"""``wsnox list``: the members and the sessions, what each offers, and how large its closure is."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from wsnox._record import Record
from wsnox.cli.context import narrowing, open_workspace, session_target, target_of_options
from wsnox.cli.output import aligned, show, source_data, target_data
from wsnox.cli.sessions import rows_of, suite_on
from wsnox.closure import Selection
from wsnox.errors import WsnoxError
from wsnox.workspace.pythons import MINORS
from wsnox.workspace.sessions import suite_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from wsnox.cli.context import Narrowing, Opened
    from wsnox.cli.sessions import Row
    from wsnox.closure import Resolver, Target
    from wsnox.workspace import Member, Workspace
    from wsnox.workspace.sessions import MemberSelection, Session
    from wsnox.workspace.settings import Command

__all__ = [
    "Omission",
    "first",
    "omissions",
    "refused",
    "run",
    "session_data",
    "session_lines",
    "skipped",
    "unbounded",
    "without_commands",
]

# --- What `wsnox list` tells below its tables: who narrowed the range, and what was left out, skipped or  ---


_SHOWN = 4


class Omission(Record, kw_only=True):
    """That the *sessions* have no run on *python*, since the workspace's range excludes it, by the bound of *members*."""

    python: str
    sessions: tuple[str, ...]
    members: tuple[str, ...]
    reason: str


def unbounded(workspace: Workspace) -> Workspace:
    """Return *workspace* as if no member said which Pythons it is for."""
    members = (replace(member, manifest=replace(member.manifest, requires_python="")) for member in workspace.members)
    return replace(workspace, members=tuple(members))


def omissions(
    wanted: Iterable[Session], made: Iterable[Session], narrowed: Sequence[Narrowing], allowed: str
) -> tuple[Omission, ...]:
    """Return which Pythons of *wanted* are not among those that were *made*, and which bound in *narrowed* it is for."""
    kept = {spec.name: spec.pythons or () for spec in made}
    missing: dict[str, list[str]] = {}
    for spec in wanted:
        # `"requires-python"` asks for what the range has and nothing else.
        if spec.pythons != MINORS:
            for python in spec.pythons or ():
                if python not in kept.get(spec.name, ()):
                    missing.setdefault(python, []).append(spec.name)
    return tuple(
        _omission(python, tuple(names), narrowed, allowed) for python, names in sorted(missing.items(), key=_age)
    )


def _omission(python: str, sessions: tuple[str, ...], narrowed: Sequence[Narrowing], allowed: str) -> Omission:
    version = _version(python)
    cause = [each for each in narrowed if version is not None and _beyond(version, each)]
    members = tuple(each.member.name for each in cause)
    reason = f"the lockfile is for Python `{allowed}`"
    if cause:
        verb = "raised the floor" if cause[0].end == "floor" else "lowered the ceiling"
        reason = f"{', '.join(first([f'`{name}`' for name in members]))} {verb} to `{cause[0].bound}`"
    return Omission(python=python, sessions=sessions, members=members, reason=reason)


def _beyond(version: Version, end: Narrowing) -> bool:
    return version < end.bound if end.end == "floor" else version >= end.bound


def _version(python: str) -> Version | None:
    try:
        return Version(python.lower().removeprefix("pypy").removeprefix("python").removesuffix("t").strip("-"))
    except InvalidVersion:
        return None


def _age(item: tuple[str, list[str]]) -> tuple[Version, str]:
    return _version(item[0]) or Version("0"), item[0]


def first(names: Sequence[str]) -> Sequence[str]:
    """Return the first few of *names*, and how many more there are."""
    return names if len(names) <= _SHOWN + 1 else [*names[:_SHOWN], f"+{len(names) - _SHOWN}"]


def skipped(rows: Iterable[Row]) -> Iterator[str]:
    """Yield each reason to skip sessions once."""
    names: dict[str, list[str]] = {}
    for row in rows:
        if row.spec.skip and f"`{row.spec.name}`" not in names.setdefault(row.spec.skip, []):
            names[row.spec.skip].append(f"`{row.spec.name}`")
    for reason, each in names.items():
        yield f"skipped: {', '.join(first(each))}: {reason}"


def refused(rows: Sequence[Row], told: Iterable[str]) -> Iterator[str]:
    """Yield each reason why sessions have no closure once, but for those that were *told* already."""
    names: dict[str, list[str]] = {}
    for answer in (answer for row in rows for answer in row.answers if answer.reason):
        names.setdefault(answer.reason, []).append(f"`{answer.title}`")
    for reason in told:
        names.pop(reason, None)
    for reason, titles in names.items():
        everybody = len(titles) == sum(len(row.answers) for row in rows)
        whose = "any session" if everybody else f"session {', '.join(first(titles))}"
        yield f"no closure for {whose}: {reason}"


def without_commands(rows: Iterable[Row]) -> Iterator[str]:
    """Yield what keeps a session from running its tests."""
    problems = [*dict.fromkeys(row.problem for row in rows if row.problem and not row.spec.skip)]
    yield from (f"fails: {problem}" for problem in problems[:_SHOWN])
    if len(problems) > _SHOWN:
        yield f"fails: and {len(problems) - _SHOWN} more, for the like reason"


# --- How sessions are put in a table of a hundred columns, and in JSON ---


_HEAD_table = ("session", "installs", "pythons", "size", "default", "tags", "runs")
_WIDTH = 100
_LEAST = 16
_INSTALLS = 28


def session_lines(rows: Sequence[Row], *, of: int) -> list[str]:
    """Return the table of *rows*, sessions *of* so many members; a column that holds nothing is left out, and the last is cut to the width."""
    cells = [
        (
            row.title,
            _cut(_installs(row, of), _INSTALLS),
            ", ".join(answer.python or "-" for answer in row.answers),
            _sizes(row),
            "skip" if row.spec.skip else "yes" if row.spec.default else "no",
            ", ".join(_own_tags(row)),
        )
        for row in rows
    ]
    head = _HEAD_table[:-1] if any(cell[5] for cell in cells) else (*_HEAD_table[:5], "")
    lines = aligned([head, *cells]) if rows else []
    width = max(map(len, lines), default=0) + 2
    runs = ["runs", *(_cut(_runs(row), max(_WIDTH - width, _LEAST)) for row in rows)]
    return [f"{line.ljust(width)}{each}".rstrip() for line, each in zip(lines, runs, strict=False)]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _installs(row: Row, of: int) -> str:
    """Return the members with their extras and groups, in two words where it is all of them with neither."""
    each = [_part(part) for part in row.parts]
    every = 1 < of == len(each) and each == [part.member.name for part in row.parts]
    members = "all members" if every else ", ".join(each)
    return f"{members}, root{_suffix('', row.spec.root_groups)}" if row.spec.root_groups else members


def _part(part: MemberSelection) -> str:
    extras = "" if not part.extras else f"[{'*' if part.extras == 'all' else ','.join(part.extras)}]"
    return f"{part.member.name}{_suffix(extras, part.groups or ())}"


def _suffix(extras: str, groups: Sequence[str]) -> str:
    return f"{extras}:{','.join(groups)}" if groups else extras


def _sizes(row: Row) -> str:
    """Return the size of the closure on each Python, once where it is the same on all."""
    sizes = ["-" if answer.size is None else str(answer.size) for answer in row.answers]
    return ", ".join(sizes if len(set(sizes)) > 1 else sizes[:1])


def _own_tags(row: Row) -> list[str]:
    """Return the tags that somebody chose: the kind, the members and the name are tags of every session."""
    made = {"member", "integration", row.spec.name, row.spec.name.rpartition(":")[2], "test"}
    return [tag for tag in row.spec.tags if tag not in made | {part.member.name for part in row.parts}]


def _runs(row: Row) -> str:
    """Return the commands on one line."""
    if row.imports and not row.spec.skip:
        return "(checks imports)"
    return "; ".join(map(_command, row.runs)) or ("-" if not row.problem else "fails")


def _command(command: Command) -> str:
    if isinstance(command, str):
        return command
    return " ".join(word if word.startswith("{") else shlex.quote(word) for word in command)


# --- JSON -----------------------------------------------------------------------------------------------------------


def session_data(opened: Opened, rows: Iterable[Row], omitted: Iterable[Omission]) -> dict[str, Any]:
    """Return everything about *rows*, and what was *omitted*."""
    return {
        "sessions": [_row(opened, row) for row in rows],
        "left_out": [
            {
                "python": each.python,
                "sessions": list(each.sessions),
                "narrowed_by": list(each.members),
                "reason": each.reason,
            }
            for each in omitted
        ],
    }


def _row(opened: Opened, row: Row) -> dict[str, Any]:
    spec = row.spec
    commands = [each if isinstance(each, str) else list(each) for each in row.runs]
    return {
        "name": spec.name,
        "variant": row.variant,
        "description": spec.description,
        "members": [_installed(part) for part in row.parts],
        "root_groups": list(spec.root_groups),
        "root_default_groups": spec.root_defaults,
        "editable": spec.editable,
        "directory": spec.directory.relative_to(opened.workspace.root).as_posix(),
        "pythons": None if spec.pythons is None else list(spec.pythons),
        "closures": [
            {
                "session": answer.title,
                "python": answer.python or None,
                "distributions": answer.size,
                "reason": answer.reason,
            }
            for answer in row.answers
        ],
        "default": spec.default,
        "skip": spec.skip,
        "tags": list(spec.tags),
        "requires": list(spec.requires),
        "env": dict(spec.env),
        "commands": commands,
        "commands_configured": spec.commands is not None,
        "checks_imports": row.imports,
        "problem": row.problem,
    }


def _installed(part: MemberSelection) -> dict[str, Any]:
    """Return the member with its extras, or ``all``, and its groups, null where they are uv's default groups."""
    return {
        "name": part.member.name,
        "extras": part.extras if part.extras == "all" else list(part.extras),
        "groups": None if part.groups is None else list(part.groups),
    }


_OWN = re.compile(r"^\s*@(\w+\.)*(session|member|integration)\b", re.MULTILINE)
_HEAD = ("member", "path", "requires-python", "source", "distributions", "extras", "groups")


class _Row(Record, kw_only=True):
    """A *member*, what the lockfile says of its *source* and *extras*, its closure's *size*, or the *reason* for none."""

    member: Member
    source: str
    extras: frozenset[str]
    size: int | None
    reason: str


def run(args: Namespace) -> int:
    """Print the members and sessions of the workspace that *args* name."""
    opened, target = open_workspace(args), target_of_options(args)
    suite = suite_on(opened, target)
    rows = [*_rows(opened, session_target(args, opened), args.python)]
    sessions = [*rows_of(opened, suite, target, asked=args.python, platform=args.platform)]
    narrowed = narrowing(opened.workspace)
    wanted = _listed(suite_of(unbounded(opened.workspace), running=target.python).configured())
    left_out = omissions(wanted, _listed(suite.configured()), narrowed, opened.lock.requires_python)
    if args.json:
        show(_data(opened, target, rows, narrowed) | session_data(opened, sessions, left_out))
        return 0
    shown = [row for row in sessions if not row.spec.imports or row.spec.default]
    _print(rows, shown, [*_narrowed(opened, narrowed), *_left_out(left_out), *_reasons(rows, shown)])
    _note_of_noxfile(opened.workspace.root)
    return 0


def _note_of_noxfile(root: Path) -> None:
    """Say that functions of the noxfile are not looked at, where it seems to have some: only nox can load it."""
    try:
        text = (root / "noxfile.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if _OWN.search(text):
        note = "note: sessions that `noxfile.py` defines itself are not among these; `nox -l` shows them"
        print(note, file=sys.stderr)


def _listed(specs: Iterable[Session]) -> tuple[Session, ...]:
    """Return *specs* without the checks of imports, of which each member has one beside its other sessions."""
    return tuple(spec for spec in specs if not spec.imports)


def _rows(opened: Opened, target: Target, asked: str | None) -> Iterator[_Row]:
    for member, answer in _answers(opened, target, asked):
        size, reason = (None, answer.sentence) if isinstance(answer, WsnoxError) else (answer, "")
        source, extras = _locked(opened, member)
        yield _Row(member=member, source=source, extras=extras, size=size, reason=reason)


def _answers(opened: Opened, target: Target, asked: str | None) -> Iterator[tuple[Member, int | WsnoxError]]:
    """Yield each member with the size of its closure, or why there is none."""
    try:
        resolver = opened.resolver(target, asked=asked)
    except WsnoxError as error:
        yield from ((member, error) for member in opened.workspace.members)
        return
    yield from ((member, _size(opened, member, resolver)) for member in opened.workspace.members)


def _size(opened: Opened, member: Member, resolver: Resolver) -> int | WsnoxError:
    try:
        return len(opened.closure(Selection(packages=(member.name,)), resolver).packages)
    except WsnoxError as error:
        return error


def _locked(opened: Opened, member: Member) -> tuple[str, frozenset[str]]:
    """Return the kind of the source that the lockfile has for *member*, ``-`` for none, and the extras it can have."""
    found = opened.lock.by_name.get(member.name, ())
    if len(found) != 1:
        return "-", member.manifest.extras
    package = opened.lock.packages[found[0]]
    kind = source_data(package.source)["kind"]
    return kind, member.manifest.extras | package.extras.keys() | (package.provided_extras or frozenset())


def _print(rows: list[_Row], sessions: list[Row], notes: list[str]) -> None:
    cells = [
        (
            row.member.name,
            row.member.path,
            row.member.manifest.requires_python or "-",
            row.source,
            "-" if row.size is None else str(row.size),
            _some(row.extras),
            _some(row.member.manifest.groups),
        )
        for row in rows
    ]
    blocks = [aligned([_HEAD, *cells]), session_lines(sessions, of=len(rows)), notes]
    print("\n\n".join("\n".join(block) for block in blocks if block))


def _left_out(omitted: Iterable[Omission]) -> Iterator[str]:
    for each in omitted:
        yield f"no session on Python `{each.python}` for {', '.join(first([f'`{name}`' for name in each.sessions]))}: {each.reason}"


def _reasons(rows: list[_Row], sessions: list[Row]) -> Iterator[str]:
    yield from skipped(sessions)
    yield from _refused(rows)
    yield from refused(sessions, [row.reason for row in rows])
    yield from without_commands(sessions)


def _some(names: Iterable[str]) -> str:
    """Return the first few of *names*: a table of forty extras is no table."""
    return ", ".join(first(sorted(names))) or "-"


def _narrowed(opened: Opened, narrowed: tuple[Narrowing, ...]) -> Iterator[str]:
    for end, verb in (("floor", "raised"), ("ceiling", "lowered")):
        found = [each for each in narrowed if each.end == end]
        if found:
            members = ", ".join(first([f"`{each.member.name}`" for each in found]))
            yield f"`uv.lock` is for Python `{opened.lock.requires_python}`: {members} {verb} the {end} to `{found[0].bound}`"


def _refused(rows: list[_Row]) -> Iterator[str]:
    """Yield each reason once, with the members that it holds for."""
    for reason in dict.fromkeys(row.reason for row in rows if row.reason):
        members = [f"`{row.member.name}`" for row in rows if row.reason == reason]
        whose = "any member" if len(members) == len(rows) else ", ".join(first(members))
        yield f"no closure for {whose}: {reason}"


def _data(opened: Opened, target: Target, rows: list[_Row], narrowed: tuple[Narrowing, ...]) -> dict[str, Any]:
    return {
        "root": opened.workspace.root.as_posix(),
        "requires_python": opened.lock.requires_python,
        "narrowed_by": [{"member": each.member.name, "end": each.end, "bound": str(each.bound)} for each in narrowed],
        "target": target_data(target),
        "members": [
            {
                "name": row.member.name,
                "path": row.member.path,
                "requires_python": row.member.manifest.requires_python,
                "source": row.source,
                "extras": sorted(row.extras),
                "groups": sorted(row.member.manifest.groups),
                "distributions": row.size,
                "reason": row.reason,
            }
            for row in rows
        ],
    }
