"""How wsnox writes to people: values in backticks, near misses, and nothing that a terminal would act upon."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wsnox.urls import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "abbreviated",
    "all_known",
    "counted",
    "first_of",
    "listed",
    "near_miss",
    "printable",
    "printable_line",
    "quoted",
    "system_message",
    "toml_array",
]


def quoted(names: Iterable[str]) -> str:
    """Return *names* in backticks, with commas between."""
    return ", ".join(f"`{name}`" for name in names)


def counted(number: int, noun: str) -> str:
    """Return *number* with *noun*, in the plural unless it is one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def first_of(texts: Sequence[str], most: int) -> list[str]:
    """Return *texts*, or only the first *most* of them and how many more there are."""
    return [*texts[:most], *([f"and {len(texts) - most} more"] if len(texts) > most else [])]


def listed(lines: Iterable[str], bullet: str = "") -> str:
    """Return each of *lines* on a line of its own, indented, after a line that they belong to."""
    return "".join(f"\n  {bullet}{line}" for line in lines)


def toml_array(values: Iterable[str]) -> str:
    """Return *values* as an array of TOML on one line."""
    import json  # noqa: PLC0415 - hardly any run needs it

    return json.dumps([*values], ensure_ascii=False)


def near_miss(name: str, candidates: Iterable[str], *, start: str = "") -> str:
    """Return ``did you mean `x`?`` for the one of *candidates* nearest to *name*, or an empty string.

    A *start* that all of them have says nothing about which is meant.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - hardly any run needs it

    matches = get_close_matches(name.removeprefix(start), [text.removeprefix(start) for text in candidates], n=1)
    return f"did you mean `{start}{matches[0]}`?" if matches else ""


def all_known(names: Iterable[str]) -> str:
    """Return ``known: `a`, `b``` for *names*, sorted, or an empty string for none and for too many to read."""
    ordered = sorted(names)
    return f"known: {quoted(ordered)}" if 0 < len(ordered) <= 12 else ""


def abbreviated(text: str) -> str:
    """Return *text* as an error quotes it: on one line, without credentials, and cut in the middle if it is long."""
    if len(text) > 240:
        # A cut must not take away what tells credentials, and no text should take long.
        text = f"{masked(text[:1000])[:160]} … {text[-60:]}"
    return printable_line(masked(text))


def printable_line(text: str) -> str:
    """Return *text* with control characters and line breaks escaped: a file name can have any of them."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


def printable(text: str) -> str:
    """Return *text* with control characters escaped and credentials masked; the lines of a list stay lines."""
    return "\n".join(map(printable_line, masked(text).split("\n")))


def system_message(error: OSError) -> str:
    """Return the message of the system's *error*, with the file if it names one."""
    file = f": `{os.fsdecode(error.filename)}`" if isinstance(error.filename, (str, bytes)) else ""
    return printable(f"{error.strerror or error}{file}")
