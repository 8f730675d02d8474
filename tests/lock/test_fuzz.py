"""Whatever bytes a lockfile holds: it is read and answers requests, or it is refused with one error of wsnox's own."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.lock.samples import SAMPLES
from wsnox.closure import Request, Resolver, Root
from wsnox.errors import LockError, WsnoxError
from wsnox.lock import parse_lock
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOUNDED = settings(
    max_examples=200,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_TARGET = describe("3.12", "linux")
_LOCK = Path("uv.lock")
_MANY = 30

KeyPath = tuple["str | int", ...]


def survives(content: bytes) -> bool:
    """Tell whether *content* is read, and fail where anything but an error of wsnox's own comes of it."""
    try:
        lock = parse_lock(content, _LOCK)
    except LockError as error:
        _presentable(error)
        return False
    try:
        resolver = Resolver(lock, _TARGET)
    except WsnoxError as error:
        _presentable(error)
        return True
    for index, package in enumerate(lock.packages[:_MANY]):
        extras, groups = frozenset(package.extras), frozenset(package.groups)
        for root in (Root(name=package.name), Root(name=package.name, extras=extras, groups=groups)):
            groups_of_root = frozenset(lock.root_groups)
            _answers(resolver, Request(roots=(root,), root_groups=groups_of_root, involved_all=index % 2 == 1))
    return True


def _answers(resolver: Resolver, request: Request) -> None:
    try:
        resolver.resolve(request)
    except WsnoxError as error:
        _presentable(error)


def _presentable(error: WsnoxError) -> None:
    """Check that *error* is a short text for a terminal, in which nothing is a command to the terminal."""
    text = str(error).replace("\n", "")
    assert text
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in text)
    assert len(text) < 5_000


# --- mutations of the structure --------------------------------------------------------------------------------------

_TEXTS = st.sampled_from(
    (
        *("", "x", "app", "num", "fast", "dev", "all", "1.0", "2.0", "../../x", "a\nb", "\x1b[31mred", "\0", "C:\\x"),
        *("Ünïcode", "\N{RIGHT-TO-LEFT OVERRIDE}", "9" * 5_000, f">={'9' * 5_000}", "===x", "!=3.10.*", "<3"),
        *(f"python_full_version < '{'9' * 5_000}'", "python_full_version in '3.11, 3.12, x'", "python_version ~= '3'"),
        *("extra == 'extra-3-app-cpu'", "extra in 'x'", "'x' in extras", "'x' in dependency_groups", "nothing == 'x'"),
        "extra != 'x' and (extra == 'extra-3-app-old' or extra == 'project-4-core')",
        *("platform_release >= '5'", "sys_platform == '\\'", "'3' in python_version", "os_name === 'posix'"),
        *("python_full_version == '3.*.*'", "'a' == 'a'", "((sys_platform == 'linux')", "sha256:zz", "md5:00"),
        *("https://[::1", "https://git.example/x#0", f"https://git.example/x?rev=%00#{'a' * 40}"),
        *(f"https://git.example/x#{'a' * 40}", "https://files.example/%2e%2e%2fx.tar.gz", "a-1-py3-none-any.whl"),
    )
)
_VALUES = (
    _TEXTS
    | st.text(max_size=8)
    | st.booleans()
    | st.integers(-2, 6)
    | st.floats()
    | st.sampled_from((1 << 70, dt.date(2025, 1, 1), [], {}))
    | st.lists(_TEXTS, max_size=2)
    | st.dictionaries(_TEXTS.filter(bool), _TEXTS, max_size=2)
    | st.builds(lambda name: [{"name": name}], _TEXTS)
)


def paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path to everything inside *value*."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def value_at(value: Any, path: KeyPath) -> Any:
    """Return what is at *path* in *value*."""
    for key in path:
        value = value[key]
    return value


