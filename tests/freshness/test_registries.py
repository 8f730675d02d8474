"""That what is locked comes from an index that the project has, against ``uv lock --check``."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import tomli
import tomli_w

from tests.freshness.support import passes, problems
from tests.support.workspaces import MemberSpec, lock, uv, write_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.real

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

    clauses = problems(root, case.environ)

    assert bool(clauses) == (case.seen and not passes(root, case.environ)), clauses


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
        assert (problems(root) == ()) == passes(root) == fresh


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
    assert problems(root) == ()
    write(respelled.format(root=root.as_posix()))
    if respelled.startswith("{"):
        # uv before 0.10 writes such a path as one that is relative, and as long as it leads there, the lockfile holds.
        assert problems(root) == ()
    else:
        assert (problems(root) == ()) == passes(root)


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
    declared: str, environ: Mapping[str, str], wheelhouse: Path, tmp_path: Path
) -> None:
    """A name that no index has is refused, as by uv; one that a variable gives hides those of the manifests."""
    root = write_workspace(tmp_path / "workspace", [MemberSpec("alpha", dependencies=["leaf"])], index=wheelhouse)
    lock(root)
    locked = (root / "uv.lock").read_text(encoding="utf-8")
    named = locked.replace(
        'requires-dist = [{ name = "leaf" }]', f'requires-dist = [{{ name = "leaf", index = "{A}" }}]'
    )
    assert named != locked
    (root / "uv.lock").write_text(named, encoding="utf-8")
    manifest = root / "packages" / "alpha" / "pyproject.toml"
    tables = tomli.loads(manifest.read_text(encoding="utf-8"))
    uv_table = tables.setdefault("tool", {}).setdefault("uv", {})
    uv_table["sources"] = {"leaf": {"index": "x"}}
    if declared:
        uv_table["index"] = [{"name": "x", "url": declared}]
    manifest.write_text(tomli_w.dumps(tables), encoding="utf-8")

    # So that uv finds `leaf` whatever the default is.
    environ = {**environ, "UV_FIND_LINKS": wheelhouse.as_posix()}
    assert (problems(root, environ) == ()) == passes(root, environ)


def test_a_relative_index_of_a_member_starts_where_uv_was_started(wheelhouse: Path, tmp_path: Path) -> None:
    """From the root or from the member, each lockfile is one that `uv lock` writes."""
    root = write_workspace(tmp_path / "workspace", [MemberSpec("alpha", dependencies=["leaf"])], index=wheelhouse)
    member = root / "packages" / "alpha"
    tables = tomli.loads((member / "pyproject.toml").read_text(encoding="utf-8"))
    tables.setdefault("tool", {}).setdefault("uv", {}).update(
        sources={"leaf": {"index": "x"}}, index=[{"name": "x", "url": "wheels", "format": "flat"}]
    )
    (member / "pyproject.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
    written = set()
    for folder in (root, member):
        shutil.copytree(wheelhouse, folder / "wheels")
        lock(folder)
        written.add((root / "uv.lock").read_text(encoding="utf-8"))
        assert problems(root) == ()
    assert len(written) == 2
