"""Closures out of thin air, and what an installer leaves of them in a site directory."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.backend import project_wheel_bytes
from wsnox.closure.compatibility import Platform
from wsnox.closure.model import Closure, ClosurePackage, Request
from wsnox.environment.interpreter import Interpreter
from wsnox.environment.model import Job, Venv
from wsnox.environment.site_packages import Distribution, Installed
from wsnox.lock import Archive, Artifact, Directory, Git, Package, Registry, Source, Url
from wsnox.markers.target import describe
from wsnox.urls import absolute
from wsnox.workspace.model import Manifest, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.wheels import Wheel

__all__ = [
    "COMMIT",
    "INDEX",
    "closure_of",
    "dist_info",
    "installed_of",
    "interpreter_of",
    "job_of",
    "origin_of",
    "package",
    "plant",
    "wheel_of",
]

INDEX = Registry("https://registry.example/simple")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def wheel_of(name: str, version: str = "1.0", *, url: str = "", path: str = "", digest: str = "sha256:aa") -> Artifact:
    """Return a wheel of the distribution, at *url* or *path*."""
    return Artifact(f"{name}-{version}-py3-none-any.whl", url=url, path=path, hash=digest)


def package(
    name: str,
    version: str | None = "1.0",
    source: Source = INDEX,
    *,
    wheels: Iterable[Artifact] = (),
    sdist: Artifact | None = None,
) -> Package:
    """Return a locked package without dependencies."""
    return Package(name, version, source, wheels=tuple(wheels), sdist=sdist)


def closure_of(*packages: Package) -> Closure:
    """Return a closure that holds *packages*, in name order as a real one does."""
    ordered = sorted(packages, key=lambda package: package.name)
    entries = [
        ClosurePackage(position=index, package=package, extras=frozenset(), requested=True, reasons=())
        for index, package in enumerate(ordered)
    ]
    return Closure(request=Request(roots=()), entries=tuple(entries))


def origin_of(source: Source, root: str) -> dict[str, Any]:
    """Return the ``direct_url.json`` (PEP 610) that an installer writes for *source*; empty for an index."""
    match source:
        case Directory(path=path, editable=editable):
            return {"url": f"file://{absolute(root, path)}", "dir_info": {"editable": True} if editable else {}}
        case Archive(path=path):
            return {"url": f"file://{absolute(root, path)}", "archive_info": {}}
        case Url(url=url):
            return {"url": url.partition("#")[0], "archive_info": {}}
        case Git(url=url, commit=commit, subdirectory=subdirectory):
            folder = {"subdirectory": subdirectory} if subdirectory else {}
            return {"url": url, "vcs_info": {"vcs": "git", "commit_id": commit}, **folder}
        case _:
            return {}


def installed_of(closure: Closure, site: Path, root: str) -> Installed:
    """Return what reading an environment gives that holds exactly *closure*."""
    return Installed(tuple(_distribution(package, site, root) for package in closure.packages), ())


def _distribution(locked: Package, site: Path, root: str) -> Distribution:
    version = locked.version or "0"
    metadata = site / f"{locked.name.replace('-', '_')}-{version}.dist-info"
    return Distribution(locked.name, version, str(metadata), origin_of(locked.source, root))


def dist_info(
    site: Path,
    name: str,
    version: str = "1.0",
    *,
    record: Iterable[str] | None = (),
    origin: object = None,
    metadata: bool = True,
) -> Path:
    """Write a ``.dist-info`` folder whose RECORD has these lines and its own, no RECORD where *record* is `None`."""
    path = site / f"{name}-{version}.dist-info"
    path.mkdir(parents=True)
    if metadata:
        (path / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: no\n")
    if record is not None:
        own = [f"{path.name}/{file},," for file in ("METADATA", "RECORD")]
        lines = dict.fromkeys([*record, *own])
        (path / "RECORD").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if origin is not None:
        (path / "direct_url.json").write_text(origin if isinstance(origin, str) else json.dumps(origin))
    return path


def plant(site: Path, wheel: Wheel, *, without: Iterable[str] = ()) -> None:
    """Unpack *wheel* into *site* as an installer would, but for the files of its metadata in *without*."""
    files = {name: text.encode() for name, text in wheel.files.items()}
    left_out = set(without)
    with zipfile.ZipFile(io.BytesIO(project_wheel_bytes(wheel.project, files))) as archive:
        archive.extractall(site, [name for name in archive.namelist() if name.rpartition("/")[2] not in left_out])


def job_of(folder: Path, *, uv: str | None = None) -> Job:
    """Return the job of a session whose workspace is `/w` and whose environment is in *folder*."""
    return Job(
        label="a-session",
        version="1",
        workspace=Workspace(root=Path("/w"), manifest=Manifest(path=Path("/w/pyproject.toml")), members=()),
        selections=(),
        root_groups=(),
        root_defaults=False,
        editable=True,
        require_fresh_lock=False,
        venv=Venv(folder / "environment", folder / "environment" / "bin"),
        python_request="3",
        uv=uv,
        environ={},
    )


def interpreter_of(folder: Path) -> Interpreter:
    """Return an interpreter that is never started."""
    target, location = describe("3.12", "linux"), folder / "environment"
    return Interpreter(Path("python"), target, location, (folder / "site",), folder / "bin", Platform("abi"))
