"""The check of freshness against ``uv lock --check``: the same edits, the same verdicts."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings

from tests.freshness.edits import AREAS, Edit
from tests.freshness.edits.generated import combined, requirements
from tests.freshness.edits.verdicts import Bench, disagreement
from tests.freshness.support import edit_toml, passes, problems, set_key, write_settings
from tests.support.workspaces import MemberSpec, lock
from wsnox import freshness
from wsnox.errors import Doubt, StaleLockError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

_WANTED = os.environ.get("WSNOX_FRESHNESS_EXAMPLES")

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return what carries edits out, with its own folder of wheels."""
    return Bench(tmp_path_factory.mktemp("edits"))


@pytest.mark.parametrize("area", AREAS)
def test_uv_and_wsnox_agree_on_an_edit(area: str, bench: Bench) -> None:
    """Whatever is edited, uv and wsnox agree, except in what the docstring says that wsnox cannot see."""
    texts = (disagreement(edit, *both) for edit, both in bench.verdicts(with_bases(AREAS[area])).items())
    assert [text for text in texts if text] == []


def with_bases(edits: tuple[Edit, ...]) -> Iterator[Edit]:
    """Yield *edits*, and for each base that they start from the one that changes nothing."""
    yield from edits
    for base, given_ in dict.fromkeys((edit.base, edit.given) for edit in edits):
        texts = [text for _, texts in given_ for text in texts[2:]]
        yield Edit(" ".join([base, "untouched", *texts]), base, (), given_)


def test_each_edit_has_its_own_name() -> None:
    """No row of the tables hides another one."""
    for edits in AREAS.values():
        assert Counter(edit.name for edit in edits).most_common(1)[0][1] == 1


def test_each_limit_stands_in_the_docstring() -> None:
    """What the edits call a limit is one that the docstring of the check tells of."""
    told = " ".join((freshness.__doc__ or "").split())
    assert {edit.limit for edits in AREAS.values() for edit in edits if edit.limit not in told} == set()


