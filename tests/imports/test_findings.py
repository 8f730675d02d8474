"""Reading members against their closures, where the command and the sessions are not enough to see it."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.environment.makers import plant
from tests.support.wheels import Wheel
from tests.support.workspaces import MemberSpec
from wsnox.closure import Resolver
from wsnox.imports.findings import CheckedMember, check_member
from wsnox.imports.importer import Failure, judge_failures
from wsnox.imports.inventory import Inventory
from wsnox.lock import read_lock
from wsnox.markers.target import describe
from wsnox.workspace import discover

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.imports.reporting import Finding

pytestmark = pytest.mark.real

LINUX = describe("3.12", "linux")
NOTHING = CheckedMember(findings=(), unsure=(), optional=frozenset())


def _reading(root: Path, *site: Path) -> Inventory:
    return Inventory(discover(root), Resolver(read_lock(root), LINUX), LINUX, site)


def _undeclared(root: Path, name: str, *site: Path) -> CheckedMember:
    reading = _reading(root, *site)
    return check_member(reading, reading.workspace.named(name))


def _failing(root: Path, *failed: Failure, name: str = "app") -> tuple[Finding, ...]:
    reading = _reading(root)
    return judge_failures(reading, reading.workspace.named(name), failed, NOTHING).findings


APP = MemberSpec("app", modules={"app/__init__.py": "", "app/a.py": "", "ns/deep/b.py": ""})


@pytest.mark.parametrize(
    ("frames", "place"),
    [
        ([("src/app/a.py", 3)], ("packages/app/src/app/a.py", 3)),
        ([("src/app/a.py", 3), ("../../.nox/x/lib/python3.12/site-packages/humps.py", 9)], ("packages/app/src/app/a.py", 3)),
        ([("../../.nox/x/lib/python3.12/site-packages/app/a.py", 4)], ("packages/app/src/app/a.py", 4)),
        ([("../../.nox/x/Lib/site-packages/app/__init__.py", 5)], ("packages/app/src/app/__init__.py", 5)),
        ([("../../.nox/x/lib/python3.12/site-packages/ns/deep/b.py", 6)], ("packages/app/src/ns/deep/b.py", 6)),
        ([("../../.nox/x/lib/python3.12/site-packages/app/tests/a.py", 6)], ("packages/app/src/app/a.py", 0)),
        ([("/usr/lib/python3.12/importlib/__init__.py", 7)], ("packages/app/src/app/a.py", 0)),
        ([], ("packages/app/src/app/a.py", 0)),
    ],
)  # fmt: skip
def test_where_a_module_failed(
    workspace: WorkspaceFactory, frames: list[tuple[str, int]], place: tuple[str, int]
) -> None:
    """The last line of the member's own, in its sources or in an installed copy of them, else the module's file."""
    root = workspace(APP)
    places = tuple((os.path.normpath(root / "packages/app" / file), line) for file, line in frames)
    (finding,) = _failing(root, Failure(module="app.a", words="ValueError", places=places))
    assert finding.places == (place,)


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")
def test_a_workspace_behind_a_link(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Which of its two paths the interpreter names makes no difference."""
    root = workspace(APP)
    link = tmp_path / "link"
    link.symlink_to(root)
    for seen, named in ((link, root), (root, link), (link, link)):
        places = ((str(named / "packages/app/src/app/a.py"), 3),)
        (finding,) = _failing(seen, Failure(module="app.a", words="ValueError", places=places))
        assert finding.places == (("packages/app/src/app/a.py", 3),)


def test_a_member_whose_modules_only_its_build_makes(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Nothing can be said of what a sibling imports of it, until an environment has it."""
    native = MemberSpec("native", modules={})
    user = MemberSpec("user", dependencies=["native"], modules={"user.py": "import _made\n"})
    root = workspace(native, user)
    assert _undeclared(root, "user").findings == ()
    assert _undeclared(root, "user").unsure == ("_made",)
    plant(tmp_path / "site", Wheel("native", "1.0", modules={"_made.so": ""}))
    assert _undeclared(root, "user", tmp_path / "site") == NOTHING


def test_a_member_with_the_name_of_a_standard_module(workspace: WorkspaceFactory) -> None:
    """Its own modules are its own, and the standard one is nobody's."""
    own = MemberSpec("json", modules={"json/__init__.py": "import json.decoder\nimport queue\n"})
    other = MemberSpec("other", modules={"other.py": "import json\n", "queue/a.py": "import json.tool, queue.a\n"})
    root = workspace(own, other)
    assert _undeclared(root, "json") == NOTHING
    assert _undeclared(root, "other") == NOTHING


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("import humps\n" * 3, {"humps": 3}),
        ("def f():\n    import humps\n", {"humps": 1}),
        ("import humps.main\nfrom humps import x\nimport humps as y\n", {"humps": 3}),
        ("import app.nowhere\nfrom . import nowhere\nfrom .. import beyond\n", {}),
        ("", {}),
    ],
)
def test_one_finding_for_a_module(workspace: WorkspaceFactory, text: str, modules: dict[str, int]) -> None:
    """All its places are in it, however it is spelled."""
    root = workspace(MemberSpec("a", dependencies=["pyhumps"]), MemberSpec("app", modules={"app/__init__.py": text}))
    findings = _undeclared(root, "app").findings
    assert {finding.module: len(finding.places) for finding in findings} == modules


def test_a_layout_that_is_not_read(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Nothing is a finding where a setting that is not read decides what is shipped, until a wheel was built of it."""
    script = "from setuptools import setup\nsetup(packages=['guess', 'more'])\n"
    guess = MemberSpec("guess", modules={"guess.py": "import humps\n", "../parts/more/__init__.py": "import num\n"})
    user = MemberSpec("user", dependencies=["guess"], modules={"user.py": "import more\nimport humps\n"})
    root = workspace(guess, user)
    manifest = root / "packages/guess/pyproject.toml"
    text = re.sub(r"(?ms)^backend-path = \[.*?\]$", "", manifest.read_text(encoding="utf-8"))
    text = re.sub(r"(?m)^build-backend = .*$", 'build-backend = "setuptools.build_meta"', text)
    manifest.write_text(text, encoding="utf-8")
    (root / "packages/guess/setup.py").write_text(script, encoding="utf-8")
    guessed = _undeclared(root, "guess")
    assert (guessed.findings, guessed.unread_setting) == ((), "`setup.py`")
    assert _undeclared(root, "user").unsure == ("humps", "more")

    site = tmp_path / "site"
    plant(site, Wheel("guess", "1.0", modules={"guess.py": "", "more/__init__.py": "", "more/made.py": ""}))
    inventory = Inventory(discover(root), Resolver(read_lock(root), LINUX), LINUX, [site], wheels=True)
    member = inventory.workspace.named("guess")
    files = ("parts/more/__init__.py", "src/guess.py")
    assert (inventory.files(member).files, inventory.files(member).shipped.prefixes) == (files, ("guess", "more"))
    built = check_member(inventory, member)
    assert ({finding.module for finding in built.findings} | {*built.unsure}, built.unread_setting) == (
        {"humps", "num"},
        "",
    )
