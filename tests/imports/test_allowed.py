"""Which findings are left when a workspace allows some."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from wsnox.imports.judge import without_allowed
from wsnox.imports.model import Finding
from wsnox.workspace import Manifest, Member, Workspace
from wsnox.workspace.config import KINDS
from wsnox.workspace.settings import Allowance, Config

if TYPE_CHECKING:
    from collections.abc import Iterable

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
_FINDINGS = st.lists(
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


@given(_FINDINGS, _ALLOWANCES, _ALLOWANCES, _ALLOWANCES)
def test_to_allow_more_never_leaves_more(
    findings: list[Finding], root: list[Allowance], own: list[Allowance], more: list[Allowance]
) -> None:
    """A further entry, in whichever table, only takes away."""
    left = _places(without_allowed(findings, _workspace(root, own)))
    assert left <= _places(findings)
    assert _places(without_allowed(findings, _workspace([*root, *more], own))) <= left
    assert _places(without_allowed(findings, _workspace(root, [*own, *more]))) <= left
