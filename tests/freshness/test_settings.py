"""What files, variables and indexes make of a lockfile, against ``uv lock --check``: the same changes, the same verdicts."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import tomli
import tomli_w

from tests.support.workspaces import MemberSpec, lock, uv, write_workspace
from wsnox.errors import Doubt, ManifestError
from wsnox.freshness import stale_clauses
from wsnox.lock import read_lock
from wsnox.workspace import discover

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

pytestmark = pytest.mark.real


@dataclass(frozen=True, kw_only=True)
class Change:
    """Settings *before*, with which a workspace is locked, and *after*; a ``uv.toml`` and variables likewise."""

    name: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    file_before: Mapping[str, Any] | None = None
    file_after: Mapping[str, Any] | None = None
    environ_before: Mapping[str, str] = field(default_factory=dict)
    environ_after: Mapping[str, str] = field(default_factory=dict)


METADATA = {"name": "leaf", "version": "2.1", "requires-dist": ["num>=1", "pyhumps ; python_version > '3.11'"]}

CHANGES: tuple[Change, ...] = (
    Change(name="file-sets-an-option", file_before={}, file_after={"prerelease": "allow"}),
    Change(name="file-no-longer-sets-an-option", file_before={"prerelease": "allow"}, file_after={}),
    Change(name="file-says-the-same", file_before={"resolution": "lowest"}, file_after={"resolution": "lowest"}),
    Change(name="file-hides-the-manifest", after={"prerelease": "allow"}, file_before={}, file_after={}),
    Change(name="file-appears", before={"prerelease": "allow"}, after={"prerelease": "allow"}, file_after={}),
    Change(name="file-goes", after={"prerelease": "allow"}, file_before={}),
    Change(
        name="file-does-not-hide-constraints",
        file_before={},
        file_after={},
        after={"constraint-dependencies": ["leaf>=2"]},
    ),
    Change(name="file-sets-a-span", file_before={"exclude-newer": "7 days"}, file_after={"exclude-newer": "8 days"}),
    Change(
        name="file-gives-metadata",
        file_before={"dependency-metadata": [METADATA]},
        file_after={"dependency-metadata": []},
    ),
    Change(name="variable-set", environ_after={"UV_PRERELEASE": "allow"}),
    Change(name="variable-gone", environ_before={"UV_PRERELEASE": "allow"}),
    Change(name="variable-kept", environ_before={"UV_RESOLUTION": "lowest"}, environ_after={"UV_RESOLUTION": "lowest"}),
    Change(
        name="variable-over-the-manifest",
        before={"resolution": "lowest"},
        after={"resolution": "lowest"},
        environ_after={"UV_RESOLUTION": "highest"},
    ),
    Change(
        name="variable-hides-a-change",
        environ_before={"UV_EXCLUDE_NEWER": "2036-01-01T00:00:00Z"},
        after={"exclude-newer": "7 days"},
        environ_after={"UV_EXCLUDE_NEWER": "2036-01-01T00:00:00Z"},
    ),
    Change(name="variable-fork-strategy", environ_after={"UV_FORK_STRATEGY": "fewest"}),
    Change(
        name="no-config",
        before={"prerelease": "allow"},
        after={"prerelease": "allow"},
        environ_after={"UV_NO_CONFIG": "1"},
    ),
)


@pytest.fixture(scope="module")
def plain(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace without any settings but its index."""
    root = tmp_path_factory.mktemp("plain") / "workspace"
    members = (
        MemberSpec("alpha", dependencies=["flavoured[fast]"], groups={"dev": ["marked"]}),
        MemberSpec("beta", dependencies=["alpha"]),
    )
    return write_workspace(root, members, index=wheelhouse)


def _write(root: Path, settings: Mapping[str, Any], file: Mapping[str, Any] | None) -> None:
    """Add *settings* to the manifest at *root*; a *file* beside it has to name the index, too."""
    manifest = root / "pyproject.toml"
    tables = tomli.loads(manifest.read_text(encoding="utf-8"))
    tables["tool"]["uv"] = {key: tables["tool"]["uv"][key] for key in ("workspace", "index", "sources")} | dict(
        settings
    )
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")
    (root / "uv.toml").unlink(missing_ok=True)
    if file is not None:
        text = tomli_w.dumps({**file, "index": tables["tool"]["uv"]["index"]})
        (root / "uv.toml").write_text(text, encoding="utf-8")


