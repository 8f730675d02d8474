"""Words and columns, and the ranges and targets behind them."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from wsnox.cli.output import aligned, counted, marker_text, named, source_data, source_text
from wsnox.cli.python_range import narrowing
from wsnox.cli.target_options import spelled, target_for
from wsnox.lock import Archive, Directory, Git, Registry, Source, Url, Virtual
from wsnox.markers.target import target_of
from wsnox.workspace import Manifest, Member, Workspace


def test_aligned() -> None:
    """Columns are as wide as their widest cell; empty ones and trailing blanks take no room."""
    assert aligned([]) == []
    assert aligned([("a", "", "b"), ("ccc", "", "")]) == ["a    b", "ccc"]


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
        (Url("u"), "url u", {"kind": "url", "url": "u", "subdirectory": ""}),
        (
            Git("u", COMMIT, subdirectory="sub"),
            "git u@0123456#sub",
            {
                "kind": "git",
                "url": "u",
                "commit": COMMIT,
                "subdirectory": "sub",
                "path": "",
                "lfs": False,
                "requested": "",
            },
        ),
    ],
    ids=str,
)
def test_sources(source: Source, text: str, data: dict[str, object]) -> None:
    """In short for a person, in full as JSON."""
    assert source_text(source) == text
    assert source_data(source) == data


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        ("sys_platform == 'linux'", "sys_platform == 'linux'"),
        ("extra == 'extra-3-app-x' or extra != 'group-5-a-b-c-d-e'", "app[x] or not a-b-c:d-e"),
        ("os_name == 'nt' and extra == 'project-3-app'", "os_name == 'nt' and app"),
    ],
)
def test_markers(marker: str, text: str) -> None:
    """Conflict items, as uv encodes them, are spelled out."""
    assert marker_text(marker) == text


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


@pytest.mark.parametrize(
    ("platform", "machine"),
    [
        ("linux", "x86_64"),
        ("Linux-arm64", "aarch64"),
        ("linux-riscv64", "riscv64"),
        ("macos", "arm64"),
        ("macos-x86_64", "x86_64"),
        ("macos-aarch64", "arm64"),
        ("windows-x86_64", "AMD64"),
        ("windows-arm64", "ARM64"),
    ],
)
def test_machines(platform: str, machine: str) -> None:
    """A machine is taken by any of its names, and is what Python calls it on that platform."""
    assert dict(target_for("3.12", platform).values)["platform_machine"] == machine


def test_spelled() -> None:
    """Other implementations by their names."""
    values = {"platform_system": "Linux", "platform_machine": "x86_64", "python_full_version": "3.11.3"}
    assert spelled(target_of({**values, "implementation_name": "pypy"})) == "PyPy 3.11.3 on Linux x86_64"
    assert spelled(target_of({**values, "implementation_name": "graalpy"})) == "graalpy 3.11.3 on Linux x86_64"
