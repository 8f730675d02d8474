"""Listing and warm sessions of the real nox: no process besides the commands, and no module that parses a lockfile."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions.running import configure, nox, site_of, without_uv, write_noxfile
from tests.support.workspaces import MemberSpec, lock, write_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

# The hook hears only what wsnox does: nox, too, may ask uv for its version.
NOXFILE = """
import os
import sys
import traceback

import wsnox

STARTS = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "os.system"}
# Not just the word in a path: the clone that holds nox and the environment may be called so, too.
PACKAGE = os.path.join(os.path.dirname(wsnox.__file__), "")
heard = []


def hear(event, arguments):
    if event in STARTS and any(frame.filename.startswith(PACKAGE) for frame in traceback.extract_stack()):
        heard.append(event)
    elif event == "open" and str(arguments[0]).endswith("uv.lock"):
        heard.append("uv.lock")


sys.addaudithook(hear)


@wsnox.member
def quiet(session, member):
    print("heard", *heard)
    print("imported", *sorted(name for name in sys.modules if name.startswith("wsnox.")))
"""
HEAVY = (
    "wsnox.lock",
    "wsnox.closure",
    "wsnox.environment.prepare",
    "wsnox.environment.verify",
    "wsnox.environment.interpreter",
    "wsnox.environment.installers",
    "wsnox.environment.site_packages",
)


@pytest.mark.parametrize(("installer", "editable"), [("uv", True), ("uv", False), ("pip", True)])
def test_a_warm_session(workspace: WorkspaceFactory, installer: str, *, editable: bool) -> None:
    """The second run starts nothing, opens the lockfile once, and imports nothing that could parse it."""
    settings: dict[str, Any] = {"editable": editable}
    root = write_noxfile(workspace(MemberSpec("member", dependencies=["leaf"]), wsnox=settings), NOXFILE)
    env = without_uv() if installer == "pip" else {}
    cold = nox(root, "-s", "member:quiet", env=env)
    assert cold.code == 0, cold.said
    assert "subprocess.Popen" in cold.line("heard").split()
    warm = nox(root, "-s", "member:quiet", env=env)
    assert (warm.code, warm.line("heard")) == (0, "heard uv.lock"), warm.said
    assert "2 distributions, exactly its locked closure" in warm.said
    imported = warm.line("imported").split()[1:]
    assert "wsnox.environment.inputs" in imported
    assert [name for name in imported if name.startswith(HEAVY)] == []


def _tree(root: Path) -> dict[str, tuple[int, int]]:
    """Return every path below *root* with size and time, but for byte code, folders, interpreters and the record of the run."""
    files = (path for path in root.rglob("*") if not path.is_dir() or path.is_symlink())
    stats = {
        str(path.relative_to(root)): path.lstat()
        for path in files
        if not {"__pycache__", "interpreters", "run.json"} & {*path.parts}
    }
    return {path: (state.st_size, state.st_mtime_ns) for path, state in stats.items()}


CHANGES = (
    "the-lockfile",
    "a-stray",
    "a-lost-file",
    "a-build-input",
    "sources-of-a-wheel",
    "unfinished",
    "other-settings",
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return a locked workspace that each change finds, and leaves, in order."""
    member = MemberSpec("member", dependencies=["leaf"])
    root = write_workspace(tmp_path_factory.mktemp("warm") / "workspace", [member], index=wheelhouse)
    lock(root)
    return root


@pytest.mark.parametrize("change", CHANGES)
def test_what_may_not_be_mended(shared: Path, change: str) -> None:
    """Under ``-R`` a stale environment fails its session with the reason, and not a byte changes on disk."""
    root, locked = shared, (shared / "uv.lock").read_text(encoding="utf-8")
    configure(root, {"commands": [], "editable": change != "sources-of-a-wheel"})
    assert nox(root, "-s", "member").code == 0
    assert nox(root, "-R", "-s", "member").code == 0
    member, site = root / "packages" / "member", site_of(root, "member")
    match change:
        case "the-lockfile":
            (root / "uv.lock").write_text(locked.replace("2.1", "2.2"), encoding="utf-8")
            reason = "! leaf 2.2: installed as 2.1"
        case "a-stray":
            (site / "stray.py").touch()
            reason = "+ stray.py in site-packages"
        case "a-lost-file":
            (site / "leaf" / "py.typed").unlink()
            reason = "! leaf 2.1: installed only in part"
        case "a-build-input":
            (member / "setup.cfg").touch()
            reason = "! member: its sources changed since it was installed"
        case "sources-of-a-wheel":
            (member / "src" / "member.py").write_text("changed = True\n", encoding="utf-8")
            reason = "! member: its sources changed since it was installed"
        case "unfinished":
            (root / ".nox" / "member" / "wsnox" / "stamp.json").write_text("{")
            reason = "! its last preparation did not finish"
        case _:
            (root / ".nox" / "member" / "pyvenv.cfg").write_text("home = /nowhere\n")
            reason = "! its `pyvenv.cfg` is not the one that it was proven with"
    before = _tree(root)
    ran = nox(root, "-R", "-s", "member")
    assert (ran.code, "Traceback" in ran.said) == (1, False), ran.said
    told = f"Session member aborted: the environment is not exactly the locked closure of member:\n  {reason}"
    assert told in ran.said, ran.said
    repair = "recreated" if change in ("unfinished", "other-settings") else "repaired"
    assert f"\n\nhint: run nox without `-R`, so that it can be {repair}" in ran.said, ran.said
    assert _tree(root) == before
    # Without it the next run repairs what it said.
    (root / "uv.lock").write_text(locked, encoding="utf-8")
    assert nox(root, "-s", "member").code == 0
    assert nox(root, "-R", "-s", "member").code == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the audit hook looks for POSIX paths")
def test_listing_opens_no_lockfile_and_starts_nothing(workspace: WorkspaceFactory) -> None:
    """Listing opens no lockfile, starts no process, and imports nothing of the floors that a session needs."""
    hook = """\
import os
import sys


def watch(event, arguments):
    if event == "open" and str(arguments[0]).endswith("uv.lock"):
        os.abort()
    if event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork"):
        os.abort()


sys.addaudithook(watch)
import wsnox

wsnox.sessions()
heavy = [name for name in sys.modules if name.startswith(("wsnox.environment.p", "wsnox.closure.r", "wsnox.lock."))]
if heavy:
    raise SystemExit(f"imported: {heavy}")
"""
    root = write_noxfile(workspace(MemberSpec("project-a")), hook)
    ran = nox(root, "-l")
    assert (ran.code, "* project-a" in ran.said, "- workspace" in ran.said) == (0, True, True), ran.said
