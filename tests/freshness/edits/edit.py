"""An edit of a locked workspace: what is made of the base before it is locked, and what becomes of it afterwards."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli
import tomli_w

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "BACKEND",
    "INTERPRETER",
    "KINDS",
    "OTHERS",
    "SETTINGS",
    "TREES",
    "URLS",
    "UV",
    "Edit",
    "Slot",
    "Step",
    "age",
    "apply",
    "copy",
    "delete",
    "encode",
    "move",
    "pairs",
    "put",
    "read_pairs",
    "rows",
    "swap",
    "write",
]

BACKEND = "what a build backend provides"
INTERPRETER = "the version of the interpreter that locks, where no member sets ``requires-python``"
KINDS = "which file system entry a path source is"
OTHERS = "what members of other workspaces ask for"
SETTINGS = "a key that no ``uv.toml`` may have"
TREES = "archives and trees without a project"
URLS = "which URL one with a variable names"
UV = "``required-version``"
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


def swap(path: str, before: str, after: str) -> Step:
    """Put *after* in the place of the one *before* in the file at *path*, a folder meaning its manifest."""
    return _swap, (path, before, after)


def put(path: str, table: str, lines: str) -> Step:
    """Put *lines* first into the *table* of the file at *path*, at its end where the file has no such table."""
    return _put, (path, table, lines)


def write(path: str, text: str) -> Step:
    """Write *text* as the file at *path*."""
    return _write, (path, text)


def encode(path: str, prefix: str, newline: str, encoding: str = "utf-8") -> Step:
    """Write the file at *path* anew with *prefix* in front and *newline* after each line."""
    return _encode, (path, prefix, newline, encoding)


def delete(path: str) -> Step:
    """Delete the file or folder at *path*."""
    return _delete, (path,)


def move(path: str, target: str) -> Step:
    """Move the file or folder at *path* to *target*."""
    return _move, (path, target)


def copy(path: str, target: str) -> Step:
    """Copy the folder at *path* to *target*."""
    return _copy, (path, target)


def age(revision: int) -> Step:
    """Take from ``uv.lock`` what lockfiles of this *revision* do not have yet (uv's ``Lock``: revisions)."""
    return _age, (str(revision),)


def _file(root: Path, path: str) -> Path:
    return root / path / "pyproject.toml" if not Path(path).suffix or path == "." else root / path


def _swap(root: Path, path: str, before: str, after: str) -> None:
    file = _file(root, path)
    text = file.read_text(encoding="utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{before!r} stands {text.count(before)} times in {path!r}")
    file.write_text(text.replace(before, after), encoding="utf-8")


def _put(root: Path, path: str, table: str, lines: str) -> None:
    file = _file(root, path)
    text, header = file.read_text(encoding="utf-8"), f"[{table}]\n"
    if header not in text:
        text = f"{text}\n{header}"
    file.write_text(text.replace(header, f"{header}{lines}\n"), encoding="utf-8")


def _write(root: Path, path: str, text: str) -> None:
    file = _file(root, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _encode(root: Path, path: str, prefix: str, newline: str, encoding: str) -> None:
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


# --- tables of edits -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """A place in the manifest at *path* of the workspace *base*, where *before* stands: *after* with texts for its ``@``.

    Where they are *strings*, a text is of requirements parted by `` | ``, and they are written as TOML strings.
    """

    base: str
    path: str
    before: str
    after: str
    strings: bool = True

    def filled(self, text: str) -> str:
        """Return what stands in the slot with *text* in it."""
        texts = ", ".join(json.dumps(each) for each in text.split(" | ") if each)
        return self.after.replace("@", texts if self.strings else text)


def pairs(slot: Slot, *table: str | tuple[str, ...], limit: str = "") -> Iterator[Edit]:
    """Yield an edit for each row of a text in the *slot* and, each on its own, the texts that replace it.

    A string has a row a line: ``locked -> new   another``, the texts three spaces apart and ``-`` for none at all.
    """
    for row in table:
        for old, *news in (row,) if isinstance(row, tuple) else read_pairs(row):
            for new in news:
                given, step = (
                    swap(slot.path, before, slot.filled(after))
                    for before, after in ((slot.before, old), (slot.filled(old), new))
                )
                what = slot.before.partition(" = ")[0].strip("[]\n")
                name = f"{slot.base}/{slot.path} {what}: {old or 'none'} -> {new or 'none'}"
                yield Edit(name, slot.base, (step,), (given,), limit)


def rows(base: str, *table: str | tuple[Any, ...], given: tuple[Step, ...] = (), limit: str = "") -> Iterator[Edit]:
    """Yield an edit of *base*, with the steps *given* taken, for each row of a name and steps.

    A string has a row a line: ``name | step | step``. A step is ``path : before => after``, ``path [table] lines``, or
    ``delete path``, ``move path target`` and ``copy path target``; ``-`` is no text at all.
    """
    for row in table:
        for name, *steps in (row,) if isinstance(row, tuple) else map(_named_steps, _lines(row)):
            yield Edit(f"{base} {name}", base, tuple(steps), given, limit)


def _lines(table: str) -> Iterator[str]:
    """Yield the rows of *table*, each with its indented lines; ``⏎`` stands for the end of a line within a text."""
    return (row.replace("⏎", "\n") for row in re.split(r"\n(?! )", table.strip()))


def read_pairs(table: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of texts in *table*, as `pairs` takes them."""
    return map(_texts, _lines(table))


def _texts(row: str) -> tuple[str, ...]:
    locked, _, others = re.sub(r"\n {4,}", "   ", row).partition(" ->")
    return tuple("" if text == "-" else text for text in (locked, *others.strip().split("   ")))


def _named_steps(row: str) -> tuple[Any, ...]:
    name, *steps = re.split(r" \| |\n {4}", row)
    return name, *map(_step, steps)


_ON_PATHS: dict[str, Callable[..., None]] = {"delete": _delete, "move": _move, "copy": _copy}


def _step(text: str) -> Step:
    if found := re.fullmatch(r"(delete|move|copy) (\S+)(?: (\S+))?", text):
        return _ON_PATHS[found[1]], tuple(filter(None, found.groups()[1:]))
    if found := re.fullmatch(r"(\S+) : (.+) => (.+)", text, re.DOTALL):
        return swap(found[1], found[2], "" if found[3] == "-" else found[3])
    found = re.fullmatch(r"(\S+) \[(\S+)\] (.+)", text, re.DOTALL)
    assert found is not None, text
    return put(found[1], found[2], "" if found[3] == "-" else found[3])
