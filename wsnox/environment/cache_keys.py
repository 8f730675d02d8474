"""What ``tool.uv.cache-keys`` looks at in a source tree (uv docs, concepts/cache), as text that differs where it does.

Patterns match as those of uv's globwalk do, which are nearly gitignore's: without a slash at any depth, hidden files too,
a folder with all that is in it. A file too many costs a sync that finds nothing to do; one too few would be a stale build.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wsnox.workspace.model import CacheKey

__all__ = ["default_facts", "facts_of", "file_digest", "file_state"]

# What uv looks at in a source tree that names no cache keys.
_DEFAULT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
# Environments and histories: uv looks into them as well, but no build does.
_NOT_WALKED = frozenset({".git", ".nox", ".tox", ".venv", "__pycache__"})
_MAGIC = re.compile(r"[*?\[{]")


def default_facts(tree: Path) -> Iterator[str]:
    """Yield what uv looks at in a *tree* without cache keys."""
    for name in _DEFAULT_FILES:
        yield f"{name} {file_state(tree / name)}"
    yield f"src {(tree / 'src').is_dir()}"


def facts_of(tree: Path, keys: Sequence[CacheKey], outer: Mapping[str, str]) -> Iterator[str]:
    """Yield what *keys* look at in *tree* and in the *outer* variables."""
    for key in keys:
        match key.kind:
            case "file":
                for path in sorted(_files(tree, key.value)):
                    yield f"{path} {file_state(Path(path))}"
            case "dir":
                yield f"{key.value} {file_state(tree / key.value)}"
            case "env":
                yield f"{key.value}={outer.get(key.value)}"
            case "git":
                yield from _git(tree, key.value)


def file_state(path: Path) -> str:
    """Return size and time of *path*, by which uv, too, tells whether it changed."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return "absent"
    return f"{state.st_size} {state.st_mtime_ns}"


def file_digest(path: Path) -> str:
    """Return the SHA-256 digest of the file at *path*."""
    try:
        return hashlib.sha256(read_regular(path)).hexdigest()
    except (OSError, ValueError):
        return "absent"


# --- files ----------------------------------------------------------------------------------------------------------


def _files(tree: Path, pattern: str) -> Iterator[str]:
    if not _MAGIC.search(pattern):
        yield str(tree / pattern)
        return
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - few projects name cache keys

    parts = pattern.split("/")
    plain = next(index for index, part in enumerate(parts) if _MAGIC.search(part))
    base = Path(tree, *parts[:plain])
    rest = f"/{'/'.join(parts[plain:])}" if len(parts) > 1 else f"**/{pattern}"
    try:
        spec = GitIgnoreSpec.from_lines(_in_git_terms(re.sub(r"\*{3,}", "**", rest)))
    except re.error:  # such as `[z-a]`, which uv refuses
        return
    for folder, folders, names in os.walk(base):
        folders[:] = [name for name in folders if name not in _NOT_WALKED]
        for path in (Path(folder, name) for name in names):
            if spec.match_file(path.relative_to(base).as_posix()):
                yield str(path)


def _in_git_terms(pattern: str) -> Iterator[str]:
    """Yield patterns of gitignore that match together what *pattern* does.

    uv has two things that git does not: braces with alternatives, and two stars beside other characters, which cross ``/``.
    """
    if special := re.search(r"\{([^{}]*)\}", pattern):
        choices = special[1].split(",")
    elif special := re.search(r"(?<=[^/])\*\*|\*\*(?=[^/])", pattern):
        choices = ["*", "*/**/*"]
    else:
        yield pattern
        return
    for choice in choices:
        yield from _in_git_terms(f"{pattern[: special.start()]}{choice}{pattern[special.end() :]}")


# --- git ------------------------------------------------------------------------------------------------------------


def _git(tree: Path, part: str) -> Iterator[str]:
    """Yield the commit that is checked out, or the tags with theirs, as git's own files tell them."""
    own = next((folder / ".git" for folder in (tree, *tree.parents) if (folder / ".git").exists()), None)
    if own is None:
        return
    if own.is_file():
        # A linked worktree has a head of its own, and the rest in common with the main one.
        own = own.parent / _text(own).removeprefix("gitdir:").strip()
    common = own / (_text(own / "commondir") or ".")
    yield file_digest(common / "packed-refs")
    if part == "commit":
        head = _text(own / "HEAD")
        yield f"{head} {_text(common / head.removeprefix('ref: '))}"
    else:
        yield from (f"{path.name} {_text(path)}" for path in sorted((common / "refs" / "tags").rglob("*")))


def _text(path: Path) -> str:
    try:
        return read_regular(path).decode().strip()
    except (OSError, ValueError):
        return ""
