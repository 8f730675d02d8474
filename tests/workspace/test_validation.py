"""What the tables of ``[tool.wsnox]`` name and the workspace does not have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.texts import text_of
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.errors import ManifestError
from wsnox.workspace import discover
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS = (
    MemberSpec("lib-a", groups={"test": [], "typing": []}, extras={"cli": []}),
    MemberSpec("lib-b", groups={"test": []}),
    MemberSpec("app", extras={"cpu": [], "cuda": []}),
)


BASES = "`lowest`, `latest`, `published`, `below`"


def _refused(tmp_path: Path, wsnox: dict[str, Any], **own: dict[str, Any]) -> str:
    members = [
        replace(member, tool={"wsnox": own[name]}) if (name := member.name.replace("-", "_")) in own else member
        for member in MEMBERS
    ]
    root = write_workspace(tmp_path / "w", members, index=tmp_path, wsnox=wsnox, root_groups={"lint": []})
    with pytest.raises(ManifestError) as caught:
        Suite(discover(root), running="3.11.7")
    return text_of(caught.value, root)


@pytest.mark.parametrize(
    ("wsnox", "problem"),
    [
        ({"groups": ["tset"]}, "unknown dependency group `tset` in `tool.wsnox.groups` (did you mean `test`?)"),
        (
            {"members": ["packages"]},
            "unknown member `packages` in `tool.wsnox.members` (a path is written `packages/*`)",
        ),
        (
            {"groups": ["lint"]},
            "unknown dependency group `lint` in `tool.wsnox.groups` (the workspace root has it: see `root-groups`)",
        ),
        ({"groups": ["xyz"]}, "unknown dependency group `xyz` in `tool.wsnox.groups` (known: `test`, `typing`)"),
        (
            {"root-groups": ["test"]},
            "unknown dependency group `test` of the workspace root in `tool.wsnox.root-groups` (it belongs to `lib-a`, `lib-b`)",
        ),
        ({"extras": ["cuba"]}, "unknown extra `cuba` in `tool.wsnox.extras` (did you mean `cuda`?)"),
        ({"extras": [["cpu"], ["cuba"]]}, "unknown extra `cuba` in `tool.wsnox.extras` (did you mean `cuda`?)"),
        ({"extras": {"gpu": ["cuba"]}}, "unknown extra `cuba` in `tool.wsnox.extras` (did you mean `cuda`?)"),
        (
            {"default-packages": ["lib-c"]},
            "unknown member `lib-c` in `tool.wsnox.default-packages` (did you mean `lib-b`?)",
        ),
        (
            {"default-packages": ["lib-a[cuda]"]},
            "unknown extra `cuda` of `lib-a` in `tool.wsnox.default-packages` (it belongs to `app`)",
        ),
        (
            {"default-packages": ["lib-*[cuda]"]},
            "unknown extra `cuda` of `lib-*` in `tool.wsnox.default-packages` (it belongs to `app`)",
        ),
        ({"tasks": {"t": {"members": ["x-*"]}}}, "no member's name matches `x-*` in `tool.wsnox.tasks.t.members`"),
        (
            {"tasks": {"t": {"members": ["ap"]}}},
            "unknown member `ap` in `tool.wsnox.tasks.t.members` (did you mean `app`?)",
        ),
        (
            {"tasks": {"t": {"members": ["app"], "groups": ["test"]}}},
            "unknown dependency group `test` in `tool.wsnox.tasks.t.groups` (it belongs to `lib-a`, `lib-b`)",
        ),
        (
            {"tasks": {"t": {"members": ["lib-b", "app"], "groups": ["typing"]}}},
            "unknown dependency group `typing` in `tool.wsnox.tasks.t.groups` (it belongs to `lib-a`)",
        ),
        (
            {"integration": {"i": {"packages": ["app"], "groups": ["test"]}}},
            "unknown dependency group `test` in `tool.wsnox.integration.i.groups` (it belongs to `lib-a`, `lib-b`)",
        ),
        (
            {"integration": {"i": {"packages": ["app", "nope"]}}},
            "unknown member `nope` in `tool.wsnox.integration.i.packages` (known: `app`, `lib-a`, `lib-b`)",
        ),
        (
            {"integration": {"i": {"packages": ["lib-*"], "extras": ["cuda"]}}},
            "unknown extra `cuda` in `tool.wsnox.integration.i.extras` (it belongs to `app`)",
        ),
        (
            {"integration": {"i": {"root-groups": ["x"]}}},
            "unknown dependency group `x` of the workspace root in `tool.wsnox.integration.i.root-groups` (known: `lint`)",
        ),
        ({"exclude": ["examples/*"]}, "no member lies at `examples/*` in `tool.wsnox.exclude`"),
        (
            {"members": ["packages/lib-x"]},
            "no member lies at `packages/lib-x` in `tool.wsnox.members` (did you mean `packages/lib-b`?)",
        ),
        (
            {"tasks": {"t": {"exclude": ["x"]}}},
            "unknown member `x` in `tool.wsnox.tasks.t.exclude` (known: `app`, `lib-a`, `lib-b`)",
        ),
        (
            {"integration": {"i": {"packages": [], "groups": ["test"]}}},
            "unknown dependency group `test` in `tool.wsnox.integration.i.groups` (it belongs to `lib-a`, `lib-b`)",
        ),
        (
            {"integration": {"i": {"packages": [], "extras": ["cli"]}}},
            "`extras` are of members, and a session without `packages` has none, in `tool.wsnox.integration.i`",
        ),
        (
            {"integration": {"i": {"commands": ["mypy -p {module}"]}}},
            "`{module}` has a value only in sessions of one member, not in `tool.wsnox.integration.i.commands`",
        ),
        (
            {"integration": {"i": {"packages": [], "directory": "{name}"}}},
            "`{name}` has a value only in sessions of one member, not in `tool.wsnox.integration.i.directory`",
        ),
        (
            {"resolutions": ["lowest"], "tasks": {"lowest": {"commands": ["x"]}}},
            "`lowest` is the name of a task: a resolution needs another, and a `base`, in `tool.wsnox.resolutions.lowest`",
        ),
        (
            {"resolutions": {"lowest": {"exclude": ["ap"], "groups": ["test"]}}},
            "unknown member `ap` in `tool.wsnox.resolutions.lowest.exclude` (did you mean `app`?)",
        ),
        (
            {"resolutions": {"lowest": {"members": ["app"], "groups": ["test"]}}},
            "unknown dependency group `test` in `tool.wsnox.resolutions.lowest.groups` (it belongs to `lib-a`, `lib-b`)",
        ),
        (
            {"integration": {"i": {"packages": [], "resolutions": ["lowest"]}}},
            "a resolution is of members, and without `packages` there are none, in `tool.wsnox.integration.i.resolutions.lowest`",
        ),
        (
            {"resolutions": ["lowst"]},
            f"`lowst` is not a resolution that wsnox knows ({BASES}) in `tool.wsnox.resolutions`",
        ),
        (
            {"resolutions": {"old": {}}},
            f"`old` is not a resolution that wsnox knows ({BASES}), so it needs a `base` in `tool.wsnox.resolutions.old`",
        ),
        (
            {"resolutions": {"lowest": {"siblings": "latest"}}},
            "only `published` takes other members from an index in `tool.wsnox.resolutions.lowest.siblings`",
        ),
        (
            {"resolutions": {"Old": {"base": "lowest"}}},
            "`Old` is not a name for a resolution: small letters, digits and `-` only, in `tool.wsnox.resolutions`",
        ),
        ({"project": {"commands": []}}, "the workspace root has no `[project]` of its own in `tool.wsnox.project`"),
        (
            {"skip": "no"},
            "`skip` is for one member, task or integration session, not for all of them, in `tool.wsnox`",
        ),
    ],
)
def test_the_roots_table(tmp_path: Path, wsnox: dict[str, Any], problem: str) -> None:
    """What nobody has is refused with the file, the dotted path, and the name that was meant or those there are."""
    assert _refused(tmp_path, wsnox) == f"`[ROOT]/pyproject.toml`: {problem}"


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ({"groups": ["typing"]}, "unknown dependency group `typing` in `tool.wsnox.groups` (it belongs to `lib-a`)"),
        ({"extras": ["cli"]}, "unknown extra `cli` in `tool.wsnox.extras` (it belongs to `lib-a`)"),
        (
            {"root-groups": ["lnit"]},
            "unknown dependency group `lnit` of the workspace root in `tool.wsnox.root-groups` (did you mean `lint`?)",
        ),
        (
            {"tasks": {"types": {"groups": ["typing"]}}},
            "unknown dependency group `typing` in `tool.wsnox.tasks.types.groups` (it belongs to `lib-a`)",
        ),
        (
            {"tasks": {"types": {"members": ["*"]}}},
            "`members` in `tool.wsnox.tasks.types` is only for the manifest of the workspace root",
        ),
        ({"tasks": {"apps": {}}}, "the root's task `apps` is not for this member in `tool.wsnox.tasks.apps`"),
        (
            {"default-packages": ["app"]},
            "`default-packages` in `tool.wsnox` is only for the manifest of the workspace root",
        ),
        ({"integration": {"i": {}}}, "`integration` in `tool.wsnox` is only for the manifest of the workspace root"),
        ({"lock": "frozen"}, "`lock` in `tool.wsnox` is only for the manifest of the workspace root"),
        ({"exclude": []}, "`exclude` in `tool.wsnox` is only for the manifest of the workspace root"),
        (
            {"affected": {"platforms": ["linux"]}},
            "`affected` in `tool.wsnox` is only for the manifest of the workspace root",
        ),
    ],
)
def test_a_members_table(tmp_path: Path, own: dict[str, Any], problem: str) -> None:
    """What a member names for itself must exist there; what only the root can say is not quietly left."""
    wsnox = {"tasks": {"apps": {"members": ["app"], "commands": ["x"]}}}
    assert _refused(tmp_path, wsnox, lib_b=own) == f"`[ROOT]/packages/lib-b/pyproject.toml`: {problem}"


@pytest.mark.parametrize(
    ("wsnox", "problem"),
    [
        ({"skip": "no"}, "`skip` is for one member, task or integration session, not for all of them, in `tool.wsnox` (see `project` for the root's own)"),
        ({"project": {"groups": ["test"]}}, "unknown dependency group `test` in `tool.wsnox.project.groups` (it belongs to `lib-a`, `lib-b`)"),
        (
            {"project": {"tasks": {"t": {"extras": ["x"]}}}},
            "unknown extra `x` in `tool.wsnox.project.tasks.t.extras`",
        ),
        (
            {"tasks": {"t": {"exclude": ["."]}}, "project": {"tasks": {"t": {}}}},
            "the root's task `t` is not for this member in `tool.wsnox.project.tasks.t`",
        ),
    ],
)  # fmt: skip
def test_the_roots_project(tmp_path: Path, wsnox: dict[str, Any], problem: str) -> None:
    """Its own table is about it alone, so that what it lacks is refused there, as in any member's."""
    project = MemberSpec("top", path=".", groups={"lint": []})
    root = write_workspace(tmp_path / "w", MEMBERS, index=tmp_path, wsnox=wsnox, root_project=project)
    with pytest.raises(ManifestError) as caught:
        Suite(discover(root), running="3.11.7")
    assert text_of(caught.value, root) == f"`[ROOT]/pyproject.toml`: {problem}"


