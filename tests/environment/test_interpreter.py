"""An interpreter's own account of itself, its cached answers, and which environments are used, recreated or refused."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import default_environment

from tests.environment.interpreters import MINORS, interpreter
from tests.environment.jobs import RealHost, prepare, real_job, site_of_job
from tests.support.processes import uv
from tests.support.texts import text_of
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.environment import interpreter as module
from wsnox.environment.interpreter import cached_interpreter, is_requested, probe, usable_interpreter
from wsnox.environment.model import Venv
from wsnox.environment.prepare import _interpreter
from wsnox.environment.stamp import UNFINISHED, write_stamp
from wsnox.errors import InterpreterError, ProofError
from wsnox.markers.target import target_of

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job
    from wsnox.environment.user_cache import Entry

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links, and scripts in the place of a Python")

# --- what it says of itself -----------------------------------------------------------------------------------------


@pytest.mark.real
def test_this_interpreter() -> None:
    """The question asks for the marker values as `packaging` has them: both evaluate one marker alike."""
    environment = {name: str(value) for name, value in default_environment().items()}
    assert probe(Path(sys.executable)).target == target_of(environment)


@pytest.mark.real
@pytest.mark.parametrize("minor", MINORS)
def test_every_python(minor: str) -> None:
    """The question runs on each CPython that a session may have, older than wsnox's own too."""
    target = probe(interpreter(minor)).target
    values = dict(target.values)
    assert values["python_version"] == minor
    assert values["python_full_version"] == values["implementation_version"] == target.python
    assert (values["implementation_name"], values["sys_platform"]) == ("cpython", sys.platform)
    assert set(values) == {name for name in default_environment() if name != "extra"}


@pytest.mark.real
def test_the_site_directories_are_the_environments_own(tmp_path: Path) -> None:
    """They are purelib and platlib of the environment itself, one directory where they are the same."""
    venv.create(tmp_path / "venv", with_pip=False)
    scripts = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    site = probe(Venv(tmp_path / "venv", scripts).python).site
    assert all(directory.is_dir() and directory.is_relative_to(tmp_path / "venv") for directory in site)
    assert len(site) == len(set(site))


@pytest.mark.real
def test_nothing_outside_changes_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``PYTHONPATH``, a wrong ``PYTHONHOME`` and a module in the working directory do not reach the question."""
    (tmp_path / "json.py").write_text("raise SystemExit(3)\n")
    plain = probe(Path(sys.executable))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert probe(Path(sys.executable)) == plain


@POSIX
@pytest.mark.parametrize(
    ("script", "mode", "problem"),
    [
        (None, 0o755, ": No such file or directory"),
        ("", 0o644, ": Permission denied"),
        ("exit 1", 0o755, ""),
        ("echo 'Fatal: first' >&2; echo 'no module encodings' >&2; exit 1", 0o755, ": no module encodings"),
        *((f"echo '{text}'", 0o755, "") for text in ("[]", "{}", '{"markers": {}}', '{"markers": 1, "site": []}')),
        ("printf '\\377'", 0o755, ""),
    ],
)
def test_a_broken_interpreter(tmp_path: Path, script: str | None, mode: int, problem: str) -> None:
    """Whatever it answers, and if it is gone or does not run, its last words are quoted in one sentence."""
    python = tmp_path / "python"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(mode)
    with pytest.raises(InterpreterError) as caught:
        probe(python)
    assert text_of(caught.value, tmp_path) == f"the interpreter `[ROOT]/python` does not answer{problem}"


# --- cached answers: one of any other form than was written is as good as none --------------------------------------


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Venv:
    """Return an environment whose interpreter was asked."""
    folder = tmp_path_factory.mktemp("answered") / "workspace"
    job = real_job(write_workspace(folder, [MemberSpec("member")], index=wheelhouse), "member")
    cached_interpreter(job.venv)
    return job.venv


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that grows by each Python that is asked."""
    pythons, ask = list[Path](), module._ask

    def listed(executable: Path) -> Any:
        pythons.append(executable)
        return ask(executable)

    monkeypatch.setattr(module, "_ask", listed)
    return pythons


