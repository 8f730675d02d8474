"""The requests that sessions make, and those that uv's flags mean, in lockfiles made without uv."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.lock.samples import lock_of, member
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.closure import Request, Root
from wsnox.closure.request import Selection, lower, session_request
from wsnox.errors import ConflictError, LockMemberError, UnknownNameError, WsnoxError
from wsnox.workspace import discover
from wsnox.workspace.sessions import runs_of
from wsnox.workspace.suite import Suite

if TYPE_CHECKING:
    from pathlib import Path

    from wsnox.lock import Lock

GROUPS: dict[str, list[Any]] = {"dev": [], "lint": []}


def _locked(*packages: dict[str, Any], conflicts: Any = (), revision: int = 5) -> Lock:
    return lock_of(
        {
            "version": 1,
            "revision": revision,
            "requires-python": ">=3.9",
            "manifest": {"members": ["app", "core"], "dependency-groups": {"docs": [], "lint": []}},
            "conflicts": list(conflicts),
            "package": list(packages),
        }
    )


# --- sessions --------------------------------------------------------------------------------------------------------


def _requests(tmp_path: Path, *members: MemberSpec, **options: Any) -> dict[str, Request]:
    """Return the request of each session of a workspace of *members*, but for the checks of imports."""
    everyone = [*members, *filter(None, [options.get("root_project")])]
    packages = [member(spec.name, dev_dependencies={group: [] for group in spec.groups}) for spec in everyone]
    workspace = discover(write_workspace(tmp_path, members, index=tmp_path, **options))
    return {
        run.session.name: session_request(workspace, _locked(*packages), run)
        for run in runs_of(Suite(workspace, running="3.11.7").configured())
        if run.session.kind != "imports"
    }


def _root(name: str, *groups: str) -> Root:
    return Root(name=name, groups=frozenset(groups))


def test_default_groups(tmp_path: Path) -> None:
    """Without configuration each member has uv's default groups for it: `dev`, or what it declares, or all of them."""
    requests = _requests(
        tmp_path,
        MemberSpec("plain"),
        MemberSpec("dev", groups=GROUPS),
        MemberSpec("declared", groups=GROUPS, tool={"uv": {"default-groups": ["lint"]}}),
        MemberSpec("every", groups=GROUPS, tool={"uv": {"default-groups": "all"}}),
        MemberSpec("none", groups=GROUPS, tool={"uv": {"default-groups": []}}),
    )
    expected = {
        "plain": _root("plain"),
        "dev": _root("dev", "dev"),
        "declared": _root("declared", "lint"),
        "every": _root("every", "dev", "lint"),
        "none": _root("none"),
    }
    assert {name: requests[name].roots for name in expected} == {name: (root,) for name, root in expected.items()}
    assert {root.name: root for root in requests["workspace"].roots} == expected


def test_groups_of_a_virtual_root(tmp_path: Path) -> None:
    """A virtual root lends members only what their sessions name; the session of all has its default groups on top."""
    requests = _requests(
        tmp_path,
        MemberSpec("a"),
        MemberSpec("b", tool={"wsnox": {"root-groups": []}}),
        root_groups={"dev": ["num"], "test": ["leaf"], "docs": []},
        wsnox={"root-groups": ["test"]},
    )
    assert {name: set(request.root_groups) for name, request in requests.items()} == {
        "a": {"test"},
        "b": set(),
        "workspace": {"test", "dev"},
    }


def test_groups_of_a_root_with_a_project(tmp_path: Path) -> None:
    """A root with a project lends its groups to a member without its own production part, and adds them to its own."""
    project = MemberSpec("top", path=".", groups=GROUPS)
    requests = _requests(tmp_path, MemberSpec("a"), root_project=project, wsnox={"root-groups": ["lint"]})
    lent = Root(name="top", production=False, groups=frozenset({"lint"}), lends=True)
    assert requests["a"].roots == (_root("a"), lent)
    assert requests["top"].roots == (_root("top", "dev", "lint"),)
    assert set(requests["workspace"].roots) == {_root("a"), _root("top", "dev", "lint")}
    assert not any(request.root_groups for request in requests.values())


# --- uv's flags ------------------------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the root of a virtual workspace of `app` and `core`; the root has groups of its own."""
    members = (MemberSpec("app", groups=GROUPS), MemberSpec("core", groups=GROUPS))
    return write_workspace(tmp_path, members, index=tmp_path, root_groups={"docs": [], "lint": []})


