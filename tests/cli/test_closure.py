"""``wsnox closure``: its text, its JSON, and uv's own answers beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from tests.cli.conftest import LINUX, SHOP, Said, Wsnox
from tests.support.workspaces import MemberSpec, uv
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


def test_text(wsnox: Wsnox) -> None:
    """One aligned line a distribution: name, version, why, and where from unless from a registry."""
    said = wsnox("closure", "project-a", *LINUX)
    assert (
        said.out
        == """\
flavoured         1.0    via project-a
leaf              2.1    via flavoured
num               2.0    via speedups
project-a         1.0    requested            editable packages/project-a
pyhumps           3.7.3  via project-a
speedups          1.0    via flavoured[fast]
tool-with-script  1.0    via project-a:dev
"""
    )
    assert (said.code, said.err) == (0, "session `project-a`: 7 distributions for Python 3.12.0 on Linux x86_64\n")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["project-a", "--no-default-groups", "--extra", "loud"], "flavoured leaf num project-a pyhumps speedups"),
        (["Project_A", "--only-group", "TEST"], "marked"),
        (["project-a", "--only-group", "test", "--only-group", "lint"], "backported marked"),
        (["script"], "dotted-name-here"),
        (["script", "--group", "lint"], "backported dotted-name-here"),
        (
            ["project-b", "--all-groups"],
            "backported flavoured leaf num project-a project-b pyhumps speedups",
        ),
        (
            ["--all-packages", "--all-extras", "--all-groups"],
            "backported dotted-name-here flavoured leaf marked num project-a project-b pyhumps speedups tool-with-script",
        ),
    ],
    ids=" ".join,
)
def test_selections(wsnox: Wsnox, words: list[str], names: str) -> None:
    """The options are uv's; names are normalised."""
    said = wsnox("closure", *words, *LINUX)
    assert " ".join(line.split()[0] for line in said.out.splitlines()) == names


def test_several_reasons_and_the_workspace_root(wsnox: Wsnox) -> None:
    """The parent nearest to the requested members is named, the others are counted."""
    said = wsnox("closure", "--all-packages", *LINUX)
    assert "leaf              2.1    via workspace root:dev (+1)\n" in said.out


def test_other_platform(wsnox: Wsnox) -> None:
    """Markers are those of the target described."""
    said = wsnox("closure", "project-a", "--only-group", "test", "--python", "3.12.4", "--platform", "windows-arm64")
    assert said.out == "marked   1.0  via project-a:test\nwinonly  1.0  via marked\n"
    assert (
        said.err == "session `project-a` with `--only-group test`: 2 distributions for Python 3.12.4 on Windows ARM64\n"
    )


def test_virtual_members(wsnox: Wsnox) -> None:
    """A virtual member is not installed, and that is said."""
    said = wsnox("closure", "script", *LINUX)
    assert said.out == "dotted-name-here  1.0  via script\n"
    assert (
        said.err
        == "session `script`: 1 distribution for Python 3.12.0 on Linux x86_64, without `script`, which is virtual\n"
    )


def test_the_member_around_the_working_directory(wsnox: Wsnox, shop: Path) -> None:
    """Without a member, the working directory decides, as it does for uv; ``--root`` asks for the root."""
    here = shop / "packages" / "script" / "deep"
    here.mkdir(exist_ok=True)
    assert wsnox("closure", *LINUX, root=here).out == "dotted-name-here  1.0  via script\n"
    assert len(wsnox("closure", *LINUX, root=shop).out.splitlines()) == 9
    assert len(wsnox("closure", "--root", "..", *LINUX, root=here).out.splitlines()) == 9


def test_json(wsnox: Wsnox, wheelhouse: Path) -> None:
    """JSON has every reason, and what is virtual."""
    said = wsnox("closure", "script", "--group", "dev", "--json", *LINUX)
    assert (said.code, said.err) == (0, "")
    registry = {"kind": "registry", "location": wheelhouse.as_posix()}
    edge: dict[str, Any] = {"extras": [], "marker": None}
    assert json.loads(said.out) == {
        "version": 1,
        "session": "script",
        "members": [{"name": "script", "path": "packages/script", "production": True, "extras": [], "groups": []}],
        "root_groups": ["dev"],
        "target": dict(describe("3.12", "linux").values),
        "distributions": [
            {
                "name": "dotted-name-here",
                "version": "1.0",
                "source": registry,
                "extras": [],
                "requested": False,
                "required_by": [{"name": "script", "part": None, **edge}],
            },
            {
                "name": "leaf",
                "version": "2.1",
                "source": registry,
                "extras": [],
                "requested": False,
                "required_by": [{"name": None, "part": ":dev", **edge}],
            },
        ],
        "virtual": [
            {
                "name": "script",
                "version": "1.0",
                "source": {"kind": "virtual", "path": "packages/script"},
                "extras": [],
                "requested": True,
                "required_by": [],
            }
        ],
    }


