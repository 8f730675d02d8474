"""Sessions as nox runs them, one for each Python and variant, by the names that ``nox -s`` takes.

nox (``Manifest.make_session``) calls a session of several Pythons ``NAME-PYTHON`` and one with parameters
``NAME(ID)``; where there is one Python alone, it is no part of the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox._record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wsnox.workspace.sessions import MemberSelection, Session

__all__ = ["SessionRun", "grouped", "required", "runs_of"]


class SessionRun(Record, kw_only=True):
    """One session as nox runs it, by the *title* that ``nox -s`` takes: a *spec* on one *python*, in one *variant*.

    *python* is empty for the interpreter that runs nox.
    """

    title: str
    spec: Session
    python: str
    variant: str

    @property
    def parts(self) -> tuple[MemberSelection, ...]:
        """The members that take part, with their extras and groups."""
        return self.spec.variants[self.variant]

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same run in two states of the workspace."""
        return self.spec.name, self.python, self.variant


def runs_of(specs: Iterable[Session]) -> tuple[SessionRun, ...]:
    """Return each run of *specs*, in their order."""
    return tuple(run for spec in specs for run in _runs(spec))


def _runs(spec: Session) -> Iterator[SessionRun]:
    pythons = ("",) if spec.pythons is None else spec.pythons
    for python in pythons:
        for variant in spec.variants:
            title = f"{spec.name}{f'-{python}' if len(pythons) > 1 else ''}{f'({variant})' if variant else ''}"
            yield SessionRun(title=title, spec=spec, python=python, variant=variant)


def grouped(runs: Sequence[SessionRun]) -> tuple[tuple[SessionRun, ...], ...]:
    """Return *runs* in groups that must stay together, since nox runs what a session requires along with it."""
    leaders: dict[str, str] = {}

    def leader(title: str) -> str:
        while leaders.setdefault(title, title) != title:
            title = leaders[title]
        return title

    known = {name: run.title for run in runs for name in (run.spec.name, run.title)}
    for run in runs:
        for name in required(run):
            leaders[leader(known.get(name, name))] = leader(run.title)
    groups: dict[str, list[SessionRun]] = {}
    for run in runs:
        groups.setdefault(leader(run.title), []).append(run)
    return tuple(tuple(group) for group in groups.values())


def required(run: SessionRun) -> Iterator[str]:
    """Yield what *run* requires, with its Python filled in as nox does; without a Python there is none to fill in."""
    for name in run.spec.requires:
        if run.python:
            yield name.replace("{python}", run.python).replace("{py}", run.python)
        else:
            yield name.replace("-{python}", "").replace("-{py}", "").replace("{python}", "").replace("{py}", "")
