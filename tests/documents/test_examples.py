"""Every example runs from a fresh copy, with no network, and ends as its page says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomli

from tests.cli.conftest import git
from tests.sessions.running import nox, write_noxfile
from tests.support.processes import find_uv, uv

pytestmark = pytest.mark.real

EXAMPLES = Path(__file__).parents[2] / "examples"
LOCKED = sorted(path.parent.name for path in EXAMPLES.glob("*/uv.lock"))
ENDS = {
    "floor": {"pages": "success"},
    "leak": {"project-a": "success", "project-b": "failed"},
    "namespace": dict.fromkeys(["shop-cart", "shop-core", "shop-orders", "checkout", "workspace"], "success"),
    "conflict": {
        "model(cpu)": "success",
        "model(cuda)": "success",
        "serving": "skipped",
        "serving-cpu": "success",
        "serving-cuda": "success",
    },
}


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """Return a copy of the examples without what earlier runs left in them."""
    ignore = shutil.ignore_patterns(".nox", "__pycache__", ".venv")
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=ignore))


def _command(root: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "wsnox", *arguments]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_has_an_end() -> None:
    """An example that is added is run, too."""
    assert [*sorted(ENDS)] == LOCKED


@pytest.mark.parametrize("name", LOCKED)
def test_its_sessions(examples: Path, name: str) -> None:
    """All sessions that plain nox runs end as they must."""
    ran = nox(examples / name)
    assert ran.results == ENDS[name], ran.said
    proofs = [line for line in ran.lines if "exactly its locked closure" in line]
    assert len(proofs) == len([end for end in ENDS[name].values() if end != "skipped"])


@pytest.mark.parametrize("name", LOCKED)
def test_its_lockfile(examples: Path, name: str) -> None:
    """The lockfile is what uv would write, and every package of it comes from the folder of wheels or the workspace."""
    done = uv(examples / name, "lock", "--check")
    assert done.returncode == 0, done.stderr
    lock = tomli.loads((examples / name / "uv.lock").read_text(encoding="utf-8"))
    registries = {each["source"].get("registry", "../wheelhouse") for each in lock["package"]}
    assert registries == {"../wheelhouse"}


def test_the_wheels_are_what_the_script_writes(examples: Path) -> None:
    """A wheel is the work of the script, byte by byte, and there is no other."""
    folder = examples / "wheelhouse"
    before = {path.name: path.read_bytes() for path in folder.glob("*.whl")}
    for path in folder.glob("*.whl"):
        path.unlink()
    subprocess.run([sys.executable, folder / "build.py"], check=True)
    assert {path.name: path.read_bytes() for path in folder.glob("*.whl")} == before


@pytest.fixture
def many(examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the workspace of thirty members, committed."""
    monkeypatch.setenv("PATH", str(Path(find_uv()).parent), prepend=os.pathsep)
    subprocess.run([sys.executable, examples / "many/make.py", tmp_path / "many"], check=True)
    root = tmp_path / "many"
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    return root


def test_many(many: Path) -> None:
    """Thirty members give thirty sessions and one more, in as many shards as asked for."""
    jobs = json.loads(_command(many, "matrix", "--format", "github", "--shards", "8"))["include"]
    sessions = [title for job in jobs for title in job["sessions"].split()]
    assert (len(jobs), len(sessions), len(set(sessions))) == (8, 30, 30)


def test_many_affected(many: Path) -> None:
    """A change of one library affects it, the services over it and their tools, and these sessions run."""
    with (many / "packages/lib-04/src/lib_04/__init__.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    sessions = _command(many, "affected", "--since", "HEAD").split()
    assert sessions == ["lib-04", "service-03", "service-04", "tool-03", "tool-04"]
    ran = nox(write_noxfile(many), "-s", "tool-04", "lib-04")
    assert ran.results == {"tool-04": "success", "lib-04": "success"}, ran.said
    assert ran.line("tool-04: ") == "tool-04: 4 distributions, exactly its locked closure"
