"""Read one ``pyproject.toml`` into a `Manifest`.

Refused here are mistakes that stop uv even when it only reads a lockfile: a ``[project]`` without a name or version,
names that are one after normalisation, malformed dependency groups and sources. Unknown keys are errors in ``[tool.uv.workspace]`` and in
``[tool.wsnox]``; everywhere else they belong to other tools.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from wsnox.package_names import canonicalize_name
from wsnox.workspace.config import read_config
from wsnox.workspace.model import CacheKey, GroupInclude, Manifest, SourceKind, WorkspaceTable
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from packaging.utils import NormalizedName

    from wsnox.workspace.tables import Table

__all__ = ["read_manifest"]


def read_manifest(path: Path) -> Manifest:
    """Return the manifest at *path*; raise `ManifestError` with all of its problems."""
    top = open_table(path)
    project, tool = top.table("project"), top.table("tool")
    extras, uv = project.table("optional-dependencies"), tool.table("uv")
    name = _project_name(project) if "project" in top else None
    groups = _groups(top.table("dependency-groups"), uv)
    _check_sources(uv.table("sources"))
    project.strings("dependencies")
    for extra in extras:
        extras.strings(extra)
    for table, key, meant in (
        (top, "wsnox", "tool.wsnox"),
        (uv, "wsnox", "tool.wsnox"),
        (tool, "dependency-groups", "dependency-groups"),
    ):
        if key in table:
            table.problem("no tool reads this table", key, hint=f"write `[{meant}]`")
    manifest = Manifest(
        path=path,
        name=name,
        written_name="" if name is None else str(project.peek("name")),
        requires_python=project.string("requires-python") or "",
        classifiers=project.strings("classifiers") or (),
        extras=frozenset(extra for _, extra in extras.normal_keys()),
        dynamic_extras="optional-dependencies" in (project.strings("dynamic") or ()),
        groups=groups,
        default_groups=uv.names_or_all("default-groups"),
        managed=uv.boolean("managed") is not False,
        workspace=_workspace(uv),
        config=read_config(tool.table("wsnox")),
        cache_keys=_cache_keys(uv),
        content=top.content,
        top=top,
    )
    # uv skips an unmanaged member whatever else its manifest says.
    if manifest.managed:
        top.close()
    return manifest


def _project_name(project: Table) -> NormalizedName | None:
    name = project.string("name")
    if name is None:
        project.problem("missing `name`")
        return None
    if project.string("version") is None and "version" not in (project.strings("dynamic") or ()):
        project.problem('missing `version`, and `dynamic` does not list "version"', hint='add `version = "0"`')
    return project.normal(name, "name")


def _groups(table: Table, uv: Table) -> dict[NormalizedName, tuple[str | GroupInclude, ...]]:
    """Return the groups of *table* (PEP 735), with uv's legacy ``dev-dependencies`` added to ``dev``."""
    groups = {name: tuple(_group_entries(table, key)) for key, name in table.normal_keys()}
    includes = {
        name: [entry.group for entry in entries if isinstance(entry, GroupInclude)] for name, entries in groups.items()
    }
    for name, included in includes.items():
        for group in included:
            if group not in groups:
                table.problem(f"includes the group `{group}`, which does not exist,", name)
    if any(includes.values()):
        from graphlib import CycleError, TopologicalSorter  # noqa: PLC0415 - few manifests include a group

        try:
            TopologicalSorter(includes).prepare()
        except CycleError as error:
            table.problem(f"the groups {' -> '.join(reversed(error.args[1]))} include each other")
    legacy = uv.strings("dev-dependencies", _not_a_requirement)
    if legacy is not None:
        dev = canonicalize_name("dev")
        groups[dev] = (*groups.get(dev, ()), *legacy)
    return groups


def _group_entries(table: Table, key: str) -> Iterator[str | GroupInclude]:
    for index, item in enumerate(table.array(key) or ()):
        where = f"{key}[{index}]"
        match item:
            case str():
                if problem := _not_a_requirement(item):
                    table.problem(problem, where)
                yield item
            case {"include-group": str(group), **rest} if not rest:
                if name := table.normal(group, where):
                    yield GroupInclude(group=name)
            case _:
                table.problem('expected a requirement or `{include-group = "…"}`', where)


# The start of a requirement (PEP 508): name, extras, and what may follow. Parsing it completely costs a listing too much.
_REQUIREMENT = r"(?ai)\s*[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?\s*(?:\[[^\]]*\]\s*)?(?:\Z|[(;@<>]|[=!~]=)"


def _not_a_requirement(text: str) -> str:
    return "" if re.match(_REQUIREMENT, text) else f"`{text}` is not a requirement"


_SOURCE_KINDS = frozenset(get_args(SourceKind))


def _check_sources(table: Table) -> None:
    """Note a value that is neither one source nor an array of them (uv docs, concepts/projects/dependencies)."""
    for key, _ in table.normal_keys():
        value = table.peek(key)
        entries = value if isinstance(value, list) else [value]
        if not entries or not all(isinstance(entry, dict) and _SOURCE_KINDS & entry.keys() for entry in entries):
            table.problem("expected a source or an array of sources", key)


def _workspace(uv: Table) -> WorkspaceTable | None:
    if "workspace" not in uv:
        return None
    table = uv.table("workspace")
    table.known_keys(("members", "exclude"))
    return WorkspaceTable(members=table.strings("members") or (), exclude=table.strings("exclude") or ())


def _cache_keys(uv: Table) -> tuple[CacheKey, ...] | None:
    """Return ``tool.uv.cache-keys`` (uv docs, concepts/cache), `None` where absent; uv itself refuses other entries."""
    items = uv.array("cache-keys")
    if items is None:
        return None
    keys: list[CacheKey] = []
    for item in items:
        match item:
            case str(value) | {"file": str(value)}:
                keys.append(CacheKey("file", value))
            case {"dir": str(value)}:
                keys.append(CacheKey("dir", value))
            case {"env": str(value)}:
                keys.append(CacheKey("env", value))
            case {"git": True}:
                keys.append(CacheKey("git", "commit"))
            case {"git": dict(parts)}:
                keys += [CacheKey("git", part) for part in ("commit", "tags") if parts.get(part)]
    return tuple(keys)
