"""Other runs of nox in the same environment: one at a time makes or prepares it, and no change of it goes unseen.

Who makes or prepares an environment holds its lock, and others that come meanwhile wait. The system lets go of the lock
when its holder dies, however it does.

While commands run, nothing is locked: two runs of a warm session go side by side, a server may run for days, and a
session may run nox itself. So whoever prepares the environment again is not held up, but the run whose environment that
was does not pass. One that prepares takes the stamp back before it changes anything, so that no change can be missed.

What must stay is what the proof looks at: the environment's settings, the top of the site directories, the metadata, and
what could be imported from namespaces and packages. A package may write data and caches into a folder of its own, which
the proof allows, too.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wsnox.environment.inputs import file_digest
from wsnox.environment.locks import file_lock
from wsnox.environment.snapshot import METADATA, SiteSnapshot, is_importable, snapshot
from wsnox.environment.stamp import read_stamp
from wsnox.errors import ChangedEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from wsnox.environment.model import Proof, Venv

__all__ = ["Watch", "environment_lock"]

WAITING = "waiting for another run that prepares this environment, to see whether it stays what was proven"


def environment_lock(location: Path, on_wait: Callable[[], object]) -> AbstractContextManager[None]:
    """Return the lock of the environment at *location*, a `file_lock` with *on_wait*."""
    return file_lock(location.parent / ".wsnox" / "locks" / f"{location.name}.lock", on_wait)


class Watch:
    """Watches, from here on, that the environment *venv* stays as *proof* has it.

    *log* tells the user of a wait; *label* names the session in errors.
    """

    def __init__(self, label: str, venv: Venv, proof: Proof, log: Callable[[str], object]) -> None:
        self._label, self._venv, self._proof, self._log = label, venv, proof, log
        self._identity = self._stamp_identity()

    def end(self) -> None:
        """Raise `ChangedEnvironmentError` where the environment is not what was proven any more."""
        by_another = self._prepared_by_another()
        if by_another is None:
            raise ChangedEnvironmentError(self._label, [], by_another=True)
        lines = ["! pyvenv.cfg"] if file_digest(self._venv.settings) != self._proof.settings else []
        lines += (line for site in self._proof.sites for line in _differences(site, _snapshot(site.directory)))
        if lines:
            raise ChangedEnvironmentError(self._label, lines, by_another=by_another)

    def _prepared_by_another(self) -> bool | None:
        """Return whether another run prepared the environment, after waiting for one that does; `None` if it failed."""
        # One that began before there was anything to compare with has left no finished stamp either.
        if self._stamp_identity() == self._identity and self._is_finished():
            return False
        # Where there can be no lock, nobody prepares anything either.
        with suppress(OSError), environment_lock(self._venv.location, lambda: self._log(WAITING)):
            pass
        return True if self._is_finished() else None

    def _is_finished(self) -> bool:
        stamp = read_stamp(self._venv.stamp)
        return stamp is None or stamp.finished

    def _stamp_identity(self) -> tuple[int, int] | None:
        """Return an identity that differs from one stamp to the next: each is a new file."""
        try:
            status = self._venv.stamp.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns


def _snapshot(directory: str) -> SiteSnapshot:
    try:
        return snapshot(directory)
    except OSError:
        return SiteSnapshot(directory)


def _differences(before: SiteSnapshot, now: SiteSnapshot) -> Iterator[str]:
    """Yield a line for each difference that the proof would mind, in the manner of a diff."""
    if before == now:
        return
    for old, new in ((before.files, now.files), (before.metadata, now.metadata)):
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield f"{'+' if name not in old else '!' if name in new else '-'} {_title(name)}"
    for name in sorted(before.folders.keys() ^ now.folders.keys()):
        # What lies in a package that lost its `__init__.py` was there before.
        if name.rpartition("/")[0] not in before.folders:
            yield f"{'+' if name in now.folders else '-'} {name}"
    for name in sorted(before.folders.keys() & now.folders.keys()):
        if before.folders[name] != now.folders[name]:
            old_names, new_names = before.names_in(name), now.names_in(name)
            yield from (f"- {name}/{lost}" for lost in sorted(old_names - new_names))
            added = sorted(new_names - old_names)
            yield from (f"+ {name}/{new}" for new in added if is_importable(Path(now.directory, name, new)))


def _title(name: str) -> str:
    """Return *name* as people call it: metadata by the distribution and its version."""
    stem, dot, suffix = name.rpartition(".")
    return stem.replace("-", " ", 1) if f"{dot}{suffix}" in METADATA else name
