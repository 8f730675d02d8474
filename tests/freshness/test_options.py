"""What variables, files of settings and indexes make of a lockfile, against ``uv lock --check``; values are edits."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.freshness.support import passes, problems, set_key, write_settings
from tests.support.workspaces import MemberSpec, lock, uv
from wsnox.errors import ManifestError
from wsnox.freshness.cutoff import keeps, read_cutoff

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real


@dataclass(frozen=True, kw_only=True)
class State:
    """Settings of a manifest, a *file* ``uv.toml`` beside it, and variables."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    file: Mapping[str, Any] | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


NONE, ALLOW, LOWEST = State(), {"prerelease": "allow"}, {"resolution": "lowest"}
METADATA = {"name": "leaf", "version": "2.1", "requires-dist": ["num>=1", "pyhumps ; python_version > '3.11'"]}
UNTIL = {"UV_EXCLUDE_NEWER": "2036-01-01T00:00:00Z"}
CHANGES: Mapping[str, tuple[State, State]] = {
    "file-sets-an-option": (State(file={}), State(file=ALLOW)),
    "file-no-longer-sets-an-option": (State(file=ALLOW), State(file={})),
    "file-says-the-same": (State(file=LOWEST), State(file=LOWEST)),
    "file-hides-the-manifest": (State(file={}), State(file={}, settings=ALLOW)),
    "file-appears": (State(settings=ALLOW), State(settings=ALLOW, file={})),
    "file-goes": (State(file={}), State(settings=ALLOW)),
    "file-does-not-hide-constraints": (
        State(file={}),
        State(file={}, settings={"constraint-dependencies": ["leaf>=2"]}),
    ),
    "file-sets-a-span": (State(file={"exclude-newer": "7 days"}), State(file={"exclude-newer": "8 days"})),
    "file-gives-metadata": (
        State(file={"dependency-metadata": [METADATA]}),
        State(file={"dependency-metadata": []}),
    ),
    "variable-set": (NONE, State(environ={"UV_PRERELEASE": "allow"})),
    "variable-gone": (State(environ={"UV_PRERELEASE": "allow"}), NONE),
    "variable-kept": (State(environ={"UV_RESOLUTION": "lowest"}), State(environ={"UV_RESOLUTION": "lowest"})),
    "variable-over-the-manifest": (
        State(settings=LOWEST),
        State(settings=LOWEST, environ={"UV_RESOLUTION": "highest"}),
    ),
    "variable-hides-a-change": (
        State(environ=UNTIL),
        State(environ=UNTIL, settings={"exclude-newer": "7 days"}),
    ),
    "variable-fork-strategy": (NONE, State(environ={"UV_FORK_STRATEGY": "fewest"})),
    "no-config": (State(settings=ALLOW), State(settings=ALLOW, environ={"UV_NO_CONFIG": "1"})),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_setting_makes_a_lockfile_stale_where_uv_says_so(change: str, root: Path) -> None:
    """Options are compared with what the lockfile says of them, whoever sets them, and whoever sets them no longer."""
    before, after = CHANGES[change]
    write_settings(root, before.settings, before.file)
    lock(root, env=before.environ)
    assert problems(root, before.environ) == ()
    write_settings(root, after.settings, after.file)

    clauses = problems(root, after.environ)

    assert bool(clauses) == (not passes(root, after.environ)), clauses


@pytest.mark.parametrize("setting", [{}, {"prerelease": "if-necessary"}, {"prerelease": "if-necessary-or-explicit"}])
@pytest.mark.parametrize("locked_mode", ["", 'prerelease-mode = "if-necessary"'])
def test_the_default_of_every_release_is_one(setting: Mapping[str, str], locked_mode: str, root: Path) -> None:
    """Before 0.12, uv writes ``if-necessary`` down, and not its default; later ones know but one of the two."""
    write_settings(root, setting)
    text = (root / "uv.lock").read_text(encoding="utf-8")
    options = f"[options]\n{locked_mode}\n\n[manifest]"
    (root / "uv.lock").write_text(text.replace("[manifest]", options), encoding="utf-8")
    assert passes(root)
    assert problems(root) == ()


def test_the_files_of_the_user_and_of_folders_above_count(root: Path, tmp_path: Path) -> None:
    """What nobody says in the project, the user may; without a ``[tool.uv]``, the folders above may, too."""
    (tmp_path / "config/uv").mkdir(parents=True)
    environ = {"XDG_CONFIG_HOME": os.fspath(tmp_path / "config")}
    for text in ('prerelease = "allow"\n', 'exclude-newer = "7 days"\n', '[exclude-newer-package]\nleaf = "7 days"\n'):
        (tmp_path / "config/uv/uv.toml").write_text(text, encoding="utf-8")
        assert not passes(root, environ)
        assert problems(root, environ)
        lock(root, env=environ)
        assert passes(root, environ)
        assert problems(root, environ) == ()
        assert problems(root)
        assert not passes(root)
        lock(root)


def test_a_file_above_counts_for_a_project_without_settings(tmp_path: Path) -> None:
    """The search goes up until it finds a ``uv.toml`` or a ``[tool.uv]``, and takes nothing from what lies above that."""
    root = tmp_path / "above/project"
    root.mkdir(parents=True)
    (root / "pyproject.toml").write_text('[project]\nname = "solo"\nversion = "1"\n', encoding="utf-8")
    (tmp_path / "uv.toml").write_text('resolution = "lowest"\n', encoding="utf-8")
    (tmp_path / "above/pyproject.toml").write_text('[tool.uv]\nprerelease = "allow"\n', encoding="utf-8")
    lock(root)
    assert "prerelease-mode" in (root / "uv.lock").read_text(encoding="utf-8")
    assert problems(root) == ()
    (tmp_path / "above/pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    assert not passes(root)
    assert problems(root)


def test_a_broken_file_of_settings_is_one_sentence(root: Path) -> None:
    """It is refused, as uv does, with the name of the file; a byte order mark in it says nothing."""
    write_settings(root, {}, {"prerelease": "allow"})
    (root / "uv.toml").write_bytes(b"\xef\xbb\xbf" + (root / "uv.toml").read_bytes())
    lock(root)
    assert "prerelease-mode" in (root / "uv.lock").read_text(encoding="utf-8")
    assert problems(root) == ()
    (root / "uv.toml").write_text("prerelease = \n", encoding="utf-8")
    assert not passes(root)
    with pytest.raises(ManifestError, match=r"uv\.toml"):
        problems(root)


def test_a_day_ends_in_the_last_time_zone() -> None:
    """What is locked may be from before its end anywhere; uv takes the time zone of the machine."""
    day = read_cutoff("2036-01-01")
    assert keeps(read_cutoff("2036-01-02T12:00:00Z"), day)
    assert keeps(read_cutoff("2036-01-02T14:00:00+02:00"), day)
    assert not keeps(read_cutoff("2036-01-02T12:00:00.000000001Z"), day)


# --- indexes ---------------------------------------------------------------------------------------------------------

A, B = "https://a.example/simple", "https://b.example/simple"


def _index(url: str, **more: Any) -> Mapping[str, Any]:
    return {"index": [{"url": url, **more}]}


@dataclass(frozen=True, kw_only=True)
class Indexed(State):
    """The settings of a project whose packages are locked from *registry*.

    *seen* is `False` where uv finds the lockfile stale and wsnox takes the registry for a mirror of the default index.
    """

    registry: str = A
    seen: bool = True


OF_B = _index(B, default=True)
INDEXED: Mapping[str, Indexed] = {
    "none-configured": Indexed(),
    "none-configured-and-a-path": Indexed(registry="wheels"),
    "the-default": Indexed(settings=_index(A, default=True)),
    "another-default": Indexed(settings=OF_B),
    "another-with-the-default-left": Indexed(settings=_index(B), seen=False),
    "slash-at-the-end": Indexed(settings=_index(f"{A}/", default=True)),
    "slash-at-the-end-locked": Indexed(registry=f"{A}/", settings=_index(A, default=True)),
    "credentials": Indexed(settings=_index(A.replace("//", "//me:secret@"), default=True)),
    "host-in-capitals": Indexed(settings=_index(A.replace("a.", "A."), default=True)),
    "index-url": Indexed(settings={"index-url": A}),
    "another-index-url": Indexed(settings={"index-url": B}),
    "extra-index-url": Indexed(settings={"extra-index-url": [A]}),
    "another-extra-index-url": Indexed(settings={"extra-index-url": [B]}, seen=False),
    "find-links": Indexed(settings={"find-links": [A]}),
    "no-index": Indexed(settings={"no-index": True}),
    "no-index-with-links": Indexed(settings={"no-index": True, "find-links": [A]}),
    "no-index-with-other-links": Indexed(settings={"no-index": True, "find-links": [B]}),
    "no-index-beside-an-index": Indexed(settings={"no-index": True, **_index(A)}),
    "explicit": Indexed(settings=_index(A, name="a", explicit=True)),
    "flat": Indexed(registry="wheels", settings=_index("wheels", format="flat")),
    "flat-respelled": Indexed(registry="wheels", settings=_index("./wheels/", format="flat")),
    "flat-elsewhere": Indexed(registry="wheels", settings=_index("other", format="flat")),
    "links-by-path": Indexed(registry="wheels", settings={"find-links": ["wheels"]}),
    "second-of-one-name": Indexed(settings={"index": [{"url": B, "name": "x"}, {"url": A, "name": "x"}]}, seen=False),
    "second-default": Indexed(settings={"index": [{"url": B, "default": True}, {"url": A, "default": True}]}),
    "settings-of-pip": Indexed(settings={"pip": {"index-url": B}}),
    "file-hides-the-manifest": Indexed(settings=OF_B, file={}),
    "file-names-another": Indexed(settings=_index(A, default=True), file=OF_B),
    "file-names-it": Indexed(settings=OF_B, file=_index(A)),
    "named-in-a-variable": Indexed(settings=OF_B, environ={"UV_INDEX": f"x={A}"}),
    **{
        f"variable-{name}": Indexed(settings=OF_B, environ={name: A})
        for name in ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
    },
}


@pytest.mark.parametrize("name", INDEXED)
def test_a_registry_must_be_among_the_indexes(name: str, root: Path) -> None:
    """Where any index is configured, a lockfile that names another registry is stale, as with uv."""
    case = INDEXED[name]
    write_settings(root, case.settings, case.file, index=False)
    for folder in ("wheels", "other"):
        (root / folder).mkdir()
    text = (root / "uv.lock").read_text(encoding="utf-8")
    text = re.sub(r'registry = "[^"]*"', f'registry = "{case.registry}"', text)
    (root / "uv.lock").write_text(text, encoding="utf-8")

    clauses = problems(root, case.environ)

    assert bool(clauses) == (case.seen and not passes(root, case.environ)), clauses


def test_the_index_that_uv_has_by_itself_is_one(root: Path) -> None:
    """Without a default of its own, a project has uv's, whose URL a lockfile may name."""
    default = re.search(r"https://\S+?/simple", uv(root, "help", "lock").stdout)
    assert default is not None
    text = re.sub(r'registry = "[^"]*"', f'registry = "{default[0]}"', (root / "uv.lock").read_text(encoding="utf-8"))
    mixed = re.sub(r'(?s)(name = "flavoured".*?registry = )"[^"]*"', rf'\1"{B}"', text)
    for locked, settings, fresh in (
        (text, _index(A), True),
        (text, _index(A, default=True), False),
        (text, {"no-index": True}, False),
        (mixed, _index(B), True),
        # What comes from uv's own tells that no mirror stands in its place.
        (mixed, _index(A), False),
    ):
        (root / "uv.lock").write_text(locked, encoding="utf-8")
        write_settings(root, settings, index=False)
        assert (problems(root) == ()) == passes(root) == fresh


def test_an_index_of_a_source_may_be_a_path(wheelhouse: Path, workspace: WorkspaceFactory) -> None:
    """A lockfile says which folder a dependency has to come from, whole."""
    root = workspace(MemberSpec("alpha", dependencies=["leaf"]), locked=False)
    for folder in ("wheels", "other"):
        shutil.copytree(wheelhouse, root / folder)

    def write(url: str) -> None:
        set_key(root, "tool.uv.index", [{"url": url, "name": "x", "format": "flat", "explicit": True}])
        set_key(root, "tool.uv.sources.leaf", {"index": "x"})

    write("wheels")
    lock(root)
    for respelled in ("wheels", "./wheels/", "other"):
        write(respelled)
        assert (problems(root) == ()) == passes(root) == (respelled != "other")
    # uv before 0.10 writes such a path as one that is relative, and as long as it leads there, the lockfile holds.
    write(f"{root.as_posix()}/wheels")
    assert problems(root) == ()


@pytest.mark.parametrize("declared", ["", A, B])
@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"UV_INDEX": f"x={A}"},
        {"UV_INDEX": f"x={B}"},
        {"UV_INDEX": f"y={B} x={A} x={B}"},
        {"UV_INDEX": f"X={A}"},
        {"UV_INDEX": A},
        {"UV_DEFAULT_INDEX": f"x={A}"},
        {"UV_DEFAULT_INDEX": f"x={A}", "UV_INDEX": f"x={B}"},
        {"UV_EXTRA_INDEX_URL": f"x={A}"},
    ],
    ids=lambda environ: " ".join(f"{name}={value}" for name, value in environ.items()).replace("/", ""),
)
def test_an_index_of_a_source_may_be_declared_in_a_variable(
    declared: str, environ: Mapping[str, str], wheelhouse: Path, workspace: WorkspaceFactory
) -> None:
    """A name that no index has is refused, as by uv; one that a variable gives hides those of the manifests."""
    root = workspace(MemberSpec("alpha", dependencies=["leaf"]))
    text = (root / "uv.lock").read_text(encoding="utf-8")
    named = text.replace('requires-dist = [{ name = "leaf" }]', f'requires-dist = [{{ name = "leaf", index = "{A}" }}]')
    assert named != text
    (root / "uv.lock").write_text(named, encoding="utf-8")
    set_key(root / "packages/alpha", "tool.uv.sources.leaf", {"index": "x"})
    if declared:
        set_key(root / "packages/alpha", "tool.uv.index", [{"name": "x", "url": declared}])

    # So that uv finds `leaf` whatever the default is.
    environ = {**environ, "UV_FIND_LINKS": wheelhouse.as_posix()}
    assert (problems(root, environ) == ()) == passes(root, environ)


def test_a_relative_index_of_a_member_starts_where_uv_was_started(
    wheelhouse: Path, workspace: WorkspaceFactory
) -> None:
    """From the root or from the member, each lockfile is one that `uv lock` writes."""
    root = workspace(MemberSpec("alpha", dependencies=["leaf"]), locked=False)
    member = root / "packages" / "alpha"
    set_key(member, "tool.uv.sources.leaf", {"index": "x"})
    set_key(member, "tool.uv.index", [{"name": "x", "url": "wheels", "format": "flat"}])
    written = set()
    for folder in (root, member):
        shutil.copytree(wheelhouse, folder / "wheels")
        lock(folder)
        written.add((root / "uv.lock").read_text(encoding="utf-8"))
        assert problems(root) == ()
    assert len(written) == 2