def test_empty(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A workspace without members has an empty closure."""
    said = wsnox("closure", *LINUX, root=workspace())
    assert (said.code, said.out, said.err) == (
        0,
        "",
        "what `uv sync` installs: 0 distributions for Python 3.12.0 on Linux x86_64\n",
    )


def test_conflict(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """What is declared as conflicting is refused; conflict items in markers are spelled out."""
    app = MemberSpec(
        "app",
        extras={"one": ["num==1.0"], "two": ["num==2.0"]},
        tool={"uv": {"conflicts": [[{"extra": "one"}, {"extra": "two"}]]}},
    )
    root = workspace(app, MemberSpec("user", dependencies=["app[one]"]))
    said = wsnox("closure", "app", "--all-extras", *LINUX, root=root)
    assert (said.code, said.out) == (5, "")
    assert said.err == (
        "error: `app[one]` and `app[two]` are incompatible with the declared conflict {app[one], app[two]}\n\n"
        "hint: request one of them at a time\n"
    )


SELECTIONS = (
    ("project-a",),
    ("project-a", "--all-extras", "--all-groups"),
    ("project-b", "--group", "lint"),
    ("script", "--no-default-groups"),
    ("project-a", "project-b"),
    ("--all-packages", "--extra", "loud"),
    ("project-a", "--only-group", "test"),
)


@pytest.mark.parametrize("place", ["3.11 linux", "3.12.4 windows", "3.13 macos-x86_64"])
@pytest.mark.parametrize("words", SELECTIONS, ids=" ".join)
def test_equal_to_uv(wsnox: Wsnox, shop: Path, words: tuple[str, ...], place: str) -> None:
    """The distributions are those of ``uv export --frozen``, whose markers hold on the target."""
    python, platform = place.split()
    said = wsnox("closure", *words, "--json", "--python", python, "--platform", platform)
    flags = [
        flag for word in words for flag in ([word] if word.startswith("-") or word in _VALUES else ["--package", word])
    ]
    assert _identities(said) == _uv_says(shop, flags, dict(describe(python, platform).values))


@pytest.mark.parametrize("flags", [[], ["--all-groups"], ["--group", "lint", "--no-default-groups"]], ids=" ".join)
@pytest.mark.parametrize("folder", [".", "packages", "packages/project-a", "packages/script"])
def test_equal_to_uv_in_a_directory(wsnox: Wsnox, shop: Path, folder: str, flags: list[str]) -> None:
    """Without a member, both take the one around the working directory, or all in a virtual root."""
    said = wsnox("closure", *flags, "--json", *LINUX, root=shop / folder)
    assert _identities(said) == _uv_says(shop / folder, flags, dict(describe("3.12", "linux").values))


def _identities(said: Said) -> set[str]:
    return {_identity(row) for row in json.loads(said.out)["distributions"]}


def _uv_says(folder: Path, flags: list[str], values: dict[str, str]) -> set[str]:
    exported = uv(folder, "export", "--frozen", "--no-hashes", "--no-header", "--no-annotate", *flags)
    assert exported.returncode == 0, exported.stderr
    return {_of_uv(line) for line in exported.stdout.splitlines() if _holds(line, values)}


_VALUES = {"loud", "lint", "test"}
_PATHS = {member.folder: member.name for member in SHOP}


def _identity(data: dict[str, Any]) -> str:
    local = data["source"]["kind"] in ("editable", "directory")
    return data["source"]["path"] if local else f"{data['name']}=={data['version']}"


def _of_uv(line: str) -> str:
    if line.startswith("-e "):
        return line.removeprefix("-e ").removeprefix("./").partition(" ;")[0]
    requirement = Requirement(line)
    return f"{requirement.name}{requirement.specifier}"


def _holds(line: str, values: dict[str, str]) -> bool:
    marker = line.partition(" ; ")[2]
    return not marker or Marker(marker).evaluate(dict(values))
