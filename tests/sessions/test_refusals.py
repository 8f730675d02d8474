"""What a session refuses: one sentence, a hint, no traceback, an exit code that is not zero."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.freshness.support import set_key
from tests.sessions.running import Ran, configure, distributions, nox, without_uv
from tests.support.wheels import Wheel, build_wheel
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

NOTHING: dict[str, Any] = {"commands": []}
A = MemberSpec("project-a", dependencies=["pyhumps"])


def _refused(ran: Ran, session: str = "project-a") -> str:
    """Return the text with which the session was refused, and see to it that it is the whole end of the run."""
    assert ran.code == 1, ran.said
    assert "Traceback" not in ran.said
    start = f"nox > Session {session} aborted: "
    assert ran.said.count(start) == 1, ran.said
    # nox puts a full stop behind it.
    return ran.said.partition(start)[2].partition("nox > ")[0].strip().removesuffix(".")


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace of one member that needs pyhumps."""
    return workspace(A, wsnox=NOTHING)


# --- the lockfile ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "sentence", "hint"),
    [
        (None, None, "`[ROOT]/uv.lock` does not exist", "run `uv lock`"),
        (
            "version = 1\n",
            "version = 2\n",
            "`[ROOT]/uv.lock` has lockfile version `2`, and this wsnox reads version `1`",
            "upgrade wsnox, or delete `uv.lock` and run `uv lock` with a uv that writes version 1",
        ),
        (
            "[[package]]",
            "[[package",
            "`[ROOT]/uv.lock`: not TOML",
            "restore `uv.lock` as it was committed, or delete it, then run `uv lock`",
        ),
    ],
    ids=["absent", "of-another-version", "broken"],
)
def test_a_lockfile_that_cannot_be_read(root: Path, old: str | None, new: str, sentence: str, hint: str) -> None:
    """One that is absent, of a version to come, or edited by hand is refused by its name, and the hint works."""
    text = (root / "uv.lock").read_text(encoding="utf-8")
    (root / "uv.lock").unlink()
    if old is not None:
        (root / "uv.lock").write_text(text.replace(old, new, 1), encoding="utf-8")
    refusal, _, help_ = _refused(nox(root, "-s", "project-a")).partition("\n\nhint: ")
    assert refusal.startswith(sentence)
    assert help_ == hint


def test_a_member_that_is_not_locked(root: Path, wheelhouse: Path) -> None:
    """A member that was added and not locked stops the session, whichever member it is of."""
    write_workspace(root, [A, MemberSpec("project-b")], index=wheelhouse, wsnox=NOTHING)
    text = _refused(nox(root, "-s", "project-a"))
    assert "`project-b`" in text
    assert text.endswith("\n\nhint: run `uv lock`")


@pytest.mark.parametrize("parallel", [False, True])
def test_what_stops_every_session_is_said_once(workspace: WorkspaceFactory, tmp_path: Path, *, parallel: bool) -> None:
    """By the first of them, before any environment is made; all of them fail, in the report, too, and in the next run."""
    root = workspace(*(MemberSpec(name) for name in ("a", "b", "c")), wsnox=NOTHING)
    manifest = root / "packages/b/pyproject.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"1.0"', '"1.1"'), encoding="utf-8")
    report = tmp_path / "report.json"
    for _ in range(2):
        ran = nox(root, "--report", str(report), *(["-j", "3"] if parallel else []))
        assert (ran.code, ran.results) == (1, dict.fromkeys(("a", "b", "c"), "aborted"))
        assert ran.said.count("the version of `b` is `1.1` now") == 1, ran.said
        reasons = [session["reason"] for session in json.loads(report.read_text(encoding="utf-8"))["sessions"]]
        (first,) = (name for name, reason in zip("abc", reasons, strict=True) if "1.1" in reason)
        # Beside each other, one may look before the first has written down its name.
        names = (first, "another session") if parallel else (first,)
        assert {*sorted(reasons)[1:]} <= {f"not run, for the same reason as `{name}`" for name in names}
        assert [path.name for path in (root / ".nox").iterdir()] == [".wsnox"]
    assert nox(root, "-x").results == {"a": "aborted"}


def test_a_project_beside_the_workspace_that_cannot_be_read(workspace: WorkspaceFactory) -> None:
    """Its manifest is read with the lockfile, and stops all sessions as a member's would, in one sentence."""
    source = {"sources": {"far": {"path": "../far"}}}
    root = workspace(MemberSpec("a", dependencies=["far"]), MemberSpec("b"), wsnox=NOTHING, uv=source, locked=False)
    far = root.parent / "far/pyproject.toml"
    far.parent.mkdir()
    far.write_text('[project]\nname = "far"\nversion = "1"\n', encoding="utf-8")
    lock(root)
    far.write_text("[project", encoding="utf-8")
    ran = nox(root)
    assert ran.results == dict.fromkeys(("a", "b"), "aborted"), ran.said
    assert ran.said.count("far/pyproject.toml`: not TOML") == 1, ran.said


