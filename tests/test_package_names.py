"""Names are normalised as packaging does it: an own rule would make two packages of one, or one of two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging import utils

from wsnox.package_names import canonicalize_name, is_valid_name

NAMES = st.one_of(st.text("aZ09-_. \u212a\u0130ß\n", max_size=8), st.text(max_size=8))


@given(NAMES)
def test_as_packaging_has_it(name: str) -> None:
    """A name is valid where it is to packaging, and then is the same normalised."""
    if is_valid_name(name):
        assert canonicalize_name(name) == utils.canonicalize_name(name, validate=True)
    else:
        with pytest.raises(utils.InvalidName):
            utils.canonicalize_name(name, validate=True)
