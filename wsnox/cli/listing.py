"""``wsnox list``: the members and the sessions, what each offers, and how large its closure is."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from wsnox.change.since import suite_of
from wsnox.cli.data import show, source_data, target_data
from wsnox.cli.omissions import first, omissions, refused, skipped, unbounded, without_commands
from wsnox.cli.opened import open_workspace, session_target, target_of_options
from wsnox.cli.ranges import narrowing
from wsnox.cli.sessions import rows_of, suite_on
from wsnox.cli.table import session_data, session_lines
from wsnox.cli.text import aligned
from wsnox.closure import Selection
from wsnox.errors import WsnoxError
from wsnox.record import Record

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from wsnox.cli.omissions import Omission
    from wsnox.cli.opened import Opened
    from wsnox.cli.ranges import Narrowing
    from wsnox.cli.sessions import Row
    from wsnox.closure import Resolver, Target
    from wsnox.workspace import Member
    from wsnox.workspace.specs import SessionSpec

__all__ = ["run"]

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


def _listed(specs: Iterable[SessionSpec]) -> tuple[SessionSpec, ...]:
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
