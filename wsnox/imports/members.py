"""The Python files of a member: those that its wheel ships, and the rest, which is tests and scripts."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.imports.model import Finding
from wsnox.imports.modules import read_shipped
from wsnox.imports.parser import read_imports

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from wsnox.closure import Target
    from wsnox.imports.model import Import, Shipped
    from wsnox.workspace import Member

__all__ = [
    "Read",
    "Sources",
    "application_code",
    "files_below",
    "imports_of",
    "is_local",
    "is_script",
    "is_test",
    "sources_of",
    "unshipped_files",
    "without_tests",
]

_PASSED_OVER = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})
_GENERATED = ("_pb2", "_pb2_grpc")


_RUNNERS = frozenset({"hypothesis", "pytest", "unittest"})


class Read(Record, kw_only=True):
    """The *imports* of some files, and those files that this Python cannot parse: their syntax may be newer."""

    imports: tuple[Import, ...]
    unread: tuple[str, ...]


class Sources(Record, kw_only=True):
    """The *files* (POSIX, relative to the member) of what is *shipped* of a *member*, and the *rest* of its Python files.

    Tests inside a package are among the rest, even where its wheel has them.
    """

    member: Member
    shipped: Shipped
    files: tuple[str, ...]
    rest: tuple[str, ...]


def sources_of(member: Member, others: Collection[Member] = ()) -> Sources:
    """Return the Python files of *member*; of one that no wheel is built of, an application, nothing is shipped.

    What lies in the directory of one of the *others* is theirs, even where a build backend would take it along.
    """
    inner = [f"{path}/" for other in others if (path := _path_below(member, other))]
    shipped = _without(read_shipped(member.directory, member.name), tuple(inner))
    files = {each.file for each in shipped.modules if each.file.endswith(".py") and not _is_among_tests(each.file)}
    rest = [file for file in files_below(member.directory) if file not in files]
    return Sources(member=member, shipped=shipped, files=tuple(sorted(files)), rest=tuple(rest))


def _path_below(member: Member, other: Member) -> str:
    # As text: each member is compared with each other, and `Path` would be most of what that costs.
    inside = str(other.directory).startswith(f"{member.directory}{os.sep}")
    return other.directory.relative_to(member.directory).as_posix() if inside else ""


def _without(shipped: Shipped, folders: tuple[str, ...]) -> Shipped:
    """Return what is *shipped* of no file in *folders*, with a prefix for each package that is a namespace with code."""
    modules = tuple(module for module in shipped.modules if not module.file.startswith(folders))
    names = {module.name for module in modules}
    kept = [
        prefix
        for prefix in shipped.prefixes
        if not folders or any(f"{name}.".startswith(f"{prefix}.") for name in names)
    ]
    covered = tuple(f"{prefix}." for prefix in kept)
    bare = sorted(name for name in names if not f"{name}.".startswith(covered))
    return replace(shipped, modules=modules, prefixes=(*kept, *bare))


def is_test(file: str) -> bool:
    """Tell whether *file* is one that pytest collects, or stands in a folder of tests."""
    return _is_among_tests(file) or _is_called_a_test(file)


def _is_among_tests(file: str) -> bool:
    *folders, name = file.split("/")
    return not {"tests", "test"}.isdisjoint(folders) or name == "conftest.py"


def _is_called_a_test(file: str) -> bool:
    name = file.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py")


def files_below(directory: Path) -> Iterator[str]:
    """Yield the Python files below *directory*, not those of further projects, of environments and of build output."""
    for place, folders, files in os.walk(directory):
        inner = place != str(directory)
        if inner and ("pyproject.toml" in files or "pyvenv.cfg" in files):
            folders.clear()
            continue
        folders[:] = sorted(each for each in folders if each not in _PASSED_OVER and not each.startswith("."))
        relative = Path(place).relative_to(directory).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        yield from (f"{prefix}{file}" for file in sorted(files) if file.endswith(".py"))


def imports_of(directory: Path, files: Iterable[str], target: Target) -> Read:
    """Return the imports of *files* below *directory*; a file that cannot be read or parsed has none."""
    found: list[Import] = []
    unread: list[str] = []
    for file in files:
        path = directory / file
        try:
            # Nobody may ever write into a pipe.
            source = path.read_bytes() if path.is_file() else b""
        except OSError:
            continue
        imports = read_imports(source, file, target)
        found += imports or ()
        if imports is None:
            unread.append(file)
    return Read(imports=tuple(found), unread=tuple(unread))


def without_tests(imports: Sequence[Import]) -> tuple[Import, ...]:
    """Return *imports* without those of files that are called like tests, and import what runs tests."""
    tests = {each.file for each in imports if _is_called_a_test(each.file) and each.module.split(".")[0] in _RUNNERS}
    return tuple(each for each in imports if each.file not in tests)


def is_local(directory: Path, imported: Import, paths: Collection[str] = ()) -> bool:
    """Tell whether what is imported stands beside its file, in a folder above it up to *directory*, or in *paths* of it.

    That is where Python and pytest look for the helpers of a script or test. Code that protoc generates may not be there.
    """
    top = imported.module.partition(".")[0]
    if top.endswith(_GENERATED):
        return True
    folder = (directory / imported.file).parent
    above = [place for place in (folder, *folder.parents) if place.is_relative_to(directory)]
    return any(_has(place, top) for place in (*above, *(directory / path for path in paths)))


def _has(place: Path, top: str) -> bool:
    if (place / f"{top}.py").is_file():
        return True
    if (place / top / "pyproject.toml").is_file():
        # A project of its own, which has to be installed.
        return False
    try:
        inner = os.listdir(place / top)  # noqa: PTH208 - names are all it takes
        return any(each.endswith(".py") or (place / top / each / "__init__.py").is_file() for each in inner)
    except OSError:
        return False


# --- The code of a member of which no wheel is built, an application: what of its Python files is run in  ---


_SCRIPTS = frozenset({"dodo.py", "fabfile.py", "noxfile.py", "setup.py", "tasks.py"})
_ASIDE = frozenset({"benchmarks", "demo", "demos", "doc", "docs", "example", "examples", "notebooks"}) | frozenset(
    {"recipes", "sample", "samples", "scripts", "testing", "tools"}
)


def application_code(sources: Sources) -> tuple[str, ...]:
    """Return the files that are neither tests nor stand aside, none where *sources* are of a member with a wheel."""
    if sources.shipped.prefixes or not _is_application(sources.member):
        return ()
    packages = {file.removesuffix("/__init__.py") for file in sources.rest if file.count("/") == 1}
    return tuple(file for file in sources.rest if not _is_aside(file) and _is_code(file, packages))


def _is_application(member: Member) -> bool:
    declared = member.manifest.declared
    return declared.package is False or (declared.package is None and not declared.build_system)


def _is_aside(file: str) -> bool:
    *folders, name = file.split("/")
    return is_test(file) or name in _SCRIPTS or not _ASIDE.isdisjoint(folders)


def is_script(file: str) -> bool:
    """Tell whether *file* is what a tool runs from the top of a project, in an environment of its own: a noxfile."""
    return file in _SCRIPTS


def _is_code(file: str, packages: Collection[str]) -> bool:
    """Tell whether *file* stands where an application's code usually does: at the top, in ``src``, in a package."""
    first, inner, _ = file.partition("/")
    return not inner or first == "src" or first in packages


