"""Words for people, and the same as data."""

from __future__ import annotations

import pytest

from wsnox.cli.output import json_of, named, source_text, target_text
from wsnox.lock import Archive, Directory, Git, Registry, Source, Url, Virtual
from wsnox.markers.target import target_of
from wsnox.text import counted


def test_counted_and_named() -> None:
    """Numbers and lists as a sentence has them."""
    assert [counted(number, "chain") for number in (0, 1, 2)] == ["0 chains", "1 chain", "2 chains"]
    assert [named("a"), named("ab"), named("abc")] == ["`a`", "`a` and `b`", "`a`, `b` and `c`"]


COMMIT = "0123456789" * 4


@pytest.mark.parametrize(
    ("source", "text", "data"),
    [
        (Registry("index"), "", {"kind": "registry", "location": "index"}),
        (Archive("a.whl"), "archive a.whl", {"kind": "archive", "path": "a.whl"}),
        (Directory("a", editable=True), "editable a", {"kind": "editable", "path": "a"}),
        (Directory("a", editable=False), "directory a", {"kind": "directory", "path": "a"}),
        (Virtual("a"), "virtual a", {"kind": "virtual", "path": "a"}),
        (Url("u", "sub"), "url u#sub", {"kind": "url", "url": "u", "subdirectory": "sub"}),
        (Url("u"), "url u", {"kind": "url", "url": "u", "subdirectory": None}),
        (
            Git("u", COMMIT, subdirectory="sub"),
            "git u@0123456#sub",
            {
                "kind": "git",
                "url": "u",
                "commit": COMMIT,
                "subdirectory": "sub",
                "path": None,
                "lfs": False,
                "revision": None,
            },
        ),
    ],
    ids=str,
)
def test_sources(source: Source, text: str, data: dict[str, object]) -> None:
    """In short for a person, in full as JSON."""
    assert source_text(source) == text
    assert json_of(source) == data


def test_targets() -> None:
    """Other implementations by their names."""
    values = {"platform_system": "Linux", "platform_machine": "x86_64", "python_full_version": "3.11.3"}
    assert target_text(target_of({**values, "implementation_name": "pypy"})) == "PyPy 3.11.3 on Linux x86_64"
    assert target_text(target_of({**values, "implementation_name": "graalpy"})) == "graalpy 3.11.3 on Linux x86_64"