def _mutated(draw: Any, raw: dict[str, Any]) -> None:
    known = list(paths(raw))
    if not known:
        return
    path, other = draw(st.sampled_from(known)), draw(st.sampled_from(known))
    owner, key = value_at(raw, path[:-1]), path[-1]
    match draw(st.sampled_from(("delete", "replace", "copy", "swap", "twice", "rename"))):
        case "delete":
            del owner[key]
        case "replace":
            owner[key] = draw(_VALUES)
        case "copy":
            owner[key] = deepcopy(value_at(raw, other))
        case "swap":
            here, there = deepcopy(owner[key]), deepcopy(value_at(raw, other))
            value_at(raw, other[:-1])[other[-1]] = here
            # The first may have been inside the second.
            if path[: len(other)] != other:
                owner[key] = there
        case "twice" if isinstance(owner, list):
            owner.append(deepcopy(owner[key]))
        case "rename" if isinstance(owner, dict):
            owner[draw(_TEXTS) or "x"] = owner.pop(key)


@st.composite
def mutants(draw: Any) -> dict[str, Any]:
    """Draw a sample lockfile with some of its values deleted, replaced, doubled, swapped or renamed."""
    raw = deepcopy(SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))])
    for _ in range(draw(st.integers(1, 4))):
        _mutated(draw, raw)
    return raw


@pytest.mark.slow
@_BOUNDED
@given(mutants())
def test_mutated_structure(raw: dict[str, Any]) -> None:
    """A lockfile with values deleted, replaced, doubled, swapped or renamed is read or refused, never a crash."""
    survives(tomli_w.dumps(raw).encode())


# --- mutations of the bytes ------------------------------------------------------------------------------------------

_BYTES = {name: tomli_w.dumps(raw).encode() for name, raw in SAMPLES.items()}
_PIECES = (b"", b"\0", b"\xff", b"\n", b'"', b"'", b"[", b"]]", b"{", b"=", b"\\u001b", b"9" * 5_000, b"[[package]]\n")


@st.composite
def spoilt(draw: Any) -> bytes:
    """Draw the bytes of a sample with pieces of it replaced by others."""
    content = _BYTES[draw(st.sampled_from(sorted(_BYTES)))]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        piece = draw(st.sampled_from(_PIECES) | st.binary(max_size=4))
        content = content[:start] + piece + content[end:]
    return content


@pytest.mark.slow
@_BOUNDED
@given(spoilt())
@example(b"")
@example(b"\xef\xbb\xbf")
def test_spoilt_bytes(content: bytes) -> None:
    """A lockfile with some bytes overwritten, inserted or lost is read or refused, never a crash."""
    survives(content)


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_samples_are_sound(sample: str) -> None:
    """What the mutations start from is read as it stands: otherwise they would test the first refusal only."""
    assert survives(_BYTES[sample])


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_cut_short(sample: str) -> None:
    """A lockfile cut short at any byte is refused, or, between two tables, read as far as it goes."""
    content = _BYTES[sample]
    read = sum(survives(content[:length]) for length in range(0, len(content), 7))
    assert read < len(content) / 7 / 2


_OTHERS: dict[type, Any] = {
    str: "x",
    int: 1,
    bool: True,
    float: 1.5,
    dt.datetime: dt.datetime(2025, 1, 1, tzinfo=dt.timezone.utc),
    dt.date: dt.date(2025, 1, 1),
    dt.time: dt.time(1, 2),
    list: ["x"],
    dict: {"x": "y"},
}


@pytest.mark.slow
@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_wrong_types(sample: str) -> None:
    """Every value of a lockfile may be of any other type: an unread key is ignored, a read one refused by its path."""
    for path in paths(SAMPLES[sample]):
        for kind, other in _OTHERS.items():
            raw = deepcopy(SAMPLES[sample])
            owner = value_at(raw, path[:-1])
            if type(owner[path[-1]]) is kind:
                continue
            owner[path[-1]] = other
            survives(tomli_w.dumps(raw).encode())
