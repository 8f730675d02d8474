"""The keys that ask for other versions than the lockfile's: ``resolutions``, as an array of names or a table for each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

from wsnox._record import replace
from wsnox.text import quoted
from wsnox.workspace.keys import BOOLEAN, NAME, STRING, Key, array_of, read_keys, table_of, text_like
from wsnox.workspace.session_keys import EXCLUDE, MEMBERS, SETTINGS, WORDS
from wsnox.workspace.settings import NOTHING, Resolution, ResolutionBase, Settings
from wsnox.workspace.tables import Table

if TYPE_CHECKING:
    from wsnox.workspace.keys import Keys

__all__ = ["RESOLUTIONS"]

BASES: tuple[ResolutionBase, ...] = get_args(ResolutionBase)

_SIBLINGS: tuple[Literal["lowest", "latest"], ...] = ("lowest", "latest")

# The name is part of that of a file, which no system may read as another's.
_NAME = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_NAMES = array_of(text_like(NAME))


def _resolutions(table: Table, key: str) -> dict[str, Resolution] | None:
    """Return the resolutions by name; an array of names has those that need no settings."""
    if isinstance(table.peek(key), dict):
        tables = table.table(key)
        return {name: _resolution(tables.table(name), tables, name) for name in tables}
    names = table.strings(key)
    if names is None:
        return None
    for name in names:
        if problem := _not_a_base(name):
            table.problem(problem, key)
    return {name: Resolution(name=name, base=name) for name in names if name in BASES}


def _resolution(table: Table, tables: Table, name: str) -> Resolution:
    table.known_keys((*SETTINGS, *_OF_RESOLUTION), WORDS)
    if not re.fullmatch(_NAME, name):
        tables.problem(f"`{name}` is not a name for a resolution: small letters, digits and `-` only,")
    if "base" not in table and (problem := _not_a_base(name)):
        table.problem(f"{problem}, so it needs a `base`")
    settings = read_keys(table, SETTINGS)
    values = {"base": name, **read_keys(table, _OF_RESOLUTION)}
    if "siblings" in values and values["base"] != "published":
        table.problem("only `published` takes other members from an index", "siblings")
    return Resolution(name=name, settings=Settings(**settings) if settings else NOTHING, **values)


def _not_a_base(name: str) -> str:
    return "" if name in BASES else f"`{name}` is not a resolution that wsnox knows ({quoted(BASES)})"


_OF_RESOLUTION: Keys = {
    "base": Key(
        "Which versions: `lowest` for the lowest that the direct dependencies allow, `latest` for the latest of everything, "
        "`published` for other members as an index has them, at the lowest, `below` for Pythons that the member is for and "
        "the workspace is not. By default the name.",
        lambda table, key: table.word(key, BASES),
        {"enum": [*BASES]},
    ),
    "unbounded": Key(
        "Direct dependencies that have no lower bound, and are meant so: they stay as locked, and untested.",
        Table.names,
        _NAMES,
    ),
    "unreleased": Key(
        "Members whose next release is part of this one: `published` takes them as they are.", Table.names, _NAMES
    ),
    "siblings": Key(
        "Which release of other members `published` takes: the `lowest` that the member allows, or the `latest`.",
        lambda table, key: table.word(key, _SIBLINGS),
        {"enum": [*_SIBLINGS], "default": "lowest"},
    ),
    "lifted": Key(
        "Direct dependencies that may be above their lower bound, as a group or a constraint needs more.",
        Table.names,
        _NAMES,
    ),
    "constraints": Key(
        "Requirements that narrow the versions of anything, such as `wrapt<2`.", Table.strings, array_of(STRING)
    ),
    "build": Key(
        "Whether source distributions of others may be built to find versions: that runs their code.",
        Table.boolean,
        {**BOOLEAN, "default": False},
    ),
    "members": replace(MEMBERS, about="The members that have this session, by name or path; by default all."),
    "exclude": EXCLUDE,
}  # fmt: skip

RESOLUTIONS = Key(
    "Sessions with other versions than the lockfile's, `MEMBER:NAME`, from the files of `wsnox lock`: an array of names, or a "
    "table for each.",
    _resolutions,
    {
        "oneOf": [
            array_of({"enum": [*BASES]}),
            {
                "type": "object",
                "propertyNames": text_like(_NAME),
                "additionalProperties": table_of({**SETTINGS, **_OF_RESOLUTION}),
            },
        ]
    },
)
