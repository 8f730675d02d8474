"""The command as a whole: usage, targets, errors, and how it ends."""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import LINUX, Said, Wsnox
from tests.support.workspaces import MemberSpec
from wsnox.version import __version__

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

OUTSIDE = """\
Python `3.10.0` is outside `>=3.11`, which the lockfile requires

hint: the range is narrowed by `project-b`"""


def _process(*words: str, cwd: Path) -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "wsnox", *words], cwd=cwd, capture_output=True, encoding="utf-8", check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_version(tmp_path: Path) -> None:
    """The version needs no workspace."""
    for option in ("--version", "-V"):
        assert _process(option, cwd=tmp_path) == Said(0, f"wsnox {__version__}\n", "")


def test_the_version_needs_nothing_else(tmp_path: Path) -> None:
    """It takes as long as Python itself: no parser is made, and nothing of the standard library is loaded for it."""
    code = "import sys\nbefore = {*sys.modules}\nfrom wsnox.cli import main\nmain(['--version'])\nprint(*sorted({*sys.modules} - before - {*sys.builtin_module_names}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines() == [
        f"wsnox {__version__}",
        "__future__ wsnox wsnox.cli wsnox.cli.main wsnox.version",
    ]


def test_process(shop: Path) -> None:
    """The module does what `main` does."""
    assert _process("closure", "script", *LINUX, cwd=shop) == Said(
        0,
        "dotted-name-here  1.0  via script\n",
        "session `script`: 1 distribution for Python 3.12.0 on Linux x86_64, without `script`, which is virtual\n",
    )
    assert _process("diff", "project-a", "script", *LINUX, cwd=shop).code == 1
    assert _process("why", "script", "leaf", *LINUX, cwd=shop).code == 1


def test_output_that_the_terminal_has_no_letters_for(workspace: WorkspaceFactory) -> None:
    """A path is printed as well as can be; TOML and JSON stay whole."""
    root = workspace(MemberSpec("app", path="packages/ünï"))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = [
        subprocess.run(
            [sys.executable, "-m", "wsnox", *words], cwd=root, env=environment, capture_output=True, check=True
        )
        for words in (["closure"], ["closure", "--json"], ["export"])
    ]
    assert done[0].stdout == b"app  1.0  requested  editable packages/\\xfcn\\xef\n"
    assert json.loads(done[1].stdout)["distributions"][0]["source"]["path"] == "packages/ünï"
    assert 'path = "packages/ünï"' in done[2].stdout.decode()


VERSION = "is not a Python version\n\nhint: write it as in `--python 3.12` or `--python 3.12.4`"


@pytest.mark.parametrize("command", ["closure project-a", "list", "export project-a", "why project-a num"])
@pytest.mark.parametrize(
    ("options", "code", "error"),
    [
        ("--python three", 6, f"`three` {VERSION}"),
        ("--python 3.12.x", 6, f"`3.12.x` {VERSION}"),
        ("--platform linuks", 5, "unknown platform `linuks`\n\nhint: did you mean `linux`?"),
        ("--platform linux-", 6, "`linux-` is not a platform\n\nhint: write it as in `--platform linux` or `linux-aarch64`"),
        ("--root gone", 5, "`gone` is not a directory"),
    ],
    ids=["word", "letter", "platform", "machine", "root"],
)  # fmt: skip
def test_bad_common_options(wsnox: Wsnox, command: str, options: str, code: int, error: str) -> None:
    """Each is one sentence, on every command."""
    assert wsnox(*command.split(), *options.split()) == Said(code, "", f"error: {error}\n")


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ("closure project-c", 5, "unknown member `project-c`\n\nhint: did you mean `project-b`?"),
        ("closure zzz", 5, "unknown member `zzz`\n\nhint: known: `project-a`, `project-b`, `script`"),
        ("closure project-a --extra lout", 5, "unknown extra `lout` of `project-a`\n\nhint: did you mean `loud`?"),
        ("closure project-a --group tests", 5, "unknown dependency group `tests` of `project-a`\n\nhint: did you mean `test`?"),
        ("why project-a num --python 3.10", 6, OUTSIDE),
    ],
    ids=["near", "known", "extra", "group", "range"],
)  # fmt: skip
def test_refusals(wsnox: Wsnox, words: str, code: int, error: str) -> None:
    """What has no answer is a sentence with what to do."""
    assert wsnox(*words.split()) == Said(code, "", f"error: {error}\n")


