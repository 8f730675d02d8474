"""``wsnox affected``: real repositories, one for each way in which the state before can differ or be missing."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import Wsnox, git
from tests.sessions.running import nox, write_noxfile
from tests.support.workspaces import MemberSpec, lock, write_member

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

CORE = MemberSpec("core", dependencies=["pyhumps==3.7.3"])
SVC = MemberSpec("svc", dependencies=["core"], groups={"dev": ["tool"]})
TOOL = MemberSpec("tool", dependencies=["leaf"])
LONE = MemberSpec("lone", dependencies=["num==1.0"])
MEMBERS = (CORE, SVC, TOOL, LONE)
EVERYTHING = ["core", "lone", "svc", "tool", "workspace"]
FOLDER = "deep/workspace"


@pytest.fixture
def root(tmp_path: Path, workspace: WorkspaceFactory) -> Path:
    """Return a workspace in a subfolder of a repository, committed on ``main``, with the branch ``topic`` checked out."""
    folder = workspace(*MEMBERS, name=f"repository/{FOLDER}", wsnox={"commands": ["python -V"]})
    write_noxfile(folder)
    # So that plain nox runs the session of all members.
    write(folder / "tests/data", "")
    (folder / ".gitignore").write_text("*.log\n.nox\n", encoding="utf-8")
    git(tmp_path / "repository", "init", "-q", "-b", "main")
    commit(folder, "start")
    git(folder, "checkout", "-q", "-b", "topic")
    return folder


def commit(folder: Path, words: str) -> None:
    """Commit all that is in *folder*."""
    git(folder, "add", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", words)


def write(path: Path, text: str = "changed\n") -> None:
    """Write *text* to *path*, whose folder may be missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _starred(lines: list[str]) -> list[str]:
    """Return which sessions `nox -l` has selected."""
    return [line.split()[1] for line in lines if line.startswith("* ")]


class Answer:
    """What the command answered: the *names*, and what it *said* of why."""

    def __init__(self, wsnox: Wsnox, root: Path, *words: str) -> None:
        answer = wsnox("affected", *(words or ("--since", "main")), root=root)
        assert answer.code == 0, answer.err
        self.names, self.said = answer.out.split(), answer.err.splitlines()

    def why(self, name: str) -> list[str]:
        """Return the reasons for *name*, or for everything."""
        if name == "everything":
            return [line.removeprefix("everything: ") for line in self.said if line.startswith("everything: ")]
        groups = (line.rpartition(": ") for line in self.said)
        return [reasons for reasons, _, names in groups if name in re.split(", | and ", names)]


def test_nothing_changed(wsnox: Wsnox, root: Path) -> None:
    """Without a change nothing is affected, and stdout is empty."""
    affected = Answer(wsnox, root)
    total = json.loads(wsnox("affected", "--since", "main", "--json", root=root).out)["total"]
    assert affected.names == []
    assert affected.said == [f"0 sessions affected since `main`, of {total}"]
    assert total == len(EVERYTHING)


def test_a_bump(wsnox: Wsnox, root: Path) -> None:
    """A bump of a package concerns those that have it in their closure, with both versions as the reason."""
    write_member(root / CORE.folder, MemberSpec("core", dependencies=["pyhumps==3.8.0"]))
    lock(root)
    affected = Answer(wsnox, root)
    assert affected.names == ["core", "svc", "workspace"]
    changed, bumped = affected.why("svc")
    assert changed == "core changed (packages/core/backend.json, packages/core/pyproject.toml)"
    assert bumped == "pyhumps 3.7.3 -> 3.8.0"


