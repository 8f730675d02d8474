"""Members whose promises the tests of resolutions try, and the folder of wheels that they are tried with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.wheels import Wheel, build_sdist, build_wheel
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RELEASES", "member", "write_releases"]

NEW = "def parse(text):\n    return text\n"

RELEASES = (
    *(Wheel("parse-kit", version, modules={"parse_kit.py": "VERSION = 1\n"}) for version in ("1.0", "1.4", "1.9")),
    *(Wheel("parse-kit", version, modules={"parse_kit.py": NEW}) for version in ("2.0", "2.7", "3.1")),
    # One that needs more of another than that promises by itself.
    Wheel("client", "0.8", requires=["parse-kit<2"]),
    Wheel("client", "0.9", requires=["parse-kit>=1.4"]),
    Wheel("client", "1.0", requires=["parse-kit>=2"]),
    *(Wheel("wire", version) for version in ("5.0", "5.2", "6.0", "7.0")),
    Wheel("wire", "8.0b1"),
    Wheel("checker", "1.0", requires=["wire>=6"]),
    Wheel("checker", "4.0", requires=["wire>=6", "plug"]),
    *(Wheel("plug", version) for version in ("0.1", "1.0")),
    Wheel("forked", "1.0", requires_python="<3.12"),
    *(Wheel("forked", version) for version in ("2.0", "3.0")),
    Wheel("built", "2.0"),
)
"""Releases of a kit whose `parse` came with 2.0, a client of it, and tools for tests that need more than members do."""


def write_releases(folder: Path) -> Path:
    """Write the wheels into *folder*, and a source distribution that no session may build, and return *folder*."""
    folder.mkdir(exist_ok=True)
    for wheel in RELEASES:
        build_wheel(folder, wheel)
    build_sdist(folder, Wheel("built", "1.0"))
    return folder


def member(name: str = "app", *dependencies: str, **more: object) -> MemberSpec:
    """Return a member with these *dependencies*, whose module uses what the kit has since 2.0 if it depends on it."""
    uses = any(dependency.startswith("parse-kit") for dependency in dependencies)
    text = "from parse_kit import parse\n" if uses else "VALUE = 1\n"
    return MemberSpec(name, dependencies=dependencies, modules={f"{name}.py": text}, **more)  # type: ignore[arg-type] # its fields
