"""The keys of every session, and those that say for which members it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.package_names import canonicalize_name
from wsnox.workspace.command_keys import RUNNING
from wsnox.workspace.globs import bad_pattern
from wsnox.workspace.keys import ALL, BOOLEAN, NAME, STRING, Key, array_of, strings_like, text_like
from wsnox.workspace.settings import MemberPattern, Variant
from wsnox.workspace.tables import Table, plainly_meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsnox.workspace.keys import Keys, Schema
    from wsnox.workspace.settings import Pythons

__all__ = ["EXCLUDE", "MEMBERS", "PACKAGES", "SETTINGS", "WORDS"]

_NAMES = array_of(text_like(NAME))
_NAMES_OR_ALL: Schema = {"oneOf": [ALL, _NAMES]}

_VARIANT = r"[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?"


def _extras(table: Table, key: str) -> tuple[Variant, ...]:
    """Return the variants: one for ``"all"`` or an array of names, several for an array of arrays or a table of arrays."""
    match table.peek(key):
        case [list(), *_] as sets:
            return tuple(_variants_by_extras(table, key, sets))
        case dict():
            variants = table.table(key)
            for name in variants:
                if not re.fullmatch(_VARIANT, name):
                    variants.problem(
                        f"`{name}` is not a name for a variant: letters, digits, `-`, `_`, `.` and `+` only,"
                    )
            return tuple(Variant(name, variants.names_or_all(name) or ()) for name in variants)
        case _:
            return (Variant("", table.names_or_all(key) or ()),)


def _variants_by_extras(table: Table, key: str, sets: Sequence[object]) -> Iterator[Variant]:
    """Yield a variant for each array, named by its extras; the one without extras is ``none``."""
    seen: set[str] = set()
    for index, names in enumerate(sets):
        where = f"{key}[{index}]"
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            table.problem("expected an array of strings", where)
            continue
        extras = tuple(extra for name in names if (extra := table.normal(name, where)) is not None)
        variant = Variant("+".join(extras) or "none", extras)
        if variant.id in seen:
            table.problem(f"the variant `{variant.id}` is listed twice", where)
        seen.add(variant.id)
        yield variant


_PYTHON = (
    "([Cc][Pp][Yy][Tt][Hh][Oo][Nn]|[Pp][Yy][Pp][Yy]|[Gg][Rr][Aa][Aa][Ll][Pp][Yy]|[Pp][Yy][Tt][Hh][Oo][Nn])?"
    "-?[0-9]{1,4}([.][0-9]{1,4}){0,2}[Tt]?"
)


def _pythons(table: Table, key: str) -> Pythons | None:
    match table.peek(key):
        case "classifiers" | "requires-python" as rule:
            return rule
        case str() as other:
            hint = plainly_meant(other, list) if re.fullmatch(_PYTHON, other) else ""
            problem = f'expected an array of versions, "classifiers" or "requires-python", got "{other}"'
            table.problem(problem, key, hint=hint)
            return None
        case _:
            return strings_like(_PYTHON, "Python version such as `3.12`")(table, key)


# nox formats it, with `{python}` and its short form.
_REQUIRED = r"([^{}]|\{\{|\}\}|\{(python|py)\})+"


SETTINGS: Keys = {
    **RUNNING,
    "groups": Key("Dependency groups of the member; by default uv's default groups.", Table.names, _NAMES),
    "root-groups": Key("Dependency groups of the workspace root, added to the session.", Table.names, _NAMES),
    "extras": Key(
        'Extras of the member: "all", an array of names, or variants, of which each is a session: an array of arrays '
        "or a table of arrays.",
        _extras,
        {
            "oneOf": [
                *_NAMES_OR_ALL["oneOf"],
                {**array_of(_NAMES), "minItems": 1},
                {"type": "object", "propertyNames": text_like(_VARIANT), "additionalProperties": _NAMES_OR_ALL},
            ]
        },
    ),
    "pythons": Key(
        "Python versions, or a rule for them, limited to what the workspace requires.",
        _pythons,
        {"oneOf": [{"enum": ["classifiers", "requires-python"]}, array_of(text_like(_PYTHON))]},
    ),
    "editable": Key(
        "Whether members are installed editable, or as wheels built from them.", Table.boolean, BOOLEAN
    ),
    "tags": Key("Further tags for `nox -t`.", Table.strings, array_of(STRING)),
    "default": Key("Whether plain `nox` runs the session.", Table.boolean, BOOLEAN),
    "requires": Key(
        "Names of sessions that run first, as in nox's own `requires`; nox fills in `{python}`.",
        strings_like(_REQUIRED, "session's name, in which `{python}` is the only placeholder,"),
        array_of(text_like(_REQUIRED)),
    ),
    "description": Key("What `nox -l` says of the session.", Table.string, STRING),
    "skip": Key("The reason why the session is skipped.", Table.string, STRING),
}  # fmt: skip
"""The keys that every session understands: the fields of `Settings`."""


# --- members ---

# A pattern with a slash in it is one of paths, and a dot alone is the path of the root.
_MEMBER_NAME = r"[A-Za-z0-9*?]([A-Za-z0-9._*?-]*[A-Za-z0-9*?])?"
_MEMBER_PATH = r"[.]|[^/\\\[\]\s][^\\\[\]]*/[^\\\[\]]*"
_MEMBER = f"({_MEMBER_NAME}|{_MEMBER_PATH})"
_PACKAGE = rf"{_MEMBER}(\s*\[\s*({NAME})?\s*(,\s*({NAME})?\s*)*\])?"


def _members(table: Table, key: str) -> tuple[str, ...] | None:
    """Return patterns of members, normalised."""
    patterns = table.strings(key, lambda text: _not_a_member(text, _MEMBER, "`name`, `lib-*` or `libs/*`"))
    return None if patterns is None else tuple(map(_normal_pattern, patterns))


def _packages(table: Table, key: str) -> tuple[MemberPattern, ...] | None:
    """Return patterns of members with extras; ``"all"`` is all."""
    match table.peek(key):
        case "all":
            return (MemberPattern("*"),)
        case str() as other:
            problem = f'expected "all" or an array of members, got "{other}"'
            table.problem(problem, key, hint=plainly_meant(other, list))
            return None
    forms = "`name`, `name[extra]`, `lib-*` or `libs/*`"
    packages = table.strings(key, lambda text: _not_a_member(text, _PACKAGE, forms))
    return None if packages is None else tuple(map(_package, packages))


def _not_a_member(text: str, form: str, examples: str) -> str:
    """Return what is wrong with *text*, which must have the *form* of a member's name, or of a pattern of names or paths."""
    if not re.fullmatch(form, text):
        path = text.replace("\\", "/").lstrip("/")
        meant = f": write `{path}`" if path != text and re.fullmatch(form, path) else ""
        return f"`{text}` is not a member such as {examples}{meant}"
    pattern = text.partition("[")[0]
    problem = bad_pattern(Path("/"), pattern, by_component=False) if "/" in pattern else ""
    return f"`{text}`: {problem}" if problem else ""


