"""The stamp in an environment: what it was proven for, so that the next run need not prove it again.

A stamp records every input of the preparation and what its directories then looked like. It is taken back before
anything changes, and written only after the proof: an environment without a finished stamp was interrupted.

This module is all that a warm session needs. It starts no process and reads no lockfile.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from wsnox._record import Record
from wsnox.files import atomic_write, read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["UNFINISHED", "Stamp", "read_stamp", "write_stamp"]


class Stamp(Record, kw_only=True):
    """The *inputs* by name, the build inputs of local *trees* by path, the directories *places* with their *listing*.

    *names* are the distributions of the closure, *contents* what is remembered of the files that each is from. An
    unfinished stamp has no directories.
    """

    inputs: Mapping[str, str]
    trees: Mapping[str, str]
    places: tuple[str, ...]
    listing: str
    names: tuple[str, ...]
    contents: Mapping[str, str]

    @property
    def finished(self) -> bool:
        """Whether the preparation that wrote this stamp came to its end."""
        return bool(self.places)


UNFINISHED = Stamp(inputs={}, trees={}, places=(), listing="", names=(), contents={})
"""What stands in the stamp's place while an environment is being prepared, and after a preparation was killed."""


def read_stamp(path: Path) -> Stamp | None:
    """Return the stamp at *path*, `None` where there is none; one that is cut short or corrupt is unfinished."""
    try:
        raw = json.loads(read_regular(path))
        return Stamp(
            inputs=_texts_by_name(raw["inputs"]),
            trees=_texts_by_name(raw["trees"]),
            places=_texts(raw["places"]),
            listing=_text(raw["listing"]),
            names=_texts(raw["names"]),
            contents=_texts_by_name(raw["contents"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return UNFINISHED


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw


def _texts(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise TypeError
    return tuple(map(_text, raw))


def _texts_by_name(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict):
        raise TypeError
    return {name: _text(value) for name, value in raw.items()}


def write_stamp(path: Path, stamp: Stamp) -> None:
    """Write *stamp* to *path* at once or not at all."""
    atomic_write(path, json.dumps(asdict(stamp)).encode())
