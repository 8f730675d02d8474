"""What a session does is its own affair: the environment that is prepared meanwhile is as if nox had made it after that."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.sessions.running import nox, write_noxfile
from tests.sessions.test_ahead import FIRST, SECOND, commands
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="nothing is prepared ahead there"),
]

# Whatever is prepared ahead leaves `begun` and, when it has ended, `seen`.
SPY = """
import os, pathlib, time
import wsnox
from wsnox.noxfile.preparation import Preparation

folder, prepare = pathlib.Path(__file__).parent, Preparation._prepare

def prepare_seen(preparation):
    (folder / "begun").touch()
    prepare(preparation)
    (folder / "seen").touch()

Preparation._prepare = prepare_seen

def wait_for(path):
    for _ in range(3000):
        if path.exists():
            return
        time.sleep(0.01)
    raise SystemExit(f"{path} does not appear")

wsnox.sessions()
"""


def instead_of_uv(folder: Path, code: str) -> dict[str, str]:
    """Return the variables for nox under which each uv of wsnox runs *code* first, which has its arguments in `words`."""
    program = folder / "uv"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, sys, time\nwords, folder = sys.argv[1:], pathlib.Path({str(folder)!r})\n"
        f"{code}\nos.execv({shutil.which('uv')!r}, ['uv', *words])\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return {"UV": str(program)}


def test_a_function_may_fork(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """A copy of nox's process that outlives its session holds nothing up: nox reaches the second session while it is there."""
    root = commands(workspace(FIRST, SECOND), ["python", "-c", "pass"], ["python", "-c", "open('../../ran', 'w')"])
    function = """
@wsnox.member("first")
def forks(session, member):
    wait_for(folder / "syncing")
    if os.fork() == 0:
        for _ in range(3000):
            if (folder / "ran").exists(): os._exit(0)
            time.sleep(0.01)
        (folder / "held-up").touch()
        os._exit(0)
    (folder / "forked").touch()
"""
    write_noxfile(root, SPY + function)
    # The sync of the second environment is under way when the function forks.
    code = (
        f"root = pathlib.Path({str(root)!r})\n"
        """
if words[:2] == ["pip", "sync"] and os.getsid(0) == os.getpid():
    (root / "syncing").touch()
    while not (root / "forked").exists(): time.sleep(0.01)
"""
    )

    ran = nox(root, "-s", "first:forks", "second", env=instead_of_uv(tmp_path, code))

    assert ran.results == {"first:forks": "success", "second": "success"}, ran.said
    assert (root / "begun").exists()
    assert not (root / "held-up").exists()
    assert ran.line("second:") == "second: 2 distributions, exactly its locked closure"


def test_a_function_may_set_variables(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """What it has set for a while is not seen by an installation ahead, which gets the variables that nox would give it."""
    root = commands(workspace(FIRST, SECOND), ["python", "-c", "pass"], ["python", "-c", "pass"])
    function = """
@wsnox.member("first")
def sets(session, member):
    os.environ["OF_A_FUNCTION"] = "1"
    wait_for(folder / "seen")
    del os.environ["OF_A_FUNCTION"]
"""
    write_noxfile(root, SPY + function)
    note = "with (folder / 'noted').open('a') as file: print(json.dumps(sorted(os.environ)), file=file)"
    code = f"if words[:2] == ['pip', 'sync']:\n    {note}\n"

    ran = nox(root, "-s", "first:sets", "second", env=instead_of_uv(tmp_path, code))

    assert ran.results == {"first:sets": "success", "second": "success"}, ran.said
    by_nox, ahead = map(json.loads, (tmp_path / "noted").read_text(encoding="utf-8").splitlines())
    assert ahead == by_nox


def test_what_requires_the_session_waits_for_it(workspace: WorkspaceFactory) -> None:
    """A session that requires another is installed after that: its commands may make what is then built or installed."""
    second = MemberSpec("second", dependencies=["leaf"], tool={"wsnox": {"requires": ["first"]}})
    root = workspace(FIRST, second, MemberSpec("third"), wsnox={"commands": [["python", "-c", "pass"]]})
    write_noxfile(root, SPY)

    assert nox(root, "-s", "first", "second").code == 0
    assert not (root / "begun").exists()

    assert nox(root, "-s", "second", "third").code == 0
    assert (root / "begun").exists()


def test_a_tree_is_not_built_beside_its_own_commands(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """They may build it as well, and builds write into the tree: its wheel for the next session waits."""
    application = MemberSpec("application", dependencies=["first"], tool={"wsnox": {"editable": False}})
    root = workspace(FIRST, application, wsnox={"commands": [["python", "-c", "pass"]]})
    function = """
@wsnox.member("first")
def builds(session, member):
    (folder / "building").touch()
    wait_for(folder / "seen")
    (folder / "building").unlink()
"""
    write_noxfile(root, SPY + function)
    building = f"pathlib.Path({str(root / 'building')!r}).exists()"
    code = f"if words[0] == 'build':\n    with (folder / 'noted').open('a') as file: print(words[-1], {building}, file=file)\n"

    ran = nox(root, "-s", "first:builds", "application", env=instead_of_uv(tmp_path, code))

    assert ran.results == {"first:builds": "success", "application": "success"}, ran.said
    built = (tmp_path / "noted").read_text(encoding="utf-8").splitlines()
    assert f"{root}/packages/first False" in built
    assert f"{root}/packages/first True" not in built
