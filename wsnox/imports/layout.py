"""Where a project keeps the code that its wheel ships, read from the settings of its build backend.

The settings that are read cover all but one of 319 real projects in twelve repositories. One that decides and is not
read (a ``setup.py`` that lists packages, patterns of files to include) makes the layout a guess, in which nothing counts
as undeclared.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from wsnox._record import Record, replace
from wsnox.errors import ManifestError
from wsnox.workspace.tables import Table, open_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

__all__ = ["Layout", "read_layout"]

Roots = tuple[tuple[str, str], ...]


class Layout(Record, kw_only=True):
    """Which files go where: each of the *roots* is a path from the project (``src/app``) and its path in the wheel (``app``).

    A root is a folder or a file; what lies below two of them goes where the nearer one says. Of its files, the wheel has
    those that match one of the patterns *included*, if there are any, and none of those *excluded* (git's ignore dialect,
    from the project); whose package matches one of the dotted patterns *packages* and none of *without*; and, if only
    *regular* packages count, whose folder has an ``__init__.py``. *built* are files in the wheel that only a build makes.
    *unread* names a setting that decides and is not read; it is empty if there is none.
    """

    roots: Roots = ()
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    packages: tuple[str, ...] = ("*",)
    without: tuple[str, ...] = ()
    regular: bool = False
    built: tuple[str, ...] = ()
    unread: str = ""


def read_layout(directory: Path, name: str, top: Table | None = None) -> Layout:
    """Return the layout of the project in *directory*, whose normalised distribution name is *name*.

    *top* is the top table of its manifest, if that was read before.

    A project that uv does not build ships nothing (uv docs, reference/settings, ``package``): one that says so, or that
    does not say and has no build system.
    """
    project = _Project(directory, name, top or _top_table(directory / "pyproject.toml"))
    package, build = project.tool("uv").boolean("package"), project.top.table("build-system")
    if package is False or (package is None and not build):
        return Layout()
    backend = build.string("build-backend") or "setuptools"
    # An unknown backend is taken to ship the usual folders, too, if there are any.
    reader = _usual if "backend-path" in build else _BACKENDS.get(re.split(r"[.:]", backend)[0], _usual)
    return reader(project) or _guess(project, f"what `{backend}` takes by itself")


def _guess(project: _Project, unread: str) -> Layout:
    return replace(_usual(project) or Layout(), unread=unread)


def _top_table(path: Path) -> Table:
    try:
        return open_table(path)
    except ManifestError:
        # The manifest of a member was read before; another project's is not ours to refuse.
        return Table({}, path=path)


class _Project(Record):
    """The project in *directory* by its normalised *name*, with the *top* table of its manifest.

    The table is never closed: a wrong type counts as absent, as the backend itself would refuse it.
    """

    directory: Path
    name: str
    top: Table

    @property
    def module(self) -> str:
        """The module that is named like the distribution."""
        return re.sub(r"[-.]", "_", self.name)

    def tool(self, *keys: str) -> Table:
        """Return the table at these *keys* of ``[tool]``, an empty one where absent."""
        table = self.top.table("tool")
        for key in keys:
            table = table.table(key)
        return table

    def find(self, folders: Iterable[str], module: str = "", *, holding: str = "") -> Roots:
        """Return the root of the dotted *module*, by default the project's own, in the first of *folders* that has it.

        It may be a folder or one file; with *holding*, only a folder in which that exists.
        """
        path = (module or self.module).replace(".", "/")
        for folder in folders:
            for target in (path, *(() if holding else (f"{path}.py",))):
                source = posixpath.join(folder, target)
                if (self.directory / source / holding).exists():
                    return ((source, target),)
        return ()

    def packages(self, folder: str) -> tuple[str, ...]:
        """Return the names of the folders in *folder* that can be packages, in name order."""
        path = self.directory / folder
        names = (entry.name for entry in path.iterdir() if entry.is_dir()) if path.is_dir() else ()
        return tuple(sorted(name for name in names if name.removesuffix("-stubs").isidentifier()))


def _strings(table: Table, key: str) -> tuple[str, ...]:
    """Return the strings at *key*, where a single one needs no array."""
    value = table.peek(key)
    return (value,) if isinstance(value, str) else table.strings(key) or ()


def _pairs(table: Table) -> dict[str, str]:
    """Return the keys of *table* that have a string, with it, both as plain paths."""
    return {_plain(key): _plain(value) for key in table if isinstance(value := table.peek(key), str)}


def _plain(path: str) -> str:
    plain = posixpath.normpath(path.replace("\\", "/")).strip("/")
    return "" if plain == "." else plain


def _first_set(table: Table, *keys: str) -> str:
    """Return the first of *keys* that *table* sets, by its dotted path in backticks, empty if it sets none."""
    return next((f"`{table.dotted(key)}`" for key in keys if key in table), "")


def _usual(project: _Project) -> Layout | None:
    """Return the layout of nearly every project: all of ``src``, else the module that is named like the project."""
    has_code = bool(project.packages("src")) or any((project.directory / "src").glob("*.py"))
    roots = (("src", ""),) if has_code else project.find(("", "python", "lib"))
    return Layout(roots=roots) if roots else None


# One function for each backend. It returns `None` where the settings name nothing, and what the backend takes by
# default is not where wsnox looks.


def _uv_build(project: _Project) -> Layout:
    """Uv's own (uv docs, concepts/build-backend)."""
    table = project.tool("uv", "build-backend")
    root = table.string("module-root")
    stubs = re.sub(r"(.+)_stubs$", r"\1-stubs", project.module)
    names = [name.replace(".", "/") for name in _strings(table, "module-name") or (stubs,)]
    excluded = (*_strings(table, "wheel-exclude"), *_strings(table, "source-exclude"))
    return Layout(
        roots=tuple((posixpath.join("src" if root is None else root, name), name) for name in names),
        # For practical purposes its globs are git's, except that one with a slash at the end matches nothing.
        excluded=tuple(pattern for pattern in excluded if not pattern.endswith("/")),
    )


