"""Draw `docs/pictures/leak-*.svg`, what a terminal shows of the example `leak`: `python docs/picture.py` runs it anew.

The text is that of a real run, without the lines of the traceback and the durations. The colours are given here, so
that the same run gives the same bytes everywhere.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

__all__ = ["COMMANDS", "PICTURES", "THEMES", "picture", "transcript"]

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"
COMMANDS = (
    "# one shared environment: whatever ran last decides",
    "uv run --package project-a python -m unittest discover packages/project-a/tests",
    "uv run --package project-b python -m unittest discover packages/project-b/tests",
    "# wsnox: each member in exactly its locked closure",
    "nox -s project-a",
    "nox -s project-b",
)
THEMES = {
    "light": {"ground": "#ffffff", "frame": "#d0d7de", "text": "#1f2328", "good": "#116329", "bad": "#b3261e", "dim": "#59636e"},
    "dark": {"ground": "#0d1117", "frame": "#3d444d", "text": "#e6edf3", "good": "#56d364", "bad": "#ff7b72", "dim": "#9198a1"},
}  # fmt: skip
NOISE = re.compile(
    r"$|\.$|E$|-+$|=+$|Ran \d|FAILED|ERROR: |ImportError: |Traceback|  File | {4}"
    r"|nox > (Creating|Reusing|cd |Command)| +(Building|Built) |(Using|Creating|Installed|Resolved|Prepared|Audited|warning:) "
)
ROLES = (
    (re.compile(r"\$ "), "text"),
    (re.compile(r"# "), "dim"),
    (re.compile(r"OK$"), "good"),
    (re.compile(r"nox > Session \S+ was successful|  hint: "), "good"),
    (re.compile(r"nox > (Session \S+ (failed|aborted)|\S+ imports )|\w*Error: "), "bad"),
    (re.compile(r"nox > (Running|python )"), "dim"),
)
WIDTH, LINE, MARGIN, LETTER = 860, 20, 18, 8.0


def transcript() -> list[str]:
    """Run the commands in a fresh copy of the example, and return what they and their output look like."""
    with tempfile.TemporaryDirectory() as folder:
        examples = Path(shutil.copytree(DOCS.parent / "examples", Path(folder) / "examples", ignore=_leftovers))
        return [line for command in COMMANDS for line in _shown(command, examples / "leak")]


def _leftovers(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in (".nox", ".venv", "__pycache__")}


def _shown(command: str, root: Path) -> list[str]:
    """Return the prompt with *command* and what it says; a comment is only shown."""
    return (
        ["", command][command == COMMANDS[0] :] if command.startswith("#") else [f"$ {command}", *_said(command, root)]
    )


def _said(command: str, root: Path) -> list[str]:
    arguments = [sys.executable, "-m", *command.split()]
    environment = {**os.environ, "NO_COLOR": "1", "UV_OFFLINE": "1", "UV_PYTHON": sys.executable}
    environment.pop("VIRTUAL_ENV", None)
    done = subprocess.run(
        arguments, cwd=root, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, encoding="utf-8",
    )  # fmt: skip
    lines = re.sub(r"( in|, took) (\d+|a) seconds?", "", done.stdout).splitlines()
    return [line for line in lines if not _noise(line)]


def _noise(line: str) -> bool:
    """Tell whether the reader can do without this line: it is of the traceback, or of how unittest counts."""
    return NOISE.match(line) is not None


def picture(lines: list[str], theme: str) -> str:
    """Return the picture of *lines* as SVG, in the colours of the *theme*; it needs no font that is not there."""
    colours, height = THEMES[theme], LINE * len(lines) + 2 * MARGIN
    width = max(WIDTH, round(max(map(len, lines)) * LETTER) + 2 * MARGIN)
    rows = "".join(_row(line, MARGIN + LINE * number + 14, colours) for number, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="A terminal: project-b passes under uv run, and fails under wsnox">\n'
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"'
        f' fill="{colours["ground"]}" stroke="{colours["frame"]}"/>\n'
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" xml:space="preserve">\n'
        f"{rows}</g>\n</svg>\n"
    )


def _row(line: str, height: int, colours: dict[str, str]) -> str:
    role = next((role for pattern, role in ROLES if pattern.match(line)), "text")
    weight = ' font-weight="bold"' if line.startswith("$ ") else ""
    return f'<text x="{MARGIN}" y="{height}" fill="{colours[role]}"{weight}>{escape(line)}</text>\n' if line else ""


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    shown = transcript()
    for name in THEMES:
        (PICTURES / f"leak-{name}.svg").write_text(picture(shown, name), encoding="utf-8", newline="\n")
