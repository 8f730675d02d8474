"""``wsnox why``: chains, and where a package is that the closure does not hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import LINUX, Wsnox
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec
from wsnox.cli.why import marker_text
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("words", "chosen", "chain"),
    [
        (
            ["project-b", "num"],
            "session `project-b`",
            "project-b -> project-a 1.0 -> flavoured[fast] 1.0 -> speedups 1.0 -> num 2.0",
        ),
        (
            ["project-a", "num", "--extra", "loud"],
            "session `project-a` with `--extra loud`",
            "project-a[loud] -> num 2.0",
        ),
        (["project-a", "Tool_With.Script"], "session `project-a`", "project-a:dev -> tool-with-script 1.0"),
        (
            ["script", "leaf", "--group", "dev"],
            "session `script` with `--group dev`",
            "workspace root:dev -> leaf 2.1",
        ),
        (
            ["project-a", "winonly", "--group", "test", "--platform", "windows"],
            "session `project-a` with `--group test`",
            "project-a:test -> marked 1.0 -> winonly 1.0 (sys_platform == 'win32')",
        ),
        (["project-a", "project-a"], "session `project-a`", "project-a"),
        (["--session", "workspace", "leaf"], "session `workspace`", "workspace root:dev -> leaf 2.1"),
        (["--session", "project-a:imports", "pyhumps"], "session `project-a:imports`", "project-a -> pyhumps 3.7.3"),
        (["leaf"], "what `uv sync` installs", "workspace root:dev -> leaf 2.1"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_text(wsnox: Wsnox, words: list[str], chosen: str, chain: str) -> None:
    """One line a chain, with extras, groups and markers; what it is about stands on stderr."""
    said = wsnox("why", *(LINUX if "--platform" not in words else LINUX[:2]), *words)
    platform = "Windows AMD64" if "windows" in words else "Linux x86_64"
    assert (said.out, said.err, said.code) == (f"{chain}\n", f"{chosen}, for Python 3.12.0 on {platform}\n", 0)


def test_json(wsnox: Wsnox, wheelhouse: Path) -> None:
    """JSON has the steps."""
    said = wsnox("why", "project-a", "speedups", "--json", *LINUX)
    assert (said.code, said.err) == (0, "")
    assert json.loads(said.out) == {
        "version": 1,
        "members": [{"name": "project-a", "path": "packages/project-a"}],
        "session": "project-a",
        "target": dict(describe("3.12", "linux").values),
        "package": "speedups",
        "total": 1,
        "chains": [
            [
                {"name": "project-a", "version": "1.0", "part": None, "extras": [], "marker": None},
                {"name": "flavoured", "version": "1.0", "part": None, "extras": ["fast"], "marker": None},
                {"name": "speedups", "version": "1.0", "part": None, "extras": [], "marker": None},
            ]
        ],
        "distributions": [
            {
                "name": "speedups",
                "version": "1.0",
                "source": {"kind": "registry", "location": wheelhouse.as_posix()},
            }
        ],
        "held_by": [],
        "given_by": [],
    }


def test_many_chains_are_cut(tmp_path: Path, workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Fifty chains are shown, the rest is counted."""
    index = tmp_path / "index"
    index.mkdir()
    build_wheel(index, Wheel("goal", "1.0"))
    for layer, following in (("m", ["goal"]), ("l", [f"m{at}" for at in range(10)])):
        for at in range(10):
            build_wheel(index, Wheel(f"{layer}{at}", "1.0", requires=following))
    root = workspace(MemberSpec("app", dependencies=[f"l{at}" for at in range(10)]), index=index)
    said = wsnox("why", "app", "goal", *LINUX, root=root)
    lines = said.out.splitlines()
    assert (len(lines), said.err.splitlines()[1:]) == (50, ["and 50 more chains of this length"])
    assert lines[:2] == ["app -> l0 1.0 -> m0 1.0 -> goal 1.0", "app -> l0 1.0 -> m1 1.0 -> goal 1.0"]
    assert json.loads(wsnox("why", "app", "goal", "--json", *LINUX, root=root).out)["total"] == 100


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (
            ["project-b", "tool-with-script"],
            "`tool-with-script` is not in the closure of session `project-b`",
            "`uv.lock` has `tool-with-script 1.0`, for sessions `project-a`, `workspace`",
        ),
        (
            ["script", "pyhumps"],
            "`pyhumps` is not in the closure of session `script`",
            "`uv.lock` has `pyhumps 3.7.3`, for sessions `project-a`, `project-b`, `workspace`",
        ),
        (
            ["project-a", "marked"],
            "`marked` is not in the closure of session `project-a`",
            "`uv.lock` has `marked 1.0`, and `--group test` would bring it",
        ),
        (
            ["project-b", "winonly"],
            "`winonly` is not in the closure of session `project-b`",
            "`uv.lock` has `winonly 1.0`, but no session's closure holds it on this target",
        ),
        (
            ["project-a", "pyhump"],
            "`pyhump` is not in the closure of session `project-a`, nor in `uv.lock` at all",
            "did you mean `pyhumps`?",
        ),
        (["project-a", "zzz"], "`zzz` is not in the closure of session `project-a`, nor in `uv.lock` at all", ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_absent(wsnox: Wsnox, words: list[str], error: str, hint: str) -> None:
    """The sentence says whether the lockfile has it, and how to get it."""
    said = wsnox("why", *words, *LINUX)
    assert (said.code, said.out) == (1, "")
    assert said.err == f"error: {error}\n{f'{chr(10)}hint: {hint}{chr(10)}' if hint else ''}"


def test_absent_json(wsnox: Wsnox, wheelhouse: Path) -> None:
    """The same as data."""
    said = wsnox("why", "script", "num", "--json", *LINUX)
    assert said.code == 1
    assert said.err.startswith("error: `num` is not in the closure of session `script`\n")
    assert json.loads(said.out) == {
        "version": 1,
        "members": [{"name": "script", "path": "packages/script"}],
        "session": "script",
        "target": dict(describe("3.12", "linux").values),
        "package": "num",
        "total": 0,
        "chains": [],
        "distributions": [
            {"name": "num", "version": "2.0", "source": {"kind": "registry", "location": wheelhouse.as_posix()}}
        ],
        "held_by": ["project-a", "project-b", "workspace"],
        "given_by": [],
    }


def test_extras_that_give_it_and_conflicts(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Each option is tried alone, so conflicting ones are both named; a member without a closure holds nothing."""
    app = MemberSpec(
        "app",
        extras={"one": ["num==1.0"], "two": ["num==2.0"]},
        tool={"uv": {"conflicts": [[{"extra": "one"}, {"extra": "two"}]]}},
    )
    clash = {"conflicts": [[{"group": "a"}, {"group": "b"}]], "default-groups": ["a", "b"]}
    refused = MemberSpec("refused", groups={"a": ["pyhumps==3.7.3"], "b": ["pyhumps==3.8.0"]}, tool={"uv": clash})
    root = workspace(app, refused, MemberSpec("user", dependencies=["app[two]"]))
    said = wsnox("why", "app", "num", *LINUX, root=root)
    assert said.err == (
        "error: `num` is not in the closure of session `app`\n\n"
        "hint: `uv.lock` has `num 1.0` and `num 2.0`, and `--extra one` or `--extra two` would bring it\n"
    )


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        ("sys_platform == 'linux'", "sys_platform == 'linux'"),
        ("extra == 'extra-3-app-x' or extra != 'group-5-a-b-c-d-e'", "app[x] or not a-b-c:d-e"),
        ("os_name == 'nt' and extra == 'project-3-app'", "os_name == 'nt' and app"),
    ],
)
def test_markers(marker: str, text: str) -> None:
    """Conflict items, as uv encodes them, are spelled out."""
    assert marker_text(marker) == text
