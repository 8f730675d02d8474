"""What is remembered of interpreters is taken only in the form in which it was written, and leads nowhere outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.environment.jobs import real_job, site_of_job
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.environment.job import prepare
from wsnox.environment.remembered import interpreter_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.environment.records import Job

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Job:
    """Return a job whose interpreter was asked."""
    root = write_workspace(
        tmp_path_factory.mktemp("remembered") / "workspace", [MemberSpec("member")], index=wheelhouse
    )
    job = real_job(root, "member")
    interpreter_of(job)
    return job


def _memo(job: Job) -> Path:
    (memo,) = (job.shared / "interpreters").iterdir()
    return memo


WRONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an-absolute-site": lambda said: {**said, "site": ["/usr/lib/site-packages"]},
    "a-site-above": lambda said: {**said, "site": ["../../src/site-packages"]},
    "a-site-above-in-the-middle": lambda said: {**said, "site": ["lib/../../site-packages"]},
    "the-environment-itself": lambda said: {**said, "site": ["."]},
    "no-site": lambda said: {**said, "site": []},
    "a-site-of-letters": lambda said: {**said, "site": "lib"},
    "sites-by-name": lambda said: {**said, "site": {"lib/site-packages": 1}},
    "a-site-of-numbers": lambda said: {**said, "site": [1]},
    "another-directory": lambda said: {**said, "site": ["lib"]},
    "scripts-outside": lambda said: {**said, "scripts": "/usr/bin"},
    "no-scripts": lambda said: {name: value for name, value in said.items() if name != "scripts"},
    "an-abi-that-leads-away": lambda said: {**said, "abi": "../../../../x"},
    "an-abi-that-is-none": lambda said: {**said, "abi": None},
    "markers-in-a-list": lambda said: {**said, "markers": [["python_version", "3.8"]]},
    "markers-of-numbers": lambda said: {**said, "markers": {**said["markers"], "python_version": 3}},
    "a-list": lambda said: [said],
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("name", list(WRONG))
def test_another_form(job: Job, name: str) -> None:
    """The interpreter is asked again, and its own answer taken and remembered."""
    right, memo = interpreter_of(job), _memo(job)
    content = memo.read_bytes()
    memo.write_text(json.dumps(WRONG[name](json.loads(content))), encoding="utf-8")
    assert interpreter_of(job) == right
    assert memo.read_bytes() == content


def test_deep_and_no_text(job: Job) -> None:
    """What is nested without end, and what is no text, is no answer either."""
    right, memo = interpreter_of(job), _memo(job)
    for content in (b"[" * 100_000, b"\xff", b"", b'{"site": ["\x00"]}'):
        memo.write_bytes(content)
        assert interpreter_of(job) == right


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
