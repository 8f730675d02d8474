"""What a command answers for: a session by any of its names, a member's own, or what uv installs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tomli_w

from tests.lock.samples import member
from tests.support.workspaces import MemberSpec, write_workspace
from wsnox.cli.chosen import choose, choose_named, members_of
from wsnox.cli.context import LockedWorkspace
from wsnox.cli.parsing import parse
from wsnox.errors import RequestError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wsnox.cli.chosen import Chosen

GROUPS: Mapping[str, list[Any]] = {"dev": [], "test": [], "lint": []}
MEMBERS = (
    MemberSpec("plain", groups=GROUPS),
    MemberSpec(
        "app",
        groups=GROUPS,
        extras={"cpu": [], "gpu": []},
        tool={"wsnox": {"groups": ["test"], "pythons": ["3.11", "3.12"], "extras": [["cpu"], ["gpu"]]}},
    ),
    MemberSpec("old", requires_python="<3.13", groups=GROUPS, tool={"wsnox": {"pythons": ["3.10"]}}),
    MemberSpec("absent"),
)
WSNOX: Mapping[str, Any] = {
    "exclude": ["absent"],
    "tasks": {"lint": {"commands": [["ruff"]], "groups": ["lint"], "members": ["plain"]}},
    "integration": {
        "both": {"packages": ["plain", "app[cpu]"], "root-groups": ["ci"]},
        "tidy": {"packages": [], "groups": ["ci"]},
    },
}


@pytest.fixture
def locked(tmp_path: Path) -> LockedWorkspace:
    """Return a workspace of members with and without settings, of which `absent` has no session."""
    write_workspace(tmp_path, MEMBERS, index=tmp_path, root_groups={"ci": [], "docs": []}, wsnox=WSNOX)
    packages = [
        member(spec.name, optional_dependencies={name: [] for name in spec.extras}, dev_dependencies=dict(spec.groups))
        for spec in MEMBERS
    ]
    manifest = {"members": sorted(spec.name for spec in MEMBERS), "dependency-groups": {"ci": [], "docs": []}}
    raw = {"version": 1, "revision": 5, "requires-python": ">=3.10", "manifest": manifest, "package": packages}
    (tmp_path / "uv.lock").write_text(tomli_w.dumps(raw), encoding="utf-8")
    return LockedWorkspace.at(tmp_path)


def _chosen(locked: LockedWorkspace, *words: str) -> tuple[Chosen, list[tuple[str, set[str], set[str]]], set[str]]:
    """Return what `wsnox closure` chooses with *words*, its members with extras and groups, and groups of the root."""
    args = parse(["closure", "--root", str(locked.workspace.root), *words])
    chosen = choose(args, locked, members_of(args, locked.workspace), args.session)
    request = chosen.closure(args, chosen.resolver(args)).request
    return chosen, [(root.name, {*root.extras}, {*root.groups}) for root in request.roots], {*request.root_groups}


@pytest.mark.parametrize(
    ("words", "text", "roots", "root_groups"),
    [
        # A member's own session: uv's default groups, or those that it is told.
        ("plain", "session `plain`", [("plain", set(), {"dev"})], set()),
        ("app --python 3.12", "session `app-3.12(cpu)`", [("app", {"cpu"}, {"test"})], set()),
        ("old", "session `old`", [("old", set(), {"dev"})], set()),
        # Every name that nox has for a session, and the short ones.
        ("--session plain", "session `plain`", [("plain", set(), {"dev"})], set()),
        ("--session plain:lint", "session `plain:lint`", [("plain", set(), {"lint"})], set()),
        ("--session plain:imports", "session `plain:imports`", [("plain", set(), set())], set()),
        ("--session app-3.11(gpu)", "session `app-3.11(gpu)`", [("app", {"gpu"}, {"test"})], set()),
        ("--session app(gpu) --python 3.12", "session `app-3.12(gpu)`", [("app", {"gpu"}, {"test"})], set()),
        ("--session app-3.12", "session `app-3.12(cpu)`", [("app", {"cpu"}, {"test"})], set()),
        ("--session old-3.10", "session `old`", [("old", set(), {"dev"})], set()),
        ("--session both", "session `both`", [("plain", set(), {"dev"}), ("app", {"cpu"}, {"test"})], {"ci"}),
        # uv's options on top.
        (
            "plain --group test --group docs",
            "session `plain` with `--group docs --group test`",
            [("plain", set(), {"dev", "test"})],
            {"docs"},
        ),
        (
            "--session app-3.12(cpu) --extra gpu --no-default-groups",
            "session `app-3.12(cpu)` with `--no-default-groups --extra gpu`",
            [("app", {"cpu", "gpu"}, set())],
            set(),
        ),
        ("plain --only-group lint", "session `plain` with `--only-group lint`", [("plain", set(), {"lint"})], set()),
        (
            "--session plain:lint --all-groups",
            "session `plain:lint` with `--all-groups`",
            [("plain", set(), set(GROUPS))],
            {"ci", "docs"},
        ),
        # A session without a member has groups of the root alone.
        ("--session tidy", "session `tidy`", [], {"ci"}),
        ("--session tidy --group docs", "session `tidy` with `--group docs`", [], {"ci", "docs"}),
        ("--session tidy --only-group docs", "session `tidy` with `--only-group docs`", [], {"docs"}),
        ("--session tidy --all-groups", "session `tidy` with `--all-groups`", [], {"ci", "docs"}),
        ("--session tidy --no-default-groups", "session `tidy` with `--no-default-groups`", [], set()),
        # Where no session is, what uv installs.
        ("absent", "what `uv sync --package absent` installs", [("absent", set(), set())], set()),
        (
            "plain old --python 3.11",
            "what `uv sync --package plain --package old` installs",
            [("plain", set(), {"dev"}), ("old", set(), {"dev"})],
            set(),
        ),
    ],
)
def test_what_is_chosen(
    locked: LockedWorkspace, words: str, text: str, roots: list[Any], root_groups: set[str]
) -> None:
    """The session's extras and groups, with uv's options on top; and it is said which session that is."""
    chosen, found, groups = _chosen(locked, *words.split())
    assert (chosen.text, found, groups) == (text, roots, root_groups)


@pytest.mark.parametrize(
    ("words", "python"),
    [
        ("old", "3.10."),
        ("--session old --python 3.11.4", "3.11.4"),
        ("--session app-3.12", "3.12"),
    ],
)
def test_the_python_is_that_of_the_session(locked: LockedWorkspace, words: str, python: str) -> None:
    """Unless `--python` says another one."""
    assert _chosen(locked, *words.split())[0].target.python.startswith(python)


@pytest.mark.parametrize("words", [["--session", "app-3.12"], ["--session", "app", "--python", "3.12"]])
def test_other_variants_are_named(locked: LockedWorkspace, words: list[str]) -> None:
    """A name that means several contents on one Python says so; which Python that is has been said."""
    chosen = _chosen(locked, *words)[0]
    assert (chosen.title, chosen.others) == ("app-3.12(cpu)", ("app-3.12(gpu)",))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("--session plane", "unknown session `plane`\n\nhint: did you mean `plain`?"),
        ("--session absent", "unknown session `absent`"),
        ("plane", "unknown member `plane`\n\nhint: did you mean `plain`?"),
        ("plain --extra x", "unknown extra `x` of `plain`"),
        ("--session both --group nope", "unknown dependency group `nope`"),
        ("--session tidy --group nope", "unknown dependency group `nope` of `the workspace root`"),
        ("--session tidy --extra x", "unknown extra `x` of `the workspace root`"),
    ],
)
def test_unknown_names(locked: LockedWorkspace, words: str, text: str) -> None:
    """A name that does not exist is refused with its near miss."""
    with pytest.raises(UnknownNameError) as caught:
        _chosen(locked, *words.split())
    assert str(caught.value).startswith(text)


def test_a_session_of_the_noxfile(locked: LockedWorkspace) -> None:
    """A function that wsnox decorates is a session as any other; of one of nox's own, only the noxfile knows the contents."""
    noxfile = """\
import nox
import wsnox

wsnox.sessions()

@nox.session
def docs(session):
    pass

@wsnox.member(members=["plain"], groups=["lint"], default=False)
def fix(session, member):
    pass
"""
    (locked.workspace.root / "noxfile.py").write_text(noxfile, encoding="utf-8")
    chosen, roots, _ = _chosen(locked, "--session", "plain:fix")
    assert (chosen.text, roots) == ("session `plain:fix`", [("plain", set(), {"lint"})])
    with pytest.raises(RequestError, match="session `docs` is not of wsnox"):
        _chosen(locked, "--session", "docs")


def test_a_name_of_either_kind(locked: LockedWorkspace) -> None:
    """Where both will do, a member comes first, and what is neither is refused as neither."""
    args = parse(["diff", "a", "b"])
    assert [choose_named(args, locked, name).text for name in ("Plain", "plain:lint", "absent")] == [
        "session `plain`",
        "session `plain:lint`",
        "what `uv sync --package absent` installs",
    ]
    with pytest.raises(UnknownNameError, match="unknown member or session `nope`"):
        choose_named(args, locked, "nope")


@pytest.mark.parametrize(
    ("kind", "count", "hint"),
    [
        ("session", 20, "`wsnox list` shows them all"),
        ("session", 2, "known: `n0`, `n1`"),
        ("session", 0, ""),
        ("package", 20, ""),
    ],
)
def test_a_name_that_is_like_no_other(kind: str, count: int, hint: str) -> None:
    """A few names are told, and where to find many."""
    assert UnknownNameError(kind, "zzz", [f"n{at}" for at in range(count)]).hint == hint
