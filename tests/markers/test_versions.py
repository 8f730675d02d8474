"""Version sets compared exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from wsnox.markers.points import Unreadable
from wsnox.markers.versions import clauses, same_clauses, same_pythons, same_versions, shortest

VERSIONS = ("0", "1", "1.0", "1.0.0", "1.1", "2", "1a1", "1.post1", "1.dev0", "2!0", "1.0.1", "3.8", "3.8.0")
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")
CLAUSES = st.one_of(
    st.builds("{}{}".format, st.sampled_from(OPERATORS), st.sampled_from(VERSIONS)),
    st.builds("{}{}.*".format, st.sampled_from(["==", "!="]), st.sampled_from(["1", "1.0", "2", "3.8"])),
    st.builds("~={}".format, st.sampled_from(["1.0", "1.0.0", "3.8", "3.8.0"])),
)
SETS = st.lists(CLAUSES, max_size=3)
SAMPLES = (
    *VERSIONS,
    *(
        [
            "0.9",
            "0a1",
            "0.dev0",
            "1+x",
            "1.0.5",
            "1.1.dev0",
            "1.2",
            "1.9",
            "2.dev0",
            "2a1",
            "2.0.1",
            "2!1",
            "3.8.5",
            "3.9",
            "3.9.dev0",
            "4",
            "4.dev0",
        ]
    ),
    *(["1.post2", "1a2", "1.post1.dev0", "1.0.0.1", "3.8.dev0", "99"]),
)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("~=3.8", "~=3.8.0", False),
        ("~=3.8", ">=3.8,<4", True),
        ("~=3.8", ">=3.8,==3.*", True),
        ("~=3.8", ">=3.8,<4.dev0", False),  # names a pre-release, and so asks for them
        ("<1", "<1,>=1", False),
        ("<1", "<1.0", True),
        (">=1,<1", "<1,>=2", True),
        ("", ">=0", False),
        ("", ">=0.dev0", False),
        ("==1.*", "==1.0.*", False),
        ("==1,>=0", "==1", True),
        (">1", ">1,!=1.post1", True),
        ("===1", "==1", False),
        ("===1+x", "==1+x", True),
        ("!=1a1", "", False),
    ],
)
def test_specifiers_are_compared_by_what_they_allow(left: str, right: str, *, same: bool) -> None:
    """Without looking at samples."""
    assert same_versions(clauses(left), clauses(right)) is same


@given(SETS, SETS)
def test_what_is_the_same_allows_the_same(left: list[str], right: list[str]) -> None:
    """No version tells two sets apart that count as the same."""
    if same_versions(left, right):
        ours, theirs = (SpecifierSet(",".join(side), prereleases=True) for side in (left, right))
        assert [ours.contains(each) for each in SAMPLES] == [theirs.contains(each) for each in SAMPLES]


@given(SETS)
def test_order_and_repetition_do_not_matter(found: list[str]) -> None:
    """A clause twice, the clauses in another order."""
    assert same_versions(found, [*reversed(found), *found[:1]])
    assert same_clauses(found, [*reversed(found)])


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (">=3.8", ">=3.8.0", True),
        (">=3.8,!=3.9.1", ">=3.8", True),
        (">=3.8", ">3.8", False),
        (">=3.8,<4", ">=3.8", False),
        ("~=3.8", ">=3.8,<4", True),
        ("~=3.8.0", ">=3.8,<4", False),
        (">3.8", ">=3.8.0.0.0.0.0.1", False),
        ("==3.11.*", ">=3.11,<3.12", True),
        (">=3.10,!=3.10.*", ">=3.11", True),
        ("<3.12,!=3.11.*", "<3.11", True),
    ],
)
def test_pythons_are_compared_by_their_outer_bounds(left: str, right: str, *, same: bool) -> None:
    """To the last release between two bounds."""
    assert same_pythons([left], [right]) is same


def test_the_shortest_specifier_keeps_the_bounds() -> None:
    """What another member implies is left out."""
    assert shortest([">=3.8", ">=3.10,<4", "<5"]) == "<4,>=3.10"


@pytest.mark.parametrize(
    "text", [">=3.x", "=>3", "~=3", ">=3.9,", f">={'9' * 5000}", f">={2**64}", ">=3.9+x", "===x", 3]
)
def test_what_is_no_specifier_is_told(text: object) -> None:
    """Also digits by the thousand, and what is no text."""
    with pytest.raises(Unreadable, match="is not a valid version specifier"):
        clauses(text)
