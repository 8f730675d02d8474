"""Findings: which are reported, where order does nothing and a workspace allows some, and their words, as data too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsnox.imports.reporting import (
    PLACES,
    Finding,
    combined_fixes,
    finding_annotations,
    finding_data,
    finding_lines,
    merged,
    sentence,
    without_allowed,
)
from wsnox.workspace import Manifest, Member, Workspace
from wsnox.workspace.config import KINDS
from wsnox.workspace.settings import Allowance, Config

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random


def _finding(**more: Any) -> Finding:
    return Finding(**{"member": "app", "kind": "missing", "module": "leaf", "places": (("app/a.py", 3),), **more})


MISSING = "app imports `leaf` (app/a.py:3), which nothing in its locked closure provides"


@pytest.mark.parametrize(
    ("finding", "lines"),
    [
        (_finding(), [MISSING, "  no distribution of `uv.lock` is known to provide it"]),
        (
            _finding(owner="leaf", version="2.1", how="metadata", declared=("a", "b"), fix="uv add leaf"),
            [MISSING, "  provided by leaf 2.1, declared by a, b", "  hint: uv add leaf"],
        ),
        (_finding(owner="leaf", version="2.1", how="metadata"), [MISSING, "  provided by leaf 2.1, which no member declares"]),
        (_finding(owner="b", how="sources"), [MISSING, "  provided by b, a member of the workspace"]),
        (
            _finding(owner="leaf", how="name", declared=("a",)),
            [MISSING, "  provided by leaf (by its name), declared by a"],
        ),
        (_finding(beside="leaf"), [MISSING, "  it stands in `leaf`, which nothing installs"]),
        (
            _finding(kind="transitive", owner="leaf", version="2.1", how="metadata", chain=("app", "x", "leaf"), fix="f"),
            [
                "app imports `leaf` (app/a.py:3), which it does not declare",
                "  provided by leaf 2.1, through app -> x -> leaf",
                "  hint: f",
            ],
        ),
        (
            _finding(kind="group", owner="leaf", how="metadata", groups=("dev",), declared=("app",)),
            [
                "app imports `leaf` (app/a.py:3), which only its dependency group `dev` gives it",
                "  provided by leaf, declared by app",
            ],
        ),
        (
            _finding(kind="group", owner="leaf", how="metadata", groups=("dev", "test"), declared=("app",)),
            [
                "app imports `leaf` (app/a.py:3), which only its dependency groups `dev` and `test` give it",
                "  provided by leaf, declared by app",
            ],
        ),
        (
            _finding(kind="failing", module="app.x", raised="ValueError: no"),
            [
                "app cannot import its module `app.x` (app/a.py:3): ValueError: no",
                "  hint: where it must fail without something outside, allow it in `[tool.wsnox.imports]`",
            ],
        ),
        (
            _finding(kind="unshipped", module="app/x.txt", places=(("app/app/x.txt", 0),)),
            ["the wheel of app leaves out `app/x.txt` (app/app/x.txt), which the command needs"],
        ),
        (_finding(member=""), [MISSING.replace("app ", "the workspace root ", 1), "  no distribution of `uv.lock` is known to provide it"]),
    ],
)  # fmt: skip
def test_words(finding: Finding, lines: list[str]) -> None:
    """What is wrong and where, who has it, what to do; in one line too."""
    assert list(finding_lines(finding)) == lines
    assert "\n" not in sentence(finding)
    assert all(line.strip() in sentence(finding) for line in lines)


def test_many_places() -> None:
    """Some places are shown, the rest is counted; data and annotations have them all."""
    places = tuple((f"app/{number}.py", number) for number in range(1, 9))
    finding = _finding(places=places)
    first = next(finding_lines(finding))
    assert first.count(".py:") == PLACES
    assert f" and {8 - PLACES} more)" in first
    assert len(finding_data(finding)["places"]) == 8
    assert len(list(finding_annotations([finding]))) == 8


def test_data() -> None:
    """Everything that is known is there, in what JSON can say, with the sentence for a person."""
    data = json.loads(json.dumps(finding_data(_finding(owner="leaf", how="name", declared=("a",), fix="uv add leaf"))))
    assert data["places"] == [{"file": "app/a.py", "line": 3}]
    assert (data["member"], data["kind"], data["module"], data["how"]) == ("app", "missing", "leaf", "name")
    assert data["sentence"].startswith(MISSING)


def test_several_at_once() -> None:
    """What several findings ask of one part of one member is one command; a finding alone has its own already."""
    fixes = ["uv add --package a num", "uv add --package a leaf", "uv add --package a num", "", ""]
    fixes += ["uv add --package a --dev deep", "uv add --package b --dev leaf", "uv add --package b --dev attrs"]
    assert [*combined_fixes(_finding(fix=fix) for fix in fixes)] == [
        "uv add --package a leaf num",
        "uv add --package b --dev attrs leaf",
    ]
    assert [*combined_fixes([])] == []


_FINDINGS = st.lists(
    st.builds(
        Finding,
        member=st.sampled_from(["a", "b"]),
        kind=st.sampled_from(["missing", "transitive"]),
        module=st.sampled_from(["a", "b", "c"]),
        places=st.lists(st.tuples(st.sampled_from(["one.py", "two.py"]), st.integers(0, 3)), min_size=1).map(tuple),
    )
)


def _places(findings: Iterable[Finding]) -> set[tuple[str, str, str, tuple[str, int]]]:
    return {(finding.member, finding.kind, finding.module, place) for finding in findings for place in finding.places}


@pytest.mark.slow
@given(_FINDINGS, st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_matter(findings: list[Finding], random: Random) -> None:
    """Folders come in another order on every machine; what is said does not."""
    shuffled = random.sample(findings, len(findings))
    once = merged(findings)
    assert merged(shuffled) == merged(once) == once
    assert _places(once) == _places(findings)
    assert len({(finding.member, finding.kind, finding.module) for finding in once}) == len(once)


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
        (left,) = _left(FINDING, Allowance(reason="r", files=("src/a.py",)), own=own)
        assert left == replace(FINDING, places=(("deep/a/src/b.py", 2),))
    assert _left(FINDING, Allowance(reason="r", files=("deep/a/src/*",))) == (FINDING,)


def test_of_whom_an_entry_speaks() -> None:
    """Both tables count together; a member's own says nothing of others, and one for members nothing of the virtual root."""
    entries = [[Allowance(reason="r", files=(file,))] for file in ("src/a.py", "src/b.py")]
    assert [*without_allowed([FINDING], _workspace(*entries))] == []
    top = replace(FINDING, member="top", places=(("src/a.py", 1),))
    assert _left(top, Allowance(reason="r"), own=True) == (top,)
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


@given(_ALLOWABLE, _ALLOWANCES, _ALLOWANCES, _ALLOWANCES)
def test_to_allow_more_never_leaves_more(
    findings: list[Finding], root: list[Allowance], own: list[Allowance], more: list[Allowance]
) -> None:
    """A further entry, in whichever table, only takes away."""
    left = _places(without_allowed(findings, _workspace(root, own)))
    assert left <= _places(findings)
    assert _places(without_allowed(findings, _workspace([*root, *more], own))) <= left
    assert _places(without_allowed(findings, _workspace(root, [*own, *more]))) <= left