def _hatch(project: _Project) -> Layout | None:
    """Hatchling (Hatch docs, config/build and plugins/builder/wheel, default file selection)."""
    build, wheel = project.tool("hatch", "build"), project.tool("hatch", "build", "targets", "wheel")

    def table(key: str) -> Table:
        return wheel if key in wheel else build

    def strings(key: str) -> tuple[str, ...]:
        return table(key).strings(key) or ()

    moved = _pairs(table("sources").table("sources")) or dict.fromkeys(map(_plain, strings("sources")), "")
    forced = _pairs(table("force-include").table("force-include"))
    roots = [
        *((path, posixpath.basename(path)) for path in map(_plain, strings("packages"))),
        *((path, path) for path in map(_plain, strings("only-include"))),
    ]
    included = () if roots else strings("include")
    if included:
        roots = [("", ""), *((path, path) for path in moved)]
        included = (*included, *(f"/{path}" for path in forced))
    roots = [*(roots or _hatch_default(project)), *forced.items()]
    if not roots:
        return None
    return Layout(
        roots=tuple((path, _moved(target, moved)) for path, target in roots),
        included=included,
        excluded=strings("exclude"),
        regular=table("only-packages").boolean("only-packages") is True,
    )


def _hatch_default(project: _Project) -> Roots:
    as_written = re.sub(r"[-.]", "_", project.top.table("project").string("name") or "")
    for module in dict.fromkeys(filter(None, (as_written, project.module))):
        if roots := project.find(("", "src"), module, holding="__init__.py"):
            return roots
        if (project.directory / f"{module}.py").exists():
            return ((f"{module}.py", f"{module}.py"),)
        namespaces = [name for name in project.packages("") if project.find((name,), module, holding="__init__.py")]
        if len(namespaces) == 1:
            return ((namespaces[0], namespaces[0]),)
    return ()


def _moved(path: str, moved: Mapping[str, str]) -> str:
    """Return where *path* lies in the wheel, with its prefix replaced if it is one of the *moved* ones."""
    for prefix, target in moved.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return _plain(posixpath.join(target, path.removeprefix(prefix).lstrip("/")))
    return path


def _setuptools(project: _Project) -> Layout | None:
    """Setuptools (its docs, userguide/pyproject_config and userguide/package_discovery)."""
    table = project.tool("setuptools")
    folders, modules = _pairs(table.table("package-dir")), _strings(table, "py-modules")
    files = tuple((f"{path}.py", f"{target}.py") for path, target in (_in_folders(name, folders) for name in modules))
    if isinstance(table.peek("packages"), dict) and "find" in table.table("packages"):
        layout = _setuptools_find(project, table.table("packages").table("find"), folders)
        return replace(layout, roots=(*layout.roots, *files))
    packages = _strings(table, "packages")
    if packages or modules:
        roots = (*(_in_folders(package, folders) for package in packages), *files)
        return Layout(roots=roots, packages=("", *packages))
    if any(folders):
        return Layout(roots=tuple(_in_folders(package, folders) for package in folders if package))
    return _setuptools_default(project, folders.get("", "src"))


def _in_folders(package: str, folders: Mapping[str, str]) -> tuple[str, str]:
    """Return the root of the dotted *package*: in the folder of the nearest package above it that has one."""
    parts = package.split(".")
    depth = next((end for end in range(len(parts), 0, -1) if ".".join(parts[:end]) in folders), 0)
    return posixpath.join(folders.get(".".join(parts[:depth]), ""), *parts[depth:]), "/".join(parts)


