"""The reasons of affected sessions: told once for all that share them, as text and as a comment on a pull request."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wsnox.affected.model import (
    Affected,
    AffectedRun,
    Configured,
    Everything,
    FileChanged,
    MemberChanged,
    New,
    NoClosure,
    PackagesChanged,
    Requires,
)
from wsnox.cli.reasons import MARK, markdown, reason_data, reason_lines, reason_text
from wsnox.closure.model import Change
from wsnox.lock import Git, Package, Registry
from wsnox.workspace.sessions import Session, SessionRun

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wsnox.affected.model import Reason

INDEX = Registry("index")


def _run(title: str, *reasons: Reason) -> AffectedRun:
    session = Session(
        kind="test", name=title, description="", variants={"": ()}, directory=Path(), tags=(), pythons=None
    )
    return AffectedRun(run=SessionRun(title=title, session=session, python="", variant=""), reasons=reasons)


def _affected(runs: Iterable[AffectedRun], total: int = 100, everything: tuple[Everything, ...] = ()) -> Affected:
    return Affected(runs=tuple(runs), total=total, everything=everything)


def _bump(name: str, before: str = "1.0", after: str = "2.0") -> Change:
    return Change(name=name, before=Package(name, before, INDEX), after=Package(name, after, INDEX))


CORE = MemberChanged("core", ("core/a.py", "core/b.py", "core/c.py", "core/d.py"), own=False)
CORE_TEXT = "core changed (core/a.py, core/b.py and 2 more)"


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (CORE, CORE_TEXT),
        (FileChanged("docs/a.md", "which a command of it names"), "docs/a.md changed, which a command of it names"),
        (
            PackagesChanged(
                "3.12",
                (
                    Change(name="a", before=None, after=Package("a", "1.0", INDEX)),
                    Change(name="b", before=Package("b", "1.0", INDEX), after=None),
                    Change(name="c", before=Package("c", "1", INDEX), after=Package("c", "1", Git("u", "0" * 40))),
                ),
                ("d",),
            ),
            "a 1.0 is new, b 1.0 is gone, c has another source and 1 more (Python 3.12)",
        ),
        (NoClosure("3.12", "it conflicts"), "no closure to compare on Python 3.12: it conflicts"),
        (NoClosure("", "it conflicts"), "no closure to compare: it conflicts"),
        (Configured(("groups", "env")), "other `groups`, `env` in `tool.wsnox`"),
        (New(), "new session"),
        (Requires("lint"), "requires lint"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_in_words(reason: Reason, text: str) -> None:
    """Each reason on one line, and JSON has it beside the fields."""
    assert reason_text(reason) == text
    assert reason_data(reason)["text"] == text


def test_three_causes_of_ninety_sessions() -> None:
    """Three lines; packages that affect the same are told together, and each once for all Pythons."""
    bumps = (_bump("pyhumps"), _bump("num"))
    runs = [
        _run(f"m{number}", CORE, PackagesChanged(f"3.{11 + number % 2}", bumps if number < 40 else bumps[:1]))
        for number in range(89)
    ]
    assert reason_lines(_affected([*runs, _run("fresh", New())])) == [
        f"{CORE_TEXT}: m0, m1, m2, m3, m4 and 84 more",
        "pyhumps 1.0 -> 2.0: m0, m1, m2, m3, m4 and 84 more",
        "num 1.0 -> 2.0: m0, m1, m2, m3, m4 and 35 more",
        "new session: fresh",
    ]
    together = _run("one", PackagesChanged("3.12", bumps))
    assert reason_lines(_affected([together])) == ["pyhumps 1.0 -> 2.0, num 1.0 -> 2.0: one"]


def test_many_causes() -> None:
    """The first are told, and how many more there are; nothing acts upon the terminal."""
    runs = [_run(f"m{number}", FileChanged(f"a{number}\x1b[2J")) for number in range(50)]
    lines = reason_lines(_affected(runs, everything=(Everything("`noxfile.py` changed"),)))
    assert lines[:2] == ["everything: `noxfile.py` changed", "a0\\x1b[2J changed: m0"]
    assert lines[20:] == ["and 31 more lines, which `--json` has"]


SINCE = " since `1a2b3c4` (`main`, the base of pull request 12)"


def test_a_comment() -> None:
    """Few sessions are a table, and nothing is folded."""
    text = markdown(_affected([_run("core", CORE), _run("svc-3.12", CORE, Requires("core"))], 20), SINCE)
    assert (
        text
        == f"""\
{MARK}
### 2 of 20 sessions affected since `1a2b3c4` (`main`, the base of pull request 12)

| because of | sessions |
| --- | --- |
| `core` changed (`core/a.py`, `core/b.py` and 2 more) | `core`, `svc-3.12` |
| requires `core` | `svc-3.12` |
"""
    )


def test_a_comment_on_ninety_sessions() -> None:
    """A row has the first few names; all of them are folded below."""
    runs = [_run(f"m{number}", CORE) for number in range(90)]
    lines = markdown(_affected(runs), SINCE).splitlines()
    assert lines[5:] == [
        "| `core` changed (`core/a.py`, `core/b.py` and 2 more) | `m0`, `m1`, `m2`, `m3`, `m4` and 85 more |",
        "",
        "<details><summary>all of them</summary>",
        "",
        ", ".join(f"`m{number}`" for number in range(90)),
        "",
        "</details>",
    ]


def test_a_comment_on_everything_and_nothing() -> None:
    """What concerns every session is a row, whether or not any of them is left; nothing is a headline."""
    everything = _affected([_run("m")], 1, (Everything("`uv.lock` does not match: member `a|b` <x>"),))
    lines = markdown(everything, "").splitlines()
    assert lines[1] == "### 1 of 1 session affected"
    assert lines[5:] == ["| `uv.lock` does not match: member `a\\|b` `<x>` | *every session* |"]
    assert markdown(_affected([], 7), " since `main`") == f"{MARK}\n### 0 of 7 sessions affected since `main`\n"


NAMES = [
    "a|b",
    "`a`",
    "a``b",
    "<script>",
    "@someone",
    "#12",
    "a*b_c",
    "[x](http://y)",
    "new\nline",
    "\x1b[2J",
    "![](u)",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reason", ["path", "words"])
def test_escaping(name: str, reason: str) -> None:
    """Whatever a file is called, it stays one cell of one row, nothing of it is markup, and nobody is mentioned."""
    why = FileChanged(name, "because") if reason == "path" else NoClosure("", f"see {name} there")
    (row,) = markdown(_affected([_run("m", why)]), "").splitlines()[5:]
    cells = re.split(r"(?<!\\)\|", row)
    assert [cell.strip() for cell in (cells[0], *cells[2:])] == ["", "`m`", ""]
    # What is left when code is taken out, by its fence of one or more backticks.
    prose = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", cells[1])
    assert re.fullmatch(r"[\w\s,:.()]*", prose), prose


@pytest.mark.parametrize("causes", [1, 3000], ids=["one cause", "a cause each"])
def test_the_length_of_a_comment(causes: int) -> None:
    """GitHub refuses more than 65,536 characters; what is left out is counted."""
    paths = [f"some/folder/of/a/package/with/a/long/name/file-{number}.py" for number in range(causes)]
    runs = [_run(f"a-member-with-a-long-name-{number}", FileChanged(paths[number % causes])) for number in range(3000)]
    text = markdown(_affected(runs, 3000), SINCE)
    assert 20_000 < len(text) < 65_536
    assert text.endswith("more\n\n</details>\n")
    assert (causes == 1) == ("| and " not in text)
