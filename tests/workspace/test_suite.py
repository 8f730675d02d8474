"""The sessions of a workspace, decided from its manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.settings import Task
from wsnox.workspace.suite import Suite, suite_of

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.workspace.sessions import Session


def _suite(tmp_path: Path, *members: MemberSpec, pin: str = "", **options: Any) -> dict[str, Session]:
    """Return the sessions of a workspace by name, but for the checks of imports."""
    return {
        name: session
        for name, session in _all(tmp_path, *members, pin=pin, **options).items()
        if session.kind != "imports"
    }


def _all(tmp_path: Path, *members: MemberSpec, pin: str = "", **options: Any) -> dict[str, Session]:
    root = write_workspace(tmp_path / "workspace", members, index=tmp_path, **options)
    sessions = Suite(discover(root), pin=pin, running="3.11.7").configured()
    assert len({session.name for session in sessions}) == len(sessions)
    return {session.name: session for session in sessions}


def _values(sessions: dict[str, Session], field: str) -> dict[str, Any]:
    return {name: getattr(session, field) for name, session in sessions.items()}


def _selected(session: Session) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Return, by variant and member, the extras and groups that *session* installs."""
    return {
        variant: {selection.member.name: (selection.extras, selection.groups) for selection in selections}
        for variant, selections in session.variants.items()
    }


def _own(name: str, **wsnox: Any) -> MemberSpec:
    """Return a member with a table of its own."""
    return MemberSpec(name, tool={"wsnox": wsnox})


A = MemberSpec("project-a")
B = MemberSpec("Project_B", path="libs/b")
TOP = MemberSpec("top", path=".")


def test_one_for_each_member_and_one_for_all(tmp_path: Path) -> None:
    """Members in name order, then all of them; each session runs where it belongs."""
    sessions = _suite(tmp_path, B, A, root_project=TOP)
    root = tmp_path / "workspace"
    members = {"project-a": "packages/project-a", "project-b": "libs/b"}
    assert _values(sessions, "description") == {
        **members,
        "top": "the workspace root",
        "workspace": "all members together",
    }
    assert _values(sessions, "directory") == {name: root / members.get(name, "") for name in sessions}
    assert [session.kind for session in sessions.values()] == ["test", "test", "test", "workspace"]
    assert [member.name for member in sessions["workspace"].members] == ["project-a", "project-b", "top"]
    assert sessions["project-a"].tags == ("member", "project-a", "test")


@pytest.mark.parametrize(
    ("members", "names"),
    [
        # A virtual root without members has no session, not even one of all.
        ([], []),
        # A member called `workspace` is what its name says; the session of all takes another one.
        (
            ["project-a", "workspace"],
            ["project-a", "workspace", "workspace:all", "project-a:imports", "workspace:imports"],
        ),
        # A member called `a-imports` has the environment that `a:imports` would have.
        (["a", "a-imports"], ["a", "a-imports", "workspace", "a-imports:imports"]),
    ],
)
def test_names_that_are_taken(tmp_path: Path, members: list[str], names: list[str]) -> None:
    """A member keeps its name and its environment."""
    assert list(_all(tmp_path, *map(MemberSpec, members))) == names