def _entry_of(venv: Venv) -> Entry:
    entry = module._entry(venv)
    assert entry is not None
    return entry


Change = Callable[[dict[str, Any]], Any]


def _with(key: str, value: Any) -> Change:
    return lambda answer: {**answer, key: value}


def _without(key: str) -> Change:
    return lambda answer: {name: value for name, value in answer.items() if name != key}


def _markers(change: Change) -> Change:
    return lambda answer: {**answer, "markers": change(answer["markers"])}


VALUES: dict[str, list[Any]] = {
    "markers": [None, {}, [], "text", {"python_full_version": "3.12"}, [["python_version", "3.8"]]],
    "site": [
        *(None, "", "lib", [], [1], {}, {"lib/site-packages": 1}, [""], ["."], ["lib"], ["lib/site-packages", "lib"]),
        *(["/elsewhere"], ["/usr/lib/site-packages"], ["../other"], ["../../src/site-packages"]),
        *(["lib/../../other"], ["lib/../../site-packages"], ["lib/../lib/site-packages"]),
    ],
    "scripts": [None, 1, "", ".", "lib", "/usr/bin", "../bin", "bin/../../bin", ["bin"]],
    "abi": [None, 1, [], {}, ".../../../../x.so", ".a/b.so"],
    "glibc": [None, 2.36, {}],
    "macos": [None, 14],
}
WRONG: dict[str, Change] = {
    "a-marker-too-few": _markers(_without("os_name")),
    "a-marker-too-many": _markers(_with("extra", "x")),
    "a-marker-that-is-a-number": _markers(_with("python_version", 3.12)),
    "a-list": lambda answer: [answer],
    "an-empty-list": lambda _: [],
    "text": lambda _: "text",
    "nothing": lambda _: None,
    "no-path": _with("site", ["\x00"]),
    **{f"no-{key}": _without(key) for key in VALUES},
    **{f"{key}-{json.dumps(value)}": _with(key, value) for key, values in VALUES.items() for value in values},
}


@pytest.mark.real
def test_an_answer_of_another_form(answered: Venv, asked: list[Path]) -> None:
    """One that is valid JSON and says something else never reaches a session."""
    right, entry = cached_interpreter(answered), _entry_of(answered)
    content = entry.read()
    assert asked == []
    for count, (name, change) in enumerate(WRONG.items(), start=1):
        entry.write(change(content))
        assert (cached_interpreter(answered), len(asked)) == (right, count), name
        assert entry.read() == content, name


@pytest.mark.real
def test_sources_are_never_strays(workspace: WorkspaceFactory) -> None:
    """An answer that points to a member's sources removes none of them."""
    job = real_job(workspace(MemberSpec("member")), "member")
    prepare(job)
    sources = job.workspace.root / "packages" / "member" / "src"
    before = sorted(sources.iterdir())
    entry = _entry_of(job.venv)
    answer = entry.read()
    for site in ([str(sources)], ["../../packages/member/src"], [*answer["site"], str(sources)]):
        entry.write({**answer, "site": site})
        job.venv.stamp.unlink()
        prepare(job)
        assert sorted(sources.iterdir()) == before
        assert (site_of_job(job) / "__editable__.member.pth").exists()


