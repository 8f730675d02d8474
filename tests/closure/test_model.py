"""What tells two closures apart."""

from __future__ import annotations

import pytest

from tests.environment.makers import closure_of, package
from wsnox.closure.model import Change, compare
from wsnox.lock import Directory, Git, Source

GIT = Git("https://example.org/r", "a" * 40, requested="main")


@pytest.mark.parametrize(
    ("source", "version", "equal"),
    [
        (GIT, "1.0", True),
        (Git("https://example.org/r", "a" * 40, requested="v1"), "1.0", True),
        (Git("https://example.org/r", "b" * 40, requested="main"), "1.0", False),
        (GIT, "1.1", False),
        (Directory("r", editable=True), "1.0", False),
    ],
)
def test_version_and_source(source: Source, version: str, *, equal: bool) -> None:
    """What is installed decides; the name of the branch does not."""
    before, after = package("a", "1.0", GIT), package("a", version, source)
    changes = compare(closure_of(before), closure_of(after))
    assert changes == (() if equal else (Change(name="a", before=before, after=after),))


def test_by_name() -> None:
    """What is on one side alone is there too, in name order."""
    before, after = (closure_of(*map(package, names)) for names in ("acd", "bd"))
    changes = compare(before, after)
    assert [(change.name, change.before is None, change.after is None) for change in changes] == [
        ("a", False, True),
        ("b", True, False),
        ("c", False, True),
    ]
