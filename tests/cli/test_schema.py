"""The schema of the configuration, as editors take it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from wsnox.cli import main

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("pyproject.toml"))
SCRIPTS = Path(sysconfig.get_path("scripts"))


@pytest.fixture
def schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return the file that the documents tell readers to write."""
    assert main(["schema"]) == 0
    path = tmp_path / "wsnox.schema.json"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    return path


def test_it_judges_one_table_alone(schema: Path) -> None:
    """Whatever else a manifest has is none of its business."""
    data = json.loads(schema.read_text(encoding="utf-8"))
    assert "additionalProperties" not in data
    tool = data["properties"]["tool"]
    assert (list(data["properties"]), list(tool["properties"]), "additionalProperties" in tool) == (
        ["tool"],
        ["wsnox"],
        False,
    )


def test_it_is_a_schema(schema: Path) -> None:
    """By the rules of its own draft."""
    command = [str(SCRIPTS / "check-jsonschema"), "--check-metaschema", str(schema)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(shutil.which("taplo", path=SCRIPTS) is None, reason="Taplo has no wheel for every system")
def test_taplo(schema: Path) -> None:
    """What several editors check with accepts all examples, and finds a mistake: its patterns are those of Rust."""
    wrong = schema.with_name("pyproject.toml")
    wrong.write_text('[tool.wsnox]\npython = ["3.11"]\n', encoding="utf-8")
    command = [str(SCRIPTS / "taplo"), "lint", "--schema", schema.as_uri()]
    said = {
        path: subprocess.run([*command, str(path)], check=False, capture_output=True, encoding="utf-8")
        for path in (*EXAMPLES, wrong)
    }
    assert len(EXAMPLES) > 5
    assert [path for path, done in said.items() if done.returncode] == [wrong]
    assert "'python' was unexpected" in said[wrong].stderr
