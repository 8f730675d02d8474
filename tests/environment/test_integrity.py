"""What of a distribution is lost, leads outside, or starts another Python."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from wsnox.environment.integrity import Scripts, damage, has_every_size, leads_outside, script_damage
from wsnox.environment.metadata import Owned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links and scripts of POSIX")


def owned_of(sizes: Mapping[str, str]) -> Owned:
    """Return the files with these *sizes* by path from the site directory."""
    folders: dict[str, dict[str, str]] = {}
    for path, size in sizes.items():
        folder, slash, name = path.rpartition("/")
        folders.setdefault(folder + slash, {})[name] = size
    return Owned(folders)


@pytest.mark.parametrize(
    ("path", "size", "lost"),
    [
        ("a/b/empty", "0", ""),
        ("a/b/empty", "", ""),
        ("a/b/empty", "10", "`a/b/empty` is empty"),
        # Another distribution that ships the same path says that it is empty.
        ("a/b/shared", "10", ""),
        ("a/b/longer", "10", ""),
        ("a/b/d", "1", "`a/b/d` is missing"),
        ("a/b/d.pyc", "", ""),
        ("a/__pycache__", "", ""),
        ("a\0", "", "`a\0` is missing"),
        ("../x", "1", "`../x` is missing"),
        # With uv's `link-mode = "symlink"` a cleaned cache leaves links that lead nowhere.
        pytest.param("dangling", "", "`dangling` is missing", marks=POSIX),
        pytest.param("linked", "", "", marks=POSIX),
    ],
)
def test_damage(tmp_path: Path, path: str, size: str, lost: str) -> None:
    """What is missing at any depth is damage, and a file that lost its content; byte code and other sizes are not."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    for name, text in {"empty": "", "shared": "", "longer": "something longer"}.items():
        (tmp_path / "a" / "b" / name).write_text(text)
    for name, target in {"dangling": "nowhere", "linked": "a/b/empty"}.items():
        (tmp_path / name).symlink_to(target)
    site, owned = str(tmp_path), owned_of({path: size})
    assert damage(site, owned, empty={f"{site}/a/b/shared"}, outside=True) == lost
    assert damage(site, owned, empty=None, outside=False) == (lost if "missing" in lost and path != "../x" else "")


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"a.py": "1", "a/__pycache__": "9", "a/b.cpython-312.pyc": "9"}, True),
        ({"a.py": ""}, True),
        ({"a.py": "2"}, False),
        ({"b.py": "1"}, False),
    ],
)
def test_every_size(tmp_path: Path, sizes: dict[str, str], *, expected: bool) -> None:
    """Each file has the size that its RECORD gives; byte code, which `virtualenv` lists, may be missing."""
    (tmp_path / "a.py").write_text("1")
    assert has_every_size(str(tmp_path), owned_of(sizes)) is expected


@POSIX
def test_what_leads_outside(tmp_path: Path) -> None:
    """A row above the environment, an absolute one, and one through a link at any depth; links that stay inside do not."""
    home, site = tmp_path / "env", tmp_path / "env" / "lib" / "site"
    (site / "a" / "b").mkdir(parents=True)
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (site / "link").symlink_to(tmp_path / "out")
    (site / "a" / "b" / "link").symlink_to(tmp_path / "out")
    (site / "a" / "inside").symlink_to(site / "a" / "b")
    # The file itself may be a link: to remove it removes the link.
    (site / "file.py").symlink_to(tmp_path / "out" / "x")
    wrong = [
        *("../../../x", "../../../../x/y", "/etc/passwd", str(tmp_path / "out" / "x"), "link/x", "link/deep/x"),
        *("a/b/link/x", "a/b/link/deep/x"),
    ]
    right = [
        *("a.py", "a/b/c.py", "file.py", "../../bin/tool", "../../share/x/y", "a/inside/c.py"),
        str(home / "bin" / "x"),
    ]
    for path in wrong:
        assert leads_outside(str(site), owned_of({"a.py": "", path: ""}), str(home)) == path
    assert leads_outside(str(site), owned_of(dict.fromkeys(right, "")), str(home)) == ""


@POSIX
def test_which_python_a_script_starts(tmp_path: Path) -> None:
    """It is named in the first line, or in the second where a shell has to read it; links count as what they are."""
    own, other = tmp_path / "env dir" / "bin", tmp_path / "other" / "bin"
    for directory in (own, other):
        directory.mkdir(parents=True)
    (own / "python").symlink_to(sys.executable)
    (tmp_path / "link").symlink_to(own.parent)
    scripts = Scripts(own, own / "python", own.parent)
    right = [
        f"#!{own}/python\nimport x\n",
        f"#!{own}/python3.12 -E\n",
        f"#!{tmp_path}/link/bin/python\n",
        f"#!/bin/sh\n'''exec' \"{own}/python\" \"$0\" \"$@\"\n' '''\n",
        # A relocatable one, a program, and an empty one: nothing says that they are for another.
        "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n",
        "\x7fELF\n/usr/bin/python\n",
        "",
    ]
    wrong = [f"#!{other}/python\n", f'#!/bin/sh\n\'\'\'exec\' "{other}/python3" "$0" "$@"\n', "#!/nowhere/bin/pypy3\n"]
    texts = {**dict.fromkeys(right, ""), **dict.fromkeys(wrong, "its script `tool` is for another Python")}
    for text, flaw in texts.items():
        (own / "tool").write_text(text, encoding="utf-8")
        assert script_damage(["tool"], scripts, os.listdir(own)) == flaw, text  # noqa: PTH208 - names, as a snapshot has them
    assert script_damage(["tool", "gone"], scripts, ["tool"]) == "its script `gone` is missing"