def test_the_check_of_imports(tmp_path: Path) -> None:
    """Each member has one after all others, on what its users get: no group and no extra, whatever its tests want."""
    a = MemberSpec("project-a", extras={"x": []}, groups={"dev": []})
    wsnox: dict[str, Any] = {
        "groups": ["dev"],
        "extras": ["x"],
        "pythons": ["3.11"],
        "commands": ["x"],
        "env": {"A": "1"},
    }
    sessions = _all(tmp_path, B, a, wsnox=wsnox, root_groups={"root": []})
    assert list(sessions)[-2:] == ["project-a:imports", "project-b:imports"]
    session = sessions["project-a:imports"]
    assert (session.kind, session.default, session.commands, session.root_groups) == ("imports", False, None, ())
    assert _selected(session) == {"": {"project-a": ((), ())}}
    assert (session.pythons, session.env, session.tags) == (("3.11",), {"A": "1"}, ("imports",))
    # It has a table as any task has; with commands, it is one like any other.
    wsnox = {"tasks": {"imports": {"default": True, "members": ["project-a"], "editable": False}}}
    (session, *others) = [
        session for session in _all(tmp_path, A, B, wsnox=wsnox).values() if session.kind == "imports"
    ]
    assert (session.name, session.default, session.editable, others) == ("project-a:imports", True, False, [])
    sessions = _suite(tmp_path, A, B, wsnox={"tasks": {"imports": {"commands": ["lint-imports"]}}})
    assert (sessions["project-b:imports"].kind, sessions["project-b:imports"].default) == ("task", True)


def test_imports_on_the_first_python(tmp_path: Path) -> None:
    """A session for each Python of a member would be half of all; who wants others says which, for all or for one."""
    own = MemberSpec("project-b", tool={"wsnox": {"tasks": {"imports": {"pythons": ["3.13"]}}}})
    sessions = _all(tmp_path, A, own, wsnox={"pythons": ["3.12", "3.11"]})
    imports = {name: session.pythons for name, session in sessions.items() if session.kind == "imports"}
    assert imports == {"project-a:imports": ("3.12",), "project-b:imports": ("3.13",)}
    assert sessions["project-a"].pythons == ("3.12", "3.11")
    sessions = _all(tmp_path, A, wsnox={"tasks": {"imports": {"pythons": ["3.12", "3.11"]}}})
    assert sessions["project-a:imports"].pythons == ("3.12", "3.11")


def test_who_wins(tmp_path: Path) -> None:
    """What is said of a task wins over what is said of all, and in each the member over the root; an empty list, too."""
    own = _own(
        "own",
        env={"V": "2", "W": "2"},
        external=[],
        description="d2",
        commands=[],
        tasks={"t": {"env": {"V": "4"}, "external": ["nix"]}},
    )
    wsnox = {
        "env": {"V": "1", "W": "1", "X": "1"},
        "external": ["docker"],
        "commands": ["x"],
        "tasks": {"t": {"env": {"V": "3"}, "external": ["podman"]}, "u": {}},
        "integration": {"both": {}, "none": {"external": []}},
    }
    sessions = _suite(tmp_path, A, own, wsnox=wsnox)
    top, own_env = {"V": "1", "W": "1", "X": "1"}, {"V": "2", "W": "2", "X": "1"}
    assert _values(sessions, "env") == {
        "own": own_env,
        "project-a": top,
        "own:t": {**own_env, "V": "4"},
        "project-a:t": {**top, "V": "3"},
        "own:u": own_env,
        "project-a:u": top,
        "both": top,
        "none": top,
        "workspace": top,
    }
    docker = ("docker",)
    assert _values(sessions, "external") == {
        "own": (),
        "project-a": docker,
        "own:t": ("nix",),
        "project-a:t": ("podman",),
        "own:u": (),
        "project-a:u": docker,
        "both": docker,
        "none": (),
        "workspace": docker,
    }
    assert [sessions[name].commands for name in ("project-a", "own", "own:t", "both")] == [("x",), (), None, None]
    assert [sessions[name].description for name in ("own", "own:t")] == ["d2", "t in packages/own"]


def test_groups(tmp_path: Path) -> None:
    """A group named for everyone is taken where a member has it; one that a member names wins, and must exist."""
    grouped = MemberSpec("grouped", groups={"test": ["leaf"], "dev": []}, extras={"fast": []})
    own = MemberSpec("own", groups={"lint": []}, tool={"wsnox": {"groups": ["lint"]}})
    sessions = _suite(tmp_path, A, grouped, own, root_project=TOP, wsnox={"groups": ["test"], "extras": ["fast"]})
    selected = {name: _selected(session)[""] for name, session in sessions.items() if not session.integration}
    assert selected == {
        "grouped": {"grouped": (("fast",), ("test",))},
        "own": {"own": ((), ("lint",))},
        "project-a": {"project-a": ((), ())},
        # The root's table is everybody's, and its own project lacks what it lacks.
        "top": {"top": ((), ())},
    }
    assert _selected(_suite(tmp_path, A)["project-a"]) == {"": {"project-a": ((), None)}}


