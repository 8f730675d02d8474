"""Where the command starts and ends: arguments to a command, errors to sentences and exit codes.

Data goes to stdout, everything else to stderr. A reader that goes away and Ctrl-C end the command as they end a program
that does not catch their signals.

Of ``nox -s $(wsnox affected …)`` a shell forgets how the inner command ended, and nox succeeds where it is given no name.
So a failure of ``wsnox affected`` is a name, too, that no session has, and that nox refuses.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

from wsnox.cli.arguments import parser
from wsnox.errors import WsnoxError, sentence_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

__all__ = ["main"]

FAILED = "WSNOX_AFFECTED_FAILED"
"""No session of wsnox is called so: those have no capital letters."""

INTERRUPTED = 130
BROKEN_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that *argv* (by default the process's arguments) asks for, and return its exit code."""
    _open_closed()
    if isinstance(sys.stdout, TextIOWrapper):
        # A path that the terminal has no letters for is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        return _answered(words)
    except BrokenPipeError:
        _forget_stdout()
        return BROKEN_PIPE
    except OSError as error:
        # What was printed cannot be written: a full disk, most of all.
        _forget_stdout()
        return _complain(sentence_of(error), 1)
    except KeyboardInterrupt:
        return INTERRUPTED


def _answered(words: Sequence[str]) -> int:
    """Run the command that *words* ask for; where names of sessions were asked for, and it fails, print `FAILED`."""
    code: object = None
    try:
        code = answered = _concluded(parser().parse_args(words))
    except SystemExit as ended:
        code = ended.code
        raise
    finally:
        if code != 0 and _prints_names(words):
            print(FAILED)
        sys.stdout.flush()
    return answered


def _prints_names(words: Sequence[str]) -> bool:
    """Tell whether *words* ask for names of sessions, as far as that can be told of what may be wrong usage."""
    return words[:1] == ["affected"] and not any(each.partition("=")[0] in ("--explain", "--json") for each in words)


def _concluded(args: Namespace) -> int:
    try:
        return _run(args)
    except WsnoxError as error:
        return _complain(str(error), error.exit_code)


def _run(args: Namespace) -> int:
    """Import the one module that the command needs, and run it."""
    code: int = import_module(args.module).run(args)
    return code


def _complain(text: str, code: int) -> int:
    sys.stdout.flush()
    print(f"error: {text}", file=sys.stderr)
    return code


def _open_closed() -> None:
    """Let what is printed go nowhere where the shell closed stdout or stderr, as in ``>&-``: Python has `None` there."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - until the process ends


def _forget_stdout() -> None:
    """Let the interpreter's last flush of stdout go nowhere (Python docs, ``signal``, Note on SIGPIPE)."""
    with suppress(OSError):  # what has no descriptor needs none
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
