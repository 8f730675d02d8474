"""What files of packages say of the files that they read: each as a line of text, without git."""

from __future__ import annotations

import pytest

from wsnox.affected.readers import EVERYBODY, ROOT, Line, Reader, Readers, WorkTree, strings_to_find
from wsnox.affected.rules import LocalPackage, Meaning

FOLDER = "/some place/root"
PACKAGES = (LocalPackage("a", "packages/a"), LocalPackage("b", "packages/b"), LocalPackage("far", "../far"))
CLIMB = "HERE = Path(__file__).parents[3]\n"


def _readers(
    file: str, text: str, path: str, *, meaning: Meaning | None = None, links: dict[str, str] | None = None
) -> set[str]:
    """Return who reads *path*, given the lines *text* of *file*; each is one that is searched for."""
    meaning = meaning or Meaning(because="a rule")
    strings = strings_to_find({path: meaning}, PACKAGES)
    lines = tuple(Line(file, line) for line in text.splitlines() if any(string in line for string in strings))
    return _packages(WorkTree(lines=lines, links=links or {}), path, meaning)


def _packages(work_tree: WorkTree, path: str, meaning: Meaning) -> set[str]:
    return {reader.package for reader in Readers(work_tree, PACKAGES, FOLDER, _of_tests).of(path, meaning)}


def _of_tests(file: str) -> tuple[str, ...]:
    """Return whose alone the tests are."""
    return ("a",) if file.startswith("packages/a/tests/") else ()


DOCUMENT = Meaning(because="a rule", document=True)


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
        ("src/a.py", "    See [b](../../b/x.md).", "packages/b/x.md"),
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
    assert _readers("packages/a/tests/test_docs.py", CLIMB + text, path, meaning=DOCUMENT) == {"a"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tests/test_a.py", "# https://docs.example.org/docs/x"),
        ("tests/test_a.py", "tmp_path.rglob('*')"),
        ("tests/test_a.py", "(tmp_path / 'notes.md').touch()"),
        ("pyproject.toml", 'readme = "README.md"'),
        ("README.md", "see docs/a.md"),
        ("src/a.py", "documents = 1"),
        ("tests/test_a.py", CLIMB + "PAGE = HERE / 'docs' / 'b.md'"),
        ("tests/data.yaml", "../../../x: docs/a.md"),
    ],
)
def test_nobody_reads_documents(file: str, text: str) -> None:
    """What only looks like it."""
    assert _readers(f"packages/a/{file}", text, "docs/a.md", meaning=DOCUMENT) == set()
    assert _readers(f"packages/a/{file}", text, "README.md", meaning=DOCUMENT) == set()


def test_a_package_behind_a_link() -> None:
    """Where the folder of a package is a link, its files are elsewhere, and name things from there."""
    links = {"packages/a": "../real/a"}
    assert _readers("real/a/pyproject.toml", 'readme = "../../README.md"', "README.md", links=links) == {"a"}


def test_only_a_package_that_climbs_reads_documents() -> None:
    """Without a way out of its directory, a name is that of a file of the package's own; the way may be in another file."""
    text = "README = (HERE / 'README.md').read_text()"
    assert _readers("packages/a/tests/test_readme.py", text, "README.md", meaning=DOCUMENT) == set()
    lines = (Line("packages/a/tests/test_readme.py", text), Line("packages/a/tests/conftest.py", CLIMB))
    assert _packages(WorkTree(lines=lines), "README.md", DOCUMENT) == {"a"}
    chain = Line("packages/a/tests/conftest.py", "ROOT = Path(__file__).parent.parent.parent")
    assert _packages(WorkTree(lines=(lines[0], chain)), "README.md", DOCUMENT) == {"a"}


def test_tests_of_the_root_read_documents() -> None:
    """They need not climb."""
    assert _readers("tests/test_readme.py", "open('README.md')", "README.md", meaning=DOCUMENT) == {ROOT}


@pytest.mark.parametrize(
    ("text", "readers"),
    [
        ("DATA = ROOT / 'b' / 'tests' / 'data'", {"a"}),
        ('os.path.join(ROOT, "b", "tests")', {"a"}),
        ("open('packages/b/tests/data.json')", {"a"}),
        ("DATA = ROOT / 'tests' / 'data'", set()),
        ("import b.tests", set()),
        ("from packages.b.tests.helpers import x", {"a"}),
        ("pytest_plugins = ['packages.b.tests.helpers']", {"a"}),
    ],
)
def test_the_tests_of_another_package(text: str, readers: set[str]) -> None:
    """Whoever names their folder behind that of the package reads them; the package itself need not be told."""
    own = Meaning(because="a file of `b` alone", own=("b",))
    assert _readers("packages/a/tests/test_a.py", text, "packages/b/tests/data.json", meaning=own) == readers
    assert _readers("packages/b/tests/test_b.py", text, "packages/b/tests/data.json", meaning=own) == set()


def test_a_folder_of_another_package_that_is_imported() -> None:
    """Where a package is installed in place, its whole directory may be importable; each has `tests` of its own."""
    own = Meaning(because="a file of `b` alone", own=("b",))
    text = "from examples.demo import x\nfrom tests.helpers import y"
    assert _readers("packages/a/tests/test_a.py", text, "packages/b/examples/demo.py", meaning=own) == {"a"}
    assert _readers("packages/a/tests/test_a.py", text, "packages/b/tests/helpers.py", meaning=own) == set()


