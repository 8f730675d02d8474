"""The settings that uv resolves a workspace with, put together as uv does (uv docs, concepts/configuration-files).

What comes first counts; lists and tables of several files add up:

1. Variables (``UV_PRERELEASE`` and the like).
2. The nearest of the root and the folders above it that has a ``uv.toml`` or a ``[tool.uv]``; where it has both, the
   table says nothing about these settings.
3. The user's own ``uv.toml``, then the system's.

``UV_CONFIG_FILE`` names a file that stands in place of all files, and ``UV_NO_CONFIG`` leaves them all out.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["KEYS", "Layer", "Setting", "UvSettings", "read_settings", "setting_files", "setting_variables"]

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
    "resolution",
})  # fmt: skip
"""The settings that decide what uv writes into a lockfile and that a ``uv.toml`` may hold."""

_SCALARS = {
    "UV_RESOLUTION": "resolution",
    "UV_PRERELEASE": "prerelease",
    "UV_FORK_STRATEGY": "fork-strategy",
    "UV_EXCLUDE_NEWER": "exclude-newer",
}
_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_EXTRA_INDEX_URL")
_LINKS, _LAST_INDEX = "UV_FIND_LINKS", "UV_INDEX_URL"
_PREVIEW = ("UV_PREVIEW", "UV_PREVIEW_FEATURES")
_CONFIG = ("UV_CONFIG_FILE", "UV_NO_CONFIG")
_FILE, _MANIFEST = "uv.toml", "pyproject.toml"


class Setting(NamedTuple):
    """A *value* as it stands, with the name of the file or variable that sets it."""

    value: object
    where: str


class Layer(NamedTuple):
    """The *values* by key that one file, or the variables, give; their paths start at *base*.

    A layer of the *project* is the same for everybody who works on it.
    """

    where: str
    base: Path
    values: Mapping[str, object]
    project: bool = False

    def named(self, key: str) -> str:
        """Return what to call the place that sets *key*."""
        variables = {setting: name for name, setting in _SCALARS.items()}
        return self.where or f"`{variables.get(key, key)}`"


class UvSettings(NamedTuple):
    """The settings of all *layers*, those that count first in front."""

    layers: tuple[Layer, ...]

    def first(self, key: str) -> Setting | None:
        """Return what is set for *key*, `None` where nothing is."""
        return next((Setting(each.values[key], each.named(key)) for each in self.layers if key in each.values), None)

    def each(self, key: str) -> Iterator[Setting]:
        """Yield what every layer sets for *key*."""
        return (Setting(each.values[key], each.named(key)) for each in self.layers if key in each.values)

    def previews(self, feature: str) -> bool:
        """Return whether uv's preview *feature* is on."""
        for layer in self.layers:
            features, everything = layer.values.get("preview-features"), layer.values.get("preview")
            if features is not None or everything is not None:
                return everything is True or features is True or (isinstance(features, list) and feature in features)
        return False


def read_settings(root: Path, table: Mapping[str, object] | None, environ: Mapping[str, str]) -> UvSettings:
    """Return the settings for the workspace at *root* whose manifest has this ``[tool.uv]`` *table*, if it has one.

    *environ* are the variables that uv would see. Raise `ManifestError` for a file that cannot be read.
    """
    files: list[Layer] = []
    if chosen := environ.get("UV_CONFIG_FILE"):
        files = [_of_file(Path(chosen))]
    elif not _is_on(environ.get("UV_NO_CONFIG", "")):
        files = [*_project(root, table), *(_of_file(path) for path in setting_files(environ) if path.is_file())]
    return UvSettings((_of_variables(root, environ), *files))


def setting_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files outside of every project that uv may read: the user's own, then the system's.

    uv: crates/uv-dirs, ``user_config_dir`` and ``system_config_file``.
    """
    home = environ.get("APPDATA") if os.name == "nt" else environ.get("XDG_CONFIG_HOME")
    if not home and os.name != "nt" and (user := environ.get("HOME")):
        home = os.path.join(user, ".config")  # noqa: PTH118 - a warm session asks, too
    if home:
        yield Path(home, "uv", _FILE)
    if os.name == "nt":
        places = [Path(f"{environ['SYSTEMDRIVE']}\\", "ProgramData", "uv", _FILE)] if "SYSTEMDRIVE" in environ else []
    else:
        folders = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
        places = [*(Path(folder, "uv", _FILE) for folder in folders if folder), Path("/etc/uv", _FILE)]
    # Without any variable nobody is at a machine: what is asked for then is the project alone.
    if environ and (system := next((place for place in places if place.is_file()), None)):
        yield system


def setting_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield each variable that is set and decides what uv resolves with, as one text."""
    for name in (*_SCALARS, *_INDEXES, _LINKS, _LAST_INDEX, *_PREVIEW, *_CONFIG):
        if value := environ.get(name):
            yield f"{name}={value}"


def _project(root: Path, table: Mapping[str, object] | None) -> Iterator[Layer]:
    """Yield the layer of the project (crates/uv-settings, ``FilesystemOptions::find``)."""
    for folder in (root, *root.parents):
        if (folder / _FILE).is_file():
            yield _of_file(folder / _FILE, project=True)
            return
        found = table if folder == root else _table_of(folder / _MANIFEST)
        if found is not None:
            yield Layer("`[tool.uv]`", folder, {key: found[key] for key in KEYS & found.keys()}, project=True)
            return


def _table_of(manifest: Path) -> Mapping[str, object] | None:
    """Return ``[tool.uv]`` of a *manifest* above the workspace, `None` where it has none; uv passes over a broken one."""
    from wsnox.errors import ManifestError  # noqa: PLC0415 - hardly any workspace needs it
    from wsnox.workspace.tables import open_table  # noqa: PLC0415 - likewise

    if not manifest.is_file():
        return None
    try:
        uv = open_table(manifest).table("tool").peek("uv")
    except ManifestError:
        return None
    return uv if isinstance(uv, dict) else None


def _of_file(path: Path, *, project: bool = False) -> Layer:
    from wsnox.workspace.tables import open_table  # noqa: PLC0415 - hardly any workspace needs it

    table = open_table(path)
    values = {key: table.peek(key) for key in KEYS if key in table}
    return Layer(f"`{_FILE if project else path}`", path.parent, values, project=project)


def _of_variables(root: Path, environ: Mapping[str, str]) -> Layer:
    values: dict[str, object] = {key: environ[name] for name, key in _SCALARS.items() if environ.get(name)}
    indexes = " ".join(environ.get(name, "") for name in _INDEXES).split()
    # An index may be given a name in front of its URL.
    urls = [name if "://" in name or not url else url for name, _, url in (each.partition("=") for each in indexes)]
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
