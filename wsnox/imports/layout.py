"""Where a project keeps the code that its wheel ships, read from the settings of its build backend.

The settings that are read cover all but one of 319 real projects in twelve repositories. One that decides and is not
read (a ``setup.py`` that lists packages, patterns of files to include) makes the layout a guess, in which nothing counts
as undeclared.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

import tomli

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

__all__ = ["Layout", "read_layout"]


class Layout(Record, kw_only=True):
    """Which files go where: each of the *roots* is a path from the project (``src/app``) and its path in the wheel (``app``).

    A root is a folder or a file; what lies below two of them goes where the nearer one says. Of its files, the wheel has
    those that match one of the patterns *included*, if there are any, and none of those *excluded* (git's ignore dialect,
    from the project); whose package matches one of the dotted patterns *packages* and none of *without*; and, if only
    *regular* packages count, whose folder has an ``__init__.py``. *built* are files in the wheel that only a build makes.
    *unread* names a setting that decides and is not read; it is empty if there is none.
    """

    roots: tuple[tuple[str, str], ...] = ()
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    packages: tuple[str, ...] = ("*",)
    without: tuple[str, ...] = ()
    regular: bool = False
    built: tuple[str, ...] = ()
    unread: str = ""


def read_layout(directory: Path, name: str) -> Layout:
    """Return the layout of the project in *directory*, whose normalised distribution name is *name*.

    A project that uv does not build ships nothing (uv docs, reference/settings, ``package``): one that says so, or that
    does not say and has no build system.
    """
    project = _Project(directory, name, _tables(directory / "pyproject.toml"))
    package = project.setting("tool", "uv", "package")
    if package is False or (not project.table("build-system") and package is not True):
        return Layout()
    backend = project.text("build-system", "build-backend") or "setuptools"
    is_in_tree = project.setting("build-system", "backend-path") is not None
    # An unknown backend is taken to ship the usual folders, too, if there are any.
    reader = _usual if is_in_tree else _BACKENDS.get(re.split(r"[.:]", backend)[0], _usual)
    return reader(project) or _guess(project, f"what `{backend}` takes by itself")


def _guess(project: _Project, unread: str) -> Layout:
    return replace(_usual(project) or Layout(), unread=unread)


def _tables(path: Path) -> Mapping[str, Any]:
    try:
        return tomli.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        # The manifest of a member was read before; another project's is not ours to refuse.
        return {}


class _Project(Record):
    """The project in *directory* by its normalised *name*, with the *tables* of its manifest.

    A wrong type counts as absent: the backend itself would refuse it.
    """

    directory: Path
    name: str
    tables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def module(self) -> str:
        """The module that is named like the distribution."""
        return re.sub(r"[-.]", "_", self.name)

    def setting(self, *keys: str) -> Any:
        """Return the value at *keys*, `None` where absent."""
        value: Any = self.tables
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def table(self, *keys: str) -> Mapping[str, Any]:
        """Return the table at *keys*, an empty one where absent."""
        value = self.setting(*keys)
        return value if isinstance(value, dict) else {}

    def text(self, *keys: str) -> str:
        """Return the string at *keys*, an empty one where absent."""
        value = self.setting(*keys)
        return value if isinstance(value, str) else ""

    def strings(self, *keys: str) -> tuple[str, ...]:
        """Return the strings at *keys*, where a single one needs no array."""
        value = self.setting(*keys)
        items = [value] if isinstance(value, str) else value if isinstance(value, list) else ()
        return tuple(item for item in items if isinstance(item, str))

    def has(self, *parts: str) -> bool:
        """Return whether the path of *parts*, relative to the project, exists."""
        return self.directory.joinpath(*parts).exists()

    def find(self, folders: Iterable[str], module: str = "", *, holding: str = "") -> tuple[tuple[str, str], ...]:
        """Return the root of the dotted *module*, by default the project's own, in the first of *folders* that has it.

        It may be a folder or one file; with *holding*, only a folder in which that exists.
        """
        path = (module or self.module).replace(".", "/")
        for folder in folders:
            for target in (path, *(() if holding else (f"{path}.py",))):
                source = posixpath.join(folder, target)
                if self.has(source, holding):
                    return ((source, target),)
        return ()

    def packages(self, folder: str) -> tuple[str, ...]:
        """Return the names of the folders in *folder* that can be packages, in name order."""
        path = self.directory / folder
        names = (entry.name for entry in path.iterdir() if entry.is_dir()) if path.is_dir() else ()
        return tuple(sorted(name for name in names if name.removesuffix("-stubs").isidentifier()))


def _usual(project: _Project) -> Layout | None:
    """Return the layout of nearly every project: all of ``src``, else the module that is named like the project."""
    source = project.directory / "src"
    has_code = bool(project.packages("src")) or any(source.glob("*.py"))
    roots = (("src", ""),) if has_code else project.find(("", "python", "lib"))
    return Layout(roots=roots) if roots else None


# One function for each backend. It returns `None` where the settings name nothing, and what the backend takes by
# default is not where wsnox looks.


def _uv_build(project: _Project) -> Layout:
    """Uv's own (uv docs, concepts/build-backend)."""
    table = ("tool", "uv", "build-backend")
    root = project.setting(*table, "module-root")
    root = root if isinstance(root, str) else "src"
    module = project.module
    stubs = f"{module.removesuffix('_stubs')}-stubs" if module.endswith("_stubs") else module
    names = (name.replace(".", "/") for name in project.strings(*table, "module-name") or (stubs,))
    excluded = (*project.strings(*table, "wheel-exclude"), *project.strings(*table, "source-exclude"))
    return Layout(
        roots=tuple((posixpath.join(root, name), name) for name in names),
        # For practical purposes its globs are git's, except that one with a slash at the end matches nothing.
        excluded=tuple(pattern for pattern in excluded if not pattern.endswith("/")),
    )


