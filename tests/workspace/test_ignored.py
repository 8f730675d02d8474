"""A forgotten manifest, or a leftover directory of caches: what git's ignore rules hide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.projects import write_modules
from wsnox.workspace.ignored import holds_visible_files

if TYPE_CHECKING:
    from pathlib import Path

PYC = "root/p/a/__pycache__/x.pyc"


def _visible(tmp_path: Path, *files: str, rules: dict[str, str], repository: str = "") -> bool:
    write_modules(tmp_path, {**dict.fromkeys(files, ""), **rules})
    (tmp_path / "root/p/a").mkdir(parents=True, exist_ok=True)
    if repository:
        (tmp_path / repository / ".git").mkdir(parents=True)
    return holds_visible_files(tmp_path / "root/p/a")


def test_no_file_at_all(tmp_path: Path) -> None:
    """Directories alone are nothing, at any depth."""
    (tmp_path / "root/p/a/b/c").mkdir(parents=True)
    assert not _visible(tmp_path, rules={})


@pytest.mark.parametrize("file", ["x.py", "b/c/x.py", ".hidden", ".config/x"])
def test_a_file_counts_at_any_depth(tmp_path: Path, file: str) -> None:
    """A file counts wherever it lies and whether or not its name starts with a dot."""
    assert _visible(tmp_path, f"root/p/a/{file}", rules={})


@pytest.mark.parametrize("place", ["root/", "root/p/", ""], ids=["root", "between", "above"])
def test_dot_ignore_counts_without_a_repository(tmp_path: Path, place: str) -> None:
    """An ``.ignore`` file hides with or without git, wherever it stands above the file."""
    assert not _visible(tmp_path, PYC, rules={f"{place}.ignore": "*.pyc\n"})


@pytest.mark.parametrize(
    ("repository", "visible"), [("root", False), ("root/p", True), ("", True)], ids=["around", "below", "none"]
)
def test_gitignore_counts_inside_a_repository(tmp_path: Path, repository: str, *, visible: bool) -> None:
    """A ``.gitignore`` hides only from the repository that holds it."""
    assert _visible(tmp_path, PYC, rules={"root/.gitignore": "__pycache__/\n"}, repository=repository) is visible


@pytest.mark.parametrize(
    ("rules", "visible"),
    [
        ({"root/.gitignore": "__pycache__/"}, False),
        ({"root/.gitignore": "p/a/__pycache__/"}, False),
        ({"root/p/.gitignore": "a/*"}, False),
        ({"root/.gitignore": "*"}, False),
        ({"root/p/a/.gitignore": "*"}, False),
        ({"root/.gitignore": "*.txt"}, True),
        ({"root/.gitignore": "# *.pyc"}, True),
        ({"root/.gitignore": "*.pyc\n!x.pyc"}, True),
        ({"root/.gitignore": "!x.pyc\n*.pyc"}, False),
        ({"root/.gitignore": "*.pyc", "root/p/.gitignore": "!x.pyc"}, True),
        ({"root/.gitignore": "!x.pyc", "root/p/.gitignore": "*.pyc"}, False),
        # An ignore file inside the directory is itself a file.
        ({"root/p/a/.gitignore": "*.pyc"}, True),
        ({"root/p/a/.ignore": ".ignore\n*.pyc"}, False),
        # Each element of the dialect.
        ({"root/.gitignore": "/__pycache__"}, True),
        ({"root/.gitignore": "/p/a/__pycache__"}, False),
        ({"root/.gitignore": "x.pyc/"}, True),
        ({"root/.gitignore": "**/a/*/x.pyc"}, False),
        ({"root/.gitignore": "p/**/x.pyc"}, False),
        ({"root/.gitignore": "p/a/__pycache__/x.pyc/**"}, True),
        ({"root/.gitignore": "p/**"}, False),
        ({"root/.gitignore": "**"}, False),
        ({"root/.gitignore": "__*\n!__pycache__/"}, True),
        ({"root/.gitignore": "?.py[a-d]"}, False),
        ({"root/.gitignore": "[!a-c].py[^a-b]"}, False),
        ({"root/.gitignore": "x.py[]c]"}, False),
        ({"root/.gitignore": "x.py["}, True),
        ({"root/.gitignore": "*.{txt,pyc}"}, False),
        ({"root/.gitignore": "*.py,c"}, True),
        ({"root/.gitignore": "\\x.pyc"}, False),
        ({"root/.gitignore": "\\!x.pyc"}, True),
        ({"root/.gitignore": "x.pyc \t"}, False),
        ({"root/.gitignore": "x.pyc\\ "}, True),
        ({"root/.gitignore": "\ufeffx.pyc\r\n\r\n"}, False),
        ({"root/.gitignore": "X.PYC"}, True),
    ],
)
def test_rules(tmp_path: Path, rules: dict[str, str], *, visible: bool) -> None:
    """The rules are git's: patterns, anchors, negation, the nearest file last."""
    assert _visible(tmp_path, PYC, rules=rules, repository="root") is visible


