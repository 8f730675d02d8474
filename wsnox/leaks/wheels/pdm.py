"""What pdm-backend puts into a wheel (PDM-backend docs, build configuration)."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from wsnox.leaks.wheels.patterns import expand
from wsnox.leaks.wheels.project import strings
from wsnox.leaks.wheels.trees import below, folders, relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wsnox.leaks.wheels.project import Files, Project

__all__ = ["pdm"]

_MAGIC = frozenset("*?[")


def pdm(project: Project) -> Files:
    """Return the files of the wheel: what is included, but for the beginning of its path that is the package-dir."""
    settings = project.tool("pdm", "build")
    root = _package_dir(project, settings)
    tests = strings(settings, "source-includes") or ("tests",)
    included = _globbed(project, (*(strings(settings, "includes") or _found(project, root)), *tests))
    excluded = _globbed(project, (*strings(settings, "excludes"), *tests))
    # The pattern that says more of a path wins, and an exclusion where both say the same.
    wins = {path for path, key in included.items() if path in excluded and _weight(key) > _weight(excluded[path])}
    out = [path for path in excluded if path not in wins]
    for start in (path for path in included if path in wins or path not in excluded):
        is_file = (project.directory / start).is_file()
        for path in below(project, start):
            if is_file or not any(_covers(each, path) for each in out):
                yield (relative(path, root) if root and path.startswith(f"{root}/") else path), path


def _package_dir(project: Project, settings: Mapping[str, Any]) -> str:
    raw = settings.get("package-dir")
    if isinstance(raw, str):
        return PurePosixPath(raw).as_posix() if raw not in ("", ".") else ""
    return "src" if (project.directory / "src").is_dir() and not strings(settings, "includes") else ""


def _found(project: Project, root: str) -> tuple[str, ...]:
    """Return the packages in *root*, all its modules where there is none."""
    inside = f"{root}/" if root else ""
    named = [f"{inside}{folder}" for folder in folders(project, root)]
    packages = [place for place in named if project.is_package(place) or _is_stubs(project, place)]
    return tuple(packages) or (f"{inside}*.py",)


def _is_stubs(project: Project, place: str) -> bool:
    return place.endswith("-stubs") and project.is_file(place, "__init__.pyi")


def _globbed(project: Project, patterns: Iterable[str]) -> dict[str, str]:
    return {path: pattern for pattern in patterns for path in expand(project, pattern)}


def _weight(pattern: str) -> tuple[int, int]:
    """Return how many parts *pattern* has, and how concrete they are."""
    parts = PurePosixPath(pattern).parts
    return len(parts), -sum(2 if part == "**" else bool(_MAGIC & set(part)) for part in parts)


def _covers(excluded: str, path: str) -> bool:
    return path == excluded or path.startswith(f"{excluded}/") or fnmatch(path, excluded)
