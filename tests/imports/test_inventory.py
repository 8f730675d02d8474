"""What members declare and what their closures hold, in workspaces that the real uv locked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.workspaces import MemberSpec
from wsnox.closure import Resolver
from wsnox.imports.inventory import Inventory, MemberClosures
from wsnox.lock import read_lock
from wsnox.markers.target import describe
from wsnox.workspace import discover

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

CONFLICT: dict[str, Any] = {"uv": {"conflicts": [[{"extra": "one"}, {"extra": "two"}]]}}


def _inventory(root: Path, platform: str = "linux") -> Inventory:
    target = describe("3.12", platform)
    return Inventory(discover(root), Resolver(read_lock(root), target), target)


def _closures(root: Path, name: str = "app", platform: str = "linux") -> MemberClosures:
    inventory = _inventory(root, platform)
    return inventory.closures(inventory.workspace.named(name))


def test_declared(workspace: WorkspaceFactory) -> None:
    """Dependencies and extras, on every platform; not groups, and not what dependencies bring."""
    app = MemberSpec(
        "app",
        dependencies=["flavoured", "winonly ; sys_platform == 'win32'", "never ; python_version < '3'"],
        extras={"x": ["pyhumps"]},
        groups={"dev": ["num"]},
    )
    assert _closures(workspace(app)).declared == {"flavoured", "winonly", "never", "pyhumps"}


@pytest.mark.parametrize(
    ("extra", "declared"), [("fast", {"speedups"}), ("all", {"speedups", "pyhumps"}), ("net", {"pyhumps"})]
)
def test_what_an_extra_is_made_of_is_declared(workspace: WorkspaceFactory, extra: str, declared: set[str]) -> None:
    """Whoever asks for ``core[fast]`` asks for what that is; an extra of extras too."""
    extras = {"all": ["core[fast,net]"], "fast": ["speedups"], "net": ["pyhumps"]}
    core = MemberSpec("core", extras=extras)
    root = workspace(core, MemberSpec("app", dependencies=[f"core[{extra}]"]))
    assert _closures(root).declared - {"core"} == declared


def test_an_extra_of_extras_of_another_distribution(workspace: WorkspaceFactory) -> None:
    """The wheels of an index name themselves in their extras, as members do."""
    lib = MemberSpec("lib", dependencies=["flavoured[fast,loud]"])
    assert _closures(workspace(lib), "lib").declared == {"flavoured", "speedups", "num"}


def test_empty_distributions_that_depend_on_each_other(workspace: WorkspaceFactory) -> None:
    """The way through them ends, and what they depend on counts as declared."""
    members = [
        MemberSpec("app", dependencies=["one"]),
        MemberSpec("one", dependencies=["two"], modules={}),
        MemberSpec("two", dependencies=["one", "leaf"], modules={}),
    ]
    inventory = _inventory(workspace(*members))
    app = inventory.workspace.named("app")
    declared = MemberClosures(inventory.workspace, inventory.resolver, app, {"one", "two"}).declared
    assert declared == {"one", "two", "leaf"}


def test_installed_and_chain(workspace: WorkspaceFactory) -> None:
    """The closure has every extra and no group; a chain leads from the member to what it gives."""
    lib = MemberSpec("lib", dependencies=["flavoured"])
    app = MemberSpec("app", dependencies=["lib"], extras={"x": ["speedups"]}, groups={"dev": ["pyhumps"]})
    closures = _closures(workspace(lib, app))
    assert closures.installed == {"app", "lib", "flavoured", "leaf", "speedups", "num"}
    assert closures.chain("leaf") == ("app", "lib", "flavoured", "leaf")
    assert closures.chain("num") == ("app", "speedups", "num")
    assert closures.chain("pyhumps") == ()


def test_extras_that_conflict(workspace: WorkspaceFactory) -> None:
    """No closure has them all, so each is looked at alone."""
    app = MemberSpec(
        "app", extras={"one": ["num==1.0"], "two": ["num==2.0", "leaf"], "three": ["pyhumps"]}, tool=CONFLICT
    )
    closures = _closures(workspace(app))
    assert {"num", "leaf", "pyhumps"} <= closures.installed
    assert closures.chain("leaf") == ("app", "leaf")
    assert closures.groups == {}


def test_extras_that_bring_what_the_member_has_anyway(workspace: WorkspaceFactory) -> None:
    """An extra is no reason to count a file as the extra's if the member gets the distribution without it."""
    lib = MemberSpec("lib", dependencies=["speedups"])
    extras = {"a": ["pyhumps", "num"], "b": ["pyhumps", "flavoured", "lib"]}
    app = MemberSpec("app", dependencies=["lib"], extras=extras)
    closures = _closures(workspace(lib, app))
    assert closures.extras == {"pyhumps": ("a", "b"), "flavoured": ("b",), "leaf": ("b",)}
    assert closures.declaring_extras == {"pyhumps": "a", "flavoured": "b"}


def test_groups(workspace: WorkspaceFactory) -> None:
    """What only groups give, with each of their names; also what a group includes, and what it brings."""
    groups: dict[str, list[Any]] = {
        "dev": ["leaf", {"include-group": "check"}],
        "check": ["speedups"],
        "Docs_Build": ["pyhumps", "marked"],
    }
    app = MemberSpec("app", dependencies=["pyhumps"], groups=groups)
    assert _closures(workspace(app)).groups == {
        "leaf": ("dev",),
        "speedups": ("check", "dev"),
        "num": ("check", "dev"),
        "marked": ("docs-build",),
    }
    root = workspace(app, name="other")
    assert "winonly" in _closures(root, platform="windows").groups


def test_declarers_and_locked_version(workspace: WorkspaceFactory) -> None:
    """Whoever names it in any part, once, and not who merely gets it; a member does not declare itself."""
    one = MemberSpec("one", dependencies=["num"], groups={"dev": ["num"]})
    two = MemberSpec("two", extras={"x": ["num"], "self": ["two[x]"]})
    three = MemberSpec("three", dependencies=["speedups", "two"])
    root = workspace(one, two, three, root_groups={"dev": ["num"]})
    inventory = _inventory(root)
    assert inventory.declarers["num"] == ["one", "two", "the workspace root"]
    assert inventory.declarers["two"] == ["three"]
    assert "nobody" not in inventory.declarers
    assert (inventory.locked_version("num"), inventory.locked_version("nobody")) == ("2.0", "")


def test_locked_twice(workspace: WorkspaceFactory) -> None:
    """Forks have several versions."""
    app = MemberSpec("app", extras={"one": ["num==1.0"], "two": ["num==2.0"]}, tool=CONFLICT)
    assert _inventory(workspace(app)).locked_version("num") == "1.0 or 2.0"
