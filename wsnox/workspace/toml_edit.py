"""Set one key of a TOML file, and leave every other character of it as it is.

No library that keeps comments and layout is installed with nox, and one key needs none: the text is changed where the key
has to stand, and then read again. What it says has to be what it said before, with the key set; otherwise it is refused.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import tomli

from wsnox.text import toml_array

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["with_value"]


def with_value(text: str, table: str, key: str, value: str | Sequence[str]) -> str:
    """Return *text* with *value* at *key* of the *table*, a dotted path; raise `ValueError` if it would not say just that.

    A new key stands first in its table, and a new table at the end of the file. An array in which a comment stands is not
    replaced.
    """
    before = tomli.loads(text)
    expected = deepcopy(before)
    here: Any = expected
    for name in table.split("."):
        here = here.setdefault(name, {})
    exists = key in here
    here[key] = value if isinstance(value, str) else [*value]
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{key} = {_value(value)}"
    header = _header(table).search(text)
    if header is None:
        gap = newline if text.endswith("\n") else newline * 2
        changed = f"{text}{gap if text else ''}[{table}]{newline}{line}{newline}"
    elif not exists:
        gap = "" if header[0].endswith("\n") else newline
        changed = f"{text[: header.end()]}{gap}{line}{newline}{text[header.end() :]}"
    else:
        following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, header.end())
        end = following.start() if following else len(text)
        line_of_key = rf"^([ \t]*{re.escape(key)}[ \t]*=[ \t]*)(\[[^\[\]#]*\]|\"[^\"\\\n]*\")"
        section = re.compile(line_of_key, re.MULTILINE).sub(
            lambda match: match[1] + _like(match[2], value, newline), text[header.end() : end], count=1
        )
        changed = f"{text[: header.end()]}{section}{text[end:]}"
    try:
        if tomli.loads(changed) == expected:
            return changed
    except tomli.TOMLDecodeError:
        pass
    raise ValueError(f"cannot set `{key}` in `[{table}]`")


def _value(value: str | Sequence[str]) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else toml_array(value)


def _like(before: str, value: str | Sequence[str], newline: str) -> str:
    """Return *value*, an array with a line for each of its items where *before* has that."""
    lines = re.match(r"\[\s*\n([ \t]*)(?s:.*)\n([ \t]*)\]", before)
    if lines is None or isinstance(value, str):
        return _value(value)
    items = (f"{lines[1]}{_value(item)},{newline}" for item in value)
    return f"[{newline}{''.join(items)}{lines[2]}]"


def _header(table: str) -> re.Pattern[str]:
    """Return what the line that opens *table* looks like, with what stands behind it on the line."""
    parts = (rf'(?:{re.escape(name)}|"{re.escape(name)}")' for name in table.split("."))
    return re.compile(r"^[ \t]*\[[ \t]*" + r"[ \t]*\.[ \t]*".join(parts) + r"[ \t]*\][^\n]*\n?", re.MULTILINE)
