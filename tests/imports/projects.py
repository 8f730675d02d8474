"""Projects with a build backend, to be read and never built."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wsnox.imports.shipped import Shipped

BACKENDS = {
    "uv": "uv_build",
    "hatch": "hatchling.build",
    "setuptools": "setuptools.build_meta",
    "flit": "flit_core.buildapi",
    "poetry": "poetry.core.masonry.api",
    "pdm": "pdm.backend",
    "scikit": "scikit_build_core.build",
    "maturin": "maturin",
    "meson": "mesonpy",
}


def write_project(
    directory: Path, files: str | Mapping[str, str], backend: str, settings: str = "", name: str = "my-pkg"
) -> None:
    """Write *files* (empty ones, where they are only named) and a manifest with these *settings* to *directory*."""
    texts = dict.fromkeys(files.split(), "") if isinstance(files, str) else files
    for file, text in texts.items():
        (directory / file).parent.mkdir(parents=True, exist_ok=True)
        (directory / file).write_text(text, encoding="utf-8")
    build = f'[build-system]\nrequires = []\nbuild-backend = "{BACKENDS[backend]}"\n'
    project = f'[project]\nname = "{name}"\nversion = "1"\n'
    (directory / "pyproject.toml").write_text(f"{build}{project}{settings}", encoding="utf-8")


def module_names(shipped: Shipped) -> str:
    """Return the names of the modules *shipped*, in their order."""
    return " ".join(module.name for module in shipped.modules)
