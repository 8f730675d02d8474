"""Under ``nox -j`` the process that began the run prepares what its children need: with less work, and the same results."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

from tests.sessions.running import NOXFILE, distributions, nox, start, write_noxfile
from tests.support.workspaces import MemberSpec
from wsnox.noxfile.preparer import preparer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="each child prepares for itself there"),
]

MEMBERS = [MemberSpec(f"m{number}", dependencies=["leaf"] if number % 2 else ["pyhumps"]) for number in range(5)]
NAMES = [member.name for member in MEMBERS]

# In the place of uv: notes the arguments of the process that starts each sync.
NOTES = """\
#!{python}
import os, pathlib, sys
if sys.argv[1:3] == ["pip", "sync"]:
    starter = pathlib.Path(f"/proc/{{os.getppid()}}/cmdline").read_text().split("\\0")
    with open({notes!r}, "a") as file:
        print("child" if "--parallel-worker" in starter else "parent", file=file)
    if os.environ.get("OUT_OF_ORDER") or any(name in os.environ for name in ("WSNOX_RUN", "WSNOX_PREPARER")):
        sys.exit("out of order")
os.execv({uv!r}, ["uv", *sys.argv[1:]])
"""


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace whose commands print what they see of the variables of a run."""
    seen = "import os; print('seen', *(name for name in os.environ if name in ('WSNOX_RUN', 'WSNOX_PREPARER')))"
    return write_noxfile(workspace(*MEMBERS, wsnox={"commands": [["python", "-c", seen]]}))


@pytest.fixture
def noted(tmp_path: Path) -> Callable[[], list[str]]:
    """Return a function that says who started each sync so far, where ``uv`` in the test's folder is the uv to use."""
    notes, noting = tmp_path / "notes", tmp_path / "uv"
    noting.write_text(NOTES.format(python=sys.executable, notes=str(notes), uv=shutil.which("uv")), encoding="utf-8")
    noting.chmod(0o755)
    return lambda: notes.read_text(encoding="utf-8").split()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_who_prepares(root: Path, tmp_path: Path, noted: Callable[[], list[str]]) -> None:
    """Once a child has made an environment, the others have theirs made and filled; nothing else is different for them."""
    ran = nox(root, "-j", "2", "-s", *NAMES, env={"UV": str(tmp_path / "uv")})

    assert ran.results == dict.fromkeys(NAMES, "success"), ran.said
    who = noted()
    assert len(who) == len(NAMES)
    assert who.count("child") <= 2, who
    for name in NAMES:
        told = [
            line
            for line in ran.lines
            if line.startswith((f"{name}: ", "Creating")) and line.endswith((name, "closure"))
        ]
        assert told.count(f"Creating virtual environment (uv) using python in .nox/{name}") == 1, ran.said
        assert ran.line(f"{name}: ") == f"{name}: 2 distributions, exactly its locked closure"
        assert distributions(root, name) == {f"{name}-1.0", "leaf-2.1" if name in ("m1", "m3") else "pyhumps-3.8.0"}
    assert [line for line in ran.lines if line.startswith("seen")] == ["seen"] * len(NAMES)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("noxfile", "env"),
    [
        (NOXFILE, {"NOX_PARALLEL": "2"}),
        (f"import nox\n\nnox.options.parallel = 2\n{NOXFILE}", {}),
    ],
    ids=["variable", "noxfile"],
)
def test_without_an_argument(
    root: Path, tmp_path: Path, noted: Callable[[], list[str]], noxfile: str, env: dict[str, str]
) -> None:
    """The variable and the noxfile can ask nox for parallel runs as well."""
    write_noxfile(root, noxfile)

    ran = nox(root, "-s", *NAMES, env={"UV": str(tmp_path / "uv"), **env})

    assert ran.results == dict.fromkeys(NAMES, "success"), ran.said
    assert noted().count("child") <= 2, noted()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_run_in_a_run(root: Path, tmp_path: Path, noted: Callable[[], list[str]]) -> None:
    """A nox that a session of the noxfile's own starts is not answered by the run around it, which may be of another workspace."""
    within = f"session.run({sys.executable!r}, '-m', 'nox', '-j', '2', '-s', *{NAMES!r}, external=True)"
    own = f"@nox.session(venv_backend='none')\ndef own(session: nox.Session) -> None:\n    {within}\n"
    write_noxfile(root, f"import nox\n{NOXFILE}\n\n{own}")

    ran = nox(root, "-j", "2", "-s", "own", env={"UV": str(tmp_path / "uv"), "NOX_ALLOW_PARALLEL": "1"})

    assert ran.code == 0, ran.said
    assert noted() == ["child"] * len(NAMES), ran.said


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_fails_is_not_tried_twice_by_all(root: Path, tmp_path: Path, noted: Callable[[], list[str]]) -> None:
    """After an install has failed, each session installs for itself: a server that does not answer takes minutes each time."""
    assert nox(root, "-j", "2", "-s", *NAMES).code == 0
    lockfile = root / "uv.lock"
    lockfile.write_text(f"{lockfile.read_text(encoding='utf-8')}\n# another\n", encoding="utf-8")

    ran = nox(root, "-j", "2", "-s", *NAMES, env={"UV": str(tmp_path / "uv"), "OUT_OF_ORDER": "1"})

    assert ran.results == dict.fromkeys(NAMES, "aborted"), ran.said
    assert ran.said.count("out of order") == len(NAMES), ran.said
    assert noted().count("child") == len(NAMES)
    # Those that two sessions waited for at the same time.
    assert 0 < noted().count("parent") <= 2


