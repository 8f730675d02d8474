"""What commands, manifests and tests say of the files that they read: each as a line of text, without git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name

from wsnox.affected.links import is_below
from wsnox.affected.readers import Line, Readers, WorkTree, strings_to_find
from wsnox.affected.rules import LocalPackage, Meaning
from wsnox.workspace.model import Manifest, Member, MemberSelection
from wsnox.workspace.sessions import Session, SessionRun

if TYPE_CHECKING:
    from wsnox.workspace.settings import Command

ROOT = Path("/some place/root")
PACKAGES = (LocalPackage("a", "packages/a"), LocalPackage("b", "packages/b"), LocalPackage("far", "../far"))


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
    absolute = readers.absolute(path)
    return any(is_below(absolute, name) or is_below(name, absolute) for name in readers.named_by(run))


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


def _readers(
    file: str, text: str, path: str, *, document: bool = False, links: dict[str, str] | None = None
) -> set[str]:
    """Return who reads *path*, given one line of *file*; the line is one that is searched for."""
    if not any(each in text for each in strings_to_find([path] if document else [])):
        return set()
    lines = tuple(Line(file, each) for each in text.splitlines())
    return set(
        Readers(WorkTree(lines=lines, links=links or {}), PACKAGES, ROOT.as_posix()).packages(path, document=document)
    )


@pytest.mark.parametrize(
    ("file", "text", "path"),
    [
        ("pyproject.toml", 'readme = "../../README.md"', "README.md"),
        ("pyproject.toml", 'readme = { file = "../../docs/a.rst", content-type = "x" }', "docs/a.rst"),
        ("pyproject.toml", 'license-files = ["../../LICENSES/*"]', "LICENSES/MIT.txt"),
        ("pyproject.toml", '"../b/data" = "a/data"', "packages/b/data/x.json"),
        ("pyproject.toml", 'path = "{root:uri}/../../docs/a.md"', "docs/a.md"),
        ("pyproject.toml", 'a = ["../../docs/*.md"]', "docs/a.md"),
        ("pyproject.toml", 'manifest-path = "../../crates/a/Cargo.toml"', "crates/a/Cargo.toml"),
        ("pyproject.toml", 'cmake.source-dir = ".."', "packages/b/x"),
        ("pyproject.toml", 'pythonpath = ["src", "../b/tests"]', "packages/b/tests/x.py"),
        ("pyproject.toml", 'extend = "../../docs/ruff.toml"', "docs/ruff.toml"),
        ("pyproject.toml", 'testpaths = ["tests", "../../docs"]', "docs/a.md"),
        ("pyproject.toml", "addopts = '--doctest-glob=*.md ../../docs'", "docs/a.md"),
        ("MANIFEST.in", "include ../../LICENSE", "LICENSE"),
        ("requirements/dev.txt", "-r ../../b/reqs.txt", "packages/b/reqs.txt"),
        ("setup.cfg", "long_description = file: ../../README.md", "README.md"),
        ("setup.py", "open('../../README.md')", "README.md"),
        ("Cargo.toml", 'b = { path = "../b/crate" }', "packages/b/crate/x.rs"),
        ("tests/test_a.py", "HERE / '../../b/data.json'", "packages/b/data.json"),
        ("tests/test_a.py", 'os.path.join(HERE, "..", "..", "b", "data.json")', "packages/b/data.json"),
        ("tests/test_a.py", 'HERE / ".." / ".." / "b" / "data.json"', "packages/b/data.json"),
        ("tests/test_a.py", "os.path.join(__file__, '../../../b/x')", "packages/b/x"),
        ("tests/test_a.py", "x = r'..\\..\\b\\x'", "packages/b/x"),
        ("docs/index.rst", ".. include:: ../../../README.rst", "README.rst"),
    ],
)
def test_a_file_names(file: str, text: str, path: str) -> None:
    """What a file of a package names outside of it counts as a file of the package, and of no other."""
    assert _readers(f"packages/a/{file}", text, path) == {"a"}
    assert _readers(f"packages/a/{file}", text, "elsewhere/x") == set()


@pytest.mark.parametrize(
    ("file", "text", "path"),
    [
        ("pyproject.toml", 'root = "../.."', "docs/a.md"),
        ("README.md", "see [the license](../../LICENSE)", "LICENSE"),
        ("src/a.py", 'if path.startswith("../"):', "packages/b/x"),
        ("src/a.py", "# see https://example.org/../../b/x", "packages/b/x"),
        ("src/a.py", "from ..b import x", "packages/b/x"),
        ("tests/test_a.py", "open('../src/a.py')", "packages/b/src/a.py"),
    ],
)
def test_a_file_does_not_name(file: str, text: str, path: str) -> None:
    """Links for people, where the repository is, and what stays inside."""
    assert _readers(f"packages/a/{file}", text, path) == set()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("PAGES = (ROOT / 'docs').iterdir()", "docs/deep/a.md"),
        ("README = ROOT / 'README.md'", "README.md"),
        ("names = ROOT.glob('README*')", "README.rst"),
        ("pages = ROOT.rglob('*.md')", "docs/a.md"),
        ("if path.suffix == '.rst':", "docs/a.rst"),
        ("Sybil(patterns=['*.rst'])", "docs/a.rst"),
        ("open(f'{ROOT}/docs/a.md')", "docs/a.md"),
        ("open(f'{page}.md')", "docs/a.md"),
        ("from docs.helpers import x", "docs/helpers.py"),
        ("ROOT = Path(__file__).parents[3]\nfor each in ROOT.rglob('*'):", "docs/a.md"),
        ("files = git('ls-files')\nroot = request.config.rootpath", "LICENSE"),
        ("['git', 'rev-parse', '--show-toplevel']\nos.walk(root)", "docs/a.md"),
    ],
)
def test_a_test_reads_documents(text: str, path: str) -> None:
    """The name of a document, its folder or its suffix is enough; so is code that climbs out and goes through folders."""
    assert _readers("packages/a/tests/test_docs.py", text, path, document=True) == {"a"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tests/test_a.py", "# https://docs.example.org/docs/x"),
        ("tests/test_a.py", "tmp_path.rglob('*')"),
        ("tests/test_a.py", "(tmp_path / 'notes.md').touch()"),
        ("pyproject.toml", 'readme = "README.md"'),
        ("README.md", "see docs/a.md"),
        ("src/a.py", "documents = 1"),
    ],
)
def test_nobody_reads_documents(file: str, text: str) -> None:
    """What only looks like it."""
    assert _readers(f"packages/a/{file}", text, "docs/a.md", document=True) == set()
    assert _readers(f"packages/a/{file}", text, "README.md", document=True) == set()


def test_a_package_behind_a_link() -> None:
    """Where the folder of a package is a link, its files are elsewhere, and name things from there."""
    links = {"packages/a": "../real/a"}
    assert _readers("real/a/pyproject.toml", 'readme = "../../README.md"', "README.md", links=links) == {"a"}


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
    readers = Readers(WorkTree(noxfile=noxfile), PACKAGES, ROOT.as_posix(), functions=True)
    meaning = Meaning(because="a rule", document=path.startswith("docs"))
    changed = [(path, readers.absolute(path), meaning)]
    assert any(readers.files_read(_run(), changed)) is reads
