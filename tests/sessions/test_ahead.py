"""The next session's environment is prepared while commands run: sooner, but with the same output, results and proof."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.environment.interpreters import path_with
from tests.sessions.running import OFFLINE, configure, distributions, nox, site_of, write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="nothing is prepared ahead there"),
]

FIRST, SECOND = MemberSpec("first", dependencies=["pyhumps"]), MemberSpec("second", dependencies=["leaf"])

# It ends as soon as the environment of the session `second` is proven, and fails if that is not before its own end.
AWAITED = """
import json, pathlib, sys, time
stamp = pathlib.Path(sys.prefix).parent / "second" / "wsnox" / "stamp.json"
for _ in range(3000):
    try:
        if json.loads(stamp.read_text())["directories"]:
            break
    except (OSError, ValueError):
        pass
    time.sleep(0.01)
else:
    sys.exit("the environment of `second` is not prepared while this runs")
"""


def commands(root: Path, first: list[str], second: list[str]) -> Path:
    """Let the two members run these commands, each in a session of its own."""
    for member, command in (("first", first), ("second", second)):
        manifest = root / "packages" / member / "pyproject.toml"
        own = manifest.read_text(encoding="utf-8").partition("\n[tool.wsnox]")[0]
        words = ", ".join(f"'''{word}'''" for word in command)
        manifest.write_text(f"{own}\n[tool.wsnox]\ncommands = [[{words}]]\n", encoding="utf-8")
    return write_noxfile(root)


def change_lockfile(root: Path) -> None:
    """Make the lockfile another, which says the same: nothing is proven for it."""
    lockfile = root / "uv.lock"
    lockfile.write_text(f"{lockfile.read_text(encoding='utf-8')}\n# another\n", encoding="utf-8")


def test_it_is_prepared_while_commands_run(workspace: WorkspaceFactory) -> None:
    """The commands of the first session can see the second's environment, proven; the output is in order, each line once."""
    root = commands(workspace(FIRST, SECOND), ["python", "-c", AWAITED], ["python", "-c", "import leaf, second"])

    ran = nox(root, "-s", "first", "second")

    assert ran.code == 0, ran.said
    told = [line for line in ran.lines if line.startswith(("Running", "Creating", "second:", "first:", "Session"))]
    assert told == [
        "Running session first",
        "Creating virtual environment (uv) using python in .nox/first",
        "first: 2 distributions, exactly its locked closure",
        "Session first was successful.",
        "Running session second",
        "Creating virtual environment (uv) using python in .nox/second",
        "second: 2 distributions, exactly its locked closure",
        "Session second was successful.",
    ]
    assert "Reusing" not in ran.said
    assert distributions(root, "second") == {"leaf-2.1", "second-1.0"}


def test_a_preparation_that_fails_is_reported_once_and_where_it_belongs(workspace: WorkspaceFactory) -> None:
    """What went wrong ahead is not shown; the session meets it again, and those after it run."""
    root = workspace(FIRST, SECOND, MemberSpec("third"))
    (root / "packages" / "second" / "tests").mkdir()
    (root / "packages" / "second" / "tests" / "test_it.py").write_text("", encoding="utf-8")
    configure(root, {"commands": [["python", "-c", "pass"]]})
    manifest = root / "packages" / "second" / "pyproject.toml"
    manifest.write_text(
        f'{manifest.read_text(encoding="utf-8")}\n[tool.wsnox]\ndirectory = "missing"\n', encoding="utf-8"
    )

    ran = nox(root, "-s", "first", "second", "third")

    assert ran.results == {"first": "success", "second": "aborted", "third": "success"}
    assert ran.said.count("is not a directory") == 1
    assert ran.said.index("Running session second") < ran.said.index("is not a directory")


def test_an_error_ahead_is_said_where_a_session_meets_it(workspace: WorkspaceFactory) -> None:
    """The lockfile is stale while the second is prepared ahead, and again for the third, which then says so itself."""
    stale = (
        "import pathlib, sys, time\nroot = pathlib.Path(sys.prefix).parent.parent\nlock = root / 'uv.lock'\n"
        "text = lock.read_text()\nlock.write_text(text.replace('name = \"leaf\"', 'name = \"other\"'))\n"
        "(root / 'stale').touch()\n"
    )
    fresh = "while not (root / 'seen').exists(): time.sleep(0.01)\nlock.write_text(text)\n"
    root = workspace(FIRST, SECOND, MemberSpec("third"))
    commands(root, ["python", "-c", stale + fresh], ["python", "-c", stale])
    noxfile = """
import pathlib, time
import wsnox
from wsnox.noxfile.preparation import Preparation

prepare = Preparation._prepare

def prepare_when_stale(preparation):
    folder = pathlib.Path(__file__).parent
    for _ in range(3000):
        if (folder / "stale").exists():
            break
        time.sleep(0.01)
    prepare(preparation)
    (folder / "seen").touch()

Preparation._prepare = prepare_when_stale
wsnox.sessions()
"""
    write_noxfile(root, noxfile)

    ran = nox(root, "-s", "first", "second", "third")

    assert ran.results == {"first": "success", "second": "success", "third": "aborted"}, ran.said
    assert "not run, for the same reason" not in ran.said


