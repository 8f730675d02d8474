"""Whatever the files of a workspace hold, each command and `nox -l` end with a sentence, and never with a traceback."""

from __future__ import annotations

import copy
import shutil
from typing import TYPE_CHECKING, Any

import nox
import pytest
import tomli
import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import wsnox as of_noxfiles
from tests.support.workspaces import MemberSpec, lock, write_workspace
from wsnox.cli import main
from wsnox.noxfile import register

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.real

COMMANDS = (
    ("list",),
    ("check",),
    ("closure", "--all-packages", "--all-groups", "--all-extras"),
    ("why", "project-a", "leaf"),
    ("diff", "project-a", "project-b"),
    ("export", "project-b"),
    ("graph",),
    ("matrix", "--format", "github"),
    ("affected", "--explain", "packages/project-a/pyproject.toml"),
)
FILES = ("pyproject.toml", "packages/project-a/pyproject.toml", "uv.lock")
DIGITS = "9" * 5000
TEXTS = (
    *("", " ", "\0", "\x1b[2J", "é", "../..", "/", "**", "[", "{", "(" * 3000, "x" * 70_000, DIGITS, f"1.{DIGITS}", f"1!{DIGITS}"),
    *(f">={DIGITS}", "~=3", "===x", "==1.*.*", "<99999999999999999999", "leaf=>1", "leaf @ http://[", "leaf @ file:///a%00b"),
    *(f"leaf=={DIGITS}", f"leaf ; python_version < '{DIGITS}'", "leaf ; python_full_version ~= '3'", "leaf[x]; extra == 'a'"),
)  # fmt: skip
SCALARS = st.sampled_from(TEXTS) | st.text(max_size=20) | st.integers() | st.floats() | st.booleans() | st.dates()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TEXTS[:8]), inner, max_size=3),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, wheelhouse: Path) -> Path:
    """Return a workspace in whose manifests much is said."""
    folder = tmp_path_factory.mktemp("odd") / "workspace"
    a = MemberSpec("project-a", dependencies=["flavoured[fast]"], extras={"x": ["num"]}, groups={"dev": ["leaf"]})
    b = MemberSpec("project-b", dependencies=["project-a"])
    wsnox = {
        "commands": ["pytest {posargs}"], "groups": ["dev"], "pythons": ["3.12"], "env": {"A": "b"}, "tags": ["t"],
        "extras": [["x"]], "tasks": {"types": {"commands": [["mypy", "."]], "members": ["project-*"]}},
        "integration": {"both": {"packages": ["project-a[x]", "project-b"]}}, "affected": {"platforms": ["linux"]},
    }  # fmt: skip
    write_workspace(folder, [a, b], index=wheelhouse, wsnox=wsnox, root_groups={"lint": ["backported"]})
    lock(folder)
    return folder


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every table, array and value of a document."""
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*place, key))


def _with(document: Any, place: tuple[Any, ...], value: Any) -> bytes:
    """Return *document* with *value* at *place*, as TOML."""
    changed = inner = copy.deepcopy(document)
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return tomli_w.dumps(changed).encode()


def _look(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run every command, and load a noxfile: an exception that is no sentence gets through, and fails the test."""
    for command in COMMANDS:
        code = main([*command, "--root", str(root)])
        said = capsys.readouterr()
        assert code in (0, 1) or said.err.startswith("error: "), (command, said.err)
        assert "\x1b" not in said.out + said.err
    register._suite_at.cache_clear()
    try:
        of_noxfiles.sessions(root)
    except SystemExit:
        pass
    finally:
        said = capsys.readouterr()
        assert not said.err or said.err.startswith("wsnox: ")
        shutil.rmtree(root / ".nox", ignore_errors=True)
        nox.registry.reset()


def _odd(root: Path, file: str, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    before = (root / file).read_bytes()
    (root / file).write_bytes(content)
    try:
        _look(root, capsys)
    finally:
        (root / file).write_bytes(before)


ODDLY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ODDLY
@given(st.sampled_from(FILES), st.integers(0, 10_000), VALUES)
@example("pyproject.toml", 155, [])
def test_a_value(root: Path, capsys: pytest.CaptureFixture[str], file: str, where: int, value: Any) -> None:
    """Any value stands in the place of any other."""
    document = tomli.loads((root / file).read_text(encoding="utf-8"))
    places = [*_places(document)]
    _odd(root, file, _with(document, places[where % len(places)], value), capsys)


@ODDLY
@given(st.sampled_from(FILES), st.integers(0, 100_000), st.integers(0, 40), st.binary(max_size=6))
@example("pyproject.toml", 0, 0, f"a = {DIGITS}\n".encode())
@example("packages/project-a/pyproject.toml", 0, 0, f"a = {DIGITS}\n".encode())
@example("uv.lock", 0, 0, f"a = {DIGITS}\n".encode())
@example("packages/project-a/pyproject.toml", 0, 0, b"a = " + b"[" * 100_000)
@example("uv.lock", 0, 0, b"a = " + b"[" * 100_000)
@example("pyproject.toml", 0, 0, b"\xff\xfe")
@example("uv.lock", 0, 0, b"\0")
@example("uv.lock", 0, 0, b"<<<<<<< ours\n")
def test_bytes(root: Path, capsys: pytest.CaptureFixture[str], file: str, where: int, cut: int, more: bytes) -> None:  # noqa: PLR0917 - as hypothesis hands them over
    """Some bytes are lost, and others come in their place."""
    content = (root / file).read_bytes()
    start = where % (len(content) + 1)
    _odd(root, file, content[:start] + more + content[start + cut :], capsys)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "content", [b"", b"\n" * 1000, b"\xef\xbb\xbf", b"version = 1\n", b"[project]\n", b"[tool.uv.workspace]\n"]
)
def test_another_file(root: Path, capsys: pytest.CaptureFixture[str], file: str, content: bytes) -> None:
    """A file of another kind stands there."""
    _odd(root, file, content, capsys)
