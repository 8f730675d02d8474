"""The workflows of ``docs/ci.md``: valid by the systems' schemas, and their scripts run, as far as that goes here."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import git
from tests.sessions.running import write_noxfile
from tests.support.workspaces import MemberSpec

if TYPE_CHECKING:
    from tests.conftest import WorkspaceFactory

pytestmark = pytest.mark.real

DOCUMENT = Path(__file__).parents[2] / "docs/ci.md"
BLOCKS = dict(re.findall(r"<!-- (\S+) -->\n```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL))
SHIM = f"""#!/bin/sh
# uvx, with what is installed here.
while [ "$1" != wsnox ] && [ "$1" != nox ] || [ "$2" = nox ]; do shift; done
tool=$1; shift
exec {shlex.quote(sys.executable)} -m "$tool" "$@"
"""


def _yaml(name: str) -> Any:
    yaml = pytest.importorskip("ruamel.yaml")
    return yaml.YAML(typ="safe").load(BLOCKS[name])


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        (".github/workflows/tests.yml", "vendor.github-workflows"),
        (".gitlab-ci.yml", "vendor.gitlab-ci"),
        (".gitlab/wsnox.yml", "vendor.gitlab-ci"),
    ],
)
def test_schemas(tmp_path: Path, name: str, schema: str) -> None:
    """Each workflow is what its system takes."""
    tool = shutil.which(
        "check-jsonschema", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    if tool is None:
        pytest.skip("check-jsonschema is not installed")
    path = tmp_path / "workflow.yml"
    path.write_text(BLOCKS[name], encoding="utf-8")
    done = subprocess.run(
        [tool, "--builtin-schema", schema, str(path)], check=False, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def root(workspace: WorkspaceFactory) -> Path:
    """Return a committed workspace, beside which a folder has a ``uvx``."""
    folder = workspace(MemberSpec("a"), MemberSpec("b"), wsnox={"commands": ["python -V"]})
    write_noxfile(folder)
    (folder / ".gitignore").write_text(".nox\n*.json\nsessions.yml\n", encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "start")
    shim = folder.parent / "bin/uvx"
    shim.parent.mkdir()
    shim.write_text(SHIM, encoding="utf-8")
    shim.chmod(0o755)
    return folder


def _run(root: Path, script: str, **variables: str) -> str:
    path = os.pathsep.join([str(root.parent / "bin"), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=root,
        env={**os.environ, "PATH": path, "UV_OFFLINE": "1", "UV_PYTHON_DOWNLOADS": "never", **variables},
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("base", ["main", "", "0" * 40])
def test_github(root: Path, tmp_path: Path, base: str) -> None:
    """The script that plans writes an output of one line, which the job's script can run."""
    workflow = _yaml(".github/workflows/tests.yml")
    (root / "packages/a/src/a.py").write_text("changed", encoding="utf-8")
    plan = workflow["jobs"]["plan"]["steps"][-1]["run"]
    _run(root, plan, BASE=base, GITHUB_OUTPUT=str(tmp_path / "output"))
    (line,) = (tmp_path / "output").read_text(encoding="utf-8").splitlines()
    jobs = json.loads(line.removeprefix("matrix="))["include"]
    sessions = {title for job in jobs for title in job["sessions"].split()}
    assert sessions == ({"a", "workspace"} if base == "main" else {"a", "b", "workspace"})
    script = next(step["run"] for step in workflow["jobs"]["sessions"]["steps"] if "nox" in step.get("run", ""))
    script = script.replace("${{ strategy.job-index }}", "0")
    if base == "main":
        said = _run(root, script, SESSIONS=" ".join(sorted(sessions)), PYTHONS="")
        assert "Session a was successful" in said
        report = json.loads((root / "report-0.json").read_text(encoding="utf-8"))
        assert [each["name"] for each in report["sessions"]] == ["a", "workspace"]


def test_github_results() -> None:
    """The required job fails where one before it did, and passes where nothing had to run."""
    script = _yaml(".github/workflows/tests.yml")["jobs"]["passed"]["steps"][0]["run"]
    for results, code in (("success success", 0), ("success failure", 1), ("failure skipped", 1)):
        done = subprocess.run(["bash", "-e", "-c", script], check=False, env={**os.environ, "RESULTS": results})
        assert done.returncode == code


def test_gitlab(root: Path) -> None:
    """The script that plans writes a child pipeline, whose jobs' script runs their sessions."""
    (root / "packages/a/src/a.py").write_text("changed", encoding="utf-8")
    _run(root, _yaml(".gitlab-ci.yml")["plan"]["script"][-1], BASE="main")
    pipeline = json.loads((root / "sessions.yml").read_text(encoding="utf-8"))
    assert pipeline.pop("include") == [{"local": "/.gitlab/wsnox.yml"}]
    template = _yaml(".gitlab/wsnox.yml")[".wsnox"]
    said = "".join(_run(root, template["script"][0], **job["variables"]) for job in pipeline.values())
    assert "Session a was successful" in said
    assert "Session workspace was successful" in said
    assert "Session b" not in said
