"""What commands and variables say of the files that a session reads: each as a line of text, without git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name

from wsnox.affected.paths import absolute, is_below
from wsnox.affected.readers import Readers, WorkTree
from wsnox.affected.rules import Meaning
from wsnox.affected.session_files import ChangedFiles, SessionFiles
from wsnox.workspace.model import Manifest, Member, MemberSelection
from wsnox.workspace.sessions import Session, SessionRun

if TYPE_CHECKING:
    from wsnox.workspace.settings import Command

ROOT = Path("/some place/root")


def _run(
    *commands: Command, env: dict[str, str] | None = None, member: str = "packages/a", integration: bool = False
) -> SessionRun:
    name = canonicalize_name(member.rpartition("/")[2])
    directory = ROOT if integration else ROOT / member
    manifest = Manifest(path=ROOT / member / "pyproject.toml", name=name)
    part = MemberSelection(member=Member(name=name, directory=ROOT / member, path=member, manifest=manifest))
    spec = Session(
        kind="integration" if integration else "task",
        name=name,
        description="",
        variants={"": (part,)},
        directory=directory,
        tags=("integration" if integration else "member",),
        pythons=None,
        commands=commands,
        env=env or {},
    )
    return SessionRun(title=name, session=spec, python="", variant="")


def _is_named(run: SessionRun, path: str, links: dict[str, str] | None = None) -> bool:
    readers = Readers(WorkTree(links=links or {}), (), ROOT.as_posix())
    full_path = absolute(path, ROOT.as_posix())
    named = SessionFiles(ROOT.as_posix(), readers.ends).named_by(run)
    return any(is_below(full_path, name) or is_below(name, full_path) for name in named)


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("pytest {root}/tests/contracts", "tests/contracts/x.py"),
        ("pytest ../b/tests", "packages/b/tests/x.py"),
        ("pytest ../../docs", "docs/a/b.md"),
        ("mypy {root}", "docs/a.md"),
        (("ruff", "check", "--config={root}/ruff.toml"), "ruff.toml"),
        ("tool -c{root}/x.toml", "x.toml"),
        ("tool -c../b/x.toml", "packages/b/x.toml"),
        ("make -C../.. html", "docs/a.md"),
        ("make -C .. all", "packages/b/x"),
        (("sh", "-c", "cd {root} && pytest docs"), "docs/a.md"),
        (("sh", "-c", "cd ../..;pytest docs"), "docs/a.md"),
        (("sh", "-c", "cat '../../my docs/a.md'"), "my docs/a.md"),
        ("cat '../../my docs/a.md'", "my docs/a.md"),
        (("sh", "-c", "pytest $(git rev-parse --show-toplevel)/docs"), "docs/a.md"),
        (("sh", "-c", "pytest `cat where`"), "docs/a.md"),
        (("sh", "-c", "pytest $ROOT/docs"), "docs/a.md"),
        (("sh", "-c", "pytest ${ROOT}/docs"), "docs/a.md"),
        (("sh", "-c", "pytest $PWD/../b"), "packages/b/x"),
        ("pytest {posargs:../b/tests {root}/e2e}", "packages/b/tests/x.py"),
        ("pytest {posargs:tests {root}/e2e}", "e2e/x.py"),
        ("pytest ../*/tests", "packages/b/tests/x.py"),
        ("pytest '{root}/d?cs'", "docs/a.md"),
        ("pytest ../{member}-data/x", "packages/a-data/x"),
        ("tool a=1,b=../b/x:c", "packages/b/x"),
        ("pip install -r ../../reqs/dev.txt", "reqs/dev.txt"),
        ("tool @../b/args", "packages/b/args"),
        ("tool --ignore=sub/../../b/x", "packages/b/x"),
        ("tool ../b/vendored/deep/file", "packages/b/vendored"),
        ("pytest {root}/uv.lock", "uv.lock"),
        (("python", "-c", "open('../../docs/a.md')"), "docs/a.md"),
        ("tool ..\\\\b\\\\x", "packages/b/x"),
    ],
    ids=str,
)
def test_a_command_names(command: Command, path: str) -> None:
    """Wherever the path stands in a word, and whatever fills it."""
    assert _is_named(_run(command), path)


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("pytest tests {posargs}", "docs/a.md"),
        ("pytest tests", "tests/a.py"),
        ("pytest -k 'a / b' tests", "docs/a.md"),
        ("pytest ../b/tests", "packages/b/src/b.py"),
        ("pytest {root}/doc", "docs/a.md"),
        (("python", "-c", "print(1 / 2)"), "docs/a.md"),
        (("sh", "-c", "test $X = 1"), "docs/a.md"),
    ],
    ids=str,
)
def test_a_command_does_not_name(command: Command, path: str) -> None:
    """What stays in the directory of the session, or leads elsewhere."""
    assert not _is_named(_run(command), path)


@pytest.mark.parametrize(
    ("value", "path"), [("../shared", "packages/shared/x"), ("src:../../lib", "lib/x"), ("../../my lib", "my lib/x")]
)
def test_a_variable_names(value: str, path: str) -> None:
    """A value of ``env`` is a path, or several."""
    assert _is_named(_run("pytest", env={"X": value}), path)
    assert not _is_named(_run("pytest", env={"X": value}), "docs/a.md")


def test_in_the_root() -> None:
    """A session that runs in the workspace root names everything from there."""
    assert _is_named(_run("sphinx-build docs out", integration=True), "docs/a.md")
    assert _is_named(_run("mypy .", integration=True), "packages/b/x")
    assert not _is_named(_run("pytest tests", integration=True), "docs/a.md")


def test_links_on_the_way() -> None:
    """A path leads where its links lead, ``..`` behind them too."""
    run = _run("pytest ../shared/tests ../other/../x")
    links = {"packages/shared": "../common/deep", "packages/other": "../e2e/deep"}
    assert _is_named(run, "common/deep/tests/a.py", links)
    assert _is_named(run, "e2e/x", links)
    assert not _is_named(run, "common/deep/tests/a.py")


def _files_read(run: SessionRun, changed: dict[str, Meaning], noxfile: str | None = None) -> dict[str, str]:
    """Return which of the *changed* files *run* reads, and why."""
    readers = Readers(WorkTree(), (), ROOT.as_posix())
    files = SessionFiles(ROOT.as_posix(), readers.ends, noxfile)
    return {file.path: file.why for file in files.read_by(run, ChangedFiles(changed, ROOT.as_posix()))}


@pytest.mark.parametrize(
    ("noxfile", "path", "reads"),
    [
        ("session.run('tool', '../../docs/a.md')", "docs/a.md", True),
        ("session.run('tool', 'packages/b/data')", "packages/b/data/x.json", True),
        ("session.run('tool', 'packages/b/data')", "packages/b/other/x.json", False),
        ("PAGES = 'docs'", "docs/a.md", True),
    ],
)
def test_a_function_reads_what_the_noxfile_names(noxfile: str, path: str, *, reads: bool) -> None:
    """From its member or from the root."""
    meaning = Meaning(because="a rule", document=path.startswith("docs"))
    assert bool(_files_read(_run(), {path: meaning}, noxfile)) is reads


def test_documents_in_the_root() -> None:
    """What runs in the root may read every document; a session of a member reads those that it names."""
    changed = {"docs/a.md": Meaning(because="a rule", document=True), "Makefile": Meaning(because="a rule")}
    reason = "which what runs in the workspace root may read"
    assert _files_read(_run("mkdocs build", integration=True), changed) == {"docs/a.md": reason}
    assert _files_read(_run("pytest ../../docs"), changed) == {"docs/a.md": "which a command of it names"}
    assert _files_read(_run("pytest tests", "mypy ../b"), changed) == {}


def test_what_is_settled_is_read_by_nobody() -> None:
    """A rule of the workspace is the last word, and what concerns everything needs no readers."""
    changed = {
        "docs/a.md": Meaning(because="a rule", final=True),
        "docs/b.md": Meaning(because="a rule", everything=True),
    }
    assert _files_read(_run("pytest ../../docs"), changed) == {}


def test_files_in_the_folders_above() -> None:
    """Tools look there for settings: in the folders of another package, not in those of the root."""
    changed = {
        "packages/conftest.py": Meaning(because="a file of `outer`", packages=("outer",)),
        "conftest.py": Meaning(because="a file of `whole`", packages=("whole",)),
        "packages/README.md": Meaning(because="a file of `outer`", packages=("outer",)),
        "packages/b/x.py": Meaning(because="a file of `b`", packages=("b",)),
    }
    assert _files_read(_run("pytest"), changed) == {"packages/conftest.py": "in a folder above it"}
