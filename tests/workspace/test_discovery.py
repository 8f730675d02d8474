"""Discovery: which directory is the root, which directories are members, and what is refused, as uv does it."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support.projects import write_modules
from tests.support.texts import project, text_of
from tests.support.trees import (
    Answer,
    Leftover,
    Tree,
    discovered,
    leftovers,
    listed_by_uv,
    make_repository,
    trees,
    write_leftover,
    write_tree,
)
from wsnox.errors import (
    BrokenLinkError,
    DuplicateMemberError,
    ManifestError,
    MissingManifestError,
    NestedWorkspaceError,
    UnmanagedError,
    WorkspaceError,
    WorkspaceNotFoundError,
)
from wsnox.workspace.discovery import discover, find_root, holds_visible_files

if TYPE_CHECKING:
    from random import Random

UNMANAGED = "[tool.uv]\nmanaged = false\n"
TOOLS = "[tool.black]\n"


def _table(*members: str, exclude: tuple[str, ...] = ()) -> str:
    return f"[tool.uv.workspace]\nmembers = {list(members)}\nexclude = {list(exclude)}\n"


def _write(root: Path, manifests: dict[str, str], files: tuple[str, ...] = ()) -> Path:
    """Write each manifest by its directory relative to *root*, and some empty *files*."""
    paths = {f"{folder}/pyproject.toml": text for folder, text in manifests.items()}
    write_modules(root, {**paths, **dict.fromkeys(files, "")})
    return root


def _paths(root: Path) -> list[str]:
    return [member.path for member in discover(root).members]


# --- the root -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifests", "start", "root"),
    [
        pytest.param({".": _table()}, ".", ".", id="workspace-table"),
        pytest.param({".": "[tool.uv.workspace]\n"}, ".", ".", id="empty-table"),
        pytest.param({".": TOOLS}, ".", ".", id="no-project"),
        pytest.param({".": ""}, "a/b", ".", id="empty-manifest"),
        pytest.param({".": project("x")}, ".", ".", id="single-project"),
        pytest.param({".": project("x")}, "src/x", ".", id="below-a-project"),
        pytest.param({".": _table("p/*"), "p/a": project("a")}, "p/a", ".", id="member"),
        pytest.param({".": _table("p/*"), "p/a": project("a")}, "p/a/src/a", ".", id="below-a-member"),
        pytest.param({".": project("x", _table("a")), "a": project("a")}, "a", ".", id="project-root"),
        pytest.param({".": _table("p/*"), "q": project("q")}, "q", "q", id="unmatched"),
        pytest.param({".": _table("p/*", exclude=("p/a",)), "p/a": project("a")}, "p/a", "p/a", id="excluded"),
        pytest.param({".": _table("*", exclude=("p*",)), "p/a": project("a")}, "p/a", "p/a", id="excluded-across"),
        pytest.param({".": _table("*"), "p/a": project("a")}, "p/a", "p/a", id="star-stays-in-its-component"),
        pytest.param({".": _table("**"), "p/a": project("a")}, "p/a", ".", id="two-stars"),
        pytest.param({".": TOOLS, "a": project("a")}, "a", "a", id="above-without-a-table"),
        pytest.param({".": project("x"), "a": project("a")}, "a", "a", id="project-above"),
        pytest.param(
            {".": _table("p/*"), "p": project("p"), "p/a": project("a")}, "p/a", "p/a", id="cut-off-by-a-project"
        ),
        pytest.param({".": _table("p/*"), "p": TOOLS, "p/a": project("a")}, "p/a", "p/a", id="cut-off-by-tools"),
        pytest.param(
            {".": f"{UNMANAGED}{_table('a')}", "a": project("a")}, "a", ".", id="unmanaged-root-from-a-member"
        ),
        pytest.param({"r": _table("../x"), "x": project("x")}, "x", "x", id="member-outside"),
        pytest.param({".": _table("a"), "a": TOOLS}, "a", "a", id="tools-below"),
        pytest.param({".": _table("a"), "a": project("a", "[tool.uv.workspace]\n")}, "a", "a", id="nested"),
    ],
)
def test_find_root(tmp_path: Path, manifests: dict[str, str], start: str, root: str) -> None:
    """The nearest manifest and, for a plain project, the one next above decide; nothing else does."""
    _write(tmp_path, manifests)
    (tmp_path / start).mkdir(parents=True, exist_ok=True)
    assert find_root(tmp_path / start) == tmp_path / root


def test_a_directory_is_no_manifest(tmp_path: Path) -> None:
    """Only a file named ``pyproject.toml`` counts, so a directory of that name is passed on the way up."""
    _write(tmp_path, {".": project("x")})
    (tmp_path / "a" / "pyproject.toml").mkdir(parents=True)
    assert find_root(tmp_path / "a") == tmp_path


@pytest.mark.parametrize(
    ("manifests", "kind", "text"),
    [
        (
            {},
            WorkspaceNotFoundError,
            "no `pyproject.toml` in or above `[ROOT]/a`\n\nhint: run wsnox inside a uv workspace",
        ),
        # A manifest that opts out of uv is no place to start from, whatever else it says.
        *[
            (
                {"a": text},
                UnmanagedError,
                "`[ROOT]/a/pyproject.toml` is marked as unmanaged (`tool.uv.managed = false`)",
            )
            for text in (UNMANAGED, f"{UNMANAGED}{_table('a')}", project("x", UNMANAGED))
        ],
        # Whether the project is a member cannot be known where the manifest above does not parse, or one of its patterns.
        ({".": "x", "a": project("a")}, ManifestError, "not TOML"),
        *[
            ({".": table, "a": project("a")}, ManifestError, "in `tool.uv.workspace.")
            for table in (_table("[!]"), _table("[a"), _table("a", exclude=("[!]",)), _table("a**"))
        ],
    ],
)
def test_no_root(tmp_path: Path, manifests: dict[str, str], kind: type[WorkspaceError], text: str) -> None:
    """What stops the search is said, with the manifest."""
    _write(tmp_path, manifests)
    (tmp_path / "a").mkdir(exist_ok=True)
    with pytest.raises(kind) as caught:
        find_root(tmp_path / "a")
    assert text in text_of(caught.value, tmp_path)


# --- the members ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manifests", "members"),
    [
        pytest.param({".": TOOLS}, [], id="virtual-root-alone"),
        pytest.param({".": project("x")}, ["."], id="project-root-alone"),
        pytest.param(
            {".": project("x", _table("*", exclude=("*", "."))), "a": project("a")}, ["."], id="root-is-exempt"
        ),
        pytest.param({".": project("x", _table(".", "*")), "a": project("a")}, ["a", "."], id="root-matched"),
        pytest.param(
            {".": _table("p/b", "p/a"), "p/a": project("z"), "p/b": project("y")}, ["p/b", "p/a"], id="by-name"
        ),
        pytest.param({".": _table("p/*", "p/a", "p/./a/"), "p/a": project("a")}, ["p/a"], id="matched-twice"),
        pytest.param({".": _table("missing", "x/*")}, [], id="no-match"),
        pytest.param({".": _table("p/*"), "p/a": project("a", UNMANAGED), "p/b": UNMANAGED}, [], id="unmanaged"),
        pytest.param({".": _table("p/*", exclude=("p/a",)), "p/a": "broken"}, [], id="excluded-unread"),
        pytest.param(
            {".": _table("p/**"), "p/a/b": project("b"), "p/a": project("a")}, ["p/a", "p/a/b"], id="member-in-member"
        ),
        pytest.param({".": _table(".*/x"), ".h/x": project("x")}, [".h/x"], id="hidden-with-manifest"),
        pytest.param({"../x": project("x"), ".": _table("../x")}, ["../x"], id="outside"),
    ],
)
def test_members(tmp_path: Path, manifests: dict[str, str], members: list[str]) -> None:
    """The root's own project comes first, then what the patterns match, less what is excluded or unmanaged."""
    assert _paths(_write(tmp_path / "root", manifests)) == members


