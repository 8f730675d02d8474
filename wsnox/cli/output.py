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

__all__ = ["first", "json_of", "named", "package_text", "show", "source_text", "target_text"]

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


def show(value: Any) -> None:
    """Print *value* as JSON."""
    import json  # noqa: PLC0415 - most people read text

    print(json.dumps(json_of(value), indent=2))


def json_of(value: Any) -> Any:
    """Return *value* as JSON has it: records are objects, sets are in order, and URLs show no credentials.

    Of a package only what identifies it is shown, of a target its marker values; a source also has its kind.
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
            data = {field.name: json_of(getattr(value, field.name)) for field in fields(value)}
            if isinstance(value, Source):
                # An editable directory is a kind of its own.
                data.pop("editable", None)
                return {"kind": value.kind, **data}
            return data
        case _:
            return value