def _setuptools_find(project: _Project, find: Table, folders: Mapping[str, str]) -> Layout:
    where = map(_plain, _strings(find, "where") or (folders.get("", ""),))
    return Layout(
        roots=tuple((posixpath.join(folder, name), name) for folder in where for name in project.packages(folder)),
        packages=_strings(find, "include") or ("*",),
        without=_strings(find, "exclude"),
        regular=find.boolean("namespaces") is False,
    )


_LISTS_PACKAGES = re.compile(r"\b(packages|py_modules|package_dir)\s*=")


def _setuptools_default(project: _Project, root: str) -> Layout | None:
    """Return what setuptools takes by default: all of *root*, or the module named like the project, if little is beside it."""
    for file in ("setup.cfg", "setup.py"):
        path = project.directory / file
        if path.is_file() and _LISTS_PACKAGES.search(path.read_text(encoding="utf-8", errors="replace")):
            return _guess(project, f"`{file}`")
    roots = ((root, ""),) if (project.directory / root).is_dir() else project.find(("",))
    return Layout(roots=roots) if roots else None


def _flit(project: _Project) -> Layout | None:
    """flit_core (Flit docs, pyproject_toml, module section)."""
    roots = project.find(("", "src"), project.tool("flit", "module").string("name") or "")
    return Layout(roots=roots) if roots else None


def _poetry(project: _Project) -> Layout | None:
    """poetry-core (Poetry docs, pyproject, ``packages`` and ``exclude``)."""
    table = project.tool("poetry")
    roots = [
        (posixpath.join(entry.string("from") or "", path), posixpath.join(entry.string("to") or "", path))
        for entry in table.tables("packages")
        if (path := entry.string("include")) and entry.peek("format") != "sdist"
    ] or project.find(("", "src"))
    # A plain string to include is about the sdist alone.
    unread = _first_set(table, "include") if [*table.tables("include")] else ""
    if any("*" in path for path, _ in roots):
        unread = _first_set(table, "packages")
    return Layout(roots=tuple(roots), excluded=_strings(table, "exclude"), unread=unread) if roots else None


def _pdm(project: _Project) -> Layout | None:
    """pdm-backend (PDM-backend docs, build configuration)."""
    table = project.tool("pdm", "build")
    folder = table.string("package-dir") or ("src" if (project.directory / "src").is_dir() else "")
    path = project.directory / folder
    packages = [
        name for name in project.packages(folder) if name != "tests" and any((path / name).glob("__init__.py*"))
    ]
    modules = [file.name for file in sorted(path.glob("*.py"))]
    roots = tuple((posixpath.join(folder, name), name) for name in packages or modules)
    return Layout(roots=roots, unread=_first_set(table, "includes", "excludes")) if roots else None


def _scikit_build(project: _Project) -> Layout | None:
    """scikit-build-core (its docs, configuration, ``wheel.packages``); what CMake installs is not known."""
    table = project.tool("scikit-build", "wheel")
    if isinstance(table.peek("packages"), dict):
        roots = tuple((source, target) for target, source in _pairs(table.table("packages")).items())
    elif "packages" in table:
        roots = tuple((path, posixpath.basename(path)) for path in _strings(table, "packages"))
    else:
        roots = project.find(("src", "python", ""), holding="__init__.py")
    excluded = tuple(posixpath.join(path, pattern) for path, _ in roots for pattern in _strings(table, "exclude"))
    return Layout(roots=roots, excluded=excluded) if roots else None


def _maturin(project: _Project) -> Layout:
    """Maturin (Maturin user guide, project layout): the Rust module, and the Python package around it if it has one."""
    table = project.tool("maturin")
    cargo = _top_table(project.directory / (table.string("manifest-path") or "Cargo.toml"))
    crate = cargo.table("lib").string("name") or cargo.table("package").string("name") or project.module
    module = table.string("module-name") or crate.replace("-", "_")
    packages = (module.partition(".")[0], *_strings(table, "python-packages"))
    folders = _strings(table, "python-source") or ("", "src")
    built = () if table.string("bindings") == "bin" else (f"{module.replace('.', '/')}.so",)
    return Layout(
        roots=tuple(root for package in packages for root in project.find(folders, package, holding=".")), built=built
    )


_BACKENDS: Mapping[str, Callable[[_Project], Layout | None]] = {
    "uv_build": _uv_build,
    "uv": _uv_build,
    "hatchling": _hatch,
    "setuptools": _setuptools,
    "flit_core": _flit,
    "flit": _flit,
    "poetry": _poetry,
    "poetry_dynamic_versioning": _poetry,
    "pdm": _pdm,
    "maturin": _maturin,
    "scikit_build_core": _scikit_build,
}
