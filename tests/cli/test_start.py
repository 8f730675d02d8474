"""What a command loads: a person waits for each module, and most of what packaging has is for the few odd lockfiles."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.lock import LOCKFILE

if TYPE_CHECKING:
    from pathlib import Path

LOCK = """version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "leaf"
version = "1.0"
source = { registry = "https://registry.example/simple" }
wheels = [
    { url = "https://files.example/leaf-1.0-py3-none-any.whl", hash = "sha256:aa" },
]

[[package]]
name = "project-a"
version = "1.0"
source = { editable = "packages/project-a" }
dependencies = [
    { name = "leaf", marker = "python_full_version >= '3.8'" },
]
"""
PROGRAM = "import sys; from wsnox.cli import main; code = main(sys.argv[1:]); print(code, *sorted(sys.modules))"
SLOW: tuple[str, ...] = (
    "dataclasses",
    "hashlib",
    "inspect",
    "json",
    "logging",
    "packaging",
    "shlex",
    "shutil",
    "subprocess",
    "threading",
    "wsnox.freshness",
)
if sys.platform == "linux":  # macOS is asked for its version
    SLOW += ("platform",)


@pytest.mark.parametrize("words", [("closure", "project-a"), ("why", "project-a", "leaf")])
def test_what_is_not_loaded(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A plain lockfile is read, and a closure found in it, without the modules that take longest to load."""
    root = write_workspace(tmp_path, [MemberSpec("project-a", dependencies=["leaf"])], index=tmp_path)
    (root / LOCKFILE).write_text(LOCK, encoding="utf-8")
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {PROGRAM}", *words]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    code, *loaded = ran.stdout.splitlines()[-1].split()
    assert (code, {*SLOW} & {*loaded}) == ("0", set())
