"""Names that collide are errors when the noxfile is loaded, which name both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.noxfile.loading import list_sessions
from tests.sessions.running import NOXFILE, write_noxfile
from tests.support.workspaces import MemberSpec
from wsnox.workspace.sessions import folder_of

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

OWN = "import nox\n\n\n@nox.session({options})\ndef mine(session):\n    pass\n\n\n"


def sentence(title: str, owner: str, other: str, folder: str = "", hint: str = "rename one of the two") -> str:
    """Return what ends nox where *title* of *owner* collides with *other*, by name or in the environment's *folder*."""
    shared = f": nox keeps both environments in `{folder}`" if folder else ""
    return f"wsnox: session `{title}` of {owner} collides with {other}{shared}\n\nhint: {hint}\n"


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("a", "a"),
        ("A.b", "a-b"),
        ("a:types-3.12", "a-types-3-12"),
        ("int(a+b)", "int-a-b"),
        ("int(a,b)", "int-a-b"),
        ("a_b", "a_b"),
        ("-- a  b --", "a-b"),
        ("Änderung", "anderung"),
        ("試験", "試験"),
    ],
)
def test_folder_of(title: str, folder: str) -> None:
    """Where nox keeps an environment; a name without any letter that it keeps is hashed, so it stays what it is."""
    assert folder_of(title) == folder


@given(st.text(st.sampled_from("aZ0-_.:+, ()ü"), min_size=1, max_size=12))
def test_folder_of_is_what_nox_does(title: str) -> None:
    """Law: the rule is nox's own."""
    folder = nox.sessions._normalize_path("e", title).rpartition("/")[2]
    assert folder_of(title) in (folder, title)
    assert folder_of(folder_of(title)) == folder_of(title) or folder_of(title) == title


@pytest.mark.parametrize(
    ("options", "collision"),
    [
        ("name='project-a'", ("project-a", "member `project-a`", "the noxfile's own session `project-a`")),
        (
            "name='workspace'",
            (
                "workspace",
                "the workspace",
                "the noxfile's own session `workspace`",
                "",
                "every workspace has the session `workspace`: choose another name for yours",
            ),
        ),
        ("name='Project.A'", ("project-a", "member `project-a`", "the noxfile's own session `Project.A`", "project-a")),
        (
            "name='project', python=['a', '3.12']",
            ("project-a", "member `project-a`", "the noxfile's own session `project`"),
        ),
        (
            "name='project', python=['3.12', 'A']",
            ("project-a", "member `project-a`", "the noxfile's own session `project-A`", "project-a"),
        ),
    ],
)
def test_a_session_before(workspace: WorkspaceFactory, options: str, collision: tuple[str, ...]) -> None:
    """A session of the noxfile that stands before ours is not replaced, nor does it share an environment with one."""
    root = write_noxfile(workspace(MemberSpec("project-a"), locked=False), f"{OWN.format(options=options)}{NOXFILE}")
    ran = list_sessions(root)
    assert (ran.code, ran.said) == (3, sentence(*collision))


@pytest.mark.parametrize(
    ("members", "wsnox", "collision"),
    [
        (
            ["a", "a-types"],
            {"tasks": {"types": {"commands": ["x"]}}},
            ("a:types", "member `a`", "the session `a-types` of member `a-types`", "a-types"),
        ),
        (["a"], {"integration": {"a": {}}}, ("a", "the workspace", "the session `a` of member `a`")),
        (
            ["a-3-12", MemberSpec("a", tool={"wsnox": {"pythons": ["3.11", "3.12"]}})],
            {},
            ("a-3-12", "member `a-3-12`", "the session `a-3.12` of member `a`", "a-3-12"),
        ),
        (
            ["a"],
            {"integration": {"x.y": {}, "x-y": {}}},
            ("x-y", "the workspace", "the session `x.y` of the workspace", "x-y"),
        ),
        (
            ["workspace", "workspace-all"],
            {},
            (
                "workspace:all",
                "the workspace",
                "the session `workspace-all` of member `workspace-all`",
                "workspace-all",
            ),
        ),
        (
            ["a"],
            {"integration": {"i": {"extras": {"b+c": [], "b-c": []}}}},
            ("i(b-c)", "the workspace", "`i(b+c)`, another variant", "i-b-c"),
        ),
    ],
)
def test_each_other(
    workspace: WorkspaceFactory,
    members: list[str | MemberSpec],
    wsnox: dict[str, Any],
    collision: tuple[str, ...],
) -> None:
    """Two sessions of ours whose names or environments are one are refused, whichever tables they come from."""
    specs = [member if isinstance(member, MemberSpec) else MemberSpec(member) for member in members]
    root = workspace(*specs, wsnox=wsnox, locked=False)
    ran = list_sessions(root)
    assert (ran.code, ran.said) == (3, sentence(*collision))


@pytest.mark.parametrize(
    ("name", "session", "hint"),
    [
        ("types", "a:types", "rename one of the two"),
        (
            "imports",
            "a:imports",
            "every member has a task `imports`, which checks what it imports: choose another name",
        ),
        ("test", "a", "`test` is what every member has already, and `commands` says what it runs: choose another name"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_task_of_both(workspace: WorkspaceFactory, name: str, session: str, hint: str, *, first: bool) -> None:
    """A function of the noxfile replaces no task of a manifest, and none that every member has, wherever it stands."""
    function = f"@wsnox.member\ndef {name}(session, member):\n    pass\n"
    root = workspace(MemberSpec("a"), wsnox={"tasks": {"types": {"commands": ["x"]}}}, locked=False)
    text = f"import wsnox\n\n{function}\nwsnox.sessions()\n" if first else f"{NOXFILE}\n{function}"
    ran = list_sessions(write_noxfile(root, text))
    assert ran.code == 3
    assert ran.said.startswith(f"wsnox: member `a` would have two sessions called `{session}`\n\nhint: {hint}")


def test_sessions_twice(workspace: WorkspaceFactory) -> None:
    """A second call of `wsnox.sessions` is told as that, not as a collision of each session with itself."""
    ran = list_sessions(write_noxfile(workspace(MemberSpec("a"), locked=False), f"{NOXFILE}\nwsnox.sessions()\n"))
    second = "wsnox: `wsnox.sessions()` is called a second time for this workspace\n\nhint: call it once\n"
    assert (ran.code, ran.said) == (5, second)
