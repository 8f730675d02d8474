"""Whether a directory without a manifest is a leftover, or a member whose manifest somebody forgot.

After a branch switch a directory that ``members`` match often has nothing in it but caches. uv passes over it, and refuses
one with files that git does not ignore (crates/uv-workspace, ``has_only_gitignored_files``). Git itself is asked; without a
repository, or without git, no file is ignored.

Known differences: uv also obeys ``.ignore`` files and, without git, those of git. In a directory that one rule ignores as
a whole, uv applies the other rules to its files, and here none of them is ignored.
"""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - no reading of the rules in Python is as right as git, and hardly any workspace asks
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["holds_visible_files"]


def holds_visible_files(directory: Path) -> bool:
    """Return whether *directory* has, at any depth, a file that git does not ignore."""
    resolved = directory.resolve()
    visible = _git(resolved, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if visible:
        return any(os.path.lexists(resolved / os.fsdecode(path)) for path in visible.split(b"\0") if path)
    if visible is not None:
        # uv starts its walk at the directory: a rule that hides it, or one above it, hides nothing inside unless it is `*`.
        if _git(resolved.parent, "check-ignore", "--", resolved.name) is None:
            return False
        rule = _git(resolved.parent, "check-ignore", "--verbose", "--", resolved.name) or b""
        if rule.partition(b"\t")[0].endswith((b":*", b":**")):
            return False
    return any(files for _, _, files in os.walk(resolved))


def _git(directory: Path, *arguments: str) -> bytes | None:
    """Return the output of git in *directory*, `None` if it fails, as it does outside of a repository."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # noqa: TID251 - see above
    try:
        result = subprocess.run(  # noqa: S603 - words, and no shell
            ["git", *arguments],  # noqa: S607 - the git that the user has
            cwd=directory,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    return result.stdout if result.returncode == 0 else None