@pytest.mark.parametrize("required", ["==0.1.0", "0.1.0", "<0.2"])
def test_a_uv_that_the_workspace_does_not_want(workspace: WorkspaceFactory, required: str) -> None:
    """Nox asks uv for a Python, which uv refuses: the sessions fail for that reason, where nox would skip them."""
    root = workspace(A, wsnox=NOTHING)
    # A `uv.toml` beside it would hide the index.
    set_key(root, "tool.uv.required-version", required)
    ran = nox(root)
    assert (ran.code, set(ran.results.values())) == (1, {"aborted"}), ran.said
    assert ran.said.count(f"`required-version` in `[tool.uv]` is `{required}`") == 1
    pin = required if required.startswith(("=", "<")) else f"=={required}"
    assert f'hint: install that uv, as with `python -m pip install "uv{pin}"`, or change `required-version`' in ran.said


# --- the request ----------------------------------------------------------------------------------------------------


def test_members_that_conflict(workspace: WorkspaceFactory) -> None:
    """Members that exclude each other pass one by one; the session of all is refused with the set they declare."""
    conflicts = [[{"package": "project-a"}, {"package": "project-b"}]]
    root = workspace(
        *(MemberSpec("project-a", dependencies=["num==1.0"]), MemberSpec("project-b", dependencies=["num==2.0"])),
        uv={"conflicts": conflicts},
        wsnox=NOTHING,
    )
    ran = nox(root, "-s", "project-a", "project-b", "workspace")
    assert ran.results == {"project-a": "success", "project-b": "success", "workspace": "aborted"}, ran.said
    assert _refused(ran, "workspace") == (
        "`project-a` and `project-b` are incompatible with the declared conflict {project-a, project-b}\n\n"
        "hint: request one of them at a time"
    )
    assert not (root / ".nox/workspace").exists()


@pytest.mark.parametrize("parallel", [False, True])
def test_tests_without_pytest_are_said_once(
    workspace: WorkspaceFactory, wheelhouse_with_pytest: Path, *, parallel: bool
) -> None:
    """One sentence for all members that one line helps, and another for the one that needs something else."""
    tests = {"test_it.py": "def test_it():\n    pass\n"}
    members = [MemberSpec(name, tests=tests) for name in ("a", "b", "c")]
    own = MemberSpec("own", tests=tests, groups={"test": ["pytest"]})
    root = workspace(*members, own, index=wheelhouse_with_pytest, root_groups={"ci": ["pytest"]})
    ran = nox(root, *(["-j", "2"] if parallel else []), "-t", "member")
    assert (ran.code, set(ran.results.values())) == (1, {"aborted"}), ran.said
    assert ran.said.count("`a`, `b`, `c` have tests, but their closures have no pytest") == 1, ran.said
    assert ran.said.count("not run, for the same reason as") == 2
    assert ran.said.count("`tests` of `own` holds tests") == 1
    assert not any(distributions(root, name) for name in ("a", "b", "c", "own"))
    configure(root, {"root-groups": ["ci"]})
    assert nox(root, "-t", "member").results == dict.fromkeys(("a", "b", "c", "own"), "success")


# --- installs -------------------------------------------------------------------------------------------------------


def _own_wheelhouse(tmp_path: Path, wheelhouse: Path) -> Path:
    return Path(shutil.copytree(wheelhouse, tmp_path / "own"))


def test_a_wheel_that_is_gone(workspace: WorkspaceFactory, tmp_path: Path, wheelhouse: Path) -> None:
    """A file that the lockfile names and the folder lost is told by its name."""
    own = _own_wheelhouse(tmp_path, wheelhouse)
    root = workspace(A, index=own, wsnox=NOTHING)
    (own / "pyhumps-3.8.0-py3-none-any.whl").unlink()
    ran = nox(root, "-s", "project-a")
    text = _refused(ran).replace(str(own), "[OWN]").partition(" (took")[0]
    assert text.startswith("wsnox could not install the locked closure of ")
    assert "`[OWN]/pyhumps-3.8.0-py3-none-any.whl`, which the lockfile names for `pyhumps`, cannot be read" in text


