"""The sessions of a workspace, decided from its manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.workspace import discover
from wsnox.workspace.settings import Task
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.workspace.sessions import Session


def _suite(
    tmp_path: Path, *members: MemberSpec, pin: str = "", running: str = "3.11.7", **options: Any
) -> dict[str, Session]:
    root = write_workspace(tmp_path / "workspace", members, index=tmp_path, **options)
    return {name: session for name, session in _all(root, pin, running).items() if session.kind != "imports"}


def _all(root: Path, pin: str = "", running: str = "3.11.7") -> dict[str, Session]:
    sessions = Suite(discover(root), pin=pin, running=running).configured()
    assert len({session.name for session in sessions}) == len(sessions)
    return {session.name: session for session in sessions}


A = MemberSpec("project-a")
B = MemberSpec("Project_B", path="libs/b")


def test_one_for_each_member_and_one_for_all(tmp_path: Path) -> None:
    """Members in name order, then all of them; each session runs where it belongs."""
    sessions = _suite(tmp_path, B, A)
    root = tmp_path / "workspace"
    assert list(sessions) == ["project-a", "project-b", "workspace"]
    assert [session.directory for session in sessions.values()] == [root / "packages/project-a", root / "libs/b", root]
    assert [session.description for session in sessions.values()] == [
        "packages/project-a",
        "libs/b",
        "all members together",
    ]
    assert [session.kind for session in sessions.values()] == ["test", "test", "workspace"]
    assert [member.name for member in sessions["workspace"].members] == ["project-a", "project-b"]
    assert sessions["project-a"].tags == ("member", "project-a", "test")


def test_the_check_of_imports(tmp_path: Path) -> None:
    """Each member has one after all others, on what its users get: no group and no extra, whatever its tests want."""
    a = MemberSpec("project-a", extras={"x": []}, groups={"dev": []})
    wsnox = {"groups": ["dev"], "extras": ["x"], "pythons": ["3.11"], "commands": ["x"], "env": {"A": "1"}}
    write_workspace(tmp_path / "workspace", [B, a], index=tmp_path, wsnox=wsnox, root_groups={"root": []})
    sessions = _all(tmp_path / "workspace")
    assert list(sessions)[-2:] == ["project-a:imports", "project-b:imports"]
    session = sessions["project-a:imports"]
    assert (session.kind == "imports", session.default, session.commands, session.root_groups) == (
        True,
        False,
        None,
        (),
    )
    assert [(selection.extras, selection.groups) for selection in session.variants[""]] == [((), ())]
    assert (session.pythons, session.env, session.tags) == (("3.11",), {"A": "1"}, ("imports",))


def test_programs_from_outside(tmp_path: Path) -> None:
    """What is allowed is inherited as any other key is, and the nearest list is the whole list; nothing is by default."""
    own = MemberSpec("own", tool={"wsnox": {"external": ["make"], "tasks": {"t": {"external": ["nix"]}}}})
    tasks = {"t": {"commands": ["x"], "external": ["podman"]}, "u": {"commands": ["x"]}}
    wsnox = {"external": ["docker"], "tasks": tasks, "integration": {"both": {}, "none": {"external": []}}}
    sessions = _suite(tmp_path, A, own, wsnox=wsnox)
    assert {name: session.external for name, session in sessions.items()} == {
        "project-a": ("docker",),
        "own": ("make",),
        "project-a:t": ("podman",),
        "own:t": ("nix",),
        "project-a:u": ("docker",),
        "own:u": ("make",),
        "both": ("docker",),
        "none": (),
        "workspace": ("docker",),
    }
    assert {session.external for session in _suite(tmp_path / "other", A).values()} == {()}


def test_the_check_of_imports_can_be_set(tmp_path: Path) -> None:
    """It has a table as any task has; with commands, it is one like any other."""
    tasks: dict[str, Any] = {"imports": {"default": True, "members": ["project-a"], "editable": False}}
    write_workspace(tmp_path / "workspace", [A, B], index=tmp_path, wsnox={"tasks": tasks})
    sessions = _all(tmp_path / "workspace")
    assert [name for name, session in sessions.items() if session.kind == "imports"] == ["project-a:imports"]
    assert (sessions["project-a:imports"].default, sessions["project-a:imports"].editable) == (True, False)
    tasks["imports"] = {"commands": ["lint-imports"]}
    write_workspace(tmp_path / "workspace", [A, B], index=tmp_path, wsnox={"tasks": tasks})
    sessions = _all(tmp_path / "workspace")
    assert [
        (session.kind == "imports", session.commands, session.default)
        for name, session in sessions.items()
        if ":imports" in name
    ] == [(False, ("lint-imports",), True)] * 2


def test_a_member_of_its_name_keeps_the_environment(tmp_path: Path) -> None:
    """A member called `a-imports` has the environment that `a:imports` would have."""
    write_workspace(tmp_path / "workspace", [MemberSpec("a"), MemberSpec("a-imports")], index=tmp_path)
    assert [name for name, session in _all(tmp_path / "workspace").items() if session.kind == "imports"] == [
        "a-imports:imports"
    ]


def test_a_root_that_is_a_member(tmp_path: Path) -> None:
    """A root with a project has a session as any other member."""
    sessions = _suite(tmp_path, A, root_project=MemberSpec("the-root", path="."))
    assert list(sessions) == ["project-a", "the-root", "workspace"]
    assert (sessions["the-root"].directory, sessions["the-root"].description) == (
        tmp_path / "workspace",
        "the workspace root",
    )


def test_no_members(tmp_path: Path) -> None:
    """A virtual root without members has no session, not even one of all."""
    assert _suite(tmp_path) == {}


def test_a_member_of_the_name_keeps_it(tmp_path: Path) -> None:
    """A member called `workspace` is what its name says; the session of all takes another one."""
    sessions = _suite(tmp_path, A, MemberSpec("workspace"))
    assert list(sessions) == ["project-a", "workspace", "workspace:all"]
    assert [member.name for member in sessions["workspace"].members] == ["workspace"]


def test_commands(tmp_path: Path) -> None:
    """A member's own commands win over the workspace's, an empty list too; the session of all has its own alone."""
    own = MemberSpec("own", tool={"wsnox": {"commands": []}})
    sessions = _suite(tmp_path, A, own, wsnox={"commands": ["x"]})
    assert [sessions[name].commands for name in ("project-a", "own", "workspace")] == [("x",), (), None]


def test_groups(tmp_path: Path) -> None:
    """A group named for everyone is taken where a member has it; one that a member names wins, and must exist."""
    grouped = MemberSpec("grouped", groups={"test": ["leaf"], "dev": []})
    own = MemberSpec("own", groups={"lint": []}, tool={"wsnox": {"groups": ["lint"]}})
    sessions = _suite(tmp_path, A, grouped, own, wsnox={"groups": ["test"]})
    selections = {name: session.variants[""][0].groups for name, session in sessions.items() if not session.integration}
    assert selections == {"project-a": (), "grouped": ("test",), "own": ("lint",)}
    (unset, *_) = _suite(tmp_path / "other", A)["project-a"].variants[""]
    assert unset.groups is None


def test_pythons(tmp_path: Path) -> None:
    """A floor that one member raises holds for all, as it does in the lockfile; the own list of a member wins."""
    own = MemberSpec("own", tool={"wsnox": {"pythons": ["3.13"]}})
    sessions = _suite(
        tmp_path, A, own, MemberSpec("high", requires_python=">=3.12"), wsnox={"pythons": ["3.11", "3.12", "3.14"]}
    )
    assert {name: session.pythons for name, session in sessions.items()} == {
        "high": ("3.12", "3.14"),
        "own": ("3.13",),
        "project-a": ("3.12", "3.14"),
        "workspace": ("3.12", "3.14"),
    }


def test_no_python_fits(tmp_path: Path) -> None:
    """A session whose every Python is excluded is not there; the others are."""
    own = MemberSpec("own", tool={"wsnox": {"pythons": ["3.9"]}})
    assert "own" not in _suite(tmp_path, A, own)


def test_the_pin_and_the_interpreter_of_nox(tmp_path: Path) -> None:
    """Without configuration the pin decides where it fits, else the interpreter that runs nox, which has no name."""
    assert _suite(tmp_path, A, pin="3.12")["project-a"].pythons == ("3.12",)
    assert _suite(tmp_path, A, pin="3.9")["workspace"].pythons is None


def _selected(session: Session) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Return, by variant and member, the extras and groups that *session* installs."""
    return {
        variant: {selection.member.name: (selection.extras, selection.groups) for selection in selections}
        for variant, selections in session.variants.items()
    }


