"""The rules of judging: what more of something may do, that order does nothing, and what a workspace allows."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox.imports.judge import unprovided
from wsnox.imports.owners import Owners
from wsnox.imports.parser import Import
from wsnox.imports.report import Finding, merged, without_allowed
from wsnox.workspace import Manifest, Member, Workspace
from wsnox.workspace.config import KINDS
from wsnox.workspace.settings import Allowance, Config

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wsnox.imports.guards import Guard

NAMES = ("w", "x", "y", "z")
GUARDS: tuple[Guard, ...] = ("", "", "", "typing", "optional", "fallback", "never")

_PARTS = st.sampled_from(["a", "b", "c", "json"])
_MODULES = st.lists(_PARTS, min_size=1, max_size=3).map(".".join)
_IMPORTS = st.lists(
    st.builds(
        Import,
        module=_MODULES,
        names=st.lists(_PARTS, max_size=2).map(tuple),
        file=st.sampled_from(["one.py", "two.py", "three.py"]),
        line=st.integers(1, 9),
        lazy=st.booleans(),
        guard=st.sampled_from(GUARDS),
        instead=st.lists(_MODULES, max_size=2).map(tuple),
    ),
    max_size=6,
)
_PREFIXES = st.dictionaries(st.sampled_from(NAMES), st.frozensets(_MODULES, max_size=3), max_size=4)
_PROVIDED = st.frozensets(st.sampled_from(NAMES))


def _owners(prefixes: Mapping[str, Collection[str]]) -> Owners:
    return Owners({name: ("metadata", owned) for name, owned in prefixes.items()}, NAMES)


def _missing(
    imports: Sequence[Import], provided: Collection[str], prefixes: Mapping[str, Collection[str]]
) -> set[tuple[str, int, str]]:
    judged = unprovided(imports, provided, _owners(prefixes))
    return {(each.imported.file, each.imported.line, each.module) for each in judged if each.kind is not None}


@pytest.mark.slow
@given(_IMPORTS, _PROVIDED, _PROVIDED, _PREFIXES)
def test_more_that_is_provided_never_yields_more_findings(
    imports: list[Import], provided: frozenset[str], more: frozenset[str], prefixes: dict[str, frozenset[str]]
) -> None:
    """Declaring something is never what makes an import wrong."""
    assert _missing(imports, provided | more, prefixes) <= _missing(imports, provided, prefixes)


@given(_IMPORTS, _PREFIXES)
def test_where_everything_is_provided_only_the_unowned_is_missing(
    imports: list[Import], prefixes: dict[str, frozenset[str]]
) -> None:
    """What an environment with everything has is nothing to find; the rest has no owner."""
    judged = [each for each in unprovided(imports, NAMES, _owners(prefixes)) if each.kind]
    assert all(not each.owners for each in judged)


@pytest.mark.slow
@given(_IMPORTS, _PROVIDED, _PREFIXES, st.sampled_from(GUARDS[3:]))
def test_a_guard_never_yields_more_findings(
    imports: list[Import], provided: frozenset[str], prefixes: dict[str, frozenset[str]], guard: Guard
) -> None:
    """To handle the absence of a module is never worse than not to."""
    bare = [replace(each, guard="") for each in imports]
    guarded = [replace(each, guard=guard) for each in imports]
    assert _missing(guarded, provided, prefixes) <= _missing(bare, provided, prefixes)
    if guard != "fallback":
        assert _missing(guarded, provided, prefixes) == set()


@given(st.lists(_MODULES), _PROVIDED, _PREFIXES)
def test_the_standard_library_is_nobodys(
    names: list[str], provided: frozenset[str], prefixes: dict[str, frozenset[str]]
) -> None:
    """A distribution that ships a module of such a name changes nothing."""
    imports = [Import(module=f"json.{name}", names=("a",), file="one.py", line=1) for name in names]
    assert _missing(imports, provided, {**prefixes, "w": frozenset({"json"})}) == set()
    assert "json" in sys.stdlib_module_names


@given(_IMPORTS, _PROVIDED, _PREFIXES)
def test_what_is_shown_has_the_same_owners(
    imports: list[Import], provided: frozenset[str], prefixes: dict[str, frozenset[str]]
) -> None:
    """The module of a finding is one that is imported or above it, and names whom the fix is about."""
    owners = _owners(prefixes)
    for each in unprovided(imports, provided, owners):
        assert owners.of(each.module) == each.owners
        written = {each.imported.module, *(f"{each.imported.module}.{name}" for name in each.imported.names)}
        assert any(f"{module}.".startswith(f"{each.module}.") for module in written)


_FINDINGS = st.lists(
    st.builds(
        Finding,
        member=st.sampled_from(["a", "b"]),
        kind=st.sampled_from(["missing", "transitive"]),
        module=_PARTS,
        places=st.lists(st.tuples(st.sampled_from(["one.py", "two.py"]), st.integers(0, 3)), min_size=1).map(tuple),
    )
)


@pytest.mark.slow
@given(_FINDINGS, st.randoms())
def test_the_order_of_files_does_not_matter(findings: list[Finding], random: object) -> None:
    """Folders come in another order on every machine; what is said does not."""
    assert hasattr(random, "shuffle")
    turned = list(findings)
    random.shuffle(turned)
    found = merged(findings)
    assert merged(turned) == found
    assert merged(found) == found
    assert {place for each in found for place in each.places} == {place for each in findings for place in each.places}
    keys = [(each.member, each.kind, each.module) for each in found]
    assert len(set(keys)) == len(keys)


ROOT = Path("/w")


def _manifest(path: str, *allowances: Allowance) -> Manifest:
    return Manifest(path=ROOT / path / "pyproject.toml", config=Config(imports=allowances))


def _workspace(root: list[Allowance], own: list[Allowance]) -> Workspace:
    """Return a workspace whose root is the member ``top``, with a member ``a`` that has its *own* table."""
    top = _manifest("", *root)
    inner = _manifest("deep/a", *own)
    members = (
        Member(name="a", directory=ROOT / "deep/a", path="deep/a", manifest=inner),  # type: ignore[arg-type] # a normalised name is text to Python
        Member(name="top", directory=ROOT, path=".", manifest=top),  # type: ignore[arg-type] # a normalised name is text to Python
    )
    return Workspace(root=ROOT, manifest=top, members=members)


FINDING = Finding(
    member="a", kind="missing", module="leaf.deep", places=(("deep/a/src/a.py", 1), ("deep/a/src/b.py", 2))
)


def _left(finding: Finding, *allowances: Allowance, own: bool = False) -> tuple[Finding, ...]:
    table = list(allowances)
    return tuple(without_allowed([finding], _workspace([] if own else table, table if own else [])))


def test_a_pattern_covers_what_is_below() -> None:
    """``leaf`` stands for all of it, ``leaf.*`` for what is below, and neither for what only begins so."""
    for pattern, left in (("leaf", False), ("leaf.*", False), ("l*", False), ("leaf.deep.er", True), ("lea", True)):
        assert bool(_left(FINDING, Allowance(reason="r", modules=(pattern,)))) is left
    assert _left(replace(FINDING, module="leaflet"), Allowance(reason="r", modules=("leaf",)))


def test_some_places() -> None:
    """Where only a file is allowed, the other places are left; files are relative to the member in both tables."""
    for own in (False, True):
        (found,) = _left(FINDING, Allowance(reason="r", files=("src/a.py",)), own=own)
        assert found == replace(FINDING, places=(("deep/a/src/b.py", 2),))
    assert _left(FINDING, Allowance(reason="r", files=("deep/a/src/*",))) == (FINDING,)


def test_two_entries_together() -> None:
    """Each place has to be allowed by one of them, of either table."""
    workspace = _workspace([Allowance(reason="r", files=("src/a.py",))], [Allowance(reason="r", files=("src/b.py",))])
    assert [*without_allowed([FINDING], workspace)] == []


def test_nobody_else_is_meant() -> None:
    """A member's own table says nothing of others, and one for members nothing of the virtual root."""
    top = replace(FINDING, member="top", places=(("src/a.py", 1),))
    assert _left(top, Allowance(reason="r"), own=True) == (top,)
    assert _left(top, Allowance(reason="r")) == ()
    assert _left(top, Allowance(reason="r", files=("src/a.py",))) == ()
    virtual = replace(FINDING, member="")
    assert _left(virtual, Allowance(reason="r", members=("*a*",))) == (virtual,)
    assert _left(virtual, Allowance(reason="r")) == ()


