"""Reading ``uv.lock``: what each revision and kind of source writes, and every refusal with its whole text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomli_w

from tests.lock.samples import FORKED, HASH, INDEX, MEMBERS, ROOTED, lock_of, member, wheel
from wsnox.errors import LockFormatError, LockNotFoundError, LockVersionError
from wsnox.lock import (
    Artifact,
    Dependency,
    Registry,
    Requirement,
    RequirementSource,
    parse_lock,
    read_lock,
    reader,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCK = Path("[LOCK]")
HINT = "\n\nhint: restore `uv.lock` as it was committed, or delete it, then run `uv lock`"


def _lock(*packages: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    top = {"version": 1, "revision": 3, "requires-python": ">=3.9", "package": list(packages)}
    return top | {key.replace("_", "-"): value for key, value in more.items()}


def _num(version: str = "1.0", **more: Any) -> dict[str, Any]:
    return {"name": "num", "version": version, "source": {"registry": INDEX}, "wheels": [wheel("num", version)], **more}


# --- what is read ----------------------------------------------------------------------------------------------------


def test_members() -> None:
    """Extras, groups, default groups, declarations, artifacts and edges come out as uv means them."""
    lock = lock_of(MEMBERS, LOCK)
    app, core, leaf, _ = lock.packages
    assert (lock.revision, lock.members, lock.root_default_groups) == (5, ("app", "core"), ("dev",))
    assert lock.root_groups == {"dev": (Requirement("num", specifier=">=1"),), "docs": ()}
    assert lock.requirements == (Requirement("leaf", ("x",), "python_full_version < '4'"),)
    assert app.dependencies == (Dependency(1, ("fast",)), Dependency(2, (), "sys_platform == 'win32'"))
    assert app.extras == {"x": (Dependency(3),), "y": ()}
    assert app.groups == {"dev": (Dependency(2), Dependency(0, ("x",))), "docs": ()}
    assert app.provided_extras == frozenset({"x", "y"})
    assert app.declared_groups == {"dev": (Requirement("leaf"),), "docs": ()}
    assert app.requires_dist == (Requirement("core", ("fast",), source=RequirementSource("editable", "packages/core")),)
    assert (app.default_groups, core.default_groups, leaf.default_groups) == (("dev", "docs"), "all", None)
    assert leaf.sdist == Artifact("leaf-1.0.tar.gz", "https://registry.example/leaf-1.0.tar.gz", "", HASH, 9)
    assert [str(package) for package in lock.packages] == ["app 1.0", "core 1.0", "leaf 1.0", "num 1.0"]


def test_forks_and_conflicts() -> None:
    """Edges to a name that stands twice lead to the version they name; items of conflicts keep their kind."""
    lock = lock_of(FORKED, LOCK)
    assert lock.by_name == {"app": (0,), "core": (1,), "num": (2, 3)}
    assert [edge.target for edge in lock.packages[0].dependencies] == [2, 3]
    assert lock.packages[2].markers == ("python_full_version < '3.12'",)
    assert {str(item) for item in lock.conflicts[0]} == {"app[cpu]", "app:gpu", "core"}
    assert {item.encoded for item in lock.conflicts[0]} == {"extra-3-app-cpu", "group-3-app-gpu", "project-4-core"}


def test_early_keys() -> None:
    """The first revisions wrote ``distribution`` for packages and ``dependency-groups`` for groups."""
    lock = lock_of(ROOTED, LOCK)
    app = lock.packages[0]
    assert app.groups == {"dev": (Dependency(1),)}
    assert app.declared_groups == {"dev": (Requirement("num"),), "none": ()}
    assert lock.root_groups == {"dev": (Requirement("num", ("x",), "os_name == 'posix'"),)}


@pytest.mark.parametrize("revision", [None, 0, 1, 2, 3, 4, 5, 6, 999])
def test_every_revision(revision: int | None) -> None:
    """A revision never refuses a lockfile, later ones than uv has today included; none at all means 0."""
    raw = _lock(_num())
    raw.pop("revision")
    assert lock_of(raw | ({} if revision is None else {"revision": revision}), LOCK).revision == (revision or 0)


def test_unknown_keys() -> None:
    """Keys that later revisions may add are ignored at every level."""
    new: dict[str, Any] = {"new": {"deep": [1, {"er": "a\nb"}]}}
    raw = _lock(
        _num(sdist={"url": "x.tar.gz", **new}, source={"registry": INDEX, **new}, **new),
        member("app", dependencies=[{"name": "num", **new}], metadata=new),
        manifest=new,
        options=new,
        **new,
    )
    assert lock_of(raw, LOCK).packages[1].dependencies == (Dependency(0),)


@pytest.mark.parametrize("more", [{}, {"version": "1.0"}, {"version": "1.0.0"}, {"source": {"registry": INDEX}}])
def test_edge_to_the_only_one_of_a_name(more: dict[str, Any]) -> None:
    """Where the name is unambiguous, uv leaves version and source out; both are accepted where they agree."""
    assert lock_of(_lock(_num(), member("app", dependencies=[{"name": "num", **more}])), LOCK).packages[1].dependencies


def test_edge_to_a_dynamic_version() -> None:
    """Of several packages of one name, an edge with a source and no version means the one without version."""
    trees = [{"name": "tree", "source": {"directory": "tree"}}, _num() | {"name": "tree", "wheels": []}]
    app = member("app", dependencies=[{"name": "tree", "source": {"directory": "tree/"}}])
    assert lock_of(_lock(*trees, app), LOCK).packages[2].dependencies == (Dependency(0),)


def test_unknown_extras_of_an_edge_vanish() -> None:
    """An extra that the target has no edges for is no error, as in uv."""
    app = member("app", dependencies=[{"name": "num", "extra": ["x", "nope"]}])
    lock = lock_of(_lock(app, _num() | {"optional-dependencies": {"x": []}}), LOCK)
    assert lock.packages[0].dependencies == (Dependency(1, ("x",)),)


@pytest.mark.parametrize("change", [b"\r\n", b"bom"])
def test_line_ends_and_byte_order_mark(change: bytes) -> None:
    """A lockfile that an editor on Windows saved means the same, as it does to uv."""
    content = tomli_w.dumps(MEMBERS).encode()
    other = b"\xef\xbb\xbf" + content if change == b"bom" else content.replace(b"\n", b"\r\n")
    assert parse_lock(other, LOCK) == parse_lock(content, LOCK)


def test_cycle() -> None:
    """Packages that need each other, and one that needs itself, are no error."""
    app = member(
        "app", dependencies=[{"name": "num"}, {"name": "app", "extra": ["x"]}], optional_dependencies={"x": []}
    )
    lock = lock_of(_lock(app, _num(dependencies=[{"name": "app"}])), LOCK)
    assert [edge.target for package in lock.packages for edge in package.dependencies] == [1, 0, 0]


# --- what is refused -------------------------------------------------------------------------------------------------


def _edge(**edge: Any) -> dict[str, Any]:
    return _lock(_num(), member("app", dependencies=[{"name": "num"} | edge]))


def _without(raw: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if name != key}


def _conflict(*items: Any) -> dict[str, Any]:
    return _lock(conflicts=[list(items)])


_APP_X = {"package": "app", "extra": "x"}
_ITEM = "expected `package` with at most one of `extra` and `group`"
_NO_PACKAGE = "the dependency `{}` leads to no package of the lockfile in `package[1].dependencies[0]`"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no version": (_without(_lock(), "version"), "no value in `version`"),
    "version is no integer": (_lock() | {"version": "1"}, "expected an integer, got a string in `version`"),
    "no range": (_without(_lock(), "requires-python"), "no value in `requires-python`"),
    "no name": (_lock({"version": "1"}), "no value in `package[0].name`"),
    "path as name": (_lock(_num(name="../../x")), "`../../x` is not a normalised package name in `package[0].name`"),
    "NUL in a name": (_lock(_num(name="a\0")), "`a\\x00` is not a normalised package name in `package[0].name`"),
    "escapes in a version": (_lock(_num("1\x1b[31m")), "`1\\x1b[31m` holds control characters in `package[0].version`"),
    "no version number": (_lock(_num("one")), "`one` is not a version in `package[0].version`"),
    "endless version": (
        _lock(_num("9" * 5000)),
        f"`{'9' * 159} … {'9' * 42}` is not a version in `package[0].version`",
    ),
    "no source": (_lock(_without(_num(), "source")), "expected a table in `package[0].source`"),
    "registry without version": (_lock(_without(_num(), "version")), "no value in `package[0].version`"),
    "twice": (_lock(_num(), _num()), "`num` with this version and source stands twice in `package[1]`"),
    "dangling edge": (_edge(name="gone"), _NO_PACKAGE.format("gone")),
    "edge to another version": (_edge(version="2.0"), _NO_PACKAGE.format("num")),
    "edge to another source": (_edge(source={"virtual": "num"}), _NO_PACKAGE.format("num")),
    "ambiguous edge": (
        _lock(_num(), _num(source={"url": "https://files.example/n"}), *_edge(version="1.0")["package"][1:]),
        "the dependency `num` leads to 2 packages in `package[2].dependencies[0]`",
    ),
    "same edge twice": (
        _lock(_num(), member("app", optional_dependencies={"x": [{"name": "num"}, {"name": "num"}]})),
        "the same dependency stands twice in `package[1].optional-dependencies.x`",
    ),
    "edge is no table": (
        _lock(member("app", dev_dependencies={"dev": ["num"]})),
        "expected a table in `package[0].dev-dependencies.dev[0]`",
    ),
    "escapes in a marker": (
        _edge(marker="os_name == '\x1b[31m'"),
        "`os_name == '\\x1b[31m'` holds control characters in `package[1].dependencies[0].marker`",
    ),
    "extras of the target are no table": (
        _lock(member("app", dependencies=[{"name": "num", "extra": ["x"]}]), _num() | {"optional-dependencies": 5}),
        "expected a table, got an integer in `package[1].optional-dependencies`",
    ),
    "escapes in an extra": (
        _lock(member("app", optional_dependencies={"\x1b[2J": []})),
        "`\\x1b[2J` is not a normalised name in `package[0].optional-dependencies`",
    ),
    "metadata is no table": (
        _lock(member("app", metadata=[1])),
        "expected a table, got an array in `package[0].metadata`",
    ),
    "escapes in a declared requirement": (
        _lock(member("app", metadata={"requires-dev": {"dev": [{"name": "\x1b[2J"}]}})),
        "`\\x1b[2J` is not a normalised package name in `package[0].metadata.requires-dev.dev[0].name`",
    ),
    "override of a package without dependencies": (
        _lock(manifest={"overrides": [{"package": {"name": "num"}, "dependencies": "x"}]}),
        "expected an array, got a string in `manifest.overrides[0].dependencies`",
    ),
    "excluded number": (
        _lock(manifest={"excludes": [1]}),
        "expected a string, got an integer in `manifest.excludes[0]`",
    ),
    "default groups are a string": (
        _lock(member("app", default_groups="every")),
        "expected an array, got a string in `package[0].default-groups`",
    ),
    "requirement without name": (
        _lock(manifest={"dependency-groups": {"dev": [{}]}}),
        "no value in `manifest.dependency-groups.dev[0].name`",
    ),
    "conflicts hold no arrays": (_lock(conflicts=[_APP_X]), "expected an array in `conflicts[0]`"),
    "conflict of one": (_conflict(_APP_X, _APP_X), "a conflict needs two different items in `conflicts[0]`"),
    "conflict of both kinds": (_conflict(_APP_X | {"group": "y"}), f"{_ITEM} in `conflicts[0][0]`"),
    "conflict with a new key": (_conflict(_APP_X | {"new": "y"}), f"{_ITEM} in `conflicts[0][0]`"),
    "conflict of a string": (_conflict("app"), f"{_ITEM} in `conflicts[0][0]`"),
    "cut short between tables": (
        MEMBERS | {"package": MEMBERS["package"][:-1]},
        "the dependency `num` leads to no package of the lockfile in `package[0].optional-dependencies.x[0]`",
    ),
}


@pytest.mark.parametrize(("raw", "problem"), REFUSED.values(), ids=REFUSED)
def test_refusals(raw: dict[str, Any], problem: str) -> None:
    """Each refusal is one sentence with the place in the file, fit for a terminal, and says what to do."""
    with pytest.raises(LockFormatError) as caught:
        lock_of(raw, LOCK)
    assert str(caught.value) == f"`[LOCK]`: {problem}{HINT}"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no value in `version`"),
        (b"\xff", "not UTF-8 (byte 0)"),
        (b"version = 1\nver", "not TOML: Expected '=' after a key in a key/value pair (at end of document): `ver`"),
        (b"version = 1\nversion = 1\n", "not TOML: Cannot overwrite a value (at line 2, column 12): `version = 1`"),
        (
            b"version = 1\n[[package]\n",
            "not TOML: Expected ']]' at the end of an array declaration (at line 2, column 10): `[[package]`",
        ),
    ],
)
def test_no_lockfile_at_all(content: bytes, problem: str) -> None:
    """What is no TOML, or TOML of something else, is refused with the place where reading ended."""
    with pytest.raises(LockFormatError) as caught:
        parse_lock(content, LOCK)
    assert str(caught.value) == f"`[LOCK]`: {problem}{HINT}"


@pytest.mark.parametrize(
    "content",
    [
        "version = " + "9" * 5000,
        "version = 1\na = " + "[" * 100_000,
        "version = 1\na = " + "{a=" * 100_000,
        "version = 1\n" + "a." * 100_000 + "a = 1",
        "version = 1\n[" + "a." * 5_000 + "a]",
        'version = 1\na = "\\ud800"',
        'version = 1\n"\x1b[31m" = 1',
    ],
)
def test_hostile_toml(content: str) -> None:
    """Numbers, nesting and characters beyond what TOML's reader takes are no crash, and reach no terminal."""
    with pytest.raises(LockFormatError) as caught:
        parse_lock(content.encode(), LOCK)
    assert str(caught.value).startswith("`[LOCK]`: ")
    assert len(str(caught.value)) < 400
    assert "\x1b" not in str(caught.value)


