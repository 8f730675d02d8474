"""Workspaces of any size, made for measuring: manifests and a lockfile that no registry stands behind."""

from __future__ import annotations

import hashlib
import os
import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["lockfile", "seconds", "workspace"]

# A process that may not keep what it compiles starts several times as slowly, which is no user's everyday.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

INDEX = "https://registry.example/simple"
PYTHONS = ("cp310", "cp311", "cp312", "cp313")
PLATFORMS = ("manylinux_2_17_x86_64", "macosx_11_0_arm64", "win_amd64")


def lockfile(packages: int, members: int = 1, block: int = 0) -> str:
    """Return a lockfile of *members* and *packages* with a dozen wheels each, every one needed by some member.

    Packages depend on others of their *block* of so many only: closures of a real size, however many packages there are.
    """
    parts = ['version = 1\nrevision = 3\nrequires-python = ">=3.10"\n']
    named = ", ".join(f'"{_member(number)}"' for number in range(members))
    parts.append(f"\n[manifest]\nmembers = [{named}]\n")
    parts += [_locked_member(number, members, packages) for number in range(members)]
    parts += [_locked_package(number, packages, block or packages) for number in range(packages)]
    return "".join(parts)


def workspace(folder: Path, members: int, packages: int, wsnox: str = "", block: int = 0) -> Path:
    """Write a workspace of *members* over *packages* to *folder*, with a `[tool.wsnox]` of *wsnox*, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    root = f'[tool.uv.workspace]\nmembers = ["packages/*"]\n\n[tool.wsnox]\n{wsnox}\n'
    (folder / "pyproject.toml").write_text(root, encoding="utf-8")
    for number in range(members):
        place = folder / "packages" / _member(number)
        place.mkdir(parents=True, exist_ok=True)
        needs = ", ".join(f'"{name}"' for name in _needed(number, members, packages))
        (place / "pyproject.toml").write_text(
            f'[project]\nname = "{_member(number)}"\nversion = "1.0"\nrequires-python = ">=3.10"\n'
            f'dependencies = [{needs}]\n\n[build-system]\nrequires = ["hatchling"]\n'
            f'build-backend = "hatchling.build"\n\n[dependency-groups]\ndev = ["package-0"]\n',
            encoding="utf-8",
        )
    (folder / "uv.lock").write_text(lockfile(packages, members, block), encoding="utf-8")
    return folder


def _member(number: int) -> str:
    return f"member-{number}"


def _needed(number: int, members: int, packages: int) -> list[str]:
    step = max(1, packages // members)
    return [f"package-{at}" for at in range(number * step, min(packages, number * step + step))][:20]


def _locked_member(number: int, members: int, packages: int) -> str:
    edges = "".join(f'    {{ name = "{name}" }},\n' for name in _needed(number, members, packages))
    return (
        f'\n[[package]]\nname = "{_member(number)}"\nversion = "1.0"\n'
        f'source = {{ editable = "packages/{_member(number)}" }}\ndependencies = [\n{edges}]\n'
        '\n[package.dev-dependencies]\ndev = [\n    { name = "package-0" },\n]\n'
    )


def _locked_package(number: int, packages: int, block: int) -> str:
    name, stem = f"package-{number}", f"package_{number}"
    below = {(number + step) % packages for step in (1, 7, 31)} - {number}
    markers = ("", ", marker = \"sys_platform == 'win32'\"", ", marker = \"python_full_version < '3.12'\"")
    edges = "".join(
        f'    {{ name = "package-{target}"{markers[at]} }},\n'
        for at, target in enumerate(sorted(below))
        if target > number and target // block == number // block
    )
    wheels = "".join(
        f'    {{ url = "{INDEX}/{stem}-1.0-{python}-{python}-{platform}.whl", '
        f'hash = "sha256:{_digest(stem, python, platform)}", size = 123456, upload-time = "2026-01-01T00:00:00Z" }},\n'
        for python in PYTHONS
        for platform in PLATFORMS
    )
    return (
        f'\n[[package]]\nname = "{name}"\nversion = "1.0"\nsource = {{ registry = "{INDEX}" }}\n'
        f"dependencies = [\n{edges}]\n"
        f'sdist = {{ url = "{INDEX}/{stem}-1.0.tar.gz", hash = "sha256:{_digest(stem)}", size = 99 }}\n'
        f"wheels = [\n{wheels}]\n"
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def seconds(step: Callable[[], object], runs: int = 5) -> float:
    """Return the median time that *step* takes over *runs*, in seconds."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        step()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