_SOME = st.none() | st.lists(st.sampled_from(["leaf", "leaf.*", "x", "*", "?"]), max_size=2).map(tuple)
_ALLOWANCES = st.lists(
    st.builds(
        Allowance,
        reason=st.just("r"),
        modules=_SOME,
        kinds=st.none() | st.lists(st.sampled_from(KINDS), max_size=2).map(tuple),
        members=st.none() | st.lists(st.sampled_from(["a", "top", "*"]), max_size=2).map(tuple),
        files=st.none() | st.lists(st.sampled_from(["src/*", "src/a.py", "*.py", "x"]), max_size=2).map(tuple),
    ),
    max_size=3,
)
_ALLOWABLE = st.lists(
    st.builds(
        Finding,
        member=st.sampled_from(["a", "top", ""]),
        kind=st.sampled_from(["missing", "transitive", "failing"]),
        module=st.sampled_from(["leaf", "leaf.deep", "x"]),
        places=st.just((("deep/a/src/a.py", 1), ("src/a.py", 2))),
    ),
    max_size=4,
)


def _places(findings: Iterable[Finding]) -> set[tuple[str, str, str, tuple[str, int]]]:
    return {(each.member, each.kind, each.module, place) for each in findings for place in each.places}


@given(_ALLOWABLE, _ALLOWANCES, _ALLOWANCES, _ALLOWANCES)
def test_to_allow_more_never_leaves_more(
    findings: list[Finding], root: list[Allowance], own: list[Allowance], more: list[Allowance]
) -> None:
    """A further entry, in whichever table, only takes away."""
    left = _places(without_allowed(findings, _workspace(root, own)))
    assert left <= _places(findings)
    assert _places(without_allowed(findings, _workspace([*root, *more], own))) <= left
    assert _places(without_allowed(findings, _workspace(root, [*own, *more]))) <= left
