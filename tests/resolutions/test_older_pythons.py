"""Pythons below the workspace's: which promises of a member no index can keep, and which groups they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.resolution_errors import OlderPythonError
from wsnox.resolutions.requested import Requested, requested
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from pathlib import Path

LIB = MemberSpec("lib", dependencies=["x"], requires_python=">=3.8", extras={"new": ["beta"]})
BETA = MemberSpec("beta", requires_python=">=3.12")


def _requested(tmp_path: Path, app: MemberSpec, **options: Any) -> Requested:
    """Return what *app* asks for below the Pythons of a workspace with `LIB` and `BETA`."""
    options = {"wsnox": {"resolutions": ["below"]}, **options}
    workspace = discover(write_workspace(tmp_path / "w", [app, LIB, BETA], index=tmp_path, **options))
    (run,) = runs_of(suite_of(workspace).configured(lambda title: title == "app:below"))[:1]
    assert run.session.resolution is not None
    return requested(workspace, run, run.session.resolution, run.session.pythons)


@pytest.mark.parametrize(
    ("range_", "dependencies", "extras", "broken"),
    [
        (">=3.9", ["lib", "y"], {}, ""),
        (">=3.9", ["beta"], {}, "`app` promises Python `>=3.9`, but its dependency `beta` is for `>=3.12`"),
        (">=3.9", ["lib[new]"], {}, "`app` promises Python `>=3.9`, but `lib[new]` needs `beta`, which is for `>=3.12`"),
        (">=3.9", ["beta ; python_version >= '3.12'"], {}, ""),
        (">=3.9", ["beta ; python_version >= '3.11'"], {}, "its dependency `beta` is for `>=3.12`"),
        (">=3.9", ["beta ; python_version < '3.9'"], {}, ""),
        (">=3.7", ["lib ; python_version >= '3.8'"], {}, ""),
        (">=3.9", ["lib[new] ; python_version >= '3.12'", "lib"], {}, ""),
        (">=3.9", [], {"fast": ["beta"]}, "but `app[fast]` needs `beta`, which is for `>=3.12`"),
    ],
)  # fmt: skip
def test_a_dependency_for_newer_pythons(
    tmp_path: Path, range_: str, dependencies: list[str], extras: dict[str, list[str]], broken: str
) -> None:
    """A member that needs another one cannot be for older Pythons than that, wherever the need counts."""
    app = MemberSpec("app", dependencies=dependencies, extras=extras, requires_python=range_)
    wsnox = {"resolutions": ["below"], "extras": "all"}
    if not broken:
        assert _requested(tmp_path, app, wsnox=wsnox).omitted == {}
        return
    with pytest.raises(OlderPythonError) as refused:
        _requested(tmp_path, app, wsnox=wsnox)
    assert broken in refused.value.sentence
    assert refused.value.hint == "raise `requires-python` of `app` or lower that of `beta`"


def test_a_range_that_begins_with_a_patch(tmp_path: Path) -> None:
    """A minor version stands for its first release to uv, and the member may not be for that."""
    app = MemberSpec("app", requires_python=">=3.9.2")
    assert _requested(tmp_path, app).python == "3.9.2"


def test_a_group_for_newer_pythons(tmp_path: Path) -> None:
    """Nobody installs a group but who develops: one that these Pythons cannot have is left out, with the reason."""
    groups: dict[str, list[Any]] = {
        "dev": ["x"],
        "docs": ["lib[new]"],
        "own": ["x"],
        "all": [{"include-group": "own"}],
        "late": ["beta ; python_version >= '3.12'"],
    }
    app = MemberSpec(
        "app",
        groups=groups,
        requires_python=">=3.10",
        tool={"uv": {"default-groups": "all", "dependency-groups": {"own": {"requires-python": ">=3.11"}}}},
    )
    wsnox = {"resolutions": {"below": {"root-groups": ["site"]}}}
    asked = _requested(tmp_path, app, root_groups={"site": ["beta"]}, wsnox=wsnox)
    assert asked.omitted == {
        "app:docs": "beta is for Python >=3.12",
        "app:own": "for Python >=3.11",
        "app:all": "for Python >=3.11",
        ":site": "beta is for Python >=3.12",
    }
    assert (asked.members, asked.root_groups) == ({"app": ((), ("dev", "late"))}, ())
    assert (asked.python, asked.lines[:2]) == (
        "3.10",
        ("Python: 3.10", "session: without app:docs (beta is for Python >=3.12)"),
    )
    wsnox["resolutions"]["below"]["pythons"] = ["3.11"]
    asked = _requested(tmp_path, app, root_groups={"site": ["plug"]}, wsnox=wsnox)
    assert (asked.python, [*asked.omitted], asked.root_groups) == ("3.11", ["app:docs"], ("site",))
