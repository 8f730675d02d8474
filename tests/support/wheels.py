"""Tiny real wheels and source distributions, and wheels made again from what is installed, in a folder.

Such a folder is a flat index: uv and pip resolve from it with no network.
"""

from __future__ import annotations

import marshal
import re
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import tomli_w
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.backend import project_wheel_bytes, wheel_bytes, wheel_name
from tests.support.processes import run_backend
from tests.support.projects import BUILD_SYSTEM, BackendProject, module_name, write_backend, write_modules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Wheel", "build_sdist", "build_wheel", "compiled", "repack_installed", "repack_with_dependencies"]


@dataclass(frozen=True)
class Wheel:
    """A distribution to build; without *modules* it has one, named after it, that defines ``__version__``."""

    name: str
    version: str
    requires: Sequence[str] = ()
    extras: Mapping[str, Sequence[str]] = field(default_factory=dict)
    modules: Mapping[str, str] | None = None
    tag: str = "py3-none-any"
    requires_python: str = ""
    scripts: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> Mapping[str, str]:
        """The modules with their text, by their path in site-packages."""
        if self.modules is None:
            return {f"{module_name(self.name)}.py": f'__version__ = "{self.version}"\n'}
        return self.modules

    @property
    def project(self) -> BackendProject:
        """What ``backend.json`` says of this distribution."""
        return {
            "name": self.name,
            "version": self.version,
            "requires": list(self.requires),
            "extras": {extra: list(requires) for extra, requires in self.extras.items()},
            "requires_python": self.requires_python,
            "scripts": dict(self.scripts),
            "tag": self.tag,
        }


def build_wheel(folder: Path, wheel: Wheel) -> Path:
    """Write *wheel* into *folder* and return the file; equal wheels give equal bytes."""
    path = folder / wheel_name(wheel.project)
    path.write_bytes(project_wheel_bytes(wheel.project, {name: text.encode() for name, text in wheel.files.items()}))
    return path


def build_sdist(folder: Path, wheel: Wheel) -> Path:
    """Write the source distribution of *wheel* into *folder* and return the file; it builds with no network."""
    with TemporaryDirectory() as name:
        source = Path(name)
        write_modules(source / "src", wheel.files)
        write_backend(source, wheel.project)
        project: dict[str, object] = {
            "name": wheel.name,
            "version": wheel.version,
            "dependencies": list(wheel.requires),
        }
        if wheel.requires_python:
            project["requires-python"] = wheel.requires_python
        if wheel.extras:
            project["optional-dependencies"] = {extra: list(requires) for extra, requires in wheel.extras.items()}
        if wheel.scripts:
            project["scripts"] = dict(wheel.scripts)
        text = tomli_w.dumps({"project": project, "build-system": BUILD_SYSTEM})
        (source / "pyproject.toml").write_text(text, encoding="utf-8")
        return folder / run_backend(source, "build_sdist", folder)


def repack_installed(distribution_name: str, folder: Path) -> Path:
    """Write a pure wheel of the installed distribution of this name into *folder* and return the file.

    Compiled copies of Python modules (mypyc's) are left out; a distribution that has no other code is refused. Byte code
    is in it: to compile pytest in each environment takes longer than to run it.
    """
    found = distribution(distribution_name)
    stem = f"{re.sub(r'[-_.]+', '_', found.metadata['Name']).lower()}-{found.version}"
    files: dict[str, bytes] = {}
    for file in found.files or ():
        path = PurePosixPath(file.as_posix())
        if _belongs_in_wheel(path):
            inside = path.parts[0].endswith(".dist-info")
            name = PurePosixPath(f"{stem}.dist-info", *path.parts[1:]) if inside else path
            files[str(name)] = Path(str(file.locate())).read_bytes()
    for native in [name for name in files if name.endswith((".so", ".pyd"))]:
        if "__mypyc." not in native and f"{native.split('.')[0]}.py" not in files:
            msg = f"`{distribution_name}` is not pure Python: {native}"
            raise ValueError(msg)
        del files[native]
    files |= compiled(files)
    about = "Wheel-Version: 1.0\nGenerator: wsnox-tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{stem}.dist-info/WHEEL"] = about.encode()
    target = folder / f"{stem}-py3-none-any.whl"
    target.write_bytes(wheel_bytes(stem, files))
    return target


def repack_with_dependencies(distribution_name: str, folder: Path) -> tuple[Path, ...]:
    """Write the installed distribution and all that it needs, so that uv can lock it, and return the files.

    uv locks for every platform, so a dependency that a marker keeps away from this interpreter has to be there as well:
    where it is not installed, an empty stand-in takes its place.
    """
    written: dict[str, Path] = {}
    waiting = [Requirement(distribution_name)]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in written:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:
            written[name] = build_wheel(folder, Wheel(name, _lowest(requirement)))
            continue
        written[name] = repack_installed(name, folder)
        waiting += [each for each in map(Requirement, found.requires or ()) if not _of_an_extra(each)]
    return tuple(written[name] for name in sorted(written))


def _belongs_in_wheel(path: PurePosixPath) -> bool:
    """Leave out scripts, byte code, and what an installer writes."""
    if ".." in path.parts or "__pycache__" in path.parts or path.is_absolute():
        return False
    written = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
    return not (path.parts[0].endswith(".dist-info") and path.name in written)


def compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the byte code of the modules among *files* (PEP 552), which nobody compares with its source."""
    return {
        Path(cache_from_source(file)).as_posix(): b"".join(
            (MAGIC_NUMBER, (1).to_bytes(4, "little"), source_hash(text), marshal.dumps(compile(text, file, "exec")))
        )
        for file, text in files.items()
        if file.endswith(".py")
    }


def _of_an_extra(requirement: Requirement) -> bool:
    return requirement.marker is not None and "extra ==" in str(requirement.marker)


def _lowest(requirement: Requirement) -> str:
    bounds = [each.version for each in requirement.specifier if each.operator in (">=", "==", "~=")]
    return bounds[0] if bounds else "1.0"
