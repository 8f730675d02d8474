"""Who owns a module: the longest known prefix, a namespace's parts, a name that is locked and not known otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox.imports.model import Import, Owner
from wsnox.imports.owners import Owners

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def _owners(prefixes: Mapping[str, Collection[str]], *, locked: Collection[str] = ()) -> Owners:
    return Owners({name: ("metadata", owned) for name, owned in prefixes.items()}, locked)


def _names(owners: Owners, module: str) -> set[str]:
    return {owner.name for owner in owners.of(module)}


def _import(module: str, *names: str) -> Import:
    return Import(module=module, names=names, file="a.py", line=1)


NAMESPACE = {"ns-a": ["ns.a"], "ns-b": ["ns.b", "ns.shared"], "ns-c": ["ns.shared"], "whole": ["whole"]}


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("ns.a", {"ns-a"}),
        ("ns.a.deep.below", {"ns-a"}),
        ("ns.shared.x", {"ns-b", "ns-c"}),
        ("ns", {"ns-a", "ns-b", "ns-c"}),
        ("ns.unknown", set()),
        ("ns.ab", set()),
        ("whole", {"whole"}),
        ("whole.anything", {"whole"}),
        ("wholesale", set()),
        ("n", set()),
    ],
)
def test_the_longest_prefix_decides(module: str, names: set[str]) -> None:
    """Below a namespace each part has its owner; what begins with the same letters is not below."""
    assert _names(_owners(NAMESPACE), module) == names


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
    """A distribution whose modules are known does not own another one that looks like its name."""
    assert _owners({"pyhumps": ["something_else"]}, locked=["pyhumps"]).of("humps") == ()


PARTS = st.sampled_from(["a", "b", "ab"])
MODULES = st.lists(PARTS, min_size=1, max_size=4).map(".".join)
PREFIXES = st.dictionaries(st.sampled_from(["x", "y", "z"]), st.frozensets(MODULES, max_size=4), max_size=3)


def _is_below(module: str, prefix: str) -> bool:
    return module.split(".")[: len(prefix.split("."))] == prefix.split(".")


@given(PREFIXES, MODULES)
def test_of_is_what_a_search_through_everything_finds(prefixes: dict[str, frozenset[str]], module: str) -> None:
    """Indexes answer as looking at each prefix would."""
    pairs = [(prefix, name) for name, owned in prefixes.items() for prefix in owned]
    around = [prefix for prefix, _ in pairs if _is_below(module, prefix)]
    if around:
        expected = {name for prefix, name in pairs if prefix == max(around, key=len)}
    else:
        expected = {name for prefix, name in pairs if _is_below(prefix, module)}
    assert _names(_owners(prefixes), module) == expected


@given(PREFIXES, MODULES, PARTS)
def test_a_longer_name_is_never_broader(prefixes: dict[str, frozenset[str]], module: str, part: str) -> None:
    """Whoever owns a name below a namespace is among the owners of the namespace."""
    owners = _owners(prefixes)
    owned = {prefix for each in prefixes.values() for prefix in each}
    if not any(_is_below(module, prefix) for prefix in owned):
        assert _names(owners, f"{module}.{part}") <= _names(owners, module)


@given(PREFIXES, MODULES, st.lists(PARTS, max_size=3))
def test_an_import_needs_something_at_or_below_its_module(
    prefixes: dict[str, frozenset[str]], module: str, names: list[str]
) -> None:
    """No import is lost, and none turns into one of something else."""
    found = list(_owners(prefixes).modules(_import(module, *names)))
    assert found
    assert set(found) <= {module, *(f"{module}.{name}" for name in names)}


@given(PREFIXES, MODULES)
def test_the_order_of_distributions_does_not_matter(prefixes: dict[str, frozenset[str]], module: str) -> None:
    """Which environment is read first says nothing of who owns a module."""
    turned = dict(reversed(prefixes.items()))
    assert _names(_owners(prefixes), module) == _names(_owners(turned), module)
