"""What variables and files of settings make of a lockfile, against ``uv lock --check``; values are edits."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.freshness.support import passes, problems, write_settings
from tests.support.workspaces import lock
from wsnox.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.real


@dataclass(frozen=True, kw_only=True)
class Change:
    """Settings *before*, with which a workspace is locked, and *after*; a ``uv.toml`` and variables likewise."""

    name: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    file_before: Mapping[str, Any] | None = None
    file_after: Mapping[str, Any] | None = None
    environ_before: Mapping[str, str] = field(default_factory=dict)
    environ_after: Mapping[str, str] = field(default_factory=dict)


METADATA = {"name": "leaf", "version": "2.1", "requires-dist": ["num>=1", "pyhumps ; python_version > '3.11'"]}

CHANGES: tuple[Change, ...] = (
    Change(name="file-sets-an-option", file_before={}, file_after={"prerelease": "allow"}),
    Change(name="file-no-longer-sets-an-option", file_before={"prerelease": "allow"}, file_after={}),
    Change(name="file-says-the-same", file_before={"resolution": "lowest"}, file_after={"resolution": "lowest"}),
    Change(name="file-hides-the-manifest", after={"prerelease": "allow"}, file_before={}, file_after={}),
    Change(name="file-appears", before={"prerelease": "allow"}, after={"prerelease": "allow"}, file_after={}),
    Change(name="file-goes", after={"prerelease": "allow"}, file_before={}),
    Change(
        name="file-does-not-hide-constraints",
        file_before={},
        file_after={},
        after={"constraint-dependencies": ["leaf>=2"]},
    ),
    Change(name="file-sets-a-span", file_before={"exclude-newer": "7 days"}, file_after={"exclude-newer": "8 days"}),
    Change(
        name="file-gives-metadata",
        file_before={"dependency-metadata": [METADATA]},
        file_after={"dependency-metadata": []},
    ),
    Change(name="variable-set", environ_after={"UV_PRERELEASE": "allow"}),
    Change(name="variable-gone", environ_before={"UV_PRERELEASE": "allow"}),
    Change(name="variable-kept", environ_before={"UV_RESOLUTION": "lowest"}, environ_after={"UV_RESOLUTION": "lowest"}),
    Change(
        name="variable-over-the-manifest",
        before={"resolution": "lowest"},
        after={"resolution": "lowest"},
        environ_after={"UV_RESOLUTION": "highest"},
    ),
    Change(
        name="variable-hides-a-change",
        environ_before={"UV_EXCLUDE_NEWER": "2036-01-01T00:00:00Z"},
        after={"exclude-newer": "7 days"},
        environ_after={"UV_EXCLUDE_NEWER": "2036-01-01T00:00:00Z"},
    ),
    Change(name="variable-fork-strategy", environ_after={"UV_FORK_STRATEGY": "fewest"}),
    Change(
        name="no-config",
        before={"prerelease": "allow"},
        after={"prerelease": "allow"},
        environ_after={"UV_NO_CONFIG": "1"},
    ),
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_setting_makes_a_lockfile_stale_where_uv_says_so(change: Change, plain: Path, tmp_path: Path) -> None:
    """Options are compared with what the lockfile says of them, whoever sets them, and whoever sets them no longer."""
    root = tmp_path / "workspace"
    shutil.copytree(plain, root)
    write_settings(root, change.before, change.file_before)
    lock(root, env=change.environ_before)
    assert problems(root, change.environ_before) == ()
    write_settings(root, change.after, change.file_after)

    clauses = problems(root, change.environ_after)

    assert bool(clauses) == (not passes(root, change.environ_after)), clauses


@pytest.mark.parametrize("asked", [None, "if-necessary", "if-necessary-or-explicit"])
@pytest.mark.parametrize("locked", ["", 'prerelease-mode = "if-necessary"'])
def test_the_default_of_every_release_is_one(asked: str | None, locked: str, indexed: Path, tmp_path: Path) -> None:
    """Before 0.12, uv writes ``if-necessary`` down, and not its default; later ones know but one of the two."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    write_settings(root, {} if asked is None else {"prerelease": asked}, None)
    text = (root / "uv.lock").read_text(encoding="utf-8")
    (root / "uv.lock").write_text(text.replace("[manifest]", f"[options]\n{locked}\n\n[manifest]"), encoding="utf-8")
    assert passes(root)
    assert problems(root) == ()


def test_the_files_of_the_user_and_of_folders_above_count(indexed: Path, tmp_path: Path) -> None:
    """What nobody says in the project, the user may; without a ``[tool.uv]``, the folders above may, too."""
    home = tmp_path / "config"
    (home / "uv").mkdir(parents=True)
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    environ = {"XDG_CONFIG_HOME": os.fspath(home)}
    for text in ('prerelease = "allow"\n', 'exclude-newer = "7 days"\n', '[exclude-newer-package]\nleaf = "7 days"\n'):
        (home / "uv/uv.toml").write_text(text, encoding="utf-8")
        assert not passes(root, environ)
        assert problems(root, environ)
        lock(root, env=environ)
        assert passes(root, environ)
        assert problems(root, environ) == ()
        assert problems(root)
        assert not passes(root)
        lock(root)


def test_a_file_above_counts_for_a_project_without_settings(tmp_path: Path) -> None:
    """The search goes up until it finds a ``uv.toml`` or a ``[tool.uv]``, and takes nothing from what lies above that."""
    root = tmp_path / "above/project"
    root.mkdir(parents=True)
    (root / "pyproject.toml").write_text('[project]\nname = "solo"\nversion = "1"\n', encoding="utf-8")
    (tmp_path / "uv.toml").write_text('resolution = "lowest"\n', encoding="utf-8")
    (tmp_path / "above/pyproject.toml").write_text('[tool.uv]\nprerelease = "allow"\n', encoding="utf-8")
    lock(root)
    assert "prerelease-mode" in (root / "uv.lock").read_text(encoding="utf-8")
    assert problems(root) == ()
    (tmp_path / "above/pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    assert not passes(root)
    assert problems(root)


def test_a_broken_file_of_settings_is_one_sentence(indexed: Path, tmp_path: Path) -> None:
    """It is refused, as uv does, with the name of the file."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    (root / "uv.toml").write_text("prerelease = \n", encoding="utf-8")
    assert not passes(root)
    with pytest.raises(ManifestError, match=r"uv\.toml"):
        problems(root)


def test_a_byte_order_mark_in_a_file_of_settings_says_nothing(plain: Path, tmp_path: Path) -> None:
    """Likewise in a ``uv.toml``."""
    root = tmp_path / "workspace"
    shutil.copytree(plain, root)
    write_settings(root, {}, {"prerelease": "allow"})
    (root / "uv.toml").write_bytes(b"\xef\xbb\xbf" + (root / "uv.toml").read_bytes())
    lock(root)
    assert "prerelease-mode" in (root / "uv.lock").read_text(encoding="utf-8")
    assert problems(root) == ()
