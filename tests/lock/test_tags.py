"""Which Pythons the tags in the name of a wheel name."""

from __future__ import annotations

import pytest

from wsnox.lock.model import concerns


@pytest.mark.parametrize(
    ("filename", "minor", "expected"),
    [
        ("a-1-py3-none-any.whl", 12, True),
        ("a-1-cp312-cp312-linux_x86_64.whl", 12, True),
        ("a-1-cp314-cp314-linux_x86_64.whl", 12, False),
        ("a-1-cp39-abi3-linux_x86_64.whl", 12, True),
        ("a-1-cp313-abi3-linux_x86_64.whl", 12, False),
        ("a-1.tar.gz", 12, True),
    ],
)
def test_wheels_that_concern_a_python(filename: str, minor: int, *, expected: bool) -> None:
    """A wheel for another Python is no difference."""
    assert concerns(filename, minor) is expected
