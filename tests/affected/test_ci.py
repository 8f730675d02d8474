"""Shards: every session once, in about equal times."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from wsnox.affected.ci import github, gitlab, one_each, shards_of
from wsnox.workspace.sessions import Session, SessionRun


def run(name: str, *requires: str, python: str = "") -> SessionRun:
    """Return a run of a session that *requires* others."""
    spec = Session(
        kind="task",
        name=name,
        description="",
        variants={"": ()},
        directory=Path("/"),
        tags=(),
        pythons=None,
        requires=requires,
    )
    return SessionRun(title=name, session=spec, python=python, variant="")


RUNS = st.lists(st.sampled_from([f"s{number}" for number in range(12)]), unique=True).map(
    lambda names: [run(name) for name in names]
)
TIMES = st.dictionaries(st.sampled_from([f"s{number}" for number in range(14)]), st.floats(0.1, 100))


@settings(max_examples=100)
@given(RUNS, st.integers(1, 15), TIMES)
def test_the_union_of_shards_is_the_selection(runs: list[SessionRun], count: int, times: dict[str, float]) -> None:
    """No session is lost, none is there twice, no shard is empty, and there are no more than asked for."""
    shards = shards_of(runs, count, times)
    titles = [title for shard in shards for title in shard.titles]
    assert sorted(titles) == sorted(each.title for each in runs)
    assert len(shards) == min(count, len(runs))
    assert all(shard.runs for shard in shards)
    assert [each.titles for each in one_each(runs, times)] == [(each.title,) for each in runs]


@settings(max_examples=100)
@given(RUNS.filter(bool), st.integers(1, 15), TIMES)
def test_shards_are_balanced(runs: list[SessionRun], count: int, times: dict[str, float]) -> None:
    """Longest first is within 4/3 of the best, for which the mean and the longest session are lower bounds... of sorts.

    No shard is longer than the shortest by more than one session.
    """
    shards = shards_of(runs, count, times)
    longest = max(each.seconds for each in one_each(runs, times))
    assert max(shard.seconds for shard in shards) - min(shard.seconds for shard in shards) <= longest + 1e-6


def test_unknown_times_are_the_median() -> None:
    """A new session counts as a middling one."""
    runs = [run("a"), run("b"), run("c"), run("new")]
    assert [each.seconds for each in one_each(runs, {"a": 1, "b": 10, "c": 100})] == [1, 10, 100, 10]
    assert [each.seconds for each in one_each(runs, {})] == [1, 1, 1, 1]
    assert [shard.titles for shard in shards_of(runs, 2, {"a": 1, "b": 10, "c": 100})] == [("c",), ("a", "b", "new")]


def test_nothing_is_a_job() -> None:
    """Neither system takes an empty list."""
    assert github(()) == {"include": [{"name": "nothing affected", "sessions": "", "pythons": ""}]}
    assert gitlab(()) == {"nothing affected": {"script": ["echo 'no session is affected'"]}}


def test_gitlab_names_and_words() -> None:
    """No job is called like a keyword, and a session's name is one word to the shell."""
    found = gitlab(one_each([run("default"), run("a(x)", python="3.12")], {}))
    assert list(found) == ["session default", "session a(x)"]
    assert found["session a(x)"] == {
        "variables": {"WSNOX_SESSIONS": "a(x)", "WSNOX_PYTHONS": "3.12"},
        "script": ["nox -s 'a(x)'"],
    }
