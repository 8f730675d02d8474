"""What a manifest declares for uv, and what ``no-build`` and ``no-binary`` forbid, there or in a ``uv.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tomli_w

from wsnox.errors import ManifestError
from wsnox.workspace import discover
from wsnox.workspace.declarations import BuildOptions, Declarations
from wsnox.workspace.pyproject import read_manifest

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("a", "b")


def _written(root: Path, settings: dict[str, Any], *, file: bool = False) -> BuildOptions:
    table = {"workspace": {"members": []}, **({} if file else settings)}
    (root / "pyproject.toml").write_text(tomli_w.dumps({"tool": {"uv": table}}))
    if file:
        (root / "uv.toml").write_text(tomli_w.dumps(settings))
    return discover(root).build_options


@pytest.mark.parametrize("file", [False, True])
@pytest.mark.parametrize(
    ("settings", "build", "binary"),
    [
        ({}, "", ""),
        ({"no-build": True}, "ab", ""),
        ({"no-build": False, "no-build-package": ["a"]}, "", ""),
        ({"no-build-package": ["A"]}, "a", ""),
        ({"no-build": True, "no-binary-package": ["a"]}, "b", "a"),
        ({"no-binary": True}, "", "ab"),
        ({"no-binary": True, "no-build-package": ["a"]}, "a", "b"),
        ({"no-binary": True, "no-build": True}, "ab", "ab"),
        ({"no-build": "yes", "no-build-package": [1, "b"]}, "b", ""),
        ({"no-build-package": "b"}, "", ""),
    ],
)
def test_what_is_forbidden(tmp_path: Path, settings: dict[str, Any], build: str, binary: str, *, file: bool) -> None:
    """All packages, or those named; a name in the one setting is an exception from the other."""
    options = _written(tmp_path, settings, file=file)
    assert "".join(filter(options.no_build, NAMES)) == build
    assert "".join(filter(options.no_binary, NAMES)) == binary


def test_the_file_replaces_the_table(tmp_path: Path) -> None:
    """What ``[tool.uv]`` says counts for nothing beside a ``uv.toml``, and one that is no TOML is refused."""
    assert not _written(tmp_path, {"no-build": True}).no_binary("a")
    (tmp_path / "uv.toml").write_text("")
    assert discover(tmp_path).build_options == BuildOptions()
    (tmp_path / "uv.toml").write_text("no-build")
    with pytest.raises(ManifestError, match=r"uv\.toml`: not TOML"):
        discover(tmp_path).build_options.no_build("x")


def _declared(root: Path, **uv: Any) -> Declarations:
    (root / "pyproject.toml").write_text(tomli_w.dumps({"tool": {"uv": uv}}))
    return read_manifest(root / "pyproject.toml").declared


@pytest.mark.parametrize(
    ("key", "value", "unread"),
    [
        ("index-url", "https://index.test/simple", ()),
        ("environments", "sys_platform == 'linux'", ()),
        ("override-dependencies", ["a", {"package": {"name": "b"}, "dependencies": ["c"]}], ()),
        ("override-dependencies", ["a", 1], ("override-dependencies",)),
        ("override-dependencies", [{"package": "b"}], ("override-dependencies",)),
        ("build-constraint-dependencies", ["a", {"requirement": "b", "hashes": []}], ()),
        ("build-constraint-dependencies", [{"requirement": "b"}], ("build-constraint-dependencies",)),
        ("index", [{"name": "a", "url": "https://index.test"}, {"url": "https://index.test"}], ()),
        ("index", [{"name": "a"}], ("index",)),
        ("package", "yes", ("package",)),
        ("dependency-groups", {"test": {"requires-python": 3}}, ("dependency-groups",)),
        ("sources", {"a": {"path": "a"}, "b": {"path": "b", "unheard": "of"}}, ("sources.b",)),
        ("sources", {"a": [{"path": "a"}, {"path": "b", "marker": "python_version > '3'"}]}, ("sources.a",)),
        (
            "sources",
            {"a": {"git": "a", "rev": "1", "tag": "2"}, "b": {"git": "b", "tag": 1}},
            ("sources.a", "sources.b"),
        ),
        ("conflicts", [[{"extra": "a"}, {"group": "b"}]], ()),
        ("conflicts", [[{"extra": "a"}]], ("conflicts",)),
        ("minimum-libc-version", {"glibc": "2.31"}, ()),
        ("minimum-libc-version", {"glibc": 2}, ("minimum-libc-version",)),
    ],
)
def test_forms_that_are_not_known(tmp_path: Path, key: str, value: Any, unread: tuple[str, ...]) -> None:
    """The table is uv's: a form that wsnox does not know stops nothing, and is named."""
    assert _declared(tmp_path, **{key: value}).unread == set(unread)
