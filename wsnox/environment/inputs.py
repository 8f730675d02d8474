"""The inputs of an environment as digests by name: a stamp holds as long as none of them changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.environment.cache_keys import default_facts, facts_of, file_digest, file_state
from wsnox.workspace.pyproject import read_manifest
from wsnox.workspace.uv_settings import setting_files, setting_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.environment.model import Job
    from wsnox.lock import Lock
    from wsnox.workspace.model import Workspace

__all__ = ["build_inputs", "environment_inputs", "other_manifests", "settings_digest", "tree_digests", "tree_name"]

# Folders that never go into a wheel wherever they are, and those that builds and tests leave beside a manifest.
_NEVER_SHIPPED = frozenset({"__pycache__", ".git", ".hg"})
_LEFT_BESIDE_MANIFESTS = frozenset({"build", "dist", "htmlcov", "node_modules"})
_MANIFESTS = frozenset({"pyproject.toml", "setup.py"})


def environment_inputs(job: Job) -> Mapping[str, str]:
    """Return the inputs of *job*'s environment: everything but the source trees of local distributions."""
    workspace = job.workspace
    # A manifest between the root and a member makes it something else to uv; `uv.toml` as it was read, and as it is.
    manifests = [
        workspace.manifest.digest,
        *(f"{member.path} {member.inside} {member.manifest.digest}" for member in workspace.members),
        f"{workspace.settings_file} {file_digest(workspace.root / 'uv.toml')}",
        # Where the lockfile is compared, it is with what uv would resolve with here.
        *(_resolver_settings(workspace, job.environ) if job.require_fresh_lock else ()),
    ]
    programs = (job.location / name for name in ("bin/python", "Scripts/python.exe"))
    return {
        "wsnox": job.version,
        "request": job.request,
        "uv.lock": file_digest(workspace.root / "uv.lock"),
        "pyproject.toml": _digest(manifests),
        "pyvenv.cfg": settings_digest(job.location),
        # Scripts and what is installed in place name it: a copy would run in the environment that it was made from.
        "location": os.path.realpath(job.location),
        "interpreter": _digest(f"{os.path.realpath(path)} {file_state(path)}" for path in programs if path.exists()),
    }


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


def settings_digest(location: Path) -> str:
    """Return the digest of the settings of the environment at *location*, by which its Python finds all else."""
    return file_digest(location / "pyvenv.cfg")


def build_inputs(workspace: Workspace) -> tuple[str, ...]:
    """Return the settings by which uv builds, as texts that differ where those do."""
    declared = workspace.manifest.declared.build_settings
    return (declared, file_digest(workspace.root / "uv.toml")) if workspace.settings_file else (declared,)


def tree_name(path: str, *, editable: bool) -> str:
    """Return how a stamp names the source tree at *path* (as in the lockfile), installed in place or as a wheel."""
    return f"{'editable' if editable else 'wheel'} {path}"


def other_manifests(workspace: Workspace, lock: Lock) -> tuple[str, ...]:
    """Return how a stamp names the manifests of projects beside *workspace*, with which *lock* is compared as well."""
    return tuple(f"manifest {path}" for path in lock.trees_beside(member.name for member in workspace.members))


def tree_digests(workspace: Workspace, trees: Iterable[str], environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return, for each of *trees* by its `tree_name`, a digest of all that decides whether it must be built again.

    A ``file`` among them is a local archive that the lockfile has no hash for, a ``manifest`` that of the tree alone.
    """
    cache_keys = {member.path: member.manifest.cache_keys for member in workspace.members}
    names = [*trees]
    # Read for all of them at once, and not at all where everything is installed in place: uv sees to how that is built.
    settings = build_inputs(workspace) if any(name.startswith("wheel ") for name in names) else ()
    digests = {}
    for name in names:
        kind, _, path = name.partition(" ")
        directory = workspace.root / path
        if kind == "file":
            digests[name] = file_state(directory)
            continue
        if kind == "manifest":
            digests[name] = file_digest(directory / "pyproject.toml")
            continue
        if path in cache_keys:
            keys = cache_keys[path]
        else:
            manifest = directory / "pyproject.toml"
            keys = read_manifest(manifest).cache_keys if manifest.is_file() else None
        facts = [*(default_facts(directory) if keys is None else facts_of(directory, keys, environ))]
        digests[name] = _digest(facts if kind == "editable" else [*facts, *settings, *_every_file(directory)])
    return digests


def _every_file(tree: Path) -> Iterator[str]:
    """Yield the state of each file of *tree* that may go into a wheel."""
    for folder, folders, names in os.walk(tree):
        of_project = not _MANIFESTS.isdisjoint(names)
        folders[:] = sorted(name for name in folders if not _is_left_over(name, of_project=of_project))
        for name in sorted(names):
            if not name.endswith(".pyc") and not (of_project and name.startswith(".coverage")):
                path = Path(folder, name)
                yield f"{path.relative_to(tree).as_posix()} {file_state(path)}"


def _is_left_over(folder: str, *, of_project: bool) -> bool:
    """Return whether nothing in *folder* is shipped; beside a manifest hidden ones are caches and environments."""
    beside = of_project and (folder in _LEFT_BESIDE_MANIFESTS or folder.startswith("."))
    return beside or folder in _NEVER_SHIPPED or folder.endswith(".egg-info")


def _digest(facts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode(errors="surrogateescape")).hexdigest()
