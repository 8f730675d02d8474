"""Files as of a revision, as git has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import git
from wsnox.affected.git import Revision
from wsnox.errors import RequestError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


def test_files_of_a_revision(tmp_path: Path) -> None:
    """A file, a link to one, a link to nowhere, a directory, nothing; also outside of the directory."""
    root = tmp_path / "repository" / "workspace"
    root.mkdir(parents=True)
    (root / "a.toml").write_text("a", encoding="utf-8")
    (root / "../shared.json").write_text("{}", encoding="utf-8")
    (root / "link.toml").symlink_to("a.toml")
    (root / "dangling.toml").symlink_to("nowhere")
    (root / "loop.toml").symlink_to("loop.toml")
    (root / "ünï cödé.toml").write_text("x", encoding="utf-8")
    git(root, "init", "-q", "..")
    git(root, "add", "..")
    git(root, "commit", "-q", "-m", "start")
    revision = Revision.of(root, "HEAD")
    assert {"a.toml", "ünï cödé.toml"} <= {*revision.paths}
    nothing = ("dangling.toml", "loop.toml", ".", "gone", "a.toml/below", "two\nlines")
    assert revision.files(["a.toml", "link.toml", "ünï cödé.toml", "../shared.json", *nothing]) == {
        "a.toml": b"a",
        "link.toml": b"a",
        "ünï cödé.toml": b"x",
        "../shared.json": b"{}",
    }
    with pytest.raises(RequestError, match="unknown git revision `gone`"):
        Revision.of(root, "gone")
