"""Which environment a command runs in: a session's own where it is just that, else one with a name that no session has."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from tests.sessions.running import write_noxfile
from tests.support.workspaces import MemberSpec
from wsnox.cli.parsing import parse
from wsnox.cli.proven_venv import location_of, wanted
from wsnox.errors import PythonRangeError
from wsnox.workspace import discover
from wsnox.workspace.suite import suite_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import WorkspaceFactory
    from wsnox.cli.proven_venv import Wanted

HERE = platform.python_version().rpartition(".")[0]
OTHER = "3.12" if HERE != "3.12" else "3.13"


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a workspace with members of one Python, of several, with variants, and without sessions."""
    several = {"wsnox": {"pythons": [OTHER, HERE]}}
    variants = {"wsnox": {"extras": [["cpu"], ["cuda"]], "editable": False}}
    return workspace(
        MemberSpec("plain", extras={"x": []}, groups={"dev": [], "docs": []}),
        MemberSpec("several", tool=several),
        MemberSpec("torch", extras={"cpu": [], "cuda": []}, tool=variants),
        MemberSpec("absent"),
        root_groups={"lint": []},
        wsnox={"exclude": ["absent"], "integration": {"lint": {"packages": [], "groups": ["lint"]}}},
        locked=False,
    )


def asked(root: Path, words: str) -> Wanted:
    """Return what ``wsnox run`` with these *words* asks for in the workspace at *root*."""
    return wanted(parse(["run", *words.split(), "--root", str(root)]), suite_of(discover(root)))


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        ("plain", "plain"),
        (f"plain --python {HERE}", "plain"),
        ("absent", "absent"),
        ("several", f"several-{HERE.replace('.', '-')}"),
        (f"several --python {OTHER}", f"several-{OTHER.replace('.', '-')}"),
        ("torch", "torch-cpu"),
        ("torch[cuda]", "torch-cuda"),
        ("torch --no-editable", "torch-cpu"),
        ("--session lint", "lint"),
        ("--session plain:imports", "plain-imports"),
        (f"--session several-{OTHER}", f"several-{OTHER.replace('.', '-')}"),
    ],
)
def test_what_a_session_installs(root: Path, words: str, folder: str) -> None:
    """It is that session's environment, however it is asked for."""
    assert location_of(root, asked(root, words)) == root / ".nox" / folder


def test_what_no_session_installs(root: Path) -> None:
    """Each has another place, which none of nox can have; the order of names makes no other."""
    words = """plain[x]|plain --group docs|plain --only-group docs|plain --no-editable|plain --root-group lint|plain several
        |plain[x] several|torch --extra cuda|--session plain --all-extras|plain --no-default-groups
        |torch[cpu,cuda]"""
    places = [location_of(root, asked(root, line)).name for line in (*words.split("|"), f"plain --python {OTHER}")]

    assert len({*places}) == len(places)
    assert all("." in name and len(name) <= 49 for name in places)
    for one, same in (
        ("plain --group a --group b", "plain --group b --group a"),
        ("plain several", "several plain plain"),
    ):
        assert location_of(root, asked(root, one)) == location_of(root, asked(root, same))


def test_a_python_that_no_member_allows(root: Path) -> None:
    """The lockfile has nothing for it."""
    with pytest.raises(PythonRangeError, match=r"Python `3\.9` is outside `>=3\.10`"):
        asked(root, "plain --python 3.9")


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("nox.options.envdir = 'envs'", "envs"),
        ("from nox import options\noptions.envdir = '../envs'", "../envs"),
        ("nox.options.envdir = 'a'\nnox.options.envdir = 'b'", "b"),
        ("# envdir", ".nox"),
        ("nox.options.envdir = 'a'\nnox.options.envdir = os.environ['ENVS']", ".nox"),
        ("envdir = 'a'\nprint(envdir", ".nox"),
    ],
)
def test_environments_elsewhere(root: Path, text: str, folder: str) -> None:
    """The noxfile may name another folder than `.nox`, in a string; nobody runs it to find out."""
    write_noxfile(root, f"import nox\nimport wsnox\n{text}\n")
    assert location_of(root, asked(root, "plain")) == root / folder / "plain"
