"""The markers of a lockfile, as uv evaluates them; and those that are none."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from tests.markers.texts import marker_texts
from wsnox.errors import LockError
from wsnox.markers.conditions import decide
from wsnox.markers.target import PLATFORMS, Markers, Target, describe, target_of

LINUX = describe("3.12.4", "linux")
HINT = "\n\nhint: restore `uv.lock` as it was committed, or delete it, then run `uv lock`"


def _with(**values: str) -> Target:
    return replace(LINUX, values=target_of({**dict(LINUX.values), **values}).values)


def _holds(marker: str, target: Target = LINUX) -> bool:
    condition = Markers(target).condition(marker)
    assert isinstance(condition, bool)
    return condition


@pytest.mark.parametrize("python", ["3.13.0rc1", "3.13.0a2", "3.13.0.dev1", "3.13.0+local", "3.13.0"])
def test_release_segments_only(python: str) -> None:
    """A pre-release of Python counts as its release, so that `<` and `>=` are complements."""
    target = _with(python_full_version=python)
    assert _holds("python_full_version >= '3.13'", target)
    assert _holds("python_full_version == '3.13.*'", target)
    assert _holds("python_full_version == '3.13.0'", target)
    assert not _holds("python_full_version < '3.13'", target)
    assert not _holds("python_full_version != '3.13.*'", target)


@pytest.mark.parametrize("literal", ["3.12.4", "3.12.4rc1", "3.12.4.dev0", "3.12.4a1", "3.12.4.post1"])
def test_release_segments_of_the_literal(literal: str) -> None:
    """The same holds for what is compared with, whichever side it stands on."""
    assert _holds(f"python_full_version == '{literal}'")
    assert _holds(f"python_full_version >= '{literal}'")
    assert _holds(f"'{literal}' <= python_full_version")
    assert not _holds(f"python_full_version < '{literal}'")


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("python_version in '3.11 3.12 3.13'", True),
        ("python_version in '3.1 3.120'", False),
        ("python_version in '3.1, 3.120'", True),
        ("python_version in 'x 3.11'", True),
        ("python_version not in '3.11 3.12'", False),
        ("python_version not   in '3.11'", True),
        ("python_full_version in '3.12.4'", True),
        ("python_full_version in '3.12'", False),
        ("sys_platform in 'linux win32'", True),
        ("'linux' in sys_platform", True),
        ("sys_platform not in 'win32'", True),
    ],
)
def test_lists(marker: str, *, holds: bool) -> None:
    """`in` with a version is a list of versions, of which uv takes no notice unless all are; with other variables it is a search in a text."""
    assert _holds(marker) is holds


@pytest.mark.parametrize(
    ("release", "newer"), [("5.10", True), ("4", False), ("", False), ("5.4.0-1-generic", True), ("#1 SMP", False)]
)
@pytest.mark.parametrize("name", ["platform_release", "platform_version"])
def test_release_of_the_platform(name: str, release: str, *, newer: bool) -> None:
    """The platform's release is compared letter by letter, as uv does."""
    target = _with(**{name: release})
    assert _holds(f"{name} >= '5'", target) is newer
    assert _holds(f"{name} < '5'", target) is not newer


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("", True),
        (" os_name=='posix' ", True),
        ('os_name == "posix"', True),
        ("'posix' == os_name", True),
        ("os_name == 'nt' or os_name == 'nt' and os_name == 'posix' or os_name == 'posix'", True),
        ("os_name == 'posix' or os_name == 'posix' and os_name == 'nt'", True),
        ("(os_name == 'posix' or os_name == 'posix') and os_name == 'nt'", False),
        ("((os_name == 'nt'))", False),
        ("sys_platform == '\\'", False),
        ("sys_platform != '\\N{x}'", True),
        ("sys_platform != '\\x6cinux'", True),
        ("python_full_version ~= '3.10'", True),
        ("python_full_version >= 'x'", True),
        ("python_full_version ~= '3'", True),
        ("python_version ~= '3' and os_name == 'nt'", False),
        ("(python_full_version >= '3.*' or python_version ~= '3') and os_name == 'posix'", True),
        ("python_version ~= '3' or os_name == 'nt'", False),
        (f"python_full_version >= '{'9' * 5000}'", True),
        (f"python_version in '{'9' * 5000}'", True),
        ("python_full_version == '3.*.*'", True),
        ("implementation_version >= '3.12'", True),
        ("'a' == 'a'", True),
        ("extra in 'x'", True),
        ("extra >= 'x'", True),
        ("python_version >= '3.12.1'", False),
        ("python_version < '3.12.1'", True),
        ("platform_system == 'Linux' and platform_system != 'Windows'", True),
    ],
)
def test_grammar_and_odd_literals(marker: str, *, holds: bool) -> None:
    """`and` binds closer than `or`; backslashes are plain letters; uv takes no notice of what cannot be compared."""
    assert _holds(marker) is holds