_campaign = settings(
    max_examples=int(_WANTED or 25),
    database=None,
    derandomize=not _WANTED,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@_campaign
@given(edit=requirements())
def test_uv_and_wsnox_agree_on_requirements_drawn_at_random(edit: Edit, bench: Bench) -> None:
    """Names, versions and markers from a grammar; ``WSNOX_FRESHNESS_EXAMPLES=1000`` makes it a campaign."""
    _attempt(edit, bench)


@_campaign
@given(edit=combined([edit for area in AREAS.values() for edit in area]))
def test_uv_and_wsnox_agree_on_several_edits_at_once(edit: Edit, bench: Bench) -> None:
    """No edit hides another one."""
    _attempt(edit, bench)


def _attempt(edit: Edit, bench: Bench) -> None:
    verdicts = bench.attempt(edit)
    event("none" if verdicts is None else " against ".join(verdict.word for verdict in verdicts))
    assert verdicts is None or disagreement(edit, *verdicts) == ""


# --- told, and where -------------------------------------------------------------------------------------------------


def test_the_error_lists_every_problem() -> None:
    """One problem stands in the sentence, several below it, and the hint says what to do: a doubt is nothing to lock."""
    matches, frozen = (
        "`uv.lock` does not match the workspace:",
        'set `lock = "frozen"` in `[tool.wsnox]` to use `uv.lock` unchecked',
    )
    doubt = Doubt("`x` is nothing")
    assert str(StaleLockError(["`a` is new"])) == f"{matches} `a` is new\n\nhint: run `uv lock`"
    assert str(StaleLockError(["one", "two"])) == f"{matches}\n  - one\n  - two\n\nhint: run `uv lock`"
    assert StaleLockError(["one"]).exit_code == 4
    assert str(StaleLockError([doubt])) == (
        f"`uv.lock` cannot be compared with the workspace: `x` is nothing\n\nhint: correct that, or {frozen}"
    )
    assert str(StaleLockError([doubt, "`a` is new"])) == (
        f"{matches}\n  - `x` is nothing\n  - `a` is new\n\nhint: correct what cannot be read and run `uv lock`, or {frozen}"
    )


BROKEN = ("num==1; python_verion < '4'", "num=>1", "num=1", "num~=1", "num[a!b]", "num===foo", f"num>={'9' * 5000}", "")
PLACES: Mapping[str, tuple[str, Sequence[str]]] = {
    "project.dependencies": ("packages/kid", ["leaf"]),
    "project.optional-dependencies.x": ("packages/kid", ["num"]),
    "tool.uv.constraint-dependencies": (".", ["leaf>=1"]),
    "tool.uv.override-dependencies": (".", ["num>=1"]),
    "tool.uv.build-constraint-dependencies": ("packages/other", []),
}


@pytest.fixture
def family(workspace: WorkspaceFactory) -> Path:
    """Return a locked workspace of two members, one without a build system, with lists at the root."""
    kid = MemberSpec("kid", build_system=False, dependencies=["leaf"], extras={"x": ["num"]}, groups={"dev": ["num"]})
    return workspace(
        kid,
        MemberSpec("other", dependencies=["kid"]),
        root_groups={"check": ["leaf"]},
        uv={"constraint-dependencies": ["leaf>=1"], "override-dependencies": ["num>=1"]},
    )


def _told(root: Path) -> tuple[list[Doubt], list[str]]:
    """Return the doubts and the differences of a workspace that uv does not take for locked."""
    assert not passes(root)
    told = problems(root)
    doubts = [problem for problem in told if isinstance(problem, Doubt)]
    return doubts, [problem for problem in told if not isinstance(problem, Doubt)]


@pytest.mark.parametrize("key", PLACES)
def test_each_requirement_that_uv_refuses_is_told(key: str, family: Path) -> None:
    """With the file and the key, wherever it stands, each by itself, and what can be read is no difference."""
    folder, kept = PLACES[key]
    set_key(family / folder, key, [*kept, *BROKEN])
    doubts, differences = _told(family)
    assert len([doubt for doubt in doubts if f"`{key}` of `{folder.removeprefix('.')}" in doubt]) == len(BROKEN)
    assert differences == []


def test_what_cannot_be_read_hides_no_other_change(family: Path) -> None:
    """Neither of the same list, nor of the same member, nor of the workspace."""
    set_key(family / "packages/kid", "project.dependencies", ["leaf>=1", "num=>1"])
    set_key(family / "packages/kid", "dependency-groups.dev", ["leaf"])
    set_key(family, "tool.uv.constraint-dependencies", ["leaf>=2", "num=>1"])
    doubts, differences = _told(family)
    assert len(doubts) == 2
    assert [difference.partition(",")[0] for difference in differences] == [
        "`kid` now depends on `leaf>=1`",
        "the group `dev` of `kid` now asks for `leaf`",
        "the group `dev` of `kid` no longer asks for `num`",
        "`constraint-dependencies` in `[tool.uv]` now lists `leaf>=2`",
    ]


def test_what_uv_reads_is_compared(family: Path) -> None:
    """Also where packaging does not read it, and as uv does."""
    odd = ("num; 'a' == 'a'", "num; python_full_version ~= '3'", f"num; {'(' * 3000}'a' == 'a'{')' * 3000}")
    set_key(family / "packages/kid", "project.dependencies", ["leaf", *odd])
    doubts, differences = _told(family)
    assert (doubts, len(differences)) == ([], 1)
    lock(family)
    assert passes(family)
    assert problems(family) == ()


SETTINGS: Mapping[str, Any] = {
    "constraint-dependencies": "leaf>=1",
    "override-dependencies": ["num>=1", 3],
    "build-constraint-dependencies": {"a": 1},
    "exclude-dependencies": ["num>=1"],
    "environments": ["sys_platform = 'linux'"],
    "required-environments": [""],
    "conflicts": [[{"extra": "x", "package": "kid"}]],
    "sources.leaf": {"path": "x", "index": "y"},
    "sources.num": {"path": "x", "marker": "sys_platfrom == 'linux'"},
    "sources.nobody": [{"path": "x"}, {"path": "y"}],
    "dependency-groups.nowhere.requires-python": ">=3.10",
    "dependency-groups.check.requires-python": ">=3.x",
    "index": [{"name": "x"}],
    "package": "yes",
}


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_that_uv_refuses_is_told(key: str, family: Path) -> None:
    """It is not taken for one that is not there, and what else changed is told beside it."""
    set_key(family, f"tool.uv.{key}", SETTINGS[key])
    set_key(family / "packages/kid", "project.version", "2")
    doubts, differences = _told(family)
    assert [doubt for doubt in doubts if key.partition(".")[0] in doubt or "group" in doubt], doubts
    assert "the version of `kid` is `2` now, and `1.0` in `uv.lock`" in differences


@pytest.mark.parametrize("version", ["1.x", "", f"1.{'9' * 5000}"])
def test_a_version_that_is_none_is_told(version: str, family: Path) -> None:
    """So is a `requires-python`."""
    set_key(family / "packages/kid", "project.version", version)
    set_key(family / "packages/other", "project.requires-python", "=>3.10")
    doubts, differences = _told(family)
    assert (len(doubts), differences) == (2, [])


@pytest.mark.parametrize("changed", [{"specifier": ">=x"}, {"marker": "nonsense"}, {"specifier": f">={'9' * 5000}"}])
def test_a_declaration_in_the_lockfile_that_cannot_be_read_is_told(changed: Mapping[str, str], family: Path) -> None:
    """What was changed by hand is no reason to take the member for fresh."""
    # The packages are sorted by name, and `kid` is the first.
    edit_toml(family / "uv.lock", lambda locked: locked["package"][0]["metadata"]["requires-dist"][0].update(changed))
    set_key(family / "packages/kid", "project.version", "2")
    doubts, differences = _told(family)
    assert [doubt[-13:] for doubt in doubts] == [" in `uv.lock`"]
    assert len(differences) == 1


def test_a_member_needs_a_workspace_source(family: Path) -> None:
    """Without one uv refuses a dependency on it, as it does a source for what is not a member."""
    set_key(family, "tool.uv.sources", {"leaf": {"workspace": True}})
    doubts, _ = _told(family)
    assert [doubt for doubt in doubts if "as `kid` is a member" in doubt], doubts
    assert [doubt for doubt in doubts if "there is no such member" in doubt], doubts


# --- members that other settings and other releases of uv locked otherwise --------------------------------------------


def test_no_sources_counts_in_the_root_alone(family: Path) -> None:
    """Then members that depend on each other are asked for as anything else."""
    set_key(family / "packages/other", "tool.uv.no-sources", value=True)
    assert passes(family)
    assert problems(family) == ()
    set_key(family, "tool.uv.no-sources", value=True)
    assert _told(family)[1] != []
    lock(family)
    assert passes(family)
    assert problems(family) == ()


def test_a_lockfile_without_metadata_cannot_be_told(root: Path) -> None:
    """With uv's preview feature, a lockfile says what is locked and not what was asked for: neither fresh nor stale."""
    write_settings(root, {"preview-features": ["lock-without-metadata"]})
    (root / "uv.lock").unlink()
    lock(root)
    assert passes(root)
    assert [(type(clause), clause[:46]) for clause in problems(root)] == [
        (Doubt, "`uv.lock` does not say what `alpha` asked for,"),
        (Doubt, "`uv.lock` does not say what `beta` asked for, "),
    ]
    # What it does say is compared all the same.
    write_settings(root, {"preview-features": ["lock-without-metadata"], "resolution": "lowest"})
    assert [type(clause) for clause in problems(root)] == [str, Doubt, Doubt]
    # To a uv that is not told to do without, it is out of date, and `uv lock` repairs that.
    write_settings(root, {})
    assert not passes(root)
    assert {type(clause) for clause in problems(root)} == {str}
    for variables in ({"UV_PREVIEW": "1"}, {"UV_PREVIEW_FEATURES": "lock-without-metadata"}):
        assert {type(clause) for clause in problems(root, variables)} == {Doubt}


@pytest.mark.parametrize("patterns", [["packages/alpha", "packages//beta"], ["packages/*/"], ["./packages/*"]])
def test_a_member_that_no_pattern_matched_as_written_was_alone(patterns: Sequence[str], root: Path) -> None:
    """Before 0.11, uv took it for a project of its own, and lowered it without the sources of the root."""
    text = (root / "uv.lock").read_text(encoding="utf-8")
    alone = text.replace(
        'requires-dist = [{ name = "alpha", editable = "packages/alpha" }]', 'requires-dist = [{ name = "alpha" }]'
    )
    assert alone != text
    (root / "uv.lock").write_text(alone, encoding="utf-8")
    assert problems(root)
    set_key(root, "tool.uv.workspace.members", [*patterns])
    assert problems(root) == ()
    (root / "uv.lock").write_text(text, encoding="utf-8")
    assert passes(root)
    assert problems(root) == ()


@pytest.mark.parametrize("described", [False, True])
def test_a_project_outside_of_the_workspace_is_compared(*, described: bool, workspace: WorkspaceFactory) -> None:
    """What its manifest says counts as a member's does, unless the settings say it."""
    root = workspace(MemberSpec("alpha", dependencies=["far"]), locked=False)
    set_key(root, "tool.uv.sources.far", {"path": "../trees/far"})
    if described:
        metadata = {"name": "far", "version": "1", "requires-dist": ["marked"]}
        set_key(root, "tool.uv.dependency-metadata", [metadata])
    manifest = root.parent / "trees" / "far" / "pyproject.toml"
    manifest.parent.mkdir(parents=True)
    text = '[project]\nname = "far"\nversion = "1"\ndependencies = ["leaf"]\n'
    manifest.write_text(text, encoding="utf-8")
    lock(root)
    for before, after, fresh in (
        ("", "", True),
        ('["leaf"]', '["leaf>=0"]', False),
        ('["leaf"]', '["leaf", "leaf"]', True),
        ('version = "1"', 'version = "2"', False),
        ('version = "1"', 'version = "1.0"', True),
    ):
        manifest.write_text(text.replace(before, after, 1), encoding="utf-8")
        assert (problems(root) == ()) == passes(root)
        assert described or passes(root) == fresh
