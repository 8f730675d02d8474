"""The stamp: its file, what it vouches for, and every single thing that makes it untrue."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from tests.environment.jobs import prepare, real_job, site_of_job
from tests.support.workspaces import MemberSpec, lock, write_workspace
from wsnox.environment.stamp import UNFINISHED, Stamp, first_changed_input, read_stamp, remembered_proof, write_stamp
from wsnox.workspace.model import MemberSelection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.model import Job


STAMP = Stamp(
    inputs={"uv.lock": "1"},
    trees={"editable a": "2"},
    directories=("/site",),
    fingerprint="a\nb",
    names=("a", "ü"),
    contents={"a": "3"},
)


def test_a_stamp_is_read_as_written(tmp_path: Path) -> None:
    """What was written is read, the folder is made, and no draft is left beside it."""
    path = tmp_path / "wsnox" / "stamp.json"
    for stamp in (STAMP, UNFINISHED, STAMP):
        write_stamp(path, stamp)
        assert read_stamp(path) == stamp
    assert [*path.parent.iterdir()] == [path]
    assert (STAMP.finished, UNFINISHED.finished) == (True, False)
    # A new environment has none, which is not the same as one that cannot be read, or that was interrupted.
    assert read_stamp(tmp_path / "stamp.json") is None
    assert read_stamp(tmp_path) == UNFINISHED


WHOLE = json.dumps(asdict(STAMP))
WRONG_TYPES: dict[str, list[Any]] = {
    "inputs": [None, 5, "ab", [["a", "b"]], {"uv.lock": 1}],
    "trees": ["", [], {"a": None}],
    "directories": ["/site", {"/site": ""}, [1], [[]], None],
    "fingerprint": [1, None, []],
    "names": ["ab", [1], None, {}],
    "contents": ["", [], {"a": None}, None],
}
CORRUPT: dict[str, bytes] = {
    "empty": b"",
    "zeros": bytes(len(WHOLE)),
    "binary": os.urandom(64),
    "not-utf8": b'{"inputs": "\xff"}',
    "no-table": b"[]",
    "null": b"null",
    "a-number": b"1",
    "deep": b"[" * 100_000,
    "no-keys": b"{}",
    **{
        f"{key}-{json.dumps(value)}": json.dumps({**asdict(STAMP), key: value}).encode()
        for key, values in WRONG_TYPES.items()
        for value in values
    },
}


@pytest.mark.parametrize("name", list(CORRUPT))
def test_a_corrupt_stamp(tmp_path: Path, name: str) -> None:
    """Whatever else stands in the file counts as an interrupted preparation, and nothing is raised."""
    path = tmp_path / "stamp.json"
    path.write_bytes(CORRUPT[name])
    assert read_stamp(path) == UNFINISHED


@given(st.integers(0, len(WHOLE) - 1))
def test_a_stamp_cut_short(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    """A stamp cut at any point is unfinished."""
    path = tmp_path_factory.getbasetemp() / "cut-stamp.json"
    path.write_bytes(WHOLE.encode()[:length])
    assert read_stamp(path) == UNFINISHED


KEYS = [
    *("VERSION", {"file": "*.in"}, {"dir": "assets"}, {"env": "KEYED"}),
    {"git": {"commit": True, "tags": True}},
]
KEYED = MemberSpec("keyed", tool={"uv": {"cache-keys": KEYS}})
PLAIN = MemberSpec("plain")
MEMBER = MemberSpec(
    "member", dependencies=["keyed", "plain", "leaf", "pyhumps"], extras={"more": ["num"]}, groups={"test": ["num"]}
)
OTHER = MemberSpec("other")
COMMIT = "0123456789abcdef0123456789abcdef01234567\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return a locked workspace whose member's environment is proven; each test leaves it as it was."""
    root = write_workspace(
        tmp_path_factory.mktemp("warm") / "workspace", [KEYED, PLAIN, MEMBER, OTHER], index=wheelhouse
    )
    lock(root)
    keyed = root / "packages" / "keyed"
    for path in ("VERSION", "deep/x.in", "assets/a", ".git/refs/heads/main", ".git/refs/tags/v1", ".git/packed-refs"):
        (keyed / path).parent.mkdir(parents=True, exist_ok=True)
        (keyed / path).write_text(COMMIT)
    (keyed / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    shutil.rmtree(root / "packages" / "plain" / "src")
    prepare(_job(root))
    return root


def _job(root: Path, **outer: str) -> Job:
    return real_job(root, "member", environ=outer)


@contextmanager
def _restored(path: Path) -> Iterator[None]:
    """Put back what *path* holds, with its times and those of its folder, or that there is nothing."""
    kept = path.with_name(f"{path.name}.kept-by-test")
    folder = path.parent.stat()
    if path.is_symlink() or path.exists():
        path.rename(kept)
        if kept.is_dir():
            shutil.copytree(kept, path, symlinks=True)
        else:
            shutil.copy2(kept, path, follow_symlinks=False)
    try:
        yield
    finally:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if kept.is_symlink() or kept.exists():
            kept.rename(path)
        os.utime(path.parent, ns=(folder.st_atime_ns, folder.st_mtime_ns))


def _more(path: Path) -> None:
    """Write one more byte, as a new file where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n")


MANIFESTS = {
    "a-lockfile-byte": ("uv.lock", "uv.lock"),
    "the-root-manifest": ("pyproject.toml", "pyproject.toml"),
    "the-settings-of-uv": ("uv.toml", "pyproject.toml"),
    "the-member": ("packages/member/pyproject.toml", "pyproject.toml"),
    "another-member": ("packages/other/pyproject.toml", "pyproject.toml"),
    "the-environment-settings": (".nox/member/pyvenv.cfg", "pyvenv.cfg"),
    "a-file-key": ("packages/keyed/VERSION", "editable packages/keyed"),
    "a-pattern-key": ("packages/keyed/deep/x.in", "editable packages/keyed"),
    "a-new-file-of-a-pattern": ("packages/keyed/y.in", "editable packages/keyed"),
    "a-folder-key": ("packages/keyed/assets/b", "editable packages/keyed"),
    "a-commit": ("packages/keyed/.git/refs/heads/main", "editable packages/keyed"),
    "another-branch": ("packages/keyed/.git/HEAD", "editable packages/keyed"),
    "a-moved-tag": ("packages/keyed/.git/refs/tags/v1", "editable packages/keyed"),
    "a-new-tag": ("packages/keyed/.git/refs/tags/v2", "editable packages/keyed"),
    "packed-references": ("packages/keyed/.git/packed-refs", "editable packages/keyed"),
    "setup-py": ("packages/plain/setup.py", "editable packages/plain"),
    "setup-cfg": ("packages/plain/setup.cfg", "editable packages/plain"),
    "a-source-folder": ("packages/plain/src/x", "editable packages/plain"),
}


@pytest.mark.real
@pytest.mark.parametrize("name", list(MANIFESTS))
def test_an_input(root: Path, name: str) -> None:
    """Each file that decides what is installed or built makes the stamp untrue by itself, and is named."""
    path, reason = MANIFESTS[name]
    assert remembered_proof(_job(root)) is not None
    # What appears may be a folder.
    top = root / path
    while not top.parent.exists():
        top = top.parent
    with _restored(top):
        text = top.read_text(encoding="utf-8") if top.exists() else ""
        if name in ("another-branch", "a-commit", "a-moved-tag"):
            top.write_text(text.replace("main", "next").replace("012", "210"), encoding="utf-8")
        else:
            _more(root / path)
        assert _why(_job(root)) == reason
    assert remembered_proof(_job(root)) is not None


def _why(job: Job) -> str:
    stamp = read_stamp(job.venv.stamp)
    assert stamp is not None
    assert remembered_proof(job) is None
    return first_changed_input(stamp, job) or "site-packages"


REQUESTS: dict[str, Callable[[Job], Mapping[str, Any]]] = {
    "groups": lambda job: {"selections": (replace(job.selections[0], groups=(NormalizedName("test"),)),)},
    "no-groups": lambda job: {"selections": (replace(job.selections[0], groups=()),)},
    "extras": lambda job: {"selections": (replace(job.selections[0], extras=(NormalizedName("more"),)),)},
    "all-extras": lambda job: {"selections": (replace(job.selections[0], extras="all"),)},
    "another-part": lambda job: {"selections": (*job.selections, MemberSelection(member=job.workspace.members[-1]))},
    "root-groups": lambda _: {"root_groups": ("test",)},
    "root-defaults": lambda _: {"root_defaults": True},
    "editable": lambda _: {"editable": False},
    "frozen": lambda _: {"require_fresh_lock": False},
    "python": lambda _: {"python_request": "3.8"},
    "pip": lambda _: {"uv": None},
}


@pytest.mark.real
@pytest.mark.parametrize("name", list(REQUESTS))
def test_a_request(root: Path, name: str) -> None:
    """Whatever is asked for otherwise makes the stamp untrue."""
    job = _job(root)
    assert _why(replace(job, **REQUESTS[name](job))) == "request"


@pytest.mark.real
def test_another_wsnox_or_variable(root: Path) -> None:
    """Another wsnox may install or prove otherwise; a variable that is a cache key counts, one that is none does not."""
    assert _why(replace(_job(root), version="2")) == "wsnox"
    assert _why(_job(root, KEYED="1")) == "editable packages/keyed"
    assert remembered_proof(_job(root, OTHER="1")) is not None


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="environments have no links there")
def test_another_base_python(root: Path) -> None:
    """An environment whose Python leads to another program is another environment."""
    python = _job(root).venv.python
    with _restored(python):
        python.unlink()
        python.symlink_to("/bin/sh")
        assert _why(_job(root)) == "interpreter"
    assert remembered_proof(_job(root)) is not None


@pytest.mark.real
def test_site_packages(root: Path) -> None:
    """What changes where a snapshot looks (`test_snapshot` has each) makes the stamp untrue, as long as it is there."""
    site = site_of_job(_job(root))
    for path in ("stray.py", "leaf/extra.py", "leaf-2.1.dist-info/RECORD", "__editable__.member.pth"):
        with _restored(site / path):
            _more(site / path)
            assert _why(_job(root)) == "site-packages"
        assert remembered_proof(_job(root)) is not None


@pytest.mark.real
def test_a_site_directory_that_nobody_may_look_into(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It vouches for nothing."""
    job = _job(root)
    stamp = read_stamp(job.venv.stamp)
    assert stamp is not None
    assert remembered_proof(job) is not None
    scandir = os.scandir

    def refusing(place: Any) -> Any:
        if str(place) == stamp.directories[0]:
            raise PermissionError(13, "denied", place)
        return scandir(place)

    monkeypatch.setattr(os, "scandir", refusing)
    assert _why(job) == "site-packages"


@pytest.mark.real
def test_what_does_not_matter(root: Path) -> None:
    """Caches of Python, sources of an editable member, and times of what is compared by content change nothing."""
    site = site_of_job(_job(root))
    for folder in (site, site / "leaf", root / "packages" / "member" / "src"):
        _more(folder / "__pycache__" / "x.cpython-311.pyc")
    _more(root / "packages" / "member" / "src" / "member.py")
    _more(root / "packages" / "member" / "src" / "data.txt")
    _more(root / "packages" / "keyed" / "src" / "keyed.py")
    _more(root / "packages" / "other" / "setup.py")
    for path in (root / "uv.lock", root / "pyproject.toml", root / "packages" / "other" / "pyproject.toml"):
        os.utime(path, ns=(1, 1))
    _more(site / "leaf" / "deep" / "x.py")
    shutil.rmtree(site / "leaf" / "deep")
    assert remembered_proof(_job(root)) is not None


# What the hook below hears is noted only while somebody listens: a hook stays for the life of the process.
_HEARD: list[tuple[str, object]] = []
_LISTENING: list[bool] = []
_STARTS = (
    *("subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "os.system", "os.startfile"),
    "open",
)


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _LISTENING and event in _STARTS:
        _HEARD.append((event, arguments[0] if arguments else None))


@pytest.mark.real
def test_no_process_is_started(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stamp that is still true costs no process, and the lockfile is read once as bytes and never parsed."""
    sys.addaudithook(_hear)
    job = _job(root)
    for module in ("tomli", "wsnox.lock.reader"):
        monkeypatch.setitem(sys.modules, module, None)
    _HEARD.clear()
    _LISTENING.append(True)
    try:
        proof = remembered_proof(job)
    finally:
        _LISTENING.clear()
    assert proof is not None
    assert str(proof) == "5 distributions, exactly its locked closure"
    assert {event for event, _ in _HEARD} == {"open"}
    assert [str(path) for event, path in _HEARD if str(path).endswith("uv.lock")] == [str(root / "uv.lock")]


@pytest.mark.real
def test_from_no_stamp_to_one(workspace: WorkspaceFactory) -> None:
    """No stamp and an unfinished one vouch for nothing; the next preparation repairs that, and names what it removed."""
    job = real_job(workspace(OTHER), "other")
    assert remembered_proof(job) is None
    prepare(job)
    assert remembered_proof(job) is not None
    _more(site_of_job(job) / "stray.py")
    assert remembered_proof(job) is None
    assert prepare(job).removed == ("stray.py",)
    assert remembered_proof(job) is not None
    write_stamp(job.venv.stamp, UNFINISHED)
    assert remembered_proof(job) is None