def _package(text: str) -> MemberPattern:
    pattern, _, extras = text.partition("[")
    names = [name.strip() for name in extras.removesuffix("]").split(",")]
    return MemberPattern(
        _normal_pattern(pattern.strip()), tuple(dict.fromkeys(canonicalize_name(name) for name in names if name))
    )


def _normal_pattern(pattern: str) -> str:
    if "/" in pattern or pattern == ".":
        return pattern
    return re.sub(r"[-_.]+", "-", pattern).lower()


_MEMBERS = array_of(text_like(_MEMBER))
MEMBERS = Key(
    "The members that have this session, by name (`lib-*`) or path (`libs/*`, `.` for the root); by default all.",
    _members,
    _MEMBERS,
)
EXCLUDE = Key("Members, in the same form, that do not have it.", _members, _MEMBERS)
PACKAGES = Key(
    'Members that are installed together: `name`, `name[extra]`, patterns of names (`lib-*`) or paths (`libs/*`), or "all"; '
    "with none at all, only groups of the root are installed.",
    _packages,
    {"oneOf": [ALL, array_of(text_like(_PACKAGE))]},
)


# --- words that other tools have for them ---

_BY_KEY = {
    "after": "commands-post",
    "background": "services",
    "before": "commands-pre",
    "commands": "cmd run script steps",
    "directory": "changedir change-dir cwd working-directory",
    "env": "environment set-env setenv",
    "external": "allowlist-externals",
    "extras": "optional-dependencies",
    "groups": "default-groups dependency-groups deps dev-dependencies",
    "members": "packages",
    "packages": "members",
    "pythons": "basepython envlist env-list",
    "requires": "depends depends-on needs",
    "tags": "labels",
    "tasks": "envs scripts sessions",
}
WORDS = {
    **{word: key for key, words in _BY_KEY.items() for word in words.split()},
    "commands": "what the function does is what the session runs",
    "dependencies": "what a session needs belongs in a dependency group",
    "reuse-venv": "an environment is reused while nothing that it depends on changes",
    "test": "the keys of the default task belong in `[tool.wsnox]` itself",
    "venv-backend": "it is always a virtual environment",
    "venv-params": "it is always a virtual environment",
}
"""Keys that somebody may bring from uv, nox, tox or a CI system, or mistake for another: the key that is meant, or a hint."""
