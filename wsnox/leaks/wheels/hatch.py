"""What hatchling puts into a wheel (Hatch docs, config/build and plugins/builder/wheel, default file selection)."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from wsnox.leaks.wheels.patterns import read_patterns
from wsnox.leaks.wheels.project import strings
from wsnox.leaks.wheels.trees import below, folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.leaks.wheels.project import Files, Project

__all__ = ["hatch"]

_OWN_EXCLUDES = ("*.py[cdo]", "/dist")


def hatch(project: Project) -> Files | None:
    """Return the files of the wheel that hatchling builds, `None` where it finds nothing to select."""
    settings = {**project.tool("hatch", "build"), **project.tool("hatch", "build", "targets", "wheel")}
    if not any(strings(settings, key) for key in ("include", "packages", "only-include")):
        chosen = _by_name(project)
        if not chosen and not settings.get("force-include") and settings.get("bypass-selection") is not True:
            return None
        if not chosen:
            return _forced_files(project, settings, {})
        settings = {**settings, **chosen}
    return _files(project, settings)


def _by_name(project: Project) -> dict[str, Any]:
    """Return the selection that the name of *project* makes by itself, an empty one where nothing is named like it."""
    names = (project.written_name.replace("-", "_").replace(".", "_"), project.module)
    for name in dict.fromkeys(names):
        for package in (name, f"src/{name}"):
            if project.is_package(package):
                return {"packages": [package]}
        if project.is_file(f"{name}.py"):
            return {"only-include": [f"{name}.py"]}
        spaces = [space for space in folders(project, "") if project.is_package(space, name)]
        if len(spaces) == 1:
            return {"packages": spaces}
    return {}


def _files(project: Project, settings: Mapping[str, Any]) -> Files:
    packages = tuple(sorted(map(_path, strings(settings, "packages"))))
    sources = _sources(settings, packages)
    reserved = {_moved(source, sources) for source, _ in _forced(settings) if not source.startswith("..")}
    for path in _selected(project, settings, packages):
        moved = _moved(path, sources)
        if not any(moved == each or moved.startswith(f"{each}/") for each in reserved):
            yield moved, path
    yield from _forced_files(project, settings, sources)


def _forced_files(project: Project, settings: Mapping[str, Any], sources: Mapping[str, str]) -> Files:
    for source, target in _forced(settings):
        for path in below(project, source, enter=lambda _: True):
            yield _moved(_path(posixpath.join(target, posixpath.relpath(path, source))), sources), path


def _selected(project: Project, settings: Mapping[str, Any], packages: tuple[str, ...]) -> Iterator[str]:
    included = read_patterns((*strings(settings, "include"), *(f"/{package}/" for package in packages)))
    ignored = () if settings.get("ignore-vcs") is True else _ignored(project)
    excluded = read_patterns((*_OWN_EXCLUDES, *ignored, *strings(settings, "exclude")))
    artifacts = read_patterns(strings(settings, "artifacts"))
    only = tuple(map(_path, strings(settings, "only-include"))) or packages
    bound = settings.get("only-packages") is True
    # A folder that is excluded whole need not be looked into, unless something in it is brought back.
    prune = excluded.is_final and not artifacts.runs
    for start in sorted(only) or [""]:
        is_file = (project.directory / start).is_file()
        for path in below(project, start, enter=lambda folder: not (prune and excluded.match(f"{folder}/"))):
            chosen = bool(only) or not included.runs or included.match(path)
            chosen = chosen and (not bound or project.is_package(posixpath.dirname(path)))
            if is_file or artifacts.match(path) or (chosen and not excluded.match(path)):
                yield path


def _ignored(project: Project) -> tuple[str, ...]:
    """Return the lines of the nearest ``.gitignore`` up to the repository's root; hatchling reads them from here."""
    for folder in (project.directory, *project.directory.parents):
        ignore = folder / ".gitignore"
        if ignore.is_file():
            lines = tuple(ignore.read_text(encoding="utf-8", errors="replace").splitlines())
            # A project that is ignored itself is built as if nothing were.
            whole = project.directory.as_posix().lstrip("/")
            return () if read_patterns(lines).match(whole) else lines
        if (folder / ".git").exists():
            break
    return ()


def _sources(settings: Mapping[str, Any], packages: tuple[str, ...]) -> dict[str, str]:
    """Return the beginnings of paths that are rewritten, with what they become."""
    raw = settings.get("sources")
    pairs = raw.items() if isinstance(raw, dict) else ((source, "") for source in strings(settings, "sources"))
    found = {_folder(source): _folder(target) for source, target in pairs if isinstance(target, str)}
    for package in packages:
        parent = posixpath.dirname(package)
        if parent and f"{package}/" not in found:
            found[f"{parent}/"] = ""
    return dict(sorted(found.items()))


def _moved(path: str, sources: Mapping[str, str]) -> str:
    for source, target in sources.items():
        if path.startswith(source):
            return target + path.removeprefix(source)
    return path


def _forced(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    raw = settings.get("force-include")
    pairs = raw.items() if isinstance(raw, dict) else ()
    return [(posixpath.normpath(source), _path(target)) for source, target in pairs if isinstance(target, str)]


def _path(path: str) -> str:
    found = posixpath.normpath(path.replace("\\", "/")).strip("/")
    return "" if found == "." else found


def _folder(path: str) -> str:
    return f"{found}/" if (found := _path(path)) else ""
