"""Run the real nox on a workspace, in a process of its own, and look into the environments that it leaves."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tomli
import tomli_w

from tests.sessions.forked_nox import run_nox
from tests.support.processes import compiled_seeds, uv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "NOXFILE",
    "OFFLINE",
    "Ran",
    "configure",
    "distributions",
    "follow",
    "nox",
    "python_of",
    "site_of",
    "start",
    "uv_pip",
    "without_uv",
    "write_noxfile",
]

NOXFILE = "import wsnox\n\nwsnox.sessions()\n"
OFFLINE = {"UV_OFFLINE": "1", "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1", "PIP_NO_INDEX": "1"}
"""Nothing can be downloaded."""

_DURATION = re.compile(r"( in|, took|,| \(took) (a second|\d+ seconds|(a|\d+) minutes?)\)?(?=[.:\s]|$)", re.MULTILINE)
"""What nox says only on a machine that is busy: how long something took, where that is a second or more."""

_UNCHANGED = re.compile(r"(?<=\(unchanged), \d+ ms(?=\)$)", re.MULTILINE)


@dataclass(frozen=True)
class Ran:
    """How a run of nox ended: its exit *code*, and all that it *said*, with the root as ``[ROOT]`` and no durations.

    The *summary* that follows the list of nox is no part of that: it says again what sessions have said.
    """

    code: int
    said: str
    summary: str = ""

    @property
    def lines(self) -> list[str]:
        """What was said, line by line, without nox's prefix."""
        return [line.removeprefix("nox > ") for line in self.said.splitlines()]

    def line(self, start: str) -> str:
        """Return the one line that starts so, for a message that shows everything where there is none."""
        found = [line for line in self.lines if line.startswith(start)]
        assert len(found) == 1, self.said
        return found[0]

    @property
    def results(self) -> dict[str, str]:
        """How each session ended: ``success``, ``failed``, ``skipped``, in the order in which nox ran them."""
        one = re.compile(r"Session (\S+) (was successful|failed|skipped|aborted)")
        words = {"was successful": "success"}
        return {found[1]: words.get(found[2], found[2]) for line in self.lines if (found := one.match(line))}

    @property
    def error(self) -> str:
        """What stands between the start of the last session and its end: the whole text of its error."""
        return self.said[self.said.rindex("Session ") :].partition("nox > Ran ")[0].strip()


def write_noxfile(root: Path, text: str = NOXFILE) -> Path:
    """Put a noxfile beside the workspace and return the workspace."""
    (root / "noxfile.py").write_text(text, encoding="utf-8")
    return root


def configure(root: Path, settings: Mapping[str, Any]) -> None:
    """Replace ``[tool.wsnox]`` of the workspace, which locks nothing, and its noxfile by one that registers it."""
    manifest = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    manifest["tool"]["wsnox"] = settings
    (root / "pyproject.toml").write_text(tomli_w.dumps(manifest), encoding="utf-8")
    write_noxfile(root)


def nox(root: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
    """Run nox in *root*; nothing can be downloaded, and the interpreter is the one of the tests."""
    if not (root / "noxfile.py").exists():
        write_noxfile(root)
    code, written = run_nox(root, arguments, {**os.environ, **OFFLINE, **(env or {})})
    said = written.decode("utf-8", "replace").replace("\r\n", "\n").replace(str(root), "[ROOT]")
    said = _UNCHANGED.sub("", _DURATION.sub("", said))
    before, start, after = said.rpartition("\nnox > Ran ")
    listed, _, summary = after.partition("\n\n")
    return Ran(code, f"{before}{start}{listed}\n", summary) if start else Ran(code, said)


def start(root: Path, *arguments: str, env: Mapping[str, str] | None = None, **options: Any) -> subprocess.Popen[str]:
    """Start nox in *root*, under the same conditions, and leave it running; its output is one stream, unless *options* say."""
    everything: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(
        [sys.executable, "-m", "nox", *arguments],
        cwd=root,
        env={**os.environ, **OFFLINE, **(env or {})},
        encoding="utf-8",
        **{**everything, **options},
    )


def without_uv() -> dict[str, str]:
    """Return the variables under which neither nox nor wsnox finds a uv."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    left = [folder for folder in folders if not shutil.which("uv", path=folder)]
    return {"UV": "/nonexistent/uv", "PATH": os.pathsep.join(left), **compiled_seeds()}


def python_of(root: Path, session: str) -> Path:
    """Return the interpreter of a session's environment."""
    name = re.sub(r"[^A-Za-z0-9_]+", "-", session).strip("-").lower()
    return root / ".nox" / name / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def site_of(root: Path, session: str) -> Path:
    """Return the site directory of a session's environment."""
    environment = python_of(root, session).parent.parent
    (found,) = [*environment.glob("lib/python*/site-packages"), *environment.glob("Lib/site-packages")]
    return found


def distributions(root: Path, session: str) -> set[str]:
    """Return name and version of what is installed in a session's environment, as its own folders say."""
    folders: Iterable[Path] = site_of(root, session).glob("*.dist-info")
    return {folder.name.removesuffix(".dist-info") for folder in folders}


def uv_pip(root: Path, session: str, verb: str, *arguments: str) -> None:
    """Change a session's environment by hand, with uv, as a user might."""
    done = uv(root, "pip", verb, "--python", str(python_of(root, session)), *arguments)
    assert done.returncode == 0, done.stderr


def follow(root: Path, hint: str) -> None:
    """Do what *hint* says first: run a command of uv, or set a key in a table of a manifest."""
    if hint.startswith("`uv add "):
        done = uv(root, *shlex.split(hint.split("`")[1])[1:])
        assert done.returncode == 0, done.stderr
        return
    setting = re.search(r"set `([\w-]+) = (\[.*?\])` in `\[([\w.-]+)\]` of `\[ROOT\]/([^`]+)`", hint)
    assert setting is not None, hint
    key, value, path, file = setting.groups()
    manifest = tomli.loads((root / file).read_text(encoding="utf-8"))
    table = manifest
    for name in path.split("."):
        table = table.setdefault(name, {})
    table[key] = tomli.loads(f"value = {value}")["value"]
    (root / file).write_text(tomli_w.dumps(manifest), encoding="utf-8")
