"""The directory of scripts: what must be there, for which Python, and what is nobody's."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.environment.makers import dist_info
from wsnox.environment.scripts import Scripts, entry_scripts, script_damage, stray_scripts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the layout and the links of POSIX")


@pytest.fixture
def scripts(tmp_path: Path) -> Scripts:
    """Return the scripts of an environment with a Python that is a link."""
    directory = tmp_path / "env dir" / "bin"
    directory.mkdir(parents=True)
    (directory / "python").symlink_to(sys.executable)
    return Scripts(directory, directory / "python", directory.parent)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[console_scripts]\na = m:f\nb=m:g [extra]\n", {"a", "b"}),
        ("[gui_scripts]\r\na = m:f\r\n[other]\r\nb = m:f\r\n", {"a"}),
        ("# [x]\n[ console_scripts ]\n; c = d\n#e = f\n\n  a.b-c = m:f", {"a.b-c"}),
        ("a = m:f\n[pytest11]\nb = c\n", set()),
        ("[console_scripts]\n../x = m:f\na\\b = m:f\n = m:f\nnothing\n", set()),
        ("", set()),
    ],
)
def test_entry_points(tmp_path: Path, text: str, names: set[str]) -> None:
    """The names of programs are read, of the console and of windows; what is no name of a file is left aside."""
    place = dist_info(tmp_path, "a")
    assert entry_scripts(str(place)) == set()
    (place / "entry_points.txt").write_text(text, encoding="utf-8", newline="")
    assert entry_scripts(str(place)) == names


def _damage(scripts: Scripts, *names: str) -> str:
    return script_damage(names, scripts, os.listdir(scripts.directory))  # noqa: PTH208 - names as the reader has them


def test_what_starts_a_script(scripts: Scripts, tmp_path: Path) -> None:
    """A script is for this Python by its first line, or by the second where a shell has to read it; links count as what they are."""
    other = tmp_path / "other" / "bin"
    other.mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(scripts.directory.parent)
    right = [
        f"#!{scripts.directory}/python\nimport x\n",
        f"#!{scripts.directory}/python3.12 -E\n",
        f"#!{link}/bin/python\n",
        f"#!/bin/sh\n'''exec' \"{scripts.directory}/python\" \"$0\" \"$@\"\n' '''\n",
        # A relocatable one, a program, and an empty one: nothing says that they are for another.
        "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n",
        "\x7fELF\n/usr/bin/python\n",
        "",
    ]
    wrong = [f"#!{other}/python\n", f'#!/bin/sh\n\'\'\'exec\' "{other}/python3" "$0" "$@"\n', "#!/nowhere/bin/pypy3\n"]
    place = scripts.directory / "tool"
    for text in right:
        place.write_text(text, encoding="utf-8")
        assert _damage(scripts, "tool") == "", text
    for text in wrong:
        place.write_text(text, encoding="utf-8")
        assert _damage(scripts, "tool") == "its script `tool` is for another Python", text
    place.unlink()
    assert _damage(scripts, "tool") == "its script `tool` is missing"


def test_strays(scripts: Scripts) -> None:
    """Owned are the scripts of distributions, what starts this very Python, and what is for shells; nothing else."""
    own = ["activate", "activate.fish", "Activate.ps1", "deactivate.bat", "pydoc.bat", "tool"]
    for name in own:
        (scripts.directory / name).touch()
    (scripts.directory / "python3").symlink_to("python")
    (scripts.directory / "𝜋thon").symlink_to("python")
    shutil.copy(sys.executable, scripts.directory / "python3.99")
    strays = ["activate.py", "activate_this.py", "python.py", "python3.so", "python4", "stray", "tool.py", "tool2"]
    for name in strays:
        (scripts.directory / name).write_text("stray\n")
    (scripts.directory / "activate.sh").mkdir()
    (scripts.directory / "python3.5").symlink_to("/bin/sh")
    there = os.listdir(scripts.directory)  # noqa: PTH208 - names as the reader has them
    found = [path.name for path in stray_scripts(scripts, there, {"tool", "gone"})]
    assert found == sorted([*strays, "activate.sh", "python3.5"])