def test_a_member_knows_its_place(tmp_path: Path) -> None:
    """A member's record has its normalised name, its directory and its manifest; the workspace finds it by name."""
    workspace = discover(_write(tmp_path, {".": project("The.Root", _table("p/*")), "p/a": project("Project_A")}))
    assert workspace.root == tmp_path
    assert workspace.project == workspace.member("the-root")
    member = workspace.member("project-a")
    assert member is not None
    assert (member.path, member.directory, member.manifest.path) == (
        "p/a",
        tmp_path / "p/a",
        tmp_path / "p/a/pyproject.toml",
    )
    assert workspace.member("missing") is None
    assert discover(_write(tmp_path / "virtual", {".": TOOLS})).project is None


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(("p/file",), id="file"),
        pytest.param(("p/.hidden/x.py",), id="hidden"),
        pytest.param(("p/a/__pycache__/x.pyc", ".gitignore"), id="ignored"),
    ],
)
def test_passed_over(tmp_path: Path, files: tuple[str, ...]) -> None:
    """Files, hidden directories and leftovers of caches are no members and no errors."""
    _write(tmp_path, {".": _table("p/*")}, files)
    (tmp_path / "p/empty/b").mkdir(parents=True)
    make_repository(tmp_path)
    (tmp_path / ".gitignore").write_text("*.pyc\n", encoding="utf-8")
    assert _paths(tmp_path) == []