@pytest.mark.parametrize(
    "marker",
    [
        "nothing == 'x'",
        "python_full_versions >= '3'",
        "os_name",
        "os_name ==",
        "== 'posix'",
        "os_name == posix",
        "python_full_version === '3.12.4'",
        "os_name == 'posix' and",
        "and os_name == 'posix'",
        "os_name == 'posix' os_name == 'posix'",
        "(os_name == 'posix'",
        "os_name == 'posix')",
        "()",
        "( )",
        "(os_name == 'posix') (os_name == 'posix')",
        "os_name == 'posix' or or os_name == 'posix'",
        "os_name == 'posix",
        "os_name = 'posix'",
        "not os_name == 'posix'",
        "'x' in extras",
        "'x' in dependency_groups",
        "os_name == 'posix' ; x",
        " ",
    ],
)
def test_malformed(marker: str) -> None:
    """What is no marker, or of a variable that interpreters do not have, is refused, never taken for false."""
    with pytest.raises(LockError) as caught:
        Markers(LINUX).condition(marker)
    assert str(caught.value) == f"`{marker}` in `uv.lock` is no marker{HINT}"


@pytest.mark.parametrize("bad", ["\x1b[31m", "\n", "\0", "\x9b"])
def test_control_characters(bad: str) -> None:
    """A marker that would write to the terminal is refused, and the refusal shows it in plain letters."""
    for marker in (f"os_name == '{bad}'", f"os_name {bad}== 'posix'", f"{bad}"):
        with pytest.raises(LockError) as caught:
            Markers(LINUX).condition(marker)
        assert bad not in str(caught.value).removesuffix(HINT)


def test_conflict_items() -> None:
    """`extra` stands for conflict items, of which several can be active at once."""
    markers = Markers(LINUX)
    one, two = "extra == 'extra-3-app-x'", "extra != 'group-3-app-y'"
    condition = markers.condition(f"os_name == 'posix' and ({one} or {two})")
    diagrams = markers.diagrams
    assert condition is diagrams.either(
        diagrams.fact("extra-3-app-x"), diagrams.negated(diagrams.fact("group-3-app-y"))
    )
    assert decide(condition, {"extra-3-app-x", "group-3-app-y"})
    assert not decide(condition, {"group-3-app-y"})
    assert markers.condition("'x' == extra") is diagrams.fact("x")
    assert markers.condition(f"os_name == 'nt' and {one}") is False
    assert (markers.may_hold(one), markers.may_hold("os_name == 'nt'")) == (True, False)


@pytest.mark.parametrize("depth", [1_000, 20_000])
def test_nested_thousands_deep(depth: int) -> None:
    """Parentheses are counted, not recursed into; what alternates as deep is refused."""
    assert _holds(f"{'(' * depth}os_name == 'posix'{')' * depth}")
    inner = "os_name == 'posix' and (os_name == 'nt' or "
    for marker in (f"{inner * depth}os_name == 'nt'{')' * depth}", "(" * depth):
        with pytest.raises(LockError, match="is no marker"):
            _holds(marker)


@pytest.mark.slow
def test_every_pair_of_a_wide_conflict() -> None:
    """In one marker uv names each pair of items that exclude each other: 100 items make 4950 pairs."""
    names = [f"extra-3-app-e{number:02}" for number in range(100)]
    pairs = " or ".join(f"(extra == '{one}' and extra == '{two}')" for one, two in combinations(names, 2))
    condition = Markers(LINUX).condition(pairs)
    assert decide(condition, names[40:42])
    assert not decide(condition, names[40:41])
    markers = Markers(LINUX)
    every = markers.condition(" and ".join(f"extra == '{name}'" for name in names))
    assert every is markers.diagrams.all_of(map(markers.diagrams.fact, names))


@pytest.mark.parametrize(
    "marker",
    [
        *(f"os_name == '{piece * 50_000}" for piece in ("a", "\\", " ", '"')),
        *(piece * 50_000 for piece in ("a", "a ", " ", "a.", "not ", "'", "''")),
        f"os_name{' ' * 50_000}not{' ' * 50_000}x",
    ],
)
def test_no_text_takes_long_to_refuse(marker: str) -> None:
    """No text makes the tokens backtrack without end: 50,000 characters in quadratic time would not finish here."""
    with pytest.raises(LockError) as caught:
        Markers(LINUX).condition(marker)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("piece", ["1a", "1rc", "1.", "1.post", "1-", "a", "1!"])
def test_no_literal_takes_long_to_compare(piece: str) -> None:
    """Nor does a version that is none, of which uv takes no notice."""
    assert Markers(LINUX).condition(f"python_full_version == '{piece * 20_000}'") is True


@given(
    marker_texts(),
    st.sampled_from(("3.9.0", "3.10.4", "3.11.5", "3.12.0", "3.13.2")),
    st.sampled_from(sorted(PLATFORMS)),
)
def test_markers_agree_with_packaging(marker: str, python: str, platform: str) -> None:
    """Without conflict items and on a final release of Python, a marker holds where packaging says so."""
    target = describe(python, platform)
    assert Markers(target).condition(marker) is Marker(marker).evaluate(dict(target.values))