def test_an_error_as_json(wsnox: Wsnox) -> None:
    """Stdout has one object whatever happens, and stderr the sentence."""
    said = wsnox("closure", "project-c", "--json")
    sentence, hint = "unknown member `project-c`", "did you mean `project-b`?"
    assert said.err == f"error: {sentence}\n\nhint: {hint}\n"
    error = {"kind": "UnknownNameError", "sentence": sentence, "hint": hint, "exit_code": said.code}
    assert json.loads(said.out) == {"version": 1, "error": error}
    usage = json.loads(wsnox("why", "--json").out)["error"]
    assert (usage["kind"], usage["exit_code"]) == ("UsageError", 2)


def test_workspace_that_is_none(tmp_path: Path, wsnox: Wsnox) -> None:
    """No manifest, no lockfile, a broken one."""
    manifest, lockfile = tmp_path / "pyproject.toml", tmp_path / "uv.lock"
    hint = "run wsnox inside a uv workspace"
    nothing = f"error: no `pyproject.toml` in or above `{tmp_path}`\n\nhint: {hint}\n"
    assert wsnox("list", root=tmp_path) == Said(3, "", nothing)
    manifest.write_text("[tool.uv.workspace]\nmembers = []\n", encoding="utf-8")
    assert wsnox("list", root=tmp_path) == Said(4, "", f"error: `{lockfile}` does not exist\n\nhint: run `uv lock`\n")
    lockfile.write_text("version = 1\n", encoding="utf-8")
    hint = "restore `uv.lock` as it was committed, or delete it, then run `uv lock`"
    broken = f"error: `{lockfile}`: no value in `requires-python`\n\nhint: {hint}\n"
    assert wsnox("list", root=tmp_path) == Said(4, "", broken)


def test_the_target_is_the_running_interpreter(wsnox: Wsnox) -> None:
    """Without options everything is as here; one option changes that and nothing else."""
    here = json.loads(wsnox("closure", "script", "--json").out)["target"]
    assert (here["sys_platform"], here["python_full_version"]) == (sys.platform, platform.python_version())
    other = json.loads(wsnox("closure", "script", "--json", "--python", "3.14").out)["target"]
    same = ("sys_platform", "platform_machine", "platform_release", "os_name")
    assert (other["python_full_version"], other["python_version"]) == ("3.14.0", "3.14")
    assert {key: other[key] for key in same} == {key: here[key] for key in same}
    elsewhere = json.loads(wsnox("closure", "script", "--json", "--platform", "windows").out)["target"]
    assert (elsewhere["sys_platform"], elsewhere["platform_machine"]) == ("win32", "AMD64")
    assert elsewhere["python_full_version"] == platform.python_version()


