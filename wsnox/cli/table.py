"""How sessions are put in a table of a hundred columns, and in JSON."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from wsnox.cli.text import aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsnox.cli.omissions import Omission
    from wsnox.cli.opened import Opened
    from wsnox.cli.sessions import Row
    from wsnox.workspace.settings import Command
    from wsnox.workspace.specs import Part

__all__ = ["session_data", "session_lines"]

_HEAD = ("session", "installs", "pythons", "size", "default", "tags", "runs")
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
    head = _HEAD[:-1] if any(cell[5] for cell in cells) else (*_HEAD[:5], "")
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


def _part(part: Part) -> str:
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


def _installed(part: Part) -> dict[str, Any]:
    """Return the member with its extras, or ``all``, and its groups, null where they are uv's default groups."""
    return {
        "name": part.member.name,
        "extras": part.extras if part.extras == "all" else list(part.extras),
        "groups": None if part.groups is None else list(part.groups),
    }