def test_all_of_a_file_at_once(tmp_path: Path) -> None:
    """Whoever corrects a manifest sees everything that is wrong with it in one run, before any other file's mistakes."""
    wsnox = {"groups": ["x"], "tasks": {"t": {"extras": ["y"]}}, "integration": {"i": {"packages": ["z"]}}}
    assert _refused(tmp_path, wsnox, app={"groups": ["w"]}).splitlines() == [
        "`[ROOT]/pyproject.toml`: 3 problems:",
        "  - unknown dependency group `x` in `tool.wsnox.groups` (known: `test`, `typing`)",
        "  - unknown extra `y` in `tool.wsnox.tasks.t.extras` (known: `cli`, `cpu`, `cuda`)",
        "  - unknown member `z` in `tool.wsnox.integration.i.packages` (known: `app`, `lib-a`, `lib-b`)",
    ]


def test_what_is_tolerated(tmp_path: Path) -> None:
    """What one member of several has is enough, and an empty workspace has nothing to be wrong about."""
    wsnox = {
        "groups": ["typing"],
        "extras": ["cuda"],
        "tasks": {"t": {"members": ["lib-*"], "groups": ["typing"], "extras": ["cli"]}},
        "integration": {"i": {"packages": ["lib-*[cli]"], "groups": ["lint", "typing"]}},
    }
    root = write_workspace(tmp_path / "w", MEMBERS, index=tmp_path, wsnox=wsnox, root_groups={"lint": []})
    assert len(Suite(discover(root), running="3.11.7").configured()) == 3 + 2 + 1 + 1 + 3
    root = write_workspace(tmp_path / "empty", [], index=tmp_path, wsnox=wsnox)
    assert Suite(discover(root), running="3.11.7").configured() == ()
