"""Whether an environment stayed what was proven while commands ran in it.

Nothing is locked meanwhile: two runs of a warm session go side by side, a server may run for days, and a session may run
nox itself. So whoever prepares the environment anew is not held up, but the run whose environment that was does not
pass. One that prepares takes the stamp back before it changes anything, so that no change can be missed.

What must stay is what the proof looks at: the top of the site directories, and the metadata. A package may write a
cache into a folder of its own, which the proof allows, too.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from wsnox.environment.snapshot import METADATA, SiteSnapshot, snapshot
from wsnox.environment.stamp import read_stamp
from wsnox.errors import ChangedEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsnox.environment.model import Job, Proof

__all__ = ["Watch"]

WAITING = "waiting for another run that prepares this environment, to see whether it stays what was proven"


class Watch:
    """The environment of *job* from here on, of which *proof* was found."""

    def __init__(self, job: Job, proof: Proof) -> None:
        self._job, self._proof = job, proof
        self._stamp = self._state()

    def end(self) -> None:
        """Raise `ChangedEnvironmentError` where the environment is not what was proven any more."""
        others = self._prepared_by_another()
        if others is None:
            raise ChangedEnvironmentError(self._job.label, [], by_another=True)
        lines = [line for site in self._proof.sites for line in _differences(site, _seen(site.directory))]
        if lines:
            raise ChangedEnvironmentError(self._job.label, lines, by_another=others)

    def _prepared_by_another(self) -> bool | None:
        """Tell whether another run prepared the environment meanwhile, and wait for one that does; `None` if it failed."""
        # One that began before there was anything to compare with has left no finished stamp either.
        if self._state() == self._stamp and self._is_finished():
            return False
        from wsnox.environment.environment_lock import environment_lock  # noqa: PLC0415 - hardly a session needs it

        # Where there can be no lock, nobody prepares anything either.
        with (
            suppress(OSError),
            environment_lock(self._job.location, lambda: self._job.log(f"{self._job.label}: {WAITING}")),
        ):
            pass
        return True if self._is_finished() else None

    def _is_finished(self) -> bool:
        stamp = read_stamp(self._job.stamp)
        return stamp is None or stamp.finished

    def _state(self) -> tuple[int, int] | None:
        """Return what tells one stamp from the next: each is a new file."""
        try:
            state = self._job.stamp.stat()
        except OSError:
            return None
        return state.st_ino, state.st_mtime_ns


def _seen(directory: str) -> SiteSnapshot:
    try:
        return snapshot(directory)
    except OSError:
        return SiteSnapshot(directory)


def _differences(before: SiteSnapshot, now: SiteSnapshot) -> Iterator[str]:
    """Yield a line for each difference that the proof would mind, in the manner of a diff."""
    for was, found in ((before.files, now.files), (before.metadata, now.metadata)):
        for name in sorted(was.keys() | found.keys()):
            if was.get(name) != found.get(name):
                yield f"{'+' if name not in was else '!' if name in found else '-'} {_shown(name)}"
    for name in sorted(before.folders.keys() ^ now.folders.keys()):
        # What lies in a package that lost its `__init__.py` was there before.
        if name.rpartition("/")[0] not in before.folders:
            yield f"{'+' if name in now.folders else '-'} {name}"
    for name in sorted(before.folders.keys() & now.folders.keys()):
        yield from (f"- {name}/{lost}" for lost in sorted(before.folders[name] - now.folders[name]))


def _shown(name: str) -> str:
    """Return *name* as people call it: of metadata, that of the distribution with its version."""
    stem, dot, suffix = name.rpartition(".")
    return stem.replace("-", " ", 1) if f"{dot}{suffix}" in METADATA else name
