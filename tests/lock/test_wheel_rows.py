"""Wheels are read by a pattern where they are as uv writes them: always the same as tomli reads, only quicker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomli
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.lock.samples import HASH, INDEX
from wsnox.errors import WsnoxError
from wsnox.lock import parse_lock
from wsnox.lock.plain_packages import PlainEdges
from wsnox.lock.wheel_rows import Rows, read_toml

if TYPE_CHECKING:
    from collections.abc import Callable

LOCK = f"""version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "num"
version = "1.0"
source = {{ registry = "{INDEX}" }}
dependencies = [
    {{ name = "leaf" }},
]
sdist = {{ url = "https://files.example/num-1.0.tar.gz", hash = "{HASH}", size = 12 }}
wheels = [
    {{ url = "https://files.example/a/num-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "{HASH}", size = 7, upload-time = "2025-01-02T03:04:05.678Z" }},
    {{ url = "https://files.example/b/num-1.0-1build-py3-none-any.whl", hash = "{HASH}" }},
]

[[package]]
name = "leaf"
version = "2.0"
source = {{ registry = "../wheels" }}
wheels = [
    {{ path = "leaf-2.0-py3-none-any.whl", hash = "{HASH}", size = 0 }},
]

[package.metadata]
provides-extras = ["x"]
"""
ROW = f'    {{ url = "https://files.example/num-1.0-py3-none-any.whl", hash = "{HASH}" }},'


def _rows(text: str) -> list[object]:
    """Return what *text* holds at each package's ``wheels``."""
    return [package.get("wheels") for package in read_toml(text)["package"]]


def _plain(value: object) -> object:
    """Return *value* as tomli reads it, without the times of upload, which nothing needs."""
    if isinstance(value, Rows):
        return [
            {key: location, "hash": digest} | ({"size": int(size)} if size else {})
            for key, location, _, digest, size in value.rows
        ]
    if isinstance(value, PlainEdges):
        return value.tables
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != "upload-time"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _outcome(read: Callable[[], object]) -> object:
    """Return what *read* returns, or the sentence in which it says that it cannot, wherever that is."""
    try:
        return read()
    except (WsnoxError, ValueError) as error:
        return re.sub(r"line \d+", "line", str(error))


def _agree(text: str) -> None:
    """Check that *text* is read as tomli reads it, and as it is where a comment keeps the pattern away."""
    assert _outcome(lambda: _plain(read_toml(text))) == _outcome(lambda: _plain(tomli.loads(text)))
    path = Path("uv.lock")
    slowly = f"# '''\n{text}"
    assert _outcome(lambda: parse_lock(text.encode(), path)) == _outcome(lambda: parse_lock(slowly.encode(), path))


def test_wheels_as_uv_writes_them_are_rows() -> None:
    """Every array of them: with and without size, time and build number, at a URL or a path, and with CRLF."""
    num, leaf = _rows(LOCK)
    assert isinstance(num, Rows)
    assert num.version == "1.0"
    assert [row[2::2] for row in num.rows] == [
        ("num-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", "7"),
        ("num-1.0-1build-py3-none-any.whl", ""),
    ]
    assert isinstance(leaf, Rows)
    assert leaf.rows == [("path", "leaf-2.0-py3-none-any.whl", "leaf-2.0-py3-none-any.whl", HASH, "0")]
    assert read_toml(LOCK.replace("\n", "\r\n")) == read_toml(LOCK)
    _agree(LOCK)


OTHERWISE: dict[str, tuple[str, str]] = {
    "another hash": ("sha256:", "sha512:"),
    "no hash": (f', hash = "{HASH}" }}', " }"),
    "an escape": ("/a/num", "/\\u0061/num"),
    "a quoted letter": ("/a/num", "/%61/num"),
    "a fragment": ("x86_64.whl", "x86_64.whl#x"),
    "no wheel": ("num-1.0-cp312-cp312-", "num-1.0-"),
    "a key more": ("size = 7", 'filename = "num-1.0-py3-none-any.whl", size = 7'),
    "a key twice": ("size = 7", "size = 7, size = 7"),
    "another order": (f', hash = "{HASH}", size = 7', f', size = 7, hash = "{HASH}"'),
    "two versions": ("b/num-1.0", "b/num-1.0.0"),
    "a number of many digits": ("size = 7", f"size = {'9' * 30}"),
    "a number with a nought before it": ("size = 7", "size = 07"),
    "a comment": ("wheels = [\n", "wheels = [ # two\n"),
    "a comment between": ('"2025-01-02T03:04:05.678Z" },\n', '"2025-01-02T03:04:05.678Z" },\n    # more\n'),
    "no comma": ("size = 0 },", "size = 0 }"),
    "a control character": ("/a/num", "/\x01/num"),
    "a letter that is not ASCII": ("/a/num", "/\N{LATIN SMALL LETTER A WITH DIAERESIS}/num"),
    "nothing in it": (LOCK[LOCK.index("    { path") : LOCK.index("]\n\n[package.metadata]")], ""),
}


@pytest.mark.parametrize("name", list(OTHERWISE))
def test_what_uv_does_not_write_is_left_to_tomli(name: str) -> None:
    """An array in any other form is not taken out: it is read, or refused, as it always was."""
    text = LOCK.replace(*OTHERWISE[name])
    assert text != LOCK
    _agree(text)
    if not isinstance(_outcome(lambda: tomli.loads(text)), str):
        assert sum(isinstance(wheels, Rows) for wheels in _rows(text)) < 2


NOT_WHEELS = {
    # The number stands for the rows that would have been taken out of the text.
    "in a text of several lines": f'{LOCK}description = """\nwheels = [\n{ROW}\n]\n"""\nweight = 2.0\n',
    "in a literal text of several lines": f"{LOCK}description = '''\nwheels = [\n{ROW}\n]\n'''\nweight = 2.0\n",
    "a number with a point": f"{LOCK}weight = 0.0\n",
    "a number in the place of wheels": LOCK.replace("sdist =", "wheels = 1.0\nsdist ="),
    "only a number": 'version = 1\nrequires-python = ">=3.10"\npackage = [{ name = "a", wheels = 0.0 }]\n',
    "a number that none is": f"{LOCK}weight = nan\n".replace("nan", "inf"),
    "twice": LOCK.replace("wheels = [\n    { path", f"wheels = [\n{ROW}\n]\nwheels = [\n    {{ path"),
    "among dependencies": LOCK.replace('    { name = "leaf" },\n', f"wheels = [\n{ROW}\n]\n"),
    "never closed": LOCK[: LOCK.index("]\n\n[package.metadata]")],
    "closed at the very end": LOCK[: LOCK.index("\n\n[package.metadata]")],
    "followed by something": LOCK.replace("]\n\n[package.metadata]", "] x\n\n[package.metadata]"),
    "of a source tree": LOCK.replace('registry = "../wheels"', 'directory = "leaf"'),
    "of another version": LOCK.replace("leaf-2.0-py3", "leaf-2.1-py3"),
    "of an extra of that name": LOCK.replace(
        "[package.metadata]", f"[package.optional-dependencies]\nwheels = [\n{ROW}\n]\n\n[package.metadata]"
    ),
    "of a table of the lockfile": f"{LOCK}\n[manifest]\nwheels = [\n{ROW}\n]\n",
    "of no package": f"version = 1\nrequires-python = '>=3.10'\nwheels = [\n{ROW}\n]\npackage = 3\n",
    "two carriage returns": LOCK.replace("\n", "\r\r\n"),
    "a carriage return before a line's end": LOCK.replace("version = 1\n", "version = 1\r\r\n"),
    "of the root's table": LOCK.replace("\n[[package]]", f"\nwheels = [\n{ROW}\n]\n\n[[package]]", 1),
}


@pytest.mark.parametrize("name", list(NOT_WHEELS))
def test_what_only_looks_like_wheels(name: str) -> None:
    """Text, numbers and arrays that stand elsewhere, and arrays that are cut: read or refused as tomli does."""
    assert NOT_WHEELS[name] != LOCK
    _agree(NOT_WHEELS[name])


_PIECES = st.sampled_from(
    (
        *("", " ", "\n", "]\n", "}", '"', "'", "\\", "#", ",", "-", "/", "%2B", "\r\n", "\r", "\r\r\n", "\t", "\x7f"),
        *("wheels = [\n", "wheels = 0.0\n", "1.0", "[[package]]\n", 'name = "x"\n', '"""', "'''", f"{ROW}\n"),
        *(".whl", "\x85", "0", "7"),
    )
)


@pytest.mark.slow
@given(cuts=st.lists(st.tuples(st.integers(0, len(LOCK)), st.integers(0, 30), _PIECES), min_size=1, max_size=3))
@example(cuts=[(LOCK.index("]\n\n[package.metadata]"), 2, "")])
@settings(max_examples=400)
def test_a_damaged_lockfile_is_read_as_tomli_reads_it(cuts: list[tuple[int, int, str]]) -> None:
    """Law: whatever stands in a lockfile, it means what tomli says, or is refused in the same words."""
    text: Any = LOCK
    for start, length, piece in cuts:
        text = text[:start] + piece + text[start + length :]
    _agree(text)


@pytest.mark.slow
def test_a_lockfile_cut_anywhere() -> None:
    """After every single letter."""
    for end in range(len(LOCK)):
        _agree(LOCK[:end])