# In the place of uv: the sync number *fails* of a run does nothing and fails.
FAILS = """\
#!{python}
import os, pathlib, sys
syncs = pathlib.Path({syncs!r})
if sys.argv[1:3] == ["pip", "sync"]:
    with syncs.open("a") as file:
        print(file=file)
    if len(syncs.read_text()) == {fails}:
        sys.exit("no disk, no network, no luck")
os.execv({uv!r}, ["uv", *sys.argv[1:]])
"""


@pytest.mark.parametrize("environment", ["absent", "there"])
def test_a_failure_that_passes_is_not_seen(workspace: WorkspaceFactory, tmp_path: Path, environment: str) -> None:
    """What fails ahead, and not when nox does it, leaves nothing that nox would speak of: no line, no half of an environment."""
    waits = (
        "import pathlib, time\nfor _ in range(3000):\n    if len(pathlib.Path({!r}).read_text()) > 1: break\n"
        "    time.sleep(0.01)\nelse: raise SystemExit('nothing is prepared ahead')\n"
    )
    syncs, failing, uv = tmp_path / "syncs", tmp_path / "uv", shutil.which("uv")
    script = FAILS.format(python=sys.executable, syncs=str(syncs), fails=2, uv=uv)
    failing.write_text(script, encoding="utf-8")
    failing.chmod(0o755)
    root = commands(
        workspace(FIRST, SECOND), ["python", "-c", waits.format(str(syncs))], ["python", "-c", "import leaf, second"]
    )
    if environment == "there":
        assert nox(root, "--install-only", "-s", "second").code == 0
        change_lockfile(root)

    ran = nox(root, "-s", "first", "second", env={"UV": str(failing)})

    assert ran.results == {"first": "success", "second": "success"}, ran.said
    assert "luck" not in ran.said
    told = [line for line in ran.lines if line.startswith(("Creating", "second:"))]
    if environment == "there":
        assert ran.said.count("its last preparation did not finish") == 1
    else:
        assert told[-2:] == [
            "Creating virtual environment (uv) using python in .nox/second",
            "second: 2 distributions, exactly its locked closure",
        ]


def test_what_is_there_is_mended_ahead(workspace: WorkspaceFactory) -> None:
    """An environment that is not what its stamp says is brought to its closure, as nox would have it done."""
    root = commands(workspace(FIRST, SECOND), ["python", "-c", AWAITED], ["python", "-c", "import leaf, second"])
    assert nox(root, "--install-only", "-s", "second").code == 0
    (site_of(root, "second") / "stray.py").write_text("", encoding="utf-8")
    change_lockfile(root)
    awaited = AWAITED.replace(
        'json.loads(stamp.read_text())["directories"]', "not [*stamp.parents[1].rglob('stray.py')]"
    )
    commands(root, ["python", "-c", awaited], ["python", "-c", "import leaf, second"])

    ran = nox(root, "-s", "first", "second")

    assert ran.results == {"first": "success", "second": "success"}, ran.said
    told = [line for line in ran.lines if line.startswith(("Creating", "second:"))][-1:]
    assert told == ["second: 2 distributions, exactly its locked closure (removed stray.py)"]


def test_each_python_of_a_matrix(workspace: WorkspaceFactory) -> None:
    """Of a Python that nox has made an environment of, the next one is made ahead: of that Python."""
    waits = AWAITED.replace('"second"', "{'first-3.12': 'second-3.11', 'second-3.11': 'second-3.12'}.get(name, name)")
    code = f"import pathlib, sys\nname = pathlib.Path(sys.prefix).name\n{waits}print('said', *sys.version_info[:2])"
    root = workspace(FIRST, SECOND, wsnox={"pythons": ["3.11", "3.12"], "commands": [["python", "-c", code]]})
    write_noxfile(root)

    ran = nox(root, env={"PATH": path_with("3.11", "3.12")})

    assert ran.results == dict.fromkeys(["first-3.11", "first-3.12", "second-3.11", "second-3.12"], "success"), ran.said
    assert [line for line in ran.lines if line.startswith("said")] == ["said 3 11", "said 3 12"] * 2
    made = [line.partition(" using ")[2] for line in ran.lines if line.startswith("Creating")]
    assert made[2:] == [made[0].replace("first", "second"), made[1].replace("first", "second")]


