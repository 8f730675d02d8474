"""Environments that are written as uv made others: file by file the same, and only where uv would make just that."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.interpreters import MINORS, interpreter
from tests.support.processes import find_uv, uv
from wsnox.environment.template import Templates, layout_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="environments on Windows have programs of their own")

PYTHON = sys.executable


def templates(folder: Path, **options: Any) -> Templates:
    """Return the templates in *folder*, of a uv that is never started, for the Python of the tests."""
    if not (folder / "uv").exists():
        (folder / "uv").touch()
    given = {"uv": str(folder / "uv"), "python": PYTHON, "directory": folder, "environ": {}, **options}
    return Templates(folder / ".wsnox", **given)


def made(location: Path) -> Path:
    """Make, in the manner of uv, what a template looks at, and return it."""
    (location / "bin").mkdir(parents=True)
    (location / "bin" / "python").symlink_to(os.path.realpath(PYTHON))
    (location / "bin" / "activate").write_text(f"VIRTUAL_ENV='{location}'\n", encoding="utf-8")
    (location / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
    return location


def learned(folder: Path) -> Templates:
    """Return templates that know two environments in *folder* which are alike."""
    known = templates(folder)
    for name in ("first", "second"):
        known.learn(made(folder / name))
    return known


def tree(location: Path) -> dict[str, tuple[str, str]]:
    """Return the kind and permissions of everything at *location*, and its text, with the place left open."""
    found = {}
    for path in [location, *location.rglob("*")]:
        mode = path.lstat().st_mode
        text = str(path.readlink()) if path.is_symlink() else path.read_text("utf-8") if path.is_file() else ""
        found[path.relative_to(location).as_posix()] = (stat.filemode(mode), text.replace(str(location), "[HERE]"))
    return found


@pytest.mark.real
@pytest.mark.parametrize("minor", MINORS)
def test_it_is_what_uv_makes(tmp_path: Path, minor: str) -> None:
    """Kind, permissions and content of every file, for every CPython; the interpreter finds itself there."""
    python, program = str(interpreter(minor)), os.environ.get("UV") or find_uv()
    by_uv = [tmp_path / name for name in ("one", "two", "three")]
    known = Templates(tmp_path / ".wsnox", program, python, directory=tmp_path, environ=os.environ)
    for location in by_uv:
        subprocess.run([program, "venv", "--quiet", "-p", python, location], check=True, cwd=tmp_path)
    for location in by_uv[:2]:
        assert not known.write(tmp_path / "early")
        known.learn(location)
    assert known.write(tmp_path / "four")
    assert tree(tmp_path / "four") == tree(by_uv[2])
    question = "import sys; print(sys.prefix, *sys.version_info[:2])"
    said = subprocess.run([tmp_path / "four/bin/python", "-c", question], check=True, capture_output=True, text=True)
    assert said.stdout.split() == [str(tmp_path / "four"), *minor.split(".")]
    done = uv(tmp_path, "pip", "list", "--python", str(tmp_path / "four"))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_two_have_to_be_alike(tmp_path: Path) -> None:
    """One that was seen alone, or is only the first made again, says nothing of the next."""
    known = templates(tmp_path)
    known.learn(made(tmp_path / "first"))
    assert not known.write(tmp_path / "third")
    known.learn(tmp_path / "first")
    assert not known.write(tmp_path / "third")
    known.learn(made(tmp_path / "second"))
    assert known.write(tmp_path / "third")
    assert tree(tmp_path / "third") == tree(tmp_path / "second")


def test_one_that_has_its_name_in_it(tmp_path: Path) -> None:
    """Whatever differs between two besides their place lets uv make each."""
    known = templates(tmp_path)
    for name in ("one", "two", "three"):
        location = made(tmp_path / name)
        with (location / "pyvenv.cfg").open("a", encoding="utf-8") as file:
            file.write(f"prompt = {name}\n")
        known.learn(location)
    assert not known.write(tmp_path / "four")


def _runs(location: Path) -> None:
    (location / "bin" / "activate").chmod(0o755)


def _private(location: Path) -> None:
    (location / "bin").chmod(0o700)


def _binary(location: Path) -> None:
    (location / "bin" / "tool").write_bytes(b"\xff\xfe")


def _linked(location: Path) -> None:
    (location / "lib64").symlink_to(location / "lib")


def _pipe(location: Path) -> None:
    os.mkfifo(location / "pipe")


def _large(location: Path) -> None:
    (location / "tool.py").write_text("#" * 60_000, encoding="utf-8")


def _many(location: Path) -> None:
    for number in range(50):
        (location / f"tool{number}.py").touch()


@pytest.mark.parametrize("change", [_runs, _private, _binary, _linked, _pipe, _large, _many])
def test_what_has_no_layout(tmp_path: Path, change: Callable[[Path], None]) -> None:
    """Whatever a written environment would not have as well is left to uv."""
    location = made(tmp_path / "first")
    assert layout_of(location) is not None
    change(location)
    assert layout_of(location) is None


def test_a_place_that_shells_have_to_quote(tmp_path: Path) -> None:
    """How uv quotes it is not known from others."""
    assert layout_of(made(tmp_path / "it's here")) is None
    assert not learned(tmp_path).write(tmp_path / "it's here, too")


def test_an_interpreter_that_is_found_by_a_script(tmp_path: Path) -> None:
    """A shim may start another one tomorrow."""
    shim = tmp_path / "python3"
    shim.touch()
    known = templates(tmp_path, python=str(shim))
    for name in ("first", "second"):
        known.learn(made(tmp_path / name))
    assert not known.write(tmp_path / "third")


@pytest.mark.parametrize("shim", ["shims", "uv"])
def test_a_uv_that_is_found_by_another_program(tmp_path: Path, shim: str) -> None:
    """Which version that starts may differ from folder to folder."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / shim).write_text("#!/bin/sh\n" if shim == "uv" else "", encoding="utf-8")
    program = tmp_path / "bin" / "other" / "uv"
    program.parent.mkdir()
    program.symlink_to(tmp_path / "bin" / shim)
    known = templates(tmp_path, uv=str(program))
    for name in ("first", "second"):
        known.learn(made(tmp_path / name))
    assert not known.write(tmp_path / "third")


