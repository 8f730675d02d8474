"""Coverage where no environment is needed to see it: which interpreter reads the data, and whose files they are of."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from wsnox.errors import CoverageError
from wsnox.noxfile.coverage import _measured, _python_with_coverage, _shares
from wsnox.workspace import discover

if TYPE_CHECKING:
    from pathlib import Path


def _leave_data(folder: Path, name: str, python: str) -> None:
    """Write what a session of this *name* leaves, which ran on *python*; without one, its environment is gone."""
    environment = folder / "environments" / name
    (folder / name).mkdir(parents=True)
    (folder / name / "python.txt").write_text(str(environment / "bin"), encoding="utf-8")
    (folder / name / ".coverage").touch()
    if python:
        (environment / "bin").mkdir(parents=True)
        (environment / "bin" / "python").touch(mode=0o755)
        (environment / "pyvenv.cfg").write_text(f"home = x\nversion_info = {python}.final.0\n", encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="an executable without a suffix")
def test_the_newest_python_that_has_coverage(tmp_path: Path) -> None:
    """Versions are compared as numbers; what fails to import coverage is passed over, and in the end all are named."""
    sessions = {"a": "3.9.20", "b": "3.13.1", "c": "", "d": "3.10.2"}
    for name, python in sessions.items():
        _leave_data(tmp_path, name, python)
    having: set[str] = set()
    asked: list[str] = []

    def run(python: str, *_: str, **__: object) -> str:
        asked.append(python)
        return "7.1\n" if python in having else "No module named coverage\n"

    session: Any = SimpleNamespace(run=run, warn=pytest.fail)
    measured = _measured(session, tmp_path, {*sessions})
    pythons = [str(tmp_path / "environments" / name / "bin" / "python") for name in "bda"]
    with pytest.raises(CoverageError, match="the environments of `a`, `b`, `c`, `d` are gone, or have no coverage"):
        _python_with_coverage(session, measured)
    assert asked == [*pythons, sys.executable]
    for python in (sys.executable, *reversed(pythons)):
        having.add(python)
        assert _python_with_coverage(session, measured) == python


def test_shares(tmp_path: Path) -> None:
    """A file is the innermost member's, also beside the root's own project; branches count, and 100 is no rounding."""
    for name, path in {"top": ".", "a": "a", "ab": "ab", "deep": "a/deep", "b": "b"}.items():
        (tmp_path / path).mkdir(exist_ok=True)
        members = '[tool.uv.workspace]\nmembers = ["a", "ab", "a/deep", "b"]\n' if name == "top" else ""
        (tmp_path / path / "pyproject.toml").write_text(
            f'{members}[project]\nname = "{name}"\nversion = "1"\n', "utf-8"
        )
    files = {
        "x.py": (1, 3),
        "a/y.py": (999, 1000),
        "a/deep/z.py": (1, 1000),
        "ab/w.py": (0, 4),
        "/elsewhere.py": (1, 9),
    }
    summary = tmp_path / "summary.json"
    summary.write_text(
        json.dumps({
            "files": {
                file: {"summary": {"covered_lines": covered, "num_statements": total, "covered_branches": 0, "num_branches": 0}}
                for file, (covered, total) in files.items()
            }
        }),
        "utf-8",
    )  # fmt: skip
    workspace = discover(tmp_path)
    assert [*_shares(summary, workspace)] == ["a      99%", "ab      0%", "deep    1%", "top    33%", "no data of b"]
    summary.unlink()
    assert [*_shares(summary, workspace)] == ["no data of a, ab, b, deep, and 1 more"]