@pytest.mark.parametrize(("pattern", "paths"), [("p/*", ["p/x"]), ("p/**", ["p/x", "p/x/in"])])
def test_links_are_members_under_their_own_paths(tmp_path: Path, pattern: str, paths: list[str]) -> None:
    """Paths are not resolved: what a link leads to, and what two stars find below it, is a member where the link is."""
    _write(tmp_path, {"root": _table(pattern), "outside": project("x"), "outside/in": project("y")})
    (tmp_path / "root/p").mkdir()
    (tmp_path / "root/p/x").symlink_to(tmp_path / "outside")
    assert _paths(tmp_path / "root") == paths


@pytest.mark.parametrize(
    ("manifests", "kind", "text"),
    [
        pytest.param(
            {".": _table("p/*"), "p/a/b": ""}, MissingManifestError,
            "workspace member `[ROOT]/p/a` is missing a `pyproject.toml` (it matches `p/*`)\n\n"
            "hint: add one, delete the directory, or list it under `exclude` in `[tool.uv.workspace]`",
            id="missing",
        ),
        pytest.param(
            {".": _table("p/*"), "p/a": project("X_y"), "p/b": project("x.Y")}, DuplicateMemberError,
            "two workspace members are both named `x-y`: `[ROOT]/p/a` and `[ROOT]/p/b`\n\n"
            "hint: rename one, or exclude its directory",
            id="same-name",
        ),
        pytest.param(
            {".": project("a", _table("p/*")), "p/a": project("a")}, DuplicateMemberError,
            "two workspace members are both named `a`: `[ROOT]` and `[ROOT]/p/a`\n\n"
            "hint: rename one, or exclude its directory",
            id="the-root's-name",
        ),
        pytest.param(
            {".": _table("p/*"), "p/a": project("a", "[tool.uv.workspace]\n")}, NestedWorkspaceError,
            "`[ROOT]/p/a/pyproject.toml` has `[tool.uv.workspace]`, but nested workspaces are not supported\n\n"
            "hint: remove the table, or exclude the directory",
            id="nested",
        ),
        pytest.param(
            {".": _table("p/*"), "p/a": TOOLS}, ManifestError,
            "`[ROOT]/p/a/pyproject.toml`: no `[project]` table, which a workspace member needs\n\nhint: give it one with a "
            "`name` and a `version`, or list its directory under `exclude` in `[tool.uv.workspace]`",
            id="no-project",
        ),
        pytest.param(
            {".": _table("p/*"), "p/a": "[project]\nname = 'a'\n"}, ManifestError,
            '`[ROOT]/p/a/pyproject.toml`: missing `version`, and `dynamic` does not list "version" in `project` (add `version = "0"`)',
            id="invalid",
        ),
        pytest.param(
            {".": _table("a**", "[b", exclude=("x**",))}, ManifestError,
            "`[ROOT]/pyproject.toml`: 3 problems:\n"
            "  - `a**`: `**` must be a whole path component in `tool.uv.workspace.members`\n"
            "  - `[b`: `[` without its `]` in `tool.uv.workspace.members`\n"
            "  - `x**`: `**` must be a whole path component in `tool.uv.workspace.exclude`",
            id="patterns",
        ),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, manifests: dict[str, str], kind: type[WorkspaceError], text: str) -> None:
    """Each way in which uv refuses a workspace has an error of its own that names the directory."""
    _write(tmp_path, manifests)
    with pytest.raises(WorkspaceError) as caught:
        discover(tmp_path)
    assert type(caught.value) is kind
    assert text_of(caught.value, tmp_path) == text
    assert caught.value.exit_code == 3


def test_a_file_that_no_tool_reads(tmp_path: Path) -> None:
    """Whoever has a `uv.toml` may expect that there is a `wsnox.toml`: what stands in it is not passed over."""
    _write(tmp_path, {".": _table("p/*"), "p/a": project("a")})
    (tmp_path / "wsnox.toml").touch()
    with pytest.raises(ManifestError) as caught:
        discover(tmp_path)
    assert text_of(caught.value, tmp_path) == (
        "`[ROOT]/wsnox.toml`: no tool reads this file\n\nhint: its keys belong in `[tool.wsnox]` of `pyproject.toml`"
    )


@pytest.mark.parametrize("target", ["missing", "x"], ids=["dangling", "circular"])
def test_a_broken_link_is_refused(tmp_path: Path, target: str) -> None:
    """A link that a pattern matches has to lead somewhere, unless it is excluded or two stars pass it over."""
    _write(tmp_path, {".": _table("p/*"), "p/a": project("a")})
    (tmp_path / "p/x").symlink_to(target)
    with pytest.raises(BrokenLinkError) as caught:
        discover(tmp_path)
    assert text_of(caught.value, tmp_path) == (
        "the link `[ROOT]/p/x` is broken (it matches `p/*`)\n\n"
        "hint: repair or delete it, or list it under `exclude` in `[tool.uv.workspace]`"
    )
    for table in (_table("p/**"), _table("p/*", exclude=("p/x",))):
        _write(tmp_path, {".": table})
        assert _paths(tmp_path) == ["p/a"]


@pytest.mark.parametrize(("pattern", "link", "again"), [("p/*", "p/b", "p/b"), ("p/**", "p/a/up", "p/a/up")])
def test_a_link_to_a_member_is_a_duplicate(tmp_path: Path, pattern: str, link: str, again: str) -> None:
    """A link beside the member that it leads to, or in a circle back up, has that member's name."""
    _write(tmp_path, {".": _table(pattern), "p/a": project("a")})
    (tmp_path / link).symlink_to(tmp_path / "p/a")
    with pytest.raises(DuplicateMemberError, match=f"both named `a`: `.*/p/a` and `.*/{again}`"):
        discover(tmp_path)


def test_a_manifest_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    """A directory of that name cannot be read, which is not the same as missing."""
    _write(tmp_path, {".": _table("p/*")})
    (tmp_path / "p/a/pyproject.toml").mkdir(parents=True)
    with pytest.raises(ManifestError, match="cannot be read"):
        discover(tmp_path)


def test_a_class_across_components_is_refused_at_the_root(tmp_path: Path) -> None:
    """Such a pattern of ``members`` cannot be expanded; as text it is valid, and matches nothing."""
    _write(tmp_path, {".": _table("p/[/]a"), "p/a": project("a")})
    assert find_root(tmp_path / "p/a") == tmp_path / "p/a"
    with pytest.raises(ManifestError, match=r"`p/\[/\]a`: `\[` without its `\]` in `tool\.uv\.workspace\.members`"):
        discover(tmp_path)


# --- a forgotten manifest, or a leftover directory of caches ----------------------------------------------------------

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


# --- the oracle: the real uv ----------------------------------------------------------------------------------------


def _same(ours: tuple[str, object], theirs: tuple[str, object]) -> bool:
    """Tell whether both found the same root and members, or both refused (which fault comes first is no contract)."""
    return ours == theirs or (isinstance(ours[1], str) and isinstance(theirs[1], str))


# Each example starts uv twice, and shows what it is about well enough without being shrunk.
real_uv = settings(max_examples=60, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))


