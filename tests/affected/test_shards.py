"""Shards: every session once, in about equal times, and with few Pythons where no times are known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.affected.runs import run
from wsnox.affected.shards import one_each, shards_of
from wsnox.workspace.sessions import SessionRun, inseparable

PYTHONS = ("", "3.10", "3.11", "3.12")
COUNTS = st.integers(1, 15)
NAMES = st.sampled_from([f"s{number}" for number in range(12)])
TIMES = st.dictionaries(st.sampled_from([f"s{number}" for number in range(14)]), st.floats(0.1, 100))


@st.composite
def suites(draw: st.DrawFn) -> list[SessionRun]:
    """Return runs of which some are on several Pythons, and some require others."""
    names = draw(st.lists(NAMES, unique=True))
    return [
        run(name, *draw(st.lists(NAMES, max_size=1)), python=python)
        for name in names
        for python in draw(st.lists(st.sampled_from(PYTHONS), unique=True, min_size=1))
    ]


@given(suites(), COUNTS, TIMES)
def test_the_union_of_shards_is_the_selection(runs: list[SessionRun], count: int, times: dict[str, float]) -> None:
    """No session is lost, none is there twice, no shard is empty, and there are no more than asked for."""
    shards = shards_of(runs, count, times)
    titles = [title for shard in shards for title in shard.titles]
    assert sorted(titles) == sorted(run.title for run in runs)
    assert len(shards) == min(count, len(inseparable(runs)))
    assert all(shard.runs for shard in shards)
    assert sorted(map(len, inseparable(runs))) == sorted(len(shard.runs) for shard in one_each(runs, times))


@given(suites().filter(bool), COUNTS, TIMES)
def test_shards_are_balanced(runs: list[SessionRun], count: int, times: dict[str, float]) -> None:
    """No shard is longer than the shortest by more than the longest sessions that stay together."""
    shards = shards_of(runs, count, times)
    longest = max(group.seconds for group in one_each(runs, times))
    assert max(shard.seconds for shard in shards) - min(shard.seconds for shard in shards) <= longest + 1e-6


@given(st.lists(st.sampled_from(PYTHONS), min_size=1, max_size=60), COUNTS)
def test_a_python_stays_together_without_times(pythons: list[str], count: int) -> None:
    """Each shard ends at most one Python: they need no more interpreters together than there are shards and Pythons."""
    runs = [run(f"s{number}", python=python) for number, python in enumerate(pythons)]
    shards = shards_of(runs, count, {})
    needed = sum(len({run.python for run in shard.runs}) for shard in shards)
    assert needed <= len(shards) + len(set(pythons)) - 1
    sizes = [len(shard.runs) for shard in shards]
    assert max(sizes) - min(sizes) <= 1


def test_three_pythons_in_three_shards() -> None:
    """As many shards as Pythons of the same number of sessions have one each, in the order of the sessions."""
    runs = [run(name, python=python) for name in ("a", "b") for python in ("3.10", "3.11", "3.12")]
    assert [shard.pythons for shard in shards_of(runs, 3, {})] == [("3.10",), ("3.11",), ("3.12",)]
    assert shards_of(runs, 3, {})[1].titles == ("a-3.11", "b-3.11")


def test_unknown_times_are_the_median() -> None:
    """A new session counts as a middling one."""
    runs = [run("a"), run("b"), run("c"), run("new")]
    assert [shard.seconds for shard in one_each(runs, {"a": 1, "b": 10, "c": 100})] == [1, 10, 100, 10]
    assert [shard.seconds for shard in one_each(runs, {})] == [1, 1, 1, 1]
    assert [shard.titles for shard in shards_of(runs, 2, {"a": 1, "b": 10, "c": 100})] == [("c",), ("a", "b", "new")]
