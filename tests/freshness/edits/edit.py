"""Edits of locked workspaces: what is made of a base before it is locked, and what becomes of it afterwards.

The tables are files (`*.edits`) of blocks, each with a header after ``@`` and a row a line; an indented line continues the
one before, ``⏎`` is the end of a line within a text, ``␣`` a space at its edge, ``-`` no text at all. A header is one of

- ``area NAME``: the area of all that follows;
- ``word NAME text``: what ``<NAME>`` stands for in the rest of the file;
- ``slot NAME BASE PATH before => after``: where texts go in the manifest at PATH, in the place of ``№``; ``list`` too
  for texts of requirements parted by `` | ``, which are written as TOML strings;
- ``pairs SLOT…``: ``locked -> new   another``, the texts three spaces apart, each edit on its own;
- ``key KEY,… SLOT…``: the same with ``KEY = text``; ``each KEY SLOT``: texts, each with all the others to become of it;
- ``swaps BASE PATH``: the same in any file as it was locked;
- ``rows BASE,…``: ``name | step | step``, a step being ``path : before => after``, ``path [table] lines``, ``age REVISION``,
  ``delete path``, ``move path target``, ``copy path target``, ``write path text`` or ``encode path JSON``;
- ``sourced BASE``: ``name | requirement | source | what the lockfile has``.

Behind `` for № in `` stand texts, for each of which the block is read once. Behind `` | `` in a header stand steps that are
taken before the base is locked, and ``limit NAME``, as in a row: what wsnox documents not to see.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, replace
from itertools import permutations, product
from pathlib import Path
from typing import TYPE_CHECKING

import tomli
import tomli_w

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Edit", "Slot", "Step", "Tables", "apply", "swap"]

LIMITS = {
    "BACKEND": "what a build backend provides",
    "INTERPRETER": "the version of the interpreter that locks, where no member sets ``requires-python``",
    "KINDS": "which file system entry a path source is",
    "OTHERS": "what members of other workspaces ask for",
    "SETTINGS": "a key that no ``uv.toml`` may have",
    "TREES": "archives and trees without a project",
    "URLS": "which URL one with a variable names",
    "UV": "``required-version``",
}
"""What wsnox cannot see, in the words of the docstring of `wsnox.freshness`."""

Step = tuple["Callable[..., None]", tuple[str, ...]]
"""A function of the workspace's root and the texts given with it."""


@dataclass(frozen=True)
class Edit:
    """The *steps* that edit the workspace *base*, which is locked with the steps *given* taken.

    *limit* is the sentence of what wsnox documents not to see, where uv finds the lockfile stale and wsnox does not.
    """

    name: str
    base: str
    steps: tuple[Step, ...] = ()
    given: tuple[Step, ...] = ()
    limit: str = ""


def apply(steps: tuple[Step, ...], root: Path) -> None:
    """Take the *steps* in the workspace at *root*."""
    for function, texts in steps:
        function(root, *texts)


# --- steps -----------------------------------------------------------------------------------------------------------


def _file(root: Path, path: str) -> Path:
    """Return the file at *path*, a folder meaning its manifest."""
    return root / path / "pyproject.toml" if not Path(path).suffix or path == "." else root / path


def swap(root: Path, path: str, before: str, after: str) -> None:
    """Put *after* in the place of the one *before* in the file at *path*."""
    file = _file(root, path)
    text = file.read_text(encoding="utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{before!r} stands {text.count(before)} times in {path!r}")
    file.write_text(text.replace(before, after), encoding="utf-8")


def _put(root: Path, path: str, table: str, lines: str) -> None:
    """Put *lines* first into the *table* of the file at *path*, at its end where the file has no such table."""
    file = _file(root, path)
    text, header = file.read_text(encoding="utf-8"), f"[{table}]\n"
    if header not in text:
        text = f"{text}\n{header}"
    file.write_text(text.replace(header, f"{header}{lines}\n"), encoding="utf-8")


