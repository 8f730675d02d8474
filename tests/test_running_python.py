"""The marker values of this interpreter are those that packaging finds."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

from packaging.markers import default_environment

from wsnox.running_python import marker_values

if TYPE_CHECKING:
    import pytest


def test_as_packaging_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pre-release of an implementation is none of its releases."""
    assert marker_values() == {**default_environment()}
    version = SimpleNamespace(major=3, minor=14, micro=0, releaselevel="candidate", serial=2)
    monkeypatch.setattr(sys.implementation, "version", version)
    assert marker_values()["implementation_version"] == "3.14.0c2"