# --- tasks ----------------------------------------------------------------------------------------------------------


def test_tasks(tmp_path: Path) -> None:
    """A further task makes a session for each member that it is for, with its own name, tags and description."""
    tasks = {"types": {"commands": ["mypy ."], "members": ["project-*"], "tags": ["static"]}}
    sessions = _suite(tmp_path, A, B, MemberSpec("other"), wsnox={"tasks": tasks, "commands": ["pytest"]})
    assert list(sessions) == ["other", "project-a", "project-b", "project-a:types", "project-b:types", "workspace"]
    types = sessions["project-b:types"]
    assert types.kind == "task"
    assert (types.tags, types.description) == (("member", "project-b", "types", "static"), "types in libs/b")
    assert types.commands == ("mypy .",)
    assert sessions["project-b"].tags == ("member", "project-b", "test")


def test_what_a_task_inherits(tmp_path: Path) -> None:
    """A task takes over all but what makes a session the one it is."""
    top = {
        "commands": ["x"],
        "tags": ["x"],
        "default": False,
        "requires": ["x"],
        "description": "x",
        "editable": False,
        "env": {"A": "1", "B": "1"},
        "pythons": ["3.12"],
        "groups": [],
        "root-groups": ["lint"],
        "extras": "all",
    }
    wsnox = {**top, "tasks": {"t": {"env": {"B": "2"}}}}
    sessions = _suite(tmp_path, A, wsnox=wsnox, root_groups={"lint": []})
    task = sessions["project-a:t"]
    assert (task.commands, task.tags, task.default) == (None, ("member", "project-a", "t"), True)
    assert (task.requires, task.description) == ((), "t in packages/project-a")
    assert (task.editable, task.env, task.pythons, task.root_groups) == (
        False,
        {"A": "1", "B": "2"},
        ("3.12",),
        ("lint",),
    )
    assert _selected(task) == {"": {"project-a": ("all", ())}}
    test = sessions["project-a"]
    assert (test.commands, test.default, test.requires, test.description) == (("x",), False, ("x",), "x")