def _write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def _encode(root: Path, path: str, arguments: str) -> None:
    """Write the file at *path* with a prefix, another end of lines, and in another encoding."""
    prefix, newline, encoding = (*json.loads(arguments), "utf-8")[:3]
    file = _file(root, path)
    file.write_bytes((prefix + newline.join(file.read_text(encoding="utf-8").split("\n"))).encode(encoding))


def _delete(root: Path, path: str) -> None:
    if (root / path).is_dir():
        shutil.rmtree(root / path)
    else:
        (root / path).unlink()


def _move(root: Path, path: str, target: str) -> None:
    (root / target).parent.mkdir(parents=True, exist_ok=True)
    (root / path).rename(root / target)


def _copy(root: Path, path: str, target: str) -> None:
    shutil.copytree(root / path, root / target)


def _age(root: Path, revision: str) -> None:
    """Take from ``uv.lock`` what lockfiles of this *revision* do not have yet (uv's ``Lock``: revisions)."""
    locked, number = tomli.loads((root / "uv.lock").read_text(encoding="utf-8")), int(revision)
    locked["revision"] = number
    if not number:
        del locked["revision"]
    for table in (*locked["package"], locked.get("manifest", {})):
        for key in ("default-groups", "group-requires-python") if number < 5 else ():
            table.pop(key, None)
        for key in ("optional-dependencies", "dev-dependencies") if number < 4 else ():
            table[key] = {name: edges for name, edges in table.get(key, {}).items() if edges}
        if number < 1 and "metadata" in table:
            table["metadata"].pop("provides-extras", None)
            groups = table["metadata"].get("requires-dev", {})
            table["metadata"]["requires-dev"] = {name: texts for name, texts in groups.items() if texts}
    (root / "uv.lock").write_text(tomli_w.dumps(locked), encoding="utf-8")


_STEPS: tuple[tuple[str, Callable[..., None]], ...] = (
    (r"delete (\S+)", _delete),
    (r"move (\S+) (\S+)", _move),
    (r"copy (\S+) (\S+)", _copy),
    (r"age (\S+)", _age),
    (r"write (\S+) (.+)", _write),
    (r"encode (\S+) (.+)", _encode),
    (r"(\S+) : (.+) => (.+)", swap),
    (r"(\S+) \[(\S+)\] (.+)", _put),
)


def _step(text: str) -> Step:
    for form, function in _STEPS:
        if match := re.fullmatch(form, text, re.DOTALL):
            return function, tuple(map(_text, match.groups()))
    raise ValueError(text)


# --- tables ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """A place in the manifest at *path* of the workspace *base*, where *before* stands: *after* with texts for its ``№``."""

    base: str
    path: str
    before: str
    after: str
    strings: bool

    def filled(self, text: str) -> str:
        """Return what stands in the slot with *text* in it."""
        texts = ", ".join(json.dumps(part) for part in text.split(" | ") if part)
        return self.after.replace("№", texts if self.strings else text)

    def edit(self, old: str, new: str) -> Edit:
        """Return the edit of *old* to *new*."""
        what = self.before.partition(" = ")[0].strip("[]\n")
        name = f"{self.base}/{self.path} {what}: {old or 'none'} -> {new or 'none'}"
        given, step = (self.before, self.filled(old)), (self.filled(old), self.filled(new))
        return Edit(name, self.base, ((swap, (self.path, *step)),), ((swap, (self.path, *given)),))


