"""What runs without commands, and hints on how a session gets what it lacks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.utils import canonicalize_name

from wsnox.errors import CommandError
from wsnox.workspace.commands import Remedies, default_command, names_tests
from wsnox.workspace.model import Manifest, Member, MemberSelection
from wsnox.workspace.sessions import Session, SessionKind
from wsnox.workspace.settings import Config, Integration, Resolution, Settings, Task

if TYPE_CHECKING:
    from wsnox.workspace.settings import Names


def _manifest(name: str = "", **groups: tuple[str, ...]) -> Manifest:
    path = Path(f"/w/{name}/pyproject.toml" if name else "/w/pyproject.toml")
    return Manifest(
        path=path,
        name=canonicalize_name(name) if name else None,
        groups={canonicalize_name(group): entries for group, entries in groups.items()},
    )


def _session(directory: Path, owner: Manifest, groups: Names | None = None, *, runs_in: Path | None = None) -> Session:
    """Return the session of the member *owner*, which lies in *directory*, with *groups* of it."""
    member = Member(name=owner.name or canonicalize_name("a"), directory=directory, path="a", manifest=owner)
    return Session(
        kind="test",
        name=member.name,
        description="",
        variants={"": (MemberSelection(member=member, groups=groups),)},
        directory=runs_in or directory,
        tags=("member",),
        pythons=None,
    )


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ((), None),
        (("src/x.py", "conftest.py", "testing/test_x.py"), None),
        (("tests/test_x.py",), ("pytest", "tests", "{posargs}")),
        (("test/x_test.py", "tests/test_y.py"), ("pytest", "tests", "test", "{posargs}")),
        (("test_b.py", "a_test.py"), ("pytest", "a_test.py", "test_b.py", "{posargs}")),
        (("tests/test_x.py", "test_b.py"), ("pytest", "tests", "{posargs}")),
        (("tests",), None),
    ],
)
def test_default_command(tmp_path: Path, files: tuple[str, ...], command: tuple[str, ...] | None) -> None:
    """The default is pytest on a member's test folders, else on the test files beside its manifest, else not at all."""
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert default_command(_session(tmp_path, _manifest("a")), ["leaf", "pytest"], _manifest()) == command


def test_posargs_decide(tmp_path: Path) -> None:
    """Where tests are named, the folders are left out."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_x.py").touch()
    session = _session(tmp_path, _manifest("a"))
    for posargs, command in (
        (["-k", "tests"], ("pytest", "tests", "{posargs}")),
        (["tests/test_x.py"], ("pytest", "{posargs}")),
    ):
        assert default_command(session, ["pytest"], _manifest(), posargs=posargs) == command


@pytest.mark.parametrize(
    ("runs_in", "words"), [("..", ["a/tests", "a/test"]), ("tests", [".", "../test"]), ("src", ["../tests", "../test"])]
)
def test_the_default_command_in_another_directory(tmp_path: Path, runs_in: str, words: list[str]) -> None:
    """The tests are the member's wherever it runs, and their paths start there."""
    for folder in ("tests", "test", "src"):
        (tmp_path / "a" / folder).mkdir(parents=True)
    session = _session(tmp_path / "a", _manifest("a"), runs_in=(tmp_path / "a" / runs_in).resolve())
    assert default_command(session, ["pytest"], _manifest()) == ("pytest", *words, "{posargs}")