def test_who_wins(tmp_path: Path) -> None:
    """What is said of a task wins over what is said of all, and in each the member over the root."""
    own = MemberSpec(
        "own", tool={"wsnox": {"description": "d2", "env": {"V": "2", "W": "2"}, "tasks": {"t": {"env": {"V": "4"}}}}}
    )
    sessions = _suite(
        tmp_path, A, own, wsnox={"env": {"V": "1", "W": "1", "X": "1"}, "tasks": {"t": {"env": {"V": "3"}}}}
    )
    assert {name: dict(session.env) for name, session in sessions.items()} == {
        "own": {"V": "2", "W": "2", "X": "1"},
        "project-a": {"V": "1", "W": "1", "X": "1"},
        "own:t": {"V": "4", "W": "2", "X": "1"},
        "project-a:t": {"V": "3", "W": "1", "X": "1"},
        "workspace": {"V": "1", "W": "1", "X": "1"},
    }
    assert (sessions["own"].description, sessions["own:t"].description) == ("d2", "t in packages/own")


def test_a_task_of_one_member(tmp_path: Path) -> None:
    """A task that only a member has is a session of its own where it has commands, else it waits for a function."""
    tasks = {"docs": {"commands": ["sphinx"]}, "types": {"groups": ["typing"]}}
    member = MemberSpec("member", groups={"typing": []}, tool={"wsnox": {"tasks": tasks}})
    root = write_workspace(tmp_path / "workspace", [A, member], index=tmp_path)
    suite = Suite(discover(root), running="3.11.7")
    assert [session.name for session in suite.configured()] == [
        "member",
        "project-a",
        "member:docs",
        "workspace",
        "member:imports",
        "project-a:imports",
    ]
    of_function = {session.name: _selected(session)[""] for session in suite.of_members("types", Task())}
    assert of_function == {
        "member:types": {"member": ((), ("typing",))},
        "project-a:types": {"project-a": ((), None)},
    }


