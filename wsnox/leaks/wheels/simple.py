"""The backends that take the module named in their settings, or else the one named like the project.

Each function returns the files of the wheel, `None` where the backend would find nothing to build.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsnox.leaks.wheels.patterns import expand, read_patterns
from wsnox.leaks.wheels.project import strings, text
from wsnox.leaks.wheels.trees import below, move, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.leaks.wheels.project import Files, Project

__all__ = ["flit", "poetry", "uv_build"]


def uv_build(project: Project) -> Files | None:
    """Uv's own backend (uv docs, concepts/build-backend and reference/settings, ``build-backend``)."""
    settings = project.tool("uv", "build-backend")
    root = settings.get("module-root")
    root = root if isinstance(root, str) else "src"
    named = strings(settings, "module-name") or tuple(filter(None, [text(settings, "module-name")]))
    modules = named or (_default_module(project),)
    loose = settings.get("namespace") is True
    places = [module.replace(".", "/") for module in modules]
    if not loose and not all(_is_package(project, root, place) for place in places):
        return None
    excluded = (*strings(settings, "wheel-exclude"), *strings(settings, "source-exclude"))
    # Its globs are git's to all practical ends, but that a slash at the end matches nothing.
    excludes = read_patterns(pattern for pattern in excluded if not pattern.endswith("/"))
    return (
        (target, path)
        for place in places
        for target, path in tree(project, f"{root}/{place}" if root else place, place)
        if not excludes.match(path)
    )


def _is_package(project: Project, root: str, place: str) -> bool:
    return project.is_package(root, place) or ("-stubs" in place and project.is_file(root, place, "__init__.pyi"))


def _default_module(project: Project) -> str:
    """Return the module named like *project*, as the folder of a stubs package is spelled where it is one."""
    name = project.module
    return f"{name.removesuffix('_stubs')}-stubs" if name.endswith("_stubs") else name


def flit(project: Project) -> Files | None:
    """flit_core (Flit docs, pyproject_toml, module section): one module, a namespace as its dotted name."""
    name = text(project.tool("flit", "module"), "name") or project.written_name.replace("-", "_")
    place = name.replace(".", "/")
    for root in ("", "src"):
        for source in (place, f"{place}.py"):
            start = f"{root}/{source}" if root else source
            if (project.directory / start).exists():
                return tree(project, start, source)
    return None


def poetry(project: Project) -> Files | None:
    """poetry-core (Poetry docs, pyproject, ``packages``, ``include`` and ``exclude``); what git ignores is not asked."""
    settings = project.tool("poetry")
    packages = _entries(settings, "packages", ("sdist", "wheel"), "include") or _poetry_default(project)
    if not packages:
        return None
    return _poetry_files(project, settings, packages)


def _poetry_files(project: Project, settings: Mapping[str, Any], packages: list[Mapping[str, Any]]) -> Files:
    included = [entry for entry in _entries(settings, "include", ("sdist",), "path") if "wheel" in entry["format"]]
    explicit = {
        path for entry in included for match in expand(project, entry["path"]) for path in below(project, match)
    }
    excluded = [match for pattern in strings(settings, "exclude") for match in expand(project, pattern)]
    for package in packages:
        root, to = text(package, "from"), text(package, "to")
        for path in _matched(project, root, package["include"]) if "wheel" in package["format"] else ():
            out = any(path == each or path.startswith(f"{each}/") for each in excluded)
            if path in explicit or not out:
                yield from move(iter((path,)), root, to)
    yield from ((path, path) for path in sorted(explicit))


def _matched(project: Project, root: str, pattern: str) -> Iterator[str]:
    for match in expand(project, pattern, root):
        yield from below(project, f"{root}/{match}" if root else match)


def _entries(settings: Mapping[str, Any], key: str, formats: tuple[str, ...], what: str) -> list[Mapping[str, Any]]:
    """Return the tables of the array at *key*, their ``format`` a list; a plain string is the value of *what*."""
    raw = settings.get(key)
    tables = [{what: item} if isinstance(item, str) else item for item in raw] if isinstance(raw, list) else []
    found = [item for item in tables if isinstance(item, dict) and isinstance(item.get(what), str)]
    return [{**item, "format": _formats(item.get("format"), formats)} for item in found]


def _formats(raw: object, default: tuple[str, ...]) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) else tuple(map(str, raw)) if isinstance(raw, list) else default


def _poetry_default(project: Project) -> list[Mapping[str, Any]]:
    for root in ("", "src"):
        for source in (project.module, f"{project.module}.py"):
            if project.directory.joinpath(root, source).exists():
                return [{"include": source, "from": root, "format": ("wheel",)}]
    return []
