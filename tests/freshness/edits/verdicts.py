"""What uv and wsnox say of an edited workspace: fresh, stale, or refused."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from tests.freshness.edits.bases import build_index, write_base
from tests.freshness.edits.edit import Edit, apply
from tests.support.processes import UvError, find_uv, lock, uv
from wsnox.errors import WsnoxError
from wsnox.freshness import stale_clauses
from wsnox.lock import read_lock
from wsnox.workspace import discover, find_root

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.freshness.edits.edit import Step

__all__ = ["Bench", "Verdict", "disagreement", "of_uv", "of_wsnox"]


@dataclass(frozen=True)
class Verdict:
    """One of ``fresh``, ``stale``, ``refused``, and ``ignored``, which is fresh but for settings that uv cannot read."""

    word: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.word} ({' '.join(self.text.split())})"


def of_uv(root: Path) -> Verdict:
    """Return what ``uv lock --check`` says of the workspace at *root*."""
    done = uv(root, "lock", "--check", "--offline")
    if not done.returncode:
        return Verdict("ignored" if "Failed to parse" in done.stderr else "fresh", done.stderr)
    return Verdict("stale" if "needs to be updated" in done.stderr else "refused", done.stderr)


def of_wsnox(root: Path) -> Verdict:
    """Return what wsnox says of the workspace at *root*."""
    try:
        problems = stale_clauses(discover(find_root(root)), read_lock(root))
    except WsnoxError as error:
        return Verdict("refused", str(error))
    except Exception as error:  # noqa: BLE001 - told with the edit, among the other disagreements
        return Verdict("crashed", repr(error))
    return Verdict("stale" if problems else "fresh", "\n".join(problems))


def disagreement(edit: Edit, uv_says: Verdict, wsnox_says: Verdict) -> str:
    """Return how the verdicts differ, empty where they do not; where the edit is of a limit, they have to.

    What uv refuses, wsnox may call stale: to have uv lock brings up uv's own words. Of what uv ignores, it may tell.
    """
    words = (uv_says.word, wsnox_says.word)
    fine = words in ((("stale", "fresh"), ("refused", "fresh")) if edit.limit else _AGREED) or words[0] == "ignored"
    return "" if fine else f"{edit.name}\n  uv: {uv_says}\n  wsnox: {wsnox_says}"


_AGREED = (("fresh", "fresh"), ("stale", "stale"), ("refused", "refused"), ("refused", "stale"))


class Bench:
    """Edits carried out below *folder*, several at once; each base is locked once."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()
        self._index = build_index(folder / "index")
        # What finds uv cannot be called for the first time by several threads.
        find_uv()

    def verdicts(self, edits: Iterable[Edit]) -> dict[Edit, tuple[Verdict, Verdict]]:
        """Return the verdicts of uv and of wsnox for each of *edits*."""
        edits = tuple(edits)
        bases = {(edit.base, edit.given) for edit in edits}
        with ThreadPoolExecutor(4) as pool:
            locked = dict(zip(bases, pool.map(self._lock, bases), strict=True))
            found = pool.map(lambda edit: self._verdicts(edit, locked[edit.base, edit.given]), edits)
            return dict(zip(edits, found, strict=True))

    def attempt(self, edit: Edit) -> tuple[Verdict, Verdict] | None:
        """Return the verdicts for one *edit*, `None` where it cannot be made or uv would lock its base again at once."""
        try:
            locked = self._lock((edit.base, edit.given))
            if of_uv(locked).word == "fresh":
                return self._verdicts(edit, locked)
        except (UvError, ValueError, OSError):
            pass
        return None

    def _lock(self, base: tuple[str, tuple[Step, ...]]) -> Path:
        root = self._folder / str(next(self._numbers))
        write_base(root, base[0], self._index)
        apply(base[1], root)
        lock(root)
        return root

    def _verdicts(self, edit: Edit, locked: Path) -> tuple[Verdict, Verdict]:
        # The lockfile names the index by its place relative to the root: the copy stands where the base stood.
        root = shutil.copytree(locked, self._folder / str(next(self._numbers))) if edit.steps else locked
        apply(edit.steps, root)
        return of_uv(root), of_wsnox(root)
