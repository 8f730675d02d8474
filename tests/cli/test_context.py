"""Who narrows the range of Pythons; without ``--python``, a command answers for the Python that its members' sessions choose."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.utils import canonicalize_name

from tests.cli.conftest import git
from tests.support.workspaces import MemberSpec
from wsnox.cli.narrowings import narrowings
from wsnox.workspace import Manifest, Member, Workspace

if TYPE_CHECKING:
    from tests.cli.conftest import Wsnox
    from tests.conftest import WorkspaceFactory

RUNNING = f"3.{sys.version_info[1]}"
OTHER = "3.10" if RUNNING != "3.10" else "3.11"
HERE = ".".join(map(str, sys.version_info[:3]))
COMMANDS = (("closure", "a"), ("why", "a", "leaf"), ("export", "a"), ("diff", "a", "HEAD:a"), ("list",), ("check",))


def _configure(root: Path, name: str, pythons: tuple[str, ...]) -> None:
    """Set the *pythons* of a member, if any."""
    if pythons:
        with (root / "packages" / name / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[tool.wsnox]\npythons = {json.dumps(pythons)}\n")


def _python(answer: Any) -> str:
    """Return the Python that a command's JSON says it is for."""
    if "target" in answer:
        return str(answer["target"]["python_full_version"])
    return str(answer["environments"][0].partition("python_version == '")[2].partition("'")[0])


@pytest.mark.parametrize(
    ("pin", "pythons", "python"),
    [
        ("", (), HERE),
        (OTHER, (), f"{OTHER}.0"),
        (RUNNING, (), HERE),
        (f"{OTHER}.4", (), f"{OTHER}.4"),
        ("3.9", (), HERE),
        ("", (OTHER,), f"{OTHER}.0"),
        (RUNNING, (OTHER,), f"{OTHER}.0"),
        ("", (OTHER, RUNNING), HERE),
        (OTHER, (RUNNING,), HERE),
    ],
)
@pytest.mark.real
def test_the_python_of_a_member(
    workspace: WorkspaceFactory, wsnox: Wsnox, pin: str, pythons: tuple[str, ...], python: str
) -> None:
    """It is chosen by ``pythons`` and ``.python-version``, and the one that runs wsnox only where sessions run on it."""
    root = workspace(MemberSpec("a", requires_python=">=3.10"), MemberSpec("b", requires_python=">=3.10"))
    _configure(root, "a", pythons)
    if pin:
        (root / ".python-version").write_text(f"{pin}\n", encoding="utf-8")
    said = wsnox("closure", "a", "--json", root=root)
    assert _python(json.loads(said.out)) == python, said.err
    # `--python` wins.
    assert _python(json.loads(wsnox("closure", "a", "--json", "--python", "3.12.3", root=root).out)) == "3.12.3"


@pytest.mark.real
def test_every_command(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Where the workspace is for other Pythons than the one that runs wsnox, no command refuses for that."""
    root = workspace(MemberSpec("a", dependencies=["leaf"], requires_python=">=3.10"))
    # No Python of this range need be here, so uv cannot be asked to lock for it.
    for file in (root / "uv.lock", root / "packages/a/pyproject.toml"):
        text = file.read_text(encoding="utf-8")
        assert '">=3.10"' in text
        file.write_text(text.replace('">=3.10"', '">=3.14.2"'), encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    for command in (*COMMANDS, ("closure", "--all-packages")):
        said = wsnox(*command, "--json", root=root)
        assert said.code == 0, (command, said)
        answer = json.loads(said.out)
        if command[0] not in ("why", "check", "list"):
            assert _python(answer).startswith("3.14"), command
    assert "2 distributions for Python 3.14.2 on " in wsnox("closure", "a", root=root).err
    listed = json.loads(wsnox("list", "--json", root=root).out)
    assert [(member["size"], member["reason"]) for member in listed["members"]] == [(2, None)]
    # What is asked for is refused as before, and so is what no session could run on.
    assert wsnox("closure", "a", "--python", "3.12", root=root).code == 6


@pytest.mark.real
def test_pythons_that_members_do_not_share(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """The first Python that all of them run on counts; without any, the one that runs wsnox."""
    root = workspace(MemberSpec("a", requires_python=">=3.10"), MemberSpec("b", requires_python=">=3.10"))
    _configure(root, "a", ("3.12", OTHER))
    _configure(root, "b", (OTHER,))
    together = wsnox("closure", "a", "b", "--json", root=root)
    assert _python(json.loads(together.out)) == f"{OTHER}.0"
    assert _python(json.loads(wsnox("diff", "a", "b", "--json", root=root).out)) == f"{OTHER}.0"
    (root / "packages/b/pyproject.toml").write_text(
        (root / "packages/b/pyproject.toml").read_text(encoding="utf-8").replace(OTHER, "3.15"), encoding="utf-8"
    )
    assert _python(json.loads(wsnox("closure", "a", "b", "--json", root=root).out)) == HERE


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([], []),
        ([""], []),
        ([">=3.10", ">=3.10"], []),
        ([">=3.10", ">=3.10.0"], []),
        ([">=3.10", ">=3.11", ">=3.12", "~=3.12"], [("m2", "floor", "3.12"), ("m3", "floor", "3.12")]),
        (["", ">=3.9"], [("m1", "floor", "3.9")]),
        ([">=3.9,<4", ">=3.9,<=3.13", ">=3.9"], [("m1", "ceiling", "3.13")]),
        (["==3.12.*", ">=3.9"], [("m0", "floor", "3.12")]),
        (["not a range", ">=3.9"], [("m1", "floor", "3.9")]),
    ],
    ids=str,
)
def test_narrowings(ranges: list[str], expected: list[tuple[str, str, str]]) -> None:
    """The members with the highest floor and the lowest ceiling, unless all share it."""
    root = Path("root")
    members = tuple(
        Member(
            name=canonicalize_name(f"m{index}"),
            directory=root,
            path=f"m{index}",
            manifest=Manifest(path=root, requires_python=text),
        )
        for index, text in enumerate(ranges)
    )
    workspace = Workspace(root=root, manifest=Manifest(path=root), members=members)
    assert [(bound.member, bound.end, str(bound.bound)) for bound in narrowings(workspace)] == expected
