"""``wsnox report``: one summary of several jobs, and times that outlive the runs in which a session did not run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import configure, nox
from tests.support.workspaces import MemberSpec
from wsnox.cli.report import read_reports, times_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Wsnox
    from tests.conftest import WorkspaceFactory


def row(title: str, seconds: float, result: str = "success", *, name: str = "", reason: str = "") -> dict[str, Any]:
    """Return a session as nox reports it."""
    return {
        "args": {},
        "name": name or title,
        "result": result,
        "result_code": 1,
        "reason": reason or None,
        "signatures": [title],
        "duration": seconds,
    }


def write(path: Path, *rows: dict[str, Any]) -> str:
    """Write a report of *rows* to *path*."""
    path.write_text(json.dumps({"result": 1, "sessions": rows}), encoding="utf-8")
    return str(path)


def test_a_summary_of_two_jobs(wsnox: Wsnox, tmp_path: Path) -> None:
    """What did not succeed comes first, with the reason; then the sum."""
    reports = [
        write(tmp_path / "1.json", row("a", 61.4), row("b", 2, "failed", reason="Command pytest | tee failed")),
        write(tmp_path / "2.json", row("c", 0, "skipped", reason="no tests\n\nhint: write some")),
    ]
    said = wsnox("report", *reports)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "b failed: Command pytest | tee failed",
        "c skipped: no tests hint: write some",
        "3 sessions: 1 failed, 1 skipped, 1 succeeded, in 1 min 3 s",
    ]
    markdown = wsnox("report", "--format", "markdown", *reports).out
    assert "**3 sessions: 1 failed, 1 skipped, 1 succeeded, in 1 min 3 s**" in markdown
    # In sight, and again in the list of all.
    assert markdown.count("| `b` | failed | 2 s | Command pytest \\| tee failed |") == 2
    assert markdown.count("| `a` | success | 1 min 1 s |  |") == 1
    data = json.loads(wsnox("report", "--json", *reports).out)
    assert [session["session"] for session in data] == ["b", "c", "a"]


def test_annotations(wsnox: Wsnox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In GitHub Actions, sessions that did not pass are shown on the page of the run, beside whatever is printed."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    report = write(tmp_path / "1.json", row("a", 1), row("b", 2, "failed"), row("c", 0, "aborted", reason="50% left"))
    assert wsnox("report", report).err.splitlines() == [
        "::error title=session b failed::failed",
        "::error title=session c aborted::50%25 left",
    ]


def test_times_are_kept(wsnox: Wsnox, tmp_path: Path) -> None:
    """A session that did not run this time keeps its time, and so does one that failed early."""
    times = tmp_path / "cache/times.json"
    first = write(tmp_path / "1.json", row("a", 30), row("b", 20), row("new", 1, "failed"))
    assert wsnox("report", "--times", str(times), first).code == 0
    second = write(tmp_path / "2.json", row("a", 1, "failed"), row("c", 5))
    assert wsnox("report", "--times", str(times), second, str(tmp_path / "gone.json")).err == (
        f"note: there is no report `{tmp_path / 'gone.json'}`\n"
    )
    assert times_of(read_reports([str(times)])) == {"a": 30, "b": 20, "c": 5, "new": 1}


def test_a_name_stands_for_its_pythons(tmp_path: Path) -> None:
    """A function that a shell cannot name exactly is one job, which takes as long as all its runs."""
    report = write(tmp_path / "1.json", *(row(f"lint-3.1{minor}(a b)", minor, name="lint") for minor in (1, 2)))
    assert times_of(read_reports([report])) == {"lint-3.11(a b)": 1, "lint-3.12(a b)": 2, "lint": 3}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "Expecting property name"),
        ("{}", "it has no 'sessions'"),
        ('{"sessions": [{"name": "a"}]}', "it has no 'signatures'"),
        ("[]", "its `sessions` are not a list of sessions"),
        ('{"sessions": 1}', "its `sessions` are not a list of sessions"),
        ('{"sessions": [{"name": "a", "signatures": [], "result": "", "duration": "long"}]}', "could not convert"),
    ],
)
def test_other_files_are_refused(wsnox: Wsnox, tmp_path: Path, text: str, problem: str) -> None:
    """A broken report must not count as one without sessions; the times stay as they were."""
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    for command in (["report", "--times", str(tmp_path / "times.json")], ["matrix", "--format", "github", "--report"]):
        said = wsnox(*command, str(tmp_path / "report.json"))
        assert (said.code, said.out) == (5, "")
        assert said.err.startswith(f"error: `{tmp_path / 'report.json'}` is not a nox report: {problem}")
    assert not (tmp_path / "times.json").exists()


@pytest.mark.real
def test_what_nox_writes(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """A failure and a success are read from the report of a real run."""
    root = workspace(
        MemberSpec("a"), MemberSpec("b", tool={"wsnox": {"commands": ["python -c 'raise SystemExit(3)'"]}})
    )
    configure(root, {"commands": ["python -V"]})
    nox(root, "-s", "a", "b", "--report", "report.json")
    said = wsnox("report", "--times", "times.json", "report.json", root=root)
    lines = said.out.splitlines()
    assert lines[0] == "b failed"
    assert lines[-1].startswith("2 sessions: 1 failed, 1 succeeded, in ")
    assert set(times_of(read_reports([str(root / "times.json")]))) == {"a", "b"}
