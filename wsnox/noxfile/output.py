"""What a command prints, passed on as it comes, and the end of it kept: it tells why the command failed.

A terminal is the command's own, for a debugger or a progress bar: there nothing is kept.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Overheard", "tee_stdout"]

KEPT = 1 << 20
"""How many bytes of the end are kept."""

STDOUT = 1

PATIENCE = 2.0
"""Seconds to wait for the rest of what was printed, where something that the command left behind holds the pipe open."""

_MISSING = (
    r"No module named '?(?P<module>[\w.]+)",
    r"cannot import name '\w+' from '(?P<module>[\w.]+)'",
    # mypy, pyright, pylint
    r"library stub for module named \"(?P<module>[\w.]+)\"",
    r"Import \"(?P<module>[\w.]+)\" could not be resolved",
    r"Unable to import '(?P<module>[\w.]+)'",
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(slots=True)
class Overheard:
    """The end of what commands printed."""

    _end: bytearray = field(default_factory=bytearray)

    def copy(self, source: int, target: int) -> None:
        """Copy from *source* to *target* until it is closed, and keep the end."""
        while chunk := os.read(source, 1 << 16):
            self._end += chunk
            del self._end[:-KEPT]
            written = 0
            while written < len(chunk):
                written += os.write(target, chunk[written:])

    @property
    def text(self) -> str:
        """What was printed, without colours."""
        return _COLOURS.sub("", self._end.decode(errors="replace"))

    @property
    def missing(self) -> frozenset[str]:
        """The modules that could not be imported, as far as what was printed says so."""
        text = self.text
        return frozenset(found["module"] for pattern in _MISSING for found in re.finditer(pattern, text))


@contextmanager
def tee_stdout() -> Iterator[Overheard | None]:
    """Listen to what the commands that are run meanwhile write to standard output; `None` where that is a terminal.

    The descriptor itself leads elsewhere for that time, as every command inherits it, also one that a noxfile runs.
    """
    if os.isatty(STDOUT) or not _is_open(STDOUT):
        yield None
        return
    sys.stdout.flush()
    source, into = os.pipe()
    before = os.dup(STDOUT)
    heard = Overheard()
    # It closes a descriptor of its own, and earlier than this ends where nobody reads standard output any more.
    thread = Thread(target=_copy, args=(heard, source, os.dup(before)), daemon=True)
    thread.start()
    os.dup2(into, STDOUT)
    os.close(into)
    try:
        yield heard
    finally:
        # Where nobody reads any more, that is no news, and the failure of a command counts.
        with suppress(BrokenPipeError):
            sys.stdout.flush()
        # The last descriptor of the pipe but those that commands may have left open.
        os.dup2(before, STDOUT)
        os.close(before)
        thread.join(PATIENCE)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _copy(heard: Overheard, source: int, target: int) -> None:
    try:
        heard.copy(source, target)
    except OSError:
        # Nobody reads standard output any more, which closing the pipe tells the command.
        pass
    finally:
        os.close(source)
        os.close(target)
