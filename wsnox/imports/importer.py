"""Import modules one after another in an environment, by a program for its own interpreter, and read what came of it.

The program takes a file of names, a file for its answers, and how many seconds a module may take. It runs isolated, so
that neither the working directory nor a variable makes anything importable, on Python 3.8 at the least. It writes a line
before and after each module, so that one that ends the process is known too. Nothing waits for ever: standard input is empty, a
module that does not come to its end ends the process, and what modules leave running has a few seconds to end with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
        frames = traceback.extract_tb(error.__traceback__)
        chain = [error] if isinstance(error, (ImportError, SystemExit)) else []
        while chain and not isinstance(chain[-1], ModuleNotFoundError):
            chain.append(chain[-1].__cause__ or chain[-1].__context__)
            if chain[-1] is None or chain[-1] in chain[:-1]:
                chain = []
        missing = getattr(chain[-1], "name", "") if chain else ""
        places = [(frame.filename, frame.lineno or 0) for frame in frames if not frame.filename.startswith("<")]
        if isinstance(error, SyntaxError) and error.filename:
            places.append((str(error.filename), error.lineno or 0))
        try:
            said = str(error)
        except Exception:
            said = ""
        elsewhere = standard is None or str(missing).split(".")[0] in standard
        spared = [bool(missing) and elsewhere, len(chain) > 1]
        answer("failed", name, type(error).__name__, said, str(missing or ""), places, *spared)
    else:
        answer("done", name)
nowhere = open(os.devnull, "w")
faulthandler.dump_traceback_later(5, exit=True, file=nowhere)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """That importing *module* raised what *words* say; *missing* is the module that was not there, if that was it.

    *places* are the files and lines of the traceback, the innermost last. *elsewhere* tells that the standard library of
    this Python may have the missing module on another platform, *handled* that its absence was noticed, and words of the
    code's own raised in its place.
    """

    module: str
    words: str
    missing: str = ""
    places: tuple[tuple[str, int], ...] = ()
    elsewhere: bool = False
    handled: bool = False


def read_failures(lines: Iterable[str]) -> tuple[Failure, ...]:
    """Return the failures that the *lines* which the program wrote tell; what was begun and not ended, failed."""
    found: list[Failure] = []
    begun = ""
    for kind, name, *rest in _answers(lines):
        begun = name if kind == "start" else ""
        if kind == "failed":
            found.append(_failure(name, rest))
    if begun:
        found.append(Failure(module=begun, words=f"it ended the interpreter, or took more than {TIME_LIMIT} seconds"))
    return tuple(found)


def _answers(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield what the *lines* say, up to one that was cut short when the interpreter ended."""
    for line in lines:
        # The last one, where it has no end.
        if line.endswith("]"):
            yield json.loads(line)


def _failure(name: str, rest: Sequence[object]) -> Failure:
    kind, said, missing, places, elsewhere, handled = rest
    first = str(said).strip().partition("\n")[0]
    where = tuple((str(file), int(line)) for file, line in places) if isinstance(places, list) else ()
    words = f"{kind}: {first}" if first else str(kind)
    return Failure(
        module=name,
        words=words,
        missing=str(missing),
        places=where,
        elsewhere=bool(elsewhere),
        handled=bool(handled),
    )