def test_the_roots_own_project(tmp_path: Path) -> None:
    """What is for everybody is for it, too; its own table wins over that as any member's does, for all its tasks."""
    own = MemberSpec("own", tool={"wsnox": {"skip": "not today"}})
    tasks = {"t": {"env": {"B": "t"}}, "u": {"skip": "broken"}}
    project = {
        "commands": ["y"],
        "env": {"A": "2"},
        "skip": "only a frame",
        "tasks": {"t": {"env": {"A": "3"}}, "docs": {"commands": ["sphinx"]}},
    }
    wsnox = {"commands": ["x"], "env": {"A": "1", "B": "1"}, "tasks": tasks, "project": project}
    sessions = _suite(tmp_path, own, A, root_project=MemberSpec("top", path="."), wsnox=wsnox)
    assert {name: session.commands for name, session in sessions.items() if session.kind != "workspace"} == {
        "own": ("x",),
        "project-a": ("x",),
        "top": ("y",),
        **dict.fromkeys(("own:t", "project-a:t", "top:t", "own:u", "project-a:u", "top:u")),
        "top:docs": ("sphinx",),
    }
    assert [sessions[name].env for name in ("project-a", "top", "top:t", "top:u", "top:docs")] == [
        {"A": "1", "B": "1"},
        {"A": "2", "B": "1"},
        {"A": "3", "B": "t"},
        {"A": "2", "B": "1"},
        {"A": "2", "B": "1"},
    ]
    assert {name: session.skip for name, session in sessions.items() if session.skip} == {
        **dict.fromkeys(("own", "own:t"), "not today"),
        **dict.fromkeys(("top", "top:t", "top:docs"), "only a frame"),
        **dict.fromkeys(("own:u", "project-a:u", "top:u"), "broken"),
    }


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, "app lib-a lib-b top"),
        ({"exclude": ["examples/*"]}, "lib-a lib-b top"),
        ({"exclude": ["app", "."]}, "lib-a lib-b"),
        ({"members": ["lib-*"]}, "lib-a lib-b"),
        ({"members": ["libs/**"], "exclude": ["libs/b/"]}, "lib-a"),
        ({"members": ["./libs/*", "."]}, "lib-a lib-b top"),
        ({"exclude": ["*"]}, ""),
    ],
)
def test_members_with_sessions_of_their_own(tmp_path: Path, chosen: dict[str, Any], names: str) -> None:
    """Members are chosen by name or path, for their tests, for tasks that choose none themselves, and for imports."""
    members = (
        MemberSpec("lib-a", path="libs/a"),
        MemberSpec("lib-b", path="libs/b"),
        MemberSpec("app", path="examples/x"),
    )
    wsnox = {**chosen, "tasks": {"t": {}, "all": {"members": ["*"]}, "libs": {"exclude": [".", "app"]}}}
    root = write_workspace(
        tmp_path / "w", members, index=tmp_path, root_project=MemberSpec("top", path="."), wsnox=wsnox
    )
    suite = Suite(discover(root), running="3.11.7")
    by_task: dict[str, list[str]] = {}
    for session in suite.configured():
        by_task.setdefault(session.name.partition(":")[2] or session.kind, []).append(session.members[0].name)
    expected = names.split()
    assert by_task.get("test", []) == by_task.get("t", []) == by_task.get("imports", []) == expected
    assert by_task["all"] == ["app", "lib-a", "lib-b", "top"]
    assert by_task["libs"] == ["lib-a", "lib-b"]
    assert [session.members[0].name for session in suite.of_members("f", Task())] == expected
    # They are installed together all the same.
    assert len(suite.configured()[-1 - len(expected)].members) == 4