@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_a_wheel_with_another_hash(workspace: WorkspaceFactory, tmp_path: Path, installer: str) -> None:
    """A file whose hash is not the locked one is never installed, and the installer's own words say which."""
    wheel = build_wheel(tmp_path, Wheel("direct", "1.0"))
    member = MemberSpec("project-a", dependencies=["direct"])
    root = workspace(member, uv={"sources": {"direct": {"path": str(wheel)}}}, wsnox=NOTHING)
    assert "hash = " in (root / "uv.lock").read_text(encoding="utf-8")
    build_wheel(tmp_path, Wheel("direct", "1.0", modules={"direct.py": "evil = True\n"}))
    ran = nox(root, "-s", "project-a", env=without_uv() if installer == "pip" else {})
    assert _refused(ran).startswith(f"{'uv' if installer == 'uv' else 'python'} could not install") or _refused(
        ran
    ).startswith(f"{installer} could not install the locked closure of project-a")
    assert "sha256:" in ran.said.replace("sha256 ", "sha256:") or "HASHES" in ran.said
    assert "direct-1.0" not in distributions(root, "project-a")


def test_a_member_that_does_not_build(workspace: WorkspaceFactory) -> None:
    """A member whose build fails ends its session with the builder's own words and a sentence."""
    root = workspace(MemberSpec("project-a"), wsnox=NOTHING)
    (root / "packages" / "project-a" / "wsnox_test_backend.py").write_text("raise SystemExit('no backend today')\n")
    ran = nox(root, "-s", "project-a")
    assert ran.code == 1
    assert "no backend today" in ran.said
    assert "uv could not install the locked closure of project-a" in ran.said


# --- nox's own options ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--no-venv"], ["--force-venv-backend", "none"]], ids=" ".join)
def test_no_environment_of_its_own(root: Path, arguments: list[str]) -> None:
    """Without an environment of its own nothing could be proven, and nothing outside is touched."""
    assert _refused(nox(root, *arguments, "-s", "project-a")) == (
        "wsnox needs a virtual environment of its own, and the backend is `none`\n\n"
        "hint: run nox without `--no-venv`, or with `--force-venv-backend` as `uv`, `virtualenv` or `venv`"
    )


def test_relocking_under_no_install(workspace: WorkspaceFactory, wheelhouse: Path) -> None:
    """Under ``-R`` every kind of change of the lock is told at once, and nothing is installed or removed."""
    members = [MemberSpec("project-a", dependencies=["pyhumps", "leaf"])]
    root = workspace(*members, wsnox=NOTHING)
    assert nox(root, "-s", "project-a").code == 0
    before = distributions(root, "project-a")
    write_workspace(
        root, [MemberSpec("project-a", dependencies=["pyhumps==3.7.3", "num"])], index=wheelhouse, wsnox=NOTHING
    )
    lock(root)
    text = _refused(nox(root, "-R", "-s", "project-a"))
    assert text.splitlines()[:4] == [
        "the environment is not exactly the locked closure of project-a:",
        "  + leaf 2.1",
        "  - num 2.0",
        "  ! pyhumps 3.7.3: installed as 3.8.0",
    ]
    assert distributions(root, "project-a") == before


def test_install_only(workspace: WorkspaceFactory) -> None:
    """``--install-only`` prepares and proves, and runs no command."""
    root = workspace(A, wsnox={"commands": ["python -c \"raise SystemExit('ran')\""]})
    ran = nox(root, "--install-only", "-s", "project-a")
    assert (ran.code, ran.line("project-a: ")) == (0, "project-a: 2 distributions, exactly its locked closure")
    assert distributions(root, "project-a") == {"project_a-1.0", "pyhumps-3.8.0"}


def test_never_reusing(root: Path) -> None:
    """``--reuse-venv=never`` begins with an empty environment each time."""
    assert nox(root, "-s", "project-a").code == 0
    mark = root / ".nox" / "project-a" / "mark"
    mark.touch()
    ran = nox(root, "--reuse-venv=never", "-s", "project-a")
    assert (ran.code, mark.exists(), "Creating virtual environment" in ran.said) == (0, False, True)
    mark.touch()
    assert nox(root, "-s", "project-a").code == 0
    assert mark.exists()


def test_seeds_are_removed(root: Path) -> None:
    """What another backend puts into an environment of its own accord is removed and named, where uv installs."""
    ran = nox(root, "--force-venv-backend", "virtualenv", "-s", "project-a")
    assert ran.code == 0, ran.said
    assert "(removed pip " in ran.line("project-a: 2")
    assert distributions(root, "project-a") == {"project_a-1.0", "pyhumps-3.8.0"}


def test_another_envdir(root: Path, tmp_path: Path) -> None:
    """``--envdir`` moves the environments and nothing else."""
    assert nox(root, "--envdir", str(tmp_path / "envs"), "-s", "project-a").code == 0
    assert not (root / ".nox").exists()
    assert (tmp_path / "envs" / "project-a").is_dir()
