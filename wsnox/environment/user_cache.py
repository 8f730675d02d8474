"""What holds for every workspace of a user on this machine, kept so that the first session of a fresh checkout has it.

It lies in the folder that ``WSNOX_CACHE_DIR`` names, else in ``wsnox`` in the platform's folder for caches. Nothing there
is needed, and all of it may be removed at any time: whatever is missing, damaged or of other facts is worked out anew. An
entry says what an environment is made of, so nobody else may have written it: where the folder is not the user's own, or
others may write into it, what would lie there lies beside the environments of the workspace.

``platformdirs`` knows the same folders, but loading it takes a fiftieth of what all of nox takes to load.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsnox._record import Record
from wsnox.files import atomic_write, read_regular
from wsnox.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Entry", "user_cache"]

FOLDER = "WSNOX_CACHE_DIR"


class Entry(Record):
    """What is kept at *path*, which holds where all *facts* are the same."""

    path: Path
    facts: str

    @classmethod
    def of(cls, subject: Iterable[str], facts: Iterable[str], *, kind: str, folder: Path) -> Entry:
        """Return the entry of a *kind* about *subject* in *folder*: another one of the same subject takes its place."""
        name = hashlib.sha256("\n".join(subject).encode(errors="surrogateescape")).hexdigest()[:32]
        return cls(folder / f"{kind}-{name}.json", "\n".join((__version__, *facts)))

    def read(self) -> Any:
        """Return the content, `None` if it is absent, damaged or of other facts."""
        with suppress(OSError, ValueError):
            digest, _, content = read_regular(self.path).partition(b"\n")
            if digest == self._digest(content):
                return json.loads(content)
        return None

    def write(self, content: Any) -> None:
        """Keep *content*; a disk without room for it costs the next reader some time."""
        text = json.dumps(content).encode()
        with suppress(OSError):
            atomic_write(self.path, self._digest(text) + b"\n" + text)

    def _digest(self, content: bytes) -> bytes:
        return hashlib.sha256(self.facts.encode(errors="surrogateescape") + b"\n" + content).hexdigest().encode()


def user_cache(environ: Mapping[str, str]) -> Path | None:
    """Return the user's folder, made if it is absent; `None` where there is none that nobody else can write into."""
    try:
        folder = Path(os.path.abspath(_place(environ)))  # noqa: PTH100 - links may lead to another disk
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if os.name == "nt" or _is_own(folder) else None
    except OSError:
        return None


def _place(environ: Mapping[str, str]) -> str:
    """Return the place of the folder; raise `FileNotFoundError` if no variable says where the user's folders are."""
    if named := environ.get(FOLDER):
        return named
    if sys.platform == "win32":
        caches, below = environ.get("LOCALAPPDATA", ""), ""
    elif sys.platform == "darwin":
        caches, below = environ.get("HOME", ""), "Library/Caches"
    elif os.path.isabs(environ.get("XDG_CACHE_HOME", "")):  # noqa: PTH117 - the specification has others ignored
        caches, below = environ["XDG_CACHE_HOME"], ""
    else:
        caches, below = environ.get("HOME", ""), ".cache"
    if not os.path.isabs(caches):  # noqa: PTH117 - text is quicker
        raise FileNotFoundError
    return os.path.join(caches, below, "wsnox")  # noqa: PTH118 - see above


def _is_own(folder: Path) -> bool:
    status = folder.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
