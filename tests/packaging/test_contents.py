"""The published files hold what they must, and nothing else; their metadata is valid."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

from tests.packaging.conftest import REPOSITORY, build_distribution
from wsnox.version import __version__

pytestmark = pytest.mark.real

INFO = f"wsnox-{__version__}.dist-info"
HOOKS = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _tracked() -> set[str]:
    """Return what git tracks, or would after ``git add .``."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=REPOSITORY, check=False, capture_output=True, encoding="utf-8")
    if done.returncode:
        pytest.skip("this is no git checkout")
    return {name for name in done.stdout.splitlines() if (REPOSITORY / name).exists()}


def _in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_source_distribution_is_the_repository(unpacked: Path) -> None:
    """Who has the source distribution has the tests, the documents and the examples: all of git but the gate's script."""
    assert _files(unpacked) == {name for name in _tracked() if not name.startswith(".ci/")} | {"PKG-INFO"}


def test_the_source_distribution_does_not_depend_on_the_place(unpacked: Path, tmp_path: Path) -> None:
    """Below a folder that .gitignore lists, hatchling forgets .gitignore: nothing of what runs leave is packed there."""
    clone = tmp_path / "build/dist/.venv/wsnox"
    for name in _tracked():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_bytes((REPOSITORY / name).read_bytes())
    for name in (
        ".coverage.x",
        ".hypothesis/x",
        ".nox/x",
        ".venv/x",
        ".mypy_cache/x",
        "build/x",
        "dist/x",
        "wsnox.egg-info/x",
    ):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).touch()
    with tarfile.open(build_distribution(clone, "sdist", tmp_path / "sdist")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names == _files(unpacked)


def test_the_source_distribution_changes_no_byte(unpacked: Path) -> None:
    """What was packed is what stands in the repository."""
    changed = [
        name for name in _files(unpacked) - {"PKG-INFO"}
        if (unpacked / name).read_bytes() != (REPOSITORY / name).read_bytes()
    ]  # fmt: skip
    assert changed == []


def test_the_wheel_is_the_package(wheel: Path, unpacked: Path) -> None:
    """The wheel holds the package with its data and `py.typed`, and no test, document, byte code or editor's file."""
    package = {name for name in _files(unpacked) if name.startswith("wsnox/")}
    assert {"wsnox/py.typed", "wsnox/affected/rules.toml"} <= package
    assert {Path(name).suffix for name in package} == {".css", ".js", ".py", ".toml", ".typed"}
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    assert names == package | {f"{INFO}/{name}" for name in HOOKS}


def test_the_metadata(wheel: Path) -> None:
    """It is valid by its specification, says what pyproject.toml means, shows the README, and announces what is run."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = Metadata.from_email(archive.read(f"{INFO}/METADATA"), validate=True)
        entry_points = archive.read(f"{INFO}/entry_points.txt").decode()
    assert (metadata.name, str(metadata.version), str(metadata.requires_python)) == ("wsnox", __version__, ">=3.10")
    assert (metadata.license_expression, metadata.license_files) == ("MIT", ["LICENSE"])
    requirements = metadata.requires_dist or []
    plain = {requirement.name for requirement in requirements if requirement.marker is None}
    assert plain == {"argcomplete", "nox", "packaging", "pathspec", "python-discovery", "tomli"}
    assert [str(requirement.marker) for requirement in requirements if requirement.name == "uv"] == ['extra == "uv"']
    assert metadata.description_content_type == "text/markdown"
    assert (metadata.description or "").strip() == (REPOSITORY / "README.md").read_text(encoding="utf-8").strip()
    assert entry_points.split() == [
        "[console_scripts]", "wsnox", "=", "wsnox.cli:main",
        "[validate_pyproject.tool_schema]", "wsnox", "=", "wsnox.workspace.config:tool_schema",
    ]  # fmt: skip
