"""Zero configuration on the real workspaces of the corpus, where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomli

from tests.sessions.running import nox, write_noxfile
from wsnox.workspace import discover
from wsnox.workspace.suite import EVERYBODY, Suite

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
NONE = pytest.param(None, marks=pytest.mark.skip(reason="there is no corpus beside this checkout"))
STATES = sorted(path.parent for path in CORPUS.glob("*/pyproject.toml"))
A_FEW = STATES[:: max(1, len(STATES) // 6)]


def _expected(state: Path) -> set[str]:
    """Return the members that uv locked, but for what the corpus says of states that are stale or partial."""
    lock = tomli.loads((state / "uv.lock").read_text(encoding="utf-8"))
    meta = json.loads((state / "meta.json").read_text(encoding="utf-8"))
    listed = lock.get("manifest", {}).get("members")
    locked = set(_at_the_root(lock) if listed is None else listed)
    return (locked - {*meta.get("members_only_in_lock", ())}) | {*meta.get("members_only_on_disk", ())}


def _at_the_root(lock: dict[str, Any]) -> Iterator[str]:
    for package in lock.get("package", []):
        if "." in (package["source"].get("editable"), package["source"].get("virtual")):
            yield package["name"]


@pytest.mark.parametrize("state", STATES or [NONE], ids=lambda state: state.name if state else "none")
def test_each_workspace(state: Path) -> None:
    """A session for each member that uv locked, the check of its imports, one for all of them, nothing else, no error."""
    workspace = discover(state)
    configured = Suite(workspace, running="3.12.1").configured()
    sessions = [session for session in configured if session.kind != "imports"]
    members = {member.name for member in workspace.members}
    assert members == _expected(state)
    everybody = sessions[-1]
    # A member of that name keeps it.
    assert everybody.name == (f"{EVERYBODY}:all" if EVERYBODY in members else EVERYBODY)
    assert [session.name for session in sessions[:-1]] == sorted(members)
    assert {member.name for member in everybody.members} == members
    assert [session.name for session in configured[len(sessions) :]] == [f"{name}:imports" for name in sorted(members)]
    assert all(session.pythons is None or len(session.pythons) == 1 for session in configured)


@pytest.mark.real
@pytest.mark.parametrize("state", A_FEW or [NONE], ids=lambda state: state.name if state else "none")
def test_a_few_through_nox(state: Path, tmp_path: Path) -> None:
    """`nox -l` selects exactly the members, as no root has tests there, and leaves nothing behind in the workspace."""
    before = sorted(state.iterdir())
    write_noxfile(tmp_path, f"import wsnox\n\nwsnox.sessions({str(state)!r})\n")
    ran = nox(tmp_path, "-l")
    assert ran.code == 0, ran.said
    listed = [line.split()[1] for line in ran.lines if line.startswith("* ")]
    assert listed == [member.name for member in discover(state).members]
    assert any(line.startswith(f"- {EVERYBODY}") for line in ran.lines)
    assert sorted(state.iterdir()) == before