def _hatch(project: _Project) -> Layout | None:
    """Hatchling (Hatch docs, config/build and plugins/builder/wheel, default file selection)."""
    tables = [("tool", "hatch", "build"), ("tool", "hatch", "build", "targets", "wheel")]
    merged: dict[str, Any] = {key: value for table in tables for key, value in project.table(*table).items()}
    settings = replace(project, tables=merged)
    packages = tuple(map(_path, settings.strings("packages")))
    only = tuple(map(_path, settings.strings("only-include")))
    roots = [*((path, posixpath.basename(path)) for path in packages), *((path, path) for path in only)]
    included = settings.strings("include") if not roots else ()
    if included:
        roots = [("", ""), *((path, path) for path in _sources(settings))]
    forced = settings.table("force-include").items()
    roots = roots or [*_hatch_default(project)]
    roots += [(_path(path), _path(target)) for path, target in forced if isinstance(target, str)]
    if not roots:
        return None
    return Layout(
        roots=tuple((path, _moved(target, _sources(settings))) for path, target in roots),
        included=(*included, *(f"/{_path(path)}" for path, _ in forced)) if included else (),
        excluded=settings.strings("exclude"),
        regular=settings.setting("only-packages") is True,
    )


def _sources(settings: _Project) -> Mapping[str, str]:
    """Return the prefixes of paths that ``sources`` rewrites, with their replacements: empty ones if it is an array."""
    table = settings.table("sources") or dict.fromkeys(settings.strings("sources"), "")
    return {_path(path): _path(target) for path, target in table.items() if isinstance(target, str)}


def _hatch_default(project: _Project) -> Iterable[tuple[str, str]]:
    as_written = re.sub(r"[-.]", "_", project.text("project", "name"))
    for module in dict.fromkeys(filter(None, (as_written, project.module))):
        if roots := project.find(("", "src"), module, holding="__init__.py"):
            return roots
        if project.has(f"{module}.py"):
            return ((f"{module}.py", f"{module}.py"),)
        namespaces = [name for name in project.packages("") if project.has(name, module, "__init__.py")]
        if len(namespaces) == 1:
            return ((namespaces[0], namespaces[0]),)
    return ()


def _moved(path: str, sources: Mapping[str, str]) -> str:
    """Return where *path* lies in the wheel, with its prefix rewritten as *sources* say."""
    for prefix, target in sources.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return _path(posixpath.join(target, path.removeprefix(prefix).lstrip("/")))
    return path


def _path(path: str) -> str:
    plain = posixpath.normpath(path.replace("\\", "/")).strip("/")
    return "" if plain == "." else plain


def _setuptools(project: _Project) -> Layout | None:
    """Setuptools (its docs, userguide/pyproject_config and userguide/package_discovery)."""
    table = ("tool", "setuptools")
    package_dir = project.table(*table, "package-dir")
    folders = {package: _path(path) for package, path in package_dir.items() if isinstance(path, str)}
    listed, modules = project.strings(*table, "packages"), project.strings(*table, "py-modules")
    if isinstance(project.setting(*table, "packages", "find"), dict):
        layout = _setuptools_find(project, folders)
    elif listed or modules:
        layout = Layout(roots=tuple(_in_folders(package, folders) for package in listed), packages=("", *listed))
    elif any(folders):
        layout = Layout(roots=tuple(_in_folders(package, folders) for package in folders if package))
    else:
        return _setuptools_default(project, folders)
    files = (_in_folders(module, folders) for module in modules)
    return replace(layout, roots=(*layout.roots, *((f"{path}.py", f"{target}.py") for path, target in files)))


def _in_folders(package: str, folders: Mapping[str, str]) -> tuple[str, str]:
    """Return the root of the dotted *package*: in the folder of the nearest package above it that has one."""
    parts = package.split(".")
    heads = (".".join(parts[:end]) for end in range(len(parts), -1, -1))
    head = next((head for head in heads if head in folders), "")
    below = parts[len(head.split(".")) if head else 0 :]
    return posixpath.join(folders.get(head, ""), *below), "/".join(parts)


