"""Commands: how their placeholders expand, and which one runs where none is configured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from wsnox.errors import CommandError
from wsnox.workspace.commands import default_command, expand, names_tests
from wsnox.workspace.model import Manifest, Member, MemberSelection
from wsnox.workspace.sessions import Session

if TYPE_CHECKING:
    from wsnox.workspace.settings import Command, Names


@pytest.mark.parametrize(
    ("command", "posargs", "words"),
    [
        ("pytest", [], ["pytest"]),
        ("pytest", ["-x"], ["pytest"]),
        ("pytest {posargs}", [], ["pytest"]),
        ("pytest {posargs}", ["-k", "a b"], ["pytest", "-k", "a b"]),
        ("pytest {posargs:tests -q}", [], ["pytest", "tests", "-q"]),
        ("pytest {posargs:tests -q}", ["x"], ["pytest", "x"]),
        ("echo '{member}' {root}/x {other} {}", [], ["echo", "m-1", "/r o/x", "{other}", "{}"]),
        (("pytest", "{posargs}"), [], ["pytest"]),
        (("pytest", "{posargs:a 'b c'}"), [], ["pytest", "a", "b c"]),
        (("pytest", "{posargs:a}"), ["x y", "z"], ["pytest", "x y", "z"]),
        (("{member}:{root}", "a b", ""), ["x"], ["m-1:/r o", "a b", ""]),
        # What fills a placeholder is not looked at again.
        ("run {posargs}", ["{member}", "{root}", "'"], ["run", "{member}", "{root}", "'"]),
        # Inside a longer word what follows `--` is joined.
        ("sh -c 'pytest {posargs:-q x}'", ["-k", "a b"], ["sh", "-c", "pytest -k a b"]),
        ("sh -c 'pytest {posargs:-q x}'", [], ["sh", "-c", "pytest -q x"]),
        (("sh", "-c", "x={posargs}; {member}"), ["a", "b"], ["sh", "-c", "x=a b; m-1"]),
        # Each default stays with its placeholder, quotation and all.
        ("x {posargs:a 'b c'} {posargs} {posargs:d}{posargs:e}", [], ["x", "a", "b c", "de"]),
        ("x {posargs:}", [], ["x"]),
    ],
)
def test_expand(command: Command, posargs: list[str], words: list[str]) -> None:
    """Placeholders are filled word by word: a space in an argument or in the root's path never splits a word."""
    assert expand(command, posargs=posargs, member="m-1", root="/r o") == tuple(words)


def test_placeholders_inside_quotation() -> None:
    """A quoted placeholder stays one word whatever the path holds."""
    assert expand("ls '{root}/x'", posargs=[], member="m", root="/r o") == ("ls", "/r o/x")


@given(st.lists(st.text() | st.sampled_from(["{member}", "{root}", "{posargs}", "a b"])))
def test_posargs_arrive_unchanged(posargs: list[str]) -> None:
    """Law: what follows ``--`` reaches the command word for word, in both forms of a command."""
    for command in ("run {posargs}", ("run", "{posargs}")):
        assert expand(command, posargs=posargs, member="m", root="/r") == ("run", *posargs)


# --- without configured commands ------------------------------------------------------------------------------------


def _manifest(name: str = "", **groups: tuple[str, ...]) -> Manifest:
    path = Path(f"/w/{name}/pyproject.toml" if name else "/w/pyproject.toml")
    return Manifest(
        path=path,
        name=canonicalize_name(name) if name else None,
        groups={canonicalize_name(group): entries for group, entries in groups.items()},
    )


def _session(directory: Path, owner: Manifest, groups: Names | None = None) -> Session:
    """Return the session of the member *owner*, which lies in *directory*, with *groups* of it."""
    member = Member(name=owner.name or canonicalize_name("a"), directory=directory, path="a", manifest=owner)
    return Session(
        kind="test",
        name=member.name,
        description="",
        variants={"": (MemberSelection(member=member, groups=groups),)},
        directory=directory,
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
    named = owner.name or "the workspace"
    assert str(caught.value) == f"`tests` of {named} holds tests, but its closure has no pytest\n\nhint: {hint}"
