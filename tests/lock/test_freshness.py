"""The check of freshness against ``uv lock --check``: the same edits, the same verdicts."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
import tomli
import tomli_w
from hypothesis import HealthCheck, Phase, event, given, settings

from tests.lock.edits import BASES, EDITS, SOURCED, Edit, Sourced, apply, write_base
from tests.lock.strategies import Shape, changes, write_shape
from tests.support.workspaces import MemberSpec, UvError, lock, uv, write_member
from wsnox.errors import StaleLockError
from wsnox.lock import read_lock
from wsnox.lock.freshness import stale
from wsnox.workspace import discover

if TYPE_CHECKING:
    from collections.abc import Mapping

_WANTED = os.environ.get("WSNOX_FRESHNESS_EXAMPLES")

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def bases(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return each base workspace, locked."""
    roots = {base: write_base(tmp_path_factory.mktemp(base) / base, base, wheelhouse) for base in BASES}
    for root in roots.values():
        lock(root)
    return roots


def _problems(root: Path) -> tuple[str, ...]:
    return stale(discover(root), read_lock(root))


def _passes(root: Path) -> bool:
    return uv(root, "lock", "--check", "--offline").returncode == 0


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit_is_stale_where_uv_says_so(edit: Edit, bases: Mapping[str, Path], tmp_path: Path) -> None:
    """Whatever is edited, wsnox and ``uv lock --check`` agree, except in what wsnox documents not to see."""
    root = tmp_path / "workspace"
    shutil.copytree(bases[edit.base], root)
    apply(root, edit)
    passes, problems = _passes(root), _problems(root)
    if edit.seen:
        assert bool(problems) == (not passes), problems
    else:
        assert not problems
        assert not passes


@pytest.mark.parametrize("sourced", SOURCED, ids=lambda sourced: sourced.name)
def test_a_source_is_compared_by_what_it_means(sourced: Sourced, bases: Mapping[str, Path], tmp_path: Path) -> None:
    """What a requirement is lowered to is what the lockfile says of it; uv does not look at the edges."""
    root = tmp_path / "workspace"
    shutil.copytree(bases["single"], root)
    indexes = [{"name": name, "url": f"https://example.org/{name}/simple", "explicit": True} for name in ("one", "two")]
    tables = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    tables["project"]["dependencies"].append(sourced.requirement)
    tables["tool"]["uv"]["index"] += indexes
    if sourced.source is not None:
        tables["tool"]["uv"]["sources"] = {"x": sourced.source}
    (root / "pyproject.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
    locked = tomli.loads((root / "uv.lock").read_text(encoding="utf-8"))
    for package in locked["package"]:
        if package["name"] == "solo":
            package["metadata"]["requires-dist"].append({"name": "x", **sourced.wire})
    (root / "uv.lock").write_text(tomli_w.dumps(locked), encoding="utf-8")
    assert bool(_problems(root)) == (not sourced.same)
    assert _passes(root) == sourced.same


@pytest.mark.parametrize("revision", range(6))
@pytest.mark.parametrize("base", BASES)
def test_a_lockfile_of_an_old_revision_is_fresh(
    base: str, revision: int, bases: Mapping[str, Path], tmp_path: Path
) -> None:
    """What a revision does not say yet is not missed in it."""
    root = tmp_path / "workspace"
    shutil.copytree(bases[base], root)
    locked = tomli.loads((root / "uv.lock").read_text(encoding="utf-8"))
    _age(locked, revision)
    (root / "uv.lock").write_text(tomli_w.dumps(locked), encoding="utf-8")
    assert _passes(root)
    assert _problems(root) == ()


def _age(locked: dict[str, Any], revision: int) -> None:
    """Take from *locked* what lockfiles of this *revision* do not have (uv's ``Lock``: revisions)."""
    locked["revision"] = revision
    if revision == 0:
        del locked["revision"]
    for table in (*locked["package"], locked.get("manifest", {})):
        for key in ("default-groups", "group-requires-python") if revision < 5 else ():
            table.pop(key, None)
        for key in ("optional-dependencies", "dev-dependencies") if revision < 4 else ():
            table[key] = {name: edges for name, edges in table.get(key, {}).items() if edges}
        if revision < 1 and "metadata" in table:
            table["metadata"].pop("provides-extras", None)
            groups = table["metadata"].get("requires-dev", {})
            table["metadata"]["requires-dev"] = {name: texts for name, texts in groups.items() if texts}


def test_a_project_below_another_manifest_is_lowered_alone(wheelhouse: Path, tmp_path: Path) -> None:
    """To uv, a member that another manifest cuts off from the root is a project of its own: no sources of the root."""
    members = (MemberSpec("upper", path="upper"), MemberSpec("lower", path="upper/lower", dependencies=["leaf"]))
    sources = {"sources": {"leaf": {"path": "trees/leaf"}}}
    root = write_base(tmp_path / "workspace", "single", wheelhouse)
    settings = {"workspace": {"members": [member.folder for member in members]}, **sources}
    apply(root, Edit(name="cut", members=members, changes={".": {f"tool.uv.{key}": settings[key] for key in settings}}))
    write_member(root / "trees/leaf", MemberSpec("leaf", version="2.1"))
    assert uv(root, "lock", "--offline").returncode == 0
    assert {member.name: member.inside for member in discover(root).members} == {
        "lower": "project",
        "solo": "member",
        "upper": "member",
    }
    assert _problems(root) == ()
    assert _passes(root)


@settings(
    max_examples=int(_WANTED or 25),
    deadline=None,
    database=None,
    derandomize=not _WANTED,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(change=changes())
def test_a_random_change_is_stale_where_uv_says_so(change: tuple[Shape, Shape], wheelhouse: Path) -> None:
    """Random workspaces and changes: the same verdicts; ``WSNOX_FRESHNESS_EXAMPLES=1000`` makes it a campaign."""
    before, after = change
    with TemporaryDirectory() as name:
        root = Path(name)
        write_shape(root, before, wheelhouse)
        write_member(root / "trees/leaf", MemberSpec("leaf", version="2.1"))
        try:
            lock(root)
        except UvError:
            event("uv finds no solution")
            return
        # uv finds some of its own lockfiles stale at once.
        if not _passes(root):
            event("stale to uv from the start")
            return
        assert _problems(root) == ()
        write_shape(root, after, wheelhouse)
        problems = _problems(root)
        event("stale" if problems else "fresh")
        assert bool(problems) == (not _passes(root)), problems


def test_the_error_lists_every_problem() -> None:
    """One problem stands in the sentence, several below it, and the hint says what to do."""
    assert str(StaleLockError(["`a` is new"])) == (
        "`uv.lock` does not match the workspace: `a` is new\n\nhint: run `uv lock`"
    )
    assert str(StaleLockError(["one", "two"])) == (
        "`uv.lock` does not match the workspace:\n  - one\n  - two\n\nhint: run `uv lock`"
    )
    assert StaleLockError(["one"]).exit_code == 4
