"""Edits of a locked workspace as data: what becomes of its pyproject files, and what uv makes of it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tomli
import tomli_w

from tests.support.workspaces import MemberSpec, write_member, write_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["BASES", "DROP", "EDITS", "SOURCED", "Edit", "Sourced", "apply", "write_base"]

DROP = object()
"""In place of a value: the key goes away."""

Path_ = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Edit:
    """An edit of the workspace *base*: *changes* by folder and dotted key, new *members*, *removed* and *moved* folders.

    *lines* are written in front of a manifest as they are. *seen* is `False` where uv finds the lockfile stale and wsnox,
    by what it documents, does not.
    """

    name: str
    base: str = "plain"
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    members: Sequence[MemberSpec] = ()
    removed: Sequence[str] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    seen: bool = True


def apply(root: Path, edit: Edit) -> None:
    """Carry out *edit* in the workspace at *root*."""
    for folder in edit.removed:
        shutil.rmtree(root / folder)
    for old, new in edit.moved.items():
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        (root / old).rename(root / new)
    for member in edit.members:
        write_member(root / member.folder, member)
    for folder, changes in edit.changes.items():
        path = root / folder / "pyproject.toml"
        tables = tomli.loads(path.read_text(encoding="utf-8"))
        for key, value in changes.items():
            _set(tables, key.split("."), value)
        path.write_text(tomli_w.dumps(tables), encoding="utf-8")
    for folder, lines in edit.lines.items():
        path = root / folder / "pyproject.toml"
        path.write_text(lines + path.read_text(encoding="utf-8"), encoding="utf-8")


def _set(tables: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        tables = tables.setdefault(key, {})
    if value is DROP:
        del tables[keys[-1]]
    else:
        tables[keys[-1]] = value


BASES: Mapping[str, Mapping[str, Any]] = {
    "plain": {
        "members": (
            MemberSpec(
                "project-a",
                path="a",
                dependencies=["num>=1", "project-b", "flavoured[fast]", "leaf ; python_version >= '3.11'"],
                extras={"Loud_One": ["pyhumps"], "empty": [], "all": ["project-a[loud-one]"]},
                groups={
                    "dev": ["leaf"],
                    "lint": ["num", {"include-group": "types"}],
                    "types": ["pyhumps>=3"],
                    "none": [],
                },
                tool={"uv": {"dependency-groups": {"types": {"requires-python": ">=3.11"}}}},
            ),
            MemberSpec("project-b", path="b", dependencies=["Dotted.Name_Here"], requires_python=">=3.9"),
            MemberSpec("project-c", path="c", build_system=False, requires_python=""),
            MemberSpec("project-d", path="more/d", dependencies=["outside"], requires_python=">=3.9,<4"),
        ),
        "root_groups": {"check": ["leaf>=2", "project-b"], "void": []},
        "patterns": ["a", "b", "c", "more/*"],
        "exclude": ["more/out*"],
        "uv": {
            "constraint-dependencies": ["num>=1", "unheard-of<3"],
            "override-dependencies": ["pyhumps>=3.7"],
            "build-constraint-dependencies": ["setuptools>1"],
            "exclude-dependencies": ["winonly"],
            "environments": ["sys_platform == 'linux'", "sys_platform == 'win32'"],
            "required-environments": ["sys_platform == 'linux' and platform_machine == 'x86_64'"],
            "default-groups": ["check"],
            "resolution": "highest",
            "sources": {"outside": {"path": "more/outside"}, "project-b": {"workspace": True}},
        },
    },
    "single": {
        "members": (),
        "root_project": MemberSpec("solo", path=".", dependencies=["leaf"], groups={"dev": ["num"], "x": []}),
    },
    "project-root": {
        "members": (MemberSpec("kid", dependencies=["boss", "num"], extras={"one": ["num>=1"], "two": ["leaf"]}),),
        "root_project": MemberSpec(
            "boss",
            path=".",
            dependencies=["leaf"],
            groups={"low": ["num==1.0"], "high": ["num==2.0"], "higher": [{"include-group": "high"}]},
        ),
        "uv": {
            "sources": {"boss": {"workspace": True}},
            "conflicts": [[{"group": "low"}, {"group": "high"}]],
        },
    },
    "conflicting-groups": {
        "members": (),
        "root_project": MemberSpec("boss", path=".", groups={"low": ["num==1.0"], "high": ["num==2.0"], "third": []}),
        "uv": {"conflicts": [[{"group": "low"}, {"group": "high"}]]},
    },
    "conflicts": {
        "members": (
            MemberSpec(
                "kid",
                extras={"one": ["num==1.0"], "two": ["num==2.0"], "three": []},
                tool={"uv": {"conflicts": [[{"extra": "one"}, {"extra": "two"}]]}},
            ),
        ),
        "uv": {"conflicts": [[{"package": "kid", "extra": "one"}, {"package": "kid", "extra": "three"}]]},
    },
}


def write_base(root: Path, base: str, index: Path) -> Path:
    """Write the workspace *base* into *root*, resolved from *index*, and return *root*."""
    described = dict(BASES[base])
    members = described.pop("members")
    if base == "plain":
        outside = MemberSpec("outside", dependencies=["leaf"])
        write_member(root / "more/outside", outside)
    return write_workspace(root, members, index=index, **described)


A_DEPENDENCIES = ["num>=1", "project-b", "flavoured[fast]", "leaf ; python_version >= '3.11'"]
A_EXTRAS = {"Loud_One": ["pyhumps"], "empty": [], "all": ["project-a[loud-one]"]}


def _a(key: str, value: Any) -> Mapping[str, Mapping[str, Any]]:
    return {"a": {key: value}}


def _dependencies(*texts: str) -> Mapping[str, Mapping[str, Any]]:
    return {"a": {"project.dependencies": list(texts)}}


def _extras(**extras: list[str]) -> Mapping[str, Mapping[str, Any]]:
    return {"a": {"project.optional-dependencies": extras}}


def _root(key: str, value: Any) -> Mapping[str, Mapping[str, Any]]:
    return {".": {f"tool.uv.{key}": value}}


NUM, B, FLAVOURED, LEAF = A_DEPENDENCIES

EDITS: tuple[Edit, ...] = (
    Edit(name="nothing"),
    # --- texts that say the same
    Edit(name="comment-only", lines={"a": "# a remark\n", ".": "# another\n"}),
    Edit(name="description-and-scripts", changes={"a": {"project.description": "x", "project.scripts.x": "a:b"}}),
    Edit(name="dependencies-reordered", changes=_dependencies(LEAF, FLAVOURED, B, NUM)),
    Edit(
        name="dependencies-respelled",
        changes=_dependencies("Num >= 1.0", "Project.B", "FLAVOURED[Fast]", "leaf;'3.11'<=python_version"),
    ),
    Edit(name="dependency-twice", changes=_dependencies(NUM, *A_DEPENDENCIES)),
    Edit(
        name="marker-that-always-holds", changes=_dependencies(f"{NUM} ; python_version >= '3.8'", B, FLAVOURED, LEAF)
    ),
    Edit(
        name="marker-rewritten",
        changes=_dependencies(
            NUM, B, FLAVOURED, "leaf ; python_full_version > '3.10.99999' and python_version != '3.10'"
        ),
    ),
    Edit(name="marker-respelled", changes=_dependencies(NUM, B, FLAVOURED, "leaf ; python_full_version >= '3.11.0'")),
    Edit(
        name="dependency-split-by-marker",
        changes=_dependencies(f"{NUM} ; os_name == 'nt'", f"{NUM} ; os_name != 'nt'", B, FLAVOURED, LEAF),
    ),
    Edit(name="redundant-bound", changes=_dependencies("num>=1,>=0.5", B, FLAVOURED, LEAF)),
    Edit(name="extras-reordered", changes=_extras(all=["project-a[loud-one]"], empty=[], **{"loud.one": ["PyHumps"]})),
    Edit(name="own-name-respelled", changes=_a("project.name", "Project_A")),
    Edit(name="version-respelled", changes=_a("project.version", "1.0.0")),
    Edit(name="default-groups-said", changes=_a("tool.uv.default-groups", ["dev"])),
    Edit(
        name="include-group-inlined",
        changes=_a("dependency-groups.lint", ["num", "pyhumps>=3 ; python_version >= '3.11'"]),
    ),
    Edit(name="python-hole", changes=_a("project.requires-python", ">=3.10,!=3.11.2")),
    Edit(name="python-bound-of-another", changes={"b": {"project.requires-python": ">=3.8"}}),
    Edit(name="python-bound-taken-over", changes={"c": {"project.requires-python": ">=3.10,<4"}}),
    Edit(name="unused-source", changes=_root("sources.nobody", {"path": "nowhere"})),
    Edit(
        name="unused-index",
        changes={"a": {"tool.uv.index": [{"name": "x", "url": "https://example.org/simple", "explicit": True}]}},
    ),
    Edit(name="editable-said", changes=_root("sources.project-b", {"workspace": True, "editable": True})),
    Edit(name="source-in-the-member", changes=_a("tool.uv.sources.project-b", {"workspace": True})),
    Edit(name="package-said", changes=_a("tool.uv.package", True)),
    Edit(name="build-requirements", changes=_a("build-system.requires", ["num"])),
    Edit(name="losing-the-build-system-when-needed", changes={"b": {"build-system": DROP}}),
    Edit(name="members-respelled", changes=_root("workspace.members", ["./c", "b/", "more/[d]", "a"])),
    Edit(name="excluded-directory-added", members=[MemberSpec("new", path="more/out-of-it")]),
    Edit(
        name="constraint-for-an-unlocked-name",
        changes=_root("constraint-dependencies", ["num>=1", "unheard-of<3", "other>1"]),
    ),
    Edit(name="constraint-for-an-unlocked-name-gone", changes=_root("constraint-dependencies", ["num>=1"])),
    Edit(name="constraint-in-a-member", changes=_a("tool.uv.constraint-dependencies", ["num>=1.5"])),
    Edit(name="constraints-reordered", changes=_root("constraint-dependencies", ["unheard-of<3", "Num >=1.0"])),
    Edit(
        name="environment-respelled",
        changes=_root("environments", ["'linux' == sys_platform", "platform_system == 'Windows'"]),
    ),
    Edit(name="index-strategy", changes=_root("index-strategy", "unsafe-best-match")),
    Edit(name="empty-root-group", changes={".": {"dependency-groups.further": []}}),
    Edit(name="default-options-said", changes=_root("prerelease", "if-necessary-or-explicit")),
    # --- versions and dependencies of a member
    Edit(name="version", changes=_a("project.version", "1.1")),
    Edit(name="version-dynamic", changes={"a": {"project.version": DROP, "project.dynamic": ["version"]}}),
    Edit(name="dependency-added", changes=_dependencies(*A_DEPENDENCIES, "marked")),
    Edit(name="dependency-added-that-is-locked", changes=_dependencies(*A_DEPENDENCIES, "speedups")),
    Edit(name="dependency-added-nowhere", changes=_dependencies(*A_DEPENDENCIES, "marked ; python_version < '3.0'")),
    Edit(name="dependency-removed", changes=_dependencies(B, FLAVOURED, LEAF)),
    Edit(name="all-dependencies-removed", changes=_dependencies()),
    Edit(name="specifier-changed", changes=_dependencies("num>=1.5", B, FLAVOURED, LEAF)),
    Edit(name="specifier-removed", changes=_dependencies("num", B, FLAVOURED, LEAF)),
    Edit(name="specifier-strict", changes=_dependencies("num>1", B, FLAVOURED, LEAF)),
    Edit(name="marker-added", changes=_dependencies(f"{NUM} ; sys_platform == 'linux'", B, FLAVOURED, LEAF)),
    Edit(name="marker-changed", changes=_dependencies(NUM, B, FLAVOURED, "leaf ; python_version >= '3.12'")),
    Edit(name="marker-removed", changes=_dependencies(NUM, B, FLAVOURED, "leaf")),
    Edit(
        name="marker-of-a-listed-platform",
        changes=_dependencies(NUM, B, FLAVOURED, f"{LEAF} and 'inu' in sys_platform"),
    ),
    Edit(name="extra-of-a-dependency-added", changes=_dependencies(NUM, B, "flavoured[fast,loud]", LEAF)),
    Edit(name="extra-of-a-dependency-removed", changes=_dependencies(NUM, B, "flavoured", LEAF)),
    Edit(name="member-no-longer-needed", changes=_dependencies(NUM, FLAVOURED, LEAF)),
    Edit(
        name="member-newly-needed",
        changes={
            "b": {
                "project.dependencies": ["Dotted.Name_Here", "project-c"],
                "tool.uv.sources.project-c": {"workspace": True},
            }
        },
    ),
    Edit(name="first-dependency-of-a-member", changes={"c": {"project.dependencies": ["leaf"]}}),
    # --- extras
    Edit(name="extra-added", changes=_extras(**A_EXTRAS, more=["leaf"])),
    Edit(name="extra-added-empty", changes=_extras(**A_EXTRAS, more=[])),
    Edit(name="extra-removed", changes=_extras(Loud_One=["pyhumps"], all=["project-a[loud-one]"])),
    Edit(
        name="extra-renamed", changes=_extras(**{"loud-two": ["pyhumps"], "empty": [], "all": ["project-a[loud-two]"]})
    ),
    Edit(name="extra-changed", changes=_extras(**{**A_EXTRAS, "Loud_One": ["pyhumps>=3.8"]})),
    Edit(name="extra-takes-a-dependency-too", changes=_extras(**{**A_EXTRAS, "empty": ["num>=1"]})),
    Edit(name="extra-of-itself-removed", changes=_extras(**{**A_EXTRAS, "all": ["pyhumps"]})),
    Edit(name="extras-moved", changes=_extras(**{**A_EXTRAS, "Loud_One": [], "empty": ["pyhumps"]})),
    # --- groups
    Edit(name="group-added", changes=_a("dependency-groups.more", ["leaf"])),
    Edit(name="group-added-empty", changes=_a("dependency-groups.more", [])),
    Edit(name="group-removed", changes=_a("dependency-groups.dev", DROP)),
    Edit(name="group-removed-empty", changes=_a("dependency-groups.none", DROP)),
    Edit(name="group-renamed", changes={"a": {"dependency-groups.none": DROP, "dependency-groups.nothing": []}}),
    Edit(name="group-changed", changes=_a("dependency-groups.dev", ["leaf>=2"])),
    Edit(name="group-name-respelled", changes={"a": {"dependency-groups.none": DROP, "dependency-groups.NONE": []}}),
    Edit(name="include-group-added", changes=_a("dependency-groups.dev", ["leaf", {"include-group": "types"}])),
    Edit(name="include-group-removed", changes=_a("dependency-groups.lint", ["num"])),
    Edit(name="included-group-changed", changes=_a("dependency-groups.types", ["pyhumps>=3.7"])),
    Edit(name="legacy-dev-dependencies", changes=_a("tool.uv.dev-dependencies", ["marked"])),
    Edit(name="legacy-dev-dependencies-alone", changes={"b": {"tool.uv.dev-dependencies": ["leaf"]}}),
    Edit(name="group-bound-changed", changes=_a("tool.uv.dependency-groups.types.requires-python", ">=3.12")),
    Edit(name="group-bound-removed", changes=_a("tool.uv.dependency-groups", DROP)),
    Edit(name="group-bound-added", changes=_a("tool.uv.dependency-groups.none", {"requires-python": ">=3.11"})),
    Edit(name="group-bound-with-a-hole", changes=_a("tool.uv.dependency-groups.none", {"requires-python": "!=3.11.4"})),
    Edit(name="default-groups-changed", changes=_a("tool.uv.default-groups", ["dev", "lint"])),
    Edit(name="default-groups-all", changes=_a("tool.uv.default-groups", "all")),
    Edit(name="default-groups-none", changes=_a("tool.uv.default-groups", [])),
    # --- Python
    Edit(name="python-raised", changes=_a("project.requires-python", ">=3.11")),
    Edit(name="python-lowered", changes=_a("project.requires-python", ">=3.9")),
    Edit(name="python-capped", changes=_a("project.requires-python", ">=3.10,<3.13")),
    Edit(name="python-cap-removed", changes={"more/d": {"project.requires-python": ">=3.9"}}),
    Edit(name="python-hole-at-the-edge", changes=_a("project.requires-python", ">=3.10,!=3.10.*")),
    # --- kinds and sources
    Edit(name="package-false", changes=_a("tool.uv.package", False)),
    Edit(name="package-true", changes={"c": {"tool.uv.package": True}}),
    Edit(name="package-false-of-a-dependency", changes={"b": {"tool.uv.package": False}}),
    Edit(name="losing-the-build-system", changes={"more/d": {"build-system": DROP}}),
    Edit(name="build-system-gained", changes={"c": {"build-system": {"requires": [], "build-backend": "x"}}}),
    Edit(name="editable-false", changes=_root("sources.project-b", {"workspace": True, "editable": False})),
    Edit(
        name="editable-false-in-the-member",
        changes=_a("tool.uv.sources.project-b", {"workspace": True, "editable": False}),
    ),
    Edit(name="named-by-a-source-only", changes=_a("tool.uv.sources.project-c", {"workspace": True})),
    Edit(name="source-of-itself", changes={"c": {"tool.uv.sources.project-c": {"workspace": True}}}),
    Edit(name="path-source-editable", changes=_root("sources.outside", {"path": "more/outside", "editable": True})),
    Edit(
        name="path-source-not-editable", changes=_root("sources.outside", {"path": "more/outside", "editable": False})
    ),
    Edit(name="path-source-package", changes=_root("sources.outside", {"path": "more/outside", "package": True})),
    Edit(
        name="path-source-not-a-package", changes=_root("sources.outside", {"path": "more/outside", "package": False})
    ),
    Edit(name="path-source-respelled", changes=_root("sources.outside", {"path": "./more/../more/outside/"})),
    Edit(
        name="path-source-in-the-member",
        changes={".": {"tool.uv.sources.outside": DROP}, "more/d": {"tool.uv.sources.outside": {"path": "../outside"}}},
    ),
    Edit(
        name="path-source-elsewhere",
        changes=_root("sources.outside", {"path": "outside"}),
        moved={"more/outside": "outside"},
    ),
    Edit(
        name="source-with-a-marker",
        changes=_root("sources.outside", [{"path": "more/outside", "marker": "sys_platform == 'linux'"}]),
    ),
    Edit(
        name="source-with-a-marker-that-holds",
        changes=_root("sources.outside", [{"path": "more/outside", "marker": "python_version >= '3.9'"}]),
    ),
    Edit(
        name="source-for-an-extra",
        changes=_a("tool.uv.sources.pyhumps", {"path": "../more/outside", "extra": "loud-one"}),
    ),
    Edit(name="source-for-a-group", changes=_a("tool.uv.sources.leaf", {"path": "../more/outside", "group": "dev"})),
    Edit(name="source-removed", changes={".": {"tool.uv.sources.outside": DROP}}),
    # --- members
    Edit(name="member-added", members=[MemberSpec("new", path="more/new")]),
    Edit(name="member-added-with-dependencies", members=[MemberSpec("new", path="more/new", dependencies=["leaf"])]),
    Edit(name="member-removed", removed=["c"]),
    Edit(name="member-excluded", changes=_root("workspace.exclude", ["more/*"])),
    Edit(name="member-unmanaged", changes={"c": {"tool.uv.managed": False}}),
    Edit(name="member-renamed", changes={"c": {"project.name": "project-see"}}),
    Edit(name="member-moved", moved={"more/d": "more/e"}),
    Edit(name="needed-member-moved", moved={"b": "more/b"}),
    Edit(
        name="first-member",
        base="single",
        changes={".": {"tool.uv.workspace.members": ["a"]}},
        members=[MemberSpec("new", path="a")],
    ),
    Edit(name="single-renamed", base="single", changes={".": {"project.name": "duo"}}),
    Edit(name="single-dependency", base="single", changes={".": {"project.dependencies": ["leaf", "num"]}}),
    Edit(name="single-group", base="single", changes={".": {"dependency-groups.dev": ["num", "leaf"]}}),
    Edit(name="single-constraint", base="single", changes={".": {"tool.uv.constraint-dependencies": ["leaf<9"]}}),
    Edit(name="single-nothing", base="single"),
    Edit(name="last-member-removed", base="project-root", removed=["packages/kid"]),
    # --- the root
    Edit(name="root-group-added", changes={".": {"dependency-groups.further": ["num"]}}),
    Edit(name="root-group-changed", changes={".": {"dependency-groups.check": ["leaf>=2.1", "project-b"]}}),
    Edit(name="root-group-removed", changes={".": {"dependency-groups": DROP, "tool.uv.default-groups": []}}),
    Edit(name="root-group-reordered", changes={".": {"dependency-groups.check": ["project-b", "leaf>=2.0"]}}),
    Edit(name="root-default-groups", changes=_root("default-groups", [])),
    Edit(name="root-group-bound", changes=_root("dependency-groups", {"check": {"requires-python": ">=3.11"}})),
    Edit(name="constraint-changed", changes=_root("constraint-dependencies", ["num>=1.5", "unheard-of<3"])),
    Edit(name="constraint-added", changes=_root("constraint-dependencies", ["num>=1", "unheard-of<3", "leaf<9"])),
    Edit(name="constraint-removed", changes=_root("constraint-dependencies", ["unheard-of<3"])),
    Edit(name="override-changed", changes=_root("override-dependencies", ["pyhumps>=3.8"])),
    Edit(name="override-removed", changes=_root("override-dependencies", [])),
    Edit(name="build-constraint-changed", changes=_root("build-constraint-dependencies", ["setuptools>2"])),
    Edit(name="build-constraint-removed", changes=_root("build-constraint-dependencies", [])),
    Edit(name="build-constraint-added", changes=_root("build-constraint-dependencies", ["setuptools>1", "wheel"])),
    Edit(name="exclusion-removed", changes=_root("exclude-dependencies", [])),
    Edit(name="exclusion-added", changes=_root("exclude-dependencies", ["winonly", "speedups"])),
    Edit(name="exclusion-for-an-unlocked-name", changes=_root("exclude-dependencies", ["winonly", "nobody"])),
    Edit(
        name="environment-added",
        changes=_root(
            "environments", ["sys_platform == 'linux'", "sys_platform == 'win32'", "sys_platform == 'darwin'"]
        ),
    ),
    Edit(name="environment-removed", changes=_root("environments", ["sys_platform == 'linux'"])),
    Edit(
        name="environments-removed",
        changes={".": {"tool.uv.environments": DROP, "tool.uv.required-environments": DROP}},
    ),
    Edit(
        name="environments-reordered",
        changes=_root("environments", ["sys_platform == 'win32'", "sys_platform == 'linux'"]),
    ),
    Edit(name="required-environment-changed", changes=_root("required-environments", ["sys_platform == 'win32'"])),
    Edit(name="resolution", changes=_root("resolution", "lowest")),
    Edit(name="prerelease", changes=_root("prerelease", "allow")),
    Edit(name="fork-strategy", changes=_root("fork-strategy", "fewest")),
    Edit(name="exclude-newer", changes=_root("exclude-newer", "2036-01-01T00:00:00Z")),
    Edit(name="resolution-unset", changes={".": {"tool.uv.resolution": DROP}}),
    # --- conflicts
    Edit(name="project-root-nothing", base="project-root"),
    Edit(
        name="conflict-added",
        base="plain",
        changes=_root(
            "conflicts", [[{"package": "project-a", "extra": "all"}, {"package": "project-a", "extra": "empty"}]]
        ),
    ),
    Edit(
        name="conflict-removed",
        base="conflicts",
        changes={"packages/kid": {"tool": DROP, "project.optional-dependencies.two": ["num>=1"]}},
    ),
    Edit(
        name="conflict-with-its-package-named",
        base="conflicts",
        changes={"packages/kid": {"tool.uv.conflicts": [[{"package": "Kid", "extra": "Two"}, {"extra": "one"}]]}},
    ),
    Edit(
        name="conflict-changed",
        base="conflicts",
        changes={
            ".": {"tool.uv.conflicts": [[{"package": "kid", "extra": "two"}, {"package": "kid", "extra": "three"}]]}
        },
    ),
    Edit(
        name="conflict-of-a-group-that-includes",
        base="project-root",
        changes={".": {"dependency-groups.further": [{"include-group": "low"}]}},
    ),
    Edit(
        name="conflict-include-removed", base="project-root", changes={".": {"dependency-groups.higher": ["num==2.0"]}}
    ),
    Edit(
        name="conflict-of-extras-added",
        base="project-root",
        changes={"packages/kid": {"tool.uv.conflicts": [[{"extra": "one"}, {"extra": "two"}]]}},
    ),
    Edit(
        name="conflict-that-an-include-brings",
        base="conflicting-groups",
        changes={".": {"dependency-groups.third": [{"include-group": "low"}]}},
    ),
    Edit(name="exclude-newer-in-another-zone", changes=_root("exclude-newer", "2036-01-01T00:00:00+02:00")),
)


@dataclass(frozen=True, kw_only=True)
class Sourced:
    """A *requirement* with its *source*, and the *wire* that stands for it in the lockfile; *same* where they match."""

    name: str
    requirement: str
    source: Any
    wire: Mapping[str, Any]
    same: bool = True


_GIT = {"git": "https://example.org/x"}
_URL = "https://example.org/x-1.0-py3-none-any.whl"
_COMMIT = "0123456789abcdef0123456789abcdef01234567"

SOURCED: tuple[Sourced, ...] = (
    Sourced(name="git", requirement="x", source=_GIT, wire=_GIT),
    Sourced(name="git-gone", requirement="x", source=None, wire=_GIT, same=False),
    Sourced(name="git-new", requirement="x", source=_GIT, wire={}, same=False),
    Sourced(name="git-other", requirement="x", source={"git": "https://example.org/y"}, wire=_GIT, same=False),
    Sourced(name="git-tag", requirement="x", source={**_GIT, "tag": "v1"}, wire={"git": f"{_GIT['git']}?tag=v1"}),
    Sourced(
        name="git-tag-moved",
        requirement="x",
        source={**_GIT, "tag": "v2"},
        wire={"git": f"{_GIT['git']}?tag=v1"},
        same=False,
    ),
    Sourced(
        name="git-branch",
        requirement="x",
        source={**_GIT, "branch": "v1"},
        wire={"git": f"{_GIT['git']}?tag=v1"},
        same=False,
    ),
    Sourced(
        name="git-rev", requirement="x", source={**_GIT, "rev": _COMMIT}, wire={"git": f"{_GIT['git']}?rev={_COMMIT}"}
    ),
    Sourced(
        name="git-subdirectory",
        requirement="x",
        source={**_GIT, "subdirectory": "a/b"},
        wire={"git": f"{_GIT['git']}?subdirectory=a%2Fb"},
    ),
    Sourced(
        name="git-subdirectory-moved",
        requirement="x",
        source={**_GIT, "subdirectory": "a"},
        wire={"git": f"{_GIT['git']}?subdirectory=b"},
        same=False,
    ),
    Sourced(name="git-lfs", requirement="x", source={**_GIT, "lfs": True}, wire={"git": f"{_GIT['git']}?lfs=true"}),
    Sourced(name="git-credentials", requirement="x", source={"git": "https://me:secret@example.org/x"}, wire=_GIT),
    Sourced(
        name="git-direct", requirement=f"x @ git+{_GIT['git']}@v1", source=None, wire={"git": f"{_GIT['git']}?rev=v1"}
    ),
    Sourced(
        name="git-direct-moved",
        requirement=f"x @ git+{_GIT['git']}@v2",
        source=None,
        wire={"git": f"{_GIT['git']}?rev=v1"},
        same=False,
    ),
    Sourced(name="git-drops-the-specifier", requirement="x>=1", source=_GIT, wire=_GIT),
    Sourced(
        name="git-with-a-marker",
        requirement="x>=1",
        source=[{**_GIT, "marker": "os_name == 'nt'"}],
        wire=_GIT,
        same=False,
    ),
    Sourced(name="url", requirement="x", source={"url": _URL}, wire={"url": _URL}),
    Sourced(name="url-direct", requirement=f"x @ {_URL}", source=None, wire={"url": _URL}),
    Sourced(name="url-direct-with-a-hash", requirement=f"x @ {_URL}#sha256=00", source=None, wire={"url": _URL}),
    Sourced(
        name="url-moved", requirement="x", source={"url": _URL.replace("1.0", "1.1")}, wire={"url": _URL}, same=False
    ),
    Sourced(
        name="url-subdirectory",
        requirement="x",
        source={"url": "https://example.org/x.zip", "subdirectory": "s"},
        wire={"url": "https://example.org/x.zip", "subdirectory": "s"},
    ),
    Sourced(
        name="index",
        requirement="x>=1",
        source={"index": "one"},
        wire={"specifier": ">=1", "index": "https://example.org/one/simple"},
    ),
    Sourced(
        name="index-other",
        requirement="x>=1",
        source={"index": "two"},
        wire={"specifier": ">=1", "index": "https://example.org/one/simple"},
        same=False,
    ),
    Sourced(
        name="index-none",
        requirement="x>=1",
        source=None,
        wire={"specifier": ">=1", "index": "https://example.org/one/simple"},
        same=False,
    ),
    Sourced(
        name="index-specifier",
        requirement="x>=2",
        source={"index": "one"},
        wire={"specifier": ">=1", "index": "https://example.org/one/simple"},
        same=False,
    ),
)
