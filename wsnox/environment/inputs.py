"""What an environment depends on, as digests by name: a stamp stays true as long as none of them changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.environment.cache_keys import default_facts, facts_of, file_digest, file_state
from wsnox.environment.model import Proof
from wsnox.environment.removal import is_inside
from wsnox.environment.snapshot import fingerprint, snapshot
from wsnox.environment.stamp import read_stamp
from wsnox.workspace.pyproject import read_manifest
from wsnox.workspace.uv_settings import setting_files, setting_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsnox.environment.model import Job
    from wsnox.environment.snapshot import SiteSnapshot
    from wsnox.environment.stamp import Stamp
    from wsnox.workspace.model import CacheKey, Workspace

__all__ = [
    "build_inputs",
    "environment_inputs",
    "first_changed_input",
    "remembered_proof",
    "settings_digest",
    "tree_digests",
    "tree_name",
]

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
        # Where the lockfile is compared, it is with what uv would resolve with here.
        *(setting_facts(workspace, job.outer) if job.check else ()),
    ]
    return {
        "wsnox": job.version,
        "request": job.request,
        "uv.lock": file_digest(workspace.root / "uv.lock"),
        "pyproject.toml": _digest(manifests),
        "pyvenv.cfg": settings_digest(job.location),
        # Scripts and what is installed in place name it: a copy would run in the environment that it was made from.
        "place": os.path.realpath(job.location),
        "interpreter": _digest(_interpreter(job.location)),
    }


def setting_facts(workspace: Workspace, outer: Mapping[str, str]) -> Iterator[str]:
    """Yield what decides what uv resolves with and is not in *workspace*: variables, and files of others.

    A workspace of one project may have settings above it where it has none itself.
    """
    yield from setting_variables(outer)
    above = workspace.root.parents if workspace.manifest.workspace is None else ()
    files = (folder / name for folder in above for name in ("uv.toml", "pyproject.toml"))
    chosen = (Path(outer["UV_CONFIG_FILE"]),) if outer.get("UV_CONFIG_FILE") else ()
    yield from (f"{file} {file_digest(file)}" for file in (*setting_files(outer), *files, *chosen) if file.is_file())


def settings_digest(location: Path) -> str:
    """Return the digest of the settings of the environment at *location*, by which its Python finds all else."""
    return file_digest(location / "pyvenv.cfg")


def tree_digests(workspace: Workspace, trees: Iterable[str], outer: Mapping[str, str]) -> Mapping[str, str]:
    """Return a digest of what decides whether each of *trees*, which are named by `tree_name`, must be built again.

    A ``file`` among them is a local archive that the lockfile has no hash for.
    """
    known = {member.path: member.manifest.cache_keys for member in workspace.members}
    names = [*trees]
    # Read for all of them at once, and not at all where everything is installed in place: uv sees to how that is built.
    settings = [*build_inputs(workspace)] if any(name.startswith("wheel ") for name in names) else []
    digests = {}
    for tree in names:
        kind, _, path = tree.partition(" ")
        directory = workspace.root / path
        if kind == "file":
            digests[tree] = file_state(directory)
            continue
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
    """Yield what tells one interpreter from another: the program that the environment's Python leads to."""
    for name in ("bin/python", "Scripts/python.exe"):
        program = location / name
        if program.exists():
            yield f"{os.path.realpath(program)} {file_state(program)}"


def build_inputs(workspace: Workspace) -> Iterator[str]:
    """Yield what decides how uv builds, as text that differs where that does."""
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


# --- The quick way: an environment whose stamp is finished and still true holds its closure ---


def remembered_proof(job: Job) -> Proof | None:
    """Return the proof that the stamp of *job*'s environment still gives, `None` where it gives none."""
    stamp = read_stamp(job.stamp)
    if stamp is None or not stamp.finished or _changed_input(stamp, job):
        return None
    sites = _proven_sites(stamp, job)
    return None if sites is None else Proof(names=stamp.names, sites=sites, contents=stamp.contents)


def first_changed_input(stamp: Stamp, job: Job) -> str:
    """Return the name of the first input that a finished *stamp* has otherwise than *job*, empty where all agree."""
    return _changed_input(stamp, job) or ("site-packages" if _proven_sites(stamp, job) is None else "")


def _changed_input(stamp: Stamp, job: Job) -> str:
    inputs = environment_inputs(job)
    trees = tree_digests(job.workspace, stamp.trees, job.outer)
    changed = [name for name in inputs if stamp.inputs.get(name) != inputs[name]]
    changed += [tree for tree in trees if stamp.trees[tree] != trees[tree]]
    return changed[0] if changed else ""


def _proven_sites(stamp: Stamp, job: Job) -> tuple[SiteSnapshot, ...] | None:
    """Return the directories of *stamp* as they look now, `None` where that is not what they looked like then."""
    # No directory may lead elsewhere.
    if not all(is_inside(place, job.location) for place in stamp.places):
        return None
    try:
        sites = tuple(map(snapshot, stamp.places))
    except (OSError, ValueError):
        # Nobody may look, or the stamp names no place at all.
        return None
    return sites if fingerprint(sites) == stamp.listing else None
