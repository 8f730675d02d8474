"""What nox is told of a program, by what it is and by what the caller says of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import nox
import pytest

from wsnox.errors import ProgramError
from wsnox.noxfile.guarded_session import GuardedSession

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

RUN = ("run", "run_install", "run_always")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list in which the real session notes what it is told of each program."""
    told: list[Any] = []

    def run(_: nox.Session, *args: object, external: Any = None, **__: object) -> bool:
        told.append((args, external))
        return True

    monkeypatch.setattr(nox.Session, "run", run)
    monkeypatch.setattr(nox.Session, "run_install", run)
    return told


def guarded(kind: str) -> Any:
    """Return a session to which every program is of this *kind*."""

    def refuse(words: Sequence[str]) -> NoReturn:
        raise ProgramError(f"`{words[0]}` is outside")

    programs: Any = SimpleNamespace(kind=lambda _: kind)
    return GuardedSession(nox.Session(SimpleNamespace()), programs, refuse)  # type: ignore[arg-type] # of a runner nothing is asked


@pytest.mark.parametrize("method", RUN)
@pytest.mark.parametrize("external", [None, False, "error"])
def test_a_program_from_outside_is_refused(told: list[Any], method: str, external: Any) -> None:
    """Whatever nox would make of it, unless the call says that it is meant."""
    with pytest.raises(ProgramError, match="`helper` is outside"):
        getattr(guarded("outside"), method)("helper", external=external)
    assert told == []


@pytest.mark.parametrize("method", RUN)
@pytest.mark.parametrize(
    ("kind", "external", "passed"),
    [
        ("environment", None, None),
        ("environment", "error", "error"),
        ("allowed", None, True),
        ("allowed", "error", "error"),
        ("repository", False, True),
        ("outside", True, True),
    ],
)
def test_what_may_run_is_external_to_nox(
    told: list[Any], method: str, kind: str, *, external: Any, passed: Any
) -> None:
    """Then nox does not warn of it, and does not refuse it under ``--error-on-external-run``."""
    assert getattr(guarded(kind), method)("helper", "x", external=external) is True
    assert told == [(("helper", "x"), passed)]


@pytest.mark.parametrize("args", [(), (print, 1)])
def test_what_is_no_program_is_left_to_nox(told: list[Any], args: tuple[Any, ...]) -> None:
    """It has its own words for nothing, and calls what can be called."""
    guarded("outside").run(*args)
    assert told == [(args, None)]
