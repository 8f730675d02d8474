"""Targets as options describe them."""

from __future__ import annotations

from wsnox.cli.target_options import spelled
from wsnox.markers.target import target_of


def test_spelled() -> None:
    """Other implementations by their names."""
    values = {"platform_system": "Linux", "platform_machine": "x86_64", "python_full_version": "3.11.3"}
    assert spelled(target_of({**values, "implementation_name": "pypy"})) == "PyPy 3.11.3 on Linux x86_64"
    assert spelled(target_of({**values, "implementation_name": "graalpy"})) == "graalpy 3.11.3 on Linux x86_64"
