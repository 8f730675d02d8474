"""A run as a page of a terminal or a log."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runs.made import finding, outcome, run_on
from wsnox.colour import Paint
from wsnox.runs.record import RESULTS, Outcome, Run
from wsnox.runs.summary import MOST, summary

LEAK = finding("b", "yaml")


def _on(name: str, python: str, result: str = "passed", **fields: object) -> Outcome:
    """Return how the session *name* ended on one *python* of two, in a tenth of its time for the environment."""
    told: dict[str, object] = {
        "preparation": 0.1,
        "commands": 0.9,
        "size": 3,
        "unchanged": python == "3.11",
        **fields,
    }
    return outcome(f"{name}-{python}", result, name=name, kind="test", members=(name,), python=python, **told)  # type: ignore[arg-type] # any field


GRID = run_on(
    *(_on(name, python) for name in "adefgh" for python in ("3.11", "3.12")),
    *(_on("b", python, "failed", command="pytest tests", findings=(LEAK,)) for python in ("3.12", "3.11")),
    _on("c", "3.11"),
    _on("c", "3.12", "failed", command="pytest 'my tests'"),
)
PAGE = """\
   3.11    3.12
b  failed  failed
c  passed  failed
nothing failed in the other 6

failed b-3.11, b-3.12
  pytest tests
  b imports `yaml` (a.py:1), which it does not declare
    uv add --package b yaml
failed c-3.12
  pytest 'my tests'

16 sessions: 3 failed, 13 passed in 9.0 s (environments 1.6 s, 8 unchanged; commands 14.4 s)
run what failed again: nox -s b-3.11 b-3.12 c-3.12
"""


def _page(run: Run, again: str = "", width: int | None = None) -> str:
    return "".join(f"{line}\n" for line in summary(run, again=again, width=width))


def test_what_failed_is_shown_and_what_passed_is_counted() -> None:
    """The grid has only members of which a session failed, a leak its command, and the last line what to do."""
    assert _page(GRID, again="nox -s b-3.11 b-3.12 c-3.12") == PAGE


def test_all_passed() -> None:
    """A run in which nothing happened that anybody must know is one line."""
    assert _page(run_on(outcome("a"), outcome("b"))) == "2 sessions: 2 passed in 9.0 s\n"
    assert _page(run_on()) == "no session ran\n"


def test_one_cause_is_told_once() -> None:
    """What stopped several sessions, why some were skipped, and a leak that belongs to two causes."""
    stale = "`uv.lock` does not match\n\n  - a: x\n\nhint: uv lock"
    other = finding("b", "toml")
    page = _page(
        run_on(
            outcome("a", "aborted", reason=stale),
            *(outcome(f"a{number}", "aborted", reason="not run, for the same reason as `a`") for number in range(9)),
            outcome("b", "failed", command="pytest", findings=(LEAK,)),
            outcome("b:imports", "aborted", reason="2 undeclared imports", findings=(LEAK, other)),
            *(outcome(f"s-{number}", "skipped", reason="Python interpreter 3.99 not found.") for number in (1, 2)),
            outcome("u", "unaffected"),
        )
    )

    assert page.count("uv add --package b yaml") == page.count("uv add --package b toml") == 1
    assert page.count("uv lock\n") == 1
    assert "  b imports `yaml`, as above\n" in page
    assert "aborted a, a0, a1, a2, a3, a4, and 4 more\n  `uv.lock` does not match\n  hint: uv lock\n" in page
    assert "skipped s-1, s-2\n  Python interpreter 3.99 not found.\n" in page
    assert page.endswith("15 sessions: 1 failed, 11 aborted, 2 skipped, 1 unaffected in 9.0 s\n")


def test_the_grid_is_for_what_a_list_does_not_tell() -> None:
    """One Python needs none, nor does what failed everywhere; variants stand in one cell, tasks in columns of their own."""
    everywhere = [_on(name, python, "aborted", reason="stale") for name in "ab" for python in ("3.11", "3.12")]
    assert _page(run_on(*everywhere)).startswith("aborted a-3.11, a-3.12, b-3.11, b-3.12\n  stale\n")
    assert _page(run_on(outcome("a", "failed", reason="no"), outcome("b"))).startswith("failed a\n  no\n\n2 sessions")
    variants = [
        outcome(f"m:gpu({variant})", result, name="m:gpu", kind="task", members=("m",), variant=variant)
        for variant, result in (("cpu", "passed"), ("cuda", "failed"), ("rocm", "passed"))
    ]
    page = _page(run_on(outcome("m", name="m", kind="test", members=("m",)), *variants))
    assert page.startswith("   tests   gpu\nm  passed  failed (cuda)\n\nfailed m:gpu(cuda)\n"), page


def test_much_is_counted() -> None:
    """However many sessions fail, the page has an end."""
    many = [
        _on(f"m{number:03}", python, "failed", command="pytest") for number in range(200) for python in ("3.11", "3.12")
    ]
    page = _page(run_on(*many, _on("z", "3.11")))
    assert page.count("and 180 more\n") == 2
    assert len(page.splitlines()) < 4 * MOST


def test_a_run_that_ended_early() -> None:
    """What nox did not come to is said: nothing else tells that the run is not whole."""
    run = Run(wsnox="1", started="", seconds=0, sessions=(outcome("a", "aborted", reason="interrupted"),), not_run=4)
    assert _page(run) == "aborted a\n  interrupted\n\n1 session: 1 aborted, 4 not run in 1.0 s\n"


@pytest.mark.parametrize("width", [60, 100])
def test_it_fits_the_terminal(width: int) -> None:
    """Lines are wrapped; but commands, which are copied, stay whole, and a grid without room is left out."""
    command = "nox -s b-3.11 b-3.12 c-3.12"
    lines = _page(GRID, command, width).splitlines()
    assert [line for line in lines if len(line) > width and not re.search(r" b-3\.|uv add|c-3|^  \(env", line)] == []
    assert any(command in line for line in lines)
    assert lines[0] == "   3.11    3.12"
    assert _page(GRID, command, 15).startswith("failed b-3.11, b-3.12\n")


def test_colours_only_paint() -> None:
    """Without them the page is the same."""
    painted = "".join(f"{line}\n" for line in summary(GRID, again="nox -s b-3.11 b-3.12 c-3.12", paint=Paint(True)))
    assert "\x1b[31mfailed\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == PAGE


_names = st.text() | st.sampled_from(["a", "a:b", "a-3.12", "\x1b[2J", "a\nb"])


@given(
    st.lists(
        st.builds(
            Outcome,
            session=_names,
            name=_names,
            result=st.sampled_from(RESULTS),
            reason=_names,
            command=_names,
            python=_names,
            variant=_names,
            members=st.lists(_names, max_size=2).map(tuple),
            findings=st.lists(st.fixed_dictionaries({"sentence": _names, "fix": _names}), max_size=2).map(tuple),
        )
    ),
    st.none() | st.integers(1, 200),
)
def test_whatever_sessions_are_called(sessions: list[Outcome], width: int | None) -> None:
    """No name and no reason breaks a line, or reaches the terminal as anything but text."""
    for line in summary(run_on(*sessions), again="nox -s \x1b", width=width):
        assert line.isprintable(), line