MINORS = [f"Programming Language :: Python :: 3.{minor}" for minor in (10, 11, 12)]


@pytest.mark.parametrize(
    ("members", "pin", "pythons", "expected"),
    [
        # A floor that one member raises holds for all, as it does in the lockfile; the own list of a member wins.
        (
            [A, _own("own", pythons=["3.13"]), MemberSpec("high", requires_python=">=3.12")],
            "",
            ["3.11", "3.12", "3.14"],
            {"high": ("3.12", "3.14"), "own": ("3.13",), "project-a": ("3.12", "3.14"), "workspace": ("3.12", "3.14")},
        ),
        # A session whose every Python is excluded is not there.
        ([A, _own("own", pythons=["3.9"])], "", None, {"project-a": None, "workspace": None}),
        # Without configuration the pin decides where it fits, else the interpreter that runs nox, which has no name.
        ([A], "3.12", None, {"project-a": ("3.12",), "workspace": ("3.12",)}),
        ([A], "3.9", None, {"project-a": None, "workspace": None}),
        # Several members run where the classifiers of all of them say that they do.
        (
            [MemberSpec("a", classifiers=MINORS), MemberSpec("b", classifiers=MINORS[1:]), MemberSpec("c")],
            "",
            "classifiers",
            {"a": ("3.10", "3.11", "3.12"), "b": ("3.11", "3.12"), "c": None, "workspace": ("3.11", "3.12")},
        ),
    ],
    ids=["range", "excluded", "pin", "no-pin", "classifiers"],
)
def test_pythons(tmp_path: Path, members: list[MemberSpec], pin: str, pythons: Any, expected: dict[str, Any]) -> None:
    """The matrix of each session is its own."""
    wsnox = {} if pythons is None else {"pythons": pythons}
    assert _values(_suite(tmp_path, *members, pin=pin, wsnox=wsnox), "pythons") == expected


# --- tasks ----------------------------------------------------------------------------------------------------------


def test_tasks(tmp_path: Path) -> None:
    """A further task makes a session for each member that it is for, with its own name, tags and description."""
    tasks = {"types": {"commands": ["mypy ."], "members": ["project-*"], "tags": ["static"]}}
    sessions = _suite(tmp_path, A, B, MemberSpec("other"), wsnox={"tasks": tasks, "commands": ["pytest"]})
    assert list(sessions) == ["other", "project-a", "project-b", "project-a:types", "project-b:types", "workspace"]
    types = sessions["project-b:types"]
    assert (types.kind, types.description, types.commands) == ("task", "types in libs/b", ("mypy .",))
    assert types.tags == ("member", "project-b", "types", "static")


def test_what_a_task_inherits(tmp_path: Path) -> None:
    """A task takes over all but what makes a session the one it is."""
    of_one: dict[str, Any] = {"commands": ["x"], "tags": ["x"], "default": False, "requires": ["x"], "description": "x"}
    of_all = {
        "editable": False,
        "env": {"A": "1"},
        "pythons": ["3.12"],
        "groups": [],
        "root-groups": ["lint"],
        "extras": "all",
    }
    wsnox = {**of_one, **of_all, "tasks": {"t": {"env": {"B": "2"}}}}
    sessions = _suite(tmp_path, A, wsnox=wsnox, root_groups={"lint": []})
    task, test = sessions["project-a:t"], sessions["project-a"]
    assert (task.commands, task.tags, task.default) == (None, ("member", "project-a", "t"), True)
    assert (task.requires, task.description) == ((), "t in packages/project-a")
    assert (task.editable, task.env, task.pythons) == (False, {"A": "1", "B": "2"}, ("3.12",))
    assert (task.root_groups, _selected(task)) == (("lint",), {"": {"project-a": ("all", ())}})
    assert (test.commands, test.default, test.requires, test.description) == (("x",), False, ("x",), "x")


