"""Targets as options describe them."""

from __future__ import annotations

import pytest

from wsnox.cli.target_options import spelled, target_for
from wsnox.markers.target import target_of


@pytest.mark.parametrize(
    ("platform", "machine"),
    [
        ("linux", "x86_64"),
        ("Linux-arm64", "aarch64"),
        ("linux-riscv64", "riscv64"),
        ("macos", "arm64"),
        ("macos-x86_64", "x86_64"),
        ("macos-aarch64", "arm64"),
        ("windows-x86_64", "AMD64"),
        ("windows-arm64", "ARM64"),
    ],
)
def test_machines(platform: str, machine: str) -> None:
    """A machine is taken by any of its names, and is what Python calls it on that platform."""
    assert dict(target_for("3.12", platform).values)["platform_machine"] == machine


def test_spelled() -> None:
    """Other implementations by their names."""
    values = {"platform_system": "Linux", "platform_machine": "x86_64", "python_full_version": "3.11.3"}
    assert spelled(target_of({**values, "implementation_name": "pypy"})) == "PyPy 3.11.3 on Linux x86_64"
    assert spelled(target_of({**values, "implementation_name": "graalpy"})) == "graalpy 3.11.3 on Linux x86_64"
