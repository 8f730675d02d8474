"""The project's answers in the words of the corpus: see the ``--help`` of ``check_corpus.py`` beside the corpus."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wsnox.closure import Resolver, Selection, lower
from wsnox.lock import Archive, Directory, Git, Lock, Package, Registry, Url, Virtual, read_lock
from wsnox.markers.target import Target, target_of
from wsnox.workspace import Workspace, discover

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["closure", "label", "packages"]


@lru_cache(maxsize=2)
def _read(folder: Path) -> tuple[Workspace, Lock]:
    return discover(folder), read_lock(folder)


@lru_cache(maxsize=32)
def _resolver(folder: Path, target: Target) -> Resolver:
    return Resolver(_read(folder)[1], target)


def closure(folder: Path, selection: dict[str, Any], environment: dict[str, str]) -> set[str]:
    """Return a line for each distribution that *selection* installs from the workspace in *folder*."""
    return set(map(label, packages(folder, selection, environment)))


def packages(folder: Path, selection: dict[str, Any], environment: dict[str, str]) -> tuple[Package, ...]:
    """Return the packages that *selection* installs from the workspace in *folder*."""
    workspace, lock = _read(folder)
    names = {key: frozenset(selection[key]) for key in ("extras", "groups", "only_groups")}
    chosen = Selection(**{**selection, **names, "packages": tuple(selection["packages"])})
    return _resolver(folder, target_of(environment)).resolve(lower(workspace, lock, chosen)).packages


def label(package: Package) -> str:
    """Return *package* as ``uv export`` writes it, local paths relative to the workspace."""
    match package.source:
        case Registry():
            return f"{package.name}=={package.version}"
        case Git() as git:
            part = f"#subdirectory={git.subdirectory}" if git.subdirectory else ""
            return f"{package.name} @ git+{git.url}@{git.commit}{part}"
        case Url() as source:
            part = f"#subdirectory={source.subdirectory}" if source.subdirectory else ""
            return f"{package.name} @ {source.url}{part}"
        case Archive(path=path) | Directory(path=path) | Virtual(path=path):
            return f"{package.name} @ path:{path}"
