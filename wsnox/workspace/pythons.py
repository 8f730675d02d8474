"""The Python matrix of a member: the configured versions, cut to its own range and to the workspace's.

The lockfile's ``requires-python`` is the intersection of all members' (uv docs, concepts/projects/workspaces), so the
manifests alone tell it. Below that floor a closure would be wrong, and a session there is never made.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from wsnox.errors import ManifestError
from wsnox.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wsnox.workspace.model import Manifest, Workspace
    from wsnox.workspace.settings import Pythons

__all__ = ["fits", "matrix", "pin_of", "pinned", "workspace_range"]

MINORS = tuple(f"3.{minor}" for minor in range(8, 16))
"""The minor versions that ``"requires-python"`` and the last resort choose from."""

_CLASSIFIER = re.compile(r"Programming Language :: Python :: (\d+\.\d+)")
_RELEASE = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?")


def workspace_range(workspace: Workspace) -> str:
    """Return the specifier that every member's ``requires-python`` allows; raise `ManifestError` for a malformed one."""
    texts = {member.manifest.requires_python: member.manifest for member in workspace.members}
    for text, manifest in texts.items():
        _refuse_malformed(text, manifest)
    return ",".join(sorted(filter(None, texts)))


def _refuse_malformed(text: str, manifest: Manifest) -> None:
    try:
        for specifier in SpecifierSet(text):
            Version(specifier.version.removesuffix(".*"))
    except ValueError as error:  # no specifier, no version, or a number of more digits than Python converts
        problem = f"`{text}` is no version specifier in `project.requires-python`"
        raise ManifestError(manifest.path, [problem]) from error


def matrix(
    wanted: Pythons | None, owners: Sequence[Manifest], allowed: str, *, pin: str, running: str
) -> tuple[str, ...] | None:
    """Return the Pythons of a session that wants *wanted*, or `None` for the interpreter that runs nox.

    *owners* have the classifiers and *allowed* is the workspace's range. Without configuration: the workspace's *pin*
    (its ``.python-version``) where it fits, else the *running* version where that fits, else the lowest minor that does.
    """
    match wanted:
        case None:
            return _unconfigured(allowed, pin=pin, running=running)
        case "classifiers":
            classified = _classified(owners)
            if classified is None:
                return _unconfigured(allowed, pin=pin, running=running)
            wanted = classified
        case "requires-python":
            wanted = MINORS
        case _:
            pass
    return tuple(python for python in dict.fromkeys(wanted) if fits(python, allowed))


def _classified(owners: Sequence[Manifest]) -> tuple[str, ...] | None:
    """Return the versions that all *owners* with such classifiers have, `None` where none has any."""
    each = [[found[1] for text in owner.classifiers if (found := _CLASSIFIER.fullmatch(text))] for owner in owners]
    lists = [versions for versions in each if versions]
    if not lists:
        return None
    return tuple(version for version in lists[0] if all(version in other for other in lists))


def _unconfigured(allowed: str, *, pin: str, running: str) -> tuple[str, ...] | None:
    if pin and fits(pin, allowed):
        return (pin,)
    if fits(running, allowed):
        return None
    return tuple(minor for minor in MINORS if fits(minor, allowed))[:1]


@lru_cache(maxsize=1024)
def fits(python: str, allowed: str) -> bool:
    """Tell whether the version that *python* names is *allowed*; a minor version is where one of its patches is."""
    found = _RELEASE.search(python)
    if found is None:
        return True
    specifiers = SpecifierSet(allowed)
    return any(specifiers.contains(candidate, prereleases=True) for candidate in _candidates(*found.groups()))


def _candidates(major: str, minor: str | None, patch: str | None) -> list[str]:
    if minor is None:
        return [f"{major}.{any_minor}.99" for any_minor in range(30)]
    if patch is None:
        return [f"{major}.{minor}.{any_patch}" for any_patch in range(100)]
    return [f"{major}.{minor}.{patch}"]


def pin_of(directory: Path) -> str:
    """Return what the ``.python-version`` in *directory* asks for, empty where it names no version, or is not there.

    Raise `ManifestError` where it is there and cannot be read: another Python would run in its place.
    """
    path = directory / ".python-version"
    try:
        return pinned(read_regular(path).decode())
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ManifestError(path, [f"cannot be read ({error.strerror or error})"]) from error
    except UnicodeDecodeError as error:
        raise ManifestError(path, [f"not UTF-8 (byte {error.start})"]) from error


def pinned(text: str) -> str:
    """Return the version that the *text* of a ``.python-version`` asks for first, empty where it names none."""
    for line in text.splitlines():
        word = line.partition("#")[0].strip()
        if word:
            return word if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}t?", word) else ""
    return ""
