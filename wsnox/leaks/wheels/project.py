"""What every backend is asked with: a project's directory, its names, and its raw tables read tolerantly.

A wrong type counts as absent: the manifest was validated elsewhere, and a backend would refuse what is read here.
"""

from __future__ import annotations

import configparser
from dataclasses import field
from typing import TYPE_CHECKING, Any

import tomli

from wsnox.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import TypeAlias

__all__ = ["Files", "Project", "at", "open_project", "read_cfg", "read_toml", "strings", "table", "text"]

if TYPE_CHECKING:
    Files: TypeAlias = Iterator[tuple[str, str]]
"""The files of a wheel: the path in it, and the path from the project, empty for a file that only a build makes."""


class Project(Record, kw_only=True):
    """The project in *directory*, by its normalised *name*, with the tables of its ``pyproject.toml``."""

    directory: Path
    name: str
    tables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def module(self) -> str:
        """The module that is named like the distribution."""
        return self.name.replace("-", "_").replace(".", "_")

    @property
    def written_name(self) -> str:
        """The name as the manifest writes it."""
        return text(table(self.tables, "project"), "name") or self.name

    def tool(self, *keys: str) -> Mapping[str, Any]:
        """Return the table below ``[tool]`` at *keys*, an empty one where absent."""
        return table(self.tables, "tool", *keys)

    def is_file(self, *parts: str) -> bool:
        """Tell whether there is a file at the joined *parts*, from the project."""
        return self.directory.joinpath(*parts).is_file()

    def is_package(self, *parts: str) -> bool:
        """Tell whether there is a regular package at the joined *parts*, from the project."""
        return self.is_file(*parts, "__init__.py")


def open_project(directory: Path, name: str) -> Project:
    """Return the project in *directory*, with no tables where its manifest cannot be read."""
    return Project(directory=directory, name=name, tables=read_toml(directory / "pyproject.toml"))


def read_toml(path: Path) -> Mapping[str, Any]:
    """Return the tables of the file at *path*, none where it cannot be read."""
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def read_cfg(path: Path) -> configparser.RawConfigParser:
    """Return the sections of the ``setup.cfg`` at *path*, none where it cannot be read."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return configparser.RawConfigParser()
    return parser


def at(raw: Mapping[str, Any], *keys: str) -> Any:
    """Return what stands at *keys*, `None` where absent."""
    found: Any = raw
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def table(raw: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return the table at *keys*, an empty one where absent."""
    found = at(raw, *keys)
    return found if isinstance(found, dict) else {}


def text(raw: Mapping[str, Any], *keys: str) -> str:
    """Return the string at *keys*, an empty one where absent."""
    found = at(raw, *keys)
    return found if isinstance(found, str) else ""


def strings(raw: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """Return the strings of the array at *keys*, none where absent."""
    found = at(raw, *keys)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()
