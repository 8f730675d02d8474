"""The inputs of an environment as digests by name: a stamp holds as long as none of them changes.

For source trees they are what uv looks at (uv docs, concepts/cache): the files, folders, variables and commits of
``tool.uv.cache-keys``. Patterns match as those of uv's globwalk do, which are nearly gitignore's: without a slash at any
depth, hidden files too, a folder with all that is in it. A file too many costs a sync that finds nothing to do; one too
few would be a stale build. For a wheel every file counts that may be shipped.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.files import read_regular
from wsnox.workspace.pyproject import read_manifest
from wsnox.workspace.uv_settings import setting_files, setting_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wsnox.environment.model import Job
    from wsnox.lock import Lock
    from wsnox.workspace.model import CacheKey, Workspace

__all__ = [
    "build_inputs",
    "environment_inputs",
    "file_digest",
    "key_facts",
    "manifests_digest",
    "other_manifests",
    "tree_digests",
    "tree_name",
]

# What uv looks at in a source tree that names no cache keys.
_DEFAULT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
# Folders that never go into a wheel wherever they are, and those that builds and tests leave beside a manifest.
_NEVER_SHIPPED = frozenset({"__pycache__", ".git", ".hg"})
_LEFT_BESIDE_MANIFESTS = frozenset({"build", "dist", "htmlcov", "node_modules"})
_MANIFESTS = frozenset({"pyproject.toml", "setup.py"})
# Environments and histories: uv's patterns look into them as well, but no build does.
_NOT_WALKED = frozenset({".git", ".nox", ".tox", ".venv", "__pycache__"})
_MAGIC = frozenset("*?[{")


def environment_inputs(job: Job) -> Mapping[str, str]:
    """Return the inputs of *job*'s environment: everything but the source trees of local distributions."""
    workspace, location = job.workspace, job.venv.location
    # As text, of each session.
    programs = (f"{location}/bin/python", f"{location}/Scripts/python.exe")
    return {
        "wsnox": job.version,
        "request": _request(job),
        # The file that the versions are from.
        "uv.lock": _lock_digest(workspace.root / (job.run.resolution_file if job.run else "uv.lock")),
        "pyproject.toml": manifests_digest(workspace, job.environ, compared=job.require_fresh_lock),
        "pyvenv.cfg": file_digest(job.venv.settings),
        # Scripts and what is installed in place name it: a copy would run in the environment that it was made from.
        "location": os.path.realpath(location),
        "interpreter": _digest(
            f"{os.path.realpath(path)} {_file_state(path)}" for path in filter(os.path.exists, programs)
        ),
    }


def _request(job: Job) -> str:
    """Return what *job* wants as text, another for each closure and way of installing it."""
    selections = [f"{part.member.name} {part.extras} {part.groups}" for part in job.selections]
    how = f"editable={job.editable} fresh={job.require_fresh_lock} uv={job.uv is not None}"
    on_top = "" if job.options is None else f" {job.options}"
    file = f" {job.run.resolution_file}" if job.run else ""
    return f"{selections} {job.root_groups} {job.root_defaults} {how} python={job.python_request}{on_top}{file}"


def manifests_digest(workspace: Workspace, environ: Mapping[str, str], *, compared: bool) -> str:
    """Return the digest of the manifests of *workspace*; if the lockfile is *compared*, with what uv would resolve with."""
    # `uv.toml` as it was read, and as it is.
    return _digest([
        *workspace.manifest_digests,
        f"{workspace.settings_file} {file_digest(workspace.root / 'uv.toml')}",
        *(_resolver_settings(workspace, environ) if compared else ()),
    ])  # fmt: skip


