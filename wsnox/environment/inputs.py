"""What an environment depends on, as digests by name: a stamp stays true as long as none of them changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.environment.cachekeys import default_facts, facts_of, file_digest, file_state
from wsnox.workspace.manifest import read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.environment.records import Job
    from wsnox.workspace.records import CacheKey, Workspace

__all__ = ["environment_inputs", "tree_digests", "tree_name"]

# What never goes into a wheel wherever it is, and what builds and tests leave beside a manifest.
_NEVER_SHIPPED = frozenset({"__pycache__", ".git", ".hg"})
_LEFT_BESIDE_MANIFESTS = frozenset({"build", "dist", "htmlcov", "node_modules"})
_MANIFESTS = frozenset({"pyproject.toml", "setup.py"})


def environment_inputs(job: Job) -> Mapping[str, str]:
    """Return the inputs of *job*'s environment: everything but the source trees of local distributions."""
    workspace = job.workspace
    # A manifest between the root and a member makes it something else to uv; `uv.toml` as it was found, and as it is.
    manifests = [
        workspace.manifest.digest,
        *(f"{each.path} {each.inside} {each.manifest.digest}" for each in workspace.members),
        f"{workspace.settings_file} {file_digest(workspace.root / 'uv.toml')}",
    ]
    return {
        "wsnox": job.version,
        "request": job.request,
        "uv.lock": file_digest(workspace.root / "uv.lock"),
        "pyproject.toml": _digest(manifests),
        # Scripts and what is installed in place name it: a copy would run in the environment that it was made from.
        "place": os.path.realpath(job.location),
        "interpreter": _digest(_interpreter(job.location)),
    }


def tree_digests(workspace: Workspace, trees: Iterable[str], outer: Mapping[str, str]) -> Mapping[str, str]:
    """Return a digest of what decides whether each of *trees*, which are named by `tree_name`, must be built again."""
    known = {member.path: member.manifest.cache_keys for member in workspace.members}
    names = [*trees]
    # Read for all of them at once, and not at all where everything is installed in place: uv sees to how that is built.
    settings = [] if all(name.startswith("editable ") for name in names) else [*_build_settings(workspace)]
    digests = {}
    for tree in names:
        kind, _, path = tree.partition(" ")
        directory = workspace.root / path
        keys = known[path] if path in known else _cache_keys(directory)
        facts = default_facts(directory) if keys is None else facts_of(directory, keys, outer)
        more = [] if kind == "editable" else [*settings, *_every_file(directory)]
        digests[tree] = _digest([*facts, *more])
    return digests


def tree_name(path: str, *, editable: bool) -> str:
    """Return how a stamp names the source tree at *path* (as in the lockfile), installed in place or as a wheel."""
    return f"{'editable' if editable else 'wheel'} {path}"


def _cache_keys(directory: Path) -> tuple[CacheKey, ...] | None:
    manifest = directory / "pyproject.toml"
    return read_manifest(manifest).cache_keys if manifest.is_file() else None


def _interpreter(location: Path) -> Iterator[str]:
    """Yield what tells one interpreter from another: the environment's settings, and the program its Python leads to."""
    yield file_digest(location / "pyvenv.cfg")
    for name in ("bin/python", "Scripts/python.exe"):
        program = location / name
        if program.exists():
            yield f"{os.path.realpath(program)} {file_state(program)}"


def _build_settings(workspace: Workspace) -> Iterator[str]:
    yield workspace.manifest.declared.build_settings
    if workspace.settings_file:
        yield file_digest(workspace.root / "uv.toml")


def _every_file(tree: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(tree):
        of_project = not _MANIFESTS.isdisjoint(names)
        folders[:] = sorted(name for name in folders if not _is_left_over(name, of_project=of_project))
        for name in sorted(names):
            if not name.endswith(".pyc") and not (of_project and name.startswith(".coverage")):
                path = Path(folder, name)
                yield f"{path.relative_to(tree).as_posix()} {file_state(path)}"


def _is_left_over(folder: str, *, of_project: bool) -> bool:
    """Tell whether a *folder* holds nothing that is shipped; beside a manifest hidden ones are caches and environments."""
    beside = of_project and (folder in _LEFT_BESIDE_MANIFESTS or folder.startswith("."))
    return beside or folder in _NEVER_SHIPPED or folder.endswith(".egg-info")


def _digest(facts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode(errors="surrogateescape")).hexdigest()