def test_what_changed_is_prepared_again(root: Path) -> None:
    """Environments that are there and not what the lockfile says any more are brought to it, and said to be."""
    assert nox(root, "-j", "2", "-s", *NAMES).code == 0
    lockfile = root / "uv.lock"
    lockfile.write_text(f"{lockfile.read_text(encoding='utf-8')}\n# another\n", encoding="utf-8")
    stray = next((root / ".nox" / "m3").glob("lib/python*/site-packages")) / "stray.py"
    stray.write_text("", encoding="utf-8")

    ran = nox(root, "-j", "2", "-s", *NAMES)

    assert ran.results == dict.fromkeys(NAMES, "success"), ran.said
    assert ran.line("m3: ") == "m3: 2 distributions, exactly its locked closure (removed stray.py)"
    assert not stray.exists()
    assert "Creating" not in ran.said


def test_errors_are_said_by_the_sessions(root: Path) -> None:
    """What keeps one from being prepared is told in its own words, once, and the others run."""
    manifest = root / "packages" / "m2" / "pyproject.toml"
    manifest.write_text(
        f'{manifest.read_text(encoding="utf-8")}\n[tool.wsnox]\ndirectory = "missing"\n', encoding="utf-8"
    )

    ran = nox(root, "-j", "2", "-s", *NAMES)

    assert ran.results == {**dict.fromkeys(NAMES, "success"), "m2": "aborted"}, ran.said
    assert ran.said.count("is not a directory") == 1
    assert "Traceback" not in ran.said


def test_nobody_answers(root: Path) -> None:
    """Where whoever began the run cannot be reached, each child prepares for itself."""
    unreachable = "import os, wsnox\n\nwsnox.sessions()\nos.environ['WSNOX_PREPARER'] = '/nowhere/socket'\n"
    write_noxfile(root, unreachable)

    ran = nox(root, "-j", "2", "-s", *NAMES)

    assert ran.results == dict.fromkeys(NAMES, "success"), ran.said


def test_nothing_is_installed_where_nothing_may_be(root: Path) -> None:
    """Under ``-R``, an environment that is not its closure stays so, which is what its session says."""
    assert nox(root, "-j", "2", "-s", *NAMES).code == 0
    stray = next((root / ".nox" / "m3").glob("lib/python*/site-packages")) / "stray.py"
    stray.write_text("", encoding="utf-8")
    (root / ".nox" / "m3" / "wsnox" / "stamp.json").unlink()

    ran = nox(root, "-R", "-j", "2", "-s", *NAMES)

    assert ran.results == {**dict.fromkeys(NAMES, "success"), "m3": "aborted"}, ran.said
    assert stray.exists()


def test_the_socket_goes_with_the_run(root: Path, tmp_path: Path) -> None:
    """Nothing is left of it, however the run ends."""
    slow = root / "packages" / "m0" / "pyproject.toml"
    wait = "print('ready', flush=True); import time; time.sleep(600)"
    slow.write_text(
        f'{slow.read_text(encoding="utf-8")}\n[tool.wsnox]\ncommands = [["python", "-c", "{wait}"]]\n', encoding="utf-8"
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    env = {"TMPDIR": str(temporary)}
    assert nox(root, "-j", "2", "-s", "m1", "m2", env=env).code == 0
    assert [*temporary.glob("wsnox-*")] == []
    with start(root, "-j", "2", "-s", *NAMES, env=env) as process:
        assert process.stdout is not None
        assert any("Session m1 was successful" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode != 0
    assert [*temporary.glob("wsnox-*")] == []


def test_without_room_for_a_connection() -> None:
    """Who waits to be heard is let go where no file can be opened any more, and whoever comes then is turned away."""

    class Full(socket.socket):
        def accept(self) -> NoReturn:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    # The folders of tests have long names, and the path of a socket has not.
    with tempfile.TemporaryDirectory() as folder, Full(socket.AF_UNIX) as listener:
        path = f"{folder}/socket"
        listener.bind(path)
        listener.listen()
        with socket.socket(socket.AF_UNIX) as child, socket.socket(socket.AF_UNIX) as late:
            child.connect(path)
            type(preparer)()._accept(listener)
            with pytest.raises(OSError, match="refused"):
                late.connect(path)
            with suppress(ConnectionResetError):
                assert child.recv(1) == b""


def test_all_end_at_once() -> None:
    """A build that does not heed its end takes seconds; who interrupts nox waits for the slowest, not for one after the other."""
    calls = []

    class Stubborn:
        def let_go(self) -> None:
            calls.append("let go")

        def stop(self) -> None:
            calls.append("stopped")

    ending = type(preparer)()
    ending._preparations.update(cast("Any", [Stubborn(), Stubborn()]))

    ending._close(socket.socket(socket.AF_UNIX), tempfile.TemporaryDirectory())

    assert calls == ["let go", "let go", "stopped", "stopped"]