@pytest.mark.parametrize(
    ("directory", "of_member", "of_root"),
    [
        (None, "libs/b", "."),
        ("tests/unit", "libs/b/tests/unit", "tests/unit"),
        ("{root}", ".", "."),
        ("{root}/docs/{member}", "docs/project-b", "docs/both"),
        ("{directory}/x", "libs/b/x", "x"),
        ("{name}", "libs/b/Project_B", None),
    ],
)
def test_where_commands_run(tmp_path: Path, directory: str | None, of_member: str, of_root: str | None) -> None:
    """A path starts at the member, or at the root for several members and for none."""
    key = {} if directory is None else {"directory": directory}
    integration = {"both": key, "lint": {**key, "packages": []}} if of_root else {}
    sessions = _suite(
        tmp_path, B, wsnox={**key, "tasks": {"t": {}, "u": {"directory": "."}}, "integration": integration}
    )
    root = tmp_path / "workspace"
    assert sessions["project-b"].directory == sessions["project-b:t"].directory == root / of_member
    assert sessions["project-b:u"].directory == root / "libs/b"
    # A directory for everybody is one below each member.
    assert sessions["workspace"].directory == root
    if of_root is not None:
        assert sessions["both"].directory == root / of_root
        assert sessions["lint"].directory == root / of_root.replace("both", "lint")


def test_the_roots_table_is_everybodys(tmp_path: Path) -> None:
    """A root with a project tolerates what it lacks, as any member does: its table is not about it alone."""
    member = MemberSpec("member", groups={"test": []}, extras={"fast": []})
    wsnox = {"groups": ["test"], "extras": ["fast"]}
    sessions = _suite(tmp_path, member, root_project=MemberSpec("top", path="."), wsnox=wsnox)
    assert _selected(sessions["top"]) == {"": {"top": ((), ())}}
    assert _selected(sessions["member"]) == {"": {"member": (("fast",), ("test",))}}


# --- extras ---------------------------------------------------------------------------------------------------------

GPU = MemberSpec("gpu", extras={"cpu": [], "cuda": [], "fast": []})
CPU = MemberSpec("slow", extras={"cpu": []})


def test_variants(tmp_path: Path) -> None:
    """Variants are named by their extras; a member has those of which it has something, each once."""
    sessions = _suite(tmp_path, GPU, CPU, A, wsnox={"extras": [["cpu"], ["cuda", "fast"], ["cpu", "fast"], []]})
    assert {name: [*session.variants] for name, session in sessions.items()} == {
        "gpu": ["cpu", "cuda+fast", "cpu+fast", "none"],
        "slow": ["cpu", "none"],
        "project-a": ["none"],
        "workspace": [""],
    }
    assert _selected(sessions["gpu"])["cuda+fast"] == {"gpu": (("cuda", "fast"), None)}


def test_a_member_without_variants(tmp_path: Path) -> None:
    """A member that has no extra of any variant has one session, and it needs no name."""
    sessions = _suite(tmp_path, GPU, A, wsnox={"extras": [["cpu"], ["cuda"]]})
    assert (list(sessions["gpu"].variants), list(sessions["project-a"].variants)) == (["cpu", "cuda"], [""])


def test_named_variants(tmp_path: Path) -> None:
    """A table names its variants, and a variant may be all extras."""
    sessions = _suite(
        tmp_path, MemberSpec("gpu", extras=GPU.extras, tool={"wsnox": {"extras": {"gpu": ["cuda"], "full": "all"}}})
    )
    assert _selected(sessions["gpu"]) == {"gpu": {"gpu": (("cuda",), None)}, "full": {"gpu": ("all", None)}}


def test_extras_that_a_build_decides(tmp_path: Path) -> None:
    """Where extras are dynamic the manifest does not know them: the lockfile will tell whether they exist."""
    root = write_workspace(tmp_path / "workspace", [A], index=tmp_path, wsnox={"extras": ["late"]})
    manifest = root / "packages/project-a/pyproject.toml"
    manifest.write_text(manifest.read_text().replace("[project]\n", '[project]\ndynamic = ["optional-dependencies"]\n'))
    (session, *_) = Suite(discover(root), running="3.11.7").configured()
    assert _selected(session) == {"": {"project-a": (("late",), None)}}


