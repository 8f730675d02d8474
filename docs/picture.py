"""Draw `docs/pictures/leak-*.svg`, what a terminal shows of the example `leak`: `python docs/picture.py` runs it again.

The text, its colours and its indentation are those of a real run, without the traceback and the durations. The terminal
is narrow, so that a phone can show it.
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
    "# wsnox: exactly the packages of the lockfile",
    "nox -s project-a",
    "nox -s project-b",
)
COLUMNS = 60
THEMES = {
    "light": {
        "ground": "#ffffff", "frame": "#d0d7de", "": "#1f2328", "prompt": "#1f2328", "dim": "#59636e", "31": "#b3261e", "32": "#116329",
        "33": "#7d4e00", "34": "#0550ae", "35": "#8250df", "36": "#1b7c83",
    },
    "dark": {
        "ground": "#0d1117", "frame": "#3d444d", "": "#e6edf3", "prompt": "#e6edf3", "dim": "#9198a1", "31": "#ff7b72", "32": "#56d364",
        "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#56d4dd",
    },
}  # fmt: skip
"""What the colours of a terminal, by their ANSI numbers, look like."""

NOISE = re.compile(
    r"$|\.$|E$|-+$|=+$|Ran \d|FAILED|ERROR: |ImportError: |Traceback|  File | {4}"
    r"|nox > (Running|Creating|Reusing|cd |python |Command)| +(Building|Built) |(Using|Creating|Installed|Resolved|Prepared|Audited|warning:) "
)
"""Lines that the reader can do without: of the traceback, of how unittest counts, of what uv and nox start."""

LINE, MARGIN, LETTER = 20, 16, 8.0

Run = tuple[str, str]
"""Text and its colour, a key of a theme."""


def transcript() -> list[list[Run]]:
    """Run the commands in a fresh copy of the example, and return the lines of the terminal."""
    with tempfile.TemporaryDirectory() as folder:
        examples = Path(shutil.copytree(DOCS.parent / "examples", Path(folder) / "examples", ignore=_leftovers))
        shown = [line for command in COMMANDS for line in _shown(command, examples / "leak")]
    return [row for line in shown for row in _wrapped(line)]


def _leftovers(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in (".nox", ".venv", "__pycache__")}


def _shown(command: str, root: Path) -> list[list[Run]]:
    """Return the prompt with *command* and what it says; a comment is only shown."""
    if command.startswith("#"):
        return [*([[("", "")]] if command != COMMANDS[0] else []), [(command, "dim")]]
    said = _lines(_said(command, root))
    return [
        [(f"$ {command}", "prompt")],
        *(line for line in said if not NOISE.match("".join(text for text, _ in line))),
    ]


def _said(command: str, root: Path) -> str:
    environment = {
        **os.environ,
        "FORCE_COLOR": "1",
        "PYTHON_COLORS": "0",
        "UV_OFFLINE": "1",
        "UV_PYTHON": sys.executable,
    }
    for name in ("VIRTUAL_ENV", "NO_COLOR"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=root, env=environment, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, encoding="utf-8",
    )  # fmt: skip
    return re.sub(r"( in|, took) (\d+|a) seconds?", "", done.stdout)


def _lines(said: str) -> list[list[Run]]:
    """Return the lines of *said* with the colours that its escape sequences set; a colour may reach over several."""
    lines, colour = [list[Run]()], ""
    for part in re.split(r"(\x1b\[[\d;]*m|\n)", said):
        if part == "\n":
            lines.append([])
        elif part.startswith("\x1b"):
            colour = next((code for code in part[2:-1].split(";") if code in THEMES["light"]), "")
        elif part:
            lines[-1].append((part, colour))
    return lines


def _wrapped(line: list[Run]) -> list[list[Run]]:
    """Return *line* as a terminal of `COLUMNS` wraps it: in the middle of a word, too."""
    letters = [(letter, colour) for text, colour in line for letter in text]
    rows: list[list[Run]] = []
    for start in range(0, max(len(letters), 1), COLUMNS):
        row: list[Run] = []
        for letter, colour in letters[start : start + COLUMNS]:
            if row and row[-1][1] == colour:
                row[-1] = (row[-1][0] + letter, colour)
            else:
                row.append((letter, colour))
        rows.append(row)
    return rows


def picture(lines: list[list[Run]], theme: str) -> str:
    """Return the picture of *lines* as SVG, in the colours of the *theme*; it needs no font that is not there."""
    colours, height = THEMES[theme], LINE * len(lines) + 2 * MARGIN
    width = round(COLUMNS * LETTER) + 2 * MARGIN
    rows = "".join(_row(line, MARGIN + LINE * number + 14, colours) for number, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="A terminal: project-b passes under uv run, and fails under wsnox">\n'
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8"'
        f' fill="{colours["ground"]}" stroke="{colours["frame"]}"/>\n'
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" style="white-space: pre">\n'
        f"{rows}</g>\n</svg>\n"
    )


def _row(line: list[Run], height: int, colours: dict[str, str]) -> str:
    """Return the elements of a *line*; each run says where it begins, whatever font the reader has."""
    column, runs = 0, ""
    for text, colour in line:
        indent = len(text) - len(text.lstrip(" "))
        place = f'x="{MARGIN + (column + indent) * LETTER:g}" textLength="{(len(text) - indent) * LETTER:g}"'
        weight = ' font-weight="bold"' if colour == "prompt" else ""
        runs += (
            f'<tspan {place} fill="{colours[colour]}"{weight}>{escape(text[indent:])}</tspan>' if text.strip() else ""
        )
        column += len(text)
    return f'<text y="{height}">{runs}</text>\n' if runs else ""


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    shown = transcript()
    for name in THEMES:
        (PICTURES / f"leak-{name}.svg").write_text(picture(shown, name), encoding="utf-8", newline="\n")
