"""Read what a project tells setuptools about its packages, from each of the three files that may tell it."""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from wsnox.leaks.wheels.project import at, read_cfg, strings, table
from wsnox.leaks.wheels.setup_script import read_script
from wsnox.record import Record

if TYPE_CHECKING:
    import configparser
    from collections.abc import Mapping

    from wsnox.leaks.wheels.project import Project

__all__ = ["Find", "Settings", "read_settings"]


class Find(Record, kw_only=True):
    """A search for packages in the folders *where*; *moves* where what is found there lies at the top of the wheel."""

    where: tuple[str, ...] = (".",)
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    namespaces: bool = True
    moves: bool = True


class Settings(Record, kw_only=True):
    """The *packages* and *modules* that are listed, `None` where not, or a search; *folders* is ``package_dir``."""

    packages: tuple[str, ...] | None = None
    find: Find | None = None
    modules: tuple[str, ...] | None = None
    folders: Mapping[str, str] = field(default_factory=dict)
    sure: bool = True


def read_settings(project: Project) -> Settings:
    """Return the settings of *project*: of each kind the first that is given."""
    layers = [_manifest(project), _cfg(read_cfg(project.directory / "setup.cfg")), _script(project)]
    listed = next((layer for layer in layers if layer.packages is not None or layer.find is not None), Settings())
    modules = next((layer.modules for layer in layers if layer.modules is not None), None)
    folders = next((layer.folders for layer in layers if layer.folders), {})
    # What the script computes does not matter where a file that counts before it says the same.
    sure = layers[-1].sure or listed.packages is not None or listed.find is not None or modules is not None
    return replace(listed, modules=modules, folders=folders, sure=sure)


def _manifest(project: Project) -> Settings:
    settings = project.tool("setuptools")
    raw = settings.get("packages")
    return Settings(
        packages=strings(settings, "packages") if isinstance(raw, list) else None,
        find=_found(table(settings, "packages", "find"))
        if isinstance(at(settings, "packages", "find"), dict)
        else None,
        modules=strings(settings, "py-modules") if isinstance(settings.get("py-modules"), list) else None,
        folders=_texts(table(settings, "package-dir")),
    )


def _found(raw: Mapping[str, Any]) -> Find:
    return Find(
        where=strings(raw, "where") or (".",),
        include=strings(raw, "include") or ("*",),
        exclude=strings(raw, "exclude"),
        namespaces=raw.get("namespaces") is not False,
    )


def _texts(raw: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in raw.items() if isinstance(value, str)}


def _cfg(parser: configparser.RawConfigParser) -> Settings:
    """Return what the ``[options]`` of a ``setup.cfg`` say; a search there moves nothing, `package_dir` does."""
    options = dict(parser["options"]) if parser.has_section("options") else {}
    packages = options.get("packages", "").strip()
    is_search = packages in ("find:", "find_namespace:")
    section = "options.packages.find"
    search = dict(parser[section]) if parser.has_section(section) else {}
    return Settings(
        packages=_list(packages) if packages and not is_search else None,
        find=_searched(search, namespaces=packages == "find_namespace:") if is_search else None,
        modules=_list(options["py_modules"]) if "py_modules" in options else None,
        folders=dict(_pair(item) for item in _list(options.get("package_dir", ""))),
    )


def _searched(search: Mapping[str, str], *, namespaces: bool) -> Find:
    return Find(
        where=_list(search.get("where", "")) or (".",),
        include=_list(search.get("include", "")) or ("*",),
        exclude=_list(search.get("exclude", "")),
        namespaces=namespaces,
    )


def _list(value: str) -> tuple[str, ...]:
    """Return the items of *value*: one a line where there are several lines, else parted by commas."""
    parts = value.splitlines() if "\n" in value else re.split(",", value)
    return tuple(part.strip() for part in parts if part.strip())


def _pair(item: str) -> tuple[str, str]:
    key, _, value = item.partition("=")
    return key.strip(), value.strip()


def _script(project: Project) -> Settings:
    said, sure = read_script(project.directory / "setup.py")
    packages = said.get("packages")
    return Settings(
        packages=tuple(packages) if isinstance(packages, list | tuple) else None,
        find=Find(**packages, moves=False) if isinstance(packages, dict) else None,
        modules=said.get("py_modules"),
        folders=said.get("package_dir", {}),
        sure=sure,
    )
