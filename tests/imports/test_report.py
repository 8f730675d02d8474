"""Findings in words, as data, and as annotations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from wsnox.imports.report import (
    PLACES,
    Finding,
    combined_fixes,
    finding_annotations,
    finding_data,
    finding_lines,
    sentence,
)


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
            _finding(kind="transitive", owner="leaf", version="2.1", how="metadata", chain="app -> x -> leaf", fix="f"),
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
    said = json.loads(json.dumps(finding_data(_finding(owner="leaf", how="name", declared=("a",), fix="uv add leaf"))))
    assert said["places"] == [{"file": "app/a.py", "line": 3}]
    assert (said["member"], said["kind"], said["module"], said["how"]) == ("app", "missing", "leaf", "name")
    assert said["sentence"].startswith(MISSING)


def test_several_at_once() -> None:
    """What several findings ask of one part of one member is one command; a finding alone has its own already."""
    fixes = ["uv add --package a num", "uv add --package a leaf", "uv add --package a num", "", ""]
    fixes += ["uv add --package a --dev deep", "uv add --package b --dev leaf", "uv add --package b --dev attrs"]
    assert [*combined_fixes(_finding(fix=fix) for fix in fixes)] == [
        "uv add --package a leaf num",
        "uv add --package b --dev attrs leaf",
    ]
    assert [*combined_fixes([])] == []
