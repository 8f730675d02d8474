"""Runs of ``uv pip compile`` in which nothing counts but the request, the workspace, and how uv gets distributions.

The settings of the workspace and the machine go into a file of their own: uv would otherwise add ``[tool.uv.pip]`` and
those of a user who resolves in another manner. Variables that begin with ``UV_`` are passed on if they say where
distributions are and how to get them, and not if they change which are taken.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import tomli

from wsnox._record import Record
from wsnox.resolutions.rendering import Annotation
from wsnox.resolutions.requested import CONSTRAINING
from wsnox.toml_text import dumps
from wsnox.urls import absolute, file_path, file_url, is_url, without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wsnox.workspace.model import Workspace

__all__ = ["Request", "Seed", "UnresolvedError", "UvCompile"]

_PASSED = re.compile(
    r"UV_(INDEX|DEFAULT_INDEX|EXTRA_INDEX_URL|INDEX_URL|FIND_LINKS|INDEX_\w+_(USERNAME|PASSWORD)|KEYRING_PROVIDER|OFFLINE"
    r"|(NO_)?CACHE(_DIR)?|CONCURRENT_\w+|HTTP_\w+|REQUEST_TIMEOUT|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST|LINK_MODE"
    r"|CREDENTIALS_DIR|NETRC|GITHUB_TOKEN|GIT_LFS|NO_PROGRESS|PYTHON_(INSTALL_DIR|DOWNLOADS|PREFERENCE)|AUTH_\w+|TEST_\w+)"
)
_OF_PYTHON = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX")
_ADDED_UP = ("index", "extra-index-url", "find-links")
_OF_PROJECT = ("environments", "required-environments")
_LEFT_TO_US = ("resolution", "required-version", "preview", "preview-features")
_NAMED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:==(?P<version>[^\s;]+)| @ .*)")
_PARENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)?\s*(?:\((?P<file>[^)]*?)(?::(?P<group>[^:)]+))?\))?")


class Seed(Record):
    """A version of *name* in the *index* that uv keeps if the request allows it."""

    name: str
    version: str
    index: str


class Request(Record, kw_only=True):
    """A question to uv: *lines* of a requirements file, *manifests* (their dependencies alone), and *groups* (``PATH:NAME``).

    The *constraints* hold, and *bare* is without those of the root's ``[tool.uv]``. *seeds* are kept if they can be, the
    projects *built* may be built, and *options* go to uv as they are.
    """

    lines: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    seeds: tuple[Seed, ...] = ()
    built: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    bare: bool = False


class UnresolvedError(Exception):
    """uv finds no versions; *lines* are what it said."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("uv finds no versions")