def test_running_interpreter_out_of_range(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """Where nothing was described, the hint says that something can be."""
    root = workspace(MemberSpec("app"))
    for name in ("pyproject.toml", "packages/app/pyproject.toml", "uv.lock"):
        text = (root / name).read_text(encoding="utf-8")
        (root / name).write_text(text.replace(">=3.10", ">=3.99"), encoding="utf-8")
    assert wsnox("closure", "app", root=root).err == (
        f"error: Python `{platform.python_version()}` is outside `>=3.99`, which the lockfile requires\n\n"
        "hint: describe another Python with `--python`\n"
    )


def test_minor_version_is_its_first_release(workspace: WorkspaceFactory, wsnox: Wsnox) -> None:
    """A range that starts within a minor version is explained."""
    root = workspace(MemberSpec("app", requires_python=">=3.11.2"))
    assert wsnox("closure", "app", "--python", "3.11", root=root).err == (
        "error: Python `3.11.0` is outside `>=3.11.2`, which the lockfile requires\n\n"
        "hint: `3.11` stands for `3.11.0`; name the release that you mean\n"
    )
    assert wsnox("closure", "app", "--python", "3.11.2", root=root).code == 0


# --- where the command meets the system: closed and full streams, files that may not be read, folders that are gone ---

posix = pytest.mark.skipif(sys.platform == "win32", reason="shells and permissions are of another kind there")
COMMANDS = (
    *("list", "check", "closure project-a", "export project-a"),
    *("graph", "matrix --format github", "--help", "--version"),
)


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace."""
    return workspace(MemberSpec("project-a", dependencies=["leaf"]), MemberSpec("project-b"))


def _shell(root: Path, script: str) -> tuple[int, str]:
    """Run *script*, in which ``wsnox`` is the command, and return its exit code and what it said on stderr."""
    function = f'wsnox() {{ "{sys.executable}" -m wsnox "$@"; }}'
    done = subprocess.run(
        ["bash", "-c", f"{function}\n{script}"], cwd=root, check=False, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stderr


@posix
@pytest.mark.parametrize("command", COMMANDS)
def test_streams(root: Path, command: str) -> None:
    """A closed stdout is no mistake, and neither is a reader that goes away; a full disk is one that has a sentence."""
    assert _shell(root, f"wsnox {command} >&-")[0] == 0
    assert _shell(root, f"wsnox {command} >&- 2>&-")[0] == 0
    assert _shell(root, f"wsnox {command} 2>&-")[0] == 0
    assert _shell(root, f"wsnox {command} | true; exit ${{PIPESTATUS[0]}}")[0] in (0, 141)
    if Path("/dev/full").exists():
        code, said = _shell(root, f"wsnox {command} >/dev/full")
        assert code == 0 or said.endswith("error: No space left on device\n")


@posix
def test_a_reader_that_goes_away_before_an_error(root: Path) -> None:
    """Nor does a traceback follow where an error would have been printed."""
    assert _shell(root, "wsnox why project-a zzz --json | true; exit ${PIPESTATUS[0]}")[0] in (1, 141)


@posix
def test_a_working_directory_that_is_gone(root: Path, tmp_path: Path) -> None:
    """It gets a sentence, and so does a folder that never was one."""
    (tmp_path / "gone").mkdir()
    code, said = _shell(root, f"cd '{tmp_path}/gone' && rmdir '{tmp_path}/gone' && wsnox list")
    assert (code, said) == (5, "error: the working directory is gone\n\nhint: change to one that exists\n")
    assert _shell(root, "wsnox list --root nowhere") == (5, "error: `nowhere` is not a directory\n")
    code, said = _shell(root, f"wsnox list --root {'x' * 5000}")
    assert (code, said.endswith("x` is not a directory\n")) == (5, True)


@posix
def test_interrupted(root: Path) -> None:
    """Ctrl-C ends the command as it ends any other program."""
    code = "import sys, wsnox.cli.graph as g, signal\ng.run = lambda _: signal.raise_signal(signal.SIGINT)\n"
    script = f"{code}from wsnox.cli import main\nsys.exit(main(['graph']))"
    done = subprocess.run([sys.executable, "-c", script], cwd=root, check=False, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")


def _as_anybody() -> list[str]:
    """Return the words before a command that take away the right to read everything, where there is one to take."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("whoever runs the tests may read everything")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@posix
@pytest.mark.parametrize(
    ("path", "mode", "sentence"),
    [
        ("packages", 0o000, "`{}` cannot be read (permission denied), and may hold workspace members"),
        ("packages", 0o444, "Permission denied: `{}"),
        ("packages/project-a", 0o000, "Permission denied: `{}/pyproject.toml`"),
        ("packages/project-a/pyproject.toml", 0o000, "`{}`: cannot be read (Permission denied)"),
        (".python-version", 0o000, "`{}`: cannot be read (Permission denied)"),
        ("uv.lock", 0o000, "`{}`: cannot be read (Permission denied)"),
    ],
)
def test_what_may_not_be_read(root: Path, path: str, mode: int, sentence: str) -> None:
    """It is said, and never taken for what is not there: a workspace with fewer members would pass."""
    anybody = _as_anybody()
    (root / "pyproject.toml").write_text(
        (root / "pyproject.toml").read_text(encoding="utf-8").replace('"packages/project-a"', '"packages/*"'), encoding="utf-8"
    )  # fmt: skip
    (root / ".python-version").write_text("3.12\n", encoding="utf-8")
    (root / "noxfile.py").write_text("import wsnox\n\nwsnox.sessions()\n", encoding="utf-8")
    (root / path).chmod(mode)
    commands = {
        "error: ": [sys.executable, "-m", "wsnox", "closure", "project-a"],
        "wsnox: ": [sys.executable, "-m", "nox", "-l"],
    }
    try:
        for start, command in commands.items():
            done = subprocess.run([*anybody, *command], cwd=root, check=False, capture_output=True, encoding="utf-8")
            if path == "uv.lock" and "nox" in command:
                assert done.returncode == 0, "it is not read for a list"
                continue
            assert done.returncode != 0, done.stdout
            assert done.stderr.startswith(start + sentence.format(root / path)), done.stderr
    finally:
        (root / path).chmod(0o755)
