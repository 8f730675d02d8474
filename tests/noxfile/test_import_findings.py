"""The check of imports, where what it starts says nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from wsnox.noxfile.import_findings import _import

if TYPE_CHECKING:
    from pathlib import Path


def test_a_python_that_says_nothing(tmp_path: Path) -> None:
    """Without any answer of an earlier run taken for one of this, the session fails with a sentence."""
    session: Any = SimpleNamespace(run=lambda *_, **__: True, error=pytest.fail)
    job: Any = SimpleNamespace(venv=SimpleNamespace(folder=tmp_path, python="python"))
    (tmp_path / "imports.jsonl").write_text('["failed"]', encoding="utf-8")
    with pytest.raises(pytest.fail.Exception, match="ended before it imported anything"):
        _import(session, job, ["a"])
