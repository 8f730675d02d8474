"""Read ``uv.lock``, version 1 at every revision.

1. The version is looked at first, so that a file of a later version is refused for its version.
2. Every ``[[package]]`` becomes a record, and every edge leads to one (`wsnox.lock.packages`).
3. Every wrong type is refused, with the dotted path to it.

Unknown keys are ignored (later revisions add some); unknown source kinds and conflict keys are refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wsnox.errors import LockFormatError, LockMergeError, LockNotFoundError, LockVersionError
from wsnox.files import read_regular
from wsnox.lock.packages import Packages
from wsnox.lock.records import Lock
from wsnox.lock.rows import read_toml
from wsnox.lock.statements import read_conflicts, read_default_groups, read_requirements, read_root_groups
from wsnox.lock.wire import Broken, array, named, names, optional, shown, string, strings, table, tables

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LOCKFILE", "lock_content", "parse_lock", "read_lock"]

LOCKFILE = "uv.lock"

_MERGE = re.compile(rb"^(<{7}|={7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)
"""What git writes around the sides of a conflict (gitattributes, ``conflict-marker-size``)."""


def read_lock(root: Path) -> Lock:
    """Return the lockfile of the workspace at *root*; raise a `LockError` where it is absent or broken."""
    path = root / LOCKFILE
    return parse_lock(lock_content(path), path)


def lock_content(path: Path) -> bytes:
    """Return what the lockfile at *path* holds; raise a `LockError` where it is absent, or cannot be read."""
    try:
        return read_regular(path)
    except FileNotFoundError:
        raise LockNotFoundError(path) from None
    except OSError as error:
        raise LockFormatError(path, "", f"cannot be read ({error.strerror or error})") from error


def parse_lock(content: bytes, path: Path) -> Lock:
    """Return the lock that *content* holds; *path* is only named in errors."""
    try:
        raw = read_toml(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LockFormatError(path, "", f"not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits is a plain `ValueError`
        if _MERGE.search(content):
            raise LockMergeError(path) from None
        raise LockFormatError(path, "", f"not TOML: {shown(str(error)) or 'nested too deeply'}") from error
    try:
        if (version := _version(raw)) == 1:
            return _lock(raw)
    except Broken as error:
        raise LockFormatError(path, shown(error.where), shown(error.problem)) from None
    # A hexadecimal integer may have more digits than Python writes in decimal.
    raise LockVersionError(path, shown(str(version) if abs(version) < 1 << 64 else hex(version)))


def _version(raw: dict[str, Any]) -> int:
    version = optional(raw, "version", int)
    if version is None:
        raise Broken("missing", "version")
    return version


def _check_excludes(manifest: dict[str, Any]) -> None:
    """Refuse an exclusion that is neither a name nor a table, which is for the dependencies of one package."""
    for index, item in enumerate(array(manifest, "excludes", "manifest")):
        key = f"excludes[{index}]"
        if not isinstance(item, dict):
            named(string({key: item}, key, "manifest") or "", f"manifest.{key}")


def _lock(raw: dict[str, Any]) -> Lock:
    wires = tables(raw, "package") or tables(raw, "distribution")
    packages = Packages(wires)
    manifest = table(raw, "manifest")
    requires_python = string(raw, "requires-python")
    if requires_python is None:
        raise Broken("missing", "requires-python")
    members = names(manifest, "members", "manifest") if "members" in manifest else None
    _check_excludes(manifest)
    return Lock(
        revision=optional(raw, "revision", int) or 0,
        requires_python=requires_python,
        packages=packages.records(),
        markers=strings(raw, "resolution-markers"),
        supported_markers=strings(raw, "supported-markers"),
        required_markers=strings(raw, "required-markers"),
        conflicts=read_conflicts(raw),
        members=members,
        root_groups=read_root_groups(manifest),
        root_default_groups=read_default_groups(manifest, "manifest"),
        requirements=read_requirements(manifest, "requirements", "manifest"),
        by_name=packages.by_name,
        declared={"manifest": manifest, "options": table(raw, "options")},
    )
