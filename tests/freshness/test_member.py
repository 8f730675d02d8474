"""Members that other settings and other releases of uv locked otherwise."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import tomli
import tomli_w

from tests.freshness.support import passes, problems, write_settings
from tests.support.workspaces import MemberSpec, lock, write_workspace
from wsnox.errors import Doubt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.real


def test_a_lockfile_without_metadata_cannot_be_told(plain: Path, tmp_path: Path) -> None:
    """With uv's preview feature, a lockfile says what is locked and not what was asked for: neither fresh nor stale."""
    root = tmp_path / "workspace"
    shutil.copytree(plain, root)
    write_settings(root, {"preview-features": ["lock-without-metadata"]}, None)
    lock(root)
    assert passes(root)
    assert [(type(each), each[:46]) for each in problems(root)] == [
        (Doubt, "`uv.lock` does not say what `alpha` asked for,"),
        (Doubt, "`uv.lock` does not say what `beta` asked for, "),
    ]
    # What it does say is compared all the same.
    write_settings(root, {"preview-features": ["lock-without-metadata"], "resolution": "lowest"}, None)
    assert [type(each) for each in problems(root)] == [str, Doubt, Doubt]
    # To a uv that is not told to do without, it is out of date, and `uv lock` mends that.
    write_settings(root, {}, None)
    assert not passes(root)
    assert {type(each) for each in problems(root)} == {str}
    for variables in ({"UV_PREVIEW": "1"}, {"UV_PREVIEW_FEATURES": "lock-without-metadata"}):
        assert {type(each) for each in problems(root, variables)} == {Doubt}


@pytest.mark.parametrize("patterns", [["packages/alpha", "packages//beta"], ["packages/*/"], ["./packages/*"]])
def test_a_member_that_no_pattern_matched_as_written_was_alone(
    patterns: Sequence[str], indexed: Path, tmp_path: Path
) -> None:
    """Before 0.11, uv took it for a project of its own, and lowered it without the sources of the root."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    text = (root / "uv.lock").read_text(encoding="utf-8")
    alone = text.replace(
        'requires-dist = [{ name = "alpha", editable = "packages/alpha" }]', 'requires-dist = [{ name = "alpha" }]'
    )
    assert alone != text
    (root / "uv.lock").write_text(alone, encoding="utf-8")
    assert problems(root)
    tables = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    tables["tool"]["uv"]["workspace"]["members"] = [*patterns]
    (root / "pyproject.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
    assert problems(root) == ()
    (root / "uv.lock").write_text(text, encoding="utf-8")
    assert passes(root)
    assert problems(root) == ()


@pytest.mark.parametrize(
    ("before", "after", "fresh"),
    [
        ('["leaf"]', '["leaf>=0"]', False),
        ('["leaf"]', '["leaf", "leaf"]', True),
        ('version = "1"', 'version = "2"', False),
        ('version = "1"', 'version = "1.0"', True),
    ],
)
@pytest.mark.parametrize("described", [False, True])
def test_a_project_outside_of_the_workspace_is_compared(
    before: str, after: str, *, fresh: bool, described: bool, wheelhouse: Path, tmp_path: Path
) -> None:
    """What its manifest says counts as a member's does, unless the settings say it."""
    root = write_workspace(tmp_path / "workspace", [MemberSpec("alpha", dependencies=["far"])], index=wheelhouse)
    tables = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    tables["tool"]["uv"].setdefault("sources", {})["far"] = {"path": "../trees/far"}
    if described:
        tables["tool"]["uv"]["dependency-metadata"] = [{"name": "far", "version": "1", "requires-dist": ["marked"]}]
    (root / "pyproject.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
    manifest = tmp_path / "trees" / "far" / "pyproject.toml"
    manifest.parent.mkdir(parents=True)
    text = '[project]\nname = "far"\nversion = "1"\ndependencies = ["leaf"]\n'
    manifest.write_text(text, encoding="utf-8")
    lock(root)
    assert problems(root) == ()
    manifest.write_text(text.replace(before, after), encoding="utf-8")

    assert (problems(root) == ()) == passes(root)
    assert described or passes(root) == fresh