# --- integration ----------------------------------------------------------------------------------------------------


def test_integration(tmp_path: Path) -> None:
    """A set installs what its patterns mean, with their extras, and the session's groups of whoever has them."""
    a = MemberSpec("project-a", groups={"contracts": [], "dev": []}, extras={"cli": [], "web": []})
    wsnox = {
        "integration": {
            "contracts": {
                "packages": ["Project_A[cli]", "project-*", "project-a[web]"],
                "groups": ["contracts"],
                "tags": ["slow"],
            },
            "everything": {"packages": "all"},
        }
    }
    sessions = _suite(tmp_path, a, B, MemberSpec("other"), wsnox=wsnox, root_groups={"contracts": [], "dev": []})
    assert list(sessions)[3:] == ["contracts", "everything", "workspace"]
    contracts = sessions["contracts"]
    assert contracts.kind == "integration"
    assert _selected(contracts) == {"": {"project-a": (("cli", "web"), ("contracts",)), "project-b": ((), ())}}
    assert (contracts.root_groups, contracts.root_defaults) == (("contracts",), False)
    assert contracts.tags == ("integration", "contracts", "project-a", "project-b", "slow")
    assert contracts.description == "project-a + project-b together"
    assert contracts.directory == tmp_path / "workspace"
    everything = sessions["everything"]
    assert (everything.tags, everything.root_groups, everything.root_defaults) == (
        ("integration", "everything"),
        (),
        True,
    )
    assert (sessions["workspace"].tags, sessions["workspace"].default) == (("integration",), False)


def test_integration_on_a_glob_with_extras(tmp_path: Path) -> None:
    """An extra behind a pattern is taken of each member that has it."""
    sessions = _suite(tmp_path, GPU, CPU, wsnox={"integration": {"both": {"packages": ["*[cuda]"]}}})
    assert _selected(sessions["both"]) == {"": {"gpu": (("cuda",), None), "slow": ((), None)}}


def test_integration_variants(tmp_path: Path) -> None:
    """A variant of an integration session adds its extras to every member that has them."""
    both = {"packages": ["gpu[fast]", "slow"], "extras": [["cpu"], ["cuda"]]}
    sessions = _suite(tmp_path, GPU, CPU, wsnox={"integration": {"both": both}})
    assert _selected(sessions["both"]) == {
        "cpu": {"gpu": (("fast", "cpu"), None), "slow": (("cpu",), None)},
        "cuda": {"gpu": (("fast", "cuda"), None), "slow": ((), None)},
    }


def test_what_integration_inherits(tmp_path: Path) -> None:
    """An integration session has its own commands, and the workspace's Pythons, variables and root groups."""
    own = MemberSpec("own", groups={"a": [], "b": []}, tool={"wsnox": {"groups": ["b"]}})
    top = {
        "commands": ["x"],
        "groups": ["a"],
        "pythons": ["3.12"],
        "env": {"A": "1"},
        "root-groups": ["lint"],
        "tags": ["x"],
    }
    sessions = _suite(tmp_path, own, MemberSpec("plain", groups={"a": []}), wsnox=top, root_groups={"lint": []})
    session = sessions["workspace"]
    assert (session.commands, session.pythons, session.env, session.root_groups) == (
        None,
        ("3.12",),
        {"A": "1"},
        ("lint",),
    )
    assert (session.tags, session.editable, session.default) == (("integration",), True, True)
    assert _selected(session) == {"": {"own": ((), ("b",)), "plain": ((), ("a",))}}


