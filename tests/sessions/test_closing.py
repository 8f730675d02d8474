"""What is shown at the end of a run of nox, and what GitHub Actions is told on the way."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import nox, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

SETTINGS: dict[str, Any] = {"commands": [["python", "-c", "import sys; sys.exit('{member}' in sys.argv)", "{posargs}"]]}


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace of members whose sessions fail if they are named."""
    return write_noxfile(workspace(*map(MemberSpec, ("alpha", "beta", "gamma")), wsnox=SETTINGS))


@pytest.mark.parametrize("options", [[], ["-j", "2"]], ids=["one-by-one", "two-at-a-time"])
def test_the_summary_comes_last(root: Path, options: list[str]) -> None:
    """It stands below nox's own list, without colours in a pipe, and its command runs what failed again."""
    (root / "noxfile.py").rename(root / "sessions.py")
    ran = nox(root, "-f", "sessions.py", *options, "-s", "alpha", "beta", "gamma", "--", "alpha", "a b", "gamma")

    page = ran.summary
    assert (ran.code, "\x1b" in page, ran.said.endswith("nox > * gamma: failed\n")) == (1, False, True), ran.said
    for name in ("alpha", "gamma"):
        command = ["python", "-c", f"import sys; sys.exit('{name}' in sys.argv)", "alpha", "a b", "gamma"]
        assert f"failed {name}\n  {shlex.join(command)}\n" in page
    again = page.splitlines()[-1].removeprefix("run what failed again: ")
    assert again == "python -m nox -f sessions.py -s alpha gamma -- alpha 'a b' gamma"
    repeated = nox(root, *shlex.split(again)[3:])
    assert (repeated.code, repeated.results) == (1, {"alpha": "failed", "gamma": "failed"}), repeated.said
    assert "\n2 sessions: 2 failed in" in repeated.summary


def test_nothing_is_summed_up_where_nothing_is_to_be(root: Path) -> None:
    """A single session has its end in sight, and a listing is no run."""
    assert "1 session" not in nox(root, "-s", "alpha").said
    assert "1 session" not in nox(root, "-s", "alpha", "--", "alpha").said
    for options in (["-l"], ["--json", "-l"], ["--version"], ["-s", "nothing"]):
        assert not re.search(r"\d sessions?:|no session ran", nox(root, *options).said)
    early = nox(root, "-x", "-s", "alpha", "beta", "--", "alpha").said
    assert "\n1 session: 1 failed, 1 not run in" in early


@pytest.mark.parametrize("options", [[], ["-j", "2"]], ids=["one-by-one", "two-at-a-time"])
def test_github(root: Path, tmp_path: Path, options: list[str]) -> None:
    """What each session prints is a group that ends, and the page of the job has the summary once."""
    page = tmp_path / "page.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}
    ran = nox(root, *options, "-s", "alpha", "beta", "--", "alpha", env=env)

    groups = re.findall(r"::group::\w+|::endgroup::|Session \w+ (?:failed|was successful)", ran.said)
    alpha = ["::group::alpha", "::endgroup::", "Session alpha failed"]
    beta = ["::group::beta", "::endgroup::", "Session beta was successful"]
    assert groups in (alpha + beta, beta + alpha), ran.said
    assert page.read_text(encoding="utf-8").count("### 1 of 2 sessions failed\n") == 1
    nox(root, *options, "-s", "alpha", "beta", env={**env, "WSNOX_STEP_SUMMARY": "no"})
    assert page.read_text(encoding="utf-8").count("###") == 1