def _made(location: Path, python: Path, *options: str) -> Venv:
    """Return the environment at *location* that uv makes of *python*."""
    command = ("venv", "--quiet", *options, "-p", str(python), str(location))
    assert uv(location.parent, *command).returncode == 0
    return Venv(location, location / ("Scripts" if os.name == "nt" else "bin"))


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which nothing is kept yet."""
    monkeypatch.setenv("WSNOX_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.real
@POSIX
@pytest.mark.parametrize("minor", MINORS)
@pytest.mark.usefixtures("own_cache")
def test_one_answer_serves_every_environment(tmp_path: Path, asked: list[Path], minor: str) -> None:
    """It is asked in the first; in another, wherever that is and whatever its prompt, it is what that would answer itself."""
    (tmp_path / "elsewhere").mkdir()
    first = _made(tmp_path / "first", interpreter(minor))
    second = _made(tmp_path / "elsewhere" / "second", interpreter(minor), "--prompt", "mine")
    found = [cached_interpreter(venv) for venv in (first, second)]
    assert asked == [first.python]
    assert found == [probe(venv.python) for venv in (first, second)]
    assert usable_interpreter(second, minor, pip=False) == found[1]


@pytest.mark.real
@POSIX
@pytest.mark.usefixtures("own_cache")
def test_links_of_an_environment_are_its_own(tmp_path: Path) -> None:
    """Where `lib64` is no link, as for others of its Python, there is one more directory to prove."""
    venvs = [_made(tmp_path / name, Path(sys.executable)) for name in ("linked", "apart")]
    cached_interpreter(venvs[0])
    entry = _entry_of(venvs[0])
    answer = entry.read()
    (site,) = set(answer["site"])
    # As a Python of Fedora answers.
    entry.write({**answer, "site": [site, site.replace("lib", "lib64", 1)]})
    (venvs[1].location / "lib64").unlink()
    (venvs[1].location / "lib64").mkdir()
    assert [len(cached_interpreter(venv).site) for venv in venvs] == [1, 2]


def _of_a_copy(tmp_path: Path) -> tuple[Path, Venv]:
    """Return a program that can be replaced, and an environment which is of it."""
    program = tmp_path / "base" / "python"
    program.parent.mkdir()
    shutil.copy2(os.path.realpath(sys.executable), program)
    venv = _made(tmp_path / "venv", Path(sys.executable))
    venv.python.unlink()
    venv.python.symlink_to(program)
    return program, venv


@pytest.mark.real
@POSIX
@pytest.mark.usefixtures("own_cache")
def test_a_replaced_program_is_asked(tmp_path: Path, asked: list[Path]) -> None:
    """Another file at the path of the old one gives its own answer, though it has its size and its time."""
    program, venv = _of_a_copy(tmp_path)
    assert cached_interpreter(venv) == cached_interpreter(venv)
    assert len(asked) == 1
    program.rename(program.with_name("old"))
    shutil.copy2(program.with_name("old"), program)
    cached_interpreter(venv)
    assert len(asked) == 2


@pytest.mark.real
@POSIX
@pytest.mark.parametrize(
    "change", ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "_PYTHON_HOST_PLATFORM", "release", "machine", "_libc"]
)
@pytest.mark.usefixtures("own_cache")
def test_what_an_answer_holds_for(
    tmp_path: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Other libraries, another system and another image may have another answer from the same file."""
    venv = _made(tmp_path / "venv", Path(sys.executable))
    cached_interpreter(venv)
    if change.isupper():
        monkeypatch.setenv(change, str(tmp_path))
    else:
        monkeypatch.setattr(module if change == "_libc" else platform, change, lambda: "another")
    cached_interpreter(venv)
    assert len(asked) == 2


@pytest.mark.real
@POSIX
def test_what_is_not_kept_for_others(tmp_path: Path, own_cache: Path, asked: list[Path]) -> None:
    """A copy has its answer beside its environment; a script, which may start any Python, is asked each time."""
    copy = _made(tmp_path / "copy", Path(sys.executable))
    shutil.copy2(os.path.realpath(sys.executable), copy.bin / "own")
    copy.python.unlink()
    (copy.bin / "own").rename(copy.python)
    assert cached_interpreter(copy) == cached_interpreter(copy)
    assert (len(asked), _entry_of(copy).path.parent) == (1, tmp_path / ".wsnox" / "interpreters")
    assert not own_cache.exists()

    shim = tmp_path / "shim"
    shim.write_text(f'#!/bin/sh\nexec "{copy.python}" "$@"\n')
    shim.chmod(0o755)
    (tmp_path / "venv").mkdir()
    scripted = Venv(tmp_path / "venv", tmp_path / "venv")
    scripted.python.symlink_to(shim)
    scripted.settings.write_text("home = /usr/bin\n")
    for count in (2, 3):
        assert cached_interpreter(scripted).prefix == copy.location
        assert len(asked) == count
    assert not own_cache.exists()


