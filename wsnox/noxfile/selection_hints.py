"""Hints to errors of nox: it says which name it does not find, for example, and not which one is near.

nox says so through its logger (`nox.tasks`, `nox.sessions`; checked with nox 2026.8 to 2026.10), where a filter of
`wsnox.noxfile.register` has the hint added. If nox changes its words, the hint is all that is lost.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import nox

from wsnox.noxfile.names import registered_names
from wsnox.text import all_known, near_miss, quoted

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping

    Registered = Mapping[str, Any]

__all__ = ["add_hint"]


def add_hint(record: logging.LogRecord) -> None:
    """Add to *record*, an error that nox logs, the hint that `_HINTS` has for it."""
    message = record.getMessage()
    start = next(filter(message.startswith, _HINTS), None)
    if start is not None:
        # The error itself must be seen, whatever another nox registers.
        with suppress(Exception):
            hint = _HINTS[start](message.removeprefix(start), nox.registry.get())
            record.msg, record.args = f"{message}\n\nhint: {hint}" if hint else message, ()


def _of_names(missing: str, registered: Registered) -> str:
    """Return the hint to names on the command line, which *missing* lists."""
    names = registered_names()
    if all(name in names for name in missing.split(",")):
        return f"spaces separate names: `nox -s {missing.replace(',', ' ')}`"
    if re.fullmatch(r"WSNOX_\w+_FAILED", missing):
        return "see above why that command of wsnox failed"
    meant = dict.fromkeys(_meant(name, names) for name in missing.split(", "))
    return " ".join(filter(None, meant)) or all_known(registered) or "`nox -l` lists the sessions"


def _meant(name: str, names: frozenset[str]) -> str:
    """Return the question whether one of *names* was meant by *name*, empty without any."""
    titled = re.fullmatch(r"(.+)-(\d[\d.]*t?)", name)
    if titled and titled[1] in names:
        return f"`{titled[1]}` does not run on {titled[2]}; {_OTHER_PYTHONS}"
    # A member by its directory or import package, and its tests by the name that other tasks have.
    plain = re.sub(r"[-_.]+", "-", name.rstrip("/").rpartition("/")[2]).lower().removesuffix(":test")
    return near_miss(plain, [plain] if plain in names else names)


def _of_requirement(missing: str, registered: Registered) -> str:
    owners = [name for name, function in registered.items() if missing in _requirements(function)]
    required = f"required by {quoted(sorted(owners)[:3])}" if owners else ""
    return "; ".join(filter(None, (required, _meant(missing, registered_names()))))


def _requirements(function: Any) -> Iterator[str]:
    """Yield what a registered *function* requires on any of its Pythons: nox fills in each of them apart."""
    pythons = function.python
    for python in pythons if isinstance(pythons, (list, tuple)) else [pythons]:
        single = function.copy()
        single.python = python
        yield from single.requires


def _of_pythons(_: str, registered: Registered) -> str:
    pythons: set[str] = set()
    for function in registered.values():
        pythons.update([function.python] if isinstance(function.python, str) else function.python or ())
    on = quoted(sorted(pythons)) or "the Python of nox"
    return f"sessions run on {on}; {_OTHER_PYTHONS}"


_OTHER_PYTHONS = "`pythons` in `[tool.wsnox]` chooses others, or `--force-python` for one run"


def _of_tags(_: str, registered: Registered) -> str:
    tags = frozenset(tag for function in registered.values() for tag in function.tags or ())
    # nox does not repeat what was asked for.
    asked = [word for option, word in pairwise(sys.argv) if option in ("-t", "--tags")]
    meant = _meant(asked[0], tags) if asked else ""
    return meant or all_known(tags) or "`nox -l` shows the tags of each session"


def _of_failure(failure: str, _: Registered) -> str:
    call = re.match(r"(\w+)\S* raised exception TypeError\(.\1\(\) missing 1 required positional argument: ", failure)
    return (
        "`@nox.session` gives a function the session alone; decorate it with `@wsnox.member` in its place"
        if call
        else ""
    )


_HINTS: dict[str, Callable[[str, Registered], str]] = {
    "Sessions not found: ": _of_names,
    "Session not found: ": _of_requirement,
    "Session ": _of_failure,
    "Python version selection caused no sessions to be selected.": _of_pythons,
    "Tag selection caused no sessions to be selected.": _of_tags,
    "Sessions are in a dependency cycle: ": lambda *_: "take one of them out of the other's `requires`",
    "No sessions selected after filtering by keyword.": lambda *_: "`nox -l` shows names and tags",
}
"""How the errors of nox begin, and what is the hint to the rest of them."""
