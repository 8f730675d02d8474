"""Requirements and markers as uv reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wsnox.markers.expressions import parse_marker
from wsnox.markers.points import Unreadable
from wsnox.markers.requirement import parse_requirement

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
    assert len(str(caught.value)) < 300