# --- Files that stand among a member's sources and that its built wheel leaves out ---


_PASSED_OVER_unshipped = ("__pycache__",)


def unshipped_files(sources: Sources, site: Sequence[Path]) -> Iterator[Finding]:
    """Yield each file below the member's packages that none of the *site* directories, which hold its wheel, has."""
    member = sources.member
    for source_root in sorted({_root_of(module.name, module.file) for module in sources.shipped.modules}):
        base = member.directory / source_root
        for package in sorted({prefix.split(".")[0] for prefix in sources.shipped.prefixes}):
            for path in _files(base, package):
                if not any((place / path).exists() for place in site):
                    file = (base / path).relative_to(member.directory).as_posix()
                    place = file if member.path == "." else f"{member.path}/{file}"
                    yield Finding(member=member.name, kind="unshipped", module=path, places=((place, 0),))


def _root_of(name: str, file: str) -> str:
    """Return the folder that *file* is the module *name* in: ``src`` for ``a.b`` in ``src/a/b.py``."""
    parts = file.removesuffix("/__init__.py").split("/")
    return "/".join(parts[: -len(name.split("."))])


def _files(base: Path, package: str) -> Iterator[str]:
    for place, folders, files in os.walk(base / package):
        folders[:] = sorted(each for each in folders if each not in _PASSED_OVER_unshipped)
        yield from (Path(place, file).relative_to(base).as_posix() for file in sorted(files))
