"""The command as a whole: usage, targets, errors, and how it ends."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import LINUX, Said, Wsnox
from tests.support.workspaces import MemberSpec
from wsnox.cli import closure as closure_command
from wsnox.cli import main
from wsnox.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

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
    assert _process("--version", cwd=tmp_path) == Said(0, f"wsnox {__version__}\n", "")


def test_help(tmp_path: Path) -> None:
    """The help names the commands."""
    said = _process("--help", cwd=tmp_path)
    assert (said.code, said.err) == (0, "")
    for command in ("init", "list", "closure", "why", "diff", "export", "graph"):
        assert f"\n    {command} " in said.out
        assert _process(command, "--help", cwd=tmp_path).code == 0


def test_process(shop: Path) -> None:
    """The module does what `main` does."""
    assert _process("closure", "script", *LINUX, cwd=shop) == Said(
        0,
        "dotted-name-here  1.0  via script\n",
        "1 distribution for Python 3.12.0 on Linux x86_64, without `script`, which is virtual\n",
    )
    assert _process("diff", "project-a", "script", *LINUX, cwd=shop).code == 1
    assert _process("why", "script", "leaf", *LINUX, cwd=shop).code == 1


def test_reader_goes_away(shop: Path) -> None:
    """A closed pipe ends the command without a word, with the code of a program that the signal killed."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "wsnox", "closure", "--all-packages", "--json", *LINUX]
    done = subprocess.run(command, cwd=shop, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_reader_goes_away_before_an_error(shop: Path) -> None:
    """Nor does a traceback follow where an error would have been printed."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "wsnox", "why", "script", "zzz", "--json", *LINUX]
    done = subprocess.run(command, cwd=shop, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


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
    assert done[0].stdout == b"app  1.0  asked  editable packages/\\xfcn\\xef\n"
    assert json.loads(done[1].stdout)["distributions"][0]["source"]["path"] == "packages/ünï"
    assert 'path = "packages/ünï"' in done[2].stdout.decode()


def test_interrupt(wsnox: Wsnox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the command without a word."""

    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(closure_command, "run", interrupted)
    assert wsnox("closure") == Said(130, "", "")


def test_other_errors_of_the_system(wsnox: Wsnox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses is a sentence, too."""

    def refused(_: object) -> int:
        raise PermissionError(13, "Permission denied", "secret")

    monkeypatch.setattr(closure_command, "run", refused)
    assert wsnox("closure") == Said(1, "", "error: Permission denied: `secret`\n")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "wsnox: error: the following arguments are required: COMMAND"),
        (["closure", "--frozen"], "wsnox: error: unrecognized arguments: --frozen"),
        (["closure", "--all-pack"], "wsnox: error: unrecognized arguments: --all-pack"),
        (["why", "a"], "wsnox why: error: the following arguments are required: PACKAGE"),
        (["diff", "a"], "wsnox diff: error: the following arguments are required: B"),
        (["closure", "a", "--all-packages"], "wsnox closure: error: MEMBER cannot be used with --all-packages"),
        (["export", "--extra", "x", "--all-extras"], "wsnox export: error: --extra cannot be used with --all-extras"),
        (["why", "a", "b", "--only-group", "x", "--group", "y"], "--only-group cannot be used with --group"),
        (["diff", "a", "b", "--only-group", "x", "--all-groups"], "--only-group cannot be used with --all-groups"),
        (["closure", "--only-group", "x", "--extra", "y"], "--only-group cannot be used with --extra"),
        (["closure", "--only-group", "x", "--all-extras"], "--only-group cannot be used with --all-extras"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage(capsys: pytest.CaptureFixture[str], words: list[str], error: str) -> None:
    """Wrong usage is 2, whatever the workspace."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert printed.out == ""
    assert printed.err.splitlines()[0].startswith("usage: wsnox")
    assert printed.err.splitlines()[-1].endswith(error)


@pytest.mark.parametrize(
    "words", [["closure", "project-a"], ["list"], ["export", "project-a"], ["why", "project-a", "num"]]
)
@pytest.mark.parametrize(
    ("target", "code", "error"),
    [
        (
            ["--python", "three"],
            6,
            "`three` is no Python version\n\nhint: write it as in `--python 3.12` or `--python 3.12.4`",
        ),
        (
            ["--python", "3.12.x"],
            6,
            "`3.12.x` is no Python version\n\nhint: write it as in `--python 3.12` or `--python 3.12.4`",
        ),
        (["--platform", "linuks"], 5, "unknown platform `linuks`\n\nhint: did you mean `linux`?"),
        (
            ["--platform", "linux-"],
            6,
            "`linux-` is no platform\n\nhint: write it as in `--platform linux` or `linux-aarch64`",
        ),
        (["--root", "gone"], 5, "`gone` is no directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_common_options(wsnox: Wsnox, words: list[str], target: list[str], code: int, error: str) -> None:
    """Each is one sentence, on every command."""
    assert wsnox(*words, *target) == Said(code, "", f"error: {error}\n")


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["closure", "project-c"], 5, "unknown member `project-c`\n\nhint: did you mean `project-b`?"),
        (["closure", "zzz"], 5, "unknown member `zzz`\n\nhint: known: `project-a`, `project-b`, `script`"),
        (
            ["closure", "project-a", "--extra", "lout"],
            5,
            "unknown extra `lout` of `project-a`\n\nhint: did you mean `loud`?",
        ),
        (
            ["closure", "project-a", "--group", "tests"],
            5,
            "unknown dependency group `tests` of `project-a`\n\nhint: did you mean `test`?",
        ),
        (
            ["why", "project-a", "num", "--python", "3.10"],
            6,
            OUTSIDE,
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusals(wsnox: Wsnox, words: list[str], code: int, error: str) -> None:
    """What has no answer is a sentence with what to do."""
    assert wsnox(*words) == Said(code, "", f"error: {error}\n")


def test_workspace_that_is_none(tmp_path: Path, wsnox: Wsnox) -> None:
    """No manifest, no lockfile, a broken one."""
    said = wsnox("list", root=tmp_path)
    assert said == Said(
        3,
        "",
        f"error: no `pyproject.toml` in `{tmp_path}` or any directory above it\n\nhint: run wsnox inside a uv workspace\n",
    )
    (tmp_path / "pyproject.toml").write_text("[tool.uv.workspace]\nmembers = []\n", encoding="utf-8")
    said = wsnox("list", root=tmp_path)
    assert said == Said(4, "", f"error: `{tmp_path / 'uv.lock'}` does not exist\n\nhint: run `uv lock`\n")
    (tmp_path / "uv.lock").write_text("version = 1\n", encoding="utf-8")
    said = wsnox("list", root=tmp_path)
    assert said.err == (
        f"error: `{tmp_path / 'uv.lock'}`: missing in `requires-python`\n\nhint: restore `uv.lock` as it was committed, or delete it, then run `uv lock`\n"
    )


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


def test_errors_do_not_cut_into_data(wsnox: Wsnox) -> None:
    """Where there is JSON beside an error, it is whole."""
    said = wsnox("why", "script", "zzz", "--json", *LINUX)
    assert json.loads(said.out)["total"] == 0
    assert said.err == "error: `zzz` is not in the closure of `script`, nor in `uv.lock` at all\n"