@pytest.mark.real
@POSIX
def test_an_answer_about_another_environment(tmp_path: Path, own_cache: Path, asked: list[Path]) -> None:
    """What belongs elsewhere is not kept: of an environment at this place it would say that all is well."""
    other = _made(tmp_path / "other", Path(sys.executable))
    (tmp_path / "venv").mkdir()
    venv = Venv(tmp_path / "venv", other.bin)
    shutil.copy(other.settings, venv.settings)
    for count in (1, 2):
        assert cached_interpreter(venv).prefix == other.location
        assert len(asked) == count
    assert list(own_cache.iterdir()) == []


# --- environments that can be used ----------------------------------------------------------------------------------


def _usable(job: Job, *, may_install: bool = True, **methods: Callable[..., Any]) -> Interpreter:
    return _interpreter(job, RealHost(job, **methods), may_install=may_install)


def _settings(old: str, new: str) -> Callable[[Job], object]:
    def change(job: Job) -> None:
        text = job.venv.settings.read_text(encoding="utf-8")
        assert old in text
        job.venv.settings.write_text(text.replace(old, new), encoding="utf-8")

    return change


SYSTEM = "include-system-site-packages"
BESIDE = "would obey the `pyvenv.cfg` beside it"
HURT: dict[str, tuple[Callable[[Job], object], str]] = {
    "unfinished": (lambda job: write_stamp(job.venv.stamp, UNFINISHED), "its last preparation did not finish"),
    "no-python": (lambda job: job.venv.python.unlink(), "No such file or directory"),
    "no-settings": (lambda job: job.venv.settings.unlink(), "belongs to "),
    "empty-settings": (lambda job: job.venv.settings.write_text(""), "the interpreter"),
    "system-seen": (_settings(f"{SYSTEM} = false", f"{SYSTEM} = True"), "sees the packages"),
    "nothing-said-of-the-system": (_settings(f"{SYSTEM} = false", ""), "sees the packages"),
    "another-home": (_settings("home = ", "home = /nowhere\nhome = "), "has a `pyvenv.cfg` that names the `home`"),
    "settings-beside-python": (lambda job: (job.venv.bin / "pyvenv.cfg").write_text("home = /usr/bin\n"), BESIDE),
    "set-twice": (_settings(f"{SYSTEM} = false", f"{SYSTEM}=false\n {SYSTEM}=true"), "sees"),
}


@pytest.mark.real
@pytest.mark.parametrize("name", list(HURT))
def test_an_environment_that_is_recreated(workspace: WorkspaceFactory, name: str) -> None:
    """Each is refused with its reason where nothing may be installed, and recreated where it may, saying why."""
    hurt, reason = HURT[name]
    messages = list[str]()
    job = real_job(workspace(MemberSpec("member"), locked=False), "member")
    assert _usable(job, may_install=False).prefix == job.venv.location
    hurt(job)
    with pytest.raises(ProofError) as caught:
        _usable(job, may_install=False)
    assert reason in str(caught.value)
    assert _usable(job, log=messages.append).prefix == job.venv.location
    (line,) = messages
    assert line.startswith("recreating the environment: ")
    assert reason in line
    job.venv.stamp.unlink(missing_ok=True)
    assert _usable(job, may_install=False).site == (site_of_job(job),)


@pytest.mark.real
def test_settings_that_changed(workspace: WorkspaceFactory) -> None:
    """An environment is recreated if its settings are not those that were proven, whatever they say now."""
    messages = list[str]()
    job = real_job(workspace(MemberSpec("member")), "member")
    prepare(job)
    with job.venv.settings.open("a", encoding="utf-8") as settings:
        settings.write("more = 1\n")
    with pytest.raises(ProofError, match=r"its `pyvenv\.cfg` is not the one that it was proven with"):
        prepare(job, may_install=lambda: False)
    prepare(job, log=messages.append)
    assert messages == ["recreating the environment: its `pyvenv.cfg` is not the one that it was proven with"]
    assert "more" not in job.venv.settings.read_text(encoding="utf-8")


@pytest.mark.real
def test_what_recreation_does_not_help(workspace: WorkspaceFactory) -> None:
    """An environment that cannot be used when it is new is refused, not recreated for ever."""
    job = replace(real_job(workspace(MemberSpec("member"), locked=False), "member"), python_request="3.8")
    recreated = list[int]()
    with pytest.raises(InterpreterError, match=r"is Python \S+, not 3\.8"):
        _usable(job, recreate=lambda: recreated.append(1))
    assert recreated == [1]