def _resolver_settings(workspace: Workspace, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the settings that uv resolves with and that are not in *workspace*: variables, and files of others.

    A workspace of one project may have settings above it where it has none itself.
    """
    yield from setting_variables(environ)
    above = workspace.root.parents if workspace.manifest.workspace is None else ()
    files = [*setting_files(environ), *(folder / name for folder in above for name in ("uv.toml", "pyproject.toml"))]
    if environ.get("UV_CONFIG_FILE"):
        files.append(Path(environ["UV_CONFIG_FILE"]))
    yield from (f"{file} {file_digest(file)}" for file in files if file.is_file())


def build_inputs(workspace: Workspace) -> tuple[str, ...]:
    """Return the settings by which uv builds, as texts that differ where those do."""
    declared = workspace.manifest.declared.build_settings
    return (declared, file_digest(workspace.root / "uv.toml")) if workspace.settings_file else (declared,)


def tree_name(path: str, *, editable: bool) -> str:
    """Return how a stamp names the source tree at *path* (as in the lockfile), installed in place or as a wheel."""
    return f"{'editable' if editable else 'wheel'} {path}"


def other_manifests(workspace: Workspace, lock: Lock) -> tuple[str, ...]:
    """Return how a stamp names the manifests of projects beside *workspace*, with which *lock* is compared as well."""
    return tuple(f"manifest {path}" for path in lock.trees_beside(workspace.names))


def tree_digests(workspace: Workspace, trees: Iterable[str], environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return, for each of *trees* by its `tree_name`, a digest of all that decides whether it must be built again.

    A ``file`` among them is a local archive that the lockfile has no hash for, a ``manifest`` that of the tree alone.
    """
    root, names = str(workspace.root), [*trees]
    # Read for all of them at once, and not at all where everything is installed in place: uv sees to how that is built.
    settings = build_inputs(workspace) if any(name.startswith("wheel ") for name in names) else ()
    digests = {}
    for name in names:
        kind, _, path = name.partition(" ")
        # As text: an index in a folder has many files.
        location = os.path.join(root, path)  # noqa: PTH118 - see above
        if kind == "file":
            digests[name] = _file_state(location)
            continue
        tree = Path(location)
        if kind == "manifest":
            digests[name] = file_digest(tree / "pyproject.toml")
            continue
        if member := workspace.by_path.get(path):
            keys = member.manifest.cache_keys
        else:
            manifest = tree / "pyproject.toml"
            keys = read_manifest(manifest).cache_keys if manifest.is_file() else None
        facts = [*key_facts(tree, keys, environ)]
        digests[name] = _digest(facts if kind == "editable" else [*facts, *settings, *_shippable_files(tree)])
    return digests


def _shippable_files(tree: Path) -> Iterator[str]:
    """Yield the state of each file of *tree* that may go into a wheel."""
    for folder, folders, names in os.walk(tree):
        # Beside a manifest, hidden folders are caches and environments.
        of_project = not _MANIFESTS.isdisjoint(names)
        folders[:] = sorted(
            name
            for name in folders
            if name not in _NEVER_SHIPPED
            and not name.endswith(".egg-info")
            and not (of_project and (name in _LEFT_BESIDE_MANIFESTS or name.startswith(".")))
        )
        for name in sorted(names):
            if not name.endswith(".pyc") and not (of_project and name.startswith(".coverage")):
                path = Path(folder, name)
                yield f"{path.relative_to(tree).as_posix()} {_file_state(path)}"


def file_digest(path: Path) -> str:
    """Return the SHA-256 digest of the file at *path*."""
    try:
        return hashlib.sha256(read_regular(path)).hexdigest()
    except (OSError, ValueError):
        return "absent"


_last_locks: dict[Path, tuple[bytes, str]] = {}
"""By each lockfile its content as it was read last, and the digest of that: at once, as two threads may read."""


def _lock_digest(path: Path) -> str:
    """Return the `file_digest` of the lockfile at *path*.

    It may have a megabyte, and every session of a run looks at it: to compare what was read takes a tenth of digesting it.
    """
    try:
        content = read_regular(path)
    except (OSError, ValueError):
        return "absent"
    last, digest = _last_locks.get(path, (None, ""))
    if last != content:
        digest = hashlib.sha256(content).hexdigest()
        _last_locks[path] = content, digest
    return digest


def _file_state(path: str | Path) -> str:
    """Return size and time of *path*, by which uv, too, tells whether it changed."""
    try:
        state = os.stat(path)  # noqa: PTH116 - it may be text
    except (OSError, ValueError):
        return "absent"
    return f"{state.st_size} {state.st_mtime_ns}"


def _digest(facts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode(errors="surrogateescape")).hexdigest()


# --- cache keys -----------------------------------------------------------------------------------------------------


def key_facts(tree: Path, keys: Sequence[CacheKey] | None, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what uv looks at in *tree* and in the variables *environ* by these cache *keys*, or without any."""
    if keys is None:
        # As text, of each session.
        yield from (f"{name} {_file_state(f'{tree}/{name}')}" for name in _DEFAULT_FILES)
        yield f"src {os.path.isdir(f'{tree}/src')}"  # noqa: PTH112 - see above
        return
    for key in keys:
        match key.kind:
            case "file":
                for path in sorted(_matching_files(tree, key.value)):
                    yield f"{path} {_file_state(path)}"
            case "dir":
                yield f"{key.value} {_file_state(tree / key.value)}"
            case "env":
                yield f"{key.value}={environ.get(key.value)}"
            case "git":
                yield from _git_state(tree, key.value)


def _matching_files(tree: Path, pattern: str) -> Iterator[str]:
    if _MAGIC.isdisjoint(pattern):
        yield str(tree / pattern)
        return
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - few projects name cache keys

    parts = pattern.split("/")
    plain = next(index for index, part in enumerate(parts) if not _MAGIC.isdisjoint(part))
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


def _git_state(tree: Path, part: str) -> Iterator[str]:
    """Yield the commit that is checked out, or the tags with theirs, as git's own files tell them."""
    git = next((folder / ".git" for folder in (tree, *tree.parents) if (folder / ".git").exists()), None)
    if git is None:
        return
    if git.is_file():
        # A linked worktree has a head of its own, and the rest in common with the main one.
        git = git.parent / _text(git).removeprefix("gitdir:").strip()
    common = git / (_text(git / "commondir") or ".")
    yield file_digest(common / "packed-refs")
    if part == "commit":
        head = _text(git / "HEAD")
        yield f"{head} {_text(common / head.removeprefix('ref: '))}"
    else:
        yield from (f"{path.name} {_text(path)}" for path in sorted((common / "refs" / "tags").rglob("*")))


def _text(path: Path) -> str:
    try:
        return read_regular(path).decode().strip()
    except (OSError, ValueError):
        return ""
