"""What the configuration changes in a session: commands and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import distributions, nox
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

SAY = "import os, sys; print('said', os.path.basename(os.getcwd()), sys.argv[1:])"


def _said(said: str) -> list[str]:
    return [line.removeprefix("said ") for line in said.splitlines() if line.startswith("said ")]


# --- commands -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posargs", "said"),
    [
        ((), ["project-a ['x y', 'project-a', 'ROOT']", "project-a []"]),
        (("--", "-k", "a b"), ["project-a ['-k', 'a b', 'project-a', 'ROOT']", "project-a ['-k', 'a b']"]),
    ],
    ids=["without", "with"],
)
def test_commands(workspace: WorkspaceFactory, posargs: tuple[str, ...], said: list[str]) -> None:
    """Both forms of a command run in the member's directory, in order, with their placeholders filled."""
    commands = [f'python -c "{SAY}" {{posargs:"x y"}} {{member}} {{root}}', ["python", "-c", SAY, "{posargs}"]]
    root = workspace(MemberSpec("project-a"), wsnox={"commands": commands})
    ran = nox(root, "-s", "project-a", *posargs)
    assert ran.code == 0, ran.said
    assert _said(ran.said) == [line.replace("ROOT", "[ROOT]") for line in said]


def test_arguments_that_no_command_takes(workspace: WorkspaceFactory) -> None:
    """What follows ``--`` and reaches nothing is told: else somebody takes the run for the one that was chosen."""
    task = {"commands": [["python", "-c", SAY, "{posargs}"]]}
    root = workspace(MemberSpec("a"), wsnox={"commands": ["python -V"], "tasks": {"t": task}})
    ran = nox(root, "-s", "a", "a:t", "--", "-k", "x y")
    assert (ran.code, _said(ran.said)) == (0, ["a ['-k', 'x y']"]), ran.said
    assert ran.line("a: no command takes") == "a: no command takes `-k 'x y'`, as none has `{posargs}`"


def test_a_members_own_commands_win(workspace: WorkspaceFactory) -> None:
    """A member's own commands replace those of the workspace; an empty list runs nothing and says so."""
    own = {"wsnox": {"commands": [["python", "-c", SAY, "own"]]}}
    nothing: dict[str, Any] = {"wsnox": {"commands": []}}
    root = workspace(
        *(MemberSpec("a", tool=own), MemberSpec("b"), MemberSpec("c", tool=nothing)),
        wsnox={"commands": [["python", "-c", SAY, "everyone"]]},
    )
    ran = nox(root, "-s", "a", "b", "c")
    assert (ran.code, _said(ran.said)) == (0, ["a ['own']", "b ['everyone']"])
    assert ran.line("c: no tests") == "c: no tests and no `commands`, so nothing ran in its environment"


@pytest.mark.parametrize(
    ("posargs", "ran"),
    [
        ("", {"a", "b"}),
        ("tests/test_b.py", {"b"}),
        ("-v tests/test_b.py::test_it", {"b"}),
        ("-k test_b", {"b"}),
        ("-k tests", {"a", "b"}),
        ("--deselect tests/test_b.py", {"a"}),
    ],
)
def test_tests_that_posargs_name(tested: Path, posargs: str, ran: set[str]) -> None:
    """Without commands, what follows ``--`` decides which tests run: those that it names, else those of the member."""
    for file in tested.rglob("*.ran"):
        file.unlink()
    done = nox(tested, "-s", "m", "--", *posargs.split())
    assert done.code == 0, done.said
    assert {file.stem for file in tested.rglob("*.ran")} == ran


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory, wheelhouse_with_pytest: Path) -> Path:
    """Return the root of a workspace whose member has two files of tests, and a third beside them that nobody asks for."""
    root = tmp_path_factory.mktemp("tested") / "workspace"
    member = MemberSpec("m", groups={"dev": ["pytest"]})
    write_workspace(root, [member], index=wheelhouse_with_pytest)
    lock(root)
    for name, folder in (("a", "tests"), ("b", "tests"), ("c", ".")):
        path = root / "packages/m" / folder / f"test_{name}.py"
        path.parent.mkdir(exist_ok=True)
        text = f"import pathlib\n\n\ndef test_it():\n    pathlib.Path(__file__).with_name('{name}.ran').touch()\n"
        path.write_text(text, encoding="utf-8")
    return root


def test_the_first_failure_ends_a_session(workspace: WorkspaceFactory) -> None:
    """A command that fails is the last of its session, and the next session runs all the same."""
    commands = ['python -c "raise SystemExit(3)"', f'python -c "{SAY}"']
    root = workspace(
        MemberSpec("a", tool={"wsnox": {"commands": commands}}), MemberSpec("b"), wsnox={"commands": commands[1:]}
    )
    ran = nox(root, "-s", "a", "b")
    assert (ran.code, ran.results, _said(ran.said)) == (1, {"a": "failed", "b": "success"}, ["b []"])


# --- groups ---------------------------------------------------------------------------------------------------------

GROUPED = {"dev": ["num"], "test": ["leaf"]}


@pytest.mark.parametrize(
    ("everyones", "own", "installed"),
    [
        (None, None, {"a": {"num"}, "b": set()}),
        (["test", "dev"], None, {"a": {"leaf", "num"}, "b": set()}),
        (["test"], [], {"a": set(), "b": set()}),
    ],
)
def test_groups(
    workspace: WorkspaceFactory, everyones: list[str] | None, own: list[str] | None, installed: dict[str, set[str]]
) -> None:
    """Without configuration uv's default groups; a group named for everyone is left where a member has none of it."""
    root = workspace(
        *(MemberSpec("a", groups=GROUPED, tool={} if own is None else {"wsnox": {"groups": own}}), MemberSpec("b")),
        wsnox={"commands": [], **({} if everyones is None else {"groups": everyones})},
    )
    assert nox(root, "-s", "a", "b").code == 0
    found = {session: {name.partition("-")[0] for name in distributions(root, session)} for session in ("a", "b")}
    assert found == {session: {session, *names} for session, names in installed.items()}


def test_root_groups(workspace: WorkspaceFactory) -> None:
    """A group of the virtual root is added to every member's session where asked, and to none where a member says so."""
    root = workspace(
        *(MemberSpec("a"), MemberSpec("b", tool={"wsnox": {"root-groups": []}})),
        root_groups={"test": ["leaf"], "dev": ["num"]},
        wsnox={"commands": [], "root-groups": ["test"]},
    )
    assert nox(root, "-s", "a", "b", "workspace").code == 0
    assert distributions(root, "a") == {"a-1.0", "leaf-2.1"}
    assert distributions(root, "b") == {"b-1.0"}
    assert distributions(root, "workspace") == {"a-1.0", "b-1.0", "leaf-2.1", "num-2.0"}


def test_root_groups_of_a_root_with_a_project(workspace: WorkspaceFactory) -> None:
    """A root with a project lends its groups without being installed itself."""
    root = workspace(
        MemberSpec("a"),
        root_project=MemberSpec("the-root", path=".", groups={"test": ["leaf"]}, dependencies=["num"]),
        wsnox={"commands": [], "root-groups": ["test"]},
    )
    assert nox(root).code == 0
    assert distributions(root, "a") == {"a-1.0", "leaf-2.1"}
    assert distributions(root, "the-root") == {"the_root-1.0", "leaf-2.1", "num-2.0"}