def test_it_is_prepared_from_the_root(workspace: WorkspaceFactory) -> None:
    """Wherever commands run, what is prepared meanwhile is not: relative places mean what they mean to nox."""
    root = commands(workspace(FIRST, SECOND), ["python", "-c", AWAITED], ["python", "-c", "import leaf, second"])
    manifest = root / "packages" / "first" / "pyproject.toml"
    (root / "packages" / "first" / "deep").mkdir()
    manifest.write_text(f'{manifest.read_text(encoding="utf-8")}directory = "deep"\n', encoding="utf-8")

    ran = nox(root, "--envdir", "build/environments", "-s", "first", "second", env={"WSNOX_CACHE_DIR": "build/cache"})

    assert ran.results == {"first": "success", "second": "success"}, ran.said
    assert "Creating virtual environment (uv) using python in build/environments/second" in ran.said
    assert [*root.rglob("cache")] == [root / "build" / "cache"]


def test_nothing_is_prepared_where_nothing_may_be_installed(workspace: WorkspaceFactory) -> None:
    """Under ``-R`` the second environment stays as it is, and its session says what is wrong with it."""
    root = commands(workspace(FIRST, SECOND), ["python", "-c", "pass"], ["python", "-c", "pass"])
    assert nox(root, "-s", "first", "second").code == 0
    stray = site_of(root, "second") / "stray.py"
    stray.write_text("", encoding="utf-8")
    (root / ".nox" / "second" / "wsnox" / "stamp.json").unlink()

    ran = nox(root, "-R", "-s", "first", "second")

    assert ran.results == {"first": "success", "second": "aborted"}
    assert stray.exists()


def test_what_was_changed_meanwhile_is_prepared_again(workspace: WorkspaceFactory) -> None:
    """The commands of the first session plant a module in the second's environment once that is proven: it is removed."""
    plant = AWAITED + (
        "site = next((stamp.parent.parent / 'lib').glob('python*/site-packages'))\n(site / 'stray.py').write_text('')\n"
    )
    root = commands(workspace(FIRST, SECOND), ["python", "-c", plant], ["python", "-c", "import second"])

    ran = nox(root, "-s", "first", "second")

    assert ran.code == 0, ran.said
    assert not (site_of(root, "second") / "stray.py").exists()
    assert "(removed stray.py" in ran.said


def test_a_session_without_its_interpreter_is_skipped(workspace: WorkspaceFactory) -> None:
    """As nox skips it without a preparation; nothing was prepared, and nothing passes for it."""
    second = MemberSpec("second", tool={"wsnox": {"pythons": ["3.99"]}})
    root = workspace(FIRST, second, wsnox={"commands": [["python", "-c", "pass"]]})

    ran = nox(root, "--no-error-on-missing-interpreters", "-s", "first", "second")

    assert ran.results == {"first": "success", "second": "skipped"}, ran.said
    assert "recreating" not in ran.said


def test_nobody_reads_the_output(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """Sessions pass as they would without a preparation: nox itself goes on without a reader."""
    root = commands(workspace(FIRST, SECOND), ["python", "-c", AWAITED], ["python", "-c", "import leaf, second"])
    report = tmp_path / "report.json"
    reader, writer = os.pipe()
    os.close(reader)

    subprocess.run(
        [sys.executable, "-m", "nox", "-s", "first", "second", "--report", str(report)],
        cwd=root,
        env={**os.environ, **OFFLINE},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=writer,
        check=False,
    )
    os.close(writer)

    sessions = json.loads(report.read_text(encoding="utf-8"))["sessions"]
    assert {session["name"]: session["result"] for session in sessions} == {"first": "success", "second": "success"}


def test_a_prompt_finds_no_terminal(workspace: WorkspaceFactory, tmp_path: Path) -> None:
    """What an installation ahead would ask the user is not asked while a command has the terminal."""
    seen, asking = tmp_path / "seen", tmp_path / "uv"
    uv = shutil.which("uv")
    script = f"#!{sys.executable}\nimport os, pathlib, sys\nwith pathlib.Path({str(seen)!r}).open('a') as file:\n"
    script += f"    print(os.getsid(0) == os.getpid(), file=file)\nos.execv({uv!r}, ['uv', *sys.argv[1:]])\n"
    asking.write_text(script, encoding="utf-8")
    asking.chmod(0o755)
    root = commands(workspace(FIRST, SECOND), ["python", "-c", AWAITED], ["python", "-c", "import leaf, second"])

    ran = nox(root, "-s", "first", "second", env={"UV": str(asking)})

    assert ran.code == 0, ran.said
    # What nox starts is of nox's own session; the rest leads one, which has no terminal.
    assert {*seen.read_text().split()} == {"False", "True"}
