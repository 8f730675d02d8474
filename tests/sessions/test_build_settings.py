"""The build settings of ``[tool.uv]`` hold where uv builds for a session, in place and as a wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import nox
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

# What the backend was given lands in a module of the project, for the session's command to print.
BACKEND = """
import json, pathlib
from wsnox_test_backend import *
import wsnox_test_backend as base

def version(name):
    try:
        return __import__(name).__version__
    except ImportError:
        return None

def noted(hook):
    def build(directory, config_settings=None, metadata_directory=None):
        found = [config_settings or None, version("leaf"), version("num")]
        pathlib.Path("src", "noted.py").write_text("NOTED = " + repr(found))
        return getattr(base, hook)(directory)
    return build

build_wheel, build_editable = noted("build_wheel"), noted("build_editable")
"""
COMMANDS = [["python", "-c", "import noted; print('noted', *noted.NOTED)"]]
EDITABLE = pytest.mark.parametrize("editable", [True, False])


def _noted(root: Path) -> str:
    ran = nox(root, "-s", "member")
    assert ran.code == 0, ran.said
    return ran.line("noted").removeprefix("noted ")


def _workspace(
    workspace: WorkspaceFactory, *, editable: bool, uv: Mapping[str, Any], requires: str = "", name: str = "plain"
) -> Path:
    settings: dict[str, Any] = {"commands": COMMANDS, "editable": editable}
    root = workspace(MemberSpec("member", dependencies=["leaf"]), name=name, uv=uv, wsnox=settings)
    member = root / "packages" / "member"
    (member / "noted_backend.py").write_text(BACKEND, encoding="utf-8")
    manifest = member / "pyproject.toml"
    text = manifest.read_text(encoding="utf-8").replace('"wsnox_test_backend"', '"noted_backend"')
    manifest.write_text(text.replace("requires = []", f"requires = [{requires}]"), encoding="utf-8")
    return root


@EDITABLE
def test_nothing_is_set(workspace: WorkspaceFactory, *, editable: bool) -> None:
    """A build is isolated: it sees neither the environment's distributions nor any setting."""
    assert _noted(_workspace(workspace, editable=editable, uv={})) == "None None None"


@EDITABLE
def test_config_settings(workspace: WorkspaceFactory, *, editable: bool) -> None:
    """``config-settings`` reach the backend."""
    root = _workspace(workspace, editable=editable, uv={"config-settings": {"flavour": "sweet"}})
    assert _noted(root) == "{'flavour': 'sweet'} None None"


@EDITABLE
def test_build_constraints(workspace: WorkspaceFactory, *, editable: bool) -> None:
    """``build-constraint-dependencies`` decide among versions of what a build requires."""
    root = _workspace(workspace, editable=editable, uv={}, requires='"num"')
    assert _noted(root) == "None None 2.0"
    constraints = {"build-constraint-dependencies": ["num<2"]}
    root = _workspace(workspace, editable=editable, uv=constraints, requires='"num"', name="constrained")
    assert _noted(root) == "None None 1.0"


@EDITABLE
def test_extra_build_dependencies(workspace: WorkspaceFactory, *, editable: bool) -> None:
    """``extra-build-dependencies`` are there when the build runs."""
    root = _workspace(workspace, editable=editable, uv={"extra-build-dependencies": {"member": ["num==1.0"]}})
    assert _noted(root) == "None None 1.0"


@EDITABLE
@pytest.mark.parametrize("setting", ["package", "all"])
def test_no_build_isolation(workspace: WorkspaceFactory, setting: str, *, editable: bool) -> None:
    """Without isolation a build sees what the session's environment holds of the closure."""
    uv = {"no-build-isolation-package": ["member"]} if setting == "package" else {"no-build-isolation": True}
    root = _workspace(workspace, editable=editable, uv=uv)
    assert _noted(root) == "None 2.1 None"
