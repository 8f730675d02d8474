"""Which interpreter reads the coverage data of sessions, where no environment is needed to see it."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from wsnox.errors import CoverageError
from wsnox.noxfile.coverage import _measured, _python_with_coverage

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
