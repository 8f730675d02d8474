"""Import modules one after another in an environment, by a program for its own interpreter, and read what failed.

The program takes a file of names, a file for its answers, and how many seconds a module may take. It runs isolated, so
that neither the working directory nor a variable makes anything importable, on Python 3.8 or newer. It writes a line
before and after each module, so that one that ends the process is known too. Nothing waits forever: standard input is empty, a
module that does not finish in time ends the process, and what modules leave running has a few seconds to end with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PROGRAM", "TIME_LIMIT", "Failure", "read_failures"]

TIME_LIMIT = 300
"""How many seconds the import of a module may take: what takes longer is a server, or waits for something."""

PROGRAM = """
import faulthandler, importlib, json, os, sys, traceback
names, answers = open(sys.argv[1], encoding="utf-8").read().split(), open(sys.argv[2], "w", encoding="utf-8")
limit = float(sys.argv[3])
sys.argv[1:] = []
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
standard = getattr(sys, "stdlib_module_names", None)
def answer(*words):
    print(json.dumps(words), file=answers, flush=True)
for name in names:
    answer("start", name)
    faulthandler.dump_traceback_later(limit, exit=True, file=2)
    try:
        importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        stack = traceback.extract_tb(error.__traceback__)
        chain = [error] if isinstance(error, (ImportError, SystemExit)) else []
        while chain and not isinstance(chain[-1], ModuleNotFoundError):
            chain.append(chain[-1].__cause__ or chain[-1].__context__)
            if chain[-1] is None or chain[-1] in chain[:-1]:
                chain = []
        missing = getattr(chain[-1], "name", "") if chain else ""
        frames = [(frame.filename, frame.lineno or 0) for frame in stack if not frame.filename.startswith("<")]
        if isinstance(error, SyntaxError) and error.filename:
            frames.append((str(error.filename), error.lineno or 0))
        try:
            message = str(error)
        except Exception:
            message = ""
        in_standard = standard is None or str(missing).split(".")[0] in standard
        absence = [bool(missing) and in_standard, len(chain) > 1]
        answer("failed", name, type(error).__name__, message, str(missing or ""), frames, *absence)
    else:
        answer("done", name)
nowhere = open(os.devnull, "w")
faulthandler.dump_traceback_later(5, exit=True, file=nowhere)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Importing *module* raised what *words* say; *missing* is the module that was not found, if that was the reason.

    *places* are the files and lines of the traceback, the innermost last. *elsewhere* says that the standard library of
    this Python may have the missing module on another platform, *handled* that the code noticed its absence, and raised
    an error of its own.
    """

    module: str
    words: str
    missing: str = ""
    places: tuple[tuple[str, int], ...] = ()
    elsewhere: bool = False
    handled: bool = False


def read_failures(lines: Iterable[str]) -> tuple[Failure, ...]:
    """Return the failures in the *lines* that the program wrote; a module that started and never finished has failed."""
    failures: list[Failure] = []
    started = ""
    for line in lines:
        if not line.endswith("]"):
            # The interpreter ended before it had written the whole line.
            continue
        kind, name, *rest = json.loads(line)
        started = name if kind == "start" else ""
        if kind == "failed":
            error, message, missing, frames, elsewhere, handled = rest
            first = message.strip().partition("\n")[0]
            failure = Failure(
                module=name,
                words=f"{error}: {first}" if first else error,
                missing=missing,
                places=tuple((file, line_number) for file, line_number in frames),
                elsewhere=elsewhere,
                handled=handled,
            )
            failures.append(failure)
    if started:
        words = f"it ended the interpreter, or took more than {TIME_LIMIT} seconds"
        failures.append(Failure(module=started, words=words))
    return tuple(failures)