@pytest.mark.real
@POSIX
@pytest.mark.parametrize("part", ["site-packages", "lib", "bin"])
def test_a_directory_that_leads_outside(workspace: WorkspaceFactory, tmp_path: Path, part: str) -> None:
    """Nothing is installed or removed through it: the environment is recreated, and what lies outside stays."""
    job = real_job(workspace(MemberSpec("member")), "member")
    prepare(job)
    link = {"site-packages": site_of_job(job), "lib": job.venv.location / "lib", "bin": job.venv.bin}[part]
    outside = tmp_path / "outside"
    link.rename(outside)
    (outside / "precious.py").touch()
    link.symlink_to(outside)
    before = sorted(outside.rglob("*"))
    with pytest.raises(ProofError):
        prepare(job, may_install=lambda: False)
    prepare(job)
    assert sorted(path for path in outside.rglob("*") if path.suffix != ".pyc") == before
    assert not link.is_symlink()


MAKERS = {
    "venv-copies": ["-m", "venv", "--copies"],
    "virtualenv": ["-m", "virtualenv", "--no-periodic-update"],
    "virtualenv-copies": ["-m", "virtualenv", "--no-periodic-update", "--copies"],
}


@pytest.mark.real
@pytest.mark.parametrize("maker", MAKERS)
def test_who_makes_environments(workspace: WorkspaceFactory, maker: str) -> None:
    """Every maker's Python and pip can be used; a copy must be the Python that the settings name, byte for byte."""
    root = workspace(MemberSpec("member"), locked=False)
    subprocess.run([sys.executable, *MAKERS[maker], str(root / ".nox/member")], check=True, capture_output=True)
    job = real_job(root, "member", without_uv=True)
    assert _usable(job, may_install=False).prefix == job.venv.location
    # On Windows and macOS, copies are not always the same bytes.
    if maker.endswith("copies") and sys.platform not in ("win32", "darwin"):
        with job.venv.python.open("ab") as file:
            file.write(b"more")
        with pytest.raises(ProofError, match="names the `home` of another Python"):
            _usable(job, may_install=False)


@pytest.mark.real
def test_a_pip_that_cannot_be_used(workspace: WorkspaceFactory) -> None:
    """pip, which stays where it installs, may own nothing else, as its RECORD would keep it for ever, and lack nothing."""
    job = real_job(workspace(MemberSpec("member"), locked=False), "member", without_uv=True)
    scripts = "../../../bin"
    for path in ("evil.py", "pip-evil.pth", f"{scripts}/evil.py", f"{scripts}/pip.py", "../evil.py", "pip/__main__.py"):
        _usable(job, may_install=False)
        (record,) = site_of_job(job).glob("pip-*.dist-info/RECORD")
        if path not in record.read_text(encoding="utf-8"):
            with record.open("a", encoding="utf-8") as rows:
                rows.write(f"\n{path},,\n")
        (site_of_job(job) / path).parent.mkdir(exist_ok=True)
        (site_of_job(job) / path).write_text("")
        with pytest.raises(ProofError, match="has no complete pip"):
            _usable(job, may_install=False)
        # Where uv installs, nobody asks for it.
        _usable(replace(job, uv="uv"), may_install=False)
        _usable(job)


@pytest.mark.parametrize(
    ("version", "request_", "expected"),
    [
        *(("3.12.1", "3.12", True), ("3.12.1", "3.12.1", True), ("3.12.1", "3", True), ("3.12.1", "3.1", False)),
        *(("3.1.2", "3.12", False), ("3.13.0", "3.13t", True), ("3.10.14", "pypy3.10", True), ("3.9.1", "pypy", True)),
        *(("3.9.1", "python3.10", False), ("3.9.1", "/opt/python3.10/bin/python", True)),
        ("3.9.1", "C:\\Python310\\python.exe", True),
    ],
)
def test_the_requested_version(version: str, request_: str, *, expected: bool) -> None:
    """A version is compared as far as it is named, and a path names none."""
    assert is_requested(version, request_) is expected
