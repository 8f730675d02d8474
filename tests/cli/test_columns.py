"""Columns as wide as the terminal, and whole in a pipe."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from wsnox.cli.columns import aligned
from wsnox.colour import Paint

HEAD = ("session", "size", "tags", "runs")
ROWS = (
    ("project-a", "7", "", "pytest tests --strict-markers {posargs}"),
    ("project-b:types", "12", "slow", "mypy"),
)


def test_without_a_width() -> None:
    """Columns are as wide as their widest cell; empty ones and trailing blanks take no room."""
    assert aligned([]) == aligned([], HEAD) == []
    assert aligned([("a", "", "b"), ("ccc", "", "")], ("x", "y", "z")) == ["x    z", "a    b", "ccc"]
    assert aligned(ROWS, HEAD) == [
        "session          size  tags  runs",
        "project-a        7           pytest tests --strict-markers {posargs}",
        "project-b:types  12    slow  mypy",
    ]


def test_the_last_column_goes_on_below_itself() -> None:
    """As long as there is room for it to be read."""
    assert aligned(ROWS, HEAD, width=54) == [
        "session          size  tags  runs",
        "project-a        7           pytest tests",
        "                             --strict-markers",
        "                             {posargs}",
        "project-b:types  12    slow  mypy",
    ]


def test_columns_without_room_follow_below_their_row() -> None:
    """Those first that say least, and only where they say something."""
    assert aligned(ROWS, HEAD, width=50) == [
        "session          size  runs",
        "project-a        7     pytest tests",
        "                       --strict-markers {posargs}",
        "project-b:types  12    mypy",
        "  tags  slow",
    ]
    assert aligned(ROWS, HEAD, width=30) == [
        "session          size",
        "project-a        7",
        "  runs  pytest tests",
        "        --strict-markers",
        "        {posargs}",
        "project-b:types  12",
        "  tags  slow",
        "  runs  mypy",
    ]
    assert aligned([("a" * 20, "via b")], width=22) == ["a" * 20, "    via b"]


CELLS = st.text(st.sampled_from("ab- "), max_size=30).map(lambda text: " ".join(text.split()))


@given(
    st.lists(st.tuples(CELLS.map("n".__add__), CELLS, CELLS, CELLS), min_size=1, max_size=4),
    st.integers(min_value=30, max_value=120),
)
def test_nothing_is_cut(rows: list[tuple[str, str, str, str]], width: int) -> None:
    """Whatever the width, no line is longer than it, and every cell that says something is there."""
    lines = aligned(rows, HEAD, width=width)
    assert max(map(len, lines)) <= width
    letters = re.compile("[abn]")
    shown = [line for line in lines if "session" not in line]
    assert sorted(letters.findall("".join(line.replace("runs", "").replace("tags", "") for line in shown))) == sorted(
        letters.findall("".join("".join(row) for row in rows))
    )


def test_paint_takes_no_room() -> None:
    """A painted table is the plain one, with colours: heads, names, and cells by what they mean."""
    painted = aligned(ROWS, HEAD, width=50, paint=Paint(wanted=True), meanings={"12": "bad"})
    assert painted[3] == "\x1b[36mproject-b:types\x1b[0m  \x1b[31m12\x1b[0m    mypy"
    assert [re.sub(r"\x1b\[[\d;]*m", "", line).rstrip() for line in painted] == aligned(ROWS, HEAD, width=50)
