"""``wsnox report``: one run of several jobs in every form, what to run again, and times that outlive a run."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import fromstring

import pytest

from tests.runs.made import finding, outcome, reported, run_on
from tests.sessions.running import configure, nox, write_noxfile
from tests.support.workspaces import MemberSpec
from wsnox.runs.merging import read_any
from wsnox.runs.record import last_run_file, write_run
from wsnox.runs.times import times_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Wsnox
    from tests.conftest import WorkspaceFactory


def write(path: Path, *rows: dict[str, Any]) -> str:
    """Write a report of *rows* to *path*."""
    path.write_text(json.dumps({"result": 1, "sessions": rows}), encoding="utf-8")
    return str(path)


@pytest.fixture
def jobs(tmp_path: Path) -> list[str]:
    """Return the files of two jobs: of one a record and a report, of the other a report."""
    failed = outcome("b", "failed", commands=2, reason="Command pytest failed", command="pytest -q")
    write_run(tmp_path / "1.json", run_on(outcome("a", commands=61.4), failed))
    reports = [
        write(tmp_path / "2.json", reported("a", 62), reported("b", 2, "failed", reason="Command pytest failed")),
        write(tmp_path / "3.json", reported("c-3.12(cpu)", 0, "skipped", name="c", reason="no tests")),
    ]
    return [str(tmp_path / "1.json"), *reports]


def test_one_run_of_two_jobs(wsnox: Wsnox, jobs: list[str]) -> None:
    """Nothing is counted twice, and what a record knows beside nox's report is there."""
    said = wsnox("report", *jobs)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "failed b",
        "  pytest -q",
        "skipped c-3.12(cpu)",
        "  no tests",
        "",
        "3 sessions: 1 failed, 1 skipped, 1 passed in 9.0 s",
        "run what failed again: nox -s b",
    ]


def test_every_format(wsnox: Wsnox, jobs: list[str], tmp_path: Path) -> None:
    """Each is written to stdout, or to a file and its folder; JSON is a record, which the command reads again."""
    for format_ in ("text", "markdown", "html", "junit", "json"):
        printed = wsnox("report", "--format", format_, *jobs).out
        file = tmp_path / "new" / format_
        assert wsnox("report", "--format", format_, "-o", str(file), *jobs).out == ""
        assert file.read_text(encoding="utf-8") == printed
    assert fromstring((tmp_path / "new/junit").read_text(encoding="utf-8")).get("tests") == "3"
    HTMLParser().feed((tmp_path / "new/html").read_text(encoding="utf-8"))
    assert wsnox("report", "--json", *jobs).out == (tmp_path / "new/json").read_text(encoding="utf-8")
    assert wsnox("report", str(tmp_path / "new/json")).out == wsnox("report", *jobs).out


