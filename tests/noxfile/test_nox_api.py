"""wsnox knows nox by its public names, and by one other, without which it does as well."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import wsnox

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(wsnox.__file__).parent
PUBLIC = {
    "nox.Session",
    "nox.command",
    "nox.options",
    "nox.param",
    "nox.parametrize",
    "nox.registry",
    "nox.session",
    "nox.sessions",
    "nox.virtualenv",
}


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def _attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr


def test_names_of_nox() -> None:
    """Only `nox` itself and its environments are imported, by one package, and of its names only public ones are used."""
    importers, names = set(), set()
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == "nox" for alias in node.names):
                assert {alias.name for alias in node.names} <= {
                    "nox",
                    "nox.command",
                    "nox.sessions",
                    "nox.virtualenv",
                }, path
                importers.add(path.partition("/")[0])
            assert not (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "nox"), path
        names |= {f"nox.{name}" for owner, name in _attributes(tree) if owner == "nox"}
    assert importers == {"noxfile"}
    assert names <= PUBLIC


def _looked_up(tree: ast.AST) -> Iterator[str]:
    """Yield the names that are looked up by `getattr`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            name = node.args[1]
            yield str(name.value) if isinstance(name, ast.Constant) else "?"


def test_private_names() -> None:
    """Where nox is known, nothing with an underscore is taken from what is not our own, but with a default where it lacks."""
    looked_up = set()
    for path, tree in _trees():
        if path.startswith("noxfile/"):
            private = {(owner, name) for owner, name in _attributes(tree) if name.startswith("_") and owner != "self"}
            dunder = {(owner, name) for owner, name in private if name.startswith("__")}
            assert private - dunder <= {("os", "_exit")}, path
            looked_up |= {name for name in _looked_up(tree) if re.match(r"_[^_]", name)}
    # What comes next in a run has no public name.
    assert looked_up == {"_queue"}
