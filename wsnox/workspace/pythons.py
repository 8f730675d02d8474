"""The Python matrix of a session: the configured versions, cut to its members' range and to the workspace's.

The lockfile's ``requires-python`` is the intersection of all members' (uv docs, concepts/projects/workspaces), so the
manifests alone give it. Outside of it a closure would be wrong, and there is never a session.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from wsnox.errors import ManifestError
from wsnox.files import read_regular
from wsnox.python_ranges import allows, refuse_malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from wsnox.workspace.model import Manifest, Workspace
    from wsnox.workspace.settings import MemberConfig, Pythons, Settings

__all__ = [
    "MINORS",
    "fits",
    "matrix",
    "pin_of",
    "pinned",
    "pythons_below",
    "pythons_of_nobody",
    "range_of",
    "workspace_range",
]

MINORS = tuple(f"3.{minor}" for minor in range(8, 16))
"""The minor versions that ``"requires-python"`` and the last resort choose from."""


def workspace_range(workspace: Workspace) -> str:
    """Return the specifier that every member's ``requires-python`` allows; raise `ManifestError` for a malformed one."""
    return range_of(member.manifest for member in workspace.members)


def range_of(manifests: Iterable[Manifest]) -> str:
    """Return the specifier that ``requires-python`` of each of *manifests* allows; raise `ManifestError` for a malformed one."""
    texts = {manifest.requires_python: manifest for manifest in manifests}
    for text, manifest in texts.items():
        try:
            refuse_malformed(text)
        except ValueError as error:  # no specifier, no version, or a number of more digits than Python converts
            problem = f"`{text}` is not a version specifier such as `>=3.10` in `project.requires-python`"
            raise ManifestError(manifest.path, [problem]) from error
    return ",".join(sorted(filter(None, texts)))


def matrix(
    pythons: Pythons | None, owners: Sequence[Manifest], allowed: str, *, pin: str, running: str
) -> tuple[str, ...] | None:
    """Return the Pythons of a session whose setting is *pythons*, or `None` for the interpreter that runs nox.

    *owners* have the classifiers and *allowed* is the workspace's range. Without configuration: the workspace's *pin*
    (its ``.python-version``) where it fits, else the *running* version where that fits, else the lowest minor that does.
    """
    match pythons:
        case "classifiers":
            versions = _classified(owners)
        case "requires-python":
            versions = MINORS
        case _:
            versions = pythons
    if versions is not None:
        return tuple(python for python in dict.fromkeys(versions) if fits(python, allowed))
    if pin and fits(pin, allowed):
        return (pin,)
    return None if fits(running, allowed) else tuple(minor for minor in MINORS if fits(minor, allowed))[:1]


def pythons_below(pythons: Pythons | None, owners: Sequence[Manifest], allowed: str) -> tuple[str, ...]:
    """Return the Pythons below those of the workspace's range *allowed* for which all *owners* say that they are.

    By default these are all such minor versions, with the setting *pythons* those of them that it names.
    """
    lowest = next((minor for minor in MINORS if fits(minor, allowed)), "")
    if not lowest or not owners or not all(owner.requires_python for owner in owners):
        return ()
    below = f"{range_of(owners)},<{lowest}"
    return matrix(pythons or "requires-python", owners, below, pin="", running="") or ()


def pythons_of_nobody(workspace: Workspace) -> Iterator[tuple[Manifest, str]]:
    """Yield what is wrong with each version in a list of ``pythons`` on which no session runs, with its manifest."""
    allowed = workspace_range(workspace)
    tables = [(workspace.manifest, f"tool.wsnox{path}", settings) for path, settings in _of_root(workspace)]
    for member in workspace.members:
        if member.path != ".":
            own = _of_member(member.manifest.config)
            tables += [(member.manifest, f"tool.wsnox{path}", settings) for path, settings in own]
    for manifest, path, settings in tables:
        versions = () if isinstance(settings.pythons, str) else settings.pythons or ()
        for version in versions:
            if not fits(version, allowed):
                yield manifest, f"no session runs on `{version}` in `{path}.pythons`: the workspace is for `{allowed}`"


def _of_root(workspace: Workspace) -> Iterator[tuple[str, Settings]]:
    config = workspace.manifest.config
    yield from _of_member(config)
    yield from ((f".project{path}", settings) for path, settings in _of_member(config.project))
    yield from ((f".integration.{name}", integration.settings) for name, integration in config.integration.items())


def _of_member(config: MemberConfig) -> Iterator[tuple[str, Settings]]:
    yield "", config.settings
    yield from ((f".tasks.{name}", task.settings) for name, task in config.tasks.items())


_CLASSIFIER = r"Programming Language :: Python :: (\d+\.\d+)"


def _classified(owners: Sequence[Manifest]) -> tuple[str, ...] | None:
    """Return the versions that all *owners* with such classifiers have, `None` where none has any."""
    lists = [[match[1] for text in owner.classifiers if (match := re.fullmatch(_CLASSIFIER, text))] for owner in owners]
    lists = [versions for versions in lists if versions]
    if not lists:
        return None
    return tuple(version for version in lists[0] if all(version in other for other in lists))


_RELEASE = r"(\d+)(?:\.(\d+))?(?:\.(\d+))?"


@lru_cache(maxsize=1024)
def fits(python: str, allowed: str) -> bool:
    """Return whether the version that *python* names is *allowed*; a minor version is if one of its patches is."""
    release = re.search(_RELEASE, python)
    if release is None:
        return True
    major, minor, patch = release.groups()
    if minor is None:
        candidates = [f"{major}.{any_minor}.99" for any_minor in range(30)]
    elif patch is None:
        candidates = [f"{major}.{minor}.{any_patch}" for any_patch in range(100)]
    else:
        candidates = [f"{major}.{minor}.{patch}"]
    return any(allows(allowed, candidate) for candidate in candidates)


def pin_of(directory: Path) -> str:
    """Return the version in the ``.python-version`` of *directory*, empty where it names none or does not exist.

    Raise `ManifestError` where it exists and cannot be read: another Python would run in its place.
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
    """Return the first version in the *text* of a ``.python-version``, empty where it names something else."""
    words = (line.partition("#")[0].strip() for line in text.splitlines())
    word = next(filter(None, words), "")
    return word if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}t?", word) else ""
