"""Targets: described platforms, ranges of Python, and the markers of a lockfile as uv evaluates them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker, default_environment

from tests.markers.texts import marker_texts
from wsnox.errors import LockError, PythonRangeError, UnknownNameError
from wsnox.markers.conditions import decide
from wsnox.markers.target import (
    PLATFORMS,
    Markers,
    Target,
    describe,
    parse_python,
    refuse_out_of_range,
    target_of,
)


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux", ("posix", "linux", "Linux", "x86_64")),
        ("macos", ("posix", "darwin", "Darwin", "arm64")),
        ("windows", ("nt", "win32", "Windows", "AMD64")),
        ("linux-aarch64", ("posix", "linux", "Linux", "aarch64")),
        ("Linux-arm64", ("posix", "linux", "Linux", "aarch64")),
        ("linux-riscv64", ("posix", "linux", "Linux", "riscv64")),
        ("macos-x86_64", ("posix", "darwin", "Darwin", "x86_64")),
        ("macos-aarch64", ("posix", "darwin", "Darwin", "arm64")),
        ("windows-ARM64", ("nt", "win32", "Windows", "ARM64")),
        ("windows-x86_64", ("nt", "win32", "Windows", "AMD64")),
    ],
)
def test_described_platforms(platform: str, expected: tuple[str, ...]) -> None:
    """A platform's name gives the four values that markers name; a machine after it is taken by any of its names."""
    values = dict(describe("3.12", platform).values)
    assert tuple(values[key] for key in ("os_name", "sys_platform", "platform_system", "platform_machine")) == expected


def test_the_platform_of_another_target() -> None:
    """It keeps the values that depend on the platform, the release of its kernel included, and no others."""
    here = target_of({**dict(describe("3.9", "linux").values), "platform_release": "6.1", "extra": ""})
    described = describe("3.12", here)
    assert described == target_of({**dict(describe("3.12", "linux").values), "platform_release": "6.1"})


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("3.12", ("cpython", "3.12", "")),
        ("3.12.1", ("cpython", "3.12", "1")),
        ("3.13t", ("cpython", "3.13", "")),
        ("cpython-3.12", ("cpython", "3.12", "")),
        ("python3.12", ("cpython", "3.12", "")),
        ("PyPy3.10", ("pypy", "3.10", "")),
        ("pypy-3.10.14", ("pypy", "3.10", "14")),
        ("graalpy3.11", None),
        ("3", None),
        ("/usr/bin/python3.12", None),
        ("", None),
    ],
)
def test_pythons_of_sessions(name: str, named: tuple[str, str, str] | None) -> None:
    """A session names a Python as nox does; what only the interpreter itself could tell is not guessed."""
    python = parse_python(name)
    assert (python and (python.implementation, python.minor, python.patch)) == named


def test_a_named_python_on_a_platform() -> None:
    """A release that is named holds; otherwise it is the one that is given. PyPy has its own name in markers."""
    pypy, exact = parse_python("pypy3.10"), parse_python("3.12.1")
    assert pypy is not None
    assert exact is not None
    values = dict(pypy.on("linux", 4).values)
    assert (values["implementation_name"], values["platform_python_implementation"]) == ("pypy", "PyPy")
    assert pypy.on("linux", 4).python == "3.10.4"
    assert exact.on("linux", 4) == describe("3.12.1", "linux")


@pytest.mark.parametrize(
    ("python", "full", "short"),
    [("3.12", "3.12.0", "3.12"), ("3.9.7", "3.9.7", "3.9"), ("3.14.0rc1", "3.14.0rc1", "3.14"), ("4", "4.0", "4.0")],
)
def test_described_pythons(python: str, full: str, short: str) -> None:
    """A version without patch is its first release; the other version values follow from it."""
    values = dict(describe(python, "linux").values)
    assert (values["python_full_version"], values["implementation_version"], values["python_version"]) == (
        full,
        full,
        short,
    )


def test_all_marker_variables_are_described() -> None:
    """A described target has each variable of PEP 508, or markers on it would not be decided by the target alone."""
    for platform in PLATFORMS:
        assert {key for key, _ in describe("3.12", platform).values} == set(default_environment())


def test_unknown_platform() -> None:
    """An unknown platform is refused with those there are."""
    with pytest.raises(UnknownNameError) as caught:
        describe("3.12", "linus-x86_64")
    assert str(caught.value) == "unknown platform `linus`\n\nhint: did you mean `linux`?"


def test_equal_targets_are_equal_values() -> None:
    """The order of an environment's values does not matter, and `extra` is none of them."""
    values = dict(describe("3.12", "linux").values)
    assert target_of({**dict(reversed(values.items())), "extra": ""}) == describe("3.12", "linux")


