"""Write a whole uv workspace whose members build with no network, and lock it with the real uv."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tomli_w
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.processes import UvError, lock, uv
from tests.support.projects import BUILD_SYSTEM, module_name, write_backend, write_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["MemberSpec", "UvError", "lock", "uv", "write_member", "write_workspace"]


@dataclass(frozen=True)
class MemberSpec:
    """A member to write; *path* is ``packages/<name>`` where empty, *modules* go to ``src``, *tests* to ``tests``.

    *tool* is merged into ``[tool]``. Without *build_system* there is no such table; uv may take that member as virtual.
    """

    name: str
    path: str = ""
    version: str = "1.0"
    dependencies: Sequence[str] = ()
    extras: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    requires_python: str = ">=3.10"
    classifiers: Sequence[str] = ()
    modules: Mapping[str, str] | None = None
    tests: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)
    tool: Mapping[str, Any] = field(default_factory=dict)
    build_system: bool = True

    @property
    def folder(self) -> str:
        """The directory of the member relative to the root."""
        return self.path or f"packages/{self.name}"

    def requirements(self) -> Iterator[Requirement]:
        """Yield everything that the member asks for: dependencies, extras, groups."""
        texts = [*self.dependencies, *(text for texts in self.extras.values() for text in texts)]
        yield from map(Requirement, texts)
        yield from _group_requirements(self.groups)

    def manifest(self) -> dict[str, Any]:
        """Return the tables of the member's ``pyproject.toml``."""
        project: dict[str, Any] = {"name": self.name, "version": self.version}
        if self.requires_python:
            project["requires-python"] = self.requires_python
        if self.classifiers:
            project["classifiers"] = list(self.classifiers)
        project["dependencies"] = list(self.dependencies)
        if self.scripts:
            project["scripts"] = dict(self.scripts)
        if self.extras:
            project["optional-dependencies"] = {name: list(texts) for name, texts in self.extras.items()}
        tables: dict[str, Any] = {"project": project}
        if self.groups:
            tables["dependency-groups"] = {name: list(entries) for name, entries in self.groups.items()}
        if self.build_system:
            tables["build-system"] = BUILD_SYSTEM
        if self.tool:
            tables["tool"] = dict(self.tool)
        return tables


def write_member(folder: Path, member: MemberSpec, manifest: Mapping[str, Any] | None = None) -> None:
    """Write *member* into *folder*, with *manifest* in place of its own where given."""
    default = {f"{module_name(member.name)}.py": f'__version__ = "{member.version}"\n'}
    write_modules(folder / "src", default if member.modules is None else member.modules)
    if member.tests:
        write_modules(folder / "tests", member.tests)
    if member.build_system:
        write_backend(
            folder,
            {
                "name": member.name,
                "version": member.version,
                "requires": list(member.dependencies),
                "extras": {name: list(texts) for name, texts in member.extras.items()},
                "requires_python": member.requires_python,
                "scripts": dict(member.scripts),
                "tag": "py3-none-any",
            },
        )
    text = tomli_w.dumps(member.manifest() if manifest is None else manifest)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def write_workspace(
    root: Path,
    members: Sequence[MemberSpec],
    *,
    index: Path,
    root_project: MemberSpec | None = None,
    root_groups: Mapping[str, Sequence[Any]] | None = None,
    uv: Mapping[str, Any] | None = None,
    wsnox: Mapping[str, Any] | None = None,
    exclude: Sequence[str] = (),
    patterns: Sequence[str] | None = None,
) -> Path:
    """Write the workspace into *root* and return *root*; uv resolves it from the folder *index* and nowhere else.

    The root is virtual without *root_project*. ``members`` lists each member's directory, or *patterns* where given.
    *uv* and *wsnox* are merged into ``[tool.uv]`` and ``[tool.wsnox]`` of the root. Every member that another
    depends on has ``{workspace = true}`` in the root's sources. Calling it again rewrites what it wrote.
    """
    root.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {} if root_project is None else root_project.manifest()
    if root_groups:
        groups = {name: list(entries) for name, entries in root_groups.items()}
        manifest["dependency-groups"] = {**manifest.get("dependency-groups", {}), **groups}
    workspace: dict[str, Any] = {"members": [member.folder for member in members] if patterns is None else [*patterns]}
    if exclude:
        workspace["exclude"] = list(exclude)
    everyone = [*members, *([] if root_project is None else [root_project])]
    tables: dict[str, Any] = {
        "workspace": workspace,
        "index": [{"name": "local", "url": os.fspath(index), "format": "flat", "default": True}],
    }
    sources = _sources(everyone, _group_requirements(root_groups or {}))
    if sources:
        tables["sources"] = sources
    tool = _merged({"uv": tables}, manifest.get("tool", {}))
    tool = _merged(tool, {"uv": dict(uv or {}), **({} if wsnox is None else {"wsnox": dict(wsnox)})})
    manifest["tool"] = tool
    for member in members:
        write_member(root / member.folder, member)
    if root_project is not None:
        write_member(root, root_project, manifest)
    else:
        (root / "pyproject.toml").write_text(tomli_w.dumps(manifest), encoding="utf-8")
    return root


def _sources(members: Sequence[MemberSpec], more: Iterable[Requirement]) -> dict[str, Any]:
    asked = {
        canonicalize_name(requirement.name)
        for requirements in (*(member.requirements() for member in members), more)
        for requirement in requirements
    }
    return {member.name: {"workspace": True} for member in members if canonicalize_name(member.name) in asked}


def _group_requirements(groups: Mapping[str, Sequence[Any]]) -> Iterator[Requirement]:
    for entries in groups.values():
        yield from (Requirement(entry) for entry in entries if isinstance(entry, str))


def _merged(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """Return *left* with *right* laid over it, table by table."""
    merged = dict(left)
    for key, value in right.items():
        both_tables = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both_tables else value
    return merged
