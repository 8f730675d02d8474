"""Where the command starts and ends: arguments to a command, errors to sentences and exit codes.

Data goes to stdout, everything else to stderr. A reader that goes away and Ctrl-C end the command as they end a program
that does not catch their signals.

In ``nox -s $(wsnox affected …)``, the shell discards the exit code of the inner command, and nox succeeds when it is given
no name. So a failing ``wsnox affected`` also prints a name that no session has, and that nox refuses; and so does a failing
``wsnox report --failed``.
"""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper

from wsnox.version import __version__

# `typing` would take a tenth of what ``wsnox --version`` takes: all that a command needs is loaded when it runs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsnox.errors import WsnoxError

__all__ = ["main"]

FAILED = "WSNOX_{}_FAILED"
"""A name that no session of wsnox has, with the command: theirs are without capital letters."""

_NO_NAMES = ("--explain", "--help", "-h", "--history", "--json", "markdown")
"""With any of these, ``wsnox affected`` prints something else than names."""

INTERRUPTED = 130
BROKEN_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that *argv* (by default the process's arguments) asks for, and return its exit code."""
    _open_closed()
    if isinstance(sys.stdout, TextIOWrapper):
        # A path that the terminal's encoding cannot express is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if argv is None else list(argv)
    # Nearly all that is read stays until the process ends: to look for garbage among it would be a fifth of its time.
    gc.disable()
    try:
        return _run(arguments)
    except BrokenPipeError:
        _forget_stdout()
        return BROKEN_PIPE
    except OSError as error:
        from wsnox.errors import WsnoxError  # noqa: PLC0415 - see above
        from wsnox.text import system_message  # noqa: PLC0415 - see above

        # What was printed cannot be written: a full disk, most of all.
        _forget_stdout()
        return _refused(WsnoxError(system_message(error)), arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        if argv is None:
            # The process ends now, and Python would look through all of it once more.
            gc.freeze()
        gc.enable()


def _run(arguments: Sequence[str]) -> int:
    """Run the command that *arguments* ask for; if it fails and was to print names of sessions, print `FAILED`."""
    if "_ARGCOMPLETE" in os.environ:
        from wsnox.cli.completion import complete  # noqa: PLC0415 - only a shell needs it

        complete()
    if arguments in (["--version"], ["-V"]):
        print(f"wsnox {__version__}", flush=True)
        return 0
    from importlib import import_module  # noqa: PLC0415 - see above

    from wsnox.cli.parsing import command_of, own_words, parse  # noqa: PLC0415 - see above
    from wsnox.errors import WsnoxError  # noqa: PLC0415 - see above

    code = 1
    try:
        args = parse(arguments)
        code = int(import_module(args.module).run(args))
    except WsnoxError as error:
        code = _refused(error, arguments)
    finally:
        # The arguments may be wrong usage, so they are looked at as they are.
        command, words = (
            command_of(arguments)[0],
            {part for word in own_words(arguments) for part in (word, *word.split("="))},
        )
        if code != 0 and _prints_names(command, words):
            print(FAILED.format(str(command).upper()))
        sys.stdout.flush()
    return code


def _prints_names(command: str | None, words: set[str]) -> bool:
    """Return whether *command* with these *words* is to print names of sessions."""
    return words.isdisjoint(_NO_NAMES) if command == "affected" else command == "report" and "--failed" in words


def _refused(error: WsnoxError, arguments: Sequence[str]) -> int:
    """Say *error* to whoever gave *arguments*, and return the exit code."""
    from wsnox.cli.parsing import color_of, own_words  # noqa: PLC0415 - see above
    from wsnox.cli.terminal import print_error  # noqa: PLC0415 - see above

    if "--json" in own_words(arguments):
        from wsnox.cli.output import show_error  # noqa: PLC0415 - see above

        # Whoever reads stdout gets one object, and whoever reads the log of it the sentence.
        show_error(error)
    sys.stdout.flush()
    print_error(error, color_of(arguments))
    return error.exit_code


def _open_closed() -> None:
    """Discard what is printed to a stdout or stderr that the shell closed, as ``>&-`` does: Python sets them to `None`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - until the process ends


def _forget_stdout() -> None:
    """Discard the interpreter's last flush of stdout (Python docs, ``signal``, Note on SIGPIPE)."""
    from contextlib import suppress  # noqa: PLC0415 - see above

    with suppress(OSError):  # a stdout without a descriptor needs nothing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