class UvCompile:
    """Runs the program *uv* for *workspace*, in the *environ* of this process, with its files in *folder*.

    The lowest version is *python*. Distributions of others may be built only with *build*, and nothing is taken that
    was released after *cutoff*, if that is set.
    """

    def __init__(
        self,
        uv: str,
        workspace: Workspace,
        environ: Mapping[str, str],
        folder: Path,
        *,
        python: str,
        build: bool,
        cutoff: str,
    ) -> None:
        self._uv, self._workspace, self._folder = uv, workspace, folder
        kept = (item for item in environ.items() if not item[0].startswith("UV_") or _PASSED.fullmatch(item[0]))
        self._environ = {name: value for name, value in kept if name not in _OF_PYTHON}
        self._options = (
            *("--universal", "--python-version", python, "--python", sys.executable, "--no-header", "--quiet"),
            *(("--exclude-newer", cutoff) if cutoff else ()),
        )
        self._build = build
        self._configurations = {bare: self._write_configuration(bare=bare) for bare in (False, True)}

    def packages(self, request: Request) -> dict[str, Any]:
        """Return what uv writes for *request* as a PEP 751 file; raise `UnresolvedError` if it finds no versions."""
        output = self._folder / "pylock.out.toml"
        seeds = [
            {
                "name": seed.name,
                "version": seed.version,
                "index": seed.index,
                # What a preference needs and nobody reads.
                "archive": {"url": "https://registry.example/any.tar.gz", "hashes": {"sha256": "0" * 64}},
            }
            for seed in request.seeds
        ]
        output.write_text(dumps({"lock-version": "1.0", "created-by": "wsnox"}, "packages", seeds), encoding="utf-8")
        self._run(request, "--output-file", os.fspath(output))
        document: dict[str, Any] = tomli.loads(output.read_text(encoding="utf-8"))
        return document

    def annotations(self, request: Request, document: Mapping[str, Any]) -> Mapping[tuple[str, str], Annotation]:
        """Return what brings each package of *document*, which answers *request*, and its index, by name and version.

        uv tells both as comments of a requirements file alone. Preferred versions give the same answer again; where a fork
        differs all the same, what is said of the name counts. Raise `UnresolvedError` for a package of which nothing is said.
        """
        output, packages = self._folder / "requirements.out.txt", document["packages"]
        pins = (
            f"{one['name']}=={one['version']}{_marker(one)}\n" for one in packages if "wheels" in one or "sdist" in one
        )
        output.write_text("".join(pins), encoding="utf-8")
        self._run(request, "--emit-index-annotation", "--output-file", os.fspath(output))
        places = {self._place(one): one["name"] for one in packages if "directory" in one or "archive" in one}
        lines = output.read_text(encoding="utf-8").splitlines()
        by_key = dict(_annotated(lines, places, self._workspace.root))
        by_name = {name: annotation for (name, _), annotation in by_key.items()}
        annotations = {}
        for package in packages:
            name, version = package["name"], package.get("version", "")
            annotations[name, version] = by_key.get((name, version)) or by_name.get(name, Annotation(()))
            if not annotations[name, version].parents and "directory" not in package:
                raise UnresolvedError([f"it does not say what needs `{name}`"])
        return annotations

    def _write_configuration(self, *, bare: bool) -> tuple[str, str]:
        """Write the settings for uv, and return the option that has them count."""
        values, folder = _configuration(self._workspace, bare=bare), self._folder / ("bare" if bare else "settings")
        folder.mkdir()
        if values.keys().isdisjoint(_OF_PROJECT):
            file = folder / "uv.toml"
            file.write_text(dumps(values), encoding="utf-8")
            return "--config-file", os.fspath(file)
        # Such keys uv takes from a manifest alone; the user's own configuration would then be added.
        (folder / "pyproject.toml").write_text(dumps({}, more={"tool.uv": values}), encoding="utf-8")
        self._environ["XDG_CONFIG_HOME"] = os.fspath(folder)
        return "--project", os.fspath(folder)

    def _place(self, package: Mapping[str, Any]) -> str:
        """Return where *package*, a source tree or an archive, is: its real path, or its URL."""
        source = package.get("directory") or package["archive"]
        return os.path.realpath(self._folder / source["path"]) if "path" in source else str(source["url"])

    def _run(self, request: Request, *output: str) -> str:
        """Run uv for *request* in the workspace root, and return what it prints."""
        constraints, lines = self._folder / "constraints.txt", self._folder / "request.in"
        constraints.write_text("".join(f"{line}\n" for line in request.constraints), encoding="utf-8")
        lines.write_text("".join(f"{line}\n" for line in request.lines), encoding="utf-8")
        command = [
            *(self._uv, "pip", "compile", *self._options, *request.options),
            *(() if self._build else ("--only-binary", ":all:")),
            *(word for name in (() if self._build else request.built) for word in ("--no-binary", name)),
            *self._configurations[request.bare],
            *(["--constraints", os.fspath(constraints)] if request.constraints else []),
            *(word for group in request.groups for word in ("--group", group)),
            *output,
            *([os.fspath(lines)] if request.lines else []),
            *request.manifests,
        ]
        done = subprocess.run(
            command,
            cwd=self._workspace.root,
            env={**self._environ, "NO_COLOR": "1", "UV_PREVIEW_FEATURES": "pylock"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            text = done.stderr.replace(f"{self._folder}{os.sep}", "")
            raise UnresolvedError(
                [line.rstrip() for line in text.splitlines() if line.strip()] or [f"exit code {done.returncode}"]
            )
        return done.stdout


def _marker(package: Mapping[str, Any]) -> str:
    return f" ; {package['marker']}" if "marker" in package else ""


def _annotated(
    lines: Iterable[str], places: Mapping[str, str], root: Path
) -> Iterator[tuple[tuple[str, str], Annotation]]:
    """Yield what the comments of *lines* say of each package; those without a name in their line have one by their *places*."""
    key: tuple[str, str] | None = None
    parents: list[str] = []
    index = ""
    for line in (*filter(None, lines), "end==0"):
        if not line.startswith((" ", "#")):
            if key is not None:
                yield key, Annotation(tuple(parents), index)
            key, parents, index = _key(line, places, root), [], ""
            continue
        comment = line.strip().removeprefix("#").strip()
        if comment.startswith("from "):
            index = comment.removeprefix("from ")
            continue
        comment = comment.removeprefix("via").strip()
        if comment and not comment.startswith("-") and (parent := _PARENT.fullmatch(comment)):
            group = "" if parent["file"] is None else f":{parent['group'] or ''}"
            parents.append(f"{parent['name'] or ''}{group}")


def _key(line: str, places: Mapping[str, str], root: Path) -> tuple[str, str]:
    """Return name and version of the package that *line* is about; what is not from an index has no version."""
    if named := _NAMED.match(line):
        return named["name"], named["version"] or ""
    place = re.sub(r" ; .*$", "", line.removeprefix("-e ")).strip()
    path = os.path.realpath(root / (file_path(place) or place))
    without_extras = os.path.realpath(root / place.partition("[")[0])
    return places.get(place) or places.get(path) or places.get(without_extras, ""), ""


def _configuration(workspace: Workspace, *, bare: bool) -> dict[str, Any]:
    """Return the settings for uv: those of the root's manifest, the workspace, and the machine.

    *bare* is without those that no user of a member has.
    """
    top = workspace.manifest.top
    uv = None if top is None else top.table("tool").table("uv")
    keys = (*CONSTRAINING, "build-constraint-dependencies", *_OF_PROJECT)
    values = {} if uv is None else {key: uv.peek(key) for key in keys if key in uv}
    if bare:
        values = {key: value for key, value in values.items() if key not in CONSTRAINING}
    # The variables are there for uv to read.
    for layer in workspace.uv_settings.layers[1:]:
        for key, value in sorted(layer.values.items()):
            located = _located(value, layer.base.as_posix()) if key in _ADDED_UP else value
            if key in _ADDED_UP and isinstance(located, list):
                values[key] = [*values.get(key, ()), *located]  # type: ignore[misc] # lists alone stand under these keys
            elif key not in _LEFT_TO_US:
                values.setdefault(key, located)
    return values


def _located(value: object, base: str) -> object:
    """Return *value* with paths of folders made absolute, which start at *base*."""
    match value:
        case str():
            return value if is_url(value) else absolute(base, value)
        case list():
            return [_located(item, base) for item in value]
        case {"url": str(url), **rest}:
            return {**rest, "url": _located(url, base)}
        case _:
            return value


def index_of(location: str, root: str) -> str:
    """Return the URL of the index that a lockfile in *root* calls *location*."""
    return without_credentials(location) if is_url(location) else file_url(absolute(root, location))
