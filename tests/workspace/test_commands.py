"""Commands: how their placeholders expand, and which one runs where none is configured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from wsnox.errors import CommandError
from wsnox.workspace.commands import default_command, expand
from wsnox.workspace.records import Manifest

if TYPE_CHECKING:
    from wsnox.workspace.settings import Command


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
    assert default_command(tmp_path, ["leaf", "pytest"], _manifest("a"), _manifest()) == command


@pytest.mark.parametrize(
    ("owner", "root", "hint"),
    [
        (_manifest("a"), _manifest(), "`uv add --package a --dev pytest`"),
        (_manifest(), _manifest(), "`uv add --dev pytest`"),
        (
            _manifest("a", test=("PyTest[x]>=7",)),
            _manifest(lint=("pytest",)),
            'the group `test` has pytest: set `groups = ["test"]` in `[tool.wsnox]` of `/w/a/pyproject.toml`',
        ),
        (
            _manifest("a", test=("pytest-cov",)),
            _manifest(lint=("pytest",)),
            'the group `lint` has pytest: set `root-groups = ["lint"]` in `[tool.wsnox]` of `/w/pyproject.toml`',
        ),
    ],
)
def test_tests_without_pytest(tmp_path: Path, owner: Manifest, root: Manifest, hint: str) -> None:
    """Tests that nothing in the closure can run are an error that names the group to take pytest from."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").touch()
    with pytest.raises(CommandError) as caught:
        default_command(tmp_path, ["leaf"], owner, root)
    named = owner.name or "the workspace"
    assert str(caught.value) == f"`tests` of {named} holds tests, but its closure has no pytest\n\nhint: {hint}"