def test_annotations(wsnox: Wsnox, jobs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In GitHub Actions, sessions that failed are shown on the page of the run, beside whatever is printed."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert wsnox("report", *jobs).err == "::error title=session b failed::Command pytest failed\n"


def test_the_last_run_of_the_workspace(wsnox: Wsnox, workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Without a file, it is the one that wsnox recorded last, also seen from a member; without one, there is a hint."""
    envdir = tmp_path / "elsewhere"
    root = workspace(MemberSpec("project-a"), locked=False)
    write_noxfile(root, f"import nox\n\nnox.options.envdir = {str(envdir)!r}\n")
    said = wsnox("report", root=root)
    assert (said.code, said.out) == (5, "")
    assert f"no run of this workspace is recorded in `{last_run_file(envdir)}`" in said.err
    assert "hint: run `nox` first" in said.err
    write_run(last_run_file(envdir), run_on(outcome("project-a", findings=(finding("a", "x"),))))
    for place in (root, root / "packages/project-a"):
        assert wsnox("report", root=place).out.startswith("1 session: 1 passed")


@pytest.mark.parametrize("missing", [("{}",), ("{}", "--failed")], ids=["report", "failed"])
def test_a_missing_file(wsnox: Wsnox, tmp_path: Path, missing: tuple[str, ...]) -> None:
    """It is an error, and where names are printed also a name that nox refuses."""
    path = tmp_path / "gone.json"
    said = wsnox("report", *(word.format(path) for word in missing))
    assert (said.code, said.out) == (5, "WSNOX_REPORT_FAILED\n" if "--failed" in missing else "")
    assert said.err.startswith(f"error: there is no file `{path}`\n\nhint: ")


def test_what_to_run_again(wsnox: Wsnox, tmp_path: Path) -> None:
    """Names as a shell hands them on from `$(...)`, each once: one that it would split is named by its function."""
    report = write(
        tmp_path / "1.json",
        reported("a-3.12(cpu)", 1, "failed", name="a"),
        reported("b", 0, "aborted"),
        reported("lint(x='1 2')", 1, "failed", name="lint"),
        reported("lint(x='3 4')", 1, "failed", name="lint"),
        reported("c", 1),
    )
    assert wsnox("report", "--failed", report).out.split() == ["a-3.12(cpu)", "lint", "b"]
    assert wsnox("report", "--failed", write(tmp_path / "2.json", reported("c"))).out == ""


def test_times_are_kept(wsnox: Wsnox, tmp_path: Path) -> None:
    """The first time there is no file of times; later, sessions stay in it that did not run this time."""
    times = tmp_path / "cache/times.json"
    first = write(tmp_path / "1.json", reported("a", 30), reported("b", 20))
    assert wsnox("report", "--times", str(times), first).err == ""
    assert wsnox("report", "--times", str(times), write(tmp_path / "2.json", reported("a", 10))).code == 0
    assert times_of([read_any(str(times), times=True)]) == {"a": 10, "b": 20}
    said = wsnox("matrix", "--format", "github", "--report", str(tmp_path / "gone.json"))
    assert (said.code, said.err.splitlines()[0]) == (0, f"note: there is no report `{tmp_path / 'gone.json'}`")


def test_times_are_no_results(wsnox: Wsnox, tmp_path: Path) -> None:
    """Sessions of earlier runs must not count as passed now; and what is no file of times has no time."""
    times = tmp_path / "times.json"
    report = write(tmp_path / "1.json", reported("a", 30, "failed"))
    assert wsnox("report", "--times", str(times), report).code == 0
    said = wsnox("report", str(times), report)
    assert (said.code, said.out) == (5, "")
    assert said.err.startswith(f"error: `{times}` has the times of earlier runs, and not how sessions ended\n\nhint: ")
    for broken in ('{"times": []}', '{"times": {"a": "long"}}', '{"times": {"a": NaN}}', '{"times": {"a": -1}}'):
        times.write_text(broken, encoding="utf-8")
        assert wsnox("report", "--times", str(times), report).code == 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it is no JSON (line 1)"),
        ("[tool.wsnox]\nlock = 'frozen'\n", "it is no JSON (line 1)"),
        ("", "it is empty"),
        ("\udcff", "it is no JSON, nor any other text"),
        ("{}", "it has no list of `sessions`"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"wsnox": "9", "version": 9}', "its `version` is 9"),
    ],
    ids=["json", "toml", "empty", "bytes", "sessions", "depth", "version"],
)
def test_other_files_are_refused(wsnox: Wsnox, tmp_path: Path, text: str, problem: str) -> None:
    """A broken file must not count as one without sessions; the times stay as they were."""
    path = tmp_path / "report.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    for command in (["report", "--times", str(tmp_path / "times.json")], ["matrix", "--format", "github", "--report"]):
        said = wsnox(*command, str(path))
        assert (said.code, said.out) == (5, "")
        assert said.err.startswith(f"error: `{path}` is neither a report of nox nor a record of wsnox: {problem}")
        assert said.err.endswith("\n\nhint: name a file that `nox --report FILE` wrote\n")
    assert not (tmp_path / "times.json").exists()


@pytest.mark.real
def test_what_nox_and_wsnox_write(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """The report and the record of a real run are one run, and what it names runs again."""
    fails = {"wsnox": {"commands": ["python -c 'raise SystemExit(3)'"]}}
    root = workspace(MemberSpec("a"), MemberSpec("b", tool=fails))
    configure(root, {"commands": ["python -V"]})
    nox(root, "-s", "a", "b", "--report", "report.json")
    record = str(last_run_file(root / ".nox"))
    lines = [wsnox("report", *files, root=root).out for files in ((), ("report.json",), ("report.json", record))]
    assert lines[0] == lines[2]
    assert [said.startswith("failed b\n") for said in lines] == [True] * 3
    assert all("2 sessions: 1 failed, 1 passed in " in said for said in lines)
    assert "  python -c 'raise SystemExit(3)'\n" in lines[2]
    wsnox("report", "--times", "times.json", "report.json", root=root)
    assert set(times_of([read_any(str(root / "times.json"), times=True)])) == {"a", "b"}
    again = nox(root, "-s", *wsnox("report", "--failed", root=root).out.split())
    assert again.results == {"b": "failed"}
