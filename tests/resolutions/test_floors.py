"""Which direct dependencies have no lower bound on some Python of their session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.resolutions.floors import unbounded
from wsnox.resolutions.requested import Requested, requested
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from pathlib import Path


def _requested(tmp_path: Path, *members: MemberSpec, **settings: Any) -> Requested:
    """Return what the first of *members* asks for at its lowest versions."""
    wsnox = {"resolutions": ["lowest"], **settings}
    workspace = discover(write_workspace(tmp_path / "w", members, index=tmp_path, wsnox=wsnox))
    name = f"{members[0].name}:lowest"
    run = runs_of(suite_of(workspace, running="3.11.7").configured(lambda title: title == name))[0]
    assert run.session.resolution is not None
    return requested(workspace, run, run.session.resolution, run.session.pythons)


@pytest.mark.parametrize(
    ("dependencies", "missing"),
    [
        (["a>=1", "b>1", "c~=1.2", "d==1", "e===1", "f==1.*", "g >=1,<2", "h(>=1)"], []),
        (["a", "b<2", "c!=1", "d<=3,!=2", "e[x]"], ["a", "b", "c", "d", "e"]),
        (["a ; python_version < '3.10'", "b ; sys_platform == 'linux' and sys_platform == 'win32'"], []),
        (["a ; sys_platform == 'win32'"], ["a"]),
        (["a", "a>=1"], []),
        (["a", "a>=1 ; python_version >= '3.12'"], ["a"]),
        (["a ; python_version < '3.12'", "a>=1 ; python_version >= '3.12'"], ["a"]),
        (["a ; os_name == 'nt'", "a>=1 ; os_name == 'nt'", "a>=2 ; os_name != 'nt'"], []),
        (["A.b_C"], ["a-b-c"]),
        (["lib"], []),
        (["a @ https://files.example/a-1.0.tar.gz"], []),
    ],
)
def test_a_bound_counts_where_it_holds(tmp_path: Path, dependencies: list[str], missing: list[str]) -> None:
    """A dependency on some Python or platform of the session needs a bound there; members and URLs need none."""
    asked = _requested(tmp_path, MemberSpec("app", dependencies=dependencies), MemberSpec("lib", dependencies=["x"]))
    assert [requirement.name for _, requirement in unbounded(asked)] == missing


@pytest.mark.parametrize(("extras", "missing"), [([], []), (["all"], ["b"]), ("all", ["b", "c"])])
def test_extras_count_that_the_session_has(tmp_path: Path, extras: Any, missing: list[str]) -> None:
    """An extra that another one brings counts as well."""
    app = MemberSpec("app", dependencies=["a>=1"], extras={"cli": ["b", "a"], "all": ["app[cli]"], "more": ["c"]})
    assert [one.name for _, one in unbounded(_requested(tmp_path, app, extras=extras))] == missing


def test_what_decides_the_versions_is_told(tmp_path: Path) -> None:
    """A person can read all of it: requirements with their sources, through members and groups that include others."""
    app = MemberSpec(
        "app",
        dependencies=["lib[fast]", "a  >=1"],
        groups={"dev": [{"include-group": "test"}], "test": ["t>=1"], "docs": ["d"]},
        tool={"uv": {"sources": {"a": {"git": "https://user:secret@git.example/a", "tag": "v1"}}}},
    )
    lib = MemberSpec("lib", dependencies=["b"], extras={"fast": ["c>=2"], "slow": ["s"]}, requires_python=">=3.11")
    asked = _requested(tmp_path, app, lib, resolutions={"lowest": {"unbounded": ["b"], "env": {"X": "1"}}})
    lines = [line for line in asked.lines if not line.startswith("tool.uv.index")]
    assert lines == [
        "Python: 3.11",
        "session: app:dev",
        "app:dev: t>=1",
        "app: editable packages/app, Python >=3.10",
        "app: lib[fast] (editable packages/lib)",
        "app: a >=1 (git https://git.example/a tag=v1)",
        "lib: editable packages/lib, Python >=3.11",
        "lib: b",
        "lib[fast]: c>=2",
        "resolution: lowest",
        "unbounded: b",
    ]


@pytest.mark.parametrize(
    ("pin", "settings", "python", "missing"),
    [
        ("", {}, "3.10", ["old"]),
        ("3.12", {}, "3.12", []),
        ("3.12", {"resolutions": {"lowest": {"pythons": "requires-python"}}}, "3.10", ["old"]),
        ("3.9", {}, "3.10", ["old"]),
        ("pypy", {}, "3.10", ["old"]),
    ],
)
def test_the_pythons_of_a_file(
    tmp_path: Path, pin: str, settings: dict[str, Any], python: str, missing: list[str]
) -> None:
    """They begin with the lowest of the session, so that `.python-version` decides, too, unless `pythons` does."""
    if pin:
        (tmp_path / "w").mkdir()
        (tmp_path / "w/.python-version").write_text(pin, encoding="utf-8")
    app = MemberSpec("app", dependencies=["a>=1", "old ; python_version < '3.12'"])
    asked = _requested(tmp_path, app, **settings)
    assert (asked.python, [one.name for _, one in unbounded(asked)]) == (python, missing)
