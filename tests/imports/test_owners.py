"""Who owns a module: the longest known prefix, a namespace's parts, installed files, a locked name, the standard library."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.environment.interpreters import interpreter
from tests.environment.makers import dist_info, plant
from tests.support.wheels import Wheel
from wsnox.imports.owners import STANDARD, Owner, Owners, known_prefixes
from wsnox.imports.parser import Import

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


def _owners(prefixes: Mapping[str, Collection[str]], *, locked: Collection[str] = ()) -> Owners:
    return Owners({name: ("metadata", owned) for name, owned in prefixes.items()}, locked)


def _names(owners: Owners, module: str) -> set[str]:
    return {owner.name for owner in owners.of(module)}


def _import(module: str, *names: str) -> Import:
    return Import(module=module, names=names, file="a.py", line=1)


NAMESPACE = {"ns-a": ["ns.a"], "ns-b": ["ns.b", "ns.shared"], "ns-c": ["ns.shared"], "whole": ["whole"]}


@pytest.mark.parametrize(
    ("imported", "modules"),
    [
        (_import("ns", "a", "b"), ["ns.a", "ns.b"]),
        (_import("ns", "a", "unknown"), ["ns.a", "ns.unknown"]),
        (_import("ns", "unknown"), ["ns.unknown"]),
        (_import("ns", "*"), ["ns"]),
        (_import("whole", "*"), ["whole"]),
        (_import("ns"), ["ns"]),
        (_import("ns.a", "b"), ["ns.a"]),
        (_import("whole", "a"), ["whole"]),
        (_import("nobody", "a"), ["nobody"]),
    ],
)
def test_what_is_taken_out_of_a_namespace(imported: Import, modules: list[str]) -> None:
    """``from ns import a`` needs the distribution of ``ns.a``, and not everybody who is in ``ns``."""
    assert list(_owners(NAMESPACE).modules(imported)) == modules


def test_a_package_into_which_another_distribution_ships() -> None:
    """``from host import plugin`` needs who ships ``host.plugin``, though ``host`` itself is a package of another."""
    owners = _owners({"host": ["host"], "host-plugin": ["host.plugin"], "deep": ["host.more.deep"]})
    assert _names(owners, "host.plugin.x") == {"host-plugin"}
    assert list(owners.modules(_import("host", "plugin"))) == ["host.plugin"]
    assert sorted(owners.modules(_import("host", "plugin", "helper"))) == ["host", "host.plugin"]
    assert list(owners.modules(_import("host", "helper"))) == ["host"]


@pytest.mark.parametrize(
    ("module", "locked", "owner"),
    [
        ("humps.main", ["pyhumps"], "pyhumps"),
        ("yaml", ["pyyaml", "yaml"], "pyyaml"),
        ("some_thing.x", ["some-thing"], "some-thing"),
        ("Magic", ["magic"], "magic"),
        ("dateutil.tz", ["python-dateutil"], "python-dateutil"),
        ("ulid", ["python-ulid", "ulid-py", "ulid2"], ""),
        ("leaf", [], ""),
    ],
)
def test_by_name(module: str, locked: list[str], owner: str) -> None:
    """A locked distribution of which nothing is known may own what is called like it, and says that this is a guess."""
    expected = (Owner(owner, "name"),) if owner else ()
    assert _owners({"other": ["other"]}, locked=locked).of(module) == expected


def test_a_name_is_no_reason_where_the_modules_are_known() -> None:
    """A distribution whose modules are known does not own another one that looks like its name, nor a part of a namespace."""
    assert _owners({"pyhumps": ["something_else"]}, locked=["pyhumps"]).of("humps") == ()
    assert _owners({"ns-a": ["ns.a"]}, locked=["ns"]).of("ns.unknown") == ()


PARTS = st.sampled_from(["a", "b", "ab"])
MODULES = st.lists(PARTS, min_size=1, max_size=4).map(".".join)
PREFIXES = st.dictionaries(st.sampled_from(["x", "y", "z"]), st.frozensets(MODULES, max_size=4), max_size=3)


def _is_below(module: str, prefix: str) -> bool:
    return module.split(".")[: len(prefix.split("."))] == prefix.split(".")


@given(PREFIXES, MODULES)
def test_of_is_what_a_search_through_everything_finds(prefixes: dict[str, frozenset[str]], module: str) -> None:
    """The longest prefix decides, and a name above prefixes belongs to all that are in it, whatever the order."""
    pairs = [(prefix, name) for name, owned in prefixes.items() for prefix in owned]
    around = [prefix for prefix, _ in pairs if _is_below(module, prefix)]
    if around:
        expected = {name for prefix, name in pairs if prefix == max(around, key=len)}
    else:
        expected = {name for prefix, name in pairs if _is_below(prefix, module)}
    assert _names(_owners(prefixes), module) == expected


@given(PREFIXES, MODULES, st.lists(PARTS, max_size=3))
def test_an_import_needs_something_at_or_below_its_module(
    prefixes: dict[str, frozenset[str]], module: str, names: list[str]
) -> None:
    """No import is lost, and none turns into one of something else."""
    modules = list(_owners(prefixes).modules(_import(module, *names)))
    assert modules
    assert set(modules) <= {module, *(f"{module}.{name}" for name in names)}


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


@pytest.mark.parametrize(
    "record", [None, b"", b",,\n\0,,\n", b'"unfinished', b"../../bin/tool.py,,\n/abs/x.py,,\n", b"\xff\xfe.py,,\n"]
)
def test_broken_metadata(tmp_path: Path, record: bytes | None) -> None:
    """A RECORD that is missing, empty, broken or no text names no module, and is no reason to fail."""
    metadata = dist_info(tmp_path, "broken")
    if record is not None:
        (metadata / "RECORD").write_bytes(record)
    (tmp_path / "file-1.0.egg-info").write_text("Name: file\n", encoding="utf-8")
    plant(tmp_path, _shipping("whole", "whole.py"))
    assert {name: owned for name, owned in known_prefixes([tmp_path]).items() if owned} == {"whole": {"whole"}}
    assert known_prefixes([tmp_path / "nowhere"]) == {}


PROGRAM = """
import json, pkgutil, sys, sysconfig
names = set(getattr(sys, "stdlib_module_names", sys.builtin_module_names))
names |= {module.name for module in pkgutil.iter_modules([sysconfig.get_path("stdlib")])}
print(json.dumps(sorted(names)))
"""
# What the folder of the standard library has beside it: tests, build leftovers, and what nobody imports.
ASIDE = ("_", "test", "xx", "config-")


@pytest.mark.parametrize("minor", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_every_module_of_every_python(minor: str) -> None:
    """An import of a standard module is never somebody's, whichever Python reads and whichever runs it."""
    done = subprocess.run([interpreter(minor), "-I", "-c", PROGRAM], check=True, capture_output=True, encoding="utf-8")
    names = {name for name in json.loads(done.stdout) if not name.startswith(ASIDE)}
    assert len(names) > 150
    assert names - STANDARD == set()


def test_no_distribution_is_taken_for_it() -> None:
    """Names that only sound like it, or that once were vendored."""
    names = "six attr setuptools pkg_resources typing_extensions tomli importlib_metadata"
    assert STANDARD.isdisjoint(names.split())
