"""Which sessions ran on which Python."""

from __future__ import annotations

from tests.runs.made import outcome
from wsnox.runs.grid import Column, grid


def test_the_grid() -> None:
    """A row a member, what several share last; a column for each task and Python, 3.9 before 3.10; variants share a cell."""
    sessions = [
        outcome("contracts", name="contracts", kind="integration", python="3.10"),
        outcome("z-3.10(cpu)", name="z", kind="test", python="3.10", variant="cpu"),
        outcome("z-3.10(cuda)", name="z", kind="test", python="3.10", variant="cuda"),
        outcome("z-3.9(cpu)", name="z", kind="test", python="3.9", variant="cpu"),
        outcome("a:types", name="a:types", kind="task", python="3.9"),
    ]
    table = grid(sessions)
    assert table.columns == (Column("tests", "3.9"), Column("tests", "3.10"), Column("types", "3.9"))
    assert [(name, [len(cell) for cell in cells]) for name, cells in table.rows] == [
        ("a", [0, 0, 1]),
        ("z", [1, 2, 0]),
        ("contracts", [0, 1, 0]),
    ]
    assert table.tells_more_than_a_list
    assert not grid([outcome("a"), outcome("b")]).tells_more_than_a_list
