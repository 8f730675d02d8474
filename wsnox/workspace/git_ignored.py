"""Tell a forgotten manifest from a leftover directory, by whether it holds a file that git does not ignore.

After a branch switch a directory that ``members`` match often holds nothing but caches. uv passes over such a directory,
and refuses one with real files (crates/uv-workspace, ``has_only_gitignored_files``). Git is asked for its own rules; where
it has none, since there is no repository or no git, every file is a real one.

Known differences: uv also heeds ``.ignore`` files and, without git, those of git; of a directory that a rule hides as a
whole it asks the other rules, where here all of its files are real ones.
"""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - no reading of the rules in Python is as right as git, and hardly any workspace asks
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["holds_visible_files"]


def holds_visible_files(directory: Path) -> bool:
    """Return whether *directory* holds, at any depth, a file that git does not ignore."""
    real = directory.resolve()
    visible = _git(real, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if visible:
        return any(os.path.lexists(real / os.fsdecode(path)) for path in visible.split(b"\0") if path)
    if visible is not None:
        # uv starts its walk at the directory: a rule that hides that, or one above, hides nothing in it but if it is `*`.
        if _git(real.parent, "check-ignore", "--", real.name) is None:
            return False
        rule = _git(real.parent, "check-ignore", "--verbose", "--", real.name) or b""
        if rule.partition(b"\t")[0].endswith((b":*", b":**")):
            return False
    return any(files for _, _, files in os.walk(real))


def _git(directory: Path, *arguments: str) -> bytes | None:
    """Return what git says in *directory*, `None` where it fails: without a repository, or without an answer."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # noqa: TID251 - see above
    try:
        answer = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=directory,
            env=outside,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    return answer.stdout if answer.returncode == 0 else None
