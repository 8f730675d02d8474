"""The stamp in an environment: what it was proven for, so that the next run need not prove it again.

A stamp records every input of the preparation and what its directories then looked like. It is taken back before
anything changes, and written only after the proof: an environment without a finished stamp was interrupted.

This module is all that a warm session needs. It starts no process and reads no lockfile.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.environment.inputs import environment_inputs, tree_digests
from wsnox.environment.model import Proof
from wsnox.environment.snapshot import fingerprint, snapshot
from wsnox.files import atomic_write, is_inside, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wsnox.environment.model import Job

__all__ = ["UNFINISHED", "Stamp", "first_changed_input", "read_stamp", "remembered_proof", "write_stamp"]


class Stamp(Record, kw_only=True):
    """A proof on disk: *names* and *contents* as it has them, and its *directories* with their *fingerprint*.

    It holds for these *inputs* and the digests of these source *trees*. An unfinished stamp has no directories.
    """

    inputs: Mapping[str, str]
    trees: Mapping[str, str]
    directories: tuple[str, ...]
    fingerprint: str
    names: tuple[str, ...]
    contents: Mapping[str, str]

    @property
    def finished(self) -> bool:
        """Whether the preparation that wrote this stamp came to its end."""
        return bool(self.directories)


UNFINISHED = Stamp(inputs={}, trees={}, directories=(), fingerprint="", names=(), contents={})
"""The stamp of an environment while it is being prepared, and after a preparation was killed."""


def remembered_proof(job: Job) -> Proof | None:
    """Return the proof that the stamp of *job*'s environment still gives, `None` if it gives none."""
    stamp = read_stamp(job.venv.stamp)
    if stamp is None or not stamp.finished or first_changed_input(stamp, job):
        return None
    # No directory may lead elsewhere.
    if not all(is_inside(directory, job.venv.location) for directory in stamp.directories):
        return None
    try:
        sites = tuple(map(snapshot, stamp.directories))
    except (OSError, ValueError):
        # Nobody may look, or the stamp names no directory at all.
        return None
    if fingerprint(sites) != stamp.fingerprint:
        return None
    return Proof(names=stamp.names, sites=sites, settings=stamp.inputs["pyvenv.cfg"], contents=stamp.contents)


def first_changed_input(stamp: Stamp, job: Job) -> str:
    """Return the name of the first input or source tree that *job* has otherwise than *stamp*, empty if all agree."""
    for name, digest in environment_inputs(job).items():
        if stamp.inputs.get(name) != digest:
            return name
    trees = tree_digests(job.workspace, stamp.trees, job.environ)
    return next((tree for tree in trees if stamp.trees[tree] != trees[tree]), "")


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Write *stamp* to *path* completely or not at all."""
    atomic_write(path, json.dumps(vars(stamp)).encode())


def read_stamp(path: Path) -> Stamp | None:
    """Return the stamp at *path*, `None` if there is none; one that is cut short or corrupt is unfinished."""
    try:
        return _parsed(read_regular(path))
    except FileNotFoundError:
        return None
    except OSError:
        return UNFINISHED


@lru_cache(maxsize=4)
def _parsed(content: bytes) -> Stamp:
    """Return the stamp with this *content*: one session has it read before nox keeps the environment, to be proven, and after it."""
    try:
        raw = json.loads(content)
        return Stamp(
            inputs=_texts_by_name(raw["inputs"]),
            trees=_texts_by_name(raw["trees"]),
            directories=_texts(raw["directories"]),
            fingerprint=_text(raw["fingerprint"]),
            names=_texts(raw["names"]),
            contents=_texts_by_name(raw["contents"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return UNFINISHED


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw


def _texts(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not _are_texts(raw):
        raise TypeError
    return tuple(raw)


def _texts_by_name(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict) or not _are_texts(raw.values()):
        raise TypeError
    return raw


def _are_texts(values: Iterable[object]) -> bool:
    return {*map(type, values)} <= {str}
