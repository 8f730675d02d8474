"""Parts of the JSON Schemas of answers: how a schema is written here, and what several answers have.

A property is a line, ``string? What it is.``: the type, ``?`` where it may be null, and what it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AFFECTED_SESSION", "BASE", "CHANGES", "CHOSEN", "COMMAND", "COMMANDS", "DISTRIBUTION", "EDGE", "EVERYTHING", "FINDING", "MEMBER",
    "SESSION", "SINCE", "SOURCE", "STEP", "TARGET", "Properties", "Schema", "array", "either", "mapping", "maybe", "one",
    "several",
]  # fmt: skip

Schema = dict[str, Any]
Properties = dict[str, Any]
"""What an object has: a line or a schema for each name."""


def property_of(line: str) -> Schema:
    """Return the schema that *line* is short for; ``strings`` is an array of them."""
    kind, _, about = line.partition(" ")
    null = kind.endswith("?")
    kind = kind.removesuffix("?")
    items = {"items": {"type": "string"}} if kind == "strings" else {}
    name = "array" if items else kind
    return {"description": about, "type": [name, "null"] if null else name, **items}


def one(about: str, properties: Mapping[str, Any], *, required: bool = True) -> Schema:
    """Return the schema of an object with *properties*, all of them if *required*, and no others."""
    schemas = {name: property_of(value) if isinstance(value, str) else value for name, value in properties.items()}
    needed = {"required": [*schemas]} if required else {}
    return {"description": about, "type": "object", "properties": schemas, **needed, "additionalProperties": False}


def several(about: str, properties: Mapping[str, Any], *, required: bool = True) -> Schema:
    """Return the schema of an array of such objects."""
    items = one("", properties, required=required)
    return array(about, {key: value for key, value in items.items() if key != "description"})


def array(about: str, items: Schema) -> Schema:
    """Return the schema of an array of *items*."""
    return {"description": about, "type": "array", "items": items}


def mapping(about: str) -> Schema:
    """Return the schema of an object with texts by any names."""
    return {"description": about, "type": "object", "additionalProperties": {"type": "string"}}


def either(about: str, *values: str) -> Schema:
    """Return the schema of one of *values*."""
    return {"description": about, "enum": [*values]}


def maybe(schema: Schema) -> Schema:
    """Return *schema* with null as one more value."""
    return {**schema, "type": [schema["type"], "null"]}


# --- what several answers have --------------------------------------------------------------------------------------

SESSION = "string The session as `nox -s` takes it."
CHOSEN = "string? The session that the answer is for, as `nox -s` takes it; null for a selection of uv's."
SINCE = "string? The value of `--since`."
TARGET = mapping("The Python and the platform: the variables of markers.")
COMMAND: Schema = {"description": "A text, or words.", "type": ["string", "array"], "items": {"type": "string"}}
COMMANDS = array("Commands.", COMMAND)
MEMBER: Properties = {
    "name": "string The normalised name.",
    "path": "string The directory, relative to the workspace root; `.` for the root.",
}
SOURCE = one(
    "Where it is from; which properties there are depends on the kind. Credentials are masked.",
    {
        "kind": either("What it is.", *("registry", "git", "url", "archive", "directory", "editable", "virtual")),
        "location": "string Of a registry: its URL or path.",
        "url": "string Of a repository or an archive.",
        "commit": "string Of a repository.",
        "path": "string? Of a file or directory, relative to the workspace root; of an archive in a repository.",
        "subdirectory": "string? In the repository or archive.",
        "revision": "string? The branch or tag that led to the commit.",
        "lfs": "boolean Whether the repository uses Git LFS.",
    },
    required=False,
)
DISTRIBUTION: Properties = {
    "name": "string The normalised name.",
    "version": "string? The version; null where only a build would tell.",
    "source": SOURCE,
}
EDGE: Properties = {
    "part": "string? The extra (`[cli]`) or dependency group (`:dev`) of the package before.",
    "extras": "strings The extras that are requested.",
    "marker": "string? Where that holds, as `uv.lock` has it.",
}
STEP: Properties = {"name": "string? Null for the workspace root.", "version": "string? The version.", **EDGE}
CHANGES = several(
    "What differs.",
    {
        "name": "string The normalised name.",
        "before": maybe(one("As it was; null if it is new.", DISTRIBUTION)),
        "after": maybe(one("As it is; null if it is gone.", DISTRIBUTION)),
    },
)
_KINDS = ("everything", "member", "file", "packages", "no-closure", "configuration", "new", "requires", "noxfile")
_REASON: Properties = {
    "kind": either("What it is about.", *_KINDS),
    "text": "string The reason in words.",
    "words": "string Everything, no-closure: what is the matter.",
    "path": "string? Everything, file: the file.",
    "member": "string Member: whose files changed.",
    "paths": "strings Member: the files.",
    "own": "boolean Member: whether the session is its own, rather than one with it in its closure.",
    "why": "string? File: how the session is known to read it.",
    "python": "string? Packages, no-closure: on which Python.",
    "changes": CHANGES,
    "files": "strings Packages: those that have other files, and the same version.",
    "keys": "strings Configuration: the keys of `[tool.wsnox]` that differ.",
    "session": "string Requires: the session that runs before, and is affected.",
}
EVERYTHING = several("What affects every session.", _REASON, required=False)
BASE = maybe(
    one(
        "What was compared with; null where there is nothing to compare with.",
        {"revision": "string A git revision.", "words": "string? What it is, if nobody named it."},
    )
)
AFFECTED_SESSION: Properties = {
    "session": SESSION,
    "name": "string The same without Python and variant.",
    "python": "string? Null for the Python that runs nox.",
    "variant": "string? The variant, of a session that has several.",
    "members": several("What it installs.", MEMBER),
    "reasons": several("Its own reasons; none where only `everything` affects it.", _REASON, required=False),
}
FINDING: Properties = {
    "member": "string? The member; null for the workspace root.",
    "kind": either(
        "Nothing provides the module, only a dependency's dependency or a group does, importing it fails, or the wheel leaves "
        "it out.",
        *("missing", "transitive", "group", "failing", "unshipped"),
    ),
    "module": "string The module.",
    "places": several("Where.", {"file": "string From the workspace root.", "line": "integer From 1; 0 for the file."}),
    "owner": "string? The distribution that has the module.",
    "version": "string? Its locked version.",
    "how": "string? How it is known that it has it.",
    "declared": "strings The members that declare it.",
    "chain": "strings The packages through which it comes.",
    "groups": "strings The dependency groups that provide it.",
    "raised": "string? What the import raised.",
    "beside": "string? Where the workspace has such a module, which nothing installs.",
    "fix": "string? The command that declares it.",
    "sentence": "string All of it in words.",
}
