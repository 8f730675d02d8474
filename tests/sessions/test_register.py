"""`wsnox.member`, `wsnox.integration` and `wsnox.sessions` in a real noxfile, and nox's own options on what they make."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.noxfile.sample import CONFLICTS, FUNCTIONS, MEMBERS
from tests.sessions.running import Ran, distributions, nox, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace whose noxfile has functions alone."""
    root = workspace(
        *MEMBERS, root_groups={"contracts": ["winonly"], "dev": ["backported"]}, uv={"conflicts": CONFLICTS}
    )
    return write_noxfile(root, FUNCTIONS)


def _said(ran: Ran) -> list[str]:
    return [line.removeprefix("said ") for line in ran.lines if line.startswith("said ")]


def test_what_a_function_gets(root: Path) -> None:
    """A plain session in the member's directory, its variables, its posargs, and the member; what it requires runs first."""
    ran = nox(root, "-s", "project-a:types", "--", "-x", "a b")
    assert (ran.code, ran.results) == (0, {"project-b:first": "success", "project-a:types": "success"}), ran.said
    assert _said(ran) == [
        "first True",
        "[ROOT]/packages/project-a yes",
        "project-a packages/project-a ['-x', 'a b']",
    ]
    assert distributions(root, "project-a:types") == {"project_a-1.0", "leaf-2.1", "num-2.0"}


def test_variants_of_declared_conflicts(root: Path) -> None:
    """Extras that exclude each other run one by one, each in its own environment, as nox's own parametrization."""
    ran = nox(root, "-s", "project-a:gpu")
    assert (ran.code, _said(ran)) == (0, ["1.0", "2.0"]), ran.said
    assert ran.results == {"project-a:gpu(cpu)": "success", "project-a:gpu(cuda)": "success"}
    assert distributions(root, "project-a:gpu(cpu)") == {"project_a-1.0", "leaf-2.1", "num-1.0"}
    assert nox(root, "-s", "project-a:gpu(cuda)").results == {"project-a:gpu(cuda)": "success"}


def test_integration(root: Path) -> None:
    """A set has its members, their extras and the groups asked for; all members have the root's default groups."""
    ran = nox(root, "-t", "integration")
    assert (ran.code, ran.results) == (0, {"everything": "success", "contracts": "success"}), ran.said
    assert _said(ran) == ["['lib-c', 'project-a', 'project-b'] [ROOT]"]
    members = {"project_a-1.0", "project_b-1.0", "lib_c-1.0", "leaf-2.1", "pyhumps-3.8.0"}
    assert distributions(root, "everything") == {*members, "backported-1.0"}
    assert distributions(root, "contracts") == {*members, "num-1.0", "winonly-1.0"}


def test_a_members_own_table_wins(workspace: WorkspaceFactory) -> None:
    """What a member's manifest says of a function's task is said of it: skipped with its reason, or another group."""
    tool = {"wsnox": {"tasks": {"types": {"skip": "not typed yet"}}}}
    other = {"wsnox": {"tasks": {"types": {"groups": ["mypy"]}}}}
    root = workspace(
        MemberSpec("a", tool=tool), MemberSpec("b", groups={"typing": ["leaf"], "mypy": ["num"]}, tool=other),
    )  # fmt: skip
    text = "import wsnox\n\nwsnox.sessions()\n\n\n@wsnox.member(groups=['typing'])\ndef types(session, member):\n    pass\n"
    ran = nox(write_noxfile(root, text), "-t", "types")
    assert (ran.code, ran.results) == (0, {"a:types": "skipped", "b:types": "success"}), ran.said
    assert "Session a:types skipped: not typed yet." in ran.lines
    assert distributions(root, "b:types") == {"b-1.0", "num-2.0"}


def test_what_a_failing_function_is(root: Path) -> None:
    """A function's own failure is nox's to report."""
    write_noxfile(
        root, "import wsnox\n\n\n@wsnox.member(members=['lib-c'])\ndef t(session, member):\n    session.error('no')\n"
    )
    ran = nox(root)
    assert (ran.code, ran.results) == (1, {"lib-c:t": "aborted"})
    assert "Session lib-c:t aborted: no." in ran.lines


def test_a_coroutine_that_a_decorator_hides(workspace: WorkspaceFactory) -> None:
    """What nobody could see when the noxfile was loaded fails the session, and is not taken for a success."""
    text = "import wsnox\n\nasync def g(a, b): ...\n\n@wsnox.member\ndef f(a, b):\n    return g(a, b)\n"
    ran = nox(write_noxfile(workspace(MemberSpec("project-a")), text), "-s", "project-a:f")
    assert ran.results == {"project-a:f": "aborted"}, ran.said
    assert "`[ROOT]/noxfile.py`: `f` returned a coroutine, which has not run" in ran.said
    assert "Traceback" not in ran.said


# --- nox's own options ----------------------------------------------------------------------------------------------

CONFIGURED = {
    "commands": [["python", "-c", "print('said {member}')"]],
    "tasks": {"types": {"commands": [["python", "-c", "pass"]], "requires": ["project-a"]}},
}


@pytest.fixture
def configured(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace with two members, a further task and nothing else."""
    return workspace(MemberSpec("project-a"), MemberSpec("project-b"), wsnox=CONFIGURED)


def test_parallel(configured: Path) -> None:
    """``nox -j`` runs our sessions side by side, requirements first, and each finds its own environment."""
    ran = nox(configured, "-j", "2", "-t", "member")
    assert ran.code == 0, ran.said
    names = {"project-a", "project-b", "project-a:types", "project-b:types"}
    assert ran.results == dict.fromkeys(names, "success")
    for name in ("project-a", "project-b"):
        assert distributions(configured, name) == {f"{name.replace('-', '_')}-1.0"}


def test_a_command_of_posargs_alone(workspace: WorkspaceFactory) -> None:
    """A command that is nothing but ``{posargs}`` runs what follows ``--``, and nothing where nothing does."""
    root = workspace(MemberSpec("m"), wsnox={"commands": ["{posargs}"]})
    assert nox(root, "-s", "m").results == {"m": "success"}
    assert _said(nox(root, "-s", "m", "--", "python", "-c", "print('said it')")) == ["it"]


def test_report(configured: Path, tmp_path: Path) -> None:
    """``--report`` has each session under its own name with how it ended."""
    report = tmp_path / "report.json"
    assert nox(configured, "-s", "project-a", "project-b", "--report", str(report)).code == 0
    found = json.loads(report.read_text(encoding="utf-8"))["sessions"]
    assert [(each["name"], each["result"]) for each in found] == [("project-a", "success"), ("project-b", "success")]


def test_usage(root: Path) -> None:
    """``--usage`` tells the first line of what the function is for."""
    assert nox(root, "--usage", "project-a:types").said.splitlines()[0] == "Check types."


def test_completion(root: Path) -> None:
    """The shell completes our session names: what argcomplete asks nox for has them."""
    pytest.importorskip("argcomplete")
    line = "nox -s project-a:"
    answer = root.parent / "answer"
    env = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_COMP_WORDBREAKS": " ",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
        "ARGCOMPLETE_USE_TEMPFILES": "1",
    }
    nox(root, env=env)
    offered = {each.replace("\\", "").strip() for each in answer.read_text(encoding="utf-8").split("\n")}
    assert {"project-a:types", "project-a:gpu(cpu)", "project-a:gpu(cuda)"} <= offered