@pytest.fixture(scope="module")
def member(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a member's directory, with files whose names are also words of expressions."""
    folder = tmp_path_factory.mktemp("member")
    for name in ("tests/test_a.py", "tests/test_b.py", "src/pkg/__init__.py", "slow", "chosen.txt", "5"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "chosen.txt").write_text("tests/test_b.py\n", encoding="utf-8")
    return folder


NAMING = (
    "tests/test_b.py",
    "tests",
    "tests/test_b.py::test_x",
    "tests/test_b.py::TestX::test_x[a::b/c]",
    "tests/missing.py",
    "src",
    "@chosen.txt",
    "-x tests/test_b.py",
    "-xvs tests/test_b.py::test_x",
    "-k slow tests/test_b.py",
    "-kslow tests/test_b.py",
    "-rA tests/test_b.py",
    "--tb=short tests/missing.py",
    "--cov=src tests/missing.py",
    "tests/test_b.py -k slow",
    "--pyargs pkg",
    "pkg.tests --pyargs -x",
    "--lf -- tests/test_b.py",
    "--deselect tests/test_a.py tests/test_b.py",
)
NOT_NAMING = (
    "",
    "-x -v --lf",
    "-k slow",
    "-k tests",
    "-xk tests",
    "-vvm slow",
    "-m slow",
    "-k tests -m slow",
    "--deselect tests/test_b.py",
    "--deselect tests/test_b.py::test_x",
    "--ignore tests/test_b.py",
    "--ignore-glob tests/*",
    "-c chosen.txt",
    "-p pkg",
    "-o slow=5",
    "-W error",
    "-r A",
    "--rootdir src",
    "--confcutdir tests",
    "--basetemp slow",
    "--junitxml chosen.txt",
    "--maxfail 5",
    "--durations 5",
    "-n 5",
    "-n auto --dist loadfile",
    "--cov src --cov-report term",
    "--cov --cov-report term",
    "--reruns 3",
    "--pyargs -k tests",
)


@pytest.mark.parametrize(
    ("words", "named"), [*((words, True) for words in NAMING), *((words, False) for words in NOT_NAMING)]
)
def test_names_tests(member: Path, words: str, *, named: bool) -> None:
    """Paths, node ids and packages name tests; options and their values do not, though there be a file of that name."""
    assert names_tests(words.split(), member) is named


def test_an_absolute_path_names_tests(member: Path) -> None:
    """Where a path starts makes no difference."""
    assert names_tests(["--unknown", str(member / "tests/test_b.py")], member)
    assert not names_tests(["--unknown", str(member / "tests/missing.py")], member)
    assert not names_tests(["--unknown", "x" * 5000], member)
    assert not names_tests(["--unknown", "\0"], member)


class _Parsed:
    """A plugin that takes down what pytest understood, and lets it run nothing."""

    paths: list[str] | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        self.paths = config.option.file_or_dir
        return 0


def _understood(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str] | None:
    """Return what the real pytest takes for paths among *words*, `None` where it refuses them."""
    parsed = _Parsed()
    pytest.main(["-c", "chosen.ini", *words], plugins=[parsed])
    capsys.readouterr()
    return parsed.paths


def _options(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return every option that this pytest and its plugins know, as its help lists them."""
    pytest.main(["--help"])
    helped, _, _ = capsys.readouterr().out.partition("[pytest] configuration options")
    lines = re.findall(r"^  (-.*?)(?:  |$)", helped, re.MULTILINE)
    return sorted({name for line in lines for name in re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", line)})


@pytest.mark.slow
def test_options_are_what_pytest_takes_them_for(
    member: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Behind every option of the real pytest that can have it there, a path is a path or a value as pytest has it."""
    monkeypatch.chdir(member)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    (member / "chosen.ini").write_text("[pytest]\n", encoding="utf-8")
    # These end pytest, write files, or are of a plugin that wsnox knows nothing of.
    others = re.compile(r"-[hpV]|--(help|version|debug|hypothesis.*)")
    commands = [[option, "tests"] for option in _options(capsys) if not others.fullmatch(option)]
    understood = [(words, paths) for words in commands if (paths := _understood(words, capsys)) is not None]
    assert len(understood) > 60
    assert [words for words, paths in understood if names_tests(words, member) is not bool(paths)] == []


DEV = canonicalize_name("dev")
TEST = canonicalize_name("test")


@pytest.mark.parametrize(
    ("owner", "groups", "root", "hint"),
    [
        (_manifest("a"), None, _manifest(), "`uv add --package a --dev pytest`"),
        (
            _manifest("a"),
            (),
            _manifest(),
            '`uv add --package a --dev pytest`, and set `groups = ["dev"]` in `[tool.wsnox]` of `/w/a/pyproject.toml`',
        ),
        (_manifest("a", test=()), (TEST,), _manifest(), "`uv add --package a --group test pytest`"),
        (
            _manifest("a", test=("PyTest[x]>=7",)),
            None,
            _manifest(lint=("pytest",)),
            'the group `test` has pytest: set `groups = ["test"]` in `[tool.wsnox]` of `/w/a/pyproject.toml`',
        ),
        (
            _manifest("a", dev=("x",), test=("pytest",)),
            None,
            _manifest(),
            'the group `test` has pytest: set `groups = ["dev", "test"]` in `[tool.wsnox]` of `/w/a/pyproject.toml`',
        ),
        (
            _manifest("a", dev=("pytest",), test=("x",)),
            (TEST,),
            _manifest(),
            'the group `dev` has pytest: set `groups = ["test", "dev"]` in `[tool.wsnox]` of `/w/a/pyproject.toml`',
        ),
        (
            _manifest("a", test=("pytest-cov",)),
            None,
            _manifest(lint=("pytest",)),
            'the group `lint` has pytest: set `root-groups = ["lint"]` in `[tool.wsnox]` of `/w/pyproject.toml`',
        ),
    ],
)
def test_tests_without_pytest(tmp_path: Path, owner: Manifest, groups: Names | None, root: Manifest, hint: str) -> None:
    """Tests that nothing in the closure can run are an error that names the group to take pytest from."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").touch()
    with pytest.raises(CommandError) as caught:
        default_command(_session(tmp_path, owner, groups), ["leaf"], root)
    named = f"`{owner.name}`" if owner.name else "the workspace"
    assert str(caught.value) == f"`tests` of {named} holds tests, but its closure has no pytest\n\nhint: {hint}"


# --- remedies ---------------------------------------------------------------------------------------------------------

ROOT, OWN = "/w/pyproject.toml", "/w/a/pyproject.toml"


def _remedies(
    name: str = "a",
    *,
    root: Config | None = None,
    own: Config | None = None,
    groups: tuple[str, ...] | None = None,
    root_defaults: bool = False,
    resolution: Resolution | None = None,
) -> Remedies:
    """Return the remedies for the session *name*: of the member `a`, or of several where it has another name."""
    a, integration = canonicalize_name("a"), name.partition(":")[0] != "a"
    member = Member(
        name=a,
        directory=Path("/w/a"),
        path="a",
        manifest=Manifest(path=Path(OWN), name=a, groups={}, config=own or Config()),
    )
    selected = None if groups is None else tuple(map(canonicalize_name, groups))
    kind: SessionKind = "workspace" if name.startswith("workspace") else "integration" if integration else "test"
    session = Session(
        kind=kind,
        name=name,
        description="",
        variants={"": (MemberSelection(member=member, groups=selected),)},
        directory=member.directory,
        tags=("integration" if integration else "member",),
        pythons=None,
        root_defaults=root_defaults,
        resolution=resolution,
    )
    return Remedies(session=session, root=Manifest(path=Path(ROOT), groups={}, config=root or Config()))


COMMANDS = Settings(commands=("x",))
TASKS = Config(tasks={"types": Task()})


@pytest.mark.parametrize(
    ("name", "root", "own", "key", "table", "manifest"),
    [
        ("a", Config(), Config(), "groups", "tool.wsnox", OWN),
        ("a:types", Config(), TASKS, "groups", "tool.wsnox.tasks.types", OWN),
        ("a:types", TASKS, Config(), "groups", "tool.wsnox.tasks.types", ROOT),
        ("a:types", TASKS, TASKS, "groups", "tool.wsnox.tasks.types", OWN),
        ("both", Config(), Config(), "groups", "tool.wsnox.integration.both", ROOT),
        ("to.gether", Config(), Config(), "groups", 'tool.wsnox.integration."to.gether"', ROOT),
        ("workspace:all", Config(), Config(), "groups", "tool.wsnox.integration.workspace", ROOT),
        # A group of the root serves everybody, but for who has a list or commands of their own.
        ("a", Config(), Config(), "root-groups", "tool.wsnox", ROOT),
        ("a", Config(), Config(settings=COMMANDS), "root-groups", "tool.wsnox", OWN),
        ("a", Config(), Config(settings=Settings(root_groups=())), "root-groups", "tool.wsnox", OWN),
        ("both", Config(), Config(), "root-groups", "tool.wsnox", ROOT),
        (
            "both",
            Config(integration={"both": Integration(settings=COMMANDS)}),
            Config(),
            "root-groups",
            "tool.wsnox.integration.both",
            ROOT,
        ),
    ],
)
def test_the_table_that_wins(*, name: str, root: Config, own: Config, key: str, table: str, manifest: str) -> None:
    """The nearest table that the session has or would have."""
    remedies = _remedies(name, root=root, own=own)
    assert remedies.set(key, ["x"]) == f'set `{key} = ["x"]` in `[{table}]` of `{manifest}`'


LOWEST = Resolution(name="lowest", settings=Settings(groups=()))
HAS_LOWEST = Config(resolutions={"lowest": LOWEST})


@pytest.mark.parametrize(
    ("name", "root", "own", "key", "table", "manifest"),
    [
        ("a:lowest", Config(), Config(), "external", "tool.wsnox", OWN),
        ("a:lowest", Config(), Config(), "root-groups", "tool.wsnox", ROOT),
        ("a:lowest", HAS_LOWEST, Config(), "groups", "tool.wsnox.resolutions.lowest", ROOT),
        ("a:lowest", HAS_LOWEST, HAS_LOWEST, "groups", "tool.wsnox.resolutions.lowest", OWN),
        ("both:lowest", Config(), Config(), "external", "tool.wsnox.integration.both", ROOT),
        ("both:lowest", Config(), Config(), "groups", "tool.wsnox.integration.both.resolutions.lowest", ROOT),
    ],
)
def test_the_table_that_wins_at_a_resolution(
    *, name: str, root: Config, own: Config, key: str, table: str, manifest: str
) -> None:
    """That of the locked session, as no task has the name, but for a key that the table of the resolution has."""
    remedies = _remedies(name, root=root, own=own, resolution=LOWEST)
    assert remedies.set(key, ["x"]) == f'set `{key} = ["x"]` in `[{table}]` of `{manifest}`'


@pytest.mark.parametrize(
    ("remedies", "command"),
    [
        (_remedies(), "`uv add --package a --dev leaf`"),
        (_remedies(groups=("test", "dev")), "`uv add --package a --dev leaf`"),
        (_remedies(groups=("test",)), "`uv add --package a --group test leaf`"),
        (_remedies(groups=()), f'`uv add --package a --dev leaf`, and set `groups = ["dev"]` in `[tool.wsnox]` of `{OWN}`'),
        (_remedies("both", root_defaults=True), "`uv add --dev leaf`"),
        (_remedies("both"), "`uv add --package a --dev leaf`"),
    ],
)  # fmt: skip
def test_a_distribution_is_added_to_a_group_that_is_installed(remedies: Remedies, command: str) -> None:
    """Otherwise the command would not help."""
    assert remedies.add("leaf") == command


def test_a_function_of_the_noxfile_has_its_settings_in_its_decorator() -> None:
    """Its keys are written as Python does."""
    remedies = _remedies("a:t")
    decorated = Remedies(session=remedies.session, root=remedies.root, decorated=True)
    assert decorated.set("root-groups", ["x"]) == 'set `root_groups=["x"]` in the decorator of `a:t`'
    assert remedies.allow("docker").endswith(f"of `{OWN}` to allow it")
