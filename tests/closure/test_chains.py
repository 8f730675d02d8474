"""The shortest chains to a package, on lockfiles written in code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.lock.samples import lock_with
from wsnox.cli.why import chain_text
from wsnox.closure import Request, Root, resolve
from wsnox.closure.chains import chains
from wsnox.lock import Dependency, Lock, Package, Registry, Requirement
from wsnox.markers.target import describe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsnox.closure import Closure
    from wsnox.closure.chains import Chains

LINUX = describe("3.12", "linux")
INDEX = Registry("index")


def _lock(edges: Mapping[str, Sequence[str]], *, root: Mapping[str, Sequence[str]] | None = None) -> Lock:
    """Return a lock from *edges*: ``a``, ``a[x]`` or ``a:dev`` to ``b``, ``b[x,y]``, each with `` ; marker`` if wanted."""
    ends = [_parsed(text)[0] for texts in edges.values() for text in texts]
    names = sorted({*(re.split(r"[\[:]", key)[0] for key in edges), *ends})

    def parts(texts: Sequence[str]) -> tuple[Dependency, ...]:
        return tuple(Dependency(names.index(name), extras, marker) for name, extras, marker in map(_parsed, texts))

    packages = (
        Package(
            name,
            "1.0",
            INDEX,
            dependencies=parts(edges.get(name, ())),
            extras={key[len(name) + 1 : -1]: parts(edges[key]) for key in edges if key.startswith(f"{name}[")},
            groups={key[len(name) + 1 :]: parts(edges[key]) for key in edges if key.startswith(f"{name}:")},
        )
        for name in names
    )
    groups = {group: tuple(Requirement(*_parsed(text)) for text in texts) for group, texts in (root or {}).items()}
    return lock_with(*packages, root_groups=groups)


def _parsed(text: str) -> tuple[str, tuple[str, ...], str]:
    head, _, marker = text.partition(" ; ")
    name, _, extras = head.removesuffix("]").partition("[")
    return name, tuple(extras.split(",")) if extras else (), marker


def _closure(lock: Lock, *roots: Root, root_groups: Sequence[str] = ()) -> Closure:
    return resolve(lock, Request(roots=roots or (Root(name="a"),), root_groups=frozenset(root_groups)), LINUX)


def _texts(found: Chains) -> list[str]:
    return [chain_text(chain) for chain in found.shown]


def _shortest(edges: Mapping[str, Sequence[str]], name: str, *roots: Root) -> list[str]:
    lock = _lock(edges)
    found = chains(lock, _closure(lock, *roots), name)
    assert found.total == len(found.shown)
    return _texts(found)


def test_every_shortest_chain_in_name_order_and_no_longer_one() -> None:
    """Both ways of two steps are there; the one of three is not."""
    edges = {"a": ["y", "x", "z"], "x": ["goal"], "y": ["goal"], "z": ["zz"], "zz": ["goal"]}
    assert _shortest(edges, "goal") == ["a -> x 1.0 -> goal 1.0", "a -> y 1.0 -> goal 1.0"]


def test_a_member_is_its_own_chain() -> None:
    """What is asked for needs no reason, even where something leads back to it."""
    assert _shortest({"a": ["b"], "b": ["a"], "a:dev": ["a"]}, "a", Root(name="a", groups=frozenset({"dev"}))) == ["a"]


def test_a_member_that_only_a_group_names_is_reached_through_the_group() -> None:
    """Under ``--only-group`` the production part is no start."""
    root = Root(name="a", production=False, groups=frozenset({"dev"}))
    assert _shortest({"a": ["b"], "a:dev": ["a"]}, "b", root) == ["a:dev -> a 1.0 -> b 1.0"]
    assert _shortest({"a": ["b"], "a:dev": ["a"]}, "a", root) == ["a:dev -> a 1.0"]


def test_absent() -> None:
    """A package that the closure does not hold has no chain."""
    lock = _lock({"a": ["b"], "c": []})
    found = chains(lock, _closure(lock), "c")
    assert (found.total, found.shown) == (0, ())


def test_starts_from_extras_and_groups() -> None:
    """The first step says which part of the member a chain starts from."""
    edges = {"a": ["b"], "a[x]": ["goal"], "a:dev": ["goal[q] ; sys_platform == 'linux'"], "b": ["goal"], "goal[q]": []}
    root = Root(name="a", extras=frozenset({"x"}), groups=frozenset({"dev"}))
    assert _shortest(edges, "goal", root) == [
        "a:dev -> goal[q] 1.0 (sys_platform == 'linux')",
        "a[x] -> goal 1.0",
    ]


def test_starts_from_a_group_of_the_virtual_root() -> None:
    """The virtual root has no name but that."""
    lock = _lock({"a": [], "b": ["goal"]}, root={"dev": ["b"]})
    found = chains(lock, _closure(lock, root_groups=["dev"]), "goal")
    assert _texts(found) == ["workspace root:dev -> b 1.0 -> goal 1.0"]


def test_an_extra_that_another_chain_switches_on_is_no_way_through() -> None:
    """``p`` is reached in one step, but its extra only through ``q``."""
    edges = {"a": ["p", "q"], "q": ["p[x]"], "p": [], "p[x]": ["goal"]}
    assert _shortest(edges, "goal") == ["a -> q 1.0 -> p[x] 1.0 -> goal 1.0"]


def test_edges_of_one_pair_are_told_apart_by_their_markers() -> None:
    """Two edges with markers that hold are two chains; a marker that does not hold is none."""
    edges = {"a": ["b ; os_name == 'posix'", "b ; sys_platform == 'linux'", "b ; sys_platform == 'win32'"]}
    assert _shortest(edges, "b") == ["a -> b 1.0 (os_name == 'posix')", "a -> b 1.0 (sys_platform == 'linux')"]


def test_an_edge_that_an_extra_repeats_is_one() -> None:
    """No two chains look the same."""
    edges = {"a": ["p[x]"], "p": ["goal"], "p[x]": ["goal"]}
    assert _shortest(edges, "goal") == ["a -> p[x] 1.0 -> goal 1.0"]


def test_diamonds_are_counted_and_not_walked() -> None:
    """Sixty diamonds in a row are 2**60 chains; the first fifty come at once."""
    edges: dict[str, list[str]] = {"a": ["n-0"]}
    for level in range(60):
        edges[f"n-{level}"] = [f"l-{level}", f"r-{level}"]
        edges[f"l-{level}"] = edges[f"r-{level}"] = [f"n-{level + 1}"]
    lock = _lock(edges)
    found = chains(lock, _closure(lock), "n-60")
    assert found.total == 2**60
    assert len(set(_texts(found))) == 50
    assert len(chains(lock, _closure(lock), "n-60", limit=3).shown) == 3


def test_a_long_chain() -> None:
    """Depth is no matter of the interpreter's stack."""
    edges = {"a": ["n-0"], **{f"n-{at}": [f"n-{at + 1}"] for at in range(2000)}}
    lock = _lock(edges)
    (chain,) = chains(lock, _closure(lock), "n-2000").shown
    assert len(chain) == 2002


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_chains_are_the_shortest_paths(pairs: set[tuple[int, int]]) -> None:
    """The chains are what an exhaustive search finds, and as many as counted."""
    edges: dict[str, list[str]] = {f"n-{at}": [] for at in range(7)}
    for start, end in sorted(pairs):
        edges[f"n-{start}"].append(f"n-{end}")
    lock = _lock(edges)
    closure = _closure(lock, Root(name="n-0"))
    for name in edges:
        found = chains(lock, closure, name)
        paths = [["n-0"]]
        while paths and not any(path[-1] == name for path in paths):
            paths = [[*path, end] for path in paths for end in edges[path[-1]] if end not in path]
        expected = sorted(path for path in paths if path[-1] == name)
        assert [[step.package.name for step in chain if step.package] for chain in found.shown] == expected
        assert found.total == len(expected)
