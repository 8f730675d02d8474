"""A forgotten manifest, or a leftover directory of caches: what git ignores."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.projects import write_modules
from tests.support.trees import make_repository
from wsnox.workspace.git_ignored import holds_visible_files

if TYPE_CHECKING:
    from pathlib import Path

PYC = "root/p/a/__pycache__/x.pyc"


def _visible(tmp_path: Path, *files: str, rules: dict[str, str], repository: str = "") -> bool:
    """Return whether a file is visible in ``root/p/a``, which holds *files* beside *rules* and links in it."""
    write_modules(tmp_path, {**dict.fromkeys(files, ""), **rules})
    (tmp_path / "root/p/a").mkdir(parents=True, exist_ok=True)
    if repository:
        make_repository(tmp_path / repository)
    return holds_visible_files(tmp_path / "root/p/a")


@pytest.mark.parametrize("repository", ["", "root"], ids=["without", "with"])
def test_no_file_at_all(tmp_path: Path, repository: str) -> None:
    """Directories alone are nothing, at any depth."""
    (tmp_path / "root/p/a/b/c").mkdir(parents=True)
    assert not _visible(tmp_path, rules={}, repository=repository)


@pytest.mark.parametrize("repository", ["", "root"], ids=["without", "with"])
@pytest.mark.parametrize("file", ["x.py", "b/c/x.py", ".hidden", ".config/x", "ü.py"])
def test_a_file_counts_at_any_depth(tmp_path: Path, file: str, repository: str) -> None:
    """A file counts wherever it lies, whatever its name and whether or not it starts with a dot."""
    assert _visible(tmp_path, f"root/p/a/{file}", rules={}, repository=repository)


@pytest.mark.parametrize(
    ("repository", "visible"), [("root", False), ("root/p", True), ("", True)], ids=["around", "below", "none"]
)
def test_rules_count_inside_their_repository(tmp_path: Path, repository: str, *, visible: bool) -> None:
    """A ``.gitignore`` hides only in the repository that holds it."""
    assert _visible(tmp_path, PYC, rules={"root/.gitignore": "__pycache__/\n"}, repository=repository) is visible


@pytest.mark.parametrize(
    ("rules", "visible"),
    [
        ({"root/.gitignore": "__pycache__/"}, False),
        ({"root/.gitignore": "p/a/__pycache__/"}, False),
        ({"root/p/.gitignore": "a/*"}, False),
        ({"root/p/a/.gitignore": "*"}, False),
        ({"root/.gitignore": "*.txt"}, True),
        ({"root/.gitignore": "*.pyc", "root/p/.gitignore": "!x.pyc"}, True),
        ({"root/.git/info/exclude": "*.pyc"}, False),
        # An ignore file inside the directory is itself a file.
        ({"root/p/a/.gitignore": "*.pyc"}, True),
        # uv starts to walk at the directory: a rule that hides that, or one above, hides nothing in it.
        ({"root/.gitignore": "a/"}, True),
        ({"root/.gitignore": "p"}, True),
        ({"root/.gitignore": "*"}, False),
        ({"root/.gitignore": "*/"}, True),
        ({"root/.gitignore": "!*/\n*.pyc"}, False),
    ],
)
def test_rules(tmp_path: Path, rules: dict[str, str], *, visible: bool) -> None:
    """What git ignores is hidden, as far as the walk from the directory meets it."""
    assert _visible(tmp_path, PYC, rules=rules, repository="root") is visible


def test_one_visible_file_is_enough(tmp_path: Path) -> None:
    """A source beside the caches makes the directory a forgotten member, tracked or not."""
    assert _visible(tmp_path, PYC, "root/p/a/x.py", rules={"root/.gitignore": "*.pyc"}, repository="root")
    subprocess.run(["git", "add", "--force", PYC.removeprefix("root/")], cwd=tmp_path / "root", check=True)
    (tmp_path / "root/p/a/x.py").unlink()
    assert holds_visible_files(tmp_path / "root/p/a")
    (tmp_path / PYC).unlink()
    assert not holds_visible_files(tmp_path / "root/p/a")


def test_the_rules_of_the_real_place_count(tmp_path: Path) -> None:
    """A directory that is a link is judged where it leads."""
    write_modules(tmp_path, {"real/a/x.pyc": "", "real/.gitignore": "*.pyc"})
    make_repository(tmp_path / "real")
    (tmp_path / "root/p").mkdir(parents=True)
    (tmp_path / "root/p/a").symlink_to(tmp_path / "real/a")
    assert not holds_visible_files(tmp_path / "root/p/a")


def test_where_git_cannot_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git every file is a real one; variables of a git that runs a hook lead nowhere else."""
    rules = {"root/.gitignore": "*.pyc"}
    assert not _visible(tmp_path, PYC, rules=rules, repository="root")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert not holds_visible_files(tmp_path / "root/p/a")
    monkeypatch.setenv("PATH", "")
    assert holds_visible_files(tmp_path / "root/p/a")