def test_one_visible_file_is_enough(tmp_path: Path) -> None:
    """A source beside the caches makes the directory a forgotten member."""
    assert _visible(tmp_path, PYC, "root/p/a/x.py", rules={"root/.gitignore": "*.pyc"}, repository="root")


@pytest.mark.parametrize(
    ("rules", "visible"),
    [
        # uv starts to walk at the directory: a rule that hides the directory itself, or one above, hides no file in it.
        pytest.param({"root/.gitignore": "a/"}, True, id="the-directory"),
        pytest.param({"root/.ignore": "p"}, True, id="above-the-directory"),
        # It does not go into a hidden directory, so nothing in there is taken back.
        pytest.param(
            {"root/.gitignore": "__pycache__/", "root/p/a/__pycache__/.gitignore": "!*"},
            False,
            id="pruned",
        ),
        # An `.ignore` file wins over every `.gitignore`, the nearer ones too.
        pytest.param({"root/.ignore": "!x.pyc", "root/p/.gitignore": "*.pyc"}, True, id="ignore-wins"),
        pytest.param({"root/.git/info/exclude": "*.pyc"}, False, id="info-exclude"),
        pytest.param({"root/.git/info/exclude": "*.pyc", "root/.gitignore": "!x.pyc"}, True, id="gitignore-wins"),
        # A rule that does not parse counts for nothing in the directory, and above it ends the walk.
        pytest.param({"root/.gitignore": "*.pyc\n[z-a]"}, True, id="broken-range"),
        pytest.param({"root/.gitignore": "*.pyc\nx\\"}, True, id="broken-escape"),
        pytest.param({".ignore": "{x", "root/.gitignore": "*.pyc"}, True, id="broken-braces-above"),
        pytest.param({"root/p/a/.ignore": "}x\n.ignore\n*.pyc"}, False, id="broken-below"),
    ],
)
def test_rules_apply_to_what_a_walk_meets(tmp_path: Path, rules: dict[str, str], *, visible: bool) -> None:
    """Rules apply as in uv, which asks them for each entry of a walk that starts at the directory."""
    (tmp_path / "root/.git/info").mkdir(parents=True)
    assert _visible(tmp_path, PYC, rules=rules) is visible


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link to a directory holds nothing; one to a file, or to nowhere, is a file."""
    (tmp_path / "root/p/a").mkdir(parents=True)
    (tmp_path / "real").mkdir()
    (tmp_path / "real/x").touch()
    (tmp_path / "root/p/a/link").symlink_to(tmp_path / "real")
    assert not _visible(tmp_path, rules={})
    (tmp_path / "root/p/a/gone").symlink_to("missing")
    assert _visible(tmp_path, rules={})


def test_the_rules_of_the_real_place_count(tmp_path: Path) -> None:
    """A directory that is a link is judged where it leads."""
    (tmp_path / "root/p").mkdir(parents=True)
    (tmp_path / "real/a").mkdir(parents=True)
    (tmp_path / "real/a/x.pyc").touch()
    (tmp_path / "real/.ignore").write_text("*.pyc", encoding="utf-8")
    (tmp_path / "root/p/a").symlink_to(tmp_path / "real/a")
    assert not _visible(tmp_path, rules={})


@pytest.mark.parametrize(("commondir", "visible"), [("../..\n", False), ("", True)], ids=["worktree", "submodule"])
def test_a_linked_worktree(tmp_path: Path, commondir: str, *, visible: bool) -> None:
    """``.git`` may be a file; that of a linked worktree leads to the ``info/exclude`` of the main one."""
    private = tmp_path / "main/.git/worktrees/x"
    rules = {"main/.git/info/exclude": "*.pyc", "root/.git": f"gitdir: {private}\n", "main/.git/worktrees/x/HEAD": ""}
    if commondir:
        rules["main/.git/worktrees/x/commondir"] = commondir
    assert _visible(tmp_path, PYC, rules=rules) is visible


def test_jujutsu(tmp_path: Path) -> None:
    """A repository of Jujutsu is one, too."""
    (tmp_path / "root/.jj").mkdir(parents=True)
    assert not _visible(tmp_path, PYC, rules={"root/.gitignore": "*.pyc"})