class Tables:
    """The edits of all files in *folder*, by area, and the slots by name."""

    def __init__(self, folder: Path) -> None:
        self.areas: dict[str, list[Edit]] = {}
        self.slots: dict[str, Slot] = {}
        for file in sorted(folder.glob("*.edits")):
            self._read(re.findall(r"^@ ((?:.|\n(?!@))*)", file.read_text("utf-8"), re.MULTILINE))

    def _read(self, blocks: Iterable[str]) -> None:
        area: list[Edit] = []
        words: dict[str, str] = {}
        for block in blocks:
            lines = re.sub(r"<([A-Z-]+)>", lambda match: words.get(match[1], match[0]), re.sub(r"\n#.*", "", block))
            header, body = re.split(r"\n(?!    )|\Z", lines, maxsplit=1)
            kind, _, rest = header.partition(" ")
            match kind:
                case "area":
                    area = self.areas.setdefault(rest, [])
                case "word":
                    word, _, words[word] = rest.partition(" ")
                case "slot" | "list":
                    name, base, path, places = rest.split(" ", 3)
                    before, after = map(_text, places.split(" => "))
                    self.slots[name] = Slot(base, path, before, after, kind == "list")
                case _:
                    area += self._block(kind, rest, body)

    def _block(self, kind: str, header: str, body: str) -> Iterator[Edit]:
        arguments, *more = header.replace("\n    ", "   " if " for № in " in header else " | ").split(" | ")
        arguments, _, values = arguments.partition(" for № in ")
        given, limit = _steps(more)
        for value in values.split("   "):
            for row in filter(None, re.split(r"\n(?! )", body.replace("№", value))):
                for edit in self._row(kind, arguments.split(), row):
                    yield replace(edit, given=(*given, *edit.given), limit=limit or edit.limit)

    def _row(self, kind: str, arguments: list[str], row: str) -> Iterator[Edit]:
        old, _, others = re.sub(r"\n {4,}", "   ", row).partition(" ->")
        match kind, arguments:
            case "rows", [bases]:
                name, *texts = re.split(r" \| |\n {4}", row)
                steps, limit = _steps(texts)
                for base in bases.split(","):
                    yield Edit(f"{base} {name}", base, steps, limit=limit)
            case "sourced", [base]:
                yield _sourced(base, *map(_text, row.split(" | ")))
            case "swaps", [base, path]:
                for new in _texts(others.strip()):
                    yield Edit(f"{base} {path}: {old} -> {new}", base, ((swap, (path, _text(old), new)),))
            case "pairs", slots:
                yield from (self.slots[slot].edit(_text(old), new) for slot in slots for new in _texts(others.strip()))
            case "key", [keys, *slots]:
                for key, slot in product(keys.split(","), slots):
                    locked, *news = (text and f"{key} = {text}" for text in (_text(old), *_texts(others.strip())))
                    yield from (self.slots[slot].edit(locked, new) for new in news)
            case "each", [key, slot]:
                settings = [text and f"{key} = {text}" for text in _texts(row)]
                yield from (self.slots[slot].edit(locked, new) for locked, new in permutations(settings, 2))
            case _:
                raise ValueError(kind)


def _sourced(base: str, name: str, requirement: str, source: str, locked: str) -> Edit:
    """Return the edit to the *source* of a *requirement* that is *locked*: nothing here can fetch what it names."""
    steps = (
        (_put, (".", "tool.uv.sources", f"x = {source}" if source else "")),
        (swap, (".", 'dependencies = ["leaf"]', f'dependencies = ["leaf", "{requirement}"]')),
        (
            swap,
            ("uv.lock", "requires-dist = [\n", f'requires-dist = [\n    {{ name = "x"{locked and f", {locked}"} }},\n'),
        ),
    )
    return Edit(f"source {name}", base, steps)


def _text(text: str) -> str:
    return "" if text == "-" else text.replace("⏎", "\n").replace("␣", " ")


def _texts(row: str) -> list[str]:
    """Return the texts in *row*, three spaces apart."""
    return [_text(text) for text in row.split("   ")]


def _steps(texts: Iterable[str]) -> tuple[tuple[Step, ...], str]:
    """Return the steps that *texts* are, and the limit among them."""
    limits = [LIMITS[text.removeprefix("limit ")] for text in texts if text.startswith("limit ")]
    return tuple(_step(text) for text in texts if not text.startswith("limit ")), "".join(limits)
