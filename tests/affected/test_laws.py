"""Laws of what is affected, on workspaces that hypothesis makes: nothing is missed, nothing is told without a cause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from wsnox.affected.determinator import affected
from wsnox.affected.lock_closures import Targets
from wsnox.affected.model import State
from wsnox.affected.readers import WorkTree
from wsnox.affected.rules import Rules, local_packages
from wsnox.closure.request import session_request
from wsnox.closure.resolve import resolve
from wsnox.lock import Dependency, Directory, Lock, Package, Registry
from wsnox.markers.target import describe
from wsnox.workspace.model import Manifest, Member, Workspace
from wsnox.workspace.sessions import SessionRun, runs_of
from wsnox.workspace.settings import Config, Settings
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from wsnox.affected.model import Affected

_LAW = settings(max_examples=40)
ROOT = Path("/workspace")
HERE = describe("3.12.4", "linux")
MARKERS = ("", "", "", "sys_platform == 'win32'", "python_full_version < '3.12'", "python_full_version >= '3.12.3'")
NAMES = tuple(canonicalize_name(f"m{number}") for number in range(4))
PACKAGES = tuple(f"p{number}" for number in range(5))
UNKNOWN = ("Makefile", "data/x", "packages/none/file")
IGNORED = ("README.md", "docs/x/y", "LICENSE")
OF_MEMBERS = tuple(f"packages/{name}/{file}" for name in NAMES for file in ("a.py", "src/b.py"))


@dataclass(frozen=True)
class Edges:
    """What one package needs: in production and in its group ``dev``."""

    production: tuple[tuple[str, str], ...]
    dev: tuple[tuple[str, str], ...]


Graph = dict[str, Edges]
VERSIONS = ("1", "1", "2")


@st.composite
def edges(draw: Any, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Draw edges to some of *names*, each with a marker."""
    found = draw(st.dictionaries(st.sampled_from(names), st.sampled_from(MARKERS), max_size=2))
    return tuple(found.items())


@st.composite
def states(draw: Any) -> tuple[State, State]:
    """Draw a workspace before and after: edges, versions, members and commands may differ."""
    names = (*NAMES, *PACKAGES)
    graph = {name: Edges(draw(edges(names)), draw(edges(names)) if name in NAMES else ()) for name in names}
    versions = dict.fromkeys(PACKAGES, "1")
    before = _state(graph, versions, draw(_settings()))
    if draw(st.booleans()):
        name = draw(st.sampled_from(names))
        graph = {**graph, name: Edges(draw(edges(names)), draw(edges(names)) if name in NAMES else ())}
    versions = {name: draw(st.sampled_from(VERSIONS)) for name in PACKAGES}
    after = _state(
        graph, versions, before.workspace.manifest.config.settings if draw(st.booleans()) else draw(_settings())
    )
    return before, after


def _settings() -> st.SearchStrategy[Settings]:
    return st.builds(
        Settings,
        pythons=st.sampled_from([None, ("3.11", "3.12"), ("3.12",), ("3.13",)]),
        commands=st.sampled_from([None, ("pytest",)]),
    )


def _state(graph: Graph, versions: dict[str, str], everybodys: Settings) -> State:
    order = [*NAMES, *PACKAGES]
    packages = tuple(
        Package(
            name=name,
            version=versions.get(name, "0"),
            source=Directory(f"packages/{name}", editable=True) if name in NAMES else Registry("https://index.example"),
            dependencies=_dependencies(order, graph[name].production),
            groups={"dev": _dependencies(order, graph[name].dev)} if graph[name].dev else {},
        )
        for name in order
    )
    lock = Lock(
        revision=3,
        requires_python=">=3.10",
        packages=packages,
        members=tuple(NAMES),
    )
    config = Config(settings=everybodys, lock="frozen")
    members = tuple(_member(name, graph[name]) for name in NAMES)
    manifest = Manifest(path=ROOT / "pyproject.toml", config=config, content=repr((graph, everybodys)).encode())
    return State(workspace=Workspace(root=ROOT, manifest=manifest, members=members), lock=lock)


