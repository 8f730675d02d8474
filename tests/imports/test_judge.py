"""The rules of judging: what more of something may do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox.imports.judge import unprovided
from wsnox.imports.owners import Owners
from wsnox.imports.parser import Import

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

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
    return {
        (candidate.imported.file, candidate.imported.line, candidate.module)
        for candidate in judged
        if candidate.kind is not None
    }


@pytest.mark.slow
@given(imports=_IMPORTS, provided=_PROVIDED, more=_PROVIDED, prefixes=_PREFIXES, guard=st.sampled_from(GUARDS[3:]))
def test_laws(
    *,
    imports: list[Import],
    provided: frozenset[str],
    more: frozenset[str],
    prefixes: dict[str, frozenset[str]],
    guard: Guard,
) -> None:
    """What holds whatever is imported, provided and owned."""
    owners = _owners(prefixes)
    missing = _missing(imports, provided, prefixes)

    # Declaring something is never what makes an import wrong.
    assert _missing(imports, provided | more, prefixes) <= missing

    # What an environment with everything has is nothing to find; the rest has no owner.
    assert all(not candidate.owners for candidate in unprovided(imports, NAMES, owners) if candidate.kind)

    # To handle the absence of a module is never worse than not to.
    bare = [replace(imported, guard="") for imported in imports]
    guarded = [replace(imported, guard=guard) for imported in imports]
    assert _missing(guarded, provided, prefixes) <= _missing(bare, provided, prefixes)
    if guard != "fallback":
        assert _missing(guarded, provided, prefixes) == set()

    # The standard library is nobody's: a distribution that ships a module of such a name changes nothing.
    standard = [replace(imported, module=f"json.{imported.module}") for imported in bare]
    assert _missing(standard, provided, {**prefixes, "w": frozenset({"json"})}) == set()

    # The module of a finding is one that is imported or above it, and names whom the fix is about.
    for candidate in unprovided(imports, provided, owners):
        assert owners.of(candidate.module) == candidate.owners
        imported = candidate.imported
        written = {imported.module, *(f"{imported.module}.{name}" for name in imported.names)}
        assert any(f"{module}.".startswith(f"{candidate.module}.") for module in written)
