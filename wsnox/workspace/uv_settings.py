"""The settings that uv resolves a workspace with, put together as uv does (uv docs, concepts/configuration-files).

The first that sets a value counts; lists and tables of several files add up:

1. Variables (``UV_PRERELEASE`` and the like).
2. The nearest of the root and the folders above it that has a ``uv.toml`` or a ``[tool.uv]``; with both, the table does
   not count for these settings.
3. The user's ``uv.toml``, then the system's.

``UV_CONFIG_FILE`` names a file that replaces all of them, and ``UV_NO_CONFIG`` leaves them all out.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.errors import ManifestError
from wsnox.workspace.tables import open_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wsnox.workspace.tables import Table

__all__ = [
    "HOW",
    "KEYS",
    "Index",
    "Layer",
    "Setting",
    "UvSettings",
    "named_indexes",
    "read_settings",
    "setting_files",
    "setting_variables",
]

HOW = (
    "allow-insecure-host", "index-strategy", "keyring-provider", "native-tls", "no-binary", "no-binary-package",
    "no-build", "no-build-package", "system-certs",
)  # fmt: skip
"""The settings of how uv gets distributions."""

KEYS = frozenset({
    "dependency-metadata",
    "exclude-newer",
    "exclude-newer-package",
    "extra-index-url",
    "find-links",
    "fork-strategy",
    "index",
    "index-url",
    "no-index",
    "prerelease",
    "prerelease-package",
    "preview",
    "preview-features",
    "required-version",
    "resolution",
    *HOW,
})  # fmt: skip
"""The settings that decide what uv writes into a lockfile, or whether it does, and that a ``uv.toml`` may hold."""

_SCALARS = {
    "UV_RESOLUTION": "resolution",
    "UV_PRERELEASE": "prerelease",
    "UV_FORK_STRATEGY": "fork-strategy",
    "UV_EXCLUDE_NEWER": "exclude-newer",
}
_NAMED = ("UV_DEFAULT_INDEX", "UV_INDEX")
_INDEXES = (*_NAMED, "UV_EXTRA_INDEX_URL")
_LINKS, _LAST_INDEX = "UV_FIND_LINKS", "UV_INDEX_URL"
_PREVIEW = ("UV_PREVIEW", "UV_PREVIEW_FEATURES")
_CONFIG = ("UV_CONFIG_FILE", "UV_NO_CONFIG")
_FILE, _MANIFEST = "uv.toml", "pyproject.toml"


class Setting(Record):
    """A *value* as written, with the file or variable that sets it."""

    value: object
    where: str


class Index(Record):
    """An index, flat ones (``find-links``) included; *url* may be a path."""

    name: str | None
    url: str
    default: bool = False


class Layer(Record):
    """The *values* by key that one file, or the variables, set; paths in them start at *base*.

    A layer of the *project* is the same for everybody who works on it.
    """

    where: str
    base: Path
    values: Mapping[str, object]
    project: bool = False

    def setting(self, key: str) -> Setting | None:
        """Return what this layer sets for *key*, `None` for nothing."""
        if key not in self.values:
            return None
        variables = {setting: name for name, setting in _SCALARS.items()}
        return Setting(self.values[key], self.where or f"`{variables.get(key, key)}`")

    @property
    def no_index(self) -> bool:
        """Whether nothing but ``find-links`` counts."""
        return self.values.get("no-index") is True

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The indexes in the order in which uv looks at them; a value of a form that uv refuses is left out."""

        def listed(key: str) -> list[Any]:
            value = self.values.get(key)
            return value if isinstance(value, list) else [value]

        indexes: list[Index] = []
        if not self.no_index:
            for table in listed("index"):
                match table:
                    case {"url": str(url), **rest}:
                        name = rest.get("name")
                        indexes.append(Index(name if isinstance(name, str) else None, url, rest.get("default") is True))
            for key in ("extra-index-url", "index-url"):
                indexes += [Index(None, url, key == "index-url") for url in listed(key) if isinstance(url, str)]
        return (*indexes, *(Index(None, url) for url in listed("find-links") if isinstance(url, str)))


class UvSettings(Record):
    """The settings of all *layers*, in order of precedence."""

    layers: tuple[Layer, ...]

    def first(self, key: str) -> Setting | None:
        """Return the setting of *key* that counts, `None` where nothing sets it."""
        return next(self.in_order(key), None)

    def in_order(self, key: str) -> Iterator[Setting]:
        """Yield the setting of *key* in every layer that has one."""
        return filter(None, (layer.setting(key) for layer in self.layers))

    def previews(self, feature: str) -> bool:
        """Return whether uv's preview *feature* is on."""
        for layer in self.layers:
            features, everything = layer.values.get("preview-features"), layer.values.get("preview")
            if features is not None or everything is not None:
                return everything is True or features is True or (isinstance(features, list) and feature in features)
        return False