def _lowered(root: Path, *packages: dict[str, Any], conflicts: Any = (), revision: int = 5, **flags: Any) -> Request:
    return lower(discover(root), _locked(*packages, conflicts=conflicts, revision=revision), Selection(**flags))


def _app(**more: Any) -> dict[str, Any]:
    return member("app", optional_dependencies={"x": []}, dev_dependencies=GROUPS) | more


CORE = member("core")


@pytest.mark.parametrize(
    ("flags", "roots", "root_groups"),
    [
        ({"extras": {"x"}, "groups": {"docs"}}, [("app", True, {"x"}, {"dev"})], {"docs"}),
        # The member's own group hides that of the root.
        ({"groups": {"lint"}}, [("app", True, set(), {"dev", "lint"})], set()),
        ({"only_groups": {"lint"}}, [("app", False, set(), {"lint"})], set()),
    ],
)
def test_defaults_and_flags(root: Path, flags: dict[str, Any], roots: list[Any], root_groups: set[str]) -> None:
    """One member has its own defaults; what a flag names comes from it, or from the root where it lacks the group."""
    request = _lowered(root, _app(), CORE, packages=("app",), **flags)
    assert [(root.name, root.production, root.extras, root.groups) for root in request.roots] == roots
    assert (set(request.root_groups), request.involved_all) == (root_groups, False)


def test_the_whole_workspace(root: Path) -> None:
    """Every member takes part in conflicts, reached or not."""
    assert _lowered(root, _app(), CORE, all_packages=True).involved_all


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"packages": ("ap",)}, "unknown member `ap`\n\nhint: did you mean `app`?"),
        ({"packages": ("app",), "extras": {"z"}}, "unknown extra `z` of `app`\n\nhint: known: `x`"),
        (
            {"packages": ("app",), "groups": {"nope"}},
            "unknown dependency group `nope` of `app`\n\nhint: known: `dev`, `docs`, `lint`",
        ),
        ({"extras": {"z"}}, "unknown extra `z`\n\nhint: known: `x`"),
        ({"only_groups": {"lind"}}, "unknown dependency group `lind`\n\nhint: did you mean `lint`?"),
    ],
)
def test_unknown_names(root: Path, flags: dict[str, Any], text: str) -> None:
    """An unknown member, extra or group is refused, with the nearest known one or all there are."""
    with pytest.raises(UnknownNameError) as caught:
        _lowered(root, _app(), CORE, **flags)
    assert str(caught.value) == text


def test_extras_before_the_first_revision(root: Path) -> None:
    """A lockfile of revision 0 does not tell which extras exist: none is unknown."""
    assert _lowered(root, _app(), CORE, revision=0, packages=("app",), extras={"z"}).roots[0].extras == frozenset()


@pytest.mark.parametrize(
    ("packages", "count"), [((CORE,), "no package"), ((_app(), _app(version="2.0"), CORE), "2 packages")]
)
def test_member_not_locked_once(root: Path, packages: tuple[dict[str, Any], ...], count: str) -> None:
    """A member that the lockfile lacks, or has twice, stops every session, and a selection of another member."""
    with pytest.raises(LockMemberError) as caught:
        _lowered(root, *packages, packages=("core",))
    assert str(caught.value) == f"member `app` has {count} in `uv.lock`\n\nhint: run `uv lock`"
    with pytest.raises(LockMemberError):
        session_request(discover(root), _locked(*packages), runs_of(Suite(discover(root)).configured())[1])


def test_locked_member_without_package(root: Path) -> None:
    """A lockfile that lists a member it has no package for is refused where that member is selected."""
    with pytest.raises(LockMemberError, match="member `app` has no package"):
        _lowered(root, CORE)


def test_conflict_by_name(root: Path) -> None:
    """A group that a flag names and one that is on by default exclude each other as much as two that flags name."""
    items = [[{"package": "app", "group": "dev"}, {"package": "app", "extra": "x"}]]
    with pytest.raises(ConflictError):
        _lowered(root, _app(), CORE, conflicts=items, packages=("app",), extras={"x"})
    flags: dict[str, Any] = {"packages": ("app",), "extras": {"x"}, "default_groups": False}
    assert _lowered(root, _app(), CORE, conflicts=items, **flags).roots[0].extras == {"x"}
    with pytest.raises(WsnoxError):
        _lowered(root, _app(), CORE, conflicts=items, all_extras=True)