def _setuptools_find(project: _Project, folders: Mapping[str, str]) -> Layout:
    find = ("tool", "setuptools", "packages", "find")
    where = map(_path, project.strings(*find, "where") or (folders.get("", ""),))
    return Layout(
        roots=tuple((posixpath.join(folder, name), name) for folder in where for name in project.packages(folder)),
        packages=project.strings(*find, "include") or ("*",),
        without=project.strings(*find, "exclude"),
        regular=project.setting(*find, "namespaces") is False,
    )


_LISTS_PACKAGES = re.compile(r"\b(packages|py_modules|package_dir)\s*=")


def _setuptools_default(project: _Project, folders: Mapping[str, str]) -> Layout | None:
    """Return what setuptools takes by default: all of ``src``, or the module named like the project, if little is beside it."""
    for file in ("setup.cfg", "setup.py"):
        path = project.directory / file
        if path.is_file() and _LISTS_PACKAGES.search(path.read_text(encoding="utf-8", errors="replace")):
            return _guess(project, f"`{file}`")
    root = folders.get("", "src")
    roots = ((root, ""),) if (project.directory / root).is_dir() else project.find(("",))
    return Layout(roots=roots) if roots else None


def _flit(project: _Project) -> Layout | None:
    """flit_core (Flit docs, pyproject_toml, module section)."""
    roots = project.find(("", "src"), project.text("tool", "flit", "module", "name"))
    return Layout(roots=roots) if roots else None


def _poetry(project: _Project) -> Layout | None:
    """poetry-core (Poetry docs, pyproject, ``packages`` and ``exclude``)."""
    poetry = project.table("tool", "poetry")
    packages, included = poetry.get("packages"), poetry.get("include")
    roots = [
        (posixpath.join(str(entry.get("from", "")), path), posixpath.join(str(entry.get("to", "")), path))
        for entry in (packages if isinstance(packages, list) else ())
        if isinstance(entry, dict) and entry.get("format", "wheel") != "sdist"
        for path in (str(entry.get("include", "")),)
    ]
    unread = ""
    if any("*" in path for path, _ in roots):
        unread = "`packages` of Poetry"
    # A plain string is about the sdist alone.
    elif isinstance(included, list) and any(isinstance(entry, dict) for entry in included):
        unread = "`include` of Poetry"
    roots = roots or [*project.find(("", "src"))]
    excluded = project.strings("tool", "poetry", "exclude")
    return Layout(roots=tuple(roots), excluded=excluded, unread=unread) if roots else None


def _pdm(project: _Project) -> Layout | None:
    """pdm-backend (PDM-backend docs, build configuration)."""
    table = ("tool", "pdm", "build")
    folder = project.text(*table, "package-dir") or ("src" if (project.directory / "src").is_dir() else "")
    packages = [
        name
        for name in project.packages(folder)
        if name != "tests" and any(project.has(folder, name, f"__init__.{suffix}") for suffix in ("py", "pyi"))
    ]
    modules = [path.name for path in sorted((project.directory / folder).glob("*.py"))]
    roots = tuple((posixpath.join(folder, name), name) for name in packages or modules)
    unread = "`includes` and `excludes` of PDM" if {"includes", "excludes"} & project.table(*table).keys() else ""
    return Layout(roots=roots, unread=unread) if roots else None


def _scikit_build(project: _Project) -> Layout | None:
    """scikit-build-core (its docs, configuration, ``wheel.packages``); what CMake installs is not known."""
    table = ("tool", "scikit-build", "wheel")
    packages = project.setting(*table, "packages")
    if isinstance(packages, dict):
        roots = tuple((str(path), target) for target, path in packages.items())
    elif isinstance(packages, list):
        roots = tuple((path, posixpath.basename(path)) for path in project.strings(*table, "packages"))
    else:
        roots = project.find(("src", "python", ""), holding="__init__.py")
    patterns = project.strings(*table, "exclude")
    excluded = tuple(posixpath.join(path, pattern) for path, _ in roots for pattern in patterns)
    return Layout(roots=roots, excluded=excluded) if roots else None


def _maturin(project: _Project) -> Layout:
    """Maturin (Maturin user guide, project layout): the Rust module, and the Python package around it if it has one."""
    table = ("tool", "maturin")
    module = project.text(*table, "module-name") or _crate(project)
    packages = (module.partition(".")[0], *project.strings(*table, "python-packages"))
    folders = project.strings(*table, "python-source") or ("", "src")
    roots = (root for package in packages for root in project.find(folders, package, holding="."))
    built = () if project.text(*table, "bindings") == "bin" else (f"{module.replace('.', '/')}.so",)
    return Layout(roots=tuple(roots), built=built)


def _crate(project: _Project) -> str:
    """Return the name of the library that Cargo builds, by default the package's."""
    manifest = project.text("tool", "maturin", "manifest-path") or "Cargo.toml"
    cargo = _Project(project.directory, project.name, _tables(project.directory / manifest))
    return (cargo.text("lib", "name") or cargo.text("package", "name") or project.module).replace("-", "_")


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
