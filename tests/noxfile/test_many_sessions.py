"""nox is as quick with thousands of sessions as with few, and does what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nox.manifest
import nox.sessions
import pytest

from tests.noxfile.loading import forget_noxfile, list_sessions
from tests.support.workspaces import MemberSpec
from wsnox.noxfile import many_sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import WorkspaceFactory

    Step = Callable[[nox.manifest.Manifest], object]


@pytest.fixture(autouse=True)
def _nox_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test nox as it was imported, and take back what the test changes in it."""
    forget_noxfile()
    for name in many_sessions._KNOWN:
        method = getattr(nox.manifest.Manifest, name)
        monkeypatch.setattr(nox.manifest.Manifest, name, _of_nox(method))


def _of_nox(method: Any) -> Any:
    """Return nox's own *method*, which one of ours may have in its closure."""
    cells = [cell.cell_contents for cell in method.__closure__ or ()]
    return next((method for method in cells if method.__module__ == "nox.manifest"), method)


def _nothing(session: nox.Session) -> None:
    """Run nothing."""


def _manifest() -> nox.manifest.Manifest:
    """Return a manifest of a dozen sessions, on two Pythons each."""
    for number in range(12):
        nox.session(name=f"s{number}", python=["3.11", "3.12"], default=number % 2 == 0)(_nothing)
    private: Any = nox
    options = private._options.options.parse_args([])
    return nox.manifest.Manifest(nox.registry.get(), options)


def _again(manifest: nox.manifest.Manifest) -> None:
    """Add sessions that are known: nox queues again what has run."""
    next(manifest)
    for session, _ in [*manifest.list_all_sessions()][:3]:
        manifest.add_session(session)


STEPS: dict[str, tuple[Step, ...]] = {
    "all": (),
    "by default": (lambda manifest: manifest.filter_by_default(),),
    "by name": (lambda manifest: manifest.filter_by_name(["s3", "s4-3.11"]),),
    "with what is required": (
        lambda manifest: manifest.filter_by_name(["s3"]),
        lambda manifest: manifest.add_dependencies(),
    ),
    "some have run": (next, next),
    "added again": (_again,),
    "notified": (lambda manifest: manifest.filter_by_name(["s3"]), lambda manifest: manifest.notify("s5-3.12")),
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_the_same_sessions_are_selected(steps: tuple[Step, ...]) -> None:
    """Whatever nox does with its lists, it lists and selects what it would without wsnox."""
    listed = []
    for quick in (False, True):
        if quick:
            many_sessions.look_sessions_up()
        manifest = _manifest()
        for step in steps:
            step(manifest)
        listed.append([(session.friendly_name, selected) for session, selected in manifest.list_all_sessions()])
        nox.registry.reset()
    assert listed[0] == listed[1] != []


@pytest.mark.parametrize("quick", [False, True])
def test_sessions_are_not_compared(
    workspace: WorkspaceFactory, monkeypatch: pytest.MonkeyPatch, *, quick: bool
) -> None:
    """Sixty sessions are listed without a search through them; one for each would be thousands of comparisons."""
    root = workspace(*(MemberSpec(f"m{number}") for number in range(30)), locked=False)
    sought = []

    class Sought(list[Any]):
        def __contains__(self, session: object) -> bool:
            sought.append(session)
            return super().__contains__(session)

    make: Any = nox.manifest.Manifest.__init__

    def init(self: Any, functions: Any, *arguments: Any) -> None:
        make(self, {}, *arguments)
        self._all_sessions, self._queue = Sought(), Sought()
        for name, function in functions.items():
            for session in self.make_session(name, function):
                self.add_session(session)

    monkeypatch.setattr(nox.manifest.Manifest, "__init__", init)
    if not quick:
        monkeypatch.setattr("wsnox.noxfile.register.look_sessions_up", lambda: None)
    assert list_sessions(root).code == 0
    assert len(sought) == (0 if quick else 122)


def test_an_unknown_nox_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nox that adds sessions in another way than those that this was checked with keeps its own."""

    def add_session(self: Any, session: Any) -> None:
        self._sessions.append(session)

    monkeypatch.setattr(nox.manifest.Manifest, "add_session", add_session)
    listing = nox.manifest.Manifest.list_all_sessions
    many_sessions.look_sessions_up()
    assert nox.manifest.Manifest.add_session is add_session
    assert nox.manifest.Manifest.list_all_sessions is listing


def test_sessions_that_compare_otherwise_are_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a session may equal another, a set could miss it: nox then searches as ever."""
    many_sessions.look_sessions_up()
    monkeypatch.setattr(nox.sessions.SessionRunner, "__eq__", lambda self, other: self.name == other.name)
    monkeypatch.setattr(nox.sessions.SessionRunner, "__hash__", lambda self: hash(self.name))
    assert [session.name for session, _ in _manifest().list_all_sessions()] == [f"s{number}" for number in range(12)]
