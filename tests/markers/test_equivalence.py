"""Whether markers agree on a range of Pythons."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given

from tests.markers.texts import marker_texts
from wsnox.markers.equivalence import PythonRange, is_unsatisfiable, same_conditions
from wsnox.markers.expressions import both, negated, parse_marker
from wsnox.markers.points import Unreadable
from wsnox.markers.target import PLATFORMS, Markers, describe

TARGETS = [describe(*each) for each in product(("3.9", "3.10.4", "3.11.5", "3.12", "3.13.2", "4.0"), PLATFORMS)]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("os.name == 'nt' and os_name == 'nt'", "os_name == 'nt'", True),
        ("os_name > 'nt'", "os_name == 'nt' and os_name == 'posix'", True),
        ("python_version > '3'", "python_full_version >= '3.1'", True),
        ("python_version > '3'", "python_version >= '4'", False),
        ("python_full_version > '3.8'", "python_full_version >= '3.8.0.0.0.0.0.1'", False),
        ("platform_release > '5'", "'5' < platform_release", True),
        ("platform_release > '5'", "platform_release >= '5'", False),
        ("'x' in extras", "extra == 'x'", False),
        # Below the range, and beyond it, nothing counts.
        ("python_version >= '2.6'", "", True),
        ("python_version < '2.7'", "python_version < '2'", True),
        ("python_version >= '3.5' or python_version < '3.5'", "", True),
        ("python_version == '3.5' or python_version != '3.5'", "python_version == '3.5'", False),
        # What never occurs together.
        ("os_name == 'nt' and sys_platform == 'linux'", "python_version < '2'", True),
        ("os_name == 'nt' and sys_platform == 'cygwin'", "python_version < '2'", False),
        ("os_name == 'nt' or sys_platform == 'win32'", "os_name == 'nt'", False),
        ("os_name == 'posix' or sys_platform == 'win32'", "os_name == 'posix'", False),
        ("os_name != 'posix' and sys_platform == 'win32'", "sys_platform == 'win32'", True),
        ("platform_system == 'FreeBSD' and sys_platform != 'win32'", "platform_system == 'FreeBSD'", True),
        ("platform_system == 'iOS' and sys_platform != 'ios'", "platform_system == 'iOS'", False),
        ("platform_system == 'SunOS' and sys_platform != 'ios'", "platform_system == 'SunOS'", True),
    ],
)
def test_markers_agree_where_no_environment_tells_them_apart(left: str, right: str, *, same: bool) -> None:
    """However small a difference is, and only in environments that exist."""
    assert PythonRange(">=2.7").same(parse_marker(left), parse_marker(right)) is same


def test_lists_agree_one_by_one() -> None:
    """In their order."""
    nt, posix = parse_marker("os_name == 'nt'"), parse_marker("os_name == 'posix'")
    assert same_conditions([nt, posix], iter([nt, posix]), PythonRange(""))
    assert not same_conditions([nt, posix], [posix, nt], PythonRange(""))
    assert not same_conditions([nt], [nt, posix], PythonRange(""))


@given(marker_texts(), marker_texts())
def test_markers_that_agree_hold_on_the_same_targets(left: str, right: str) -> None:
    """A marker agrees with no other one that some target tells from it, and never with its own opposite."""
    ours, theirs = parse_marker(left), parse_marker(right)
    if PythonRange(">=3.9").same(ours, theirs):
        assert [Markers(target).condition(left) for target in TARGETS] == [
            Markers(target).condition(right) for target in TARGETS
        ]
    assert is_unsatisfiable(both(ours, negated(ours)))
    assert PythonRange("").same(ours, negated(negated(ours)))


def test_extras_that_matter() -> None:
    """An extra counts where it decides something in an environment that exists."""
    pythons = PythonRange(">=3.9")
    assert pythons.speaks_of_extras(parse_marker("extra == 'x' and os_name == 'nt'"))
    assert not pythons.speaks_of_extras(parse_marker("extra == 'x' or python_version >= '3.9'"))
    assert not pythons.speaks_of_extras(parse_marker("os_name == 'nt'"))


def test_kinds_of_environments() -> None:
    """Each that the markers tell apart, and that exists."""
    expressions = [parse_marker(text) for text in ("os_name == 'nt'", "sys_platform == 'linux'", "extra == 'x'")]
    pythons = PythonRange("")
    found = sorted(pythons.kinds(expressions, within=[True]))
    assert found == sorted(product((False, True), repeat=3))[:6]
    assert [*pythons.kinds(expressions, within=[False])] == []
    assert {holding[0] for holding in pythons.kinds(expressions, within=expressions[:1])} == {True}


def test_too_many_kinds_are_told() -> None:
    """More environments than anybody waits for."""
    facts = [parse_marker(f"'{number}' in os_name") for number in range(30)]
    with pytest.raises(Unreadable):
        [*PythonRange("").kinds(facts, within=[True])]
