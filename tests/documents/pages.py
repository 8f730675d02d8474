"""Do what a page says: write the files that it shows, run its commands, and find what it shows of their output.

A line above a block that holds nothing but a path in backticks names the file that the block is; the site shows it as
the block's caption. Several paths are several files of the same text, and words may follow, as in "`a.yml`, with inputs".
Comments, which readers do not see, tell the rest:

- ``<!-- start: examples/leak -->``: the page starts in a copy of this folder, not in an empty one.
- ``<!-- fails -->`` before a block of commands: the last one fails.
- ``<!-- not run: reason -->`` before a block: nobody runs it here.

Blocks marked ``console`` hold commands after ``$``; the lines below a command are found in its output, in their order,
among others; a line ``...`` stands for any. What installs wsnox itself is left out, as it is installed.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.sessions.running import OFFLINE
from tests.support.processes import find_uv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Block", "Page", "blocks_of", "start_of"]

_BLOCK = re.compile(
    r"(?:<!-- ([^\n]*?) -->\n+|^(`[^`\n]+`(?:, `[^`\n]+`)*(?:, [a-z ]+)?)\n\n)?```(\w*)[^\n]*\n(.*?)```",
    re.DOTALL | re.MULTILINE,
)
_START = re.compile(r"<!-- start: (\S+) -->")
_INSTALLS = re.compile(r"(python -m pip|uv tool) install ")
_DURATION = re.compile(r"( in|, took|,| \(took) ((\d+|a) (second|minute)s?|\d+\.\d+s)\)?")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the *note* or the *label* before it, its *language*, its *text*."""

    note: str
    label: str
    language: str
    text: str

    @property
    def files(self) -> list[str]:
        """The paths of the files that the block is."""
        return re.findall(r"`([^`]+)`", self.label)

    @property
    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each command with the lines that are shown of its output."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, *shown = part.replace("\\\n", " ").splitlines()
            yield command, [line.rstrip() for line in shown if line.strip() not in ("", "...")]


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a page in Markdown."""
    return [Block(*parts) for parts in _BLOCK.findall(text)]


def start_of(text: str) -> str:
    """Return the folder of the repository in which the page starts, or nothing."""
    found = _START.search(text)
    return found[1] if found else ""


class Page:
    """A page that is being followed in *folder*, with *variables* over those of the tests."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder, self.ran = folder, list[str]()
        self._marker = folder.parent / "working-directory"
        path = os.pathsep.join([str(Path(sys.executable).parent), str(Path(find_uv()).parent), os.environ["PATH"]])
        self._variables = {**os.environ, **OFFLINE, "PATH": path, "UV_PYTHON": sys.executable, **variables}

    def follow(self, text: str) -> None:
        """Do what the page *text* says, from its first block to its last."""
        for block in blocks_of(text):
            for file in block.files:
                self._write(self.folder / file, block.text)
            if block.language == "console" and not block.note.startswith("not run: "):
                self._run(block)

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _run(self, block: Block) -> None:
        commands = [(command, shown) for command, shown in block.commands if not _INSTALLS.match(command)]
        for number, (command, shown) in enumerate(commands, start=1):
            code, said = self._started(command)
            fails = block.note == "fails" and number == len(commands)
            assert (code != 0) is fails, f"$ {command}\n{said}"
            _find(shown, said, command)
            self.ran.append(command)

    def _started(self, command: str) -> tuple[int, str]:
        """Run *command* in bash where the one before it ended."""
        script = f"{command}\ncode=$?\npwd > {shlex.quote(str(self._marker))}\nexit $code"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self._variables, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        self.folder = Path(self._marker.read_text(encoding="utf-8").strip())
        return done.returncode, done.stdout


def _find(shown: list[str], said: str, command: str) -> None:
    """Find the lines that the page has *shown* among those that *command* has *said*, in their order."""
    lines = iter([_plain(line) for line in said.splitlines()])
    for line in shown:
        assert any(_plain(line) == other for other in lines), f"$ {command}\nnot said: {line}\n{said}"


def _plain(line: str) -> str:
    """Return *line* without what differs from run to run: durations, and how wide a terminal is."""
    return re.sub(r"={3,}", "===", _DURATION.sub("", line)).rstrip().rstrip(".")