def _problems(root: Path, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    return stale_clauses(discover(root, environ), read_lock(root))


def _passes(root: Path, environ: Mapping[str, str] | None = None) -> bool:
    return uv(root, "lock", "--check", env=environ).returncode == 0


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_setting_makes_a_lockfile_stale_where_uv_says_so(change: Change, plain: Path, tmp_path: Path) -> None:
    """Options are compared with what the lockfile says of them, whoever sets them, and whoever sets them no longer."""
    root = tmp_path / "workspace"
    shutil.copytree(plain, root)
    _write(root, change.before, change.file_before)
    lock(root, env=change.environ_before)
    assert _problems(root, change.environ_before) == ()
    _write(root, change.after, change.file_after)

    problems = _problems(root, change.environ_after)

    assert bool(problems) == (not _passes(root, change.environ_after)), problems


# --- indexes ---------------------------------------------------------------------------------------------------------

A, B = "https://a.example/simple", "https://b.example/simple"


def _index(url: str, **more: Any) -> Mapping[str, Any]:
    return {"index": [{"url": url, **more}]}


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """Index *settings* of a project whose packages are locked from *registry*; a ``uv.toml`` and variables likewise.

    *seen* is `False` where uv finds the lockfile stale and wsnox takes the registry for a mirror of the default index.
    """

    name: str
    registry: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    file: Mapping[str, Any] | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    seen: bool = True


INDEXED = (
    Indexed(name="none-configured", registry=A),
    Indexed(name="none-configured-and-a-path", registry="wheels"),
    Indexed(name="the-default", registry=A, settings=_index(A, default=True)),
    Indexed(name="another-default", registry=A, settings=_index(B, default=True)),
    Indexed(name="another-with-the-default-left", registry=A, settings=_index(B), seen=False),
    Indexed(name="slash-at-the-end", registry=A, settings=_index(f"{A}/", default=True)),
    Indexed(name="slash-at-the-end-locked", registry=f"{A}/", settings=_index(A, default=True)),
    Indexed(name="credentials", registry=A, settings=_index(A.replace("//", "//me:secret@"), default=True)),
    Indexed(name="host-in-capitals", registry=A, settings=_index(A.replace("a.", "A."), default=True)),
    Indexed(name="index-url", registry=A, settings={"index-url": A}),
    Indexed(name="another-index-url", registry=A, settings={"index-url": B}),
    Indexed(name="extra-index-url", registry=A, settings={"extra-index-url": [A]}),
    Indexed(name="another-extra-index-url", registry=A, settings={"extra-index-url": [B]}, seen=False),
    Indexed(name="find-links", registry=A, settings={"find-links": [A]}),
    Indexed(name="no-index", registry=A, settings={"no-index": True}),
    Indexed(name="no-index-with-links", registry=A, settings={"no-index": True, "find-links": [A]}),
    Indexed(name="no-index-with-other-links", registry=A, settings={"no-index": True, "find-links": [B]}),
    Indexed(name="no-index-beside-an-index", registry=A, settings={"no-index": True, **_index(A)}),
    Indexed(name="explicit", registry=A, settings=_index(A, name="a", explicit=True)),
    Indexed(name="flat", registry="wheels", settings=_index("wheels", format="flat")),
    Indexed(name="flat-respelled", registry="wheels", settings=_index("./wheels/", format="flat")),
    Indexed(name="flat-elsewhere", registry="wheels", settings=_index("other", format="flat")),
    Indexed(name="links-by-path", registry="wheels", settings={"find-links": ["wheels"]}),
    Indexed(
        name="second-of-one-name",
        registry=A,
        settings={"index": [{"url": B, "name": "x"}, {"url": A, "name": "x"}]},
        seen=False,
    ),
    Indexed(
        name="second-default",
        registry=A,
        settings={"index": [{"url": B, "default": True}, {"url": A, "default": True}]},
    ),
    Indexed(name="settings-of-pip", registry=A, settings={"pip": {"index-url": B}}),
    Indexed(name="file-hides-the-manifest", registry=A, settings=_index(B, default=True), file={}),
    Indexed(name="file-names-another", registry=A, settings=_index(A, default=True), file=_index(B, default=True)),
    Indexed(name="file-names-it", registry=A, settings=_index(B, default=True), file=_index(A)),
    *(
        Indexed(name=f"variable-{name}", registry=A, settings=_index(B, default=True), environ={name: A})
        for name in ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
    ),
    Indexed(name="named-in-a-variable", registry=A, settings=_index(B, default=True), environ={"UV_INDEX": f"x={A}"}),
)


@pytest.fixture(scope="module")
def indexed(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the plain workspace, locked."""
    root = tmp_path_factory.mktemp("indexed") / "workspace"
    shutil.copytree(plain, root)
    lock(root)
    return root


@pytest.mark.parametrize("case", INDEXED, ids=lambda case: case.name)
def test_a_registry_must_be_among_the_indexes(case: Indexed, indexed: Path, tmp_path: Path) -> None:
    """Where any index is configured, a lockfile that names another registry is stale, as with uv."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    manifest = root / "pyproject.toml"
    tables = tomli.loads(manifest.read_text(encoding="utf-8"))
    tables["tool"]["uv"] = {key: tables["tool"]["uv"][key] for key in ("workspace", "sources")} | dict(case.settings)
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")
    if case.file is not None:
        (root / "uv.toml").write_text(tomli_w.dumps(case.file), encoding="utf-8")
    for folder in ("wheels", "other"):
        (root / folder).mkdir()
    text = (root / "uv.lock").read_text(encoding="utf-8")
    text = re.sub(r'registry = "[^"]*"', f'registry = "{case.registry}"', text)
    (root / "uv.lock").write_text(text, encoding="utf-8")

    problems = _problems(root, case.environ)

    assert bool(problems) == (case.seen and not _passes(root, case.environ)), problems


def test_the_index_that_uv_has_by_itself_is_one(indexed: Path, tmp_path: Path) -> None:
    """Without a default of its own, a project has uv's, whose URL a lockfile may name."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    schema = uv(root, "help", "lock").stdout
    default = re.search(r"https://\S+?/simple", schema)
    assert default is not None
    text = re.sub(r'registry = "[^"]*"', f'registry = "{default[0]}"', (root / "uv.lock").read_text(encoding="utf-8"))
    tables = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    mixed = re.sub(r'(?s)(name = "flavoured".*?registry = )"[^"]*"', rf'\1"{B}"', text)
    cases = (
        (text, _index(A), True),
        (text, _index(A, default=True), False),
        (text, {"no-index": True}, False),
        (mixed, _index(B), True),
        # What comes from uv's own tells that no mirror stands in its place.
        (mixed, _index(A), False),
    )
    for locked, settings, fresh in cases:
        (root / "uv.lock").write_text(locked, encoding="utf-8")
        tables["tool"]["uv"] = {key: tables["tool"]["uv"][key] for key in ("workspace", "sources")} | dict(settings)
        (root / "pyproject.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
        assert (_problems(root) == ()) == _passes(root) == fresh


@pytest.mark.parametrize("respelled", ["wheels", "./wheels/", "other", "{root}/wheels"])
def test_an_index_of_a_source_may_be_a_path(respelled: str, wheelhouse: Path, tmp_path: Path) -> None:
    """A lockfile says which folder a dependency has to come from, whole."""
    root = write_workspace(tmp_path / "workspace", [MemberSpec("alpha", dependencies=["leaf"])], index=wheelhouse)
    for folder in ("wheels", "other"):
        shutil.copytree(wheelhouse, root / folder)

    def write(url: str) -> None:
        tables = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        tables["tool"]["uv"] |= _index(url, name="x", format="flat", explicit=True)
        tables["tool"]["uv"]["sources"] = {"leaf": {"index": "x"}}
        (root / "pyproject.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")

    write("wheels")
    lock(root)
    assert _problems(root) == ()
    write(respelled.format(root=root.as_posix()))
    if respelled.startswith("{"):
        # uv before 0.10 writes such a path as one that is relative, and as long as it leads there, the lockfile holds.
        assert _problems(root) == ()
    else:
        assert (_problems(root) == ()) == _passes(root)


# --- whose settings, and in what form --------------------------------------------------------------------------------


def test_the_files_of_the_user_and_of_folders_above_count(indexed: Path, tmp_path: Path) -> None:
    """What nobody says in the project, the user may; without a ``[tool.uv]``, the folders above may, too."""
    home = tmp_path / "config"
    (home / "uv").mkdir(parents=True)
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    environ = {"XDG_CONFIG_HOME": os.fspath(home)}
    for text in ('prerelease = "allow"\n', 'exclude-newer = "7 days"\n', '[exclude-newer-package]\nleaf = "7 days"\n'):
        (home / "uv/uv.toml").write_text(text, encoding="utf-8")
        assert not _passes(root, environ)
        assert _problems(root, environ)
        lock(root, env=environ)
        assert _passes(root, environ)
        assert _problems(root, environ) == ()
        assert _problems(root)
        assert not _passes(root)
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
    assert _problems(root) == ()
    (tmp_path / "above/pyproject.toml").write_text("[tool.other]\n", encoding="utf-8")
    assert not _passes(root)
    assert _problems(root)


def test_a_broken_file_of_settings_is_one_sentence(indexed: Path, tmp_path: Path) -> None:
    """It is refused, as uv does, with the name of the file."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    (root / "uv.toml").write_text("prerelease = \n", encoding="utf-8")
    assert not _passes(root)
    with pytest.raises(ManifestError, match=r"uv\.toml"):
        _problems(root)


@pytest.mark.parametrize("name", ["pyproject.toml", "packages/alpha/pyproject.toml", "uv.lock"])
def test_a_byte_order_mark_says_nothing(name: str, indexed: Path, tmp_path: Path) -> None:
    """Editors put it there, and uv passes over it in every file."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    (root / name).write_bytes(b"\xef\xbb\xbf" + (root / name).read_bytes())
    assert _passes(root)
    assert _problems(root) == ()


def test_a_byte_order_mark_in_a_file_of_settings_says_nothing(plain: Path, tmp_path: Path) -> None:
    """Likewise in a ``uv.toml``."""
    root = tmp_path / "workspace"
    shutil.copytree(plain, root)
    _write(root, {}, {"prerelease": "allow"})
    (root / "uv.toml").write_bytes(b"\xef\xbb\xbf" + (root / "uv.toml").read_bytes())
    lock(root)
    assert "prerelease-mode" in (root / "uv.lock").read_text(encoding="utf-8")
    assert _problems(root) == ()


def test_a_lockfile_without_metadata_cannot_be_told(plain: Path, tmp_path: Path) -> None:
    """With uv's preview feature, a lockfile says what is locked and not what was asked for: neither fresh nor stale."""
    root = tmp_path / "workspace"
    shutil.copytree(plain, root)
    _write(root, {"preview-features": ["lock-without-metadata"]}, None)
    lock(root)
    assert _passes(root)
    assert [(type(each), each[:46]) for each in _problems(root)] == [
        (Doubt, "`uv.lock` does not say what `alpha` asked for,"),
        (Doubt, "`uv.lock` does not say what `beta` asked for, "),
    ]
    # What it does say is compared all the same.
    _write(root, {"preview-features": ["lock-without-metadata"], "resolution": "lowest"}, None)
    assert [type(each) for each in _problems(root)] == [str, Doubt, Doubt]
    # To a uv that is not told to do without, it is out of date, and `uv lock` mends that.
    _write(root, {}, None)
    assert not _passes(root)
    assert {type(each) for each in _problems(root)} == {str}
    for variables in ({"UV_PREVIEW": "1"}, {"UV_PREVIEW_FEATURES": "lock-without-metadata"}):
        assert {type(each) for each in _problems(root, variables)} == {Doubt}


# --- what other releases of uv wrote ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [None, "if-necessary", "if-necessary-or-explicit"])
@pytest.mark.parametrize("locked", ["", 'prerelease-mode = "if-necessary"'])
def test_the_default_of_every_release_is_one(asked: str | None, locked: str, indexed: Path, tmp_path: Path) -> None:
    """Before 0.12, uv writes ``if-necessary`` down, and not its default; later ones know but one of the two."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    _write(root, {} if asked is None else {"prerelease": asked}, None)
    text = (root / "uv.lock").read_text(encoding="utf-8")
    (root / "uv.lock").write_text(text.replace("[manifest]", f"[options]\n{locked}\n\n[manifest]"), encoding="utf-8")
    assert _passes(root)
    assert _problems(root) == ()


@pytest.mark.parametrize("patterns", [["packages/alpha", "packages//beta"], ["packages/*/"], ["./packages/*"]])
def test_a_member_that_no_pattern_matched_as_written_was_alone(
    patterns: Sequence[str], indexed: Path, tmp_path: Path
) -> None:
    """Before 0.11, uv took it for a project of its own, and lowered it without the sources of the root."""
    root = tmp_path / "workspace"
    shutil.copytree(indexed, root)
    text = (root / "uv.lock").read_text(encoding="utf-8")
    alone = text.replace(
        'requires-dist = [{ name = "alpha", editable = "packages/alpha" }]', 'requires-dist = [{ name = "alpha" }]'
    )
    assert alone != text
    (root / "uv.lock").write_text(alone, encoding="utf-8")
    assert _problems(root)
    tables = tomli.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    tables["tool"]["uv"]["workspace"]["members"] = [*patterns]
    (root / "pyproject.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
    assert _problems(root) == ()
    (root / "uv.lock").write_text(text, encoding="utf-8")
    assert _passes(root)
    assert _problems(root) == ()
