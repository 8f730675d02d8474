"""The direction of imports: reading, deciding and doing are different floors, and each knows only what lies below it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import wsnox

PACKAGE = Path(wsnox.__file__).parent
GROUND = {
    *("_record", "annotations", "colour", "dist_info", "errors", "files", "markdown", "package_names"),
    *("python_ranges", "resolution_errors", "running_python", "text", "toml_text", "urls", "version"),
}
PURE = (*GROUND, "workspace", "markers", "lock", "closure", "freshness", "imports", "resolutions", "runs")
# A floor may import itself and the floors named here.
_READ = GROUND | {"markers", "workspace", "lock"}
_DECIDED = _READ | {"closure", "freshness"}
_RESOLVED = _DECIDED | {"resolutions"}
_DONE = _RESOLVED | {"environment", "imports", "affected", "compiling", "runs"}
BELOW = {
    "annotations": set[str](),
    "_record": set[str](),
    "colour": set[str](),
    "errors": {"text", "urls"},
    "resolution_errors": {"errors", "text", "urls"},
    "toml_text": set[str](),
    "dist_info": set[str](),
    "files": set[str](),
    "markdown": {"text"},
    "package_names": set[str](),
    "python_ranges": set[str](),
    "running_python": set[str](),
    "text": {"urls"},
    "urls": set[str](),
    "version": set[str](),
    "workspace": GROUND,
    "markers": GROUND,
    "lock": GROUND | {"markers", "workspace"},
    "closure": _READ,
    "freshness": _READ,
    "resolutions": _DECIDED,
    "affected": _RESOLVED | {"imports"},
    "imports": _DECIDED,
    "environment": _RESOLVED,
    "compiling": _RESOLVED,
    "runs": GROUND,
    "noxfile": _DONE,
    "cli": _DONE,
    "__init__": {"errors", "version", "workspace", "noxfile"},
    "__main__": {"cli"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def _floor(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "wsnox":
            found |= {f"wsnox.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_floors_below(module: Path) -> None:
    """A module that reached up or sideways would make the floors one room; a module without a floor has no place."""
    floors = {name.split(".")[1] for name in _imports(module) if name.startswith("wsnox.")}

    assert floors <= BELOW[_floor(module)] | {_floor(module)}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_only_the_edges_touch_nox_and_processes(module: Path) -> None:
    """Only one place knows nox, and the floors that decide start nothing, but that git tells what it ignores."""
    roots = {name.split(".")[0] for name in _imports(module)}

    assert "nox" not in roots or _floor(module) == "noxfile"
    assert "subprocess" not in roots or _floor(module) not in PURE or module.name == "discovery.py"


def test_a_name_says_which_module_is_meant() -> None:
    """No two modules of two floors have one name, but for the records of a floor, which are its `model`."""
    names = [module.name for module in MODULES if module.name not in ("__init__.py", "model.py")]

    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_module_says_what_is_public() -> None:
    """`__all__` stands in every module, so that what is private can change."""
    without = [module.name for module in MODULES if "__all__" not in module.read_text(encoding="utf-8")]

    assert [name for name in without if name not in ("__init__.py", "__main__.py")] == []
