"""Sessions and their runs: what nox calls them, and which of them stay together."""

from __future__ import annotations

from pathlib import Path

from wsnox.workspace.sessions import Session, SessionRun, inseparable, runs_of


def _session(
    name: str, *requires: str, pythons: tuple[str, ...] | None = None, variants: tuple[str, ...] = ("",)
) -> Session:
    return Session(
        kind="task",
        name=name,
        description="",
        variants=dict.fromkeys(variants, ()),
        directory=Path("/"),
        tags=(),
        pythons=pythons,
        requires=requires,
    )


def test_titles_of_runs() -> None:
    """The title has the Python where there are several, and the variant where it has a name."""
    sessions = (
        _session("none"),
        _session("one", pythons=("3.12",)),
        _session("two", pythons=("3.12", "3.13")),
        _session("all", pythons=("3.12", "3.13"), variants=("cpu", "gpu")),
        _session("never", pythons=()),
    )
    runs = runs_of(sessions)
    assert [run.title for run in runs] == [
        *("none", "one", "two-3.12", "two-3.13"),
        *("all-3.12(cpu)", "all-3.12(gpu)", "all-3.13(cpu)", "all-3.13(gpu)"),
    ]
    assert [run.python for run in runs[:3]] == ["", "3.12", "3.12"]


def test_required_sessions_on_a_python() -> None:
    """The Python is filled in as nox does; the interpreter that runs nox has no name."""
    session = _session("a", "b-{python}", "c({py})", "d")
    assert session.requires_on("3.12") == ("b-3.12", "c(3.12)", "d")
    assert session.requires_on("") == ("b", "c()", "d")


def test_what_is_required_stays_with_what_requires_it() -> None:
    """Nox runs it along: in another job it would run twice; so would what two sessions require both."""
    sessions = (
        *(_session("a", "b"), _session("b"), _session("c"), _session("d", "x")),
        *(_session("e", "x-{python}", pythons=("3.12",)), _session("f", "x-3.12")),
    )
    groups: tuple[tuple[SessionRun, ...], ...] = inseparable(runs_of(sessions))
    assert [tuple(run.title for run in group) for group in groups] == [("a", "b"), ("c",), ("d",), ("e", "f")]
