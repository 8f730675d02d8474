"""The file of another resolution, as written: what uv resolved, and what it does not write itself.

uv writes the packages with their files, hashes and markers. Added are the index of each, what it depends on, and the
facts. Paths start at the folder of such files, and so do those of an index in a folder that ``uv.lock`` names relative to
the workspace: another clone has the same bytes.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from wsnox._record import Record
from wsnox.toml_text import dumps
from wsnox.urls import absolute, file_path, without_credentials
from wsnox.workspace.sessions import RESOLUTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wsnox.resolutions.resolution_file import Facts

__all__ = ["Annotation", "Rendering"]

_ORDER = (
    *("name", "version", "marker", "requires-python", "dependencies", "vcs", "directory", "archive", "index", "sdist"),
    "wheels",
)
_FACTS = (
    "version",
    "resolution",
    "base",
    "uv",
    "cutoff",
    "requests",
    "groups",
    "floors",
    "lifted",
    "untested",
    "unreleased",
    "omitted",
    "unlike",
)


class Annotation(NamedTuple):
    """Why a package is there, by the names of its *parents*, a group as ``member:group``, and the URL of the index that is its *source*."""

    parents: tuple[str, ...]
    source: str = ""


class Rendering(Record, kw_only=True):
    """uv's *document*, whose paths start at *base*, with *annotations* by name and version, in the workspace *root*.

    The *folders* (absolute) are indexes that are named relative to it.
    """

    document: Mapping[str, Any]
    annotations: Mapping[tuple[str, str], Annotation]
    root: str
    base: str
    folders: frozenset[str] = frozenset()

    def text(self, facts: Facts) -> bytes:
        """Return the content of the file with these *facts*."""
        packages = [self._entry(package) for package in self.document["packages"]]
        values = {key: value for key in _FACTS if (value := _plain(getattr(facts, key)))}
        tables = {"tool.wsnox": {key: value for key, value in values.items() if not isinstance(value, dict)}}
        tables |= {f"tool.wsnox.{key}": value for key, value in values.items() if isinstance(value, dict)}
        top = {"lock-version": self.document["lock-version"], "created-by": "wsnox"}
        if "requires-python" in self.document:
            top["requires-python"] = self.document["requires-python"]
        return dumps(top, "packages", packages, tables).encode()

    def _entry(self, package: Mapping[str, Any]) -> dict[str, Any]:
        name, version = package["name"], package.get("version", "")
        entry = self._moved(package)
        if dependencies := [
            {"name": child["name"]} | ({"version": child["version"]} if self._is_forked(child["name"]) else {})
            for child in self.document["packages"]
            if name in self._annotation(child).parents
        ]:
            entry["dependencies"] = dependencies
        source = self.annotations.get((name, version), Annotation(())).source
        if ("wheels" in entry or "sdist" in entry) and source and file_path(source) not in self.folders:
            entry["index"] = without_credentials(source)
        return {key: entry[key] for key in (*_ORDER, *sorted(entry.keys() - {*_ORDER})) if key in entry}

    def _annotation(self, package: Mapping[str, Any]) -> Annotation:
        return self.annotations.get((package["name"], package.get("version", "")), Annotation(()))

    def _is_forked(self, name: str) -> bool:
        return [package["name"] for package in self.document["packages"]].count(name) > 1

    def _moved(self, value: Any) -> Any:
        """Return *value* with every path in it relative to the folder of such files, and no URL with credentials."""
        if isinstance(value, list):
            return [self._moved(item) for item in value]
        if not isinstance(value, dict):
            return value
        moved = {key: self._moved(item) for key, item in value.items()}
        path, url = value.get("path"), value.get("url")
        file = file_path(url) if isinstance(url, str) else None
        if file is not None and posixpath.dirname(file) in self.folders:
            del moved["url"]
            moved = {"path": file, **moved}
            path = file
        elif isinstance(url, str):
            moved["url"] = without_credentials(url)
        if isinstance(path, str):
            moved["path"] = posixpath.relpath(absolute(self.base, path), absolute(self.root, RESOLUTIONS))
        return moved


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [*value]
    return {key: _plain(item) for key, item in sorted(value.items())} if isinstance(value, dict) else value
