"""Who narrows the range of Pythons."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from wsnox.cli.python_range import narrowing
from wsnox.workspace import Manifest, Member, Workspace


def _narrowed(*ranges: str) -> list[tuple[str, str, str]]:
    root = Path("root")
    members = tuple(
        Member(
            name=canonicalize_name(f"m{at}"),
            directory=root,
            path=f"m{at}",
            manifest=Manifest(path=root, requires_python=text),
        )
        for at, text in enumerate(ranges)
    )
    found = narrowing(Workspace(root=root, manifest=Manifest(path=root), members=members))
    return [(each.member.name, each.end, str(each.bound)) for each in found]


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        ([], []),
        ([""], []),
        ([">=3.10", ">=3.10"], []),
        ([">=3.10", ">=3.10.0"], []),
        ([">=3.10", ">=3.11", ">=3.12", "~=3.12"], [("m2", "floor", "3.12"), ("m3", "floor", "3.12")]),
        (["", ">=3.9"], [("m1", "floor", "3.9")]),
        ([">=3.9,<4", ">=3.9,<=3.13", ">=3.9"], [("m1", "ceiling", "3.13")]),
        (["==3.12.*", ">=3.9"], [("m0", "floor", "3.12")]),
        (["not a range", ">=3.9"], [("m1", "floor", "3.9")]),
    ],
    ids=str,
)
def test_narrowing(ranges: list[str], found: list[tuple[str, str, str]]) -> None:
    """The members with the highest floor and the lowest ceiling, unless all share it."""
    assert _narrowed(*ranges) == found