@pytest.mark.parametrize(
    ("python", "requires", "fits"),
    [
        ("3.9.0", ">=3.9", True),
        ("3.8.20", ">=3.9", False),
        ("3.13.0rc1", ">=3.13", True),
        ("3.13.0a1", "<3.13", False),
        ("3.13.0rc1", ">=3.13.0rc1", True),
        ("3.10.4", ">=3.9,!=3.10.*", False),
        ("3.12.3", "~=3.12.0", True),
        ("3.12.3", "", True),
        ("3.12.3", "===3.12.3", True),
    ],
)
def test_range(python: str, requires: str, *, fits: bool) -> None:
    """Floors, ceilings and holes hold for the release of the interpreter; its pre-releases count as that."""
    target = describe(python, "linux")
    if fits:
        refuse_out_of_range(target, requires, "the lockfile")
        return
    with pytest.raises(PythonRangeError) as caught:
        refuse_out_of_range(target, requires, "the lockfile")
    assert str(caught.value) == f"Python `{python}` is outside `{requires}`, which the lockfile requires"


@pytest.mark.parametrize(
    ("requires", "text"),
    [
        ("3.x or so", "`3.x or so`, which the lockfile requires of Python, is not a version specifier"),
        (">=3.9;", "`>=3.9;`, which the lockfile requires of Python, is not a version specifier"),
        ("\x1b[31m", "`\\x1b[31m`, which the lockfile requires of Python, is not a version specifier"),
        (
            f">={'9' * 5000}",
            f"`>={'9' * 158} … {'9' * 60}`, which the lockfile requires of Python, is not a version specifier",
        ),
        # It takes any text for a version.
        ("===\x1b[31m", "Python `3.12.0` is outside `===\\x1b[31m`, which the lockfile requires"),
    ],
)
def test_no_range(requires: str, text: str) -> None:
    """What is no range is refused as the lockfile's fault, shortened and fit for a terminal."""
    with pytest.raises((LockError, PythonRangeError)) as caught:
        refuse_out_of_range(describe("3.12", "linux"), requires, "the lockfile")
    assert str(caught.value) == text


# --- markers ---------------------------------------------------------------------------------------------------------

LINUX = describe("3.12.4", "linux")
HINT = "\n\nhint: restore `uv.lock` as it was committed, or delete it, then run `uv lock`"


def _with(**values: str) -> Target:
    return target_of({**dict(LINUX.values), **values})


def _holds(marker: str, target: Target = LINUX) -> bool:
    condition = Markers(target).condition(marker)
    assert isinstance(condition, bool)
    return condition


@given(
    marker_texts(),
    st.sampled_from(("3.9.0", "3.10.4", "3.11.5", "3.12.0", "3.13.2")),
    st.sampled_from(sorted(PLATFORMS)),
)
def test_markers_agree_with_packaging(marker: str, python: str, platform: str) -> None:
    """Without conflict items and on a final release of Python, a marker holds where packaging says so."""
    target = describe(python, platform)
    assert Markers(target).condition(marker) is Marker(marker).evaluate(dict(target.values))


@pytest.mark.parametrize("python", ["3.13.0rc1", "3.13.0a2", "3.13.0.dev1", "3.13.0+local", "3.13.0"])
def test_a_pre_release_of_python_counts_as_its_release(python: str) -> None:
    """`<` and `>=` are complements: packaging has it otherwise."""
    target = _with(python_full_version=python)
    assert _holds("python_full_version >= '3.13' and python_full_version == '3.13.*'", target)
    assert _holds("python_full_version == '3.13.0'", target)
    assert not _holds("python_full_version < '3.13' or python_full_version != '3.13.*'", target)


@pytest.mark.parametrize(
    ("release", "newer"), [("5.10", True), ("4", False), ("", False), ("5.4.0-1-generic", True), ("#1 SMP", False)]
)
@pytest.mark.parametrize("name", ["platform_release", "platform_version"])
def test_the_release_of_a_platform_is_compared_letter_by_letter(name: str, release: str, *, newer: bool) -> None:
    """As uv does, while packaging takes it for a version."""
    target = _with(**{name: release})
    assert _holds(f"{name} >= '5'", target) is newer
    assert _holds(f"{name} < '5'", target) is not newer


@pytest.mark.parametrize(
    ("marker", "holds"),
    [
        ("", True),
        (" os_name=='posix' ", True),
        ('os_name == "posix"', True),
        ("os_name == 'nt' or os_name == 'nt' and os_name == 'posix' or os_name == 'posix'", True),
        ("os_name == 'posix' or os_name == 'posix' and os_name == 'nt'", True),
        ("(os_name == 'posix' or os_name == 'posix') and os_name == 'nt'", False),
        ("sys_platform != '\\N{x}' and sys_platform != '\\x6cinux'", True),
        ("sys_platform == '\\'", False),
        ("(python_full_version >= '3.*' or python_version ~= '3') and os_name == 'posix'", True),
        ("python_version ~= '3' or os_name == 'nt'", False),
        ("python_version in '3.11 3.12'", True),
        ("python_version not   in '3.11 3.12'", False),
        ("python_version in '3.1 3.120'", False),
        ("implementation_version >= '3.12'", True),
        ("python_version >= '3.12.1'", False),
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
    """What is not a marker, or of a variable that interpreters do not have, is refused, never taken for false."""
    with pytest.raises(LockError) as caught:
        Markers(LINUX).condition(marker)
    assert str(caught.value) == f"`{marker}` in `uv.lock` is not a marker{HINT}"


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
