"""A session on a minor version is compared at each patch release that a marker of a lockfile tells apart."""

from __future__ import annotations

import pytest

from wsnox.affected.lock_closures import Targets
from wsnox.lock import Dependency, Lock, Package, Registry
from wsnox.markers.target import describe

HERE = describe("3.11.7", "linux")


@pytest.mark.parametrize(
    ("python", "releases"),
    [
        ("", ["3.11.7"]),
        ("3.11", ["3.11.0"]),
        ("3.12", ["3.12.0", "3.12.2", "3.12.3", "3.12.4"]),
        ("3.12.9", ["3.12.9"]),
        ("pypy3.11", ["3.11.0"]),
        ("3", []),
        ("graalpy3.11", []),
    ],
)
def test_releases(python: str, releases: list[str]) -> None:
    """The first, those around each one mentioned, and none for what cannot be described."""
    edge = Dependency(0, (), "python_full_version >= '3.12.3'")
    package = Package(name="a", version="1", source=Registry("x"), dependencies=(edge,))
    lock = Lock(revision=3, requires_python=">=3.11", packages=(package,))
    assert [target.python for target in Targets(HERE, (), (lock,)).of(python)] == releases


def test_platforms() -> None:
    """Named platforms take the place of this one."""
    targets = Targets(HERE, ("windows", "macos"), ()).of("3.12")
    assert [dict(target.values)["sys_platform"] for target in targets] == ["win32", "darwin"]
