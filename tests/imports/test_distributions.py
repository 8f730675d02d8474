"""Which modules installed distributions ship, as their own metadata says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.environment.makers import dist_info, plant
from tests.support.wheels import Wheel
from wsnox.imports.owners import known_prefixes

if TYPE_CHECKING:
    from pathlib import Path


def _shipping(name: str, *files: str) -> Wheel:
    return Wheel(name, "1.0", modules=dict.fromkeys(files, "x = 1\n"))


@pytest.mark.parametrize(
    ("files", "prefixes"),
    [
        (["humps.py"], {"humps"}),
        (["leaf/__init__.py", "leaf/a.py", "leaf/deep/__init__.py", "leaf/deep/b.py", "leaf/py.typed"], {"leaf"}),
        (["google/cloud/storage/__init__.py", "google/cloud/storage/blob.py"], {"google.cloud.storage"}),
        (["ns/a.py", "ns/b/__init__.py", "ns/deep/c.py"], {"ns.a", "ns.b", "ns.deep.c"}),
        (["_fast.cpython-312-x86_64-linux-gnu.so", "ns/_ext.abi3.so", "win.cp312-win_amd64.pyd"], {"_fast", "ns._ext", "win"}),
        (["two/__init__.py", "one.py", "some-data/x.py", "lib.libs/libz.so"], {"two", "one"}),
        (["stubs-only/__init__.pyi", "data.txt"], set()),
    ],
)  # fmt: skip
def test_prefixes(tmp_path: Path, files: list[str], prefixes: set[str]) -> None:
    """A package stands for all below it, a namespace for its parts, a compiled module for its name."""
    plant(tmp_path, _shipping("Some.Thing", *files))
    assert known_prefixes([tmp_path]) == {"some-thing": prefixes}


def test_what_only_brings_others_is_known_to_have_no_module(tmp_path: Path) -> None:
    """One such distribution in a closure must not leave open who has a module that nothing provides."""
    plant(tmp_path, _shipping("everything"))
    assert known_prefixes([tmp_path]) == {"everything": frozenset()}


def test_what_is_installed_in_place_is_not_known(tmp_path: Path) -> None:
    """Its RECORD has a path file, and another environment may have its modules."""
    first, second = tmp_path / "first", tmp_path / "second"
    dist_info(first, "core", record=["core.pth,,", "core-1.0.dist-info/METADATA,,"])
    assert known_prefixes([first]) == {}
    plant(second, _shipping("core", "core/__init__.py"))
    assert known_prefixes([first, second]) == {"core": {"core"}}


def test_the_first_environment_tells(tmp_path: Path) -> None:
    """The environment of uv comes first."""
    plant(tmp_path / "first", _shipping("moved", "new.py"))
    plant(tmp_path / "second", _shipping("moved", "old.py"))
    assert known_prefixes([tmp_path / "first", tmp_path / "second"]) == {"moved": {"new"}}


def test_an_egg_tells_by_its_top_level(tmp_path: Path) -> None:
    """What ``setup.py install`` left has no RECORD, and its SOURCES.txt lists the source tree."""
    egg = tmp_path / "old_thing-1.0-py3.11.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: old-thing\nVersion: 1.0\n", encoding="utf-8")
    (egg / "SOURCES.txt").write_text("setup.py\nsrc/oldthing/__init__.py\ntests/__init__.py\n", encoding="utf-8")
    (egg / "top_level.txt").write_text("oldthing\n_oldthing\n\n", encoding="utf-8")
    (tmp_path / "setup.py").touch()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").touch()
    assert known_prefixes([tmp_path]) == {"old-thing": {"oldthing", "_oldthing"}}


@pytest.mark.parametrize("record", [None, [], ["", "\0,,"], ['"unfinished'], ["../../bin/tool.py,,", "/abs/x.py,,"]])
def test_broken_metadata(tmp_path: Path, record: list[str] | None) -> None:
    """A RECORD that is missing, empty or broken names no module, and is no reason to fail."""
    dist_info(tmp_path, "broken", record=record)
    (tmp_path / "file-1.0.egg-info").write_text("Name: file\n", encoding="utf-8")
    plant(tmp_path, _shipping("whole", "whole.py"))
    assert {name: owned for name, owned in known_prefixes([tmp_path]).items() if owned} == {"whole": {"whole"}}
    assert known_prefixes([tmp_path / "nowhere"]) == {}


def test_a_record_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are no reason to fail either."""
    (dist_info(tmp_path, "broken") / "RECORD").write_bytes(b"\xff\xfe.py,,\n")
    plant(tmp_path, _shipping("whole", "whole.py"))
    assert known_prefixes([tmp_path])["whole"] == {"whole"}
