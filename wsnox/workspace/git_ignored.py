"""Whether a directory without a manifest is a leftover, or a member whose manifest somebody forgot.

After a branch switch a directory that ``members`` match often has nothing in it but caches. uv passes over it, and refuses
one with files that git does not ignore (crates/uv-workspace, ``has_only_gitignored_files``). Git itself is asked; without a
repository, or without git, no file is ignored.

Known differences: uv also obeys ``.ignore`` files and, without git, those of git. Of a directory that one rule ignores as a
whole it asks the other rules, where here none of its files is ignored.
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
    """Return the output of git in *directory*, `None` where it fails, as it does outside of a repository."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # noqa: TID251 - see above
    try:
        answer = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=directory,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    return answer.stdout if answer.returncode == 0 else None
