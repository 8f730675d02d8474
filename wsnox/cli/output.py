"""Results in words for a person, and in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wsnox._record import Record, fields
from wsnox.closure import Target
from wsnox.lock import Package, Source
from wsnox.urls import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsnox.errors import WsnoxError
    from wsnox.workspace import Workspace

__all__ = [
    "VERSION",
    "first",
    "json_of",
    "members_data",
    "named",
    "package_text",
    "show",
    "show_error",
    "source_text",
    "target_text",
]

_FEW = 4


def first(names: Sequence[str]) -> Sequence[str]:
    """Return the first few of *names*, and how many more there are."""
    return names if len(names) <= _FEW + 1 else [*names[:_FEW], f"+{len(names) - _FEW}"]


def named(names: Iterable[str]) -> str:
    """Return *names* in backticks, as a sentence lists them."""
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} and {last}" if others else last


def source_text(source: Source) -> str:
    """Return where a package is from, in short and without credentials; nothing for a registry."""
    return masked(str(source))


def package_text(package: Package) -> str:
    """Return the version of *package*, or where it is from if it has none."""
    return package.version or source_text(package.source)


def target_text(target: Target) -> str:
    """Return *target* in a few words."""
    values = dict(target.values)
    name = {"cpython": "Python", "pypy": "PyPy"}.get(values["implementation_name"], values["implementation_name"])
    return f"{name} {target.python} on {values['platform_system']} {values['platform_machine']}".rstrip()


VERSION = 1
"""The version of all that ``--json`` writes: another one has other names or types."""


def show(answer: Mapping[str, Any]) -> None:
    """Print the *answer* of a command as one object of JSON; `wsnox.cli.answers` has its schema."""
    import json  # noqa: PLC0415 - most people read text

    print(json.dumps({"version": VERSION, **json_of(answer)}, indent=2))


def show_error(error: WsnoxError) -> None:
    """Print *error* as one object of JSON, in place of an answer."""
    kind, hint = type(error).__name__, error.hint or None
    show({"error": {"kind": kind, "sentence": error.sentence, "hint": hint, "exit_code": error.exit_code}})


def members_data(workspace: Workspace, names: Iterable[str]) -> list[dict[str, str]]:
    """Return the members called *names* as JSON has them."""
    return [{"name": name, "path": workspace.named(name).path} for name in names]


def json_of(value: Any) -> Any:
    """Return *value* as JSON has it: records are objects, sets are in order, and URLs show no credentials.

    A field of a record that is an empty text has nothing to say, and is null, as everything that is not there. Of a package only what identifies it is shown, of a target its marker values; a source also has its kind.
    """
    match value:
        case str():
            return masked(value)
        case Mapping():
            return {key: json_of(item) for key, item in value.items()}
        case list() | tuple():
            return [json_of(item) for item in value]
        case frozenset():
            return sorted(value)
        case Target(values=values):
            return dict(values)
        case Package(name=name, version=version, source=source):
            return {"name": name, "version": version, "source": json_of(source)}
        case Record():
            names = (field.name for field in fields(value))
            data = {name: json_of(None if getattr(value, name) == "" else getattr(value, name)) for name in names}
            if isinstance(value, Source):
                # An editable directory is a kind of its own.
                data.pop("editable", None)
                if "requested" in data:
                    data["revision"] = data.pop("requested")
                return {"kind": value.kind, **data}
            return data
        case _:
            return value
