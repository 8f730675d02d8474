"""Requirements and markers as uv reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wsnox.freshness.equivalence import PythonRange, same_conditions
from wsnox.markers.expressions import parse_marker
from wsnox.markers.requirement import parse_requirement
from wsnox.markers.unreadable import Unreadable

NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,5}[A-Za-z0-9])?", fullmatch=True)
VERSIONS = st.lists(st.integers(0, 40), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
CLAUSES = st.builds(
    "{}{}{}".format, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), st.sampled_from(["", " "]), VERSIONS
)

MARKERS = st.sampled_from(["", " ; os_name == 'nt'", ";'nt'==os_name"])


@pytest.mark.slow
@given(NAMES, st.lists(NAMES, max_size=2), st.lists(CLAUSES, max_size=3), st.sampled_from(["", "()"]), MARKERS)
def test_a_requirement_is_read_as_packaging_reads_it(
    name: str, extras: list[str], clauses: list[str], around: str, marker: str
) -> None:
    """Name, extras, clauses and marker, with and without parentheses."""
    listed = f"[{' , '.join(extras)}]" if extras else ""
    specifier = f" ({','.join(clauses)})" if around and clauses else " , ".join(clauses)
    text = f" {name} {listed}{specifier}{marker} "
    theirs, ours = Requirement(text), parse_requirement(text)
    assert ours.name == canonicalize_name(theirs.name)
    assert ours.extras == {canonicalize_name(extra) for extra in theirs.extras}
    assert ours.clauses == tuple(sorted(clause.replace(" ", "") for clause in clauses))
    assert ours.condition == (parse_marker("os_name == 'nt'") if marker else True)


@pytest.mark.parametrize(
    ("text", "url", "marked"),
    [
        ("x @ https://a.example/x-1.zip", "https://a.example/x-1.zip", False),
        ("x[a]@https://a.example/x-1.zip ; os_name == 'nt'", "https://a.example/x-1.zip", True),
        ("x @ file:///a b/x.whl ;os_name == 'nt'", "file:///a b/x.whl", True),
        ("x @ https://a.example/x;y#egg=x", "https://a.example/x;y#egg=x", False),
    ],
)
def test_a_url_ends_where_a_semicolon_follows_a_space(text: str, url: str, *, marked: bool) -> None:
    """Everything before that is part of it."""
    found = parse_requirement(text)
    assert (found.url, found.condition is not True) == (url, marked)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "num=>1", "num=1", "num~=1", "num>=1,,<2", "num >=1 <2", "num>=1.*", "num>=1+local", "num===foo"),
        *("num>=1.x", "num==1.*.dev", f"num>={'9' * 5000}", f"num>={2**64}", "num>=1 # remark", "(num)", "./num"),
        *(
            "num[a!b]",
            "num[",
            "num[a,]",
            "num[,]",
            "num[a b]",
            "num-",
            "num @ ",
            "num @ https://x.example/a; os_name == 'nt'",
        ),
        *(
            "num;",
            "num; ",
            "num; python_verion < '4'",
            "num; python_version",
            "num; os_name == posix",
            "num; extras == 'x'",
        ),
        *("num; python_version === '3.10'", "num; os_name == 'nt' and", "num; (os_name == 'nt'", "num; os_name = 'nt'"),
    ],
)
def test_what_uv_refuses_is_no_requirement(text: str) -> None:
    """Whatever packaging makes of it; the sentence quotes it, and not all of a long one."""
    with pytest.raises(Unreadable) as caught:
        parse_requirement(text)
    assert f"`{text[:40]}" in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("marker", "same"),
    [
        *((text, "") for text in ("'a' == 'a'", "'a' == 'b'", "python_version ~= '3'", "python_full_version ~= '3'")),
        *(
            (text, "")
            for text in ("python_version > '3.x'", "python_version == os_name", "os_name ~= 'nt'", "extra > 'a'")
        ),
        *((text, "") for text in ("python_version in '3.9 3.x'", "'3' in python_version", "python_version >= '3.*'")),
        *(
            (text, "")
            for text in (f"python_version > '{'9' * 5000}'", f"python_version > '{2**64}'", "'3.*' == python_version")
        ),
        ("os_name == 'nt' or python_version ~= '3'", "os_name == 'nt'"),
        ("'a' == 'a' and (os_name == 'nt' and 'b' == 'c')", "os_name == 'nt'"),
        ("('a' == 'a' or python_version ~= '3') or (os_name == 'nt')", "os_name == 'nt'"),
        (
            "os.name == 'nt' and python_implementation == 'x'",
            "os_name == 'nt' and platform_python_implementation == 'x'",
        ),
        ("os_name >= 'nt'", "os_name == 'nt'"),
        ("os_name > 'nt'", "os_name == 'nt' and os_name == 'posix'"),
        ("python_version > '3'", "python_full_version >= '3.1'"),
        ("python_version in ''", "os_name == 'nt' and os_name == 'posix'"),
        ("platform_release > '5'", "'5' < platform_release"),
        (f"{'(' * 5000}os_name == 'nt'{')' * 5000}", "os_name == 'nt'"),
    ],
)
def test_uv_takes_no_notice_of_some_comparisons(marker: str, same: str) -> None:
    """They are left out, wherever they stand; other spellings mean the same, however many parentheses there are."""
    assert same_conditions([parse_marker(marker)], [parse_marker(same)], PythonRange(">=2.7"))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("python_version > '3'", "python_version >= '4'"),
        ("python_full_version > '3.8'", "python_full_version >= '3.8.0.0.0.0.0.1'"),
        ("platform_release > '5'", "platform_release >= '5'"),
        ("'x' in extras", "extra == 'x'"),
    ],
)
def test_markers_that_differ_somewhere_are_different(left: str, right: str) -> None:
    """However small the difference is."""
    assert not same_conditions([parse_marker(left)], [parse_marker(right)], PythonRange(">=2.7"))


def test_a_marker_of_endless_depth_is_none() -> None:
    """What would end in a `RecursionError` is told."""
    deep = "os_name == 'a'"
    for index in range(400):
        deep = f"({deep} {'and' if index % 2 else 'or'} sys_platform == 'x{index}')"
    with pytest.raises(Unreadable, match="is not a valid marker"):
        parse_marker(deep)