def test_where_something_is(tmp_path: Path) -> None:
    """It is for uv to clear away, or to refuse."""
    known = learned(tmp_path)
    (tmp_path / "third").symlink_to("nowhere")
    assert not known.write(tmp_path / "third")


def test_it_cannot_be_written_to_its_end(tmp_path: Path) -> None:
    """What was begun is removed, and uv makes it."""
    known = learned(tmp_path)
    known._entry.write({**known._entry.read(), "files": {"pyvenv.cfg": [""], "absent/tool": [""]}})
    assert not known.write(tmp_path / "third")
    assert not (tmp_path / "third").exists()


@pytest.mark.parametrize(
    "raw", [None, [], {}, {"place": 1}, {"folders": [1]}, {"links": {"a": 1}}, {"links": []}, {"files": {"a": [1]}}]
)
def test_a_description_of_another_form(tmp_path: Path, raw: Any) -> None:
    """It is as good as none, and is written again."""
    known = learned(tmp_path)
    known._entry.write({**known._entry.read(), **raw} if raw else raw)
    assert not known.write(tmp_path / "third")
    known.learn(tmp_path / "first")
    known.learn(tmp_path / "second")
    assert known.write(tmp_path / "third")


MANIFEST = """\
[project]
name = "{name}"

[tool.uv]
python-preference = "{preference}"
"""


def test_a_fresh_checkout_has_it(tmp_path: Path) -> None:
    """What the user's cache has holds for every workspace that gives uv the same settings, wherever that is."""
    environ, settings = {"WSNOX_CACHE_DIR": str(tmp_path / "cache")}, ("system", "system", "managed")
    checkouts = [tmp_path / name for name in ("one", "other", "unlike")]
    for checkout, preference in zip(checkouts, settings, strict=True):
        checkout.mkdir()
        text = MANIFEST.format(name=checkout.name, preference=preference)
        (checkout / "pyproject.toml").write_text(text, encoding="utf-8")
    (tmp_path / "uv").touch()
    one, other, unlike = (
        Templates(checkout / ".wsnox", str(tmp_path / "uv"), PYTHON, directory=checkout, environ=environ)
        for checkout in checkouts
    )
    one.learn(made(checkouts[0] / "first"))
    other.learn(made(checkouts[1] / "second"))
    assert one.write(checkouts[0] / "third")
    assert other.write(checkouts[1] / "third")
    assert not unlike.write(checkouts[2] / "third")
    assert sorted(path.name for path in checkouts[1].iterdir()) == ["pyproject.toml", "second", "third"]


@pytest.mark.parametrize(
    "change", ["variable", "pyproject.toml", "uv.toml", "configured", "user", "uv", "replaced", "interpreter"]
)
def test_what_it_holds_for(tmp_path: Path, change: str) -> None:
    """Another uv or interpreter, and other settings, may make another environment."""
    folder, program, python = tmp_path / "workspace", tmp_path / "uv", tmp_path / "python" / "bin" / "python"
    folder.mkdir()
    program.touch()
    python.parent.mkdir(parents=True)
    python.symlink_to(os.path.realpath(PYTHON))
    environ = (
        {"HOME": str(tmp_path), "UV_CONFIG_FILE": "own.toml"} if change == "configured" else {"HOME": str(tmp_path)}
    )
    options: dict[str, Any] = {"uv": str(program), "python": str(python), "directory": folder}
    known = templates(tmp_path, environ=environ, **options)
    for name in ("first", "second"):
        known.learn(made(tmp_path / name))
    assert templates(tmp_path, environ={**environ, "OTHER": "1"}, **options).write(tmp_path / "third")
    match change:
        case "variable":
            environ["UV_VENV_SEED"] = "1"
        case "configured":
            (folder / "own.toml").touch()
        case "user":
            (tmp_path / ".config" / "uv").mkdir(parents=True)
            (tmp_path / ".config" / "uv" / "uv.toml").touch()
        case "uv":
            program.write_text("another", encoding="utf-8")
        case "replaced":
            shutil.copy2(program, tmp_path / "uv.new")
            (tmp_path / "uv.new").replace(program)
        case "interpreter":
            (tmp_path / "python" / "pyvenv.cfg").touch()
        case name:
            (tmp_path / name).touch()
    assert not templates(tmp_path, environ=environ, **options).write(tmp_path / "fourth")


def test_no_room_for_it(tmp_path: Path) -> None:
    """Environments are made without, and so is one that is gone before it was looked at."""
    (tmp_path / ".wsnox").touch()
    known = learned(tmp_path)
    known.learn(tmp_path / "gone")
    assert not known.write(tmp_path / "third")
