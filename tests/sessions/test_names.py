"""Names of sessions: one of ours that the noxfile replaces afterwards, environments that would be one, odd names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sessions.running import NOXFILE, distributions, nox, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

HINT = "\n\nhint: rename one of the two\n"
OWN = "import nox\n\n\n@nox.session({options})\ndef mine(session):\n    pass\n\n\n"


@pytest.mark.parametrize("arguments", [[], ["-W", "ignore"], ["-W", "error"]], ids=["plain", "silent", "strict"])
def test_a_session_after(workspace: WorkspaceFactory, arguments: list[str]) -> None:
    """A session of the noxfile that stands behind ours does not replace it, whatever is to happen to warnings."""
    text = f"{NOXFILE}\n\n{OWN.format(options='name=' + repr('project-a'))}"
    root = write_noxfile(workspace(MemberSpec("project-a"), locked=False), text)
    ran = nox(root, "-l", env={"PYTHONWARNINGS": arguments[-1]} if arguments else {})
    said = "session `project-a` of member `project-a` collides with the noxfile's own session `project-a`"
    assert (ran.code, ran.said) == (3, f"wsnox: {said}{HINT}")


def test_two_of_the_noxfiles_own(workspace: WorkspaceFactory) -> None:
    """Two sessions of the noxfile with one name are nox's matter: its warning arrives."""
    own = OWN.format(options="name='mine'")
    ran = nox(write_noxfile(workspace(MemberSpec("project-a"), locked=False), f"{NOXFILE}\n\n{own}{own}"), "-l")
    assert ran.code == 0
    assert "FutureWarning: The session 'mine' has already been registered" in ran.said


def test_an_environment_taken_after(workspace: WorkspaceFactory) -> None:
    """An environment that a later session of the noxfile shares is refused when ours runs: nox does not tell before."""
    text = f"{NOXFILE}\n\n{OWN.format(options='name=' + repr('Project.A'))}"
    root = write_noxfile(workspace(MemberSpec("project-a"), wsnox={"commands": []}), text)
    ran = nox(root, "-s", "project-a")
    assert ran.code == 1
    assert (
        "Session project-a aborted: session `project-a` of member `project-a` collides with the noxfile's own session "
        "`Project.A`: nox keeps both environments in `project-a`"
    ) in ran.said
    assert not distributions(root, "project-a")


def test_odd_names(workspace: WorkspaceFactory) -> None:
    """Dots, underscores, capitals, digits and names that mean something here: each runs in an environment of its own."""
    names = ("Dotted.Name", "under_score", "CAPITALS", "3d", "workspace", "test", "member", "integration")
    members = [MemberSpec(name, path=f"libs/{index}") for index, name in enumerate(names)]
    root = workspace(
        *members, wsnox={"commands": [["python", "-c", "print('said {member}')"]], "integration": {"all": {}}}
    )
    ran = nox(root, "-j", "2")
    assert ran.code == 0, ran.said
    normal = {"dotted-name", "under-score", "capitals", "3d", "workspace", "test", "member", "integration"}
    assert ran.results == dict.fromkeys([*normal, "all"], "success")
    for name in normal:
        assert len(distributions(root, name)) == 1
    assert len(distributions(root, "all")) == len(names)
