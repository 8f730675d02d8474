"""Sessions as nox runs them, one for each Python and variant, by the names that ``nox -s`` takes.

nox (``Manifest.make_session``) calls a session of several Pythons ``NAME-PYTHON`` and one with parameters
``NAME(ID)``; where there is one Python alone, it is no part of the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsnox.change.records import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wsnox.workspace.specs import SessionSpec

__all__ = ["grouped", "required", "runs_of"]


def runs_of(specs: Iterable[SessionSpec]) -> tuple[Run, ...]:
    """Return each run of *specs*, in their order."""
    return tuple(run for spec in specs for run in _runs(spec))


def _runs(spec: SessionSpec) -> Iterator[Run]:
    pythons = ("",) if spec.pythons is None else spec.pythons
    for python in pythons:
        for variant in spec.variants:
            title = f"{spec.name}{f'-{python}' if len(pythons) > 1 else ''}{f'({variant})' if variant else ''}"
            yield Run(title=title, spec=spec, python=python, variant=variant)


def grouped(runs: Sequence[Run]) -> tuple[tuple[Run, ...], ...]:
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
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(leader(run.title), []).append(run)
    return tuple(tuple(group) for group in groups.values())


def required(run: Run) -> Iterator[str]:
    """Yield what *run* requires, with its Python filled in as nox does; without a Python there is none to fill in."""
    for name in run.spec.requires:
        if run.python:
            yield name.replace("{python}", run.python).replace("{py}", run.python)
        else:
            yield name.replace("-{python}", "").replace("-{py}", "").replace("{python}", "").replace("{py}", "")