def test_a_task_of_one_member(tmp_path: Path) -> None:
    """A task that only a member has is a session of its own where it has commands, else it waits for a function."""
    tasks = {"docs": {"commands": ["sphinx"]}, "types": {"groups": ["typing"]}}
    member = MemberSpec("member", groups={"typing": []}, tool={"wsnox": {"tasks": tasks}})
    root = write_workspace(tmp_path / "workspace", [A, member], index=tmp_path)
    suite = Suite(discover(root), running="3.11.7")
    assert [session.name for session in suite.configured()] == [
        *("member", "project-a", "member:docs", "workspace", "member:imports", "project-a:imports"),
    ]
    of_function = {session.name: _selected(session)[""] for session in suite.of_members("types", Task())}
    assert of_function == {
        "member:types": {"member": ((), ("typing",))},
        "project-a:types": {"project-a": ((), None)},
    }


def test_resolutions(tmp_path: Path) -> None:
    """Each member has those of the root or of its own table, which wins key by key, and runs what its tests run."""
    own = {"resolutions": {"lowest": {"unbounded": ["x"]}, "old": {"base": "lowest", "pythons": ["3.12"]}}}
    members = (A, B, _own("lib", commands=["own"], tags=["slow"], **own), _own("none", resolutions=[]))
    table = {"lowest": {"unbounded": ["y"], "build": True}, "latest": {"exclude": ["libs/*"]}}
    sessions = _suite(tmp_path, *members, wsnox={"commands": ["all"], "resolutions": table})
    found = {name: session for name, session in sessions.items() if session.resolution}
    assert {*found} == {"project-a:lowest", "project-a:latest", "project-b:lowest", "lib:lowest", "lib:old"}
    lowest = found["lib:lowest"]
    assert lowest.resolution is not None
    assert (lowest.resolution.unbounded, lowest.resolution.build, lowest.resolution.base) == (("x",), True, "lowest")
    assert (lowest.commands, lowest.tags, lowest.default) == (("own",), ("resolution", "lowest"), False)
    assert (found["lib:old"].pythons, found["project-a:lowest"].commands) == (("3.12",), ("all",))
    files = [run.resolution_file for run in runs_of([sessions["lib"], lowest])]
    assert files == ["", "resolutions/pylock.lib-lowest.toml"]