@pytest.mark.real
@pytest.mark.parametrize("odd", ["", "ignoring", "linking", "broken"])
@real_uv
@given(data=st.data())
def test_trees_as_uv(odd: str, data: st.DataObject) -> None:
    """Oracle: wsnox finds what ``uv workspace list`` and ``uv workspace dir`` find, on odd trees and patterns.

    So with directories of caches, ignore files and repositories; with links to members, to other directories, to nothing
    and in circles; and with patterns that do not parse or that leave the root.
    """
    tree = data.draw(trees(**{odd: True} if odd else {}))
    with tempfile.TemporaryDirectory() as folder:
        root = write_tree(Path(folder).resolve(), tree)
        ours, theirs = discovered(root / tree.start), listed_by_uv(root / tree.start)
    assert _same(ours, theirs), f"wsnox: {ours}, uv: {theirs}"


@pytest.mark.real
@settings(real_uv, max_examples=100)
@given(leftovers())
def test_leftovers_as_uv(leftover: Leftover) -> None:
    """Oracle: a directory without a manifest is refused or passed over exactly as uv does it."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_leftover(Path(folder).resolve(), leftover)
        ours, theirs = discovered(root), listed_by_uv(root)
    assert ours == theirs


def _single_fault(name: str) -> Tree:
    good = Tree(members=("p/*",), exclude=(), directories={"p/a": "member"})
    return {
        "missing": replace(good, directories={"p/a": "loose"}),
        "duplicate": replace(
            good, directories={"p/a": "member", "p/b": "member"}, shared_name=frozenset({"p/a", "p/b"})
        ),
        "nested": replace(good, directories={"p/a": "nested"}),
        "no-project": replace(good, directories={"p/a": "tool-only"}),
        "unmanaged": replace(good, directories={"p/a": "unmanaged"}, start="p/a"),
        "pattern": replace(good, members=("p/a**",)),
    }[name]


@pytest.mark.real
@pytest.mark.parametrize("kind", ["missing", "duplicate", "nested", "no-project", "unmanaged", "pattern"])
def test_kinds_of_refusal_as_uv(tmp_path: Path, kind: str) -> None:
    """Oracle: where a workspace has one fault, wsnox and uv name the same."""
    tree = _single_fault(kind)
    root = write_tree(tmp_path, tree)
    assert discovered(root / tree.start) == listed_by_uv(root / tree.start) == ("", kind)


@pytest.mark.real
@pytest.mark.parametrize(
    ("members", "kind"),
    [
        (".", "no-project"),
        ("./", "no-project"),
        ("..", "missing"),
        (".*", "missing"),
        ("a/.*", "no-project"),
    ],
)
def test_patterns_at_and_above_the_root_as_uv(tmp_path: Path, members: str, kind: str) -> None:
    """Oracle: a pattern that matches the virtual root or its parent is refused."""
    root = write_tree(tmp_path, Tree(members=(members,), exclude=(), directories={"a": "member"}))
    assert listed_by_uv(root) == ("", kind)
    assert discovered(root) == ("", kind)


# --- laws -----------------------------------------------------------------------------------------------------------

law = settings(max_examples=30)


def _answers(*states: Tree) -> list[Answer]:
    with tempfile.TemporaryDirectory() as folder:
        return [
            discovered(write_tree(Path(folder, str(number)).resolve(), tree))[1] for number, tree in enumerate(states)
        ]


@pytest.mark.slow
@law
@given(trees(ignoring=True), st.randoms(use_true_random=False))
def test_the_order_of_patterns_does_not_matter(tree: Tree, random: Random) -> None:
    """Law: members come in name order whatever the order of the patterns."""
    shuffled = list(tree.members)
    random.shuffle(shuffled)
    one, two = _answers(tree, replace(tree, members=tuple(shuffled)))
    assert _same(("", one), ("", two))


@pytest.mark.slow
@law
@given(trees(), trees())
def test_exclude_never_adds(tree: Tree, other: Tree) -> None:
    """Law: more ``exclude`` patterns give a subset of the members."""
    before, after = _answers(tree, replace(tree, exclude=(*tree.exclude, *other.members)))
    if not isinstance(before, str):
        assert not isinstance(after, str)
        assert set(after) <= set(before)


@pytest.mark.slow
@law
@given(trees())
def test_more_patterns_never_remove(tree: Tree) -> None:
    """Law: a further ``members`` pattern gives a superset of the members, or a refusal."""
    before, after = _answers(replace(tree, members=tree.members[:1]), tree)
    if isinstance(before, str):
        assert isinstance(after, str)
    elif not isinstance(after, str):
        assert set(before) <= set(after)