def test_names_are_for_a_shell(wsnox: Wsnox, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever forces colours gets them in the reasons: a painted name would be none."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    affected = Answer(wsnox, root, "--since", "no-such-revision")
    assert sorted(affected.names) == sorted(EVERYTHING)
    assert "\x1b[36m`no-such-revision`\x1b[0m" in "".join(affected.said)


def test_an_unknown_revision(wsnox: Wsnox, root: Path) -> None:
    """Without a base everything is affected, and the reason has the hint."""
    affected = Answer(wsnox, root, "--since", "gone")
    assert affected.names == EVERYTHING
    assert affected.why("everything") == ["git knows no revision `gone` (fetch it, with its history, before)"]


def test_no_repository(wsnox: Wsnox, workspace: WorkspaceFactory) -> None:
    """Outside a repository everything is affected."""
    affected = Answer(wsnox, workspace(*MEMBERS))
    assert affected.names == EVERYTHING[:-1]
    assert "not a git repository" in affected.why("everything")[0]


def test_no_git(wsnox: Wsnox, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git as well."""
    monkeypatch.setenv("PATH", "")
    affected = Answer(wsnox, root)
    assert affected.names == EVERYTHING
    assert affected.why("everything") == ["there is no `git` to read the revision with (install git)"]


SETTINGS = b'[tool.uv.workspace]\nmembers = ["packages/*"]\n\n[tool.wsnox]\ngroups = ["x"]\n'
OLDER = "upgrade wsnox, or delete `uv.lock` and run `uv lock` with a uv that writes version 1"
MERGED = "take one side, as with `git checkout --ours uv.lock`, then run `uv lock`"
ANEW = "restore `uv.lock` as it was committed, or delete it, then run `uv lock`"


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("uv.lock", None, "there is no `uv.lock` in the workspace root at revision `main`"),
        (
            "uv.lock",
            b"version = 2\n",
            f"`main:uv.lock` has lockfile version `2`, and this wsnox reads version `1` ({OLDER})",
        ),
        ("uv.lock", b"<<<<<<<\n", f"`main:uv.lock` has the conflict markers of an unfinished merge ({MERGED})"),
        ("uv.lock", b"\xff", f"`main:uv.lock`: not UTF-8 (byte 0) ({ANEW})"),
        ("uv.lock", b"version = 1\n", f"`main:uv.lock`: no value in `requires-python` ({ANEW})"),
        ("pyproject.toml", None, "there is no `pyproject.toml` in the workspace root at revision `main`"),
        (
            "packages/core/pyproject.toml",
            b"[project]\n",
            "`main:packages/core/pyproject.toml`: missing `name` in `project`",
        ),
        (
            "pyproject.toml",
            SETTINGS,
            "`main:pyproject.toml`: unknown dependency group `x` in `tool.wsnox.groups` (known: `dev`)",
        ),
    ],
    ids=[
        "no lockfile",
        "later lockfile",
        "conflicted lockfile",
        "binary lockfile",
        "truncated lockfile",
        "no manifest",
        "broken manifest",
        "broken settings",
    ],
)
def test_unusable_base(wsnox: Wsnox, root: Path, path: str, text: bytes | None, reason: str) -> None:
    """A base that cannot be read means everything, and its file is named as git names it."""
    good = (root / path).read_bytes()
    if text is None:
        (root / path).unlink()
    else:
        (root / path).write_bytes(text)
    commit(root, "unusable")
    git(root, "branch", "-f", "main")
    (root / path).write_bytes(good)
    affected = Answer(wsnox, root)
    assert affected.names == EVERYTHING
    assert affected.why("everything") == [reason]


def _aged(text: str) -> str:
    """Return the lockfile *text* as uv of 2024 wrote it: without a revision, and packages by their earlier name."""
    return (
        re.sub("revision = .*\n", "", text)
        .replace("[package.", "[distribution.")
        .replace("[package]", "[distribution]")
    )


def test_older_lock_revision(wsnox: Wsnox, root: Path) -> None:
    """A base locked by an older uv is compared: what only a later revision writes is no difference, a version is."""
    text = (root / "uv.lock").read_text(encoding="utf-8")
    aged = _aged(text)
    assert "[package" not in aged
    assert "revision" not in aged
    write(root / "uv.lock", aged)
    commit(root, "older")
    git(root, "branch", "-f", "main")
    write(root / "uv.lock", text)
    assert Answer(wsnox, root).names == []
    write_member(root / CORE.folder, MemberSpec("core", dependencies=["pyhumps==3.8.0"]))
    lock(root)
    affected = Answer(wsnox, root)
    assert affected.names == ["core", "svc", "workspace"]
    assert affected.why("svc")[1] == "pyhumps 3.7.3 -> 3.8.0"


STALE = (
    "before, `uv.lock` did not match the workspace: `lone` now depends on `leaf`, which `uv.lock` does not know for it"
)


def _stale_base(root: Path) -> None:
    """Make ``main`` a commit whose lockfile does not match its manifests, and lock it in the work tree."""
    write_member(root / LONE.folder, MemberSpec("lone", dependencies=["leaf"]))
    commit(root, "stale")
    git(root, "branch", "-f", "main")


def test_stale_base(wsnox: Wsnox, root: Path) -> None:
    """With a stale lockfile nothing has run before, so that with a fresh one everything is to run."""
    _stale_base(root)
    # Stale before and now, with nothing changed at all: still no session can run, so none may pass.
    affected = Answer(wsnox, root)
    assert affected.names == EVERYTHING
    assert affected.why("everything") == [STALE.replace("before, `uv.lock` did", "`uv.lock` does")]
    write(root / "packages/core/src/core.py")
    assert Answer(wsnox, root).names == EVERYTHING
    lock(root)
    affected = Answer(wsnox, root)
    assert affected.names == EVERYTHING
    assert affected.why("everything") == [STALE]
    listed = nox(root, "-l", env={"WSNOX_SINCE": "main"})
    assert f"wsnox: everything is affected since `main`: {STALE}" in listed.said
    assert _starred(listed.lines) == EVERYTHING


def test_stale_base_that_is_frozen(wsnox: Wsnox, root: Path) -> None:
    """Where the lockfile is taken as it is, so it was before, and its closures are compared."""
    _configure(root, "")
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("[tool.wsnox]", "[tool.wsnox]\nlock = 'frozen'"))
    _stale_base(root)
    lock(root)
    affected = Answer(wsnox, root)
    assert affected.names == ["lone", "workspace"]
    assert affected.why("lone") == ["num 1.0 is gone", "leaf 2.1 is new"]


@pytest.mark.parametrize(("word", "names"), [("check", EVERYTHING), ("frozen", [])])
def test_the_variable_for_the_lockfile(
    wsnox: Wsnox, root: Path, monkeypatch: pytest.MonkeyPatch, word: str, names: list[str]
) -> None:
    """What sessions are told of the lockfile for one run, affected is told, too."""
    other = "frozen" if word == "check" else "check"
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("[tool.wsnox]", f"[tool.wsnox]\nlock = '{other}'"))
    _stale_base(root)
    monkeypatch.setenv("WSNOX_LOCK", word)
    assert Answer(wsnox, root).names == names


@pytest.mark.parametrize("command", [("affected",), ("matrix", "--format", "github")])
def test_no_credentials_in_a_reason(wsnox: Wsnox, root: Path, command: tuple[str, ...]) -> None:
    """The log of a job is read by many: a URL in a manifest is shown without its password."""
    secret = "thing @ https://user:S3CR3T@private.example/thing-1.0-py3-none-any.whl"
    write_member(root / "packages/lone", MemberSpec("lone", dependencies=["num==1.0", secret]))
    said = wsnox(*command, "--since", "HEAD", root=root)
    assert "https://user:****@private.example" in said.err
    assert "S3CR3T" not in said.err + said.out


def _members(root: Path, *members: MemberSpec) -> None:
    """Make *members* the members of the workspace, and lock it."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    start = text.index("members = [")
    folders = ", ".join(f'"{member.folder}"' for member in members)
    write(root / "pyproject.toml", f"{text[:start]}members = [{folders}]{text[text.index(']', start) + 1 :]}")
    for member in members:
        write_member(root / member.folder, member)
    lock(root)


def test_member_in_a_submodule(wsnox: Wsnox, root: Path, tmp_path: Path) -> None:
    """A member that git does not see into is affected whatever happens: its manifest before cannot be read."""
    inner = tmp_path / "inner"
    write_member(inner, MemberSpec("inner"))
    git(inner, "init", "-q", "-b", "main")
    commit(inner, "inner")
    allow = ("-c", "protocol.file.allow=always")
    git(root, *allow, "submodule", "add", "-q", inner.as_uri(), "packages/inner")
    _members(root, *MEMBERS, MemberSpec("inner"))
    commit(root, "submodule")
    git(root, "branch", "-f", "main")
    assert "inner" in Answer(wsnox, root).names


def test_a_member_that_is_not_checked_out(wsnox: Wsnox, root: Path) -> None:
    """It cannot be compared, and the lockfile is that of another workspace."""
    rules = ("/*", f"!/{FOLDER}/packages/lone/")
    git(root.parent.parent, "sparse-checkout", "set", "--no-cone", *rules)
    assert not (root / "packages/lone").exists()
    # The members are listed one by one here; of a pattern, `lone` would be no member now.
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    folders = ", ".join(f'"{member.folder}"' for member in MEMBERS)
    write(root / "pyproject.toml", text.replace(f"[{folders}]", '["packages/*"]'))
    affected = Answer(wsnox, root)
    assert affected.names == [name for name in EVERYTHING if name != "lone"]
    clause = "`lone` is a member in `uv.lock`, but not in the workspace"
    assert f"`uv.lock` does not match the workspace: {clause}" in affected.why("everything")


def _configure(root: Path, table: str) -> None:
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", f"{text}\n{table}")
    commit(root, "rules")
    git(root, "branch", "-f", "main")


@pytest.mark.parametrize(
    ("path", "line", "selected"),
    [
        (
            "packages/core/src/x.py",
            "a file of `core`: sessions run that have `core` in their closure",
            "core svc workspace",
        ),
        (
            "uv.lock",
            "it is read, and compared session by session: sessions run whose closure or settings it changes",
            "",
        ),
        ("docs/x", "the default rule `**/docs/**`: no session runs because of it", ""),
        ("conftest.py", "no rule knows it: every session runs", ""),
        (
            "packages/core/tests/x.py",
            "a file of `core` alone, by the default rule `tests/**`: sessions of `core` run",
            "core workspace",
        ),
        ("ruff.toml", "settings of `ruff`: sessions run that have `ruff` in their closure or commands", ""),
        (
            ".coveragerc",
            "settings of `coverage`: sessions run that have `coverage` or `pytest-cov` in their closure or commands",
            "",
        ),
        (
            "tests/x.py",
            "a file of the root, by the default rule `tests/**`: sessions run whose directory is the workspace root",
            "workspace",
        ),
    ],
)
def test_explain(wsnox: Wsnox, root: Path, path: str, line: str, selected: str) -> None:
    """What a path would do is told without a change, with the sessions that plain nox would run, from wherever one stands."""
    said = wsnox("affected", "--explain", path, root=root).out
    assert said == "".join([f"{path}: {line}\n", *(f"  {name}\n" for name in selected.split())])
    inside = root / "packages"
    assert wsnox("affected", "--explain", os.path.relpath(root / path, inside), root=inside).out == said


def test_what_runs_write_is_no_change(wsnox: Wsnox, root: Path) -> None:
    """Reports that git does not track, whatever they are called, select no session; data of tests and what git has, do."""
    report, junit = '{\n  "result": 1,\n  "sessions": []\n}', '<?xml version="1.0"?>\n<testsuites name="a"/>'
    reports = {
        "nox.json": report,
        "out/run.json": '{\n "version": 1,\n "wsnox": "1.0"}',
        "coverage.json": '{"meta": {"format": 3, "version": "7.0"}}',
        "junit.xml": junit,
        "coverage.xml": '<?xml version="1.0" ?>\n<!-- Generated\nby -->\n<!DOCTYPE coverage>\n<coverage version="7"></coverage>',
        "lcov.info": "TN:\nSF:a.py\n",
        ".coverage": "SQLite format 3\0",
        "packages/core/.coverage.host.1": "SQLite format 3\0",
        "packages/core/junit.xml": junit,
    }
    for path, text in reports.items():
        write(root / path, text)
        assert Answer(wsnox, root).names == [], path
        assert "no session runs" in wsnox("affected", "--explain", path, root=root).out
    write(root / "packages/core/tests/junit.xml", junit)
    assert Answer(wsnox, root).names == ["core", "workspace"]
    (root / "packages/core/tests/junit.xml").unlink()
    write(root / "other.json", "{}")
    assert Answer(wsnox, root).names == EVERYTHING
    (root / "other.json").unlink()
    git(root, "add", "nox.json")
    assert Answer(wsnox, root).names == EVERYTHING


def test_explain_as_data(wsnox: Wsnox, root: Path) -> None:
    """The same as JSON."""
    said = wsnox("affected", "--explain", "packages/core/x", "--json", root=root)
    assert json.loads(said.out) == {
        "version": 1,
        "path": "packages/core/x",
        "reason": "a file of `core`",
        "every_session": False,
        "packages": ["core"],
        "own_sessions_of": [],
        "tools": [],
        "session_names": [],
        "in_root": False,
        "sessions": [{"session": title} for title in ["core", "svc", "workspace"]],
    }


def test_data(wsnox: Wsnox, root: Path) -> None:
    """JSON has every reason with its fields."""
    write(root / "packages/core/src/core.py")
    data: dict[str, Any] = json.loads(wsnox("affected", "--since", "main", "--json", root=root).out)
    assert (data["since"], data["everything"]) == ("main", [])
    assert data["total"] >= len(EVERYTHING)
    svc = next(each for each in data["sessions"] if each["session"] == "svc")
    assert svc == {
        "session": "svc",
        "name": "svc",
        "python": None,
        "variant": None,
        "members": [{"name": "svc", "path": "packages/svc"}],
        "reasons": [
            {
                "kind": "member",
                "text": "core changed (packages/core/src/core.py)",
                "member": "core",
                "paths": ["packages/core/src/core.py"],
                "own": False,
            }
        ],
    }


def test_nox_takes_the_names(wsnox: Wsnox, root: Path) -> None:
    """`nox -s $(wsnox affected --since main)` runs just these, and nothing where there are none."""
    write_member(root / LONE.folder, MemberSpec("lone", dependencies=["num==1.0"], extras={"a": ["leaf"]}))
    lock(root)
    _configure(root, "[tool.wsnox.tasks.types]\nextras = [['a'], []]\nmembers = ['lone']\ncommands = ['python -V']\n")
    write(root / "packages/lone/src/lone.py")
    names = Answer(wsnox, root).names
    assert names == ["lone", "lone:types(a)", "lone:types(none)", "workspace"]
    listed = nox(root, "--json", "-l", "-s", *names)
    assert [each["session"] for each in json.loads(listed.said)] == names
    git(root, "checkout", "-q", ".")
    assert Answer(wsnox, root).names == []
    ran = nox(root, "-s")
    assert ran.code == 0
    assert "No sessions selected" in ran.said


def test_selected_by_default(root: Path) -> None:
    """`WSNOX_SINCE` leaves the affected sessions selected, those of the noxfile's functions too; others can be named."""
    write_noxfile(
        root,
        "import nox\nimport wsnox\n\nwsnox.sessions()\n\n\n@wsnox.member\ndef types(session, member):\n    print(member.name)\n"
        "\n\n@wsnox.integration('core', 'tool')\ndef pair(session, members):\n    pass\n"
        "\n\n@nox.session\ndef mine(session):\n    pass\n",
    )
    commit(root, "functions")
    git(root, "branch", "-f", "main")
    write(root / "packages/lone/src/lone.py")
    listed = nox(root, "-l", env={"WSNOX_SINCE": "main"})
    assert _starred(listed.lines) == ["lone", "workspace", "lone:types", "mine"]
    ran = nox(root, "-s", "core", env={"WSNOX_SINCE": "main"})
    assert ran.code == 0, ran.said
    everything = nox(root, "-l", env={"WSNOX_SINCE": "gone"})
    assert "wsnox: everything is affected since `gone`: git knows no revision `gone`" in everything.said
    assert _starred(everything.lines) == _starred(nox(root, "-l").lines)


def test_a_function_whose_member_is_new(root: Path) -> None:
    """Before there was no such session: it is selected, and one that could not be told before, without the others."""
    function = "@wsnox.integration('core', {0!r})\ndef with_{0}(session, members):\n    pass\n\n\n"
    write_noxfile(root, "import wsnox\n\n\n" + function.format("fresh") + function.format("lone"))
    commit(root, "functions")
    git(root, "branch", "-f", "main")
    _members(root, *MEMBERS, MemberSpec("fresh"))
    assert _starred(nox(root, "-l", env={"WSNOX_SINCE": "main"}).lines) == ["with_fresh"]


FUNCTIONS = """
import nox
import wsnox

wsnox.sessions()


@wsnox.member
def types(session, member):
    pass


@nox.session(python=["3.11", "3.12"])
@nox.parametrize("word", ["a b", "c"])
def odd(session, word):
    pass


@nox.session(default=False)
def never(session):
    pass
"""


def test_a_noxfile_that_never_calls_wsnox(wsnox: Wsnox, root: Path) -> None:
    """Nox would refuse every name: that is said here, and nothing counts as affected."""
    write_noxfile(root, "import wsnox\n")
    said = wsnox("affected", "--since", "HEAD", root=root)
    assert (said.code, said.out) == (5, "WSNOX_AFFECTED_FAILED\n")
    assert "/noxfile.py` imports wsnox and never calls it" in said.err
    assert said.err.endswith("hint: add `wsnox.sessions()` to it\n")


def test_sessions_of_the_noxfile(wsnox: Wsnox, root: Path) -> None:
    """Functions of the noxfile are affected of nox: those of wsnox where they are affected, all others that plain nox runs."""
    write_noxfile(root, FUNCTIONS)
    commit(root, "functions")
    git(root, "branch", "-f", "main")
    odd = ["odd", "odd-3.11(word='c')", "odd-3.12(word='c')"]
    assert Answer(wsnox, root).names == odd
    write(root / "packages/lone/src/lone.py")
    affected = Answer(wsnox, root)
    assert affected.names == ["lone", "workspace", "lone:types", *odd]
    assert affected.why("odd") == ["defined by the noxfile, which selects it"]
    listed = nox(root, "--json", "-l", "-s", *affected.names)
    assert {each["name"] for each in json.loads(listed.said)} == {"lone", "workspace", "lone:types", "odd"}
    data = json.loads(wsnox("affected", "--since", "main", "--json", root=root).out)
    assert data["sessions"][3] == {
        "session": "odd",
        "name": "odd",
        "python": None,
        "variant": None,
        "members": [],
        "reasons": [{"kind": "noxfile", "text": "defined by the noxfile, which selects it"}],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import wsnox\n\nwsnox.sessions(\n", "SyntaxError"),
        ("import wsnox_of_nobody\n", "wsnox_of_nobody"),
        ("import wsnox\n\nwsnox.sessions()\nraise SystemExit(0)\n", "nox cannot list the sessions"),
    ],
    ids=["syntax", "import", "exit"],
)
def test_a_noxfile_that_cannot_be_loaded(wsnox: Wsnox, root: Path, text: str, said: str) -> None:
    """What it defines cannot be told, so the command fails, and so does nox where it is given what the command printed."""
    write(root / "noxfile.py", text)
    answer = wsnox("affected", "--since", "main", root=root)
    assert (answer.code, answer.out) == (5, "WSNOX_AFFECTED_FAILED\n")
    assert said in answer.err
    matrix = wsnox("matrix", "--format", "github", root=root)
    assert (matrix.code, matrix.out) == (5, "")


@pytest.mark.parametrize(
    "words", [("--since", "main"), ("--sicne", "main"), (), ("--since", "main", "--root", "nowhere")], ids=" ".join
)
def test_a_failure_is_a_name_that_nox_refuses(
    wsnox: Wsnox, root: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """`nox -s $(wsnox affected ...)` must not succeed because the inner command failed."""
    good = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", "[tool\n")
    try:
        code, out = (answer := wsnox("affected", *words, root=root)).code, answer.out
    except SystemExit as ended:
        code, out = int(str(ended.code)), capsys.readouterr().out
    assert code
    write(root / "pyproject.toml", good)
    ran = nox(root, "-s", *out.split())
    assert ran.code == 3
    assert "Sessions not found: WSNOX_AFFECTED_FAILED" in ran.said


@pytest.mark.parametrize("words", [("--since", "main", "--json"), ("--explain", "x")], ids=["json", "explain"])
def test_a_failure_is_no_name_elsewhere(wsnox: Wsnox, root: Path, words: tuple[str, ...]) -> None:
    """An error is one of JSON, too, and whoever wants names asks for none of it."""
    write(root / "pyproject.toml", "[tool\n")
    answer = wsnox("affected", *words, root=root)
    assert answer.code == 3
    assert "FAILED" not in answer.out


@pytest.mark.parametrize("command", [("affected", "--since", "main"), ("matrix", "--format", "github")])
def test_no_session_at_all(wsnox: Wsnox, root: Path, command: tuple[str, ...]) -> None:
    """Where no Python fits any member, that nothing is affected is no answer."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    write(root / "pyproject.toml", text.replace("[tool.wsnox]", "[tool.wsnox]\npythons = ['3.9']"))
    answer = wsnox(*command, root=root)
    assert answer.code == 5
    assert "there is no session, on these Pythons" in answer.err


def test_nothing_is_opened_without_the_variable(root: Path) -> None:
    """Without `WSNOX_SINCE` no git runs, and no lockfile is read."""
    (root / "uv.lock").unlink()
    assert nox(root, "-l", env={"PATH": "/nonexistent"}).code == 0


def test_auto(wsnox: Wsnox, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it stands for is said with why, to whoever asks: this command, the matrix, and nox."""
    write(root / "packages/lone/src/lone.py")
    commit(root, "lone")
    before = git(root, "rev-parse", "HEAD").strip()
    write(root / "packages/core/src/core.py")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": before, "repository": {"default_branch": "main"}}), encoding="utf-8")
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event)}
    environ["GITHUB_REF"] = "refs/heads/main"
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    since = f"since `{before[:7]}` (the commit before this push)"
    affected = Answer(wsnox, root, "--since", "auto")
    assert affected.names == ["core", "svc", "workspace"]
    assert affected.said[0].startswith(f"3 sessions affected {since}, of ")
    data = json.loads(wsnox("affected", "--since", "auto", "--json", root=root).out)
    assert (data["since"], data["base"]) == ("auto", {"revision": before, "words": "the commit before this push"})
    comment = wsnox("affected", "--since", "auto", "--format", "markdown", root=root).out
    assert f" sessions affected {since}" in comment
    matrix = wsnox("matrix", "--format", "github", "--since", "auto", root=root)
    assert matrix.err.splitlines()[0] == f"3 sessions affected {since}, in 3 jobs"
    listed = nox(root, "-l", env={**environ, "WSNOX_SINCE": "auto"})
    assert f"sessions are affected {since}" in listed.said
    assert _starred(listed.lines) == affected.names
    monkeypatch.setenv("GITHUB_EVENT_NAME", "schedule")
    affected = Answer(wsnox, root, "--since", "auto")
    assert (affected.names, affected.why("everything")) == (EVERYTHING, ["a scheduled run covers everything"])
    assert json.loads(wsnox("affected", "--since", "auto", "--json", root=root).out)["base"] is None
