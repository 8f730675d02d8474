"""How nox makes the environments of wsnox's sessions: one run at a time, and those of other sessions as ever."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nox.virtualenv
import pytest
from filelock import FileLock

from wsnox.environment.model import Venv
from wsnox.environment.stamp import UNFINISHED, Stamp, write_stamp
from wsnox.noxfile.venvs import BACKENDS, Mark, serialize_venv_creation

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Made:
    """What nox would make: an environment at *location* that notes its creation in *notes*."""

    location: str
    notes: list[str]
    bin: str
    reuse_existing: bool = True
    venv_backend: str = "uv"
    venv_params: Sequence[str] = ()

    def create(self) -> bool:
        """Note whether anybody else could have the lock now."""
        lock = FileLock(Path(self.location).parent / ".wsnox" / "locks" / "member.lock")
        try:
            lock.acquire(timeout=0)
        except OSError:
            self.notes.append("alone")
        else:
            lock.release()
            self.notes.append("beside others")
        return True


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """Return an environment that is proven."""
    location = tmp_path / ".nox" / "member"
    (location / "bin").mkdir(parents=True)
    (location.parent / ".wsnox" / "locks").mkdir(parents=True)
    Venv(location, location / "bin").python.touch()
    (location / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
    stamp = Stamp(inputs={}, trees={}, directories=("/site",), fingerprint="", names=(), contents={})
    write_stamp(location / "wsnox" / "stamp.json", stamp)
    return location


def created(monkeypatch: pytest.MonkeyPatch, location: Path, **options: Any) -> str:
    """Have an environment object made as nox does, create it, and return what it noted."""
    notes = list[str]()

    def make(place: str, **options: Any) -> Made:
        return Made(place, notes, f"{place}/bin", **options)

    monkeypatch.setitem(nox.virtualenv.ALL_VENVS, "uv", make)
    serialize_venv_creation()
    nobody: Any = None
    mark = Mark(lambda location: notes.append(f"asked for {location.name}"), lambda *_: None, nobody)
    environment: Any = nox.virtualenv.ALL_VENVS["uv"](str(location), **{"venv_params": mark, **options})
    assert environment.create() is True
    return ", ".join(notes)


def test_what_is_proven_is_only_looked_at(monkeypatch: pytest.MonkeyPatch, environment: Path) -> None:
    """Nobody waits for an environment that stays as it is."""
    assert created(monkeypatch, environment) == "beside others"
    assert created(monkeypatch, environment, venv_backend="virtualenv") == "beside others"


@pytest.mark.parametrize("why", ["nothing", "unfinished", "no-python", "never", "asked", "by-uv", "no-settings"])
def test_what_nox_may_make_is_made_alone(monkeypatch: pytest.MonkeyPatch, environment: Path, why: str) -> None:
    """Whatever may let nox make an environment, it may be refused first, and others wait meanwhile."""
    options: dict[str, Any] = {}
    match why:
        case "nothing":
            environment.rename(environment.with_name("other"))
        case "unfinished":
            write_stamp(environment / "wsnox" / "stamp.json", UNFINISHED)
        case "no-python":
            Venv(environment, environment / "bin").python.unlink()
        case "never":
            options = {"reuse_existing": False}
        case "asked":
            monkeypatch.setenv("NOX_ENABLE_STALENESS_CHECK", "1")
        case "by-uv":
            (environment / "pyvenv.cfg").write_text("home = /usr/bin\nuv = 0.13.9\n", encoding="utf-8")
            options = {"venv_backend": "virtualenv"}
        case _:
            (environment / "pyvenv.cfg").unlink()
            options = {"venv_backend": "virtualenv"}
    assert created(monkeypatch, environment, **options) == "asked for member, alone"


def test_sessions_of_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without the mark is made as ever."""
    (tmp_path / ".wsnox" / "locks").mkdir(parents=True)
    assert created(monkeypatch, tmp_path / "member", venv_params=()) == "beside others"


def test_where_there_can_be_no_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no directory can be made for it, nox goes on without one."""
    (tmp_path / ".wsnox").mkdir()
    (tmp_path / ".wsnox" / "locks").touch()
    assert created(monkeypatch, tmp_path / "member") == "asked for member, alone"
    assert not (tmp_path / ".wsnox" / "locks").is_dir()


def test_another_nox(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nox that makes its environments otherwise is left alone; what is wrapped is so once."""
    serialize_venv_creation()
    before = dict(nox.virtualenv.ALL_VENVS)
    serialize_venv_creation()
    assert before == nox.virtualenv.ALL_VENVS
    monkeypatch.setattr(nox.virtualenv, "ALL_VENVS", {"none": str})
    serialize_venv_creation()
    assert [*nox.virtualenv.ALL_VENVS] == ["none"]
    monkeypatch.delattr(nox.virtualenv, "ALL_VENVS")
    serialize_venv_creation()
    assert set(BACKENDS) <= before.keys()