def test_what_the_noxfile_imports() -> None:
    """It is everybody's, other than what the noxfile names otherwise, as for a command."""
    of_root = Meaning(because="a rule", in_root=True)
    imports, says = "from tools.ci import versions", "session.run('pytest', 'tools/test_ci.py')"
    assert _packages(WorkTree(noxfile=imports), "tools/ci.py", of_root) == {EVERYBODY}
    assert _packages(WorkTree(noxfile="sys.path.insert(0, 'tools')"), "tools/ci.py", of_root) == {EVERYBODY}
    assert _packages(WorkTree(noxfile=says), "tools/ci.py", of_root) == set()


@pytest.mark.parametrize(
    ("conftest", "path", "meaning", "reads"),
    [
        ("README = ROOT / 'README.md'", "README.md", DOCUMENT, True),
        ("pages = ROOT.rglob('*.md')", "docs/a.md", DOCUMENT, True),
        ("from tests.helpers import x", "tests/helpers.py", Meaning(because="a rule", in_root=True), True),
        ('"src"', "src/x.py", Meaning(because="a rule", in_root=True), True),
        ("# all tests", "tests/helpers.py", Meaning(because="a rule", in_root=True), False),
        ("X = 1", "README.md", DOCUMENT, False),
    ],
)
def test_what_everybody_reads(conftest: str, path: str, meaning: Meaning, *, reads: bool) -> None:
    """A ``conftest.py`` above the members is everybody's."""
    assert _packages(WorkTree(conftest=conftest), path, meaning) == ({EVERYBODY} if reads else set())


@pytest.mark.parametrize(
    ("text", "readers"),
    [
        (f"{CLIMB}SAMPLES = HERE / 'samples'", {"a"}),
        (f"{CLIMB}open(f'{{HERE}}/samples/deep/a.py')", {"a"}),
        (f"{CLIMB}open(f'{{HERE}}/samples/b.py')", set()),
        (f"{CLIMB}FOLDERS = ['samples']", set()),
        (f"{CLIMB}SAMPLES = HERE.joinpath('samples')", {"a"}),
        ("SAMPLES = HERE / 'samples'", set()),
        (f"{CLIMB}SAMPLES = HERE / 'other'", set()),
    ],
)
def test_files_of_the_root(text: str, readers: set[str]) -> None:
    """Whoever leaves its own package and names their first folder reads them."""
    of_root = Meaning(because="a file of the root", in_root=True)
    assert _readers("packages/a/tests/test_a.py", text, "samples/deep/a.py", meaning=of_root) == readers


def test_who_installs_the_reader() -> None:
    """What a file of a package alone reads is the package's alone, unless a file that others get reads it, too."""
    lines = [Line("packages/a/tests/test_a.py", "open('../../../README.md')")]

    def readers() -> set[Reader]:
        return set(Readers(WorkTree(lines=tuple(lines)), PACKAGES, FOLDER, _of_tests).of("README.md", DOCUMENT))

    assert readers() == {Reader("a", alone=True)}
    lines.append(Line("packages/a/pyproject.toml", 'readme = "../../README.md"'))
    assert readers() == {Reader("a", alone=True), Reader("a")}


@pytest.mark.parametrize(
    ("file", "text", "reads"),
    [
        ("tests/test_a.py", "ROOT = Path(__file__).parents[1]", False),
        ("tests/test_a.py", "ROOT = Path(__file__).parents[2]", True),
        ("tests/deep/test_a.py", "ROOT = Path(__file__).parents[2]", False),
        ("tests/test_a.py", "ROOT = Path(__file__).parent.parent", False),
        ("tests/test_a.py", "ROOT = Path(__file__).parent.parent.parent", True),
        ("tests/test_a.py", "ROOT = Path(__file__).parents[LEVEL]", True),
        ("tests/test_a.py", "ROOT = os.path.join(HERE, '..', '..')", True),
        ("tests/a/test_a.py", "ROOT = os.path.join(HERE, '..', '..')", False),
        ("tests/test_a.py", "ROOT = config.rootpath", True),
        ("src/a.py", "ROOT = git('rev-parse', '--show-toplevel')", False),
        ("src/a.py", "ROOT = file.parents[3]", False),
        ("src/a.py", "ROOT = Path(__file__).parents[3]", True),
    ],
)
def test_how_far_a_file_climbs(file: str, text: str, *, reads: bool) -> None:
    """Only what leaves the package can reach a document of the root."""
    lines = f"{text}\nTEXT = (ROOT / 'README.md').read_text()"
    assert _readers(f"packages/a/{file}", lines, "README.md", meaning=DOCUMENT) == ({"a"} if reads else set())


def test_a_build_hook() -> None:
    """What a hook of hatchling bundles from above its project is read by all who install it."""
    text = "docs = Path(self.root).parent\nfor page in docs.rglob('*.md'):"
    assert _readers("packages/a/scripts/hatch_build.py", text, "docs/a.md", meaning=DOCUMENT) == {"a"}
    assert _readers("packages/a/src/a.py", text, "docs/a.md", meaning=DOCUMENT) == set()