def test_the_roots_own_project(tmp_path: Path) -> None:
    """What is for everybody is for it, too; its own table wins over that as any member's does, for all its tasks."""
    project = {
        "commands": ["y"],
        "env": {"A": "2"},
        "skip": "only a frame",
        "tasks": {"t": {"env": {"A": "3"}}, "docs": {"commands": ["sphinx"]}},
    }
    tasks = {"t": {"env": {"B": "t"}}, "u": {"skip": "broken"}}
    wsnox = {"commands": ["x"], "env": {"A": "1", "B": "1"}, "tasks": tasks, "project": project}
    sessions = _suite(tmp_path, _own("own", skip="not today"), A, root_project=TOP, wsnox=wsnox)
    of_top = {name: session for name, session in sessions.items() if name.partition(":")[0] == "top"}
    assert _values(of_top, "commands") == {"top": ("y",), "top:t": None, "top:u": None, "top:docs": ("sphinx",)}
    own = {"A": "2", "B": "1"}
    assert _values(of_top, "env") == {"top": own, "top:t": {"A": "3", "B": "t"}, "top:u": own, "top:docs": own}
    assert (sessions["project-a"].commands, sessions["project-a"].env) == (("x",), {"A": "1", "B": "1"})
    assert {name: skip for name, skip in _values(sessions, "skip").items() if skip} == {
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
    root = write_workspace(tmp_path / "w", members, index=tmp_path, root_project=TOP, wsnox=wsnox)
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
    assert sessions["project-b"].value_of("directory", root) == (root / "libs/b").as_posix()
    # A directory for everybody is one below each member.
    assert sessions["workspace"].directory == root
    if of_root is not None:
        assert sessions["both"].directory == root / of_root
        assert sessions["lint"].directory == root / of_root.replace("both", "lint")


# --- extras ---------------------------------------------------------------------------------------------------------

GPU = MemberSpec("gpu", extras={"cpu": [], "cuda": [], "fast": []})
CPU = MemberSpec("slow", extras={"cpu": []})


@pytest.mark.parametrize(
    ("extras", "variants"),
    [
        # Variants are named by their extras; a member has those of which it has something, each once.
        (
            [["cpu"], ["cuda", "fast"], ["cpu", "fast"], []],
            {
                "gpu": {"cpu": ("cpu",), "cuda+fast": ("cuda", "fast"), "cpu+fast": ("cpu", "fast"), "none": ()},
                "slow": {"cpu": ("cpu",), "none": ()},
                "project-a": {"none": ()},
            },
        ),
        # A member that has no extra of any variant has one session, and it needs no name.
        ([["cuda"]], {"gpu": {"cuda": ("cuda",)}, "slow": {"": ()}, "project-a": {"": ()}}),
        # A table names its variants, and a variant may be all extras.
        (
            {"it": ["cuda"], "full": "all"},
            {
                "gpu": {"it": ("cuda",), "full": "all"},
                "slow": {"full": "all"},
                "project-a": {"full": "all"},
            },
        ),
    ],
    ids=["unnamed", "absent", "named"],
)
def test_variants(tmp_path: Path, extras: Any, variants: dict[str, dict[str, Any]]) -> None:
    """Each variant of a member is a session of its own; the session of all members has none."""
    sessions = _suite(tmp_path, GPU, CPU, A, wsnox={"extras": extras})
    for name, expected in {**variants, "workspace": {"": ()}}.items():
        selected = _selected(sessions[name])
        assert {variant: next(iter(members.values()))[0] for variant, members in selected.items()} == expected


def test_extras_that_a_build_decides(tmp_path: Path) -> None:
    """Where extras are dynamic the manifest does not know them: the lockfile will tell whether they exist."""
    root = write_workspace(tmp_path / "workspace", [A], index=tmp_path, wsnox={"extras": ["late"]})
    manifest = root / "packages/project-a/pyproject.toml"
    manifest.write_text(manifest.read_text().replace("[project]\n", '[project]\ndynamic = ["optional-dependencies"]\n'))
    (session, *_) = Suite(discover(root), running="3.11.7").configured()
    assert _selected(session) == {"": {"project-a": (("late",), None)}}


# --- several members, or none ---------------------------------------------------------------------------------------


def test_integration(tmp_path: Path) -> None:
    """A set installs what its patterns mean, with their extras, and the session's groups of whoever has them."""
    a = MemberSpec("project-a", groups={"contracts": [], "dev": []}, extras={"cli": [], "web": []})
    packages = ["Project_A[cli]", "project-*", "project-a[web]"]
    sets = {
        "contracts": {"packages": packages, "groups": ["contracts"], "tags": ["slow"]},
        "everything": {"packages": "all"},
    }
    groups: dict[str, Any] = {"contracts": [], "dev": []}
    sessions = _suite(tmp_path, a, B, MemberSpec("other"), wsnox={"integration": sets}, root_groups=groups)
    assert list(sessions)[3:] == ["contracts", "everything", "workspace"]
    contracts, everything = sessions["contracts"], sessions["everything"]
    assert _selected(contracts) == {"": {"project-a": (("cli", "web"), ("contracts",)), "project-b": ((), ())}}
    assert (contracts.kind, contracts.description) == ("integration", "project-a + project-b together")
    assert (contracts.root_groups, contracts.root_defaults) == (("contracts",), False)
    assert contracts.tags == ("integration", "contracts", "project-a", "project-b", "slow")
    assert everything.tags == ("integration", "everything")
    assert (everything.root_groups, everything.root_defaults) == ((), True)
    assert (sessions["workspace"].tags, sessions["workspace"].default) == (("integration",), False)


@pytest.mark.parametrize(
    ("table", "selected"),
    [
        # An extra behind a pattern is taken of each member that has it.
        ({"packages": ["packages/*[cuda]"]}, {"": {"gpu": (("cuda",), None), "slow": ((), None)}}),
        # A variant adds its extras to every member that has them.
        (
            {"packages": ["gpu[fast]", "slow"], "extras": [["cpu"], ["cuda"]]},
            {
                "cpu": {"gpu": (("fast", "cpu"), None), "slow": (("cpu",), None)},
                "cuda": {"gpu": (("fast", "cuda"), None), "slow": ((), None)},
            },
        ),
    ],
    ids=["pattern", "variants"],
)
def test_extras_together(tmp_path: Path, table: dict[str, Any], selected: Any) -> None:
    """What one member of a set lacks is left out of it."""
    assert _selected(_suite(tmp_path, GPU, CPU, wsnox={"integration": {"both": table}})["both"]) == selected


def test_what_integration_inherits(tmp_path: Path) -> None:
    """An integration session has its own commands, and the workspace's Pythons, variables and root groups."""
    own = MemberSpec("own", groups={"a": [], "b": []}, tool={"wsnox": {"groups": ["b"]}})
    top: dict[str, Any] = {"commands": ["x"], "groups": ["a"], "pythons": ["3.12"], "env": {"A": "1"}}
    top |= {"root-groups": ["lint"], "tags": ["x"]}
    sessions = _suite(tmp_path, own, MemberSpec("plain", groups={"a": []}), wsnox=top, root_groups={"lint": []})
    session = sessions["workspace"]
    assert (session.commands, session.pythons, session.env) == (None, ("3.12",), {"A": "1"})
    assert (session.root_groups, session.tags, session.editable, session.default) == (
        ("lint",),
        ("integration",),
        True,
        True,
    )
    assert _selected(session) == {"": {"own": ((), ("b",)), "plain": ((), ("a",))}}


def test_default_packages(tmp_path: Path) -> None:
    """`workspace` is over `default-packages`; a table of its own changes what else there is to it."""
    wsnox: dict[str, Any] = {
        "default-packages": ["project-*"],
        "integration": {"workspace": {"commands": ["x"], "tags": ["y"]}},
    }
    session = _suite(tmp_path, A, B, MemberSpec("other"), wsnox=wsnox)["workspace"]
    assert (list(_selected(session)[""]), session.default) == (["project-a", "project-b"], True)
    assert (session.commands, session.tags) == (("x",), ("integration", "y"))


@pytest.mark.parametrize("name", ["tests", "test", "test_all.py", "all_test.py", ""])
def test_without_anything_to_run_workspace_waits_for_a_request(tmp_path: Path, name: str) -> None:
    """It would install all members, and then run nothing."""

    def is_default(**wsnox: Any) -> bool:
        root = write_workspace(tmp_path / "workspace", [A], index=tmp_path, wsnox=wsnox)
        path = root / name
        if path.suffix:
            path.write_text("", encoding="utf-8")
        else:
            path.mkdir(exist_ok=True)
        sessions = {session.name: session for session in suite_of(discover(root)).configured()}
        return sessions["workspace"].default

    assert is_default() is bool(name)
    assert is_default(integration={"workspace": {"commands": []}})
    assert is_default(integration={"both": {"packages": ["project-a"]}, "workspace": {"default": True}})


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
        "alone": {"packages": [], "root-groups": ["docs"]},
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
        "alone": (("docs",), False),
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
