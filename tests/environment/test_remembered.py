"""What is remembered of interpreters is taken only in the form in which it was written, and leads nowhere outside.

What has another shape is as good as nothing: the interpreter is asked again, and its own answer remembered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.jobs import prepare, real_job, site_of_job
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.environment import interpreter
from wsnox.environment.interpreter import cached_interpreter, probe

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.interpreter import Interpreter
    from wsnox.environment.model import Job

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Job:
    """Return a job whose interpreter was asked."""
    root = write_workspace(
        tmp_path_factory.mktemp("remembered") / "workspace", [MemberSpec("member")], index=wheelhouse
    )
    job = real_job(root, "member")
    cached_interpreter(job.python, job.location, job.interpreters)
    return job


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the interpreters that are asked from now on, as they are."""
    asked: list[Path] = []

    def counted(executable: Path) -> Interpreter:
        asked.append(executable)
        return probe(executable)

    monkeypatch.setattr(interpreter, "probe", counted)
    return asked


def _memo(job: Job) -> Path:
    (memo,) = job.interpreters.iterdir()
    return memo


def _markers(said: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**said, "markers": {**said["markers"], **more}}


def _without(said: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name != key}


Change = Callable[[dict[str, Any]], Any]


def _with(key: str, value: Any) -> Change:
    return lambda said: {**said, key: value}


def _lacking(key: str) -> Change:
    return lambda said: _without(said, key)


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
    "a-marker-too-few": lambda said: {**said, "markers": _without(said["markers"], "os_name")},
    "a-marker-too-many": lambda said: _markers(said, extra="x"),
    "a-marker-that-is-a-number": lambda said: _markers(said, python_version=3.12),
    "a-list": lambda said: [said],
    "an-empty-list": lambda _: [],
    "text": lambda _: "text",
    "nothing": lambda _: None,
    **{f"no-{key}": _lacking(key) for key in VALUES},
    **{f"{key}-{json.dumps(value)}": _with(key, value) for key, values in VALUES.items() for value in values},
}
BROKEN = (b"[" * 100_000, b"\xff", b"", b"{}", b'{"site": ["\x00"]}')


def test_another_form(job: Job, asked: list[Path]) -> None:
    """A memo that is valid JSON and says something else never reaches a session, nor does one that is no JSON."""
    right, memo = cached_interpreter(job.python, job.location, job.interpreters), _memo(job)
    content = memo.read_bytes()
    assert asked == []
    wrong = {name: json.dumps(change(json.loads(content))).encode() for name, change in WRONG.items()}
    for count, (name, text) in enumerate([*wrong.items(), *((str(text[:9]), text) for text in BROKEN)], start=1):
        memo.write_bytes(text)
        assert (cached_interpreter(job.python, job.location, job.interpreters), len(asked)) == (right, count), name
        assert memo.read_bytes() == content, name


def test_sources_are_never_strays(workspace: WorkspaceFactory) -> None:
    """A memo that points to a member's sources removes none of them."""
    job = real_job(workspace(MemberSpec("member")), "member")
    prepare(job)
    sources = job.workspace.root / "packages" / "member" / "src"
    before = sorted(sources.iterdir())
    memo = _memo(job)
    said = json.loads(memo.read_text(encoding="utf-8"))
    for site in ([str(sources)], ["../../packages/member/src"], [*said["site"], str(sources)]):
        memo.write_text(json.dumps({**said, "site": site}), encoding="utf-8")
        job.stamp.unlink()
        prepare(job)
        assert sorted(sources.iterdir()) == before
        assert (site_of_job(job) / "__editable__.member.pth").exists()
