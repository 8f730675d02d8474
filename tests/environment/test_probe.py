"""Asking an interpreter what it is."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

import pytest
from packaging.markers import default_environment

from tests.environment.interpreters import MINORS, interpreter
from tests.support.texts import text_of
from wsnox.environment.interpreter import probe
from wsnox.errors import InterpreterError
from wsnox.markers.target import target_of

pytestmark = pytest.mark.real


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_this_interpreter() -> None:
    """The question asks for the marker values as `packaging` has them: both evaluate one marker alike."""
    environment = {name: str(value) for name, value in default_environment().items()}
    assert probe(Path(sys.executable)).target == target_of(environment)


@pytest.mark.parametrize("minor", MINORS)
def test_every_python(minor: str) -> None:
    """The question runs on each CPython that a session may have, older than wsnox's own too."""
    found = probe(interpreter(minor))
    values = dict(found.target.values)
    assert values["python_version"] == minor
    assert values["python_full_version"] == values["implementation_version"] == found.target.python
    assert (values["implementation_name"], values["sys_platform"]) == ("cpython", sys.platform)
    assert set(values) == {name for name in default_environment() if name != "extra"}


def test_the_site_directories_are_the_environments_own(tmp_path: Path) -> None:
    """They are purelib and platlib of the environment itself, one directory where they are the same."""
    venv.create(tmp_path / "venv", with_pip=False)
    scripts = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    found = probe(scripts / ("python.exe" if sys.platform == "win32" else "python"))
    assert all(site.is_dir() and site.is_relative_to(tmp_path / "venv") for site in found.site)
    assert len(found.site) == len(set(found.site))


def test_nothing_outside_changes_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``PYTHONPATH``, a wrong ``PYTHONHOME`` and a module in the working directory do not reach the question."""
    (tmp_path / "json.py").write_text("raise SystemExit(3)\n")
    plain = probe(Path(sys.executable))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert probe(Path(sys.executable)) == plain


def test_no_interpreter(tmp_path: Path) -> None:
    """An environment whose interpreter is gone ends in a sentence."""
    with pytest.raises(InterpreterError) as caught:
        probe(tmp_path / "python")
    said = "the interpreter `[ROOT]/python` does not answer: No such file or directory"
    assert text_of(caught.value, tmp_path) == said


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the interpreter")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 1", ""),
        ("echo 'Fatal: first' >&2; echo 'no module encodings' >&2; exit 1", ": no module encodings"),
        ("echo '[]'", ""),
        ("echo '{}'", ""),
        ("echo '{\"markers\": {}}'", ""),
        ('echo \'{"markers": 1, "site": []}\'', ""),
        ("printf '\\377'", ""),
    ],
)
def test_a_broken_interpreter(tmp_path: Path, script: str, said: str) -> None:
    """Whatever a broken interpreter answers, its last words are quoted in one sentence."""
    python = _script(tmp_path / "python", script)
    with pytest.raises(InterpreterError) as caught:
        probe(python)
    assert text_of(caught.value, tmp_path) == f"the interpreter `[ROOT]/python` does not answer{said}"


@pytest.mark.skipif(sys.platform == "win32", reason="a file mode stands in for the broken interpreter")
def test_a_file_that_does_not_run(tmp_path: Path) -> None:
    """A file that may not be executed is no interpreter."""
    (tmp_path / "python").touch()
    with pytest.raises(InterpreterError, match="Permission denied"):
        probe(tmp_path / "python")