def _member(name: Any, edges_of: Edges) -> Member:
    groups = {canonicalize_name("dev"): ("x",)} if edges_of.dev else {}
    manifest = Manifest(
        path=ROOT / f"packages/{name}/pyproject.toml", name=name, groups=groups, requires_python=">=3.10"
    )
    return Member(name=name, directory=ROOT / "packages" / name, path=f"packages/{name}", manifest=manifest)


def _dependencies(order: list[str], edges_of: tuple[tuple[str, str], ...]) -> tuple[Dependency, ...]:
    return tuple(Dependency(order.index(name), (), marker) for name, marker in edges_of)


def _runs(state: State) -> tuple[SessionRun, ...]:
    return runs_of(Suite(state.workspace, running="3.12.4").configured())


def _affected(before: State, after: State, paths: tuple[str, ...] | list[str] | set[str]) -> Affected:
    packages = [package for state in (before, after) for package in local_packages(state.workspace, state.lock)]
    rules = Rules(after.workspace, packages, lambda *_, certain=False: not certain)
    return affected(
        before,
        after,
        before=_runs(before),
        runs=_runs(after),
        meanings={path: rules.meaning(path) for path in paths},
        rules=rules,
        targets=Targets(HERE, (), (before.lock, after.lock)),
        work_tree=WorkTree(),
    )


def _titles(found: Affected) -> set[str]:
    return {each.run.title for each in found.runs}


def _closure(state: State, run: SessionRun, patch: str) -> dict[str, tuple[str | None, object]]:
    """Return what is installed for *run* on a patch release, computed with nothing of what is tested."""
    request = session_request(state.workspace, state.lock, run)
    target = describe(f"{run.python or '3.12'}.{patch}", "linux")
    return {each.name: (each.version, each.source) for each in resolve(state.lock, request, target).packages}


PATHS = st.sets(st.sampled_from((*OF_MEMBERS, *IGNORED, *UNKNOWN)), max_size=4)


@pytest.mark.slow
@_LAW
@given(states(), PATHS, PATHS, st.permutations(OF_MEMBERS))
def test_paths(both: tuple[State, State], some: set[str], more: set[str], order: list[str]) -> None:
    """What is affected stays so with more changed files, and so does every reason; the order of paths means nothing."""
    few, many = _affected(*both, sorted(some)), _affected(*both, some | more)
    assert _titles(few) <= _titles(many)
    assert set(few.everything) <= set(many.everything)
    ordered = sorted(some, key=lambda path: order.index(path) if path in order else -1)
    assert _affected(*both, ordered) == few


@pytest.mark.slow
@_LAW
@given(states(), PATHS)
def test_exactly_those_of_which_something_changed(both: tuple[State, State], paths: set[str]) -> None:
    """Closure on whatever patch release a session gets, settings, and files of it and of the local members in its closure."""
    before = {run.key: run for run in _runs(both[0])}
    found = _titles(_affected(*both, paths))
    everything = paths & set(UNKNOWN)
    for run in _runs(both[1]):
        prior = before.get(run.key)
        if prior is None or everything:
            assert run.title in found
            continue
        patches = ("0", "2", "3", "4", "9") if run.python else ("4",)
        closures = [(_closure(both[0], prior, patch), _closure(both[1], run, patch)) for patch in patches]
        if any(was != now for was, now in closures):
            assert run.title in found
        elif prior.session.commands == run.session.commands:
            local = {part.member.name for part in run.selections}.union(*(one for pair in closures for one in pair))
            if not any(path.startswith(f"packages/{name}/") for path in paths for name in local):
                assert run.title not in found


@pytest.mark.slow
@_LAW
@given(both=states(), paths=st.sets(st.sampled_from(OF_MEMBERS), max_size=2), once=st.booleans())
def test_files_affect_those_that_have_them_in_their_closure(
    *, both: tuple[State, State], paths: set[str], once: bool
) -> None:
    """Where only files changed, or nothing, those sessions are affected, though the lockfile was read twice."""
    state = both[0]
    again = state if once else replace(state, lock=replace(state.lock))
    changed = {path.split("/")[1] for path in paths}
    expected = set()
    for run in _runs(state):
        own = {str(part.member.name) for part in run.selections}
        patches = ("0", "2", "3", "4", "9") if run.python else ("4",)
        if changed & own.union(*(_closure(state, run, patch) for patch in patches)):
            expected.add(run.title)
    assert _titles(_affected(state, again, paths)) == expected
