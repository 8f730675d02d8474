"""Markers read as trees: what uv makes of a comparison, and what it takes no notice of."""

from __future__ import annotations

import pytest

from wsnox.markers.expressions import Expression, Fact, Junction, Negation, Span, parse_marker
from wsnox.markers.points import Unreadable

NT = Span("os_name", ("nt",), ("nt", -1))


@pytest.mark.parametrize(
    ("marker", "expression"),
    [
        ("", True),
        (" ", True),
        ("os_name == 'nt'", NT),
        ("'nt' == os.name", NT),
        ("os_name != 'nt'", Negation(NT)),
        ("os_name >= 'nt'", NT),
        ("os_name > 'nt'", False),
        ("platform_release > '5'", Span("platform_release", ("5", -1), None)),
        ("python_full_version < '3.9.0rc1'", Span("python_full_version", (), (3, 9))),
        ("python_full_version == '3.9'", Span("python_full_version", (3, 9), (3, 9, -1))),
        ("python_full_version ~= '3.9.0'", Span("python_full_version", (3, 9), (3, 10))),
        ("python_full_version == '3.9.*'", Span("python_full_version", (3, 9), (3, 10))),
        ("python_version == '3.9'", Span("python_full_version", (3, 9), (3, 10))),
        ("python_version > '3'", Span("python_full_version", (3, 1), None)),
        ("'3.9' >= python_version", Span("python_full_version", (), (3, 10))),
        ("python_version == '3.9.1'", False),
        ("python_version in ''", False),
        ("python_version in '3.8 3.9'", Junction(every=False, parts=(
            Span("python_full_version", (3, 8), (3, 9)), Span("python_full_version", (3, 9), (3, 10))
        ))),
        ("platform_system == 'Windows'", Span("sys_platform", ("win32",), ("win32", -1))),
        ("platform_system == 'FreeBSD'", Span("platform_system", ("FreeBSD",), ("FreeBSD", -1))),
        ("platform_system in 'Windows'", Fact("platform_system", "in", "Windows")),
        ("'in' not in sys.platform", Negation(Fact("sys_platform", "contains", "in"))),
        ("extra == 'A_b'", Fact("extra", "==", "a-b")),
        ("extra != 'a b'", False),
        ("'A' in extras", Fact("extras", "contains", "a")),
        ("os_name == 'nt' or os_name == 'nt'", NT),
        ("os_name == 'nt' and (os_name != 'nt' or extra == 'a')", Junction(
            every=True, parts=(NT, Junction(every=False, parts=(Negation(NT), Fact("extra", "==", "a"))))
        )),
    ],
)  # fmt: skip
def test_a_marker_is_read_as_uv_means_it(marker: str, expression: Expression) -> None:
    """Versions by their release segments, and one name for one thing."""
    assert parse_marker(marker) == expression


@pytest.mark.parametrize(
    "comparison",
    [
        *("'a' == 'a'", "'a' == 'b'", "python_version ~= '3'", "python_full_version ~= '3'", "python_version > '3.x'"),
        *("python_version == os_name", "os_name ~= 'nt'", "extra > 'a'", "python_version in '3.9 3.x'"),
        *("'3' in python_version", "python_version >= '3.*'", "'3.*' == python_version", "'x' in extra"),
        *(f"python_version > '{'9' * 5000}'", f"python_version > '{2**64}'"),
    ],
)
def test_uv_takes_no_notice_of_some_comparisons(comparison: str) -> None:
    """They are left out, wherever they stand."""
    assert parse_marker(comparison) is True
    assert parse_marker(f"({comparison} or {comparison}) or (os_name == 'nt')") == NT
    assert parse_marker(f"{comparison} and (os_name == 'nt' and {comparison})") == NT


def test_parentheses_are_counted() -> None:
    """However many there are; what is as deep without them is told, and does not end in a `RecursionError`."""
    assert parse_marker(f"{'(' * 20_000}os_name == 'nt'{')' * 20_000}") == NT
    deep = "os_name == 'a'"
    for index in range(400):
        deep = f"({deep} {'and' if index % 2 else 'or'} sys_platform == 'x{index}')"
    for marker in (deep, "(" * 20_000):
        with pytest.raises(Unreadable, match="is not a valid marker"):
            parse_marker(marker)
