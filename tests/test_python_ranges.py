"""Ranges of Pythons mean what they mean to packaging, whether it is asked or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import Specifier, SpecifierSet

from wsnox.python_ranges import allows, is_plain_clause, refuse_malformed

RELEASES = st.from_regex(r"[0-9]{1,2}([.][0-9]{1,2}){0,2}", fullmatch=True)
OPERATORS = st.sampled_from([">=", "<=", ">", "<", "==", "!=", "~=", "===", " >= ", "=", ""])
ENDS = st.sampled_from(["", "", "", ".*", "rc1", ".post1", " ", "+x"])
CLAUSES = st.builds("{}{}{}".format, OPERATORS, RELEASES, ENDS)
PYTHONS = st.one_of(RELEASES, st.builds("{}{}".format, RELEASES, st.sampled_from(["rc1", ".post1", "+x"])))


@given(st.lists(CLAUSES, max_size=3).map(",".join), PYTHONS)
def test_as_packaging_has_it(specifier: str, python: str) -> None:
    """The same Pythons are allowed, and the same texts refused."""
    try:
        expected = SpecifierSet(specifier).contains(python, prereleases=True)
    except ValueError:
        for refuse in (lambda: allows(specifier, python), lambda: refuse_malformed(specifier)):
            with pytest.raises(ValueError, match="nvalid"):
                refuse()
    else:
        assert allows(specifier, python) == expected


@given(CLAUSES)
def test_a_plain_clause_is_a_specifier(clause: str) -> None:
    """Nothing that packaging refuses passes as plain."""
    if is_plain_clause(clause):
        assert str(Specifier(clause).version) in clause


def test_a_number_too_long_to_convert() -> None:
    """It is a `ValueError` like every other malformed range, not a Python that fits."""
    for refuse in (lambda: allows(f">={'9' * 5000}", "3.12"), lambda: refuse_malformed(f">={'9' * 5000}")):
        with pytest.raises(ValueError):  # noqa: PT011 - Python's own
            refuse()
