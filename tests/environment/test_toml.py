"""The TOML of plans reads back as what was written, whatever stands in it."""

from __future__ import annotations

from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from wsnox.environment.pylock import dumps

KEYS = st.text("az09-_", min_size=1, max_size=4)
SCALARS = st.one_of(
    st.text(), st.text("\x00\x1f\x7f\x80\"\\\n\u2028'é\U0001f600"), st.integers(-(2**63), 2**63 - 1), st.booleans()
)
VALUES = st.recursive(
    SCALARS,
    lambda each: st.one_of(st.lists(each, max_size=3), st.dictionaries(KEYS, each, max_size=3)),
    max_leaves=6,
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=3)


@pytest.mark.slow
@given(TABLES, st.lists(TABLES, max_size=3))
def test_what_is_written_is_read(document: dict[str, Any], tables: list[dict[str, Any]]) -> None:
    """Strings of every letter, numbers and tables in tables come back, and in their order."""
    document.pop("packages", None)
    read = tomli.loads(dumps(document, "packages", tables))
    assert read == {**document, "packages": tables}
    assert [*read] == [*document, "packages"]
