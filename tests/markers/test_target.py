"""Targets: described platforms, and the ranges of Python that lockfiles and members ask for."""

from __future__ import annotations

import pytest

from wsnox.errors import LockError, PythonRangeError, UnknownNameError
from wsnox.markers.target import PLATFORMS, describe, parse_python, refuse_out_of_range, target_of


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
    assert parse_python(name) == named


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
    from packaging.markers import default_environment

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
        ("3.11.0", ">=3.9,!=3.10.*", True),
        ("3.9.1", ">=3.9,!=3.9.1", False),
        ("3.12.3", "==3.12.*", True),
        ("3.12.3", "~=3.12.0", True),
        ("3.13.0", "~=3.12.0", False),
        ("3.12.3", "", True),
        ("4.0.0", ">=3.9,<4", False),
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
    ("requires", "told"),
    [
        ("3.x or so", "3.x or so"),
        (">=", ">="),
        (">=3.9;", ">=3.9;"),
        ("\x1b[31m", "\\x1b[31m"),
        (f">={'9' * 5000}", f">={'9' * 158} … {'9' * 60}"),
        (">=1." * 20_000, f"{'>=1.' * 40} … {'>=1.' * 15}"),
    ],
)
def test_no_range(requires: str, told: str) -> None:
    """What is no range is refused as the lockfile's fault, shortened and fit for a terminal."""
    with pytest.raises(LockError) as caught:
        refuse_out_of_range(describe("3.12", "linux"), requires, "the lockfile")
    assert str(caught.value) == f"`{told}`, which the lockfile requires of Python, is no version specifier"


def test_range_of_arbitrary_equality() -> None:
    """`===` takes any text for a version: it does not fit, and does not reach the terminal as it is."""
    with pytest.raises(PythonRangeError) as caught:
        refuse_out_of_range(describe("3.12", "linux"), "===\x1b[31m", "the lockfile")
    assert str(caught.value) == "Python `3.12.0` is outside `===\\x1b[31m`, which the lockfile requires"
