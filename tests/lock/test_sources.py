"""Every kind of source, and what is none."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from tests.lock.samples import COMMIT, INDEX
from wsnox.lock import Archive, Directory, Git, Registry, Source, Url, Virtual
from wsnox.lock.fields import MalformedField
from wsnox.lock.sources import read_source

GIT = "https://git.example/x"
OTHER = "f" * 40


SOURCES: list[tuple[dict[str, Any], Source]] = [
    ({"registry": INDEX}, Registry(INDEX)),
    ({"registry": "../wheels"}, Registry("../wheels")),
    ({"url": "https://files.example/x.zip"}, Url("https://files.example/x.zip")),
    ({"url": "https://files.example/x.zip", "subdirectory": "a/b"}, Url("https://files.example/x.zip", "a/b")),
    ({"path": "files/x-1.0.tar.gz"}, Archive("files/x-1.0.tar.gz")),
    ({"directory": "../x/"}, Directory("../x", editable=False)),
    ({"editable": "."}, Directory(".", editable=True)),
    ({"editable": ""}, Directory(".", editable=True)),
    ({"editable": "a//b/../c"}, Directory("a/c", editable=True)),
    ({"virtual": "/abs/x"}, Virtual("/abs/x")),
    ({"virtual": "x", "new": {"key": 1}}, Virtual("x")),
    ({"git": f"{GIT}#{COMMIT}"}, Git(GIT, COMMIT)),
    ({"git": f"{GIT}#{'a' * 64}"}, Git(GIT, "a" * 64)),
    ({"git": f"{GIT}?tag=v1&subdirectory=a%2Fb#{COMMIT}"}, Git(GIT, COMMIT, subdirectory="a/b", requested="v1")),
    ({"git": f"{GIT}?branch=main&lfs=true#{COMMIT}"}, Git(GIT, COMMIT, lfs=True, requested="main")),
    ({"git": f"{GIT}?rev=0123&lfs=false#{COMMIT}"}, Git(GIT, COMMIT, requested="0123")),
    ({"git": f"{GIT}?rev={COMMIT}&path=x.whl#{COMMIT}"}, Git(GIT, COMMIT, path="x.whl", requested=COMMIT)),
    ({"git": f"ssh://git@git.example/x#{COMMIT}"}, Git("ssh://git@git.example/x", COMMIT)),
]


@pytest.mark.parametrize(("raw", "source"), SOURCES)
def test_kinds_of_sources(raw: dict[str, Any], source: Source) -> None:
    """Each kind of source is read with what belongs to it; unknown keys beside it are ignored."""
    assert read_source(raw) == source


def test_every_kind_of_source_is_read() -> None:
    """A new kind is one that the reader knows."""
    assert {type(source) for _, source in SOURCES} == set(get_args(Source))


@pytest.mark.parametrize(
    ("raw", "problem", "where"),
    [
        ({}, "unknown source kind {}", ""),
        ({"s3": "x", "bucket": "y"}, "unknown source kind {s3, bucket}", ""),
        ({"registry": 1}, "expected a string, got an integer", "registry"),
        ({"virtual": []}, "expected a string, got an array", "virtual"),
        ({"url": "x", "subdirectory": True}, "expected a string, got a boolean", "subdirectory"),
        ({"editable": "a\x1b[2J"}, "`a\x1b[2J` holds control characters", "editable"),
        ({"path": "a\0b"}, "`a\0b` holds control characters", "path"),
        ({"git": GIT}, f"`{GIT}` does not end in a full commit", ""),
        ({"git": f"{GIT}#0123"}, f"`{GIT}#0123` does not end in a full commit", ""),
        ({"git": f"{GIT}#{COMMIT.upper()}"}, f"`{GIT}#{COMMIT.upper()}` does not end in a full commit", ""),
        (
            {"git": f"{GIT}?rev={OTHER}#{COMMIT}"},
            f"the commit of `{GIT}?rev={OTHER}#{COMMIT}` contradicts its `rev`",
            "",
        ),
        ({"git": "https://[::1"}, "`https://[::1` is not a URL (Invalid IPv6 URL)", ""),
        ({"git": f"{GIT}?subdirectory=%1b%5b2J#{COMMIT}"}, "`\x1b[2J` holds control characters", ""),
    ],
)
def test_refused_sources(raw: dict[str, Any], problem: str, where: str) -> None:
    """Unknown kinds, wrong types, commits that are none and control characters, encoded ones too, are refused."""
    with pytest.raises(MalformedField) as caught:
        read_source(raw)
    assert (caught.value.problem, caught.value.where) == (problem, where)