def test_deep_and_long_values_in_unknown_keys() -> None:
    """What nobody reads may be nested hundreds deep, or of more digits than Python prints, even inside a source."""
    source = f'{{ registry = "{INDEX}", x.{"a." * 300}a = 1, y = 0x{"f" * 5000} }}'
    head = 'version = 1\nrequires-python = ""\n[[package]]\nname = "a"\nversion = "1"\n'
    lock = parse_lock(f"{head}source = {source}".encode(), LOCK)
    assert lock.packages[0].source == Registry(INDEX)


@pytest.mark.parametrize(
    ("version", "told"), [("2", "2"), ("-1", "-1"), ("0", "0"), (f"0x{'f' * 5000}", f"0x{'f' * 158} … {'f' * 60}")]
)
def test_other_versions(version: str, told: str) -> None:
    """Another version is refused for its version, whatever the rest of the file holds."""
    with pytest.raises(LockVersionError) as caught:
        parse_lock(f"version = {version}\npackage = 5".encode(), LOCK)
    assert str(caught.value) == (
        f"`[LOCK]` has lockfile version `{told}`, and this wsnox reads version `1`\n\n"
        "hint: upgrade wsnox, or delete `uv.lock` and run `uv lock` with a uv that writes version 1"
    )


def test_files(tmp_path: Path) -> None:
    """An absent lockfile, and a directory in its place, are told apart; a sound one is read."""
    with pytest.raises(LockNotFoundError) as absent:
        read_lock(tmp_path)
    path = tmp_path / "uv.lock"
    assert str(absent.value) == f"`{path}` does not exist\n\nhint: run `uv lock`"
    path.mkdir()
    with pytest.raises(LockFormatError, match=r"uv\.lock`: cannot be read \("):
        read_lock(tmp_path)
    path.rmdir()
    path.write_text(tomli_w.dumps(MEMBERS), encoding="utf-8")
    assert read_lock(tmp_path) == lock_of(MEMBERS, path)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lockfile that the user may not read is refused with the system's word for it."""

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reader, "read_regular", refuse)
    with pytest.raises(LockFormatError) as caught:
        read_lock(tmp_path)
    assert str(caught.value) == f"`{tmp_path / 'uv.lock'}`: cannot be read (Permission denied){HINT}"
