"""What ``no-build`` and ``no-binary`` forbid, from ``[tool.uv]`` or the ``uv.toml`` in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tomli_w

from wsnox.errors import ManifestError
from wsnox.workspace import discover
from wsnox.workspace.declarations import BuildOptions

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