def read_settings(root: Path, top: Table | None, environ: Mapping[str, str]) -> UvSettings:
    """Return the settings for the workspace at *root* whose manifest has this *top* table.

    *environ* are the variables that uv would see. Raise `ManifestError` for a file that cannot be read.
    """
    files: list[Layer] = []
    if config_file := environ.get("UV_CONFIG_FILE"):
        files = [_of_table(f"`{config_file}`", open_table(Path(config_file)))]
    elif not _is_on(environ.get("UV_NO_CONFIG", "")):
        outside = (path for path in setting_files(environ) if path.is_file())
        files = [*_project(root, top), *(_of_table(f"`{path}`", open_table(path)) for path in outside)]
    return UvSettings((_of_variables(root, environ), *files))


def named_indexes(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the URLs of the indexes that variables name; of two with one name the first counts."""
    indexes = [index for name in _NAMED for index in environ.get(name, "").split()]
    parts = (index.partition("=") for index in reversed(indexes))
    return {name: url for name, _, url in parts if url and ":" not in name}


def setting_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files outside of every project that uv may read: the user's own, then the system's.

    uv: crates/uv-dirs, ``user_config_dir`` and ``system_config_file``.
    """
    if os.name == "nt":
        user = environ.get("APPDATA")
        drive = environ.get("SYSTEMDRIVE")
        system = [Path(f"{drive}\\", "ProgramData", "uv", _FILE)] if drive is not None else []
    else:
        user = environ.get("XDG_CONFIG_HOME")
        if not user and (home := environ.get("HOME")):
            user = os.path.join(home, ".config")  # noqa: PTH118 - a warm session asks, too
        folders = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
        system = [*(Path(folder, "uv", _FILE) for folder in folders if folder), Path("/etc/uv", _FILE)]
    if user:
        yield Path(user, "uv", _FILE)
    # Without any variables the machine does not count, and only the project does.
    if environ:
        yield from [path for path in system if path.is_file()][:1]


def setting_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield each variable that is set and decides what uv resolves with, as one text."""
    for name in (*_SCALARS, *_INDEXES, _LINKS, _LAST_INDEX, *_PREVIEW, *_CONFIG):
        if value := environ.get(name):
            yield f"{name}={value}"


def _project(root: Path, top: Table | None) -> Iterator[Layer]:
    """Yield the layer of the project (crates/uv-settings, ``FilesystemOptions::find``)."""
    for folder in (root, *root.parents):
        file, manifest = folder / _FILE, folder / _MANIFEST
        if file.is_file():
            yield _of_table(f"`{_FILE}`", open_table(file), project=True)
            return
        if folder != root:
            top = None
            # uv passes over a broken manifest above the workspace.
            with suppress(ManifestError):
                top = open_table(manifest) if manifest.is_file() else None
        if top is not None and isinstance(top.table("tool").peek("uv"), dict):
            yield _of_table("`[tool.uv]`", top.table("tool").table("uv"), project=True)
            return


def _of_table(where: str, table: Table, *, project: bool = False) -> Layer:
    values = {key: table.peek(key) for key in KEYS if key in table}
    return Layer(where, table.path.parent, values, project=project)


def _of_variables(root: Path, environ: Mapping[str, str]) -> Layer:
    values: dict[str, object] = {key: environ[name] for name, key in _SCALARS.items() if environ.get(name)}
    indexes = " ".join(environ.get(name, "") for name in _INDEXES).split()
    # An index may be given a name in front of its URL.
    parts = (index.partition("=") for index in indexes)
    urls = [name if "://" in name or not url else url for name, _, url in parts]
    if links := [*urls, *filter(None, environ.get(_LINKS, "").split(","))]:
        values["find-links"] = links
    if environ.get(_LAST_INDEX):
        values["index-url"] = environ[_LAST_INDEX]
    if _is_on(environ.get("UV_PREVIEW", "")):
        values["preview"] = True
    if features := environ.get("UV_PREVIEW_FEATURES"):
        values["preview-features"] = [feature.strip() for feature in features.split(",")]
    return Layer("", root, values)


def _is_on(value: str) -> bool:
    return value.lower() in ("1", "y", "yes", "t", "true", "on")