def test_default_packages(tmp_path: Path) -> None:
    """`workspace` is over `default-packages`; a table of its own changes what else there is to it."""
    wsnox: dict[str, Any] = {"default-packages": ["project-*"]}
    sessions = _suite(tmp_path, A, B, MemberSpec("other"), wsnox=wsnox)
    assert list(_selected(sessions["workspace"])[""]) == ["project-a", "project-b"]
    assert (sessions["workspace"].tags, sessions["workspace"].default) == (("integration",), True)
    wsnox["integration"] = {"workspace": {"commands": ["x"], "tags": ["y"]}}
    sessions = _suite(tmp_path / "other", A, B, MemberSpec("other"), wsnox=wsnox)
    assert (sessions["workspace"].commands, sessions["workspace"].tags) == (("x",), ("integration", "y"))
    assert sessions["workspace"].default
    assert list(_selected(sessions["workspace"])[""]) == ["project-a", "project-b"]


@pytest.mark.parametrize("project", [None, MemberSpec("top", path=".", groups={"dev": [], "lint": [], "docs": []})])
def test_no_member_at_all(tmp_path: Path, project: MemberSpec | None) -> None:
    """Without packages the groups of the root are all there is: its default groups, or those that the session names."""
    top = {
        "groups": ["t"],
        "root-groups": ["docs"],
        "env": {"A": "1", "B": "{name}"},
        "commands": ["x"],
        "pythons": ["3.12"],
    }
    sets: dict[str, Any] = {
        "lint": {"packages": [], "groups": ["lint"], "commands": ["ruff"], "tags": ["static"]},
        "docs": {"packages": [], "root-groups": ["docs"], "groups": ["lint"], "directory": "docs"},
        "dev": {"packages": []},
        "bare": {"packages": [], "groups": []},
    }
    groups: dict[str, Any] = {"lint": [], "docs": [], "dev": []}
    options = {"root_project": project} if project else {"root_groups": groups}
    member = MemberSpec("member", groups={"t": []})
    sessions = _suite(tmp_path, member, wsnox={**top, "integration": sets}, **options)
    assert [name for name, session in sessions.items() if session.kind == "root"] == [*sets]
    assert {name: (sessions[name].root_groups, sessions[name].root_defaults) for name in sets} == {
        "lint": (("lint",), False),
        "docs": (("docs", "lint"), False),
        "dev": (("dev",), False),
        "bare": ((), False),
    }
    lint = sessions["lint"]
    assert (lint.variants, lint.members, lint.commands, lint.tags) == (
        {"": ()},
        (),
        ("ruff",),
        ("root", "lint", "static"),
    )
    # The variable that names a member has no value here.
    assert (lint.pythons, lint.env, lint.description) == (("3.12",), {"A": "1"}, "groups of the workspace root: lint")
    assert sessions["bare"].description == "the workspace root"
    assert (sessions["docs"].directory, sessions["dev"].commands) == (tmp_path / "workspace/docs", None)
    # They are no reason to leave out the session of all members.
    assert sessions["workspace"].default


def test_no_member_in_an_empty_workspace(tmp_path: Path) -> None:
    """What has no member needs none."""
    sets = {"lint": {"packages": [], "groups": ["lint"]}, "both": {"packages": ["a", "b"]}}
    assert list(_suite(tmp_path, wsnox={"integration": sets}, root_groups={"lint": []})) == ["lint"]
    # Nor does `workspace`, which is not there for the sake of an empty environment.
    assert "workspace" not in _suite(tmp_path, A, wsnox={"default-packages": []})
    own = {"default-packages": [], "integration": {"workspace": {"packages": [], "commands": ["x"]}}}
    assert _suite(tmp_path, A, wsnox=own)["workspace"].kind == "root"


def test_classifiers_of_a_set(tmp_path: Path) -> None:
    """An integration session runs where the classifiers of all its members say that they do, a virtual root has none."""
    minors = [f"Programming Language :: Python :: 3.{minor}" for minor in (10, 11, 12)]
    members = (MemberSpec("a", classifiers=minors), MemberSpec("b", classifiers=minors[1:]), MemberSpec("c"))
    sessions = _suite(tmp_path, *members, wsnox={"pythons": "classifiers"})
    assert {name: session.pythons for name, session in sessions.items()} == {
        "a": ("3.10", "3.11", "3.12"),
        "b": ("3.11", "3.12"),
        "c": None,
        "workspace": ("3.11", "3.12"),
    }
